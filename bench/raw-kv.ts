/** The floor of kv: its own prepared statements, called from a process that does nothing else.
 *  `node raw-kv.ts '{"target", "appId", "operation", "callers", "calls"}'` prints the calls a second. */
import { jsonText } from "@picloud/contract";
import { findValue, upsert } from "../packages/server/src/features/kv/kv.repository.ts";
import { openDatabase } from "../packages/server/src/platform/database/database.ts";
import type { DatabaseTarget } from "../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../packages/server/src/platform/logger.ts";

export type KvOperation = "get" | "set" | "set with trigger";

export interface RawKvSpec {
  readonly target: DatabaseTarget;
  readonly appId: string;
  readonly collection: string;
  readonly operation: "get" | "set";
  readonly callers: number;
  /** Of each caller. */
  readonly calls: number;
}

const spec = JSON.parse(process.argv[2] ?? "{}") as RawKvSpec;
const db = await openDatabase(spec.target, { nodeId: crypto.randomUUID(), log: silentLogger });
const cause = { appId: spec.appId, execution: undefined, depthMax: 8 };

async function call(caller: number, calls: number): Promise<void> {
  const at = { appId: spec.appId, collection: spec.collection, key: `key-${caller}` };
  for (let made = 0; made < calls; made++) {
    if (spec.operation === "get") await findValue(db.read, at);
    else await upsert(db.write, cause, at, { value: jsonText(`{"n":${made}}`), ttlMs: null });
  }
}

const callers = Array.from({ length: spec.callers }, (_, caller) => caller);
await Promise.all(callers.map(async (caller) => await call(caller, 20)));
const started = performance.now();
await Promise.all(callers.map(async (caller) => await call(caller, spec.calls)));
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ callsPerSecond: (spec.callers * spec.calls) / seconds }));
await db.close();
