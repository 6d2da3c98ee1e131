/** Files when something breaks: the disk is full, the process dies between bytes and row, files are larger than memory. */
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sql } from "../../packages/server/src/platform/database/database.ts";
import { isRunning } from "../support/child-process.ts";
import { openSocket } from "../support/data-folder.ts";
import { s3Keys, startS3Server } from "../support/s3-server.ts";
import { removeFolder, startServer, temporaryFolder, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const MIB = 1_048_576;
/** Of the file that must not be in memory as a whole: 1024 for the promise itself, less where the suite has to be quick. */
const LARGE_MIB = Number(process.env["PICLOUD_TEST_LARGE_FILE_MIB"] ?? "112");
/** The promise: a file of any size passes through with less. */
const HELD_MIB_MAX = 64;

const owner = { username: "owner", password: "correct horse battery" };
const env = {
  PICLOUD_BOOTSTRAP_ADMIN_USERNAME: owner.username,
  PICLOUD_BOOTSTRAP_ADMIN_PASSWORD: owner.password,
  PICLOUD_SECRET_KEY: randomBytes(32).toString("base64"),
};

interface File {
  readonly id: string;
  readonly size_bytes: number;
  readonly sha256: string;
}

interface Caller {
  readonly call: (request: string, init?: RequestInit) => Promise<Response>;
  readonly upload: (name: string, bytes: Uint8Array<ArrayBuffer>) => Promise<File>;
  readonly content: (id: string) => Promise<Buffer>;
}

async function callerOf(server: RunningServer): Promise<Caller> {
  const login = await fetch(`${server.url}/api/v1/admin/auth/login`, {
    method: "POST",
    body: JSON.stringify(owner),
    headers: { "content-type": "application/json" },
  });
  const { token } = (await login.json()) as { readonly token: string };
  const call: Caller["call"] = async (request, init = {}) => {
    const [method = "GET", below = ""] = request.split(" ");
    const headers = { authorization: `Bearer ${token}` };
    return await fetch(`${server.url}/api/v1/admin/apps/default/files/${below}`, {
      ...init,
      method,
      headers,
    });
  };
  return {
    call,
    upload: async (name, bytes) => {
      const answer = await call(`POST c?name=${name}`, { body: bytes });
      if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
      return (await answer.json()) as File;
    },
    content: async (id) => {
      const answer = await call(`GET c/${id}/content`);
      if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
      return Buffer.from(await answer.arrayBuffer());
    },
  };
}

/** Files below a folder, the instance's mark left out. */
async function contentsOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== "picloud-instance")
    .map(({ name }) => name);
}

