// Runs on every change of the collection "counts" and keeps a summary in another one: writing into "counts" would run it
// again, and again.
import { kv, log } from "picloud";
import type { KvEvent } from "picloud";

interface Summary {
  /** Sum of all counts: grows with each change, so equal sums mean equal counts. */
  readonly changes: number;
  readonly events: number;
  readonly kinds: number;
  readonly repositories: number;
  readonly busiest: { readonly repository: string; readonly events: number } | null;
}

const ATTEMPTS_MAX = 50;

export default async function summary(event: KvEvent<number>): Promise<void> {
  const summaries = kv.collection<Summary>("summary");
  // Runs for two changes may overlap, and one that began earlier may end later with older counts. So each run reads
  // the summary before it counts and replaces exactly that one; where another run was faster, it counts again.
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const old = await summaries.get("now");
    const next = await count();
    if (next.changes === old?.changes) return;
    if (await summaries.compareAndSet("now", old, next)) {
      log.debug("summary", { because: event.kv.key, events: next.events });
      return;
    }
  }
  throw new Error(`other runs were faster ${ATTEMPTS_MAX} times`);
}

async function count(): Promise<Summary> {
  let [changes, events, kinds, repositories] = [0, 0, 0, 0];
  let busiest: Summary["busiest"] = null;
  for await (const { key, value } of kv.collection<number>("counts").entries()) {
    changes += value;
    if (key.startsWith("kind/")) {
      kinds++;
      events += value;
      continue;
    }
    repositories++;
    const repository = key.slice("repository/".length);
    // Entries come in the order of their keys: of two with as many events the first one stays.
    if (repository !== "none" && value > (busiest?.events ?? 0)) busiest = { repository, events: value };
  }
  return { changes, events, kinds, repositories, busiest };
}
