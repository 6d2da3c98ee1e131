/** What is stored, read in one snapshot, for the check of its promises. */
import type { Queryable, Sql } from "../platform/database/database.ts";

/** A row that a writer asked for. */
export interface StoredWrite {
  readonly key: string;
  /** Null: through the API. */
  readonly written_by: string | null;
  /** There is an execution with that id. */
  readonly is_recorded: boolean;
}

export interface StoredEvent extends StoredWrite {
  readonly id: string;
  readonly source: string;
}

/** What stands between an event and a script that is to get it. */
export interface StoredDelivery {
  readonly event_id: string;
  readonly script: string;
}

export interface StoredDeadLetter extends StoredDelivery {
  readonly id: string;
  readonly code: string;
  readonly is_resolved: boolean;
}

/** A trace that a handler left: the event as it was told, and how often. */
export interface StoredTrace {
  readonly key: string;
  readonly count: number;
}

export interface StoredState {
  readonly kv: readonly StoredWrite[];
  readonly docs: readonly StoredWrite[];
  readonly counters: readonly StoredTrace[];
  readonly events: readonly StoredEvent[];
  readonly outbox: readonly StoredDelivery[];
  readonly deadLetters: readonly StoredDeadLetter[];
  readonly seen: readonly StoredTrace[];
  /** Executions without an end whose node is gone. */
  readonly running: number;
}

export interface StateQuery {
  readonly appId: string;
  /** The database's time from {@link readClock}: rows that were stored since then, and events and traces since a second
   *  before (times of documents are rounded). Deliveries and dead letters are read whole. */
  readonly since: string;
  readonly collections: {
    readonly kv: string;
    readonly docs: string;
    readonly counters: string;
    readonly seen: string;
  };
  readonly sources: readonly string[];
}

/** For {@link StateQuery.since}. */
export async function readClock(sql: Sql): Promise<string> {
  const [row] = await sql<{ now: string }[]>`select clock_timestamp()::text as now`;
  return row?.now ?? "";
}

export async function readState(sql: Sql, query: StateQuery): Promise<StoredState> {
  return await sql.begin("isolation level repeatable read read only", async (tx) => ({
    kv: await listEntries(tx, query),
    docs: await listDocuments(tx, query),
    counters: await listTraces(tx, query, query.collections.counters),
    events: await listEvents(tx, query),
    outbox: await listOutbox(tx, query),
    deadLetters: await listDeadLetters(tx, query),
    seen: await listTraces(tx, query, query.collections.seen),
    running: await countRunning(tx, query),
  }));
}

async function listEntries(db: Queryable, query: StateQuery): Promise<StoredWrite[]> {
  return await db<StoredWrite[]>`
    select k.key, k.written_by, x.id is not null as is_recorded
    from kv k left join executions x on x.app_id = k.app_id and x.id = k.written_by
    where k.app_id = ${query.appId} and k.collection = ${query.collections.kv}
      and k.created_at >= ${query.since}::text::timestamptz`;
}

async function listDocuments(db: Queryable, query: StateQuery): Promise<StoredWrite[]> {
  return await db<StoredWrite[]>`
    select d.doc -> d.scope::text ->> 'key' as key, d.written_by, x.id is not null as is_recorded
    from docs d left join executions x on x.app_id = d.app_id and x.id = d.written_by
    where d.app_id = ${query.appId} and d.collection = ${query.collections.docs}
      and d.created_at >= ${query.since}::text::timestamptz`;
}

async function listTraces(db: Queryable, query: StateQuery, collection: string): Promise<StoredTrace[]> {
  return await db<StoredTrace[]>`
    select k.key, (k.value #>> '{}')::int as count from kv k
    where k.app_id = ${query.appId} and k.collection = ${collection}
      and k.updated_at >= ${query.since}::text::timestamptz - interval '1 second'`;
}

async function listEvents(db: Queryable, query: StateQuery): Promise<StoredEvent[]> {
  return await db<StoredEvent[]>`
    select e.id, e.source, e.written_by, x.id is not null as is_recorded,
      coalesce(case e.source when 'kv' then e.payload ->> 'key' when 'pubsub' then e.payload -> 'message' ->> 'key'
        else e.payload -> 'data' ->> 'key' end, '?') as key
    from events e left join executions x on x.app_id = e.app_id and x.id = e.written_by
    where e.app_id = ${query.appId} and e.source = any(${[...query.sources]}::text[])
      and e.created_at >= ${query.since}::text::timestamptz - interval '1 second'`;
}

async function listOutbox(db: Queryable, query: StateQuery): Promise<StoredDelivery[]> {
  return await db<StoredDelivery[]>`
    select o.event_id, coalesce(s.name, 'nobody') as script
    from outbox o left join scripts s on s.app_id = o.app_id and s.id = o.script_id
    where o.app_id = ${query.appId}`;
}

async function listDeadLetters(db: Queryable, query: StateQuery): Promise<StoredDeadLetter[]> {
  return await db<StoredDeadLetter[]>`
    select d.id, d.event_id, s.name as script, d.last_error ->> 'code' as code, d.resolved_at is not null as is_resolved
    from dead_letters d join scripts s on s.app_id = d.app_id and s.id = d.script_id
    where d.app_id = ${query.appId}`;
}

async function countRunning(db: Queryable, query: StateQuery): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from executions x where x.app_id = ${query.appId} and x.status = 'running'
      and not exists (select from pg_stat_activity a where a.application_name = 'picloud/' || x.node_id::text)`;
  return row?.count ?? 0;
}

/** Processes of PostgreSQL that serve a node, those that are at work first. */
export async function listNodeSessions(sql: Sql): Promise<number[]> {
  const rows = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity where application_name like 'picloud/%' and backend_type = 'client backend'
    order by state = 'active' desc, state_change desc nulls last`;
  return rows.map(({ pid }) => pid);
}

/** Deliveries of an app that are in the outbox. */
export async function countOutbox(sql: Sql, appId: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from outbox o where o.app_id = ${appId}`;
  return row?.count ?? 0;
}
