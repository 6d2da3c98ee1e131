// Runs on every change of the collection "counts" and keeps a summary in another one: writing into "counts" would run it
// again, and again.
import { kv, log } from "picloud";
import type { KvEvent } from "picloud";

interface Summary {
  readonly events: number;
  readonly kinds: number;
  readonly repositories: number;
  readonly busiest: { readonly repository: string; readonly events: number } | null;
}

// Changes come in bursts, and one count is enough for many. Each run first says that something has changed; the one that
// then gets the lock counts, and goes on for as long as others said so meanwhile.
export default async function summary(event: KvEvent<number>): Promise<void> {
  const state = kv.collection<string>("summary-state");
  await state.set("changed", event.id);
  while (await isLocked(event.id)) {
    const changed = await state.get("changed");
    const now = await count();
    await kv.collection<Summary>("summary").set("now", now);
    log.debug("summary", { because: event.kv.key, events: now.events });
    await state.delete("lock");
    if ((await state.get("changed")) === changed) return;
  }
}

// A run that was cut off left its lock behind. Its event is delivered again with the same id, and knows the lock as its
// own; should that never happen, the lock ends by itself, long after the time limit of a run.
async function isLocked(id: string): Promise<boolean> {
  const state = kv.collection<string>("summary-state");
  if (await state.compareAndSet("lock", undefined, id, { ttl: "2m" })) return true;
  return (await state.get("lock")) === id;
}

async function count(): Promise<Summary> {
  let [events, kinds, repositories] = [0, 0, 0];
  let busiest: Summary["busiest"] = null;
  for await (const { key, value } of kv.collection<number>("counts").entries()) {
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
  return { events, kinds, repositories, busiest };
}