/** A small disk of its own, or why there is none. */
function smallDisk(folder: string): string | undefined {
  if (process.getuid?.() !== 0) return "needs root, to mount a small disk";
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m,mode=0700", "picloud-test", folder], {
      stdio: "pipe",
    });
    return undefined;
  } catch (error) {
    return `no disk can be mounted here: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
}

describe("a full disk", () => {
  let folder: string;
  let server: RunningServer | undefined;
  let isMounted = false;
  beforeAll(async () => {
    folder = await temporaryFolder();
    await mkdir(path.join(folder, "files"));
  });
  afterAll(async () => {
    await server?.stop();
    if (isMounted) execFileSync("umount", [path.join(folder, "files")]);
    await removeFolder(folder);
  });

  test("refuses what does not fit, says so, keeps nothing of it, and takes what fits", async ({ skip }) => {
    const files = path.join(folder, "files");
    const problem = smallDisk(files);
    if (problem !== undefined) skip(problem);
    isMounted = true;
    server = await startServer({ env: { ...env, PICLOUD_FILES_ROOT: files }, dataDir: folder });
    const { call, upload, content } = await callerOf(server);
    const small = randomBytes(2 * MIB);
    const kept = await upload("kept", small);
    for (let tries = 0; tries < 3; tries++) {
      const answer = await call("POST c?name=large", { body: randomBytes(8 * MIB) });
      expect(answer.status).toBe(503);
      const { error } = (await answer.json()) as {
        readonly error: { readonly code: string; readonly message: string };
      };
      expect(error.code).toBe("unavailable");
      expect(error.message).toMatch(/disk for files is full/);
      expect(await contentsOf(files)).toHaveLength(1);
    }
    const replaced = await call(`PUT c/${kept.id}/content`, { body: randomBytes(8 * MIB) });
    expect(replaced.status).toBe(503);
    expect((await content(kept.id)).equals(small)).toBe(true);
    expect((await content((await upload("fits", randomBytes(2 * MIB))).id)).length).toBe(2 * MIB);
    // The operator hears the whole reason.
    expect(server.output()).toMatch(/ENOSPC[^\n]*"file_not_stored"/);
  });
});

describe("kill -9", () => {
  let dataDir: string;
  let server: RunningServer;
  beforeAll(async () => {
    dataDir = await temporaryFolder();
    server = await startServer({ env, dataDir });
  });
  afterAll(async () => {
    if (await isRunning(server.pid)) await server.stop();
    await removeFolder(dataDir);
  });

  async function restart(): Promise<Caller> {
    server = await startServer({ env, dataDir });
    return await callerOf(server);
  }

  test("between the bytes and the row leaves bytes that nobody sees, and the sweep removes them", async () => {
    const files = path.join(dataDir, "files");
    let caller = await callerOf(server);
    const kept = await caller.upload("kept", Buffer.from("kept"));
    const sql = openSocket(dataDir);
    // A transaction sees the activity of its beginning.
    const onlooker = openSocket(dataDir);
    // Its row has to wait, so that the process dies exactly there.
    await sql.begin(async (tx) => {
      await tx`lock table files in share row exclusive mode`;
      const crashed = caller.upload("crashed", randomBytes(MIB)).then(
        () => "stored",
        () => "cut off",
      );
      await waitFor("the bytes have their name", async () => {
        return (await isWaiting(onlooker)) && (await contentsOf(files)).length === 2;
      });
      await server.kill9();
      expect(await crashed).toBe("cut off");
    });
    await Promise.all([sql.end({ timeout: 5 }), onlooker.end({ timeout: 5 })]);
    caller = await restart();
    const listed = (await (await caller.call("GET c")).json()) as { readonly items: readonly File[] };
    expect(listed.items.map(({ id }) => id)).toEqual([kept.id]);
    expect((await caller.content(kept.id)).toString()).toBe("kept");
    expect(await contentsOf(files)).toHaveLength(2);
    // A day later, at the next start.
    const later = openSocket(dataDir);
    const [loose] = await later<{ count: number }[]>`select count(*)::int as count from loose_contents`;
    expect(loose?.count).toBe(1);
    await later`update loose_contents set since = now() - interval '25 hours'`;
    await later.end({ timeout: 5 });
    await server.stop();
    caller = await restart();
    await waitFor("the sweep has removed them", async () => (await contentsOf(files)).length === 1);
    expect((await caller.content(kept.id)).toString()).toBe("kept");
  });

  test("at any moment: what was acknowledged is there, whole; what was not is whole or absent", async () => {
    const acknowledged = new Map<string, string>();
    const tried = new Map<string, string>();
    for (let round = 0; round < 3; round++) {
      const { upload, call } = await callerOf(server);
      const writers = Array.from({ length: 4 }, async () => {
        for (let count = 0; count < 500; count++) {
          const bytes = randomBytes(1 + Math.floor(Math.random() * 400_000));
          const file = await upload("x", bytes);
          acknowledged.set(file.id, createHash("sha256").update(bytes).digest("hex"));
          const more = randomBytes(1000);
          tried.set(file.id, createHash("sha256").update(more).digest("hex"));
          const replaced = await call(`PUT c/${file.id}/content`, { body: more });
          if (replaced.status !== 200) throw new Error(`${replaced.status}`);
          acknowledged.set(file.id, tried.get(file.id) ?? "");
        }
      });
      const ended = Promise.allSettled(writers);
      const goal = acknowledged.size + 10;
      await waitFor("some were stored", () => acknowledged.size >= goal, 30_000);
      await sleep(Math.random() * 50);
      await server.kill9();
      await ended;
      await restart();
    }
    const { call, content } = await callerOf(server);
    const listed = (await (await call("GET c?limit=1000")).json()) as { readonly items: readonly File[] };
    const found = new Map(listed.items.map((file) => [file.id, file]));
    expect([...acknowledged.keys()].filter((id) => !found.has(id))).toEqual([]);
    for (const file of listed.items) {
      const sum = createHash("sha256")
        .update(await content(file.id))
        .digest("hex");
      expect(sum).toBe(file.sha256);
      // An upload that was cut off may be there; a replacement that was cut off may have happened. Nothing older comes back.
      expect([acknowledged.get(file.id) ?? sum, tried.get(file.id)]).toContain(sum);
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(30);
  });
});

/** Whether a statement of the server waits for the lock. */
async function isWaiting(sql: Sql): Promise<boolean> {
  const rows = await sql`
    select from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into files%'`;
  return rows.length > 0;
}

