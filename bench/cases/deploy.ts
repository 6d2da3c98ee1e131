/** How long a deploy takes until it answers, and its first call. */
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { firstOwner } from "../admin-client.ts";
import type { BenchCase } from "../bench-case.ts";
import type { Sample } from "../side-by-side.ts";
import { median, p50And99 } from "../statistics.ts";

const DEPLOYS_PER_ROUND = 20;
const FIRST_CALL_GOAL_MS = 15;

export const deploy: BenchCase = {
  name: "deploy",
  about: "deploy to live, and the first call after a deploy",
  run: async ({ rounds, tell }) => {
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round++) {
      const server = await startServer();
      try {
        const admin = await firstOwner(server);
        await admin.createApp("bench");
        for (let deployed = 0; deployed < DEPLOYS_PER_ROUND; deployed++) {
          const answer = `version ${round}.${deployed}`;
          const source = `export default () => new Response("${answer}");\n`;
          const started = performance.now();
          await admin.deploy("bench", { name: "hello", source, route: "GET /hello" });
          const applied = performance.now();
          const response = await fetch(`${server.url}/a/bench/hello`);
          const text = await response.text();
          const ended = performance.now();
          if (text !== answer) throw new Error(`a deploy that was answered is not live: ${text}`);
          samples.push({ "deploy ms": applied - started, "first call ms": ended - applied });
        }
        tell(`  round ${round + 1}: ${DEPLOYS_PER_ROUND} deploys`);
      } finally {
        await server.stop();
        await removeFolder(server.dataDir);
      }
    }
    const all = (number: string): number[] => samples.map((sample) => sample[number] ?? Number.NaN);
    const first = all("first call ms");
    const live = samples.map((_, at) => (all("deploy ms")[at] ?? 0) + (first[at] ?? 0));
    return {
      rows: [
        {
          what: "first call after a deploy",
          value: p50And99(first),
          goal: `under ${FIRST_CALL_GOAL_MS} ms`,
          isGoalMet: median(first) < FIRST_CALL_GOAL_MS,
        },
        { what: "deploy (plan and apply) to first answer", value: p50And99(live) },
      ],
      raw: { picloud: samples },
    };
  },
};
