/** `ctx.event` of a delivery (`api.md` §3) as JSON text. */

export interface DeliveryEvent {
  readonly id: string;
  readonly source: string;
  readonly op: string;
  readonly triggerId: string | undefined;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly occurredAt: Date;
  /** JSON text of `ctx.event.<source>`; goes in as it is, so that `4.0` and long integers stay what they are. */
  readonly payload: string;
}

export function deliveryEventText(event: DeliveryEvent): string {
  const head = JSON.stringify({
    id: event.id,
    source: event.source,
    op: event.op,
    trigger_id: event.triggerId,
    attempt: event.attempt,
    occurred_at: event.occurredAt.toISOString(),
  });
  return `${head.slice(0, -1)},${JSON.stringify(event.source)}:${event.payload}}`;
}
