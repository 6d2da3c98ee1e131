/** Files on both stores: a folder, and a bucket of a real S3 server. Every test here runs on each. */
import { createHash, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { PicloudError } from "@picloud/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { s3Keys, startS3Server, type S3Server } from "../../../../../tests/support/s3-server.ts";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import {
  insertTestApp,
  insertTestTrigger,
  runContext,
  testPlatform,
  type TestApp,
} from "../../../../../tests/support/test-app.ts";
import { testFolder, type TestFolder } from "../../../../../tests/support/test-files.ts";
import type { Context } from "../../platform/context.ts";
import { BytesReply } from "../../platform/feature.ts";
import type { Config } from "../../config.ts";
import type { FileStore } from "../../platform/file-store/file-store.ts";
import { openFolderStore } from "../../platform/file-store/folder-store.ts";
import { openFileStore } from "../../platform/file-store/open-file-store.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { StartError } from "../../platform/start-error.ts";
import { checkCollection, checkContentType, checkName } from "./file-rules.ts";
import { filesFeature } from "./files.server.ts";
import * as service from "./files.service.ts";
import { sweepLooseContents, sweepStore } from "./files-sweep.service.ts";

const MIB = 1_048_576;

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(async () => await test.drop());

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PicloudError)) throw new Error(`expected a PicloudError, got ${String(error)}`);
  const [field] = error.fields ?? [];
  return field === undefined ? error.code : `${error.code} ${field.path}`;
}

