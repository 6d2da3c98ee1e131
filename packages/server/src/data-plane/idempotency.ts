/** `Idempotency-Key` of requests to transaction scripts (EXE-9): the first one runs, whoever comes again with the same
 *  request gets its answer. */
import { createHash } from "node:crypto";
import { PicloudError } from "@picloud/contract";
import type { Head } from "@picloud/sandbox";
import type { Principal } from "../platform/context.ts";
import { isLockTimeout } from "../platform/database/pg-errors.ts";
import type { Platform } from "../platform/platform.ts";
import { within } from "../platform/within.ts";
import {
  claimKey,
  findAnswer,
  keepAnswer,
  type IdempotencyKey,
  type KeptAnswer,
} from "./idempotency.repository.ts";
import type { TransactionScope } from "./transaction-scope.ts";

/** Bytes of an answer that is kept. */
const ANSWER_BYTES_MAX = 1_048_576;
const KEY_CHARS_MAX = 255;
/** Who can be anybody must not find another one's key by chance. */
const ANONYMOUS_KEY_CHARS_MIN = 32;
/** Rounds of one request: each but the last found a key that was gone a moment later. */
const ROUNDS_MAX = 5;

export interface KeyedRequest {
  readonly appId: string;
  /** Of the route, or of the script that is called by id or name. */
  readonly targetId: string;
  readonly principal: Principal | undefined;
  readonly key: string;
  readonly executionId: string;
  readonly method: string;
  /** Path with its query. */
  readonly url: string;
  /** As they were sent: `Authorization` and `Cookie`. */
  readonly credentials: readonly (string | undefined)[];
  readonly body: Uint8Array;
  /** How long it may wait for another one. */
  readonly limitMs: number;
}

/** `executionId`: of the run that gave the answer. */
export interface KeyedAnswer {
  readonly answer: Head | PicloudError;
  readonly executionId: string;
}

/** Runs the script with the key in its transaction. `refused`: another run has taken it. */
export type RunKeyed = (scope: TransactionScope) => Promise<Head | PicloudError | "refused">;

export interface Idempotency {
  /** Throws `malformed_request`, `idempotency_key_reused`, `idempotency_in_progress`. */
  answer(request: KeyedRequest, run: RunKeyed): Promise<KeyedAnswer>;
}

export function createIdempotency(platform: Pick<Platform, "db">): Idempotency {
  /** Requests of this node that run now; bounded by the execution gate. */
  const underWay = new Map<string, Promise<true>>();

  /** Resolves when the key is this request's, on this node. */
  const takeTurn = async (name: string, endMs: number): Promise<() => void> => {
    for (let other = underWay.get(name); other !== undefined; other = underWay.get(name))
      if ((await within(other, endMs - performance.now())) === undefined) throw inProgress();
    const { promise, resolve } = Promise.withResolvers<true>();
    underWay.set(name, promise);
    return () => {
      underWay.delete(name);
      resolve(true);
    };
  };

  return {
    async answer(request, run) {
      checkKey(request);
      const key = keyOf(request);
      const endMs = performance.now() + request.limitMs;
      const leave = await takeTurn(`${key.appId} ${key.id}`, endMs);
      try {
        let lost: KeyedAnswer | undefined;
        for (let round = 0; round < ROUNDS_MAX; round++) {
          const kept = await keptAnswer(platform, key, lost);
          if (kept !== undefined) return kept;
          const answer = await run(scopeOf(key, endMs));
          if (answer === "refused") continue;
          // Whether it took place can be read: the key is part of it.
          lost = { answer, executionId: key.executionId };
          if (!isCommitUnknown(answer)) return lost;
        }
        return lost ?? { answer: inProgress(), executionId: key.executionId };
      } finally {
        leave();
      }
    },
  };
}

function isCommitUnknown(answer: Head | PicloudError): boolean {
  return answer instanceof PicloudError && answer.code === "commit_unknown";
}

async function keptAnswer(
  { db }: Pick<Platform, "db">,
  key: IdempotencyKey,
  lost: KeyedAnswer | undefined,
): Promise<KeyedAnswer | undefined> {
  try {
    const kept = await findAnswer(db.write, key);
    return kept && answerOf(kept, key);
  } catch (error) {
    if (lost === undefined || error instanceof PicloudError) throw error;
    // Nothing can be read: it stays unknown.
    return lost;
  }
}

function answerOf(kept: KeptAnswer, key: IdempotencyKey): KeyedAnswer {
  if (kept.fingerprint !== key.fingerprint)
    throw reused("This Idempotency-Key was used for another request.", kept);
  if (kept.head === undefined)
    throw reused("This Idempotency-Key was used; the answer was too large to be kept.", kept);
  return { answer: kept.head, executionId: kept.executionId };
}

function scopeOf(key: IdempotencyKey, endMs: number): TransactionScope {
  return {
    async begin(tx) {
      try {
        return await claimKey(tx, key, endMs - performance.now());
      } catch (error) {
        if (isLockTimeout(error)) throw inProgress();
        throw error;
      }
    },
    async end(tx, head) {
      if (head !== undefined && Buffer.byteLength(head.body) <= ANSWER_BYTES_MAX)
        await keepAnswer(tx, key, head);
    },
  };
}

function keyOf(request: KeyedRequest): IdempotencyKey {
  const { appId, principal, executionId } = request;
  const who = principal === undefined ? "" : `${principal.kind}:${principal.id}`;
  return {
    appId,
    id: hash([request.targetId, who, request.key]),
    fingerprint: hash(
      [request.method, request.url, ...request.credentials.map((one) => one ?? "")],
      request.body,
    ),
    executionId,
  };
}

function hash(texts: readonly string[], body: Uint8Array = new Uint8Array()): string {
  return createHash("sha256").update(JSON.stringify(texts)).update(body).digest("hex");
}

function checkKey({ key, principal }: KeyedRequest): void {
  if (!/^[\x20-\x7e]+$/.test(key) || key.length > KEY_CHARS_MAX)
    throw malformed(`must have 1 to ${KEY_CHARS_MAX} printable ASCII characters`);
  if (principal === undefined && key.length < ANONYMOUS_KEY_CHARS_MIN)
    throw malformed(`must have at least ${ANONYMOUS_KEY_CHARS_MIN} characters without a session or API key`);
}

function malformed(what: string): PicloudError {
  return new PicloudError("malformed_request", `The header Idempotency-Key ${what}.`);
}

function inProgress(): PicloudError {
  const message = "A request with this Idempotency-Key is still running.";
  return new PicloudError("idempotency_in_progress", message, { retryAfterMs: 1_000 });
}

function reused(message: string, { executionId }: KeptAnswer): PicloudError {
  return new PicloudError("idempotency_key_reused", message, { details: { execution_id: executionId } });
}
