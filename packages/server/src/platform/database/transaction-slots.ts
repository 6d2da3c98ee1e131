/** Connections for transactions that last as long as a script: few, shared out between apps, each in one hand at a time. */
import type { ReservedSql } from "postgres";
import type { Sql, Transaction } from "./database.ts";
import { within } from "../within.ts";

/** A transaction script may take so long; its statements end by then too. */
export const TRANSACTION_MS = 5_000;

/** Settings of these sessions. A server that hangs in the middle of a transaction loses its locks by the last one; it is
 *  longer than any script may wait between two calls. */
export const transactionSession = {
  default_transaction_isolation: "serializable",
  statement_timeout: TRANSACTION_MS,
  lock_timeout: 2_000,
  idle_in_transaction_session_timeout: 2 * TRANSACTION_MS,
} as const;

/** How long an answer to COMMIT or ROLLBACK is waited for; then the connection is given up. */
const END_MS = 2 * TRANSACTION_MS;

export interface TransactionSlots {
  /** Waits its turn; `undefined` if that did not come in time. No app holds more than half of the slots. */
  take(appId: string, withinMs: number): Promise<TransactionSlot | undefined>;
  close(): Promise<void>;
}

export interface TransactionSlot {
  /** Begins a transaction; the one before has ended. Rejects when the database can't be reached in this time. */
  begin(withinMs: number): Promise<OpenTransaction>;
  /** Gives the slot back when its last transaction has ended. */
  release(): void;
}

interface Waiting {
  readonly appId: string;
  readonly start: (slot: TransactionSlot) => void;
}

/** `open`: makes a pool of one connection, and says when that has closed. */
export function createTransactionSlots(open: (onClose: () => void) => Sql, size: number): TransactionSlots {
  const free = Array.from({ length: size }, () => new Line(open));
  const all = [...free];
  const most = Math.ceil(size / 2);
  const heldBy = new Map<string, number>();
  // Bounded by the execution gate: each run waits for one.
  const waiting: Waiting[] = [];

  const hold = (appId: string): TransactionSlot | undefined => {
    const held = heldBy.get(appId) ?? 0;
    const line = held < most ? free.pop() : undefined;
    if (line === undefined) return undefined;
    heldBy.set(appId, held + 1);
    return {
      begin: async (withinMs) => await line.begin(withinMs),
      release: () => void line.ended().then(() => giveBack(appId, line)),
    };
  };
  const giveBack = (appId: string, line: Line): void => {
    const held = (heldBy.get(appId) ?? 1) - 1;
    if (held === 0) heldBy.delete(appId);
    else heldBy.set(appId, held);
    free.push(line);
    const next = waiting.findIndex((one) => (heldBy.get(one.appId) ?? 0) < most);
    const [first] = next === -1 ? [] : waiting.splice(next, 1);
    if (first === undefined) return;
    const slot = hold(first.appId);
    if (slot !== undefined) first.start(slot);
  };

  return {
    async take(appId, withinMs) {
      const slot = hold(appId);
      if (slot !== undefined) return slot;
      const { promise, resolve } = Promise.withResolvers<TransactionSlot | undefined>();
      const own = { appId, start: resolve };
      waiting.push(own);
      const timer = setTimeout(() => {
        const at = waiting.indexOf(own);
        if (at !== -1) waiting.splice(at, 1);
        resolve(undefined);
      }, withinMs);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
      }
    },
    async close() {
      await Promise.all(all.map(async (line) => await line.close()));
    },
  };
}

/** One connection. A pool of one, because only a pool opens its connection again. */
class Line {
  readonly #open: (onClose: () => void) => Sql;
  #sql: Sql;
  #current: OpenTransaction | undefined;
  #isConnected = false;

  constructor(open: (onClose: () => void) => Sql) {
    this.#open = open;
    this.#sql = this.#make();
  }

  async begin(withinMs: number): Promise<OpenTransaction> {
    await this.ended();
    const reserving = this.#reserve();
    const reserved = await within(reserving, withinMs);
    if (reserved === undefined) {
      // Whoever comes next must not find it taken.
      this.#replace();
      reserving.catch(() => undefined);
      throw Object.assign(new Error("no connection to the database in time"), { code: "CONNECT_TIMEOUT" });
    }
    this.#current = new OpenTransaction(reserved);
    return this.#current;
  }

