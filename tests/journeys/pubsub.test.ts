/** Topics as a new user meets them: the guide's scripts in both languages, triggers, `pic`, and two servers on one database. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningChild } from "../support/child-process.ts";
import { startExternalPostgres, type ExternalPostgres } from "../support/external-postgres.ts";
import { loggedInPic, type Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const guide = readFileSync(
  new URL("../../packages/server/src/features/pubsub/pubsub.md", import.meta.url),
  "utf8",
);
/** Blocks of the guide page, by the name of their file. */
const scripts = new Map(
  [...guide.matchAll(/^```(?:ts|rust) (\S+)\n(.*?)^```/gms)].map(([, name = "", source = ""]) => [
    name,
    source,
  ]),
);

/** Each kind of bytes, at several depths. */
const BYTES_TYPESCRIPT = `import { pubsub } from "picloud";
export default async () => {
  const bytes = new Uint8Array([1, 2, 250, 0]);
  const message = { own: bytes, list: [[bytes.subarray(1, 3)], bytes.buffer, new DataView(bytes.buffer, 3)], n: 2n ** 53n };
  const refused = await pubsub.publishDurable("no.*", 1).catch((error) => error);
  return [await pubsub.publishDurable("bytes.ts", message), await pubsub.publishDurable("bytes.ts", bytes), refused.code];
};
`;
const BYTES_RHAI = String.raw`
let bytes = blob(4, 7);
let refused = "";
try { pubsub::publish_durable("no.*", 1); } catch (error) { refused = error.code; }
[
  pubsub::publish_durable("bytes.rhai", #{ own: bytes, list: [[bytes]], price: 4.0 }),
  pubsub::publish_durable("bytes.rhai", bytes),
  pubsub::publish_ephemeral("bytes.rhai", 1) == (),
  refused
]
`;
const KEEP = `import { kv } from "picloud";
export default async (event) => {
  await kv.collection("kept").set(event.pubsub.topic + " " + typeof event.pubsub.message, event.pubsub.message);
};
`;

let postgres: ExternalPostgres;
let server: RunningServer;
let other: RunningServer;
let pic: Pic;
let folder: string;
const children: RunningChild[] = [];
beforeAll(async () => {
  postgres = await startExternalPostgres();
  const env = { DATABASE_URL: postgres.url };
  server = await startServer({ env });
  folder = await temporaryFolder("picloud-pubsub-");
  // A later start makes a set-up link of its own.
  pic = await loggedInPic(server, folder);
  other = await startServer({ env });
  const deploy = async (file: string, source: string, route?: string): Promise<void> => {
    await writeFile(join(folder, file), source);
    await pic.ok(["deploy", file, ...(route === undefined ? [] : ["--route", route])]);
  };
  await deploy("publish.ts", scripts.get("publish.ts") ?? "", "POST /ts");
  await deploy("on-order.ts", scripts.get("on-order.ts") ?? "");
  await deploy("publish-rhai.rhai", scripts.get("publish.rhai") ?? "", "POST /rhai");
  await deploy("on-order-rhai.rhai", scripts.get("on-order.rhai") ?? "");
  await deploy("bytes.ts", BYTES_TYPESCRIPT, "GET /bytes-ts");
  await deploy("bytes-rhai.rhai", BYTES_RHAI, "GET /bytes-rhai");
  await deploy("keep.ts", KEEP);
});
afterAll(async () => {
  for (const child of children) child.signal("SIGKILL");
  await Promise.all(children.map(async (child) => await child.ended));
  await server.stop();
  await other.stop();
  await postgres.close();
  for (const each of [folder, server.dataDir, other.dataDir]) await removeFolder(each);
});

async function post(path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}

async function valueOf(collection: string, key: string): Promise<unknown> {
  return await waitFor(`${collection}/${key}`, async () => {
    const { code, stdout } = await pic.run(["kv", "get", collection, key]);
    return code === 0 ? { value: JSON.parse(stdout) as unknown } : undefined;
  }).then(({ value }) => value);
}

/** Lines of a `pic pubsub tail --output json`. It is listening when a message of its own has come. */
async function tail(args: readonly string[], probe: () => Promise<unknown>): Promise<() => Message[]> {
  const child = pic.start(["pubsub", "tail", ...args, "--output", "json"]);
  children.push(child);
  const messages = (): Message[] =>
    child
      .stdout()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Message);
  await waitFor("the tail listens", async () => {
    await probe();
    return messages().length > 0;
  });
  return () => messages().filter(({ topic }) => !topic.endsWith(".probe"));
}

interface Message {
  readonly topic: string;
  readonly message: unknown;
  readonly durable: boolean;
  readonly event_id: string | null;
}

test("the guide's scripts publish and receive, in both languages", async () => {
  await pic.ok(["triggers", "add", "pubsub", "--script", "on-order", "--topic-pattern", "orders.*"]);
  expect(await post("/ts", { id: "17" })).toEqual({ deliveries: 1 });
  expect(await valueOf("seen", "17")).toMatchObject({ topic: "orders.created" });
  await pic.ok([
    "triggers",
    "add",
    "pubsub",
    "--script",
    "on-order-rhai",
    "--topic-pattern",
    "orders.created",
  ]);
  expect(await post("/rhai", { id: "18" })).toEqual({ deliveries: 2 });
  expect(await valueOf("seen", "18")).toMatchObject({ topic: "orders.created" });
});

