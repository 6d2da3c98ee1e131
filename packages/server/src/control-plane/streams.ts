/** Server-sent streams of the API: they end when their principal ends, and their failures tell nothing of ours. */
import type { IncomingMessage } from "node:http";
import { ORPCError } from "@orpc/server";
import type { Authenticator } from "../platform/authenticator.ts";
import type { Context, Principal } from "../platform/context.ts";
import { toPicloudError } from "./api-errors.ts";

/** How often a stream's token is checked again. */
const checkMs = 1_000;

export interface PrincipalWatch {
  /** Aborts when the client leaves, the server stops or, once `start` was called, the token is no longer valid. */
  readonly signal: AbortSignal;
  start(): void;
  stop(): void;
}

export function isStream(output: unknown): output is AsyncIterator<unknown, unknown> {
  return typeof output === "object" && output !== null && Symbol.asyncIterator in output && "next" in output;
}

/** `ends`: what else ends the stream; `renew` is given the principal as it is at each check. */
export function watchPrincipal(
  authenticator: Authenticator,
  request: IncomingMessage,
  options: {
    readonly ends: readonly (AbortSignal | undefined)[];
    readonly renew?: (principal: Principal) => void;
  },
): PrincipalWatch {
  const revoked = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const check = async (): Promise<void> => {
    // An answer from a second ago would let a revoked token go on for two.
    const now = await authenticator.authenticate(request, true);
    if (now.kind === "principal") options.renew?.(now.principal);
    // Nothing that needs an allow goes on without a database that gives it.
    else revoked.abort(new Error("the stream's token is no longer valid"));
  };
  return {
    signal: AbortSignal.any([revoked.signal, ...options.ends.filter((end) => end !== undefined)]),
    start() {
      timer = setInterval(() => void check(), checkMs);
    },
    stop() {
      clearInterval(timer);
    },
  };
}

/** Passes events on (with their ids, which are attached to the values) until the end, the abort or a failure. */
export async function* guardStream(
  events: AsyncIterator<unknown, unknown>,
  guard: { readonly watch: PrincipalWatch; readonly ctx: Context },
): AsyncGenerator<unknown, unknown, undefined> {
  const { watch, ctx } = guard;
  watch.start();
  const aborted = new Promise<undefined>((resolve) => {
    watch.signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  try {
    while (!watch.signal.aborted) {
      const step = await Promise.race([events.next(), aborted]);
      if (step === undefined) return undefined;
      if (step.done === true) return step.value;
      yield step.value;
    }
    return undefined;
  } catch (error) {
    const { code, message } = toPicloudError(error, ctx.log);
    throw new ORPCError(code, { message, cause: error });
  } finally {
    watch.stop();
    await events.return?.();
  }
}
