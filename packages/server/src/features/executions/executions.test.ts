import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase } from "../../../../../tests/support/template-database.ts";
import { unusedFiles } from "../../../../../tests/support/test-files.ts";
import type { TestDatabase } from "../../../../../tests/support/template-database.ts";
import type { Context, ExecutionRef } from "../../platform/context.ts";
import type { ExecutionEnd } from "../../platform/database/execution-row.ts";
import { executionInsert } from "../../platform/database/execution-row.ts";
import { run, sql } from "../../platform/database/statement.ts";
import { newId } from "../../platform/ids.ts";
import { silentLogger } from "../../platform/logger.ts";
import type { Platform } from "../../platform/platform.ts";
import { scriptHostOf } from "../../platform/script-host.ts";
import { createSignals } from "../../platform/signals.ts";
import { lonelyTopics } from "../../../../../tests/support/lonely-topics.ts";
import { parseConfig } from "../../config.ts";
import { contracts } from "../../contract.ts";
import { createRecorder, storable } from "./execution-recorder.ts";
import type { ExecutionRecorder } from "./execution-recorder.ts";
import { createExecutionUpkeep } from "./execution-upkeep.ts";
import { getExecution, listExecutions, tailExecutions } from "./executions.service.ts";

let database: TestDatabase;
let platform: Platform;
let recorder: ExecutionRecorder;
const app = { id: newId(), slug: "shop" };
const system: Context = { kind: "system", requestId: newId(), log: silentLogger };

beforeAll(async () => {
  database = await testDatabase();
  platform = {
    config: parseConfig({}, { workingFolder: "/tmp", isRoot: false, cores: 2 }),
    db: database.db,
    signals: createSignals(),
    topics: lonelyTopics(database),
    files: unusedFiles(),
    scriptHost: scriptHostOf(contracts),
    log: silentLogger,
    now: Date.now,
    nodeId: database.nodeId,
  };
  recorder = createRecorder(platform);
  await createExecutionUpkeep(platform).run();
  await database.db.write`insert into apps (id, slug, name) values (${app.id}, ${app.slug}, 'Shop')`;
});

afterAll(async () => {
  await recorder.close();
  await database.drop();
});

function newRef(script = { id: newId(), name: "hello", version: 1 }): ExecutionRef {
  const id = newId();
  return {
    id,
    requestId: id,
    rootExecutionId: id,
    depth: 0,
    isDeadLetterHandler: false,
    app,
    script,
    kind: "http",
    attempt: 0,
    nodeId: database.nodeId,
    startedAt: new Date(),
    recorded: false,
  };
}

function ended(ref: ExecutionRef, extra: Partial<ExecutionEnd> = {}): ExecutionEnd {
  return {
    ref,
    status: "ok",
    httpStatus: 200,
    endedAt: new Date(),
    durationMs: 1.5,
    cpuMs: 0.5,
    heapBytes: 1000,
    contextCall: 0,
    ...extra,
  };
}

const line = (message: string) => ({ level: "info", message, at: Date.now() }) as const;

test("a reader sees what ended a moment ago, with its lines, newest first", async () => {
  const [first, second] = [newRef(), newRef()];
  recorder.record(ended(first), [line("one"), { ...line("two"), fields: '{"n":1}' }]);
  recorder.record(ended(second, { status: "failed", errorCode: "script_error", errorMessage: "x" }), []);
  const page = await listExecutions(system, { platform, recorder }, { app: "shop" }, { limit: 2 });
  expect(page.items.map(({ id }) => id)).toEqual([second.id, first.id]);
  expect(page.items[1]?.lines).toMatchObject([{ message: "one" }, { message: "two", fields: { n: 1 } }]);
  expect(page.items[0]?.error).toEqual({ code: "script_error", message: "x", stack: null });
});

test("filters and cursors", async () => {
  const refs = Array.from({ length: 5 }, () => newRef());
  for (const [i, ref] of refs.entries()) recorder.record(ended(ref), [line(`needle ${i} 100%`)]);
  const store = { platform, recorder };
  const query = { q: "NEEDLE", limit: 2 };
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listExecutions(system, store, { app: app.id }, cursor ? { ...query, cursor } : query);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor);
  expect(seen).toEqual(refs.map(({ id }) => id).toReversed());
  expect((await listExecutions(system, store, { app: app.id }, { q: "100\\%", limit: 9 })).items).toEqual([]);
  await expect(
    listExecutions(system, store, { app: app.id }, { q: "other", limit: 2, cursor: "bm9uc2Vuc2U" }),
  ).rejects.toMatchObject({ code: "invalid_cursor" });
});

