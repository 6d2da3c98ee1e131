/** SQL of claiming messages of one queue, to fill the batch of a run. */
import type { Queryable } from "../platform/database/database.ts";
import { deliveryColumns, deliveryJoins, isFree, type ClaimedDelivery } from "./outbox.repository.ts";

/** So many due deliveries of the app are looked at; its other triggers may have some between the messages. */
const LOOKED_AT = 2000;

/** Claims up to `limit` further due messages of the queue and consumer of `like` that have not failed yet. */
export async function claimMessages(
  db: Queryable,
  query: {
    readonly nodeId: string;
    readonly leaseMs: number;
    readonly like: ClaimedDelivery;
    readonly limit: number;
  },
): Promise<readonly ClaimedDelivery[]> {
  const { nodeId, leaseMs, like, limit } = query;
  return await db<ClaimedDelivery[]>`
    with r as materialized (
      select o.id from outbox o where o.app_id = ${like.app_id} and ${isFree(db)} and o.run_after <= now()
      order by o.run_after limit ${LOOKED_AT}
    ), picked as (
      select o.app_id, o.id from outbox o
      where o.app_id = ${like.app_id} and o.id = any(array(select r.id from r)) and ${isFree(db)}
        and o.queue = ${like.queue} and o.trigger_id = ${like.trigger_id} and o.attempt = 0 and o.takeovers = 0
      order by o.run_after limit ${limit} for update skip locked
    ), c as (
      update outbox o set locked_by = ${nodeId}, locked_at = now(), claim = o.claim + 1, held_reason = null,
        lease_until = now() + ${leaseMs}::float8 * interval '1 millisecond'
      from picked p where o.app_id = p.app_id and o.id = p.id returning o.*
    )
    select ${deliveryColumns(db)} from c ${deliveryJoins(db)} order by c.run_after, c.id`;
}