async function* chunks(...parts: readonly (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? Buffer.from(part) : part;
}

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

function codeOfSync(work: () => void): string {
  try {
    work();
  } catch (error) {
    if (error instanceof PicloudError) return `${error.code} ${error.fields?.[0]?.path ?? ""}`;
    throw error;
  }
  return "";
}

/** A store with what tests do behind its back. */
interface StoreCase {
  readonly name: string;
  readonly open: () => Promise<{
    readonly store: FileStore;
    readonly config: Partial<Config>;
    readonly fileOf: (appId: string, contentId: string) => string;
    readonly close: () => Promise<void>;
  }>;
}

const storeCases: readonly StoreCase[] = [
  {
    name: "a folder",
    open: async () => {
      const place: TestFolder = testFolder();
      return {
        store: openFolderStore(place.folder),
        config: { filesRoot: place.folder },
        fileOf: (appId, contentId) => path.join(place.folder, appId, contentId.slice(-2), contentId),
        close: async () => await place[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: "an S3 bucket",
    open: async () => {
      const server: S3Server = await startS3Server();
      return {
        store: server.store(),
        config: {
          filesUrl: server.url,
          awsAccessKeyId: s3Keys.accessKeyId,
          awsSecretAccessKey: s3Keys.secretAccessKey,
        },
        fileOf: (appId, contentId) =>
          path.join(server.folder, "files", "some", "prefix", appId, `${contentId}._S3rver_object`),
        close: async () => await server[Symbol.asyncDispose](),
      };
    },
  },
];

describe.each(storeCases)("on $name", ({ open }) => {
  let platform: Platform;
  let app: TestApp;
  let opened: Awaited<ReturnType<StoreCase["open"]>>;
  let methods: ReturnType<typeof filesFeature>["methods"];
  let ctx: Context;
  beforeAll(async () => {
    opened = await open();
    platform = { ...testPlatform(test, { devMode: true, secretKey: randomBytes(32) }), files: opened.store };
    app = await insertTestApp(platform);
    ({ methods } = filesFeature(platform));
    ctx = runContext(platform, app);
  });
  afterAll(async () => await opened.close());

  const at = (collection: string, id: string) => ({ appId: app.id, collection, id });

  async function create(collection: string, data: string | Uint8Array, name = "a.bin"): Promise<string> {
    const file = { name, contentType: undefined, bytes: chunks(data) };
    return (await service.createFile(ctx, platform, { appId: app.id, collection }, file)).id;
  }

  async function read(
    collection: string,
    id: string,
    span?: { start: number; end: number },
  ): Promise<Buffer> {
    const file = await service.openFile(ctx, platform, at(collection, id));
    if (file === undefined) throw new Error("no such file");
    return await bytesOf(file.read(span ?? { start: 0, end: file.size_bytes }));
  }

  async function contentsOf(appId: string): Promise<readonly string[]> {
    const found: string[] = [];
    for await (const { name } of opened.store.list()) if (name.startsWith(appId)) found.push(name.slice(37));
    return found.toSorted();
  }

  async function contentIdOf(id: string): Promise<string> {
    const [row] = await platform.db.read<{ content_id: string }[]>`
      select content_id from files where app_id = ${app.id} and id = ${id}`;
    return row?.content_id ?? "";
  }

  async function looseOf(appId: string): Promise<readonly string[]> {
    const rows = await platform.db.read<{ state: string }[]>`
      select state from loose_contents where app_id = ${appId} order by since`;
    return rows.map(({ state }) => state);
  }

  it.each([
    ["nothing", 0],
    ["a byte", 1],
    ["a block", MIB],
    ["more than a block", MIB + 1],
    ["more than a part of an upload", 8 * MIB + 77],
  ])("gives back %s as it was written, whole and in parts", async (_, size) => {
    const data = randomBytes(size);
    const row = await service.createFile(
      ctx,
      platform,
      { appId: app.id, collection: "sizes" },
      // In chunks that fit no boundary.
      {
        name: "x",
        contentType: "image/png",
        bytes: chunks(data.subarray(0, 700_001), data.subarray(700_001)),
      },
    );
    expect(row).toMatchObject({
      size_bytes: size,
      content_type: "image/png",
      version: 1,
      written_by: ctx.execution?.id,
    });
    expect(row.sha256).toBe(createHash("sha256").update(data).digest("hex"));
    expect((await read("sizes", row.id)).equals(data)).toBe(true);
    for (const [start, end] of [
      [0, 1],
      [size >> 1, size],
      [Math.max(0, size - 3), size],
      [MIB - 2, MIB + 2],
    ] as const) {
      if (end > size) continue;
      expect((await read("sizes", row.id, { start, end })).equals(data.subarray(start, end))).toBe(true);
    }
    expect(await looseOf(app.id)).not.toContain("pending");
  });

  it("serves scripts: create, head, get, update, list, delete", async () => {
    const data = Buffer.from("hello");
    const id = String(
      await methods.create(ctx, ["api", { name: "a.txt", content_type: "text/plain" }, data]),
    );
    const head = { id, name: "a.txt", content_type: "text/plain", size_bytes: 5 };
    expect(await methods.head(ctx, ["api", id])).toMatchObject(head);
    const got = await methods.get(ctx, ["api", id]);
    expect(got).toBeInstanceOf(BytesReply);
    if (!(got instanceof BytesReply)) return;
    expect(Buffer.from(got.bytes).toString()).toBe("hello");
    expect(JSON.parse(got.json.text)).toMatchObject(head);
    await methods.update(ctx, ["api", id, { name: "b.txt" }, Buffer.from("hello again")]);
    expect(await methods.head(ctx, ["api", id])).toMatchObject({
      name: "b.txt",
      content_type: "text/plain",
      size_bytes: 11,
    });
    const more = String(await methods.create(ctx, ["api", { name: "c" }, Buffer.alloc(0)]));
    expect(await methods.list(ctx, ["api", { limit: 1 }])).toMatchObject({
      items: [{ id: more }],
      next_cursor: expect.any(String),
    });
    expect(await methods.delete(ctx, ["api", id])).toBe(true);
    expect(await methods.delete(ctx, ["api", id])).toBe(false);
    expect(await methods.get(ctx, ["api", id])).toBeUndefined();
    expect(await methods.head(ctx, ["api", id])).toBeUndefined();
    expect(await codeOf(methods.update(ctx, ["api", id, { name: "x" }, undefined]))).toBe("not_found");
  });

  it("makes an event of each change, for the triggers that match, with the row", async () => {
    await insertTestTrigger(platform, app, { pattern: "events:*", kind: "files" });
    const run = runContext(platform, app);
    const id = String(await methods.create(run, ["events:a", { name: "e" }, Buffer.from("1")]));
    await methods.update(run, ["events:a", id, {}, Buffer.from("22")]);
    await methods.delete(run, ["events:a", id]);
    await methods.create(run, ["other", { name: "e" }, Buffer.from("1")]);
    const events = await platform.db.read<{ op: string; payload: object; written_by: string }[]>`
      select op, payload, written_by from events where app_id = ${app.id} order by id`;
    expect(events.map(({ op }) => op)).toEqual(["create", "update", "delete"]);
    const sha256 = createHash("sha256").update("22").digest("hex");
    const file = {
      collection: "events:a",
      id,
      name: "e",
      content_type: "application/octet-stream",
      size_bytes: 2,
      sha256,
    };
    expect(events[1]?.payload).toEqual(file);
    expect(events[2]).toMatchObject({ payload: file, written_by: run.execution.id });
    const deliveries = await platform.db.read`select from outbox where app_id = ${app.id}`;
    expect(deliveries.length).toBe(3);
    expect(
      (await platform.db.read`select from executions where app_id = ${app.id} and id = ${run.execution.id}`)
        .length,
    ).toBe(1);
  });

  it("leaves nothing of an upload that fails, whether its source ends, is too large, or comes too late", async () => {
    const other = await insertTestApp(platform);
    const broken = async function* (size: number): AsyncIterable<Uint8Array> {
      yield randomBytes(size);
      throw new PicloudError("malformed_request", "gone");
    };
    const run = runContext(platform, other);
    const upload = async (bytes: AsyncIterable<Uint8Array>) =>
      await codeOf(
        service.createFile(
          run,
          platform,
          { appId: other.id, collection: "c" },
          { name: "x", contentType: undefined, bytes },
        ),
      );
    expect(await upload(broken(10))).toBe("malformed_request");
    expect(await upload(broken(9 * MIB))).toBe("malformed_request");
    const small = { ...platform, config: { ...platform.config, fileMaxBytes: 10 } };
    const large = { name: "x", contentType: undefined, bytes: chunks("12345", "678901") };
    const refused = service.createFile(run, small, { appId: other.id, collection: "c" }, large);
    expect(await codeOf(refused)).toBe("too_large data");
    const late = (async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from("a");
      // As the sweep does after a day.
      await platform.db.write`delete from loose_contents where app_id = ${other.id}`;
    })();
    expect(await upload(late)).toBe("unavailable");
    expect(await looseOf(other.id)).toEqual([]);
    // What came too late has no row any more that would name it: the sweep of the store finds it.
    const left = await contentsOf(other.id);
    expect(left.length).toBeLessThanOrEqual(1);
  });

  it("keeps the last of parallel replacements, whole, and drops the bytes of the others", async () => {
    const other = await insertTestApp(platform);
    const run = runContext(platform, other);
    const where = { appId: other.id, collection: "c" };
    const { id } = await service.createFile(run, platform, where, {
      name: "x",
      contentType: undefined,
      bytes: chunks("0"),
    });
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000 + i));
    const written = await Promise.all(
      texts.map(
        async (text) => await service.updateFile(run, platform, { ...where, id }, { bytes: chunks(text) }),
      ),
    );
    expect(written.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const file = await service.openFile(run, platform, { ...where, id });
    const data = (await bytesOf(file?.read({ start: 0, end: file.size_bytes }) ?? chunks())).toString();
    const last = written.findIndex(({ version }) => version === 9);
    expect(data).toBe(texts[last]);
    expect(await looseOf(other.id)).toEqual(Array.from({ length: 8 }, () => "dropped"));
    expect((await contentsOf(other.id)).length).toBe(9);
  });

  it("replaces only the version that was read, when asked to", async () => {
    const id = await create("cas", "one");
    const update = async (version: number, text: string) =>
      await service.updateFile(ctx, platform, at("cas", id), { bytes: chunks(text), versions: [version] });
    expect((await update(1, "two")).version).toBe(2);
    expect(await codeOf(update(1, "three"))).toBe("stale");
    expect(await codeOf(service.deleteFile(ctx, platform, at("cas", id), [1]))).toBe("stale");
    const both = await Promise.allSettled([update(2, "left"), update(2, "right")]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect((await read("cas", id)).toString()).toMatch(/^(left|right)$/);
    expect(await service.deleteFile(ctx, platform, at("cas", id), [3])).toBe(true);
  });

  it("gives no byte of a block that was changed, cut or lost, and says what is wrong", async () => {
    const data = randomBytes(3 * MIB);
    const id = await create("damaged", data);
    const file = opened.fileOf(app.id, await contentIdOf(id));
    const stored = await readFile(file);
    stored[MIB + 5] = (stored[MIB + 5] ?? 0) ^ 1;
    await writeFile(file, stored);
    expect(await codeOf(read("damaged", id))).toBe("corrupted");
    // The blocks beside it are good.
    expect((await read("damaged", id, { start: 0, end: MIB })).equals(data.subarray(0, MIB))).toBe(true);
    expect((await read("damaged", id, { start: 2 * MIB, end: 3 * MIB })).length).toBe(MIB);
    const got: Uint8Array[] = [];
    const reading = (async () => {
      const opening = await service.openFile(ctx, platform, at("damaged", id));
      for await (const part of opening?.read({ start: 0, end: 3 * MIB }) ?? chunks()) got.push(part);
    })();
    await expect(reading).rejects.toThrow(/damaged\/.* is damaged: the bytes from 1048576 to 2097152/);
    expect(Buffer.concat(got).equals(data.subarray(0, MIB))).toBe(true);
    await writeFile(file, stored.subarray(0, 2 * MIB + 10));
    await expect(read("damaged", id, { start: 2 * MIB, end: 2 * MIB + 5 })).rejects.toThrow(
      /ends at byte 2097162 of 3145728/,
    );
    await writeFile(file, stored.subarray(0, MIB));
    await expect(read("damaged", id)).rejects.toThrow(/ends before byte 3145728/);
    await rm(file);
    await expect(read("damaged", id)).rejects.toThrow(/its bytes are missing/);
    expect(await codeOf(methods.get(ctx, ["damaged", id]))).toBe("corrupted");
  });

  it("sweeps what no file has: after a day what was replaced or pending, after a week what is unknown", async () => {
    const other = await insertTestApp(platform);
    const run = runContext(platform, other);
    const where = { appId: other.id, collection: "c" };
    const { id } = await service.createFile(run, platform, where, {
      name: "x",
      contentType: undefined,
      bytes: chunks("old"),
    });
    await service.updateFile(run, platform, { ...where, id }, { bytes: chunks("new") });
    // A crash after the rename and before the row: bytes and a pending row.
    const crashed = newId();
    await platform.db
      .write`insert into loose_contents (app_id, content_id, state) values (${other.id}, ${crashed}, 'pending')`;
    await opened.store.write(`${other.id}/${crashed}`, chunks("crashed"));
    const unknown = newId();
    await opened.store.write(`${other.id}/${unknown}`, chunks("unknown"));
    await sweepLooseContents(platform, 100);
    await sweepStore(platform);
    expect((await contentsOf(other.id)).length).toBe(4);
    await platform.db
      .write`update loose_contents set since = now() - interval '25 hours' where app_id = ${other.id}`;
    expect(await sweepLooseContents(platform, 100)).toBe(2);
    const kept = await contentsOf(other.id);
    expect(kept.length).toBe(2);
    expect(kept).toContain(unknown);
    expect(await looseOf(other.id)).toEqual([]);
    await sweepStore({ ...platform, now: () => Date.now() + 8 * 86_400_000 });
    expect(await contentsOf(other.id)).toEqual(kept.filter((name) => name !== unknown));
    const file = await service.openFile(run, platform, { ...where, id });
    expect((await bytesOf(file?.read({ start: 0, end: 3 }) ?? chunks())).toString()).toBe("new");
  });

  it("reads on what was replaced or deleted while it was read", async () => {
    const data = randomBytes(2 * MIB);
    const id = await create("reading", data);
    const file = await service.openFile(ctx, platform, at("reading", id));
    const parts: Uint8Array[] = [];
    for await (const part of file?.read({ start: 0, end: 2 * MIB }) ?? chunks()) {
      if (parts.length === 0) {
        await service.updateFile(ctx, platform, at("reading", id), { bytes: chunks("new") });
        await service.deleteFile(ctx, platform, at("reading", id));
      }
      parts.push(part);
    }
    expect(Buffer.concat(parts).equals(data)).toBe(true);
  });

  it("is one place for many nodes, and for no other instance", async () => {
    const config = { ...platform.config, ...opened.config };
    const mine = newId();
    const id = await create("nodes", "from one");
    const stores = await Promise.all([openFileStore(config, mine), openFileStore(config, mine)]);
    for (const files of stores) {
      const second = { ...platform, files, nodeId: newId() };
      const file = await service.openFile(ctx, second, at("nodes", id));
      expect((await bytesOf(file?.read({ start: 0, end: 8 }) ?? chunks())).toString()).toBe("from one");
    }
    const other = openFileStore(config, newId());
    await expect(other).rejects.toThrow(StartError);
    await expect(other).rejects.toThrow(new RegExp(`holds the files of another PiCloud \\(${mine}`));
  });
});

describe("a store out of reach", () => {
  it("stops the start, with the setting and the reason", async () => {
    const { config } = testPlatform(test);
    const url = "s3://files?endpoint=http://127.0.0.1:1";
    const keys = { awsAccessKeyId: "a", awsSecretAccessKey: "b" };
    await expect(openFileStore({ ...config, ...keys, filesUrl: url }, newId())).rejects.toThrow(
      /^PICLOUD_FILES_URL: s3:\/\/files\/ can't be used: /,
    );
    await using place = testFolder();
    await writeFile(path.join(place.folder, "file"), "");
    const filesRoot = path.join(place.folder, "file", "below");
    await expect(openFileStore({ ...config, filesRoot }, newId())).rejects.toThrow(
      /^PICLOUD_FILES_ROOT: .*ENOTDIR/,
    );
  });
});

describe("what a file may be called", () => {
  it.each([
    ["", "invalid name"],
    ["../../etc/passwd", "invalid name"],
    ["a\\b", "invalid name"],
    ["..", "invalid name"],
    ["a\u0000b", "invalid name"],
    ["a\nb", "invalid name"],
    ["\u202egnp.exe", "invalid name"],
    ["\ud800", "invalid name"],
    ["ü".repeat(128), "too_large name"],
  ])("%j is refused", (name, code) => {
    expect(codeOfSync(() => checkName(name))).toBe(code);
  });

  it.each([
    "a.txt",
    "ü".repeat(127),
    "u\u0308.txt",
    "\u00fc.txt",
    ".hidden",
    "con",
    'a b;c"d%.e',
    "日本語",
    "👩‍👩‍👧.png",
  ])("%j is kept", (name) => {
    expect(() => checkName(name)).not.toThrow();
  });

  it.each([
    ["text", false],
    ["text/plain\r\nx: y", false],
    ["text/plain; charset", false],
    ['text/plain; a="b\\""', false],
    ["text/plain; charset=utf-8", true],
    ['multipart/form-data; boundary="a b"', true],
    [`text/${"x".repeat(251)}`, false],
  ])("content type %j: %s", (contentType, isGood) => {
    const check = (): void => checkContentType(contentType);
    expect(codeOfSync(check)).toMatch(isGood ? /^$/ : /^(invalid|too_large) content_type$/);
  });

  it.each(["", "*", "a*", "..", "c".repeat(129), "a\u0000"])("the collection %j is refused", (collection) => {
    expect(codeOfSync(() => checkCollection(collection))).toMatch(/^(invalid|too_large) collection$/);
  });
});
