/** Files in an S3 bucket, or in anything that speaks its protocol. An object is there whole or not at all, so the rename of
 *  the folder is not needed. What is larger than one part goes up part by part, and only one part is in memory. */
import http from "node:http";
import https from "node:https";
import { text as textOf } from "node:stream/consumers";
import { AwsV4Signer } from "aws4fetch";
import { contentNamePattern, MARK, MissingContent, storeFailed } from "./file-store.ts";
import type { ByteSpan, MarkedStore, StoredContent } from "./file-store.ts";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Bytes of a part. The least that S3 takes: one is in memory, and its copies on the way to the socket. */
const PART_BYTES = 5 * 1_048_576;
/** For an answer's head, and for the whole of what is not a file's bytes. */
const ANSWER_MS = 60_000;
const RETRIES = 4;

/** `url`: `s3://bucket/prefix?region=…&endpoint=…`; without `endpoint` it is AWS. */
export function openS3Store(url: string, credentials: S3Credentials): MarkedStore {
  const bucket = new Bucket(url, credentials);
  return {
    place: bucket.place,
    async write(name, source) {
      const failure = await writeObject(bucket, name, source);
      if (failure !== undefined)
        throw failure.isSource ? failure.error : storeFailed(bucket.place, failure.error);
    },
    async *read(name, span) {
      if (span.start < span.end) yield* readObject(bucket, name, span);
    },
    async remove(name) {
      await (await bucket.request("DELETE", name, { allowed: [404] })).drop();
    },
    list: () => listContents(bucket),
    sweepUnfinished: async (before) => await abortOldUploads(bucket, before),
    async readMark() {
      const answer = await bucket.request("GET", MARK, { allowed: [404] });
      return answer.status === 404 ? undefined : (await answer.text()).trim();
    },
    async writeMark(instanceId) {
      // Refused where another one's mark has come in between; stores without conditions ignore the header.
      const init = {
        body: Buffer.from(`${instanceId}\n`),
        headers: { "if-none-match": "*" },
        allowed: [409, 412],
      };
      await (await bucket.request("PUT", MARK, init)).drop();
    },
  };
}

/** The store answered, and not with what was asked for. */
class S3Failure extends Error {
  override readonly name = "S3Failure";
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

interface RequestOptions {
  readonly query?: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are an answer too. */
  readonly allowed?: readonly number[];
}

interface Answer {
  readonly status: number;
  readonly isOk: boolean;
  readonly etag: string;
  /** Reads as fast as it is asked; leaving it ends the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  text(): Promise<string>;
  /** Frees the connection for the next request. */
  drop(): Promise<void>;
}

/** One request, past `fetch`: that copies each body once or twice, and a part is what a transfer may hold. */
async function exchange(
  method: string,
  to: { readonly url: URL; readonly headers: Headers },
  body: Uint8Array | undefined,
): Promise<Answer> {
  const client = to.url.protocol === "https:" ? https : http;
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const headers = { ...Object.fromEntries(to.headers), "content-length": String(body?.length ?? 0) };
  const request = client.request(to.url, { method, headers }, resolve).on("error", reject);
  const late = setTimeout(() => request.destroy(new Error("the store did not answer in time")), ANSWER_MS);
  request.end(body);
  const response = await promise.finally(() => clearTimeout(late));
  const status = response.statusCode ?? 0;
  return {
    status,
    isOk: status >= 200 && status < 300,
    etag: response.headers.etag ?? "",
    body: response as AsyncIterable<Uint8Array>,
    text: async () => await textOf(response),
    drop: async () => void (await textOf(response)),
  };
}

class Bucket {
  readonly place: string;
  readonly prefix: string;
  readonly #base: string;
  readonly #signing: S3Credentials & { readonly service: "s3"; readonly region: string };

