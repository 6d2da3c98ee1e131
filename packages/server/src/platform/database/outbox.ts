/** Events and their deliveries as part of the statement that writes the data: one statement, one commit, so that
 *  neither exists without the other. Triggers are matched in SQL, so there is no list of them in memory to go stale. */
import type { Context, ExecutionRef } from "../context.ts";
import { newId } from "../ids.ts";
import type { Platform } from "../platform.ts";
import { executionInsert } from "./execution-row.ts";
import { afterCommit } from "./run-transaction.ts";
import { sql, type Part } from "./statement.ts";
import { triggerChain } from "./trigger-chain.ts";

/** What writes: the app, the run behind it if it is one, and how deep a chain of events may get. */
export interface WriteCause {
  readonly appId: string;
  readonly execution: ExecutionRef | undefined;
  readonly depthMax: number;
}

export interface EventOfWrite {
  /** Trigger kind and `ctx.event.source`. */
  readonly source: "kv" | "docs" | "files" | "pubsub";
  /** What a trigger's `pattern` may be to match: see {@link candidatePatterns}. */
  readonly patterns: readonly string[];
  /** SQL expression of type json over the row `w`: `ctx.event.<source>`. */
  readonly payload: Part;
  /** The event is written also if no trigger matches, or the chain ends with it: it has other readers. */
  readonly isKept?: boolean;
}

/** The cause of a service call: in a run its own app and execution, else the app that the caller has access to. */
export function writeCause(platform: Platform, ctx: Context, appId: string): WriteCause {
  return { appId, execution: ctx.execution, depthMax: platform.config.maxTriggerDepth };
}

/** The id for `written_by`: null for what no script wrote. */
export function writtenBy(cause: WriteCause): string | null {
  return cause.execution?.id ?? null;
}

/** CTEs, with their commas, that go before the write's own: `a`, the app unless it is being deleted, and the insert of
 *  the run's row, which is absent once a write of the run has committed. The write's own CTE must have {@link ifActive}
 *  among its conditions: a statement that begins after the app was switched off then writes nothing at all, and those
 *  that began before are waited for, so no row outlives its app. Without a lock on the app's row: writes of one app would
 *  queue up for it. */
export function causeCtes(cause: WriteCause): Part {
  const { execution } = cause;
  const app = sql`a as (select from apps where id = ${cause.appId} and state = 'active'),`;
  if (execution === undefined || execution.recorded) return app;
  return sql`${app} x as (${executionInsert(execution, ifActive())}),`;
}

/** The condition of every write for an app, in a statement with {@link causeCtes}. */
export function ifActive(): Part {
  return sql`exists (select from a)`;
}

/** CTEs, with the comma before them, that follow the write's own CTE `w` (at most one row, with a column `op`): `t`,
 *  the matching triggers; `e`, the event, if there is one; `o`, a delivery for each. Add {@link matchedCount} to what
 *  the statement selects and hand it to {@link finishWrite}. Over the depth limit nothing is inserted: the chain ends. */
export function eventCtes(cause: WriteCause, event: EventOfWrite): Part {
  const { appId, execution } = cause;
  const matches = sql`, t as (
      select t.id, t.script_id from triggers t, w
      where t.app_id = ${appId} and t.kind = ${event.source} and t.pattern = any(${[...event.patterns]}::text[])
        and t.enabled and (t.ops = '{}' or w.op = any(t.ops)))`;
  const isEnd = isChainEnd(cause);
  if (isEnd && event.isKept !== true) return matches;
  const eventId = newId();
  const depth = (execution?.depth ?? 0) + 1;
  const written = sql`${matches}, e as (
      insert into events (app_id, id, source, op, payload, written_by, root_execution_id, depth)
      select ${appId}::uuid, ${eventId}::uuid, ${event.source}, w.op, ${event.payload},
        ${writtenBy(cause)}::uuid, ${execution?.rootExecutionId ?? null}::uuid, ${depth}::int
      from w ${event.isKept === true ? sql`` : sql`where exists (select from t)`})`;
  if (isEnd) return written;
  return sql`${written}, o as (
      insert into outbox (app_id, id, event_id, trigger_id, script_id, execution_id, root_execution_id,
        parent_execution_id, depth)
      select ${appId}::uuid, picloud_uuid_v7(), ${eventId}::uuid, n.id, n.script_id, n.execution_id,
        coalesce(${execution?.rootExecutionId ?? null}::uuid, n.execution_id), ${writtenBy(cause)}::uuid, ${depth}::int
      from (select t.id, t.script_id, picloud_uuid_v7() as execution_id from t) n)`;
}

/** How many triggers matched; a scalar for the select list of the statement. */
export function matchedCount(): Part {
  return sql`(select count(*)::int from t)`;
}

/** After the statement: when it has committed, marks the run as recorded and wakes the dispatcher, or says that the chain
 *  ended here (TRG-7: a log entry, no dead letter). */
export function finishWrite(platform: Platform, ctx: Context, cause: WriteCause, matched: number): void {
  afterCommit(ctx, () => finishCommitted(platform, ctx, cause, matched));
}

function finishCommitted(platform: Platform, ctx: Context, cause: WriteCause, matched: number): void {
  if (cause.execution !== undefined) cause.execution.recorded = true;
  if (matched === 0) return;
  if (!isChainEnd(cause)) {
    platform.signals.send("outbox", cause.appId);
    return;
  }
  ctx.warnAuthor?.(
    `The chain of triggers ends here: ${matched} would run at depth ${cause.depthMax + 1}, the most is ${cause.depthMax}.`,
    cause.execution && triggerChain(platform, cause.execution),
  );
  ctx.log.warn("trigger_depth_exceeded", {
    appId: cause.appId,
    executionId: cause.execution?.id,
    depthMax: cause.depthMax,
    triggers: matched,
  });
}

/** A delivery of depth 8 runs with the default limit, one of depth 9 does not. Direct writes have depth 0. */
export function isChainEnd(cause: WriteCause): boolean {
  return cause.execution !== undefined && cause.execution.depth + 1 > cause.depthMax;
}

/** Patterns that match a name: itself, each `prefix:*` of it, and `*`. `a:b` → `a:b`, `a:*`, `*`. At most one more
 *  than its separators, whose number the length of names bounds. */
export function candidatePatterns(name: string, separator: ":" | "."): readonly string[] {
  const patterns = [name];
  for (let at = name.indexOf(separator); at !== -1; at = name.indexOf(separator, at + 1))
    patterns.push(`${name.slice(0, at + 1)}*`);
  patterns.push("*");
  return patterns;
}
