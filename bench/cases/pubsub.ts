/** One publish to 1,000 subscribers, and how long its deliveries take. */
import { connect, type Sql } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, startServer, type RunningServer } from "../../tests/support/start-server.ts";
import { waitFor } from "../../tests/support/wait-for.ts";
import { firstOwner } from "../admin-client.ts";
import type { BenchCase } from "../bench-case.ts";
import { embeddedTarget } from "../embedded-target.ts";
import type { Sample } from "../side-by-side.ts";
import { median, p50And99 } from "../statistics.ts";

const SUBSCRIBERS = 1_000;
const PUBLISHES_PER_ROUND = 10;
const FAN_OUT_GOAL_MS = 30;
const ROW = { topic: "wide.topic", message: "x".repeat(1_000) };

/** The clock of a run moves on with the reply. */
const PUBLISHER = `import { pubsub } from "picloud";
export default async (request: Request) => {
  const topic = new URL(request.url).searchParams.get("topic") ?? "";
  const before = Date.now();
  const deliveries = await pubsub.publishDurable(topic, ${JSON.stringify(ROW.message)});
  return { ms: Date.now() - before, deliveries };
};
`;
const SUBSCRIBER = `export default () => undefined;
`;

export const pubsub: BenchCase = {
  name: "pubsub",
  about: `one publishDurable to ${SUBSCRIBERS} subscribers, and its deliveries`,
  run: async ({ rounds, tell }) => {
    const samples: Sample[] = [];
    const server = await startServer();
    const sql = connect(await embeddedTarget(server.dataDir), { max: 1, session: {}, log: silentLogger });
    try {
      const admin = await firstOwner(server);
      await admin.createApp("bench");
      await admin.deploy("bench", { name: "publish", source: PUBLISHER, route: "GET /publish" });
      await admin.deploy("bench", { name: "subscriber", source: SUBSCRIBER });
      await admin.addPubsubTrigger("bench", "subscriber", ROW.topic);
      await multiply(sql);
      for (let round = 0; round <= rounds; round++) {
        const measured = await measure(server, sql);
        // The first round warms caches and plans.
        if (round > 0) samples.push(...measured);
        tell(`  round ${round}: ${PUBLISHES_PER_ROUND} publishes`);
      }
    } finally {
      await sql.end({ timeout: 5 });
      await server.stop();
      await removeFolder(server.dataDir);
    }
    const all = (number: string): number[] => samples.map((sample) => sample[number] ?? Number.NaN);
    const fanOut = all("fan-out ms");
    return {
      rows: [
        {
          what: `publishDurable to ${SUBSCRIBERS} subscribers, as the script sees it`,
          value: p50And99(fanOut),
          goal: `under ${FAN_OUT_GOAL_MS} ms`,
          isGoalMet: median(fanOut) < FAN_OUT_GOAL_MS,
        },
        { what: "publishDurable without a subscriber", value: p50And99(all("alone ms")) },
        {
          what: `from the answer to the last of ${SUBSCRIBERS} deliveries`,
          value: p50And99(all("deliveries ms")),
        },
      ],
      raw: { picloud: samples },
    };
  },
};

/** The one trigger of the app as many. */
async function multiply(sql: Sql): Promise<void> {
  await sql`
    insert into triggers (app_id, id, script_id, kind, pattern, ops, max_attempts, backoff, base_ms, max_ms, jitter_pct,
      registered_by)
    select app_id, picloud_uuid_v7(), script_id, kind, case when n % 2 = 0 then pattern else 'wide.*' end, ops, max_attempts,
      backoff, base_ms, max_ms, jitter_pct, registered_by
    from triggers, generate_series(2, ${SUBSCRIBERS}) as n where kind = 'pubsub'`;
}

async function measure(server: RunningServer, sql: Sql): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let i = 0; i < PUBLISHES_PER_ROUND; i++) {
    const alone = await publish(server, "nobody.listens");
    const { ms, deliveries } = await publish(server, ROW.topic);
    if (deliveries !== SUBSCRIBERS) throw new Error(`${deliveries} deliveries`);
    const answeredAt = performance.now();
    await waitFor("all deliveries are done", async () => {
      const rows = await sql`select from outbox limit 1`;
      return rows.length === 0;
    });
    samples.push({
      "fan-out ms": ms,
      "alone ms": alone.ms,
      "deliveries ms": performance.now() - answeredAt,
    });
  }
  return samples;
}

async function publish(
  server: RunningServer,
  topic: string,
): Promise<{ readonly ms: number; readonly deliveries: number }> {
  const answer = await fetch(`${server.url}/a/bench/publish?topic=${topic}`);
  if (!answer.ok) throw new Error(`publish: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { ms: number; deliveries: number };
}
