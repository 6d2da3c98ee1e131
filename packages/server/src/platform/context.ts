/** Who asks, for which app, on whose behalf, and why: the first argument of every service function. */
import type { AppRole, InstanceRole, Scope } from "@picloud/contract";
import type { Transaction } from "./database/database.ts";
import type { Logger } from "./logger.ts";

export interface UserPrincipal {
  readonly kind: "user";
  readonly id: string;
  /** Username. */
  readonly name: string;
  readonly role: InstanceRole;
  readonly appRoles: ReadonlyMap<string, AppRole>;
  readonly sessionId?: string;
}

export interface ApiKeyPrincipal {
  readonly kind: "api_key";
  readonly id: string;
  readonly name: string;
  /** The key acts within the rights of this user, at each use. */
  readonly owner: UserPrincipal;
  readonly scopes: readonly Scope[];
  /** Set: the key is bound to this app. */
  readonly appId?: string;
  /** Set: the key ends then. */
  readonly expiresAt?: Date;
}

export interface EndUserPrincipal {
  readonly kind: "end_user";
  readonly id: string;
  readonly name: string;
}

export type Principal = UserPrincipal | ApiKeyPrincipal | EndUserPrincipal;

export interface AppRef {
  readonly id: string;
  readonly slug: string;
}

export interface ScriptRef {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

/** The execution that a service call belongs to; its row is written with the first committed write. */
export interface ExecutionRef {
  readonly id: string;
  readonly requestId: string;
  readonly rootExecutionId: string;
  readonly parentExecutionId?: string;
  /** 0 for direct runs. A write of this run makes events of depth + 1. */
  readonly depth: number;
  readonly isDeadLetterHandler: boolean;
  readonly app: AppRef;
  readonly script: ScriptRef;
  /** `async`: a request that was answered before it ran. */
  readonly kind: "http" | "execute" | "async" | "trigger";
  readonly routeId?: string;
  readonly triggerId?: string;
  readonly eventId?: string;
  readonly attempt: number;
  readonly nodeId: string;
  readonly startedAt: Date;
  /** True once a statement that carried the insert of the `executions` row has committed. */
  recorded: boolean;
}

/** The one transaction of a run whose script has `transaction: true`. */
export interface RunTransaction {
  readonly db: Transaction;
  /** Called in their order when the commit has been confirmed. Forgotten when the service call that said it throws. */
  afterCommit(work: () => void): void;
  /** Called when nothing of the transaction stays, or of the service call that said it. */
  afterRollback(work: () => void): void;
}

export interface RunReceipt {
  /** A call with the effect `write` that succeeded: its arguments as they were parsed, and what it gave. */
  note(
    call: { readonly service: string; readonly method: string },
    args: readonly unknown[],
    value: unknown,
  ): void;
}

export interface Context {
  /** `api`: admin API; `run`: a script's service call; `system`: the server itself, allowed everything. */
  readonly kind: "api" | "run" | "system";
  readonly requestId: string;
  readonly principal?: Principal;
  /** Set in runs: the app, script and causes of the call. No argument can name another app. */
  readonly execution?: ExecutionRef;
  /** Set in runs of `transaction: true` scripts: see `writerOf` and `readerOf` of `database/run-transaction.ts`. */
  readonly transaction?: RunTransaction;
  /** Set in runs: what their service calls have written and sent. */
  readonly receipt?: RunReceipt;
  readonly remoteAddr?: string;
  readonly log: Logger;
  /** Set in runs: adds a line to the execution's own log, for what its author should know. `more`: what is
   *  still being found out, for the same line; it must not reject. */
  readonly warnAuthor?: (message: string, more?: Promise<string>) => void;
}
