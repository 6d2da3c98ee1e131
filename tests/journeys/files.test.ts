/** A user keeps files: with `pic`, from scripts in both languages, over HTTP and by signed URLs; in a folder and in a bucket. */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loggedInPic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { s3Keys, startS3Server } from "../support/s3-server.ts";
import type { S3Server } from "../support/s3-server.ts";
import { removeFolder, startServer, temporaryFolder } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

interface File {
  readonly id: string;
  readonly name: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly sha256: string;
  readonly version: number;
  readonly written_by: string | null;
}

const typescript = `
import { files } from "picloud";
export default async (req: Request, ctx) => {
  if (ctx.params.op === "seen") return new Response(null, { status: 204 });
  const box = files.collection("box");
  const bytes = new Uint8Array(await req.arrayBuffer());
  const id = await box.create({ name: "a.bin", contentType: "application/x-a", data: bytes });
  const file = await box.get(id);
  await box.update(id, { name: "b.bin" });
  await box.update(id, { contentType: "text/plain", data: "grün" });
  const head = await box.head(id);
  const page = await box.list({ limit: 1 });
  const link = await box.url(id, { expires: "1h" });
  const codes = [];
  for (const work of [
    () => box.update("0190a0a0-0000-7000-8000-000000000000", { name: "x" }),
    () => box.create({ name: "../x", data: "" }),
    () => box.create({ name: "x", data: 5 }),
    () => box.create({ name: "x", data: new Uint8Array(12 * 1048576 + 1) }),
    () => box.create({ name: "x" }),
  ]) try { await work(); codes.push("none"); } catch (e) { codes.push(e.code); }
  const gone = await box.create({ name: "c", data: "" });
  return { id, same: file.data.every((b, i) => b === bytes[i]) && file.data.length === bytes.length,
    type: file.contentType, name: head.name, text: new TextDecoder().decode((await box.get(id)).data),
    size: head.sizeBytes, listed: page.items[0].id, link, codes,
    deleted: [await box.delete(gone), await box.delete(gone)], missing: await box.get(gone) === undefined };
};`;

const rhai = `
let box = files::collection("box");
let bytes = ctx.request.body_raw;
let id = box.create(#{ name: "a.bin", content_type: "application/x-a", data: bytes });
let file = box.get(id);
box.update(id, #{ name: "b.bin" });
box.update(id, #{ content_type: "text/plain", data: "grün" });
let head = box.head(id);
let page = box.list(#{ limit: 1 });
let link = box.url(id, #{ expires: "1h" });
let codes = [];
try { box.update("0190a0a0-0000-7000-8000-000000000000", #{ name: "x" }); } catch (e) { codes.push(e.code); }
try { box.create(#{ name: "../x", data: "" }); } catch (e) { codes.push(e.code); }
try { box.create(#{ name: "x", data: 5 }); } catch (e) { codes.push(e.code); }
try { box.create(#{ name: "x" }); } catch (e) { codes.push(e.code); }
let gone = box.create(#{ name: "c", data: "" });
#{ id: id, same: file.data == bytes, type: file.content_type, name: head.name, text: box.get(id).data.as_string(),
   size: head.size_bytes, listed: page.items[0].id, link: link, codes: codes,
   deleted: [box.delete(gone), box.delete(gone)], missing: box.get(gone) == () }`;

const onFile = `
import { kv } from "picloud";
export default async (event) => { await kv.collection("seen").set(event.op + ":" + event.files.id, event.files); };`;

