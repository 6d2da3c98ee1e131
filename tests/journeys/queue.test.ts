/** Queues as a new user meets them: the guide's scripts in both languages, every verb of `pic queue`, batches, and two servers
 *  on one database, one of which is killed. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startExternalPostgres, type ExternalPostgres } from "../support/external-postgres.ts";
import { loggedInPic, type Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const guide = readFileSync(
  new URL("../../packages/server/src/features/queue/queue.md", import.meta.url),
  "utf8",
);
/** Blocks of the guide page, by the name of their file. */
const scripts = new Map(
  [...guide.matchAll(/^```(?:ts|rust) (\S+)\n(.*?)^```/gms)].map(([, name = "", source = ""]) => [
    name,
    source,
  ]),
);
/** Lines of the guide page, without their app. */
const lines = [...guide.matchAll(/^pic (.*) --app shop$/gm)].map(([, line = ""]) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ""),
);

/** Counts its runs and messages; fails the batch with the message 13. */
const BATCH = `import { kv, type QueueEvent } from "picloud";
export default async (event: QueueEvent<number>) => {
  const seen = kv.collection("seen");
  const messages = event.queue.messages ?? [];
  if (messages.some(({ data }) => data === 13)) throw new Error("no");
  for (const { data, messageId } of messages) await seen.set(String(data), messageId);
  await kv.collection("runs").increment("batches");
};
`;
/** Appends to what its group has had; only order makes this safe. */
const IN_ORDER = `import { kv, type QueueEvent } from "picloud";
export default async (event: QueueEvent<number>) => {
  const { group = "", data } = event.queue;
  const had = kv.collection("had");
  const list = ((await had.get(group)) ?? []) as number[];
  if (!list.includes(data)) await had.set(group, [...list, data]);
};
`;

let postgres: ExternalPostgres;
let server: RunningServer;
let other: RunningServer;
let pic: Pic;
let folder: string;
const env = (): Record<string, string> => ({ DATABASE_URL: postgres.url, PICLOUD_LEASE_MS: "3000" });
beforeAll(async () => {
  postgres = await startExternalPostgres();
  server = await startServer({ env: env() });
  folder = await temporaryFolder("picloud-queue-");
  pic = await loggedInPic(server, folder);
  other = await startServer({ env: env() });
  const deploy = async (file: string, source: string, route?: string): Promise<void> => {
    await writeFile(join(folder, file), source);
    await pic.ok(["deploy", file, ...(route === undefined ? [] : ["--route", route])]);
  };
  await deploy("order.ts", scripts.get("order.ts") ?? "", "POST /ts");
  await deploy("send-mail.ts", scripts.get("send-mail.ts") ?? "");
  await deploy("order-rhai.rhai", scripts.get("order.rhai") ?? "", "POST /rhai");
  await deploy("send-mail-rhai.rhai", scripts.get("send-mail.rhai") ?? "");
  await deploy("batch.ts", BATCH);
  await deploy("in-order.ts", IN_ORDER);
});
afterAll(async () => {
  await server.stop();
  await other.stop();
  await postgres.close();
  for (const each of [folder, server.dataDir, other.dataDir]) await removeFolder(each);
});

async function order(path: string, id: string): Promise<string> {
  const answer = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id, customer: "ada" }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

async function valueOf(collection: string, key: string): Promise<unknown> {
  return await waitFor(`${collection}/${key}`, async () => {
    const { code, stdout } = await pic.run(["kv", "get", collection, key]);
    return code === 0 ? { value: JSON.parse(stdout) as unknown } : undefined;
  }).then(({ value }) => value);
}

interface Queue {
  readonly name: string;
  readonly waiting: number;
  readonly held: number;
  readonly running: number;
  readonly delayed: number;
  readonly paused: boolean;
}

async function queueOf(name: string): Promise<Queue | undefined> {
  const items = (await pic.json(["queue", "ls"])) as readonly Queue[];
  return items.find((item) => item.name === name);
}

test("the guide's scripts send and receive, in both languages", async () => {
  const first = await order("/ts", "1");
  expect(await order("/ts", "1")).toBe(first);
  expect(await order("/rhai", "1")).toBe(first);
  expect(await queueOf("mails")).toMatchObject({ held: 1, waiting: 0 });
  await pic.ok(["triggers", "add", "queue", "--script", "send-mail", "--queue", "mails"]);
  expect(await valueOf("sent", first)).toMatchObject({ to: "ada", enqueuedAt: expect.stringMatching(/Z$/) });
  const items = (await pic.json(["triggers", "ls"])) as readonly { id: string }[];
  await pic.ok(["triggers", "rm", items[0]?.id ?? ""]);
  const second = await order("/rhai", "2");
  await pic.ok(["triggers", "add", "queue", "--script", "send-mail-rhai", "--queue", "mails"]);
  expect(await valueOf("sent", second)).toMatchObject({ to: "ada", enqueuedAt: expect.stringMatching(/Z$/) });
  expect(await queueOf("stock")).toMatchObject({ held: 8, running: 0 });
});

