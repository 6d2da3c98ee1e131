/** Identity and causes of a run, and its `ctx` as JSON text. */
import { randomFillSync } from "node:crypto";
import type { ExecutionRef, Principal } from "../platform/context.ts";
import { newId } from "../platform/ids.ts";
import type { DeliveryRun } from "./execution-request.ts";
import type { PreparedScript } from "./prepared-script.ts";

/** What of a request goes into `ctx`. */
export interface CtxRequest {
  readonly principal?: Principal | undefined;
  readonly params?: Readonly<Record<string, string>>;
  /** Pattern that matched. */
  readonly route?: string | undefined;
  readonly remoteAddr?: string;
}

interface Origin {
  readonly nodeId: string;
  readonly startedAt: Date;
}

/** A direct run: the root of what it causes. */
export function directRef(
  script: PreparedScript,
  request: {
    readonly kind: "http" | "execute";
    readonly requestId: string;
    readonly routeId?: string | undefined;
  },
  origin: Origin,
): ExecutionRef {
  // One request makes one execution, so both have one id.
  const id = request.requestId;
  return {
    id,
    requestId: id,
    rootExecutionId: id,
    depth: 0,
    isDeadLetterHandler: false,
    app: script.app,
    script: script.script,
    kind: request.kind,
    ...(request.routeId === undefined ? {} : { routeId: request.routeId }),
    attempt: 0,
    ...origin,
    recorded: false,
  };
}

export function deliveryRef(script: PreparedScript, run: DeliveryRun, origin: Origin): ExecutionRef {
  return {
    id: run.executionId,
    // One request makes one execution and those that try it again.
    requestId: run.request === undefined ? newId() : run.rootExecutionId,
    rootExecutionId: run.rootExecutionId,
    ...(run.parentExecutionId === undefined ? {} : { parentExecutionId: run.parentExecutionId }),
    depth: run.depth,
    isDeadLetterHandler: run.isDeadLetterHandler,
    app: script.app,
    script: script.script,
    kind: run.request === undefined ? "trigger" : "async",
    ...(run.request?.route === undefined ? {} : { routeId: run.request.route.id }),
    ...(run.triggerId === undefined ? {} : { triggerId: run.triggerId }),
    eventId: run.eventId,
    attempt: run.attempt,
    ...origin,
    recorded: false,
  };
}

/** JSON text of all of `ctx` but the request and the event (`api.md` §2). Ids are UUIDs: they need no escaping. */
export function ctxText(
  script: PreparedScript,
  ref: ExecutionRef,
  request: CtxRequest,
  deadlineMs: number,
): string {
  const parent =
    ref.parentExecutionId === undefined ? "" : `"parent_execution_id":"${ref.parentExecutionId}",`;
  const principal = request.principal === undefined ? "" : `"principal":${principalText(request.principal)},`;
  const route = request.route === undefined ? "" : `"route":${JSON.stringify(request.route)},`;
  const remote =
    request.remoteAddr === undefined ? "" : `"remote_addr":${JSON.stringify(request.remoteAddr)},`;
  const params = request.params === undefined ? "" : `"params":${JSON.stringify(request.params)},`;
  return (
    `{"execution_id":"${ref.id}","request_id":"${ref.requestId}","root_execution_id":"${ref.rootExecutionId}",` +
    `${parent}"trigger_depth":${ref.depth},"is_dead_letter_handler":${String(ref.isDeadLetterHandler)},` +
    `${principal}${route}${remote}${params}"deadline":${deadlineMs},${script.ctxMembers}}`
  );
}

function principalText({ kind, id, name }: Principal): string {
  return JSON.stringify({ kind, id, name });
}

const chance = Buffer.alloc(8192);
let chanceUsed = chance.length;

/** 32 bytes of chance for a run; drawn from the system in blocks, because each draw costs as much as a small run. */
export function newSeed(): Uint8Array {
  if (chanceUsed === chance.length) {
    randomFillSync(chance);
    chanceUsed = 0;
  }
  const seed = new Uint8Array(chance.subarray(chanceUsed, chanceUsed + 32));
  chance.fill(0, chanceUsed, chanceUsed + 32);
  chanceUsed += 32;
  return seed;
}
