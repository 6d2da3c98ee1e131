/** Our outbox: the real claims, pump and completions, with a `runDelivery` that does nothing. */
import { createDispatcher } from "../../packages/server/src/data-plane/dispatcher.ts";
import type { DeliveryResult, DeliveryRun } from "../../packages/server/src/data-plane/execution-request.ts";
import { migrate } from "../../packages/server/src/platform/database/migrate.ts";
import { readMigrations } from "../../packages/server/src/platform/database/migration-files.ts";
import { openDatabase, type Queryable } from "../../packages/server/src/platform/database/database.ts";
import { newId } from "../../packages/server/src/platform/ids.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import type { Platform } from "../../packages/server/src/platform/platform.ts";
import {
  insertTestApp,
  insertTestTrigger,
  testPlatform,
  type TestApp,
} from "../../tests/support/test-app.ts";
import type { Drain, DrainSpec } from "./subject.ts";

export async function picloud(spec: DrainSpec): Promise<Drain> {
  const { target } = spec;
  const nodeId = newId();
  await migrate(target, { migrations: readMigrations(), log: silentLogger, nodeId });
  const db = await openDatabase(target, { nodeId, log: silentLogger });
  const platform = testPlatform({ db, nodeId, target, drop: async () => await Promise.resolve() });
  const app = await insertTestApp(platform);
  const triggerId = await insertTestTrigger(platform, app, { pattern: "*" });
  await insertEvents(db.write, app, triggerId, { count: spec.events, single: -1 });
  await db.write`analyze`;
  let onEvent = unheard;
  const dispatcher = createDispatcher({
    platform,
    freeSlots: () => platform.config.maxConcurrentExecutions,
    async runDelivery(run) {
      onEvent(Number(/"value":(-?\d+)/.exec(run.event)?.[1]));
      return await Promise.resolve(spec.subject === "picloud" ? UNRECORDED : recorded(platform, run));
    },
  });
  return {
    async start(listener) {
      onEvent = listener;
      dispatcher.start();
      await Promise.resolve();
    },
    async emptied() {
      while ((await db.side`select 1 from outbox limit 1`).length > 0);
    },
    async sendOne(single) {
      await insertEvents(db.write, app, triggerId, { count: 1, single });
      platform.signals.send("outbox", app.id);
    },
    async stop() {
      await dispatcher.close();
      await db.close();
    },
  };
}

const unheard = (_single: number): void => undefined;

const UNRECORDED: DeliveryResult = { kind: "ended" };

/** What the write statement of one `kv.set` inserts. */
export async function insertEvents(
  db: Queryable,
  app: Pick<TestApp, "id" | "scriptId">,
  triggerId: string,
  { count, single, inMs = 0 }: { readonly count: number; readonly single: number; readonly inMs?: number },
): Promise<void> {
  const payload = JSON.stringify({ collection: "c", key: "k", value: single });
  await db`
    with n as (select picloud_uuid_v7() as event_id, picloud_uuid_v7() as execution_id, picloud_uuid_v7() as id
      from generate_series(1, ${count}::int)
    ), e as (
      insert into events (app_id, id, source, op, payload, depth)
      select ${app.id}, event_id, 'kv', 'insert', ${payload}::text::json, 1 from n)
    insert into outbox (app_id, id, event_id, trigger_id, script_id, execution_id, root_execution_id, depth,
      run_after)
    select ${app.id}, id, event_id, ${triggerId}, ${app.scriptId}, execution_id, execution_id, 1,
      now() + ${inMs}::float8 * interval '1 millisecond' from n`;
}

function recorded(platform: Platform, run: DeliveryRun): DeliveryResult {
  const at = new Date();
  return {
    kind: "ended",
    end: {
      ref: {
        id: run.executionId,
        requestId: run.executionId,
        rootExecutionId: run.rootExecutionId,
        depth: run.depth,
        isDeadLetterHandler: false,
        app: run.app,
        script: { id: run.scriptId, name: "main", version: 1 },
        kind: "trigger",
        ...(run.triggerId === undefined ? {} : { triggerId: run.triggerId }),
        eventId: run.eventId,
        attempt: run.attempt,
        nodeId: platform.nodeId,
        startedAt: at,
        recorded: false,
      },
      status: "ok",
      endedAt: at,
      durationMs: 0.1,
      cpuMs: 0.1,
      heapBytes: 1_000_000,
      contextCall: 1,
    },
  };
}