test("text that the database can't hold is replaced, and never holds up others", async () => {
  const [bad, good] = [newRef(), newRef()];
  recorder.record(ended(bad, { status: "failed", errorCode: "x", errorMessage: "a\u0000b" }), [
    line("\u0000 \ud800"),
  ]);
  recorder.record(ended(good), [{ ...line("fine"), fields: '{"a":"\\u0000"}' }]);
  const store = { platform, recorder };
  expect((await getExecution(system, store, app.id, bad.id)).error?.message).toBe("unstorable");
  expect((await getExecution(system, store, app.id, bad.id)).lines[0]?.message).toBe("\uFFFD \uFFFD");
  expect((await getExecution(system, store, app.id, good.id)).lines[0]?.fields).toEqual({ a: "\uFFFD" });
  expect(storable("a\u0000\udc00")).toBe("a\uFFFD\uFFFD");
});

test("a tail takes up where it was left and skips nothing, whatever the order of commits", async () => {
  const stop = new AbortController();
  const query = { signal: stop.signal, lastEventId: undefined };
  const tail = await tailExecutions(system, { platform, recorder }, { app: app.id }, query);
  // Marks end until the tail has its position and gives one.
  const marks = new Set<string>();
  let isFollowing = false;
  const first = tail.next().finally(() => (isFollowing = true));
  while (!isFollowing) {
    const mark = newRef();
    marks.add(mark.id);
    recorder.record(ended(mark), []);
    await recorder.flush();
  }
  await first;
  // A transaction that got its id before others and commits after them.
  const late = newRef();
  const { promise: hold, resolve: release } = Promise.withResolvers<void>();
  const { promise: isOpen, resolve: opened } = Promise.withResolvers<void>();
  const slow = database.db.write.begin(async (tx) => {
    await tx`insert into executions (app_id, id, request_id, root_execution_id, script_id, script_name, script_version,
      kind, status, started_at, ended_at, node_id) values (${app.id}, ${late.id}, ${late.id}, ${late.id},
      ${late.script.id}, 'late', 1, 'http', 'ok', now(), now(), ${database.nodeId})`;
    opened();
    await hold;
  });
  await isOpen;
  const early = newRef();
  recorder.record(ended(early), []);
  await recorder.flush();
  release();
  await slow;
  const seen: (string | undefined)[] = [];
  while (seen.length < 2) {
    const id = (await tail.next()).value?.id;
    if (id === undefined || !marks.has(id)) seen.push(id);
  }
  stop.abort();
  await tail.return();
  expect(seen).toEqual([late.id, early.id]);
});

test("runs of a node that is gone are marked lost, those of a living one are not", async () => {
  const [mine, gone] = [newRef(), { ...newRef(), nodeId: crypto.randomUUID() }];
  // Its end was lost by a database that crashed: nothing runs for so long.
  const old = { ...newRef(), startedAt: new Date(Date.now() - 86_400_000) };
  const { write } = database.db;
  await run(write, executionInsert(old, sql`true`));
  await run(write, executionInsert(mine, sql`true`));
  await run(write, executionInsert(gone, sql`true`));
  await createExecutionUpkeep(platform).run();
  const store = { platform, recorder };
  expect((await getExecution(system, store, app.id, mine.id)).status).toBe("running");
  expect((await getExecution(system, store, app.id, gone.id)).status).toBe("lost");
  expect((await getExecution(system, store, app.id, old.id)).status).toBe("lost");
  await expect(getExecution(system, store, app.id, newId())).rejects.toMatchObject({ code: "not_found" });
});

test("days beyond the retention are dropped", async () => {
  const old = { ...platform, now: () => Date.now() - 40 * 86_400_000 };
  await createExecutionUpkeep(old).run();
  const days = async (): Promise<number> =>
    (await database.db.read`select 1 from pg_class where relname ~ '^executions_[0-9]{8}$'`).length;
  const before = await days();
  await createExecutionUpkeep(platform).run();
  expect(before).toBe(8);
  expect(await days()).toBe(4);
});

test("a flood of log lines waits in bounded memory: what is too much is dropped, no execution is", async () => {
  const events: string[] = [];
  const log = { ...silentLogger, warn: (event: string) => events.push(event) };
  const bounded = createRecorder({ ...platform, log }, 20 * 1_048_576);
  const long = { level: "info", message: "x".repeat(1_048_576), at: Date.now() } as const;
  const script = { id: newId(), name: "flood", version: 1 };
  const refs = Array.from({ length: 40 }, () => newRef(script));
  for (const ref of refs) bounded.record(ended(ref), [long]);
  await bounded.close();
  const counts = await database.db.read<{ executions: number; logs: number }[]>`
    select count(*)::int as executions, count(l.execution_id)::int as logs
    from executions e left join logs l on l.app_id = e.app_id and l.execution_id = e.id
    where e.script_id = ${script.id}`;
  expect(counts).toEqual([{ executions: 40, logs: 20 }]);
  expect(events).toEqual(["execution_log_dropped"]);
});