describe.each(["folder", "bucket"] as const)(`a file of ${LARGE_MIB} MiB in a %s`, (place) => {
  test(`passes through with less than ${HELD_MIB_MAX} MiB, both ways, however slow its reader is`, async () => {
    await using s3 = place === "bucket" ? await startS3Server() : undefined;
    const bucket =
      s3 === undefined
        ? {}
        : {
            PICLOUD_FILES_URL: s3.url,
            AWS_ACCESS_KEY_ID: s3Keys.accessKeyId,
            AWS_SECRET_ACCESS_KEY: s3Keys.secretAccessKey,
          };
    const server = await startServer({ env: { ...env, ...bucket } });
    try {
      const { call } = await callerOf(server);
      // What a node needs once: compiled code, buffers, a heap that has grown.
      await transferOf(call, 24);
      const watch = watchMemory(server.pid);
      const { sent, received } = await transferOf(call, LARGE_MIB);
      const heldMib = watch.end();
      expect(received).toBe(sent);
      expect(heldMib).toBeLessThan(HELD_MIB_MAX);
    } finally {
      await server.stop();
      await removeFolder(server.dataDir);
    }
  }, 600_000);
});

/** Sends a file and reads it, stopping for a while after the first part; gives the sums of both. */
async function transferOf(
  call: Caller["call"],
  mib: number,
): Promise<{ readonly sent: string; readonly received: string }> {
  const sending = createHash("sha256");
  const block = randomBytes(MIB);
  const body = ReadableStream.from(
    (async function* (): AsyncIterable<Uint8Array> {
      for (let i = 0; i < mib; i++) {
        block.writeUInt32LE(i, 0);
        sending.update(block);
        yield await Promise.resolve(Buffer.from(block));
      }
    })(),
  );
  const answer = await call("POST large?name=large", { body, duplex: "half" });
  const file = (await answer.json()) as File;
  const receiving = createHash("sha256");
  const download = await call(`GET large/${file.id}/content`);
  let isFirst = true;
  for await (const part of download.body ?? []) {
    receiving.update(part);
    // Long enough for a server without back-pressure to have read it all.
    if (isFirst) await sleep(1_000);
    isFirst = false;
  }
  await call(`DELETE large/${file.id}`);
  return { sent: sending.digest("hex"), received: receiving.digest("hex") };
}

/** Most resident memory of a process beyond what it has now, in MiB. */
function watchMemory(pid: number): { readonly end: () => number } {
  const residentMib = (): number => {
    const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  };
  const before = residentMib();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, residentMib());
  }, 20);
  return {
    end: () => {
      clearInterval(timer);
      return most - before;
    },
  };
}
