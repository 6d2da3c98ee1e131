/** Connections of a node, by purpose, so that no kind of work waits behind another. */
import type { ConnectionParameters, Notice, Sql as PostgresSql, TransactionSql } from "postgres";
import type { Logger } from "../logger.ts";
import { StartError } from "../start-error.ts";
import { arrayTypes } from "./array-types.ts";
import type { SocketLogin } from "./embedded-postgres.ts";
import { postgres } from "./postgres-client.ts";
import { createTransactionSlots, transactionSession, type TransactionSlots } from "./transaction-slots.ts";

/** A pool. Queries are tagged templates; values are bound parameters. */
export type Sql = PostgresSql;
export type Transaction = TransactionSql;
/** First argument of repository functions: a pool or an open transaction. */
export type Queryable = Sql | Transaction;

/**
 * The pools of a node. Values come back as: `timestamptz` and `date` as Date, `bigint` as number (as bigint outside
 * ±2^53), `numeric` and `uuid` as text, `bytea` as Buffer, `json` and `jsonb` parsed (select `::text` for the text).
 */
export interface Database {
  /** 16 connections: writes, each one statement or a short transaction. */
  readonly write: Sql;
  /** 4 connections: pipelined reads. */
  readonly read: Sql;
  /** 8 connections: one for each open transaction of a `transaction: true` script. */
  readonly transactions: TransactionSlots;
  /** 1 connection: notifications, maintenance; synchronous_commit off. Its `listen` opens one more, kept open. */
  readonly side: Sql;
  /** Whether a query is answered within the time. Never throws. */
  isReachable(timeoutMs?: number): Promise<boolean>;
  /** Ends all connections; queries that still run get 5 s. */
  close(): Promise<void>;
}

/** Where a database is: the embedded one's socket, or a URL `postgres://user:password@host:port/name`. */
export type DatabaseTarget = SocketLogin | { readonly url: string };

export interface DatabaseOptions {
  /** UUID of this node's life; sessions are named `picloud/<node id>`. */
  readonly nodeId: string;
  readonly log: Logger;
  /** Sizes of the pools, for tests. */
  readonly connections?: { readonly write: number; readonly read: number; readonly transactions?: number };
}

/** Any statement ends by then; what waits for open writes relies on it. */
const STATEMENT_TIMEOUT_MS = 10_000;
const WRITE_CONNECTIONS = 16;
const READ_CONNECTIONS = 4;
const TRANSACTION_CONNECTIONS = 8;
const RECONNECT_MAX_S = 1;
/** Oldest major version whose SQL the product is tested with. */
const MAJOR_MIN = 15;

/** Opens the pools of a node on a database that is migrated. Throws {@link StartError} if it cannot be used. */
export async function openDatabase(target: DatabaseTarget, options: DatabaseOptions): Promise<Database> {
  const applicationName = `picloud/${options.nodeId}`;
  const sizes = options.connections ?? { write: WRITE_CONNECTIONS, read: READ_CONNECTIONS };
  const pool = (max: number, session: Record<string, string | number>, onClose?: () => void): Sql =>
    connect(target, {
      max,
      ...(onClose === undefined ? {} : { onClose }),
      session: {
        application_name: applicationName,
        statement_timeout: STATEMENT_TIMEOUT_MS,
        // All conditions begin with an id, so a plan for particular values is not better; without this each statement
        // is planned anew five times on each connection, the claim of deliveries for 2 to 5 ms instead of 0.6.
        plan_cache_mode: "force_generic_plan",
        // A plan that was made while a table was empty reads it whole, and is kept when the table is full: a million
        // deliveries that came at once would be read with each claim until statistics are gathered anew.
        enable_seqscan: "off",
        ...session,
      },
      log: options.log,
    });
  const write = pool(sizes.write, {});
  const read = pool(sizes.read, {});
  const side = pool(1, { synchronous_commit: "off" });
  const transactions = createTransactionSlots(
    (onClose) => pool(1, transactionSession, onClose),
    sizes.transactions ?? TRANSACTION_CONNECTIONS,
  );
  const close = async (): Promise<void> => {
    await transactions.close();
    await Promise.all([write, read, side].map(async (sql) => await sql.end({ timeout: 5 })));
  };
  try {
    await checkServer(read, target);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    write,
    read,
    side,
    transactions,
    isReachable: async (timeoutMs) => await isReachable(read, timeoutMs),
    close,
  };
}

