/** Deliveries in the transaction of the script that they run: held from its first statement on, completed by its last. */
import type { TransactionScope } from "./transaction-scope.ts";
import { completeDeliveries, lockDeliveries, type ClaimedDelivery } from "./outbox.repository.ts";

/** No row, no run: then another node has taken one of them over, or what it was for is gone. */
export function deliveryScope(nodeId: string, claims: readonly ClaimedDelivery[]): TransactionScope {
  return {
    begin: async (tx) => (await lockDeliveries(tx, nodeId, claims)) === claims.length,
    end: async (tx) =>
      await completeDeliveries(
        tx,
        nodeId,
        claims.map((claim) => ({
          claim,
          kind: claim.source === "dead_letter" ? "handled" : "done",
          delayMs: 0,
        })),
      ),
  };
}
