/** graphile-worker with its local queue and batched completion, set as in its own performance test. */
import { Logger, makeWorkerUtils, run, type Runner } from "graphile-worker";
import { connect } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { connectionString, type Drain, type DrainSpec } from "./subject.ts";

const QUIET = new Logger(() => () => undefined);

export async function graphileWorker(spec: DrainSpec): Promise<Drain> {
  const connection = connectionString(spec.target);
  const utils = await makeWorkerUtils({ connectionString: connection, logger: QUIET });
  await utils.migrate();
  await utils.release();
  const sql = connect(spec.target, { max: 1, session: {}, log: silentLogger });
  await sql`select graphile_worker.add_job('event', json_build_object('single', -1)) from generate_series(1, ${spec.events}::int)`;
  await sql`analyze`;
  let runner: Runner | undefined;
  return {
    async start(onEvent) {
      runner = await run({
        connectionString: connection,
        logger: QUIET,
        noHandleSignals: true,
        taskList: { event: (payload) => onEvent((payload as { single: number }).single) },
        preset: {
          worker: {
            concurrentJobs: 24,
            maxPoolSize: 10,
            localQueue: { size: 500 },
            completeJobBatchDelay: 0,
            failJobBatchDelay: 0,
          },
        },
      });
    },
    async emptied() {
      while ((await sql`select 1 from graphile_worker.jobs limit 1`).length > 0);
    },
    async sendOne(single) {
      await sql`select graphile_worker.add_job('event', json_build_object('single', ${single}::int))`;
    },
    async stop() {
      await runner?.stop();
      await sql.end();
    },
  };
}