  constructor(text: string, credentials: S3Credentials) {
    const url = new URL(text);
    const region = url.searchParams.get("region") ?? "us-east-1";
    const endpoint = url.searchParams.get("endpoint") ?? `https://s3.${region}.amazonaws.com`;
    const folder = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, "");
    this.prefix = folder === "" ? "" : `${folder}/`;
    this.place = `s3://${url.hostname}/${folder}`;
    // With the bucket in the path: a host name for each bucket needs names and certificates that few stores have.
    this.#base = `${endpoint.replace(/\/+$/, "")}/${url.hostname}`;
    this.#signing = { ...credentials, service: "s3", region };
  }

  async request(method: string, name: string, options: RequestOptions = {}): Promise<Answer> {
    const key = name === "" ? "" : `/${encodeKey(this.prefix + name)}`;
    const url = `${this.#base}${key}${options.query === undefined ? "" : `?${options.query}`}`;
    for (let tries = 1; ; tries++) {
      try {
        return await this.#send(method, url, options);
      } catch (error) {
        const isFinal = error instanceof S3Failure && error.status < 500 && error.status !== 429;
        if (isFinal || tries >= RETRIES) throw storeFailed(this.place, error);
        // With chance, so that many nodes do not come back at once.
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** tries * (0.5 + Math.random())));
      }
    }
  }

  async #send(method: string, url: string, options: RequestOptions): Promise<Answer> {
    const signed = await new AwsV4Signer({
      ...this.#signing,
      method,
      url,
      headers: { ...options.headers },
      // The bytes of the body are not signed (UNSIGNED-PAYLOAD): every read checks them with sums of ours.
    }).sign();
    const answer = await exchange(method, signed, options.body);
    if (answer.isOk || options.allowed?.includes(answer.status) === true) return answer;
    const said = (await answer.text()).slice(0, 500);
    throw new S3Failure(`${method} ${signed.url.pathname}: ${answer.status} ${said}`, answer.status);
  }
}

function encodeKey(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}

interface WriteFailure {
  readonly error: unknown;
  /** The source failed, not the store. */
  readonly isSource: boolean;
}

async function writeObject(
  bucket: Bucket,
  name: string,
  source: AsyncIterable<Uint8Array>,
): Promise<WriteFailure | undefined> {
  let upload: string | undefined;
  const etags: string[] = [];
  const state = { isSource: true };
  try {
    for await (const { bytes, isLast } of partsOf(source)) {
      state.isSource = false;
      if (isLast && upload === undefined) {
        await (await bucket.request("PUT", name, { body: bytes })).drop();
        return undefined;
      }
      upload ??= await beginUpload(bucket, name);
      if (bytes.length > 0)
        etags.push(await putPart(bucket, name, { upload, number: etags.length + 1, bytes }));
      state.isSource = true;
    }
    state.isSource = false;
    if (upload !== undefined) await completeUpload(bucket, name, upload, etags);
    return undefined;
  } catch (error) {
    if (upload !== undefined) await abortUpload(bucket, name, upload);
    return { error, ...state };
  }
}

/** The source in parts of {@link PART_BYTES}; one more than needed is never read. The bytes of a part are good until the
 *  next one is asked for. */
async function* partsOf(
  source: AsyncIterable<Uint8Array>,
): AsyncIterable<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly isLast: boolean }> {
  let part = new Uint8Array(65_536);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      if (filled === PART_BYTES) {
        yield { bytes: part, isLast: false };
        filled = 0;
      }
      const taken = Math.min(chunk.length - at, PART_BYTES - filled);
      part = withRoom(part, filled + taken);
      part.set(chunk.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  }
  yield { bytes: part.subarray(0, filled), isLast: true };
}

/** Small files are many: only large ones get a large buffer. */
function withRoom(part: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  if (bytes <= part.length) return part;
  const larger = new Uint8Array(Math.min(PART_BYTES, Math.max(bytes, part.length * 4)));
  larger.set(part);
  return larger;
}

async function beginUpload(bucket: Bucket, name: string): Promise<string> {
  const answer = await bucket.request("POST", name, { query: "uploads=" });
  const id = tag(await answer.text(), "UploadId");
  if (id === undefined) throw new Error("the store began an upload without an id");
  return id;
}

