/** A live script in the forms that every run of it needs, made once per load. */
import type { Artifact, RunLimits } from "@picloud/sandbox";
import type { LiveScript } from "../features/scripts/scripts.service.ts";
import type { AppRef, ScriptRef } from "../platform/context.ts";

export interface PreparedScript {
  readonly live: LiveScript;
  readonly app: AppRef;
  readonly script: ScriptRef;
  readonly artifact: Artifact;
  readonly limits: RunLimits;
  /** JSON text of the members `app` and `script` of `ctx`. */
  readonly ctxMembers: string;
}

export function prepareScript(live: LiveScript): PreparedScript {
  const app = { id: live.app.id, slug: live.app.slug };
  const script = { id: live.id, name: live.name, version: live.version };
  const { limits } = live;
  return {
    live,
    app,
    script,
    artifact: { hash: live.artifactHash, name: `${live.name}.ts`, code: live.artifact },
    limits: {
      timeoutMs: limits.timeout_seconds * 1000,
      cpuMs: limits.cpu_ms,
      memoryMb: limits.memory_mb,
      hostCalls: limits.host_calls,
      responseBytes: limits.response_bytes,
      logBytes: limits.log_bytes,
    },
    ctxMembers: `"app":${JSON.stringify(app)},"script":${JSON.stringify(script)}`,
  };
}
