/** One sample of `drain`: `node measure.ts '{"target", "subject", "events", "singles"}'` prints a {@link Drained}. */
import { setTimeout as sleep } from "node:timers/promises";
import { graphileWorker } from "./graphile-worker.ts";
import { pgBoss } from "./pg-boss.ts";
import { picloud } from "./picloud.ts";
import type { Drain, DrainSpec, Drained } from "./subject.ts";

const spec = JSON.parse(process.argv[2] ?? "{}") as DrainSpec;

const nothing = (): void => undefined;

async function prepare(): Promise<Drain> {
  switch (spec.subject) {
    case "picloud":
    case "picloud recorded":
      return await picloud(spec);
    case "graphile-worker":
      return await graphileWorker(spec);
    case "pg-boss":
      return await pgBoss(spec);
    default:
      return spec.subject satisfies never;
  }
}

async function measure(drain: Drain): Promise<Drained> {
  let seen = 0;
  let onAll = nothing;
  const allSeen = new Promise<void>((resolve) => {
    onAll = resolve;
  });
  const heard = new Map<number, () => void>();
  const started = performance.now();
  await drain.start((single) => {
    if (single >= 0) heard.get(single)?.();
    else if (++seen === spec.events) onAll();
  });
  await allSeen;
  await drain.emptied();
  const seconds = (performance.now() - started) / 1000;
  const latenciesMs: number[] = [];
  for (let single = 0; single < spec.singles; single++) {
    let heardAt = 0;
    const hearing = new Promise<void>((resolve) => {
      heard.set(single, () => {
        heardAt = performance.now();
        resolve();
      });
    });
    await drain.sendOne(single);
    const committedAt = performance.now();
    await hearing;
    // Heard before the answer to the insert was read: no time has passed for who waits for it.
    latenciesMs.push(Math.max(0, heardAt - committedAt));
    await sleep(5);
  }
  return { eventsPerSecond: spec.events / seconds, latenciesMs };
}

const drain = await prepare();
console.log(JSON.stringify(await measure(drain)));
await drain.stop();
process.exit(0);
