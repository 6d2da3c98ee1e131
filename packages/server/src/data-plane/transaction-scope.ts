/** What a run of a `transaction: true` script does in its transaction beside what the script asks for. */
import type { Head } from "@picloud/sandbox";
import type { Transaction } from "../platform/database/database.ts";

/** Both may be called more than once: a transaction that conflicts with another one begins again. */
export interface TransactionScope {
  /** Before the script. False: it must not run, and nothing stays. */
  begin(tx: Transaction): Promise<boolean>;
  /** Before the commit; of an HTTP run with its answer. */
  end(tx: Transaction, head: Head | undefined): Promise<void>;
}