export interface ConnectOptions {
  readonly max: number;
  /** Session settings, sent with the login. */
  readonly session: Readonly<Record<string, string | number>>;
  readonly log: Logger;
  /** Called when a connection has ended, before another one is opened in its place. */
  readonly onClose?: () => void;
}

/** One pool with the types of {@link Database}. Connections open when they are needed and are opened again when they break. */
export function connect(target: DatabaseTarget, options: ConnectOptions): Sql {
  const shared = {
    max: options.max,
    // Values that postgres.js sends as they are; its type for the list knows only some of the names.
    connection: options.session as Partial<ConnectionParameters>,
    connect_timeout: 10,
    // The client's own wait grows to 20 s, and all requests wait with it for a database that came back in one.
    backoff: (tries: number): number => Math.min(RECONNECT_MAX_S, 0.02 * 2 ** tries),
    ...(options.onClose === undefined ? {} : { onclose: options.onClose }),
    onnotice: (notice: Notice): void => {
      options.log.debug("database_notice", { severity: notice["severity"], message: notice["message"] });
    },
    types: { int8: SAFE_INT8, ...arrayTypes(SAFE_INT8.parse) },
    fetch_types: false,
  };
  const sql = "url" in target ? postgres(target.url, shared) : postgres({ ...target, ...shared });
  // The int8 type adds only how values of that type are read, nothing that a caller has to know.
  return sql;
}

/** `bigint` as a number where that is exact. */
const SAFE_INT8 = {
  to: 20,
  from: [20],
  parse: (text: string): number | bigint => {
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : BigInt(text);
  },
  serialize: (value: number | bigint): string => value.toString(),
};

/** Connects once and checks what the server is. Throws {@link StartError} in one line that names the setting and no password. */
export async function checkServer(sql: Sql, target: DatabaseTarget): Promise<void> {
  let row: { version: string; encoding: string } | undefined;
  try {
    [row] = await sql<{ version: string; encoding: string }[]>`
      select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding`;
  } catch (cause) {
    throw new StartError(`${describeTarget(target)} cannot be reached: ${describeFailure(cause)}`, { cause });
  }
  const problem = unfitServer(Number(row?.version), row?.encoding ?? "");
  if (problem !== undefined) throw new StartError(`${describeTarget(target)} ${problem}`);
}

/** What keeps a server from being used, or `undefined`. `version` as in `server_version_num`: 150004. */
export function unfitServer(version: number, encoding: string): string | undefined {
  const major = Math.floor(version / 10_000);
  if (!(major >= MAJOR_MIN)) return `is PostgreSQL ${major}; PiCloud needs version ${MAJOR_MIN} or newer`;
  if (encoding !== "UTF8")
    return `stores text as ${encoding}; PiCloud needs a database made with encoding UTF8`;
  return undefined;
}

/** A name for messages, without user and password. */
export function describeTarget(target: DatabaseTarget): string {
  if (!("url" in target)) return `the embedded PostgreSQL at ${target.path}`;
  const { hostname, port, pathname } = new URL(target.url);
  return `DATABASE_URL: the database ${pathname.slice(1) || "(default)"} at ${hostname || "localhost"}:${port || "5432"}`;
}

/** An error of the client or server as a part of a line. */
export function describeFailure(error: unknown): string {
  // A connection that fails for all addresses of a name carries one error for each.
  if (error instanceof AggregateError && error.errors.length > 0) return describeFailure(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}

const REACHABLE_TIMEOUT_MS = 2_000;

async function isReachable(sql: Sql, timeoutMs = REACHABLE_TIMEOUT_MS): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const answer = sql`select 1`.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
