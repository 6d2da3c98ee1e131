/** Dead letters and the scripts that handle them, in both languages, on a real server: what they are told, what becomes of the
 *  dead letter, that what fails in a handler goes no further, and that an event is not replayed for ever. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { loggedInPic, type Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const guide = readFileSync(
  new URL("../../packages/server/src/features/dead-letters/dead-letters.md", import.meta.url),
  "utf8",
);
/** Blocks of the guide page, by the name of their file. */
const ofGuide = new Map(
  [...guide.matchAll(/^```(?:ts|rust) (\S+)\n(.*?)^```/gms)].map(([, name = "", source = ""]) => [
    name,
    source,
  ]),
);

/** Fails as long as the key `broken` is there. */
const SHIP = `import { kv, type KvEvent } from "picloud";
export default async (event: KvEvent<{ total: number }>) => {
  if (await kv.collection("flags").has("broken")) throw new Error("the shop is closed");
  await kv.collection("shipped").set(event.kv.key, event.kv.value?.total ?? null);
};
`;
/** Keeps all that it is told. */
const KEEP_TS = `import { kv, type DeadLetterEvent } from "picloud";
export default async (event: DeadLetterEvent, ctx: { isDeadLetterHandler: boolean; triggerDepth: number }) => {
  await kv.collection("told").set("ts", { event, isHandler: ctx.isDeadLetterHandler, depth: ctx.triggerDepth });
};
`;
const KEEP_RHAI = `let told = #{ event: ctx.event, is_handler: ctx.is_dead_letter_handler, depth: ctx.trigger_depth };
kv::collection("told").set("rhai", told);
`;
const FAILING = `import { kv } from "picloud";
export const transaction = true;
export default async () => {
  await kv.collection("told").set("failing", true);
  throw new Error("the handler is broken, too");
};
`;
const IN_TRANSACTION = `import { kv, type DeadLetterEvent } from "picloud";
export const transaction = true;
export default async (event: DeadLetterEvent) => {
  await kv.collection("told").set("transaction", event.deadLetter.attempts);
};
`;

let server: RunningServer;
let pic: Pic;
let folder: string;
const handlers: string[] = [];
beforeAll(async () => {
  server = await startServer({ env: { PICLOUD_DEV_MODE: "true" } });
  folder = await temporaryFolder("picloud-dead-");
  pic = await loggedInPic(server, folder);
  const sources = {
    "ship.ts": SHIP,
    "keep-ts.ts": KEEP_TS,
    "keep-rhai.rhai": KEEP_RHAI,
    "failing.ts": FAILING,
    "in-transaction.ts": IN_TRANSACTION,
    "retry-later.ts": ofGuide.get("retry-later.ts") ?? "",
    "tell.rhai": ofGuide.get("tell.rhai") ?? "",
  };
  for (const [file, source] of Object.entries(sources)) await writeFile(join(folder, file), source);
  await pic.ok(["deploy", ...Object.keys(sources)]);
  await pic.ok([
    "triggers",
    "add",
    "kv",
    "--script",
    "ship",
    "--collection-glob",
    "orders",
    "--max-attempts",
    "2",
    "--base-ms",
    "0",
  ]);
});
afterAll(async () => {
  await server.stop();
  await removeFolder(folder);
  await removeFolder(server.dataDir);
});
beforeEach(async () => {
  for (const id of handlers.splice(0)) await pic.ok(["triggers", "rm", id]);
});

interface Letter {
  readonly id: string;
  readonly event_id: string;
  readonly trigger_id: string;
  readonly script_id: string;
  readonly resolution?: string;
  readonly resolved_at?: string;
  readonly replays: number;
  readonly pending_handlers: number;
}

async function json<T>(words: readonly string[]): Promise<T> {
  return JSON.parse(await pic.ok([...words, "--output", "json"])) as T;
}

async function handleBy(script: string, ...filter: readonly string[]): Promise<void> {
  const trigger = await json<{ id: string }>([
    "triggers",
    "add",
    "dead_letter",
    "--script",
    script,
    ...filter,
  ]);
  handlers.push(trigger.id);
}

