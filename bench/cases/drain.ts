/** Draining a backlog: the outbox alone and with its records, beside two queues that live in PostgreSQL too; then with a
 *  script that runs and logs. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect } from "../../packages/server/src/platform/database/database.ts";
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from "../../packages/server/src/platform/database/embedded-postgres.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, startServer, temporaryFolder } from "../../tests/support/start-server.ts";
import { retarget, runAsAdmin } from "../../tests/support/test-server.ts";
import { waitFor } from "../../tests/support/wait-for.ts";
import { firstOwner } from "../admin-client.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase, ResultRow } from "../bench-case.ts";
import { insertEvents } from "../drain/picloud.ts";
import type { DrainSpec, Drained, DrainSubject } from "../drain/subject.ts";
import { embeddedTarget } from "../embedded-target.ts";
import { ratios, series, sideBySide } from "../side-by-side.ts";
import type { Rounds, Sample } from "../side-by-side.ts";
import { median, quantile, withSpread } from "../statistics.ts";

const run = promisify(execFile);

const EVENTS = 20_000;
const SINGLES = 200;
const SUBJECTS: readonly DrainSubject[] = ["picloud", "picloud recorded", "graphile-worker", "pg-boss"];
const LATENCY_GOAL_MS = 3;
const SCRIPT_GOAL = 5_000;
const TIMEOUT_MS = 120_000;

/** A database of its own for each sample: neither finds what the one before has left. */
async function sampleOf(postgres: EmbeddedPostgres, subject: DrainSubject): Promise<Sample> {
  const name = `drain_${crypto.randomUUID().replaceAll("-", "")}`;
  await runAsAdmin(
    postgres.superuser,
    `create database ${name} template template0 owner ${postgres.login.user}`,
  );
  try {
    const target = retarget(postgres.login, name);
    const spec: DrainSpec = { target, subject, events: EVENTS, singles: SINGLES };
    const args = [join(import.meta.dirname, "..", "drain", "measure.ts"), JSON.stringify(spec)];
    const { stdout } = await run(process.execPath, args, { timeout: TIMEOUT_MS, maxBuffer: 16_777_216 });
    const { eventsPerSecond, latenciesMs } = JSON.parse(stdout) as Drained;
    return {
      "events/s": eventsPerSecond,
      "latency p50 ms": median(latenciesMs),
      "latency p99 ms": quantile(latenciesMs, 0.99),
    };
  } finally {
    await runAsAdmin(postgres.superuser, `drop database ${name} with (force)`);
  }
}

/** A whole server, whose script runs and logs a line for each event. All become due at the same moment. */
async function withScript(): Promise<Sample> {
  const server = await startServer();
  const sql = connect(await embeddedTarget(server.dataDir), { max: 1, session: {}, log: silentLogger });
  try {
    const admin = await firstOwner(server);
    await admin.createApp("bench");
    const source = `export default () => { console.log("seen"); };\n`;
    await admin.deploy("bench", { name: "watch", source });
    await admin.addKvTrigger("bench", "watch", "watched");
    const [trigger] = await sql<{ app_id: string; script_id: string; id: string }[]>`
      select app_id, script_id, id from triggers`;
    if (trigger === undefined) throw new Error("the trigger is missing");
    const app = { id: trigger.app_id, scriptId: trigger.script_id };
    await insertEvents(sql, app, trigger.id, { count: EVENTS, single: -1, inMs: 5_000 });
    await sql`analyze`;
    const [due] = await sql<{ at: number }[]>`
      select (extract(epoch from min(run_after)) * 1000)::float8 as at from outbox`;
    const isEmpty = async (): Promise<boolean> => (await sql`select 1 from outbox limit 1`).length === 0;
    await waitFor("the outbox is empty", isEmpty, TIMEOUT_MS);
    const [last] = await sql<{ at: number; count: number }[]>`
      select (extract(epoch from max(ended_at)) * 1000)::float8 as at, count(*)::int as count from executions`;
    if (last?.count !== EVENTS) throw new Error(`${last?.count ?? 0} executions instead of ${EVENTS}`);
    return { "events/s": EVENTS / ((last.at - (due?.at ?? 0)) / 1000) };
  } finally {
    await sql.end({ timeout: 5 });
    await server.stop();
    await removeFolder(server.dataDir);
  }
}

function rowsOf(rounds: Rounds): ResultRow[] {
  const own = ratios(rounds, "picloud", "graphile-worker", "events/s");
  const latency = series(rounds, "picloud", "latency p50 ms");
  const script = series(rounds, "script", "events/s");
  return [
    ...SUBJECTS.map((subject): ResultRow => ({
      what: `drain ${EVENTS.toLocaleString("en-US")} events: ${subject}`,
      value: `${withSpread(series(rounds, subject, "events/s"))} events/s`,
      ...(subject === "picloud"
        ? { ratio: withSpread(own), goal: "at least 1 of graphile-worker", isGoalMet: median(own) >= 1 }
        : {}),
    })),
    {
      what: "drain: a script runs and logs",
      value: `${withSpread(script)} events/s`,
      goal: `at least ${SCRIPT_GOAL.toLocaleString("en-US")}`,
      isGoalMet: median(script) >= SCRIPT_GOAL,
    },
    {
      what: "commit to handler, p50",
      value: `${withSpread(latency)} ms`,
      goal: `under ${LATENCY_GOAL_MS} ms`,
      isGoalMet: median(latency) < LATENCY_GOAL_MS,
    },
  ];
}

export const drain: BenchCase = {
  name: "drain",
  about: "draining 20,000 waiting events, beside graphile-worker and pg-boss on the same PostgreSQL",
  run: async ({ rounds, tell }) => {
    const dataFolder = await temporaryFolder("picloud-drain-");
    const postgres = await startEmbeddedPostgres({ dataFolder, log: silentLogger });
    try {
      const variants = SUBJECTS.map((subject) => ({
        name: subject,
        measure: async () => await sampleOf(postgres, subject),
      }));
      const script = { name: "script", measure: withScript };
      const all = await sideBySide([...variants, script], rounds, tellRound(tell));
      return { rows: rowsOf(all), raw: all };
    } finally {
      await postgres.close();
      await removeFolder(dataFolder);
    }
  },
};
