/** What is compared in `drain`: each is run in a process of its own, on a database of its own in the same PostgreSQL. */
import type { DatabaseTarget } from "../../packages/server/src/platform/database/database.ts";

/** `picloud`: the outbox alone. `picloud recorded`: with the record of each execution. */
export type DrainSubject = "picloud" | "picloud recorded" | "graphile-worker" | "pg-boss";

export interface DrainSpec {
  /** An empty database. */
  readonly target: DatabaseTarget;
  readonly subject: DrainSubject;
  /** That wait at the start. */
  readonly events: number;
  /** Sent one by one to the idle subject after that. */
  readonly singles: number;
}

export interface Drained {
  readonly eventsPerSecond: number;
  /** From the answer to the insert to the handler's first line, of each single. */
  readonly latenciesMs: readonly number[];
}

/** A subject with its backlog, ready to start. */
export interface Drain {
  /** Begins to deliver; `onEvent` for each with its number, or -1. */
  start(onEvent: (single: number) => void): Promise<void>;
  /** Resolves when everything is completed, by the database. */
  emptied(): Promise<void>;
  /** Resolves with the commit. */
  sendOne(single: number): Promise<void>;
  stop(): Promise<void>;
}

/** `postgres:` text for clients that know no other; sockets go by their folder. */
export function connectionString(target: DatabaseTarget): string {
  if ("url" in target) return target.url;
  const folder = target.path.slice(0, target.path.lastIndexOf("/"));
  const user = `${encodeURIComponent(target.user)}:${encodeURIComponent(target.password)}`;
  return `postgres://${user}@/${target.database}?host=${encodeURIComponent(folder)}`;
}
