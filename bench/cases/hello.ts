/** Requests a second of a warm script that says hello, beside raw node:http and workerd. */
import type { Peer } from "../peers/peers.ts";
import { startRawHttp, startWorkerd } from "../peers/peers.ts";
import { removeFolder, startServer, temporaryFolder } from "../../tests/support/start-server.ts";
import { firstOwner } from "../admin-client.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase, CaseOptions, ResultRow } from "../bench-case.ts";
import { httpLoad } from "../http-load.ts";
import { ratios, series, sideBySide } from "../side-by-side.ts";
import type { Rounds, Sample } from "../side-by-side.ts";
import { median, shown, withSpread } from "../statistics.ts";

const CONNECTIONS = [16, 64] as const;
const WARM_UP_SECONDS = 2;
/** Lowest ratio to raw and to workerd that the goal asks for. */
const GOALS = { 16: { raw: 0.22, workerd: 1.2 }, 64: { raw: 0.45, workerd: 1.8 } } as const;

async function measure(peer: Peer, { load, seconds }: CaseOptions): Promise<Sample> {
  const sample: Record<string, number> = {};
  try {
    for (const connections of CONNECTIONS) {
      await httpLoad(load, { url: peer.url, connections, seconds: WARM_UP_SECONDS });
      const result = await httpLoad(load, { url: peer.url, connections, seconds });
      if (result.failures > 0)
        throw new Error(`${peer.url}: ${result.failures} of ${result.requests} failed`);
      sample[`requests/s at ${connections}`] = result.requestsPerSecond;
      sample[`p50 ms at ${connections}`] = result.p50Ms;
      sample[`p99 ms at ${connections}`] = result.p99Ms;
    }
  } finally {
    await peer.stop();
  }
  return sample;
}

function rowsOf(rounds: Rounds): ResultRow[] {
  return CONNECTIONS.flatMap((connections) => {
    const number = `requests/s at ${connections}`;
    const ms = (name: string, what: string): string =>
      shown(median(series(rounds, name, `${what} ms at ${connections}`)));
    const speeds = Object.keys(rounds).map((name) => ({
      what: `${name}, ${connections} connections`,
      value: `${withSpread(series(rounds, name, number))} requests/s, p50 ${ms(name, "p50")} ms, p99 ${ms(name, "p99")} ms`,
    }));
    const against = (["raw", "workerd"] as const).map((base) => {
      const all = ratios(rounds, "picloud", base === "raw" ? "node:http" : base, number);
      return {
        what: `picloud to ${base}, ${connections} connections`,
        value: "",
        ratio: withSpread(all),
        goal: `at least ${GOALS[connections][base]}`,
        isGoalMet: median(all) >= GOALS[connections][base],
      };
    });
    return [...speeds, ...against];
  });
}

export const hello: BenchCase = {
  name: "hello",
  about: "requests/s of a warm hello script over HTTP, against raw node:http and workerd",
  run: async (options) => {
    const dataDir = await temporaryFolder("picloud-bench-");
    try {
      const server = await startServer({ dataDir });
      const admin = await firstOwner(server);
      await admin.createApp("bench");
      const source = `export default () => new Response("Hello\\n");\n`;
      await admin.deploy("bench", { name: "hello", source, route: "GET /hello" });
      await server.stop();
      const startPicloud = async (): Promise<Peer> => {
        const started = await startServer({ dataDir });
        return { url: `${started.url}/a/bench/hello`, stop: async () => void (await started.stop()) };
      };
      const variants = [
        { name: "node:http", measure: async () => await measure(await startRawHttp(), options) },
        { name: "workerd", measure: async () => await measure(await startWorkerd(), options) },
        { name: "picloud", measure: async () => await measure(await startPicloud(), options) },
      ];
      const rounds = await sideBySide(variants, options.rounds, tellRound(options.tell));
      return { rows: rowsOf(rounds), raw: rounds };
    } finally {
      await removeFolder(dataDir);
    }
  },
};
