/** What `execute.ts` is asked for by the dispatcher, and how it answers. */
import type { StoredRequest } from "./async-request.ts";
import type { AppRef, Principal } from "../platform/context.ts";
import type { ExecutionEnd } from "../platform/database/execution-row.ts";
import type { TransactionScope } from "./transaction-scope.ts";

/** A delivery to run. `event` is the JSON text of the whole `ctx.event`. */
export interface DeliveryRun {
  readonly executionId: string;
  readonly rootExecutionId: string;
  readonly parentExecutionId?: string;
  readonly app: AppRef;
  readonly scriptId: string;
  readonly triggerId?: string;
  readonly eventId: string;
  readonly attempt: number;
  readonly depth: number;
  readonly isDeadLetterHandler: boolean;
  readonly event: string;
  /** Set: the script gets this request instead of the event. */
  readonly request?: StoredRequest;
  /** The user who registered the trigger, or who sent the request; absent: trusted like nobody. */
  readonly principal?: Principal;
  /** Of a transaction script: holds the deliveries, and completes them with the commit. */
  readonly scope: TransactionScope;
}

/** `completed`: a transaction script has committed, the end of its deliveries with it. `ended`: the run used an attempt, well or not; its `executions` row is not yet written: whoever asked completes it
 *  together with the outbox row. `refused`: nothing ran, no attempt is used. */
export type DeliveryResult =
  | { readonly kind: "completed" }
  | {
      readonly kind: "ended";
      /** Absent: it keeps no row, and went well unless there is an `error`. */
      readonly end?: ExecutionEnd;
      readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
    }
  | {
      readonly kind: "refused";
      readonly reason:
        | "gate_full"
        | "draining"
        | "script_disabled"
        | "script_missing"
        | "app_gone"
        | "claim_lost";
    };

/** Runs one delivery. Never rejects for what the script does. */
export type RunDelivery = (run: DeliveryRun) => Promise<DeliveryResult>;
