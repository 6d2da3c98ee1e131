/** What an app notices when another one runs endless loops. */
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { firstOwner } from "../admin-client.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase } from "../bench-case.ts";
import { httpLoad } from "../http-load.ts";
import type { LoadTool } from "../http-load.ts";
import { ratios, series, sideBySide } from "../side-by-side.ts";
import type { Sample } from "../side-by-side.ts";
import { median, withSpread } from "../statistics.ts";

const RATIO_GOAL = 3;
const LOOPS_AT_A_TIME = 2;
const CONNECTIONS = 4;
/** The quiet app has work to do, not all it can: a machine that is full has no p99 to keep. */
const PAUSE_MS = 5;

/** Keeps endless loops running until `stop`; every one of them must be stopped by its CPU limit. */
function keepLooping(url: string): { stop(): Promise<void> } {
  let isOver = false;
  const loop = async (): Promise<void> => {
    while (!isOver) {
      const answer = await fetch(url);
      await answer.arrayBuffer();
      if (answer.status !== 504 && answer.status !== 503)
        throw new Error(`a loop ended with ${answer.status}`);
    }
  };
  const loops = Promise.all(Array.from({ length: LOOPS_AT_A_TIME }, loop));
  return {
    stop: async () => {
      isOver = true;
      await loops;
    },
  };
}

export const neighbour: BenchCase = {
  name: "neighbour",
  about: "p99 of an app while another one runs endless loops, against its quiet p99",
  run: async ({ rounds, seconds, tell }) => {
    // One executor: both apps share it, which is the worst case.
    const server = await startServer({ env: { PICLOUD_EXECUTORS: "1" } });
    const tool: LoadTool = "own";
    const sample = async (): Promise<Sample> => {
      const url = `${server.url}/a/quiet/hello`;
      const spec = { url, connections: CONNECTIONS, pauseMs: PAUSE_MS };
      await httpLoad(tool, { ...spec, seconds: 1 });
      const { p50Ms, p99Ms, failures, requests } = await httpLoad(tool, { ...spec, seconds: seconds * 2 });
      return { "p50 ms": p50Ms, "p99 ms": p99Ms, failures, requests };
    };
    try {
      const admin = await firstOwner(server);
      await admin.createApp("quiet");
      await admin.createApp("loud");
      const source = `export default () => new Response("Hello\\n");\n`;
      await admin.deploy("quiet", { name: "hello", source, route: "GET /hello" });
      const loop = "export default () => { for (;;); };\n";
      await admin.deploy("loud", {
        name: "loop",
        source: loop,
        route: "GET /loop",
        limits: { cpu_ms: 1_000 },
      });
      const besideLoops = async (): Promise<Sample> => {
        const loops = keepLooping(`${server.url}/a/loud/loop`);
        try {
          return await sample();
        } finally {
          await loops.stop();
        }
      };
      const variants = [
        { name: "quiet", measure: sample },
        { name: "beside loops", measure: besideLoops },
      ];
      const all = await sideBySide(variants, rounds, tellRound(tell));
      const factors = ratios(all, "beside loops", "quiet", "p99 ms");
      const failures = series(all, "beside loops", "failures").reduce((sum, count) => sum + count, 0);
      return {
        rows: [
          { what: "quiet", value: `p99 ${withSpread(series(all, "quiet", "p99 ms"))} ms` },
          {
            what: `beside ${LOOPS_AT_A_TIME} endless loops`,
            value: `p99 ${withSpread(series(all, "beside loops", "p99 ms"))} ms`,
            ratio: withSpread(factors),
            goal: `within ${RATIO_GOAL} times`,
            isGoalMet: median(factors) <= RATIO_GOAL,
          },
          { what: "failed calls", value: String(failures), goal: "0", isGoalMet: failures === 0 },
        ],
        raw: all,
      };
    } finally {
      await server.stop();
      await removeFolder(server.dataDir);
    }
  },
};
