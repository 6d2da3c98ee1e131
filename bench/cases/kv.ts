/** kv from inside a script, beside its own prepared statements called raw on the same database. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DatabaseTarget } from "../../packages/server/src/platform/database/database.ts";
import { connect } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { waitFor } from "../../tests/support/wait-for.ts";
import { firstOwner } from "../admin-client.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase, ResultRow } from "../bench-case.ts";
import { embeddedTarget } from "../embedded-target.ts";
import type { RawKvSpec } from "../raw-kv.ts";
import { ratios, series, sideBySide } from "../side-by-side.ts";
import type { Rounds, Sample } from "../side-by-side.ts";
import { median, withSpread } from "../statistics.ts";

const run = promisify(execFile);

const OPERATIONS = [
  { name: "get", operation: "get", collection: "plain" },
  { name: "set", operation: "set", collection: "plain" },
  { name: "set with trigger", operation: "set", collection: "watched" },
] as const;
const CALLERS = [1, 16] as const;
/** Of each caller in a sample. */
const CALLS = { 1: 400, 16: 100 } as const;
/** Share of raw: 1 / 1.6 for one caller, 0.5 for 16. */
const GOALS = { 1: 1 / 1.6, 16: 0.5 } as const;
const DRAINED_TIMEOUT_MS = 120_000;

const CALLER_SCRIPT = `import { kv } from "picloud";
export default async (request: Request) => {
  const query = new URL(request.url).searchParams;
  const collection = kv.collection(query.get("collection") ?? "");
  const key = "key-" + query.get("caller");
  const calls = Number(query.get("calls"));
  const isGet = query.get("operation") === "get";
  for (let made = 0; made < calls; made++) {
    if (isGet) await collection.get(key);
    else await collection.set(key, { n: made });
  }
  return calls;
};
`;

interface Subject {
  readonly url: string;
  readonly target: DatabaseTarget;
  readonly appId: string;
}

async function fromScript({ url, target }: Subject): Promise<Sample> {
  const call = async (
    operation: string,
    collection: string,
    caller: number,
    calls: number,
  ): Promise<void> => {
    const query = new URLSearchParams({
      operation,
      collection,
      caller: String(caller),
      calls: String(calls),
    });
    const answer = await fetch(`${url}/a/bench/call?${query.toString()}`);
    if (!answer.ok) throw new Error(`the script failed: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  const sample: Record<string, number> = {};
  for (const { name, operation, collection } of OPERATIONS) {
    for (const callers of CALLERS) {
      const all = Array.from({ length: callers }, (_, caller) => caller);
      await Promise.all(all.map(async (caller) => await call(operation, collection, caller, 20)));
      const started = performance.now();
      await Promise.all(all.map(async (caller) => await call(operation, collection, caller, CALLS[callers])));
      const seconds = (performance.now() - started) / 1000;
      sample[`${name} of ${callers}`] = (callers * CALLS[callers]) / seconds;
      await untilDelivered(target);
    }
  }
  return sample;
}

async function raw({ target, appId }: Subject): Promise<Sample> {
  const sample: Record<string, number> = {};
  for (const { name, operation, collection } of OPERATIONS) {
    for (const callers of CALLERS) {
      const spec: RawKvSpec = { target, appId, collection, operation, callers, calls: CALLS[callers] };
      const args = [join(import.meta.dirname, "..", "raw-kv.ts"), JSON.stringify(spec)];
      const { stdout } = await run(process.execPath, args, { timeout: 120_000 });
      sample[`${name} of ${callers}`] = (JSON.parse(stdout) as { callsPerSecond: number }).callsPerSecond;
      await untilDelivered(target);
    }
  }
  return sample;
}

/** Deliveries of one sample must not run in the next one. */
async function untilDelivered(target: DatabaseTarget): Promise<void> {
  const sql = connect(target, { max: 1, session: {}, log: silentLogger });
  try {
    const isEmpty = async (): Promise<boolean> => (await sql`select 1 from outbox limit 1`).length === 0;
    await waitFor("the outbox is empty", isEmpty, DRAINED_TIMEOUT_MS);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function rowsOf(rounds: Rounds): ResultRow[] {
  return OPERATIONS.flatMap(({ name }) =>
    CALLERS.map((callers): ResultRow => {
      const number = `${name} of ${callers}`;
      const all = ratios(rounds, "script", "raw", number);
      return {
        what: `kv.${name}, ${callers === 1 ? "one caller" : `${callers} callers`}`,
        value: `${withSpread(series(rounds, "script", number))} calls/s, raw ${withSpread(series(rounds, "raw", number))}`,
        ratio: withSpread(all),
        goal: `at least ${GOALS[callers].toFixed(2)} of raw`,
        isGoalMet: median(all) >= GOALS[callers],
      };
    }),
  );
}

export const kv: BenchCase = {
  name: "kv",
  about: "kv.get, kv.set and kv.set with a matching trigger from a script, against the raw statement",
  run: async ({ rounds, tell }) => {
    const server = await startServer();
    try {
      const admin = await firstOwner(server);
      await admin.createApp("bench");
      const limits = { host_calls: 100_000, timeout_seconds: 120, cpu_ms: 60_000 };
      await admin.deploy("bench", { name: "call", source: CALLER_SCRIPT, route: "GET /call", limits });
      await admin.deploy("bench", { name: "watch", source: "export default () => {};\n" });
      await admin.addKvTrigger("bench", "watch", "watched");
      const target = await embeddedTarget(server.dataDir);
      const subject = { url: server.url, target, appId: await admin.appId("bench") };
      const variants = [
        { name: "raw", measure: async () => await raw(subject) },
        { name: "script", measure: async () => await fromScript(subject) },
      ];
      const all = await sideBySide(variants, rounds, tellRound(tell));
      return { rows: rowsOf(all), raw: all };
    } finally {
      await server.stop();
      await removeFolder(server.dataDir);
    }
  },
};