describe.each(["folder", "bucket"] as const)("files in a %s", (place) => {
  let s3: S3Server | undefined;
  let server: RunningServer;
  let pic: Pic;
  let folder: string;
  let token: string;

  beforeAll(async () => {
    s3 = place === "bucket" ? await startS3Server() : undefined;
    const bucket =
      s3 === undefined
        ? {}
        : {
            PICLOUD_FILES_URL: s3.url,
            AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
            AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
          };
    server = await startServer({
      env: {
        PICLOUD_SECRET_KEY: randomBytes(32).toString("base64"),
        PICLOUD_FILE_MAX_BYTES: "20000000",
        ...bucket,
      },
    });
    folder = await temporaryFolder();
    pic = await loggedInPic(server, folder);
    await Promise.all([
      writeFile(join(folder, "keep-ts.ts"), typescript),
      writeFile(join(folder, "keep-rhai.rhai"), rhai),
      writeFile(join(folder, "on-file.ts"), onFile),
    ]);
    await pic.ok(["deploy", "keep-ts.ts"]);
    await pic.ok(["deploy", "keep-rhai.rhai"]);
    await pic.ok(["deploy", "on-file.ts"]);
    token = /token = "(.*)"/.exec(await readFile(pic.credentials, "utf8"))?.[1] ?? "";
  }, 180_000);

  afterAll(async () => {
    await server.stop();
    await s3?.[Symbol.asyncDispose]();
    await removeFolder(server.dataDir);
    await removeFolder(folder);
  });

  const api = async (path: string, init: RequestInit = {}): Promise<Response> =>
    await fetch(`${server.url}/api/v1/admin/apps/default/files/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) },
    });
  const upload = async (
    name: string,
    body: string | Uint8Array<ArrayBuffer>,
    type = "application/octet-stream",
  ): Promise<File> => {
    const query = new URLSearchParams({ name }).toString();
    const answer = await api(`http?${query}`, { method: "POST", body, headers: { "content-type": type } });
    if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as File;
  };
  const errorOf = async (answer: Response): Promise<string> => {
    const { error } = (await answer.json()) as { error: { code: string; fields?: { path: string }[] } };
    return [answer.status, error.code, ...(error.fields ?? []).map(({ path }) => path)].join(" ");
  };

  test("pic copies them up and down, lists, renames, links and deletes them", async () => {
    const data = randomBytes(3_000_000);
    await writeFile(join(folder, "photo.png"), data);
    const made = (await pic.json(["files", "cp", "photo.png", ":photos/eu"])) as File;
    expect(made).toMatchObject({ name: "photo.png", content_type: "image/png", size_bytes: 3_000_000 });
    await pic.ok(["files", "cp", `:photos/eu/${made.id}`, "copy.png"]);
    expect((await readFile(join(folder, "copy.png"))).equals(data)).toBe(true);
    expect((await pic.run(["files", "cp", `:photos/eu/${made.id}`, "copy.png"])).code).toBe(5);
    await mkdir(join(folder, "into"));
    await pic.ok(["files", "cp", `:photos/eu/${made.id}`, "into"]);
    expect((await readFile(join(folder, "into", "photo.png"))).equals(data)).toBe(true);
    await pic.ok(
      ["files", "cp", "-", ":photos/eu", "--name", "note.txt", "--type", "text/plain"],
      "from stdin",
    );
    const listed = (await pic.json(["files", "ls", "photos/eu"])) as File[];
    expect(listed.map(({ name }) => name)).toEqual(["note.txt", "photo.png"]);
    expect(await pic.ok(["files", "cp", `:photos/eu/${listed[0]?.id}`, "-"])).toBe("from stdin");
    await pic.ok(["files", "cp", "-", `:photos/eu/${made.id}`], "replaced");
    await pic.ok(["files", "set", "photos/eu", made.id, "--name", "new.png"]);
    const shown = (await pic.json(["files", "show", "photos/eu", made.id])) as File;
    expect(shown).toMatchObject({ name: "new.png", content_type: "image/png", size_bytes: 8, version: 3 });
    const link = (await pic.json(["files", "url", "photos/eu", made.id, "--expires", "5m"])) as {
      url: string;
    };
    expect(await (await fetch(server.url + link.url)).text()).toBe("replaced");
    expect(await pic.json(["files", "collections"])).toEqual([
      { collection: "photos/eu", count: 2, size_bytes: 18 },
    ]);
    await pic.ok(["files", "rm", "photos/eu", made.id]);
    expect((await pic.run(["files", "show", "photos/eu", made.id])).code).toBe(4);
    expect((await fetch(server.url + link.url)).status).toBe(404);
    expect((await pic.run(["files", "cp", "nowhere.png", ":photos"])).code).toBe(7);
    expect((await pic.run(["files", "cp", "a", "b"])).code).toBe(2);
  });

  // A blob of Rhai counts by its bytes under array_items, 100,000 by default.
  test.each([
    ["keep-ts", 5_000_000, ["not_found", "invalid", "invalid", "too_large", "invalid"]],
    ["keep-rhai", 90_000, ["not_found", "invalid", "invalid", "invalid"]],
  ])("%s keeps bytes exactly as they are", async (script, size, codes) => {
    const bytes = Buffer.concat([randomBytes(size), Buffer.from([0, 1, 2, 255, 254, 0xd8])]);
    const answer = await fetch(`${server.url}/api/v1/execute/default/${script}`, {
      method: "POST",
      body: bytes,
      headers: { authorization: `Bearer ${token}` },
    });
    const result = (await answer.json()) as { readonly id: string; readonly link: string };
    expect(result).toMatchObject({
      same: true,
      type: "application/x-a",
      name: "b.bin",
      text: "grün",
      size: 5,
      listed: result.id,
      codes,
      deleted: [true, false],
      missing: true,
    });
    expect(await (await fetch(server.url + result.link)).text()).toBe("grün");
    const file = (await pic.json(["files", "show", "box", result.id])) as File;
    expect(file.written_by).toBe(answer.headers.get("x-picloud-execution"));
  });

  test("a trigger runs a script for what matches, with what the file is", async () => {
    await pic.ok([
      "triggers",
      "add",
      "files",
      "--script",
      "on-file",
      "--collection-glob",
      "watched:*",
      "--ops",
      "create",
    ]);
    await writeFile(join(folder, "w.txt"), "watch me");
    const made = (await pic.json(["files", "cp", "w.txt", ":watched:eu"])) as File;
    const seen = await waitFor("the trigger has run", async () => {
      const { code, stdout } = await pic.run(["kv", "get", "seen", `create:${made.id}`]);
      return code === 0 && stdout;
    });
    expect(JSON.parse(seen)).toEqual({
      collection: "watched:eu",
      id: made.id,
      name: "w.txt",
      contentType: "text/plain; charset=utf-8",
      sizeBytes: 8,
      sha256: made.sha256,
    });
  });

  test("HTTP: ranges, conditions, HEAD", async () => {
    const data = randomBytes(2_500_000);
    const { id } = await upload("r.bin", data);
    const content = `http/${id}/content`;
    const whole = await api(content);
    expect(Buffer.from(await whole.arrayBuffer()).equals(data)).toBe(true);
    const etag = whole.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"1-[0-9a-f]{32}"$/);
    const part = async (range: string, headers: Record<string, string> = {}) => {
      const answer = await api(content, { headers: { range, ...headers } });
      const bytes = Buffer.from(await answer.arrayBuffer());
      return { status: answer.status, range: answer.headers.get("content-range"), bytes };
    };
    const cases = [
      ["bytes=0-0", 0, 1],
      ["bytes=1048570-1048580", 1_048_570, 1_048_581],
      ["bytes=2400000-", 2_400_000, 2_500_000],
      ["bytes=-7", 2_499_993, 2_500_000],
      ["bytes=2499999-9999999", 2_499_999, 2_500_000],
      ["bytes=-9999999", 0, 2_500_000],
    ] as const;
    for (const [range, start, end] of cases) {
      const got = await part(range);
      expect([range, got.status, got.range]).toEqual([range, 206, `bytes ${start}-${end - 1}/2500000`]);
      expect(got.bytes.equals(data.subarray(start, end))).toBe(true);
    }
    // No range, or one that may be left out: the whole.
    for (const range of ["bytes=5-2", "bytes=0-1,5-6", "lines=1-2", "bytes=-", "x"])
      expect((await part(range)).status).toBe(200);
    expect((await part("bytes=0-1", { "if-range": '"other"' })).status).toBe(200);
    expect((await part("bytes=0-1", { "if-range": etag })).status).toBe(206);
    for (const range of ["bytes=2500000-", "bytes=-0"]) {
      const beyond = await part(range);
      expect([beyond.status, beyond.range]).toEqual([416, "bytes */2500000"]);
    }
    expect((await api(content, { headers: { "if-none-match": etag } })).status).toBe(304);
    expect((await api(content, { headers: { "if-none-match": `"x", W/${etag}` } })).status).toBe(304);
    expect((await api(content, { headers: { "if-none-match": '"x"' } })).status).toBe(200);
    expect(await errorOf(await api(content, { headers: { "if-match": '"x"' } }))).toBe("409 stale");
    expect(await errorOf(await api(content, { headers: { "if-match": "x" } }))).toBe("400 malformed_request");
    const head = await api(content, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([
      200,
      "2500000",
      "",
    ]);
    const about = await api(`http/${id}`, { method: "HEAD" });
    expect([about.status, about.headers.get("etag"), await about.text()]).toEqual([200, etag, ""]);
    const replaced = await api(content, { method: "PUT", body: "new", headers: { "if-match": etag } });
    expect(await replaced.json()).toMatchObject({ version: 2, size_bytes: 3 });
    const late = { method: "PUT", body: "late", headers: { "if-match": etag } };
    expect(await errorOf(await api(content, late))).toBe("409 stale");
    expect(await errorOf(await api(`http/${id}`, { method: "DELETE", headers: { "if-match": etag } }))).toBe(
      "409 stale",
    );
    const empty = await upload("empty", "");
    const nothing = await api(`http/${empty.id}/content`);
    expect([nothing.status, nothing.headers.get("content-length")]).toEqual([200, "0"]);
    expect((await api(`http/${empty.id}/content`, { headers: { range: "bytes=0-" } })).status).toBe(416);
  });

  test("HTTP: what is wrong is named, and nothing of it stays", async () => {
    const post = async (path: string, init: RequestInit = {}) =>
      await errorOf(await api(path, { method: "POST", body: "x", ...init }));
    expect(await post("http")).toBe("422 invalid name");
    expect(await post("http?name=..%2Fx")).toBe("422 invalid name");
    expect(await post("http?name=a%00b")).toBe("422 invalid name");
    expect(await post(`http?name=${"x".repeat(256)}`)).toBe("413 too_large name");
    expect(await post("http?name=x&more=1")).toBe("422 invalid more");
    expect(await post("a*?name=x")).toBe("422 invalid collection");
    expect(await post(`${"c".repeat(129)}?name=x`)).toBe("413 too_large collection");
    expect(await post("http?name=x", { headers: { "content-type": "nonsense" } })).toBe(
      "422 invalid content_type",
    );
    expect(await post("http?name=x", { body: new Uint8Array(20_000_001) })).toBe("413 too_large data");
    const stream = ReadableStream.from([new Uint8Array(15_000_000), new Uint8Array(15_000_000)]);
    const chunked = { body: stream, duplex: "half" } as RequestInit;
    expect(await post("http?name=x", chunked)).toBe("413 too_large data");
    expect(await errorOf(await api("http/not-an-id/content"))).toBe("422 invalid id");
    expect(await errorOf(await api("http/0190a0a0-0000-7000-8000-000000000000/content"))).toBe(
      "404 not_found",
    );
    const before = ((await pic.json(["files", "ls", "http"])) as File[]).length;
    // Less than was announced, and then the end: a lie, or a client that left.
    const { port } = server;
    const socket = net.connect(port, "127.0.0.1");
    socket.write(
      `POST /api/v1/admin/apps/default/files/http?name=cut HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n` +
        `authorization: Bearer ${token}\r\ncontent-length: 1000000\r\n\r\n${"x".repeat(500_000)}`,
    );
    await waitFor(
      "the server has begun to read it",
      () => socket.bytesWritten > 500_000 && socket.writableLength === 0,
    );
    socket.destroy();
    await waitFor(
      "the server has noticed",
      () => server.output().includes("request ended before its body did") || true,
    );
    if (s3 === undefined) {
      const unfinished = join(server.dataDir, "files", "unfinished");
      await waitFor("what it had sent is gone", async () => (await readdir(unfinished)).length === 0);
    }
    expect(((await pic.json(["files", "ls", "http"])) as File[]).length).toBe(before);
  });

  test("a stored page never runs as one of the server's", async () => {
    const page = await upload("evil.html", "<script>fetch('/api/v1/admin/apps')</script>", "text/html");
    const link = (await pic.json(["files", "url", "http", page.id, "--expires", "1h"])) as { url: string };
    for (const answer of [await fetch(server.url + link.url), await api(`http/${page.id}/content`)]) {
      expect(answer.headers.get("content-type")).toBe("text/html");
      expect(answer.headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none'/);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("content-disposition")).toBe('attachment; filename="evil.html"');
    }
    const svg = await upload('ü"<>.svg', "<svg/>", "image/svg+xml");
    const drawn = await api(`http/${svg.id}/content`);
    expect(drawn.headers.get("content-disposition")).toBe(
      `attachment; filename="__<>.svg"; filename*=UTF-8''%C3%BC%22%3C%3E.svg`,
    );
    const png = await upload("a.png", "png", "image/png");
    expect((await api(`http/${png.id}/content`)).headers.get("content-disposition")).toBe(
      'inline; filename="a.png"',
    );
  });

  test("a signed URL is good for its file, for reading, until it expires", async () => {
    const [one, two] = [await upload("one", "one"), await upload("two", "two")];
    const { url } = (await pic.json(["files", "url", "http", one.id, "--expires", "1h"])) as { url: string };
    expect(url).toMatch(
      /^\/api\/v1\/files\/[0-9a-f-]{36}\/http\/[0-9a-f-]{36}\?expires=\d+&signature=[\w-]{43}$/,
    );
    const at = async (changed: string, init: RequestInit = {}) =>
      (await fetch(server.url + changed, init)).status;
    expect(await at(url)).toBe(200);
    expect(await at(url, { headers: { range: "bytes=0-0" } })).toBe(206);
    expect(await at(url, { method: "HEAD" })).toBe(200);
    expect(await at(url, { method: "DELETE" })).toBe(405);
    expect(await at(url, { method: "PUT", body: "x" })).toBe(405);
    expect(await at(url.replace(one.id, two.id))).toBe(404);
    expect(await at(url.replace("/http/", "/box/"))).toBe(404);
    expect(await at(url.replace(/expires=\d+/, "expires=9999999999"))).toBe(404);
    expect(
      await at(url.replace(/signature=./, (text) => `signature=${text.endsWith("A") ? "B" : "A"}`)),
    ).toBe(404);
    expect(await at(url.replace(/&signature=.*/, ""))).toBe(404);
    expect(await at(`${url}&more=1`)).toBe(404);
    expect((await pic.run(["files", "url", "http", one.id, "--expires", "8d"])).code).toBe(7);
    expect((await pic.run(["files", "url", "http", one.id, "--expires", "soon"])).code).toBe(7);
    const short = (await pic.json(["files", "url", "http", one.id, "--expires", "1s"])) as { url: string };
    await waitFor("it has expired", async () => (await at(short.url)) === 403);
  });
});