test("bytes become base64 at any depth, numbers stay what they are", async () => {
  await pic.ok(["triggers", "add", "pubsub", "--script", "keep", "--topic-pattern", "bytes.*"]);
  const get = async (path: string): Promise<unknown> => await (await fetch(`${server.url}${path}`)).json();
  expect(await get("/bytes-ts")).toEqual([1, 1, "invalid"]);
  expect(await valueOf("kept", "bytes.ts object")).toEqual({
    own: "AQL6AA==",
    list: [["Avo="], "AQL6AA==", "AA=="],
    n: 9007199254740992,
  });
  expect(await valueOf("kept", "bytes.ts string")).toBe("AQL6AA==");
  expect(await get("/bytes-rhai")).toEqual([1, 1, true, "invalid"]);
  expect(await valueOf("kept", "bytes.rhai object")).toEqual({
    own: "BwcHBw==",
    list: [["BwcHBw=="]],
    price: 4,
  });
});

test("a tail shows what is published on any server: durable once, ephemeral large and small", async () => {
  const probe = async (): Promise<unknown> =>
    await pic.ok(["pubsub", "publish", "live.probe", "1", "--ephemeral"]);
  const here = await tail(["live.*"], probe);
  const token = /token = "([^"]+)"/.exec(readFileSync(pic.credentials, "utf8"))?.[1] ?? "";
  const elsewhere = async (topic: string, message: unknown, ephemeral: boolean): Promise<void> => {
    const answer = await fetch(`${other.url}/api/v1/admin/apps/default/pubsub/publish`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ topic, message, ephemeral }),
    });
    if (!answer.ok) throw new Error(`publish: ${answer.status} ${await answer.text()}`);
  };
  const large = "é".repeat(100_000);
  await elsewhere("live.a", { large }, true);
  await elsewhere("live.b", 2, true);
  await elsewhere("live.c", 3, false);
  await elsewhere("dead.d", 4, false);
  await pic.ok(["pubsub", "publish", "live.e", "text"]);
  await waitFor("four messages", () => here().length >= 4);
  await pic.ok(["pubsub", "publish", "live.last", "6"]);
  await waitFor("the last message", () => here().some(({ topic }) => topic === "live.last"));
  const byTopic = here().toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
  expect(byTopic.map(({ topic, durable }) => [topic, durable])).toEqual([
    ["live.a", false],
    ["live.b", false],
    ["live.c", true],
    ["live.e", true],
    ["live.last", true],
  ]);
  expect(byTopic.map(({ message }) => message)).toEqual([{ large }, 2, 3, "text", 6]);
});

test("without --output a tail is a table", async () => {
  const table = pic.start(["pubsub", "tail", "table.*"]);
  children.push(table);
  await waitFor("a row", async () => {
    await pic.ok(["pubsub", "publish", "table.row", "text"]);
    return table.stdout().split("\n").length > 2;
  });
  const [head, row] = table.stdout().split("\n");
  expect(head).toBe("time\ttopic\tdurable\tmessage");
  expect(row).toMatch(/^\d{4}-[^\t]+Z\ttable\.row\ttrue\ttext$/);
});

test("the stream has numbers as they were written, and goes on after the last event that was seen", async () => {
  const token = /token = "([^"]+)"/.exec(readFileSync(pic.credentials, "utf8"))?.[1] ?? "";
  const headers = { authorization: `Bearer ${token}` };
  const open = async (lastEventId?: string): Promise<(text: string) => Promise<string>> => {
    const leave = new AbortController();
    const answer = await fetch(`${other.url}/api/v1/admin/apps/default/pubsub/tail?topic=exact.*`, {
      headers: lastEventId === undefined ? headers : { ...headers, "last-event-id": lastEventId },
      signal: leave.signal,
    });
    expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
    return async (text) => {
      let read = "";
      for await (const part of answer.body ?? []) {
        read += Buffer.from(part as Uint8Array).toString();
        if (read.includes(text)) break;
      }
      leave.abort();
      return read;
    };
  };
  const until = await open();
  await pic.ok(["pubsub", "publish", "exact.one", '{"price":4.0}']);
  const first = await until("exact.one");
  expect(first).toContain('"message":{"price":4.0}');
  const id = /^id: ?(.+)$/m.exec(first)?.[1];
  await pic.ok(["pubsub", "publish", "exact.two", "2"]);
  const second = await (await open(id))("exact.two");
  expect(second).not.toContain("exact.one");
});

test("pic says how many got it, and what is wrong with a message", async () => {
  const output = await pic.ok(["pubsub", "publish", "orders.created", '{"id": "19"}']);
  expect(output).toBe("topic\tdeliveries\norders.created\t2\n");
  expect(await valueOf("seen", "19")).toMatchObject({ topic: "orders.created" });
  const refused = await pic.run(["pubsub", "publish", "orders.*", "1"]);
  expect(refused.code).toBe(7);
  expect(refused.stderr).toContain("topic must not contain *");
  expect((await pic.run(["pubsub", "publish", "a", '{"broken": '])).code).toBe(7);
});
