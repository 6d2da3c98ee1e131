/** One sample of documents: hand-written SQL on a table of its own, or the service, in a process that does nothing else.
 *  `node raw-docs.ts '{"target", "appId", "variant", "operation", "callers", "calls"}'` prints calls a second. */
import { jsonText } from "@picloud/contract";
import { findAll } from "../packages/server/src/features/docs/docs-find.service.ts";
import { createDeclaredIndexes } from "../packages/server/src/features/docs/docs-indexes.service.ts";
import { placeOf } from "../packages/server/src/features/docs/docs-place.ts";
import { createDocument } from "../packages/server/src/features/docs/docs.service.ts";
import type { Context } from "../packages/server/src/platform/context.ts";
import { openDatabase } from "../packages/server/src/platform/database/database.ts";
import type { DatabaseTarget } from "../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../packages/server/src/platform/logger.ts";
import { testPlatform } from "../tests/support/test-app.ts";

/** `find`: 5 % of the documents by an equality, half of them by a comparison, sorted, 50 given. `rare`: 0.3 %. `indexed`:
 *  the 5 % in the order of an index. */
export type DocsOperation = "find" | "rare" | "indexed" | "insert";

export interface RawDocsSpec {
  readonly target: DatabaseTarget;
  readonly appId: string;
  readonly variant: "raw" | "service";
  readonly operation: DocsOperation;
  readonly callers: number;
  /** Of each caller. */
  readonly calls: number;
}

const spec = JSON.parse(process.argv[2] ?? "{}") as RawDocsSpec;
const nodeId = crypto.randomUUID();
const db = await openDatabase(spec.target, { nodeId, log: silentLogger });
const platform = testPlatform({ db, nodeId, target: spec.target, drop: async () => await Promise.resolve() });
const ctx: Context = { kind: "system", requestId: "bench", log: silentLogger };
const reads = { platform, indexes: createDeclaredIndexes(platform) };

const filters = {
  find: { status: "open", age: { $gt: 30 }, $sort: "-at", $limit: 50 },
  rare: { rare: "yes", $sort: "-at", $limit: 50 },
  indexed: { status: "open", $sort: "-at", $limit: 50 },
} as const;
const paths = {
  find: `$ ? (@.status == "open" && @.age > 30)`,
  rare: `$ ? (@.rare == "yes")`,
} as const;

function document(n: number): object {
  return {
    status: n % 20 === 0 ? "open" : "done",
    rare: "no",
    age: n % 60,
    at: new Date(n).toISOString(),
    name: `n ${n}`,
  };
}

async function viaService(n: number): Promise<number> {
  const collection =
    spec.operation === "insert" ? "inserts" : spec.operation === "indexed" ? "indexed" : "plain";
  const at = placeOf({ appId: spec.appId, collection });
  if (spec.operation !== "insert")
    return (await findAll(ctx, reads, at, jsonText(filters[spec.operation]))).length;
  await createDocument(ctx, platform, at, jsonText(document(n)));
  return 1;
}

async function viaSql(n: number): Promise<number> {
  switch (spec.operation) {
    case "find":
    case "rare": {
      const rows = await db.read`
        select id, data::text, created_at, updated_at from bench_docs where data @? ${paths[spec.operation]}::jsonpath
        order by data ->> 'at' desc limit 50`;
      return rows.length;
    }
    case "indexed": {
      const rows = await db.read`
        select id, data::text, created_at, updated_at from bench_docs where data ->> 'status' = 'open'
        order by data ->> 'at' desc limit 50`;
      return rows.length;
    }
    case "insert":
      await db.write`insert into bench_inserts (id, data) values (gen_random_uuid(), ${JSON.stringify(document(n))}::text::jsonb)`;
      return 1;
    default:
      return spec.operation satisfies never;
  }
}

const act = spec.variant === "raw" ? viaSql : viaService;

async function call(caller: number, calls: number): Promise<void> {
  for (let made = 0; made < calls; made++) {
    const got = await act(caller * 1_000_000 + made);
    if (spec.operation !== "insert" && got !== 50) throw new Error(`${got} documents instead of 50`);
  }
}

const callers = Array.from({ length: spec.callers }, (_, caller) => caller);
await Promise.all(callers.map(async (caller) => await call(caller, 20)));
const started = performance.now();
await Promise.all(callers.map(async (caller) => await call(caller, spec.calls)));
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ callsPerSecond: (spec.callers * spec.calls) / seconds }));
await db.close();
