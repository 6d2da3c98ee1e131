/** pg-boss: batches as large as its local queue of our side, fetched again at once while they are full. */
import { PgBoss } from "pg-boss";
import { connect } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { connectionString, type Drain, type DrainSpec } from "./subject.ts";

const QUEUE = "events";

export async function pgBoss(spec: DrainSpec): Promise<Drain> {
  const boss = new PgBoss({ connectionString: connectionString(spec.target), useListenNotify: true });
  boss.on("error", (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true });
  const batch = 5_000;
  for (let sent = 0; sent < spec.events; sent += batch) {
    const size = Math.min(batch, spec.events - sent);
    await boss.insert(
      QUEUE,
      Array.from({ length: size }, () => ({ data: { single: -1 } })),
    );
  }
  const sql = connect(spec.target, { max: 1, session: {}, log: silentLogger });
  await sql`analyze`;
  return {
    async start(onEvent) {
      const options = {
        batchSize: 500,
        localConcurrency: 2,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
      };
      await boss.work<{ single: number }>(QUEUE, options, async (jobs) => {
        for (const { data } of jobs) onEvent(data.single);
        await Promise.resolve();
      });
    },
    async emptied() {
      while (
        (await sql`select 1 from pgboss.job where name = ${QUEUE} and state < 'completed' limit 1`).length > 0
      );
    },
    async sendOne(single) {
      await boss.send(QUEUE, { single });
    },
    async stop() {
      await boss.stop({ graceful: false });
      await sql.end();
    },
  };
}