const letters = async (): Promise<readonly Letter[]> => {
  const all = await json<Letter | readonly Letter[]>(["dead-letters", "ls"]);
  return Array.isArray(all) ? (all as readonly Letter[]) : [all as Letter];
};
const value = async <T>(collection: string, key: string): Promise<T | undefined> => {
  const { code, stdout } = await pic.run(["kv", "get", collection, key, "--output", "json"]);
  return code === 0 ? (JSON.parse(stdout) as { value: T }).value : undefined;
};

/** Makes an event that fails twice; gives its dead letter when its handlers have ended. */
async function failed(key: string): Promise<Letter> {
  const before = new Set((await letters()).map(({ id }) => id));
  await pic.ok(["kv", "set", "flags", "broken", "true"]);
  await pic.ok(["kv", "set", "orders", key, '{"total":12.0}']);
  return await waitFor("the dead letter is there and handled", async () =>
    (await letters()).find(({ id, pending_handlers: left }) => !before.has(id) && left === 0),
  );
}

test("handlers in both languages are told all of it, and the dead letter is handled", async () => {
  await handleBy("keep-ts", "--source-filter", "kv");
  await handleBy("keep-rhai");
  await handleBy("in-transaction");
  await handleBy("failing", "--source-filter", "queue");
  const letter = await failed("one");
  expect(letter.resolution).toBe("handled_by_script");
  const told = await value<Record<string, Record<string, unknown>>>("told", "ts");
  const { deadLetter, ...head } = told?.["event"] ?? {};
  expect(told).toMatchObject({ isHandler: true, depth: 2 });
  expect(head).toMatchObject({ id: letter.id, source: "dead_letter", op: "dead_letter", attempt: 1 });
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(deadLetter).toEqual({
    deadLetterId: letter.id,
    original: {
      id: letter.event_id,
      source: "kv",
      op: "insert",
      triggerId: letter.trigger_id,
      attempt: 2,
      occurredAt: time,
      kv: { collection: "orders", key: "one", value: { total: 12 } },
    },
    attempts: 2,
    lastError: { code: "script_error", message: expect.stringContaining("the shop is closed") },
    triggerId: letter.trigger_id,
    scriptId: letter.script_id,
    firstAttemptAt: time,
    lastAttemptAt: time,
  });
  const rhai = await value<Record<string, unknown>>("told", "rhai");
  expect(rhai).toMatchObject({
    is_handler: true,
    depth: 2,
    event: { source: "dead_letter", dead_letter: { dead_letter_id: letter.id, original: { op: "insert" } } },
  });
  expect(await value("told", "transaction")).toBe(2);
  expect(await value("told", "failing")).toBeUndefined();
});

test("a handler that fails runs once, leaves the dead letter open and makes no other", async () => {
  await handleBy("failing");
  await handleBy("keep-ts");
  const letter = await failed("two");
  expect(letter).toMatchObject({ resolution: "handler_failed" });
  expect(letter.resolved_at ?? "").toBe("");
  // Rolled back.
  expect(await value("told", "failing")).toBeUndefined();
  const open = (await letters()).filter(({ event_id: event }) => event === letter.event_id);
  expect(open.map(({ id }) => id)).toEqual([letter.id]);
  const runs = await json<readonly { script: string; status: string }[]>(["logs", "--limit", "1000"]);
  expect(JSON.stringify(runs).match(/the handler is broken, too/g)).toHaveLength(1);
});

test("the guide's handlers: one that replays what failed does not go on for ever, one that tells", async () => {
  await handleBy("tell");
  const told = await failed("three");
  expect(await value("failures", told.id)).toMatchObject({ source: "kv" });
  for (const id of handlers.splice(0)) await pic.ok(["triggers", "rm", id]);
  await handleBy("retry-later");
  await pic.ok(["kv", "set", "flags", "broken", "true"]);
  await pic.ok(["kv", "set", "orders", "four", '{"total":1}']);
  // Each replay is one deeper; the chain ends where every chain of triggers does.
  const last = await waitFor(
    "the replays have ended",
    async () => {
      const rows = (await letters()).filter(({ resolution }) => resolution !== "replayed");
      const [newest] = rows;
      return newest !== undefined && newest.replays > 0 && newest.pending_handlers === 0 && newest;
    },
    30_000,
  );
  expect(last.replays).toBeLessThanOrEqual(5);
  await pic.ok(["kv", "rm", "flags", "broken"]);
  await pic.ok(["dead-letters", "replay", last.id]);
  expect(await waitFor("it is shipped", async () => await value("shipped", "four"))).toBe(1);
});
