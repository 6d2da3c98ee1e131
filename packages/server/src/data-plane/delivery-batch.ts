/** Which claimed deliveries go into one run: those of a queue's consumer with a batch size together, all others alone. */
import type { Platform } from "../platform/platform.ts";
import { claimMessages, type ClaimedDelivery } from "./outbox.repository.ts";

/** Deliveries of one run, at least one; what becomes of the run becomes of all of them. */
export type DeliveryBatch = readonly [ClaimedDelivery, ...ClaimedDelivery[]];

/** Payloads of one run, in UTF-16 units: what a script gets has to fit into its memory. */
const BATCH_CHARS_MAX = 4 * 1_048_576;
/** Of a payload that was too long to be read with the claim: the most that a message may have. */
const LONG_CHARS = 262_144;

/** The batch size of the consumer, if the delivery is a message for one. */
export function batchSizeOf({ source, trigger }: ClaimedDelivery): number | undefined {
  const size = source === "queue" ? (trigger?.batchSize ?? 1) : 1;
  return size > 1 ? size : undefined;
}

/** A message that failed, or whose node was lost, is tried alone from then on: the others of its batch go through, and the
 *  one that fails them all ends as a dead letter by itself. */
function isAlone(delivery: ClaimedDelivery): boolean {
  return (
    batchSizeOf(delivery) === undefined ||
    delivery.queue === null ||
    delivery.trigger_id === null ||
    delivery.attempt > 0 ||
    delivery.takeovers > 0
  );
}

/** Puts what was claimed together into batches, and claims more messages for those that are not full. Never rejects: a
 *  batch that could not be filled is run as it is. */
export async function formBatches(
  platform: Platform,
  deliveries: readonly ClaimedDelivery[],
): Promise<readonly DeliveryBatch[]> {
  const batches: DeliveryBatch[] = [];
  const byTrigger = new Map<string, ClaimedDelivery[]>();
  for (const delivery of deliveries) {
    if (isAlone(delivery)) {
      batches.push([delivery]);
      continue;
    }
    const key = `${delivery.app_id}/${delivery.trigger_id}`;
    const own = byTrigger.get(key);
    if (own === undefined) byTrigger.set(key, [delivery]);
    else own.push(delivery);
  }
  for (const own of byTrigger.values()) {
    const more = await claimMore(platform, own);
    batches.push(...chunks([...own, ...more]));
  }
  return batches;
}

async function claimMore(
  platform: Platform,
  own: readonly ClaimedDelivery[],
): Promise<readonly ClaimedDelivery[]> {
  const [first] = own;
  const size = first === undefined ? 1 : (batchSizeOf(first) ?? 1);
  const room = (size - (own.length % size)) % size;
  if (first === undefined || room === 0) return [];
  try {
    return await claimMessages(platform.db.write, {
      nodeId: platform.nodeId,
      leaseMs: platform.config.leaseMs,
      like: first,
      limit: room,
    });
  } catch (error) {
    platform.log.warn("batch_not_filled", { appId: first.app_id, queue: first.queue, error });
    return [];
  }
}

function chunks(messages: readonly ClaimedDelivery[]): DeliveryBatch[] {
  const batches: [ClaimedDelivery, ...ClaimedDelivery[]][] = [];
  let chars = Infinity;
  for (const message of messages) {
    const size = batchSizeOf(message) ?? 1;
    const length = message.payload?.length ?? LONG_CHARS;
    const last = batches.at(-1);
    if (last === undefined || last.length >= size || chars + length > BATCH_CHARS_MAX) {
      batches.push([message]);
      chars = length;
    } else {
      last.push(message);
      chars += length;
    }
  }
  return batches;
}
