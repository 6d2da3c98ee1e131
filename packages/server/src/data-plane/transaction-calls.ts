/** Service calls of one try of a transaction: one after another, each a part of the transaction that is undone alone. */
import { PicloudError } from "@picloud/contract";
import type { HostCall, HostReply } from "@picloud/sandbox";
import type { RunTransaction } from "../platform/context.ts";
import { isConnectionError, isSerializationFailure } from "../platform/database/pg-errors.ts";
import type { OpenTransaction } from "../platform/database/transaction-slots.ts";

/** Makes the call, in the transaction if one is given. */
export type CallIn = (call: HostCall, transaction: RunTransaction | undefined) => Promise<HostReply>;

export interface TransactionCalls {
  call(call: HostCall): Promise<HostReply>;
  /** The script has returned: calls from now on are of `waitUntil`. They wait for {@link settle}. */
  close(): void;
  /** Resolves when the calls until {@link close} are done. */
  done(): Promise<true>;
  /** Resolves when a call met a conflict: the try is over, whatever the script makes of it. */
  readonly conflict: Promise<"conflict">;
  hasConflict(): boolean;
  /** What the transaction came to. Tells who waited for it; calls that come later are outside of it, or refused. */
  settle(isCommitted: boolean): void;
}

export function createTransactionCalls(open: OpenTransaction, callIn: CallIn): TransactionCalls {
  const parts = createParts(open);
  const conflict = Promise.withResolvers<"conflict">();
  const settled = Promise.withResolvers<boolean>();
  let line: Promise<unknown> = Promise.resolve();
  let hasConflict = false;
  let isClosed = false;

  const callInside = async (call: HostCall): Promise<HostReply> => {
    if (hasConflict) throw over();
    try {
      return await parts.run(async () => await callIn(call, parts.transaction));
    } catch (error) {
      // What is not the call's own, which says so itself, but of the savepoints around it.
      if (isConnectionError(error)) throw lost(error);
      if (!isSerializationFailure(error)) throw error;
      hasConflict = true;
      conflict.resolve("conflict");
      throw over();
    }
  };

  return {
    async call(call) {
      if (isClosed) {
        if (!(await settled.promise)) throw over();
        return await callIn(call, undefined);
      }
      const turn = line.then(async () => await callInside(call));
      line = turn.catch(() => undefined);
      return await turn;
    },
    close() {
      isClosed = true;
    },
    async done() {
      await line;
      return true;
    },
    conflict: conflict.promise,
    hasConflict: () => hasConflict,
    settle(isCommitted) {
      isClosed = true;
      settled.resolve(isCommitted);
      parts.settle(isCommitted);
    },
  };
}

function lost(cause: unknown): PicloudError {
  return new PicloudError("unavailable", "The connection to the database was lost; try again.", { cause });
}

/** Never seen by a script that goes on: its run has ended by then. */
function over(): PicloudError {
  return new PicloudError("conflict_retries", "The transaction of this run is over.");
}

interface Parts {
  readonly transaction: RunTransaction;
  run<T>(work: () => Promise<T>): Promise<T>;
  settle(isCommitted: boolean): void;
}

/** Savepoints, and what is to follow the end of the transaction. */
function createParts(open: OpenTransaction): Parts {
  const committed: (() => void)[] = [];
  const undone: (() => void)[] = [];
  return {
    transaction: {
      db: open.db,
      afterCommit: (work) => void committed.push(work),
      afterRollback: (work) => void undone.push(work),
    },
    async run(work) {
      const [committedBefore, undoneBefore] = [committed.length, undone.length];
      open.mark();
      try {
        return await work();
      } catch (error) {
        committed.length = committedBefore;
        for (const undo of undone.splice(undoneBefore)) undo();
        if (!isSerializationFailure(error)) await open.undo();
        throw error;
      }
    },
    settle(isCommitted) {
      for (const follow of (isCommitted ? committed : undone).splice(0)) follow();
    },
  };
}
