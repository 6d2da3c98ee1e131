// Runs on every change of the collection "visits" and remembers who has come three times.
import { kv, log } from "picloud";
import type { KvEvent } from "picloud";

export default async function regulars(event: KvEvent<number>): Promise<void> {
  const { key, value } = event.kv;
  // An event may be delivered twice; writing the same thing twice changes nothing.
  if (value !== 3) return;
  await kv.collection<string>("regulars").set(key, event.occurredAt);
  log.info("a regular", { name: key });
}
