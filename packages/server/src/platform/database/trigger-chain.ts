/** What led to a run: each script and the event that it was run for, back to where it all began. */
import type { ExecutionRef } from "../context.ts";
import type { Platform } from "../platform.ts";
import type { Queryable } from "./database.ts";

/** Runs of a chain that are told; a longer one begins with what is left out. */
const STEPS_MAX = 16;

interface Step {
  readonly script: string;
  /** Null: a direct run. */
  readonly source: string | null;
  readonly op: string | null;
  /** Collection, topic or queue. */
  readonly name: string | null;
  readonly is_cut: boolean;
}

/** One query by primary keys: from the run to its event, from that to the run that wrote it, and so on. The row of a run
 *  that wrote is there before what it wrote. */
async function readSteps(db: Queryable, ref: ExecutionRef): Promise<readonly Step[]> {
  return await db<Step[]>`
    with recursive c (n, script, event_id) as (
      select 1, ${ref.script.name}::text, ${ref.eventId ?? null}::uuid
      union all
      select c.n + 1, x.script_name, x.event_id from c
      join events e on e.app_id = ${ref.app.id} and e.id = c.event_id
      join executions x on x.app_id = ${ref.app.id} and x.id = e.written_by
      where c.n < ${STEPS_MAX + 1})
    select c.script, e.source, e.op, coalesce(e.payload->>'collection', e.payload->>'topic', e.payload->>'queue') as name,
      c.n > ${STEPS_MAX} as is_cut
    from c left join events e on e.app_id = ${ref.app.id} and e.id = c.event_id order by c.n desc`;
}

/** `orders.insert → on_order → orders.update → on_order → …` */
export function chainText(steps: readonly Step[]): string {
  const parts = steps.flatMap((step) => {
    if (step.is_cut) return ["…"];
    return step.source === null ? [step.script] : [eventName(step), step.script];
  });
  return [...parts, "…"].join(" → ");
}

function eventName({ source, op, name }: Step): string {
  if (name === null) return source ?? "";
  return source === "pubsub" || source === "queue" ? `${source} ${name}` : `${name}.${op ?? ""}`;
}

/** The chain of a run that may write a lot at its end is read once. */
const known = new WeakMap<ExecutionRef, Promise<string>>();

/** Text of the chain that led to the run; empty when it can't be read. Never rejects. */
export function triggerChain(platform: Pick<Platform, "db" | "log">, ref: ExecutionRef): Promise<string> {
  let chain = known.get(ref);
  if (chain === undefined) {
    chain = readSteps(platform.db.read, ref).then(chainText, (error: unknown) => {
      platform.log.warn("trigger_chain_unread", { appId: ref.app.id, executionId: ref.id, error });
      return "";
    });
    known.set(ref, chain);
  }
  return chain;
}
