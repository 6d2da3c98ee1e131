/** A live script in the forms that every run of it needs, made once per load. */
import type { Artifact, RhaiLimits, RunLimits } from "@picloud/sandbox";
import { type LiveScript, scriptFileName } from "../features/scripts/scripts.service.ts";
import type { AppRef, ScriptRef } from "../platform/context.ts";
import { TRANSACTION_MS } from "../platform/database/transaction-slots.ts";

export interface PreparedScript {
  readonly live: LiveScript;
  readonly app: AppRef;
  readonly script: ScriptRef;
  readonly artifact: Artifact;
  readonly limits: RunLimits;
  /** `export const transaction = true` */
  readonly isTransaction: boolean;
  /** JSON text of the members `app` and `script` of `ctx`. */
  readonly ctxMembers: string;
}

export function prepareScript(live: LiveScript): PreparedScript {
  const app = { id: live.app.id, slug: live.app.slug };
  const script = { id: live.id, name: live.name, version: live.version };
  const { limits } = live;
  const isTransaction = live.settings.transaction;
  const timeoutMs = limits.timeout_seconds * 1000;
  return {
    live,
    app,
    script,
    artifact: artifactOf(live),
    isTransaction,
    limits: {
      timeoutMs: isTransaction ? Math.min(timeoutMs, TRANSACTION_MS) : timeoutMs,
      cpuMs: limits.cpu_ms,
      memoryMb: limits.memory_mb,
      hostCalls: limits.host_calls,
      responseBytes: limits.response_bytes,
      logBytes: limits.log_bytes,
      ...(live.language === "rhai" ? { rhai: rhaiLimits(limits) } : {}),
    },
    ctxMembers: `"app":${JSON.stringify(app)},"script":${JSON.stringify(script)}`,
  };
}

function artifactOf(live: LiveScript): Artifact {
  const { artifactHash: hash, artifact: code, language, settings } = live;
  const name = scriptFileName(live.name, language);
  if (language === "typescript") return { hash, name, code };
  return { hash, name, code, language: settings.eval === true ? "rhai-eval" : "rhai" };
}

function rhaiLimits(limits: LiveScript["limits"]): RhaiLimits {
  return {
    operations: limits.operations,
    callDepth: limits.call_depth,
    stringBytes: limits.string_bytes,
    arrayItems: limits.array_items,
    mapEntries: limits.map_entries,
  };
}
