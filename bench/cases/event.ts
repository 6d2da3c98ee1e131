/** From the commit of a write to the first line of the script that it triggers. */
import { connect } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { waitFor } from "../../tests/support/wait-for.ts";
import { firstOwner } from "../admin-client.ts";
import type { BenchCase } from "../bench-case.ts";
import { embeddedTarget } from "../embedded-target.ts";
import type { Sample } from "../side-by-side.ts";
import { median, p50And99 } from "../statistics.ts";

const EVENTS_PER_ROUND = 200;
const P50_GOAL_MS = 5;

/** The answer's clock is that of the entry in which the reply to the write arrived: just after its commit. */
const WRITER = `import { kv } from "picloud";
export default async (request: Request) => {
  await kv.collection("watched").set(new URL(request.url).searchParams.get("key") ?? "", 1);
  return Date.now();
};
`;
const READER = `import { kv } from "picloud";
import type { KvEvent } from "picloud";
export default async (event: KvEvent) => {
  const now = Date.now();
  await kv.collection("seen").set(event.kv.key, now);
};
`;

export const event: BenchCase = {
  name: "event",
  about: "from kv.set's commit to the triggered script's first line",
  run: async ({ rounds, tell }) => {
    const samples: Sample[] = [];
    const server = await startServer();
    const target = await embeddedTarget(server.dataDir);
    const sql = connect(target, { max: 1, session: {}, log: silentLogger });
    try {
      const admin = await firstOwner(server);
      await admin.createApp("bench");
      await admin.deploy("bench", { name: "write", source: WRITER, route: "GET /write" });
      await admin.deploy("bench", { name: "read", source: READER });
      await admin.addKvTrigger("bench", "read", "watched");
      for (let round = 0; round < rounds; round++) {
        const written = new Map<string, number>();
        for (let sent = 0; sent < EVENTS_PER_ROUND; sent++) {
          const key = `${round}-${sent}`;
          const answer = await fetch(`${server.url}/a/bench/write?key=${key}`);
          if (!answer.ok) throw new Error(`write: ${answer.status} ${await answer.text()}`);
          written.set(key, Number(await answer.text()));
        }
        const seen = await waitFor("every event is seen", async () => {
          const rows = await sql<{ key: string; value: number; created: number }[]>`
            select s.key, s.value::text::float8 as value, extract(epoch from e.created_at)::float8 * 1000 as created
            from kv s join events e on e.payload->>'key' = s.key
            where s.collection = 'seen' and s.key like ${`${round}-%`}`;
          return rows.length === EVENTS_PER_ROUND && rows;
        });
        for (const { key, value, created } of seen) {
          const afterCommit = value - (written.get(key) ?? Number.NaN);
          samples.push({ "after commit ms": afterCommit, "after the statement began ms": value - created });
        }
        tell(`  round ${round + 1}: ${EVENTS_PER_ROUND} events`);
      }
    } finally {
      await sql.end({ timeout: 5 });
      await server.stop();
      await removeFolder(server.dataDir);
    }
    const all = (number: string): number[] => samples.map((sample) => sample[number] ?? Number.NaN);
    const latencies = all("after commit ms");
    return {
      rows: [
        {
          what: "commit of kv.set (its reply in the script) to the first line of the triggered script",
          value: p50And99(latencies),
          goal: `p50 under ${P50_GOAL_MS} ms`,
          isGoalMet: median(latencies) < P50_GOAL_MS,
        },
        {
          what: "the same from the start of kv.set's statement",
          value: p50And99(all("after the statement began ms")),
        },
      ],
      raw: { picloud: samples },
    };
  },
};