async function putPart(
  bucket: Bucket,
  name: string,
  part: { readonly upload: string; readonly number: number; readonly bytes: Uint8Array<ArrayBuffer> },
): Promise<string> {
  const query = `partNumber=${part.number}&uploadId=${encodeURIComponent(part.upload)}`;
  const answer = await bucket.request("PUT", name, { query, body: part.bytes });
  await answer.drop();
  return answer.etag;
}

async function completeUpload(
  bucket: Bucket,
  name: string,
  upload: string,
  etags: readonly string[],
): Promise<void> {
  const parts = etags.map(
    (etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
  );
  const body = Buffer.from(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`);
  const query = `uploadId=${encodeURIComponent(upload)}`;
  const answer = await bucket.request("POST", name, { query, body });
  // The status comes before the parts are put together: a failure after it is in the body.
  const text = await answer.text();
  if (text.includes("<Error>"))
    throw new Error(`the store did not complete the upload: ${text.slice(0, 300)}`);
}

/** The store keeps parts that nobody completes: what can't be aborted now is found by the sweep. */
async function abortUpload(bucket: Bucket, name: string, upload: string): Promise<boolean> {
  try {
    const query = `uploadId=${encodeURIComponent(upload)}`;
    await (await bucket.request("DELETE", name, { query, allowed: [404] })).drop();
    return true;
  } catch {
    // What made the write fail is what the caller hears; the parts are the sweep's.
    return false;
  }
}

async function* readObject(
  bucket: Bucket,
  name: string,
  { start, end }: ByteSpan,
): AsyncIterable<Uint8Array> {
  const answer = await bucket.request("GET", name, {
    headers: { range: `bytes=${start}-${end - 1}` },
    allowed: [404, 416],
  });
  if (answer.status === 404 || answer.status === 416) {
    await answer.drop();
    // 416: shorter than its row says. Its reader finds no bytes, which is what it has to hear of.
    if (answer.status === 404) throw new MissingContent(name);
    return;
  }
  try {
    for await (const chunk of answer.body) yield chunk;
  } catch (error) {
    throw storeFailed(bucket.place, error);
  }
}

async function* listContents(bucket: Bucket): AsyncIterable<StoredContent> {
  let token: string | undefined;
  do {
    const query = new URLSearchParams({ "list-type": "2", prefix: bucket.prefix });
    if (token !== undefined) query.set("continuation-token", token);
    const text = await (await bucket.request("GET", "", { query: query.toString() })).text();
    for (const [, entry = ""] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const name = (tag(entry, "Key") ?? "").slice(bucket.prefix.length);
      const modifiedAt = new Date(tag(entry, "LastModified") ?? Number.NaN);
      if (contentNamePattern.test(name) && !Number.isNaN(modifiedAt.getTime())) yield { name, modifiedAt };
    }
    token = tag(text, "IsTruncated") === "true" ? tag(text, "NextContinuationToken") : undefined;
  } while (token !== undefined);
}

/** Some stores have no list of uploads: there the operator's rule for incomplete uploads does it. */
async function abortOldUploads(bucket: Bucket, before: Date): Promise<number> {
  const query = `uploads=&prefix=${encodeURIComponent(bucket.prefix)}`;
  const answer = await bucket.request("GET", "", { query, allowed: [400, 404, 405, 501] });
  const text = await answer.text();
  if (!answer.isOk) return 0;
  let removed = 0;
  for (const [, entry = ""] of text.matchAll(/<Upload>(.*?)<\/Upload>/gs)) {
    const name = (tag(entry, "Key") ?? "").slice(bucket.prefix.length);
    const begun = new Date(tag(entry, "Initiated") ?? Number.NaN);
    const upload = tag(entry, "UploadId");
    if (upload === undefined || !contentNamePattern.test(name) || !(begun < before)) continue;
    if (await abortUpload(bucket, name, upload)) removed++;
  }
  return removed;
}

/** Text of the first element of this name. */
function tag(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found?.replaceAll(/&(amp|lt|gt|quot|apos|#\d+);/g, (_, entity: string) => unescapeXml(entity));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(entity: string): string {
  return ENTITIES[entity] ?? String.fromCodePoint(Number(entity.slice(1)));
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