  /** Resolves when no transaction is open on it. */
  async ended(): Promise<void> {
    const { ended } = this.#current ?? {};
    if (ended !== undefined && (await within(ended, END_MS)) === undefined) this.#replace();
    this.#current = undefined;
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 5 });
  }

  /** The client forgets who reserves a connection that it has to open first. */
  async #reserve(): Promise<ReservedSql> {
    const sql = this.#sql;
    if (!this.#isConnected) await sql`select 1`;
    this.#isConnected = true;
    return await sql.reserve();
  }

  #make(): Sql {
    const sql = this.#open(() => {
      if (sql !== this.#sql) return;
      this.#isConnected = false;
      this.#current?.lose();
    });
    return sql;
  }

  /** The connection does not answer: its end is left to both sides' time limits. */
  #replace(): void {
    this.#current?.lose();
    this.#isConnected = false;
    void this.#sql.end({ timeout: 0 });
    this.#sql = this.#make();
  }
}

/** A transaction on a connection of its own. The client would send statements on a connection that was opened again in
 *  place of a lost one, where no transaction is: so none is sent once it is lost or has ended. */
export class OpenTransaction {
  /** For statements; throws when the transaction is over. */
  readonly db: Transaction;
  /** Resolves with true when the connection is free. */
  readonly ended: Promise<true>;
  readonly #reserved: ReservedSql;
  readonly #resolveEnded: (value: true) => void;
  #state: "open" | "ending" | "ended" | "lost" = "open";
  #hasSavepoint = false;

  constructor(reserved: ReservedSql) {
    this.#reserved = reserved;
    const { promise, resolve } = Promise.withResolvers<true>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.db = guarded(reserved, () => this.#check());
    this.#send("begin");
  }

  /** The connection is gone, and with it all that was not committed. */
  get isLost(): boolean {
    return this.#state === "lost";
  }

  lose(): void {
    if (this.#state === "ended") return;
    this.#state = "lost";
    this.#resolveEnded(true);
  }

  /** Marks the place that {@link undo} goes back to. Sent with the next statement, without a wait of its own. */
  mark(): void {
    this.#check();
    this.#send(this.#hasSavepoint ? "release savepoint part; savepoint part" : "savepoint part");
    this.#hasSavepoint = true;
  }

  async undo(): Promise<void> {
    this.#check();
    await this.#reserved.unsafe("rollback to savepoint part");
  }

  /** Rejects as the database does; a connection error leaves open whether it has committed. */
  async commit(): Promise<void> {
    this.#check();
    await this.#end("commit");
  }

  /** Undoes everything, at the latest when the connection closes. Never rejects. */
  async rollback(): Promise<void> {
    if (this.#state !== "open") return;
    await this.#end("rollback").catch(() => undefined);
  }

  async #end(command: "commit" | "rollback"): Promise<void> {
    this.#state = "ending";
    try {
      // COMMIT of a transaction in which a statement failed answers that it was rolled back; that is no error to PostgreSQL.
      const { command: done } = await this.#reserved.unsafe(command);
      if (done.toLowerCase() !== command) throw new Error(`${command} was answered by ${done}`);
    } finally {
      // A failed COMMIT is a rollback. A lost connection belongs to its pool again already.
      if (!this.isLost) {
        this.#state = "ended";
        this.#reserved.release();
      }
      this.#resolveEnded(true);
    }
  }

  #check(): void {
    if (this.#state === "open") return;
    throw Object.assign(new Error("the transaction is over"), { code: "CONNECTION_ENDED" });
  }

  /** Its failure is seen by the statement after it, which fails too. */
  #send(command: string): void {
    this.#reserved
      .unsafe(command)
      .execute()
      .catch(() => undefined);
  }
}

/** The same functions, each behind the check. */
function guarded(sql: ReservedSql, check: () => void): Transaction {
  const proxy = new Proxy(sql, {
    apply(target, self, args) {
      check();
      return Reflect.apply(target, self, args) as unknown;
    },
    get(target, name, receiver) {
      if (name === "unsafe") check();
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  // Services use what both types have; parts of a transaction are marked by `mark`, not by `savepoint`.
  return proxy as unknown as Transaction;
}
