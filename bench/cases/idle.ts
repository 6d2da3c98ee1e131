/** What an idle server does: processor time of all its processes, statements and writes of its database. Linux only. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Sql } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { firstOwner } from "../admin-client.ts";
import type { BenchCase } from "../bench-case.ts";
import { embeddedTarget } from "../embedded-target.ts";
import { processTree } from "../process-tree.ts";
import type { Sample } from "../side-by-side.ts";
import { shown } from "../statistics.ts";

/** After the last request: caches are filled, statistics written. */
const SETTLE_MS = 20_000;
const LEAST_SECONDS = 60;
const CPU_GOAL = 1;
/** Ticks of /proc a second, on every Linux that Node runs on. */
const TICKS = 100;

/** Ticks of processor time that the processes have used, by the name of their program. */
async function ticksOf(root: number): Promise<Map<string, number>> {
  const ticks = new Map<string, number>();
  for (const { pid, command } of await processTree(root)) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
    const used = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    const name = command.includes("postgres")
      ? "PostgreSQL"
      : command.includes("executor")
        ? "executors"
        : "server";
    ticks.set(name, (ticks.get(name) ?? 0) + used);
  }
  return ticks;
}

interface Counters {
  readonly commits: number;
  readonly written: number;
  readonly wal: number;
}

async function countersOf(sql: Sql): Promise<Counters> {
  const [row] = await sql<Counters[]>`
    select xact_commit::float8 as commits, (tup_inserted + tup_updated + tup_deleted)::float8 as written,
      (pg_current_wal_insert_lsn() - '0/0')::float8 as wal
    from pg_stat_database where datname = current_database()`;
  if (row === undefined) throw new Error("the database has no statistics");
  return row;
}

async function measure(seconds: number): Promise<Sample> {
  const server = await startServer();
  const sql = connect(await embeddedTarget(server.dataDir), { max: 1, session: {}, log: silentLogger });
  try {
    const admin = await firstOwner(server);
    await admin.createApp("bench");
    const source = `import { kv } from "picloud";\nexport default async () => { await kv.collection("c").set("k", 1); };\n`;
    await admin.deploy("bench", { name: "write", source, route: "GET /write" });
    await admin.deploy("bench", { name: "watch", source: "export default () => {};\n" });
    await admin.addKvTrigger("bench", "watch", "c");
    const answer = await fetch(`${server.url}/a/bench/write`);
    if (!answer.ok) throw new Error(`write: ${answer.status} ${await answer.text()}`);
    await sleep(SETTLE_MS);
    const [ticks, counters] = [await ticksOf(server.pid), await countersOf(sql)];
    await sleep(seconds * 1000);
    const [ticksAfter, after] = [await ticksOf(server.pid), await countersOf(sql)];
    const percents = [...ticksAfter].map(([name, used]): [string, number] => [
      name,
      (((used - (ticks.get(name) ?? 0)) / TICKS) * 100) / seconds,
    ]);
    return {
      "CPU % of one core": percents.reduce((sum, [, percent]) => sum + percent, 0),
      ...Object.fromEntries(percents.map(([name, percent]) => [`CPU % of ${name}`, percent])),
      "statements/s": (after.commits - counters.commits) / seconds,
      "rows written": after.written - counters.written,
      "WAL bytes": after.wal - counters.wal,
    };
  } finally {
    await sql.end({ timeout: 5 });
    await server.stop();
    await removeFolder(server.dataDir);
  }
}

export const idle: BenchCase = {
  name: "idle",
  about: "what an idle server uses and writes, over a minute or --seconds",
  run: async ({ seconds, tell }) => {
    const over = Math.max(LEAST_SECONDS, seconds);
    const sample = await measure(over);
    tell(`  over ${over} s`);
    const cpu = sample["CPU % of one core"] ?? Number.NaN;
    const written = (sample["rows written"] ?? Number.NaN) + (sample["WAL bytes"] ?? Number.NaN);
    return {
      rows: Object.entries(sample).map(([what, value]) => ({
        what: `idle: ${what}`,
        value: shown(value),
        ...(what === "CPU % of one core"
          ? { goal: `under ${CPU_GOAL}`, isGoalMet: cpu < CPU_GOAL }
          : what === "WAL bytes"
            ? { goal: "nothing written", isGoalMet: written === 0 }
            : {}),
      })),
      raw: { picloud: [sample] },
    };
  },
};
