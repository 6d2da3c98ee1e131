/** Documents through the service, beside the best SQL that could be written by hand on a table of its own, in the same
 *  PostgreSQL. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeIndexes } from "../../packages/server/src/features/docs/docs-indexes.service.ts";
import { placeOf } from "../../packages/server/src/features/docs/docs-place.ts";
import { openDatabase } from "../../packages/server/src/platform/database/database.ts";
import type { Database, DatabaseTarget } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { testPlatform } from "../../tests/support/test-app.ts";
import { firstOwner } from "../admin-client.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase, ResultRow } from "../bench-case.ts";
import { embeddedTarget } from "../embedded-target.ts";
import type { DocsOperation, RawDocsSpec } from "../raw-docs.ts";
import { ratios, series, sideBySide } from "../side-by-side.ts";
import type { Rounds, Sample } from "../side-by-side.ts";
import { median, withSpread } from "../statistics.ts";

const run = promisify(execFile);

const DOCUMENTS = 100_000;

interface Operation {
  readonly what: string;
  readonly operation: DocsOperation;
  readonly callers: number;
  readonly calls: number;
  /** Least share of the raw rate. */
  readonly goal: number;
}
const OPERATIONS: readonly Operation[] = [
  { what: "find: filter, sort, limit 50", operation: "find", callers: 1, calls: 100, goal: 1 / 1.5 },
  { what: "find: a rare value, sort, limit 50", operation: "rare", callers: 1, calls: 300, goal: 1 / 1.5 },
  {
    what: "find: in the order of an index, limit 50",
    operation: "indexed",
    callers: 1,
    calls: 500,
    goal: 1 / 1.5,
  },
  { what: "create, one caller", operation: "insert", callers: 1, calls: 1_000, goal: 0.6 },
  { what: "create, 16 callers", operation: "insert", callers: 16, calls: 200, goal: 0.6 },
];
const nameOf = ({ operation, callers }: Operation): string => `${operation} of ${callers}`;

interface Subject {
  readonly target: DatabaseTarget;
  readonly appId: string;
}

async function sampleOf({ target, appId }: Subject, variant: "raw" | "service"): Promise<Sample> {
  const sample: Record<string, number> = {};
  for (const entry of OPERATIONS) {
    const { operation, callers, calls } = entry;
    const spec: RawDocsSpec = { target, appId, variant, operation, callers, calls };
    const args = [join(import.meta.dirname, "..", "raw-docs.ts"), JSON.stringify(spec)];
    const { stdout } = await run(process.execPath, args, { timeout: 120_000 });
    sample[nameOf(entry)] = (JSON.parse(stdout) as { callsPerSecond: number }).callsPerSecond;
  }
  return sample;
}

/** The same documents in both tables. Both have what serves the queries best. */
async function fill(db: Database, appId: string): Promise<void> {
  const { write } = db;
  await write`create table bench_docs (id uuid primary key, data jsonb not null,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now())`;
  await write`create table bench_inserts (id uuid primary key, data jsonb not null,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now())`;
  await write`create index on bench_inserts using gin (data jsonb_path_ops)`;
  const batch = 10_000;
  for (let from = 0; from < DOCUMENTS; from += batch) {
    await write`
      insert into bench_docs (id, data) select gen_random_uuid(), jsonb_build_object(
        'status', case when i % 20 = 0 then 'open' else 'done' end, 'rare', case when i % 300 = 0 then 'yes' else 'no' end,
        'age', (i / 20) % 60, 'at', to_char(timestamp '2026-01-01' + i * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"'),
        'name', 'document number ' || i, 'tags', jsonb_build_array('a' || i % 7, i))
      from generate_series(${from}::int, ${from + batch - 1}::int) i`;
  }
  await write`create index on bench_docs using gin (data jsonb_path_ops)`;
  await write`create index on bench_docs ((data ->> 'status'), (data ->> 'at') desc)`;
  for (const collection of ["plain", "indexed"]) {
    const { scope } = placeOf({ appId, collection });
    for (let from = 0; from < DOCUMENTS; from += batch) {
      await write`
        insert into docs (app_id, collection, id, scope, doc)
        select ${appId}, ${collection}, id, ${scope}::bigint, jsonb_build_object(${scope}::text, data)
        from bench_docs order by id offset ${from} limit ${batch}`;
    }
  }
  await write`insert into docs_indexes (app_id, collection, name, id, fields)
    values (${appId}, 'indexed', 'status_at_desc', gen_random_uuid(), array['status', '-at'])`;
  const nodeId = crypto.randomUUID();
  await makeIndexes(
    testPlatform({ db, nodeId, target: { url: "" }, drop: async () => await Promise.resolve() }),
  );
  await write`vacuum analyze`;
}

function rowsOf(rounds: Rounds): ResultRow[] {
  return OPERATIONS.map((entry): ResultRow => {
    const all = ratios(rounds, "service", "raw", nameOf(entry));
    return {
      what: `docs ${entry.what}`,
      value: `${withSpread(series(rounds, "service", nameOf(entry)))} calls/s, raw ${withSpread(series(rounds, "raw", nameOf(entry)))}`,
      ratio: withSpread(all),
      goal: `at least ${entry.goal.toFixed(2)} of raw`,
      isGoalMet: median(all) >= entry.goal,
    };
  });
}

export const docs: BenchCase = {
  name: "docs",
  about: "docs.find and docs.create on 100,000 documents, against SQL by hand on a table of its own",
  run: async ({ rounds, tell }) => {
    const server = await startServer();
    try {
      const admin = await firstOwner(server);
      await admin.createApp("bench");
      const target = await embeddedTarget(server.dataDir);
      const subject = { target, appId: await admin.appId("bench") };
      const db = await openDatabase(target, { nodeId: crypto.randomUUID(), log: silentLogger });
      try {
        await fill(db, subject.appId);
      } finally {
        await db.close();
      }
      const variants = [
        { name: "raw", measure: async () => await sampleOf(subject, "raw") },
        { name: "service", measure: async () => await sampleOf(subject, "service") },
      ];
      const all = await sideBySide(variants, rounds, tellRound(tell));
      return { rows: rowsOf(all), raw: all };
    } finally {
      await server.stop();
      await removeFolder(server.dataDir);
    }
  },
};
