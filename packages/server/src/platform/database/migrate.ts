/** Brings a database to the schema of this build: forward only, under a lock, each file once. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ReservedSql } from "postgres";

import type { Logger } from "../logger.ts";
import { StartError } from "../start-error.ts";
import { checkServer, connect, describeFailure, describeTarget, type DatabaseTarget } from "./database.ts";
import { splitStatements, type Migration } from "./migration-files.ts";
import { postgres } from "./postgres-client.ts";

export interface MigrateOptions {
  readonly migrations: readonly Migration[];
  readonly log: Logger;
  /** Of this node, for the name of its session. */
  readonly nodeId: string;
  /** The newest stamp of a release: a file that did not run and is not newer was added too late. 0 before the first release. */
  readonly releasedThrough?: number;
  /** Runs after the migrations, still under the lock: what exactly one node may do on an empty database. */
  readonly underLock?: (sql: ReservedSql) => Promise<void>;
}

/** Any number; the same in all builds. */
const LOCK_KEY = 7_266_001;

/** Named apart from `picloud/<node>`: a node that is starting serves nothing and writes nothing. */
export const STARTING_NAME_PREFIX = "picloud-start/";

/**
 * Applies what is missing and returns the names of what was applied. Nodes that start together take turns. Throws
 * {@link StartError} if the database cannot be reached, is too old, or its schema is not an older state of this build's.
 */
export async function migrate(target: DatabaseTarget, options: MigrateOptions): Promise<readonly string[]> {
  const sql = connect(target, {
    max: 1,
    // A migration may take long, and so may the wait for another node's.
    session: { application_name: `${STARTING_NAME_PREFIX}${options.nodeId}`, statement_timeout: 0 },
    log: options.log,
  });
  try {
    await checkServer(sql, target);
    const session = await sql.reserve();
    try {
      await lock(session, options.log);
      const applied = await applyAll(session, target, options);
      await options.underLock?.(session);
      await session`select pg_advisory_unlock(${LOCK_KEY})`;
      return applied;
    } finally {
      session.release();
    }
  } catch (cause) {
    if (cause instanceof StartError || !(cause instanceof postgres.PostgresError)) throw cause;
    // Most often a role that may not create tables, or a server that is read-only.
    throw new StartError(`${describeTarget(target)} cannot be migrated: ${describeFailure(cause)}`, {
      cause,
    });
  } finally {
    // Ends the session and with it the lock, also after an error.
    await sql.end({ timeout: 5 });
  }
}

async function lock(session: ReservedSql, log: Logger): Promise<void> {
  const [row] = await session<{ ok: boolean }[]>`select pg_try_advisory_lock(${LOCK_KEY}) as ok`;
  if (row?.ok === true) return;
  log.info("migration_lock_wait");
  await session`select pg_advisory_lock(${LOCK_KEY})`;
}

interface AppliedRow {
  readonly name: string;
  readonly stamp: number;
  readonly sha256: string;
  readonly finished: boolean;
}

async function applyAll(
  session: ReservedSql,
  target: DatabaseTarget,
  options: MigrateOptions,
): Promise<readonly string[]> {
  await session.unsafe(`create table if not exists schema_migrations (
    name text not null,
    stamp bigint not null,
    sha256 text not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint schema_migrations_pkey primary key (name)
  )`);
  const rows = await session<AppliedRow[]>`
    select name, stamp, sha256, finished_at is not null as finished from schema_migrations`;
  const missing = findMissing(rows, options, describeTarget(target));
  for (const migration of missing) await apply(session, migration, options);
  return missing.map((migration) => migration.name);
}

/** What has to run, in order. Throws {@link StartError} if the database is not an older state of this build's schema. */
function findMissing(
  rows: readonly AppliedRow[],
  options: MigrateOptions,
  database: string,
): readonly Migration[] {
  const known = new Set(options.migrations.map((migration) => migration.name));
  const unknown = rows.find((row) => !known.has(row.name));
  if (unknown !== undefined) {
    throw new StartError(
      `${database} is newer than this build: it has the migration ${unknown.name}; start the release that made it, or a newer one`,
    );
  }
  const applied = new Map(rows.map((row) => [row.name, row]));
  const newestApplied = Math.max(0, ...rows.map((row) => row.stamp));
  const released = Math.min(options.releasedThrough ?? 0, newestApplied);
  return options.migrations.filter((migration) => {
    const row = applied.get(migration.name);
    if (row !== undefined && row.sha256 !== migration.sha256) {
      throw new StartError(`the migration ${migration.name} was changed after it had run on ${database}`);
    }
    if (row === undefined && migration.stamp <= released) {
      throw new StartError(
        `the migration ${migration.name} is older than the newest released one; give it a new stamp`,
      );
    }
    return row === undefined || !row.finished;
  });
}

async function apply(session: ReservedSql, migration: Migration, options: MigrateOptions): Promise<void> {
  if (migration.isBreaking) await untilAlone(session, options);
  const startedAt = performance.now();
  try {
    if (migration.isInTransaction) await applyInTransaction(session, migration);
    else await applyByStatement(session, migration);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`the migration ${migration.name} failed: ${problem}`, { cause });
  }
  options.log.info("migration_applied", {
    migration: migration.name,
    durationMs: Math.round(performance.now() - startedAt),
  });
}

async function applyInTransaction(session: ReservedSql, migration: Migration): Promise<void> {
  await session.unsafe("begin");
  try {
    // The row comes first: should the lock ever fail, the second of two nodes stops here, before it changes anything.
    await session`
      insert into schema_migrations (name, stamp, sha256, finished_at)
      values (${migration.name}, ${migration.stamp}, ${migration.sha256}, now())`;
    await session.unsafe(migration.sql);
    await session.unsafe("commit");
  } catch (error) {
    await session.unsafe("rollback");
    throw error;
  }
}

/** A row without an end marks a file that was cut short; it runs again, so its statements have to allow that. */
async function applyByStatement(session: ReservedSql, migration: Migration): Promise<void> {
  await session`
    insert into schema_migrations (name, stamp, sha256)
    values (${migration.name}, ${migration.stamp}, ${migration.sha256}) on conflict do nothing`;
  for (const statement of splitStatements(migration)) await session.unsafe(statement);
  await session`update schema_migrations set finished_at = now() where name = ${migration.name}`;
}

const ALONE_POLL_MS = 500;
const ALONE_LOG_EVERY = 20;

/** A breaking file may not run under the code of the release before, so the other nodes have to be stopped first. */
async function untilAlone(session: ReservedSql, options: MigrateOptions): Promise<void> {
  for (let turn = 0; ; turn++) {
    const nodes = await session<{ node: string }[]>`
      select distinct application_name as node from pg_stat_activity
      where datname = current_database() and application_name like 'picloud/%'
        and application_name <> ${`picloud/${options.nodeId}`}`;
    if (nodes.length === 0) return;
    if (turn % ALONE_LOG_EVERY === 0) {
      options.log.warn("migration_waits_for_nodes", { nodes: nodes.map((row) => row.node) });
    }
    await sleep(ALONE_POLL_MS);
  }
}