test("the guide's lines run", async () => {
  const items = (await pic.json(["triggers", "ls"])) as readonly { id: string }[];
  for (const { id } of items) await pic.ok(["triggers", "rm", id]);
  expect(lines.length).toBeGreaterThan(6);
  for (const line of lines) await pic.ok(line);
  expect(await queueOf("mails")).toMatchObject({ waiting: 0, delayed: 0, held: 0, paused: false });
});

test("pic looks at a queue, stops it and empties it", async () => {
  await pic.ok(["queue", "pause", "news"]);
  const sent = (await pic.json(["queue", "send", "news", "4.0", "--group", "g"])) as { id: string };
  await pic.ok(["queue", "send", "news", '{"a": 1}', "--group", "g"]);
  const peeked = (await pic.json(["queue", "peek", "news"])) as readonly Record<string, unknown>[];
  expect(peeked).toMatchObject([
    { id: sent.id, state: "held", held_reason: "no_consumer", data: 4 },
    { state: "held", held_reason: "group", held_by: sent.id, data: { a: 1 } },
  ]);
  const { stdout } = await pic.run(["queue", "ls", "--output", "tsv"]);
  expect(stdout).toContain("news");
  expect(await pic.json(["queue", "purge", "news"])).toEqual({ purged: 2 });
  expect(await pic.json(["queue", "resume", "news"])).toMatchObject({ paused: false, held: 0 });
  expect(await pic.run(["queue", "send", "a*", "1"])).toMatchObject({ code: 7 });
});

test("a consumer of batches gets arrays; one that fails them all ends alone", async () => {
  for (let n = 10; n < 16; n++) await pic.ok(["queue", "send", "numbers", String(n)]);
  const add = ["triggers", "add", "queue", "--script", "batch", "--queue", "numbers"];
  await pic.ok([...add, "--batch-size", "100", "--max-attempts", "2", "--base-ms", "1"]);
  for (const n of [10, 11, 12, 14, 15]) expect(await valueOf("seen", String(n))).toMatch(/^[0-9a-f-]{36}$/);
  await waitFor("a dead letter", async () => {
    const items = (await pic.json(["dead-letters", "ls"])) as readonly { source: string; attempts: number }[];
    return items.some(({ source, attempts }) => source === "queue" && attempts === 2);
  });
  expect(await queueOf("numbers")).toMatchObject({ waiting: 0, delayed: 0, held: 0 });
});

test("groups stay in order on two servers when one is killed", { timeout: 90_000 }, async () => {
  await pic.ok(["triggers", "add", "queue", "--script", "in-order", "--queue", "lines"]);
  const token = /token = "([^"]+)"/.exec(readFileSync(pic.credentials, "utf8"))?.[1] ?? "";
  const send = async (to: RunningServer, group: string, data: number): Promise<boolean> => {
    try {
      const answer = await fetch(`${to.url}/api/v1/admin/apps/default/queues/lines/messages`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ data, group }),
      });
      return answer.status === 201;
    } catch {
      return false;
    }
  };
  const groups = ["a", "b", "c", "d"];
  const count = 40;
  const line = async (group: string): Promise<number[]> => {
    const acknowledged: number[] = [];
    for (let n = 0; n < count; n++) {
      // The other server is there all the time.
      if (await send(n % 2 === 0 ? server : other, group, n)) acknowledged.push(n);
      if (group === "a" && n === count / 2) await other.kill9();
    }
    return acknowledged;
  };
  const acknowledged = await Promise.all(groups.map(line));
  for (const [i, group] of groups.entries()) {
    const sent = acknowledged[i] ?? [];
    expect(sent.length).toBeGreaterThan(count / 2 - 1);
    const had = await waitFor(`all of ${group}`, async () => {
      const list = (await valueOf("had", group)) as number[];
      return sent.every((n) => list.includes(n)) ? list : undefined;
    });
    // What was sent without an answer may be there too, in its place.
    expect(had).toEqual(had.toSorted((a, b) => a - b));
  }
  await waitFor("an empty queue", async () => {
    const queue = await queueOf("lines");
    return queue !== undefined && queue.waiting + queue.held + queue.running + queue.delayed === 0;
  });
});
