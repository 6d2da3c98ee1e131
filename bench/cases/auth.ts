/** What it costs a warm call to say who makes it: the hello script by nobody, by an API key and by a session. */
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { firstOwner } from "../admin-client.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase, CaseOptions, ResultRow } from "../bench-case.ts";
import { httpLoad } from "../http-load.ts";
import { ratios, series, sideBySide } from "../side-by-side.ts";
import type { Rounds, Sample } from "../side-by-side.ts";
import { median, withSpread } from "../statistics.ts";

const CONNECTIONS = [1, 16] as const;
const WARM_UP_SECONDS = 3;
/** What is looked for is smaller than the spread of a window: many short ones in turn, and the median of their ratios. */
const WINDOWS_PER_ROUND = 4;
/** Authenticating adds under 5 %. */
const GOAL = 0.95;
const NOBODY = "nobody";

async function measure(
  url: string,
  headers: Readonly<Record<string, string>>,
  { load, seconds }: CaseOptions,
): Promise<Sample> {
  const sample: Record<string, number> = {};
  for (const connections of CONNECTIONS) {
    const result = await httpLoad(load, { url, headers, connections, seconds });
    if (result.failures > 0) throw new Error(`${result.failures} of ${result.requests} failed`);
    sample[`requests/s at ${connections}`] = result.requestsPerSecond;
    sample[`p99 ms at ${connections}`] = result.p99Ms;
  }
  return sample;
}

function rowsOf(rounds: Rounds): ResultRow[] {
  return CONNECTIONS.flatMap((connections) =>
    Object.keys(rounds).map((name) => {
      const number = `requests/s at ${connections}`;
      const speed = {
        what: `${name}, ${connections} connections`,
        value: `${withSpread(series(rounds, name, number))} requests/s`,
      };
      if (name === NOBODY) return speed;
      const all = ratios(rounds, name, NOBODY, number);
      const goal = { goal: `at least ${GOAL} of nobody's`, isGoalMet: median(all) >= GOAL };
      return { ...speed, ratio: withSpread(all), ...goal };
    }),
  );
}

/** Throws unless the script knows the caller: a token that attaches nobody would cost nothing. */
async function expectCaller(
  url: string,
  headers: Readonly<Record<string, string>>,
  kind: string,
): Promise<void> {
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  if (text !== kind) throw new Error(`the script sees ${text} where ${kind} calls`);
}

function bearer(token: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token}` };
}

export const auth: BenchCase = {
  name: "auth",
  about: "requests/s of a warm script that an API key or a session calls, against nobody",
  run: async (options) => {
    const server = await startServer();
    try {
      const admin = await firstOwner(server);
      await admin.createApp("bench");
      const source = `export default (_request, ctx) => new Response(ctx.principal?.kind ?? "${NOBODY}");\n`;
      await admin.deploy("bench", { name: "who", source, route: "GET /who" });
      await admin.deploy("bench", {
        name: "hello",
        source: `export default () => new Response("Hello\\n");\n`,
        route: "GET /hello",
      });
      const url = `${server.url}/a/bench/hello`;
      const callers = [
        { name: NOBODY, kind: NOBODY, headers: {} },
        { name: "API key", kind: "api_key", headers: bearer(await admin.mintKey()) },
        { name: "session", kind: "user", headers: bearer(admin.sessionToken) },
      ];
      for (const { headers, kind } of callers) await expectCaller(`${server.url}/a/bench/who`, headers, kind);
      await httpLoad(options.load, { url, connections: 16, seconds: WARM_UP_SECONDS });
      const window = { ...options, seconds: Math.max(1, Math.round(options.seconds / WINDOWS_PER_ROUND)) };
      const variants = callers.map(({ name, headers }) => ({
        name,
        measure: async () => await measure(url, headers, window),
      }));
      const rounds = await sideBySide(variants, options.rounds * WINDOWS_PER_ROUND, tellRound(options.tell));
      return { rows: rowsOf(rounds), raw: rounds };
    } finally {
      await server.stop();
      await removeFolder(server.dataDir);
    }
  },
};
