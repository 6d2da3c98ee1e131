/** A call frame from a script → the feature's method: parse by the contract, invoke, answer as JSON text. */
import { checkedJson, JsonText, PicloudError, rawJson } from "@picloud/contract";
import type { FeatureContract, MethodContract } from "@picloud/contract";
import type { HostCall, HostReply, ServiceMethod } from "@picloud/sandbox";
import { z } from "zod";
import type { Context } from "../platform/context.ts";
import {
  isConnectionError,
  isLockTimeout,
  isQueryCanceled,
  isSerializationFailure,
} from "../platform/database/pg-errors.ts";
import { BytesReply } from "../platform/feature.ts";
import type { Feature, MethodHandler } from "../platform/feature.ts";

/** Resolves with JSON text, `undefined` for absent; rejects with a `PicloudError` only, and in a transaction with its
 *  conflicts. */
export type Calls = (ctx: Context, call: HostCall) => Promise<HostReply>;

interface Callable {
  readonly method: MethodContract;
  readonly handler: MethodHandler;
}

/** Largest JSON text of one argument; each method has its own, lower limits. */
const argumentBytesMax = 2 * 1_048_576;

export function createCalls(
  features: Readonly<Record<string, Pick<Feature, "contract" | "methods">>>,
): Calls {
  const callables = new Map<string, Callable>();
  for (const [service, feature] of Object.entries(features)) {
    for (const [name, method] of Object.entries(feature.contract.methods)) {
      const handler = feature.methods[name];
      if (handler !== undefined) callables.set(`${service}.${name}`, { method, handler });
    }
  }
  return async (ctx, call) => {
    const callable = callables.get(`${call.service}.${call.method}`);
    if (callable === undefined)
      throw new PicloudError("not_found", `There is no ${call.service}.${call.method}.`);
    try {
      const args = parseArguments(callable.method, call);
      const value = await callable.handler(ctx, args);
      if (callable.method.effect === "write") ctx.receipt?.note(call, args, value);
      if (value === undefined) return undefined;
      if (value instanceof BytesReply) return { json: value.json.text, bytes: value.bytes };
      return value instanceof JsonText ? value.text : JSON.stringify(value);
    } catch (error) {
      if (error instanceof PicloudError) throw error;
      if (ctx.transaction !== undefined) refuseInTransaction(error);
      if (isConnectionError(error)) {
        ctx.log.warn("database_unavailable", { service: call.service, method: call.method, error });
        throw new PicloudError("unavailable", "The database can't be reached; try again.", { cause: error });
      }
      ctx.log.error("service_call_failed", { service: call.service, method: call.method, error });
      throw new PicloudError("internal", `${call.service}.${call.method} failed inside PiCloud.`, {
        cause: error,
      });
    }
  };
}

/** A conflict goes on as it is: the run begins again. The time limits of these connections are shorter than others. */
function refuseInTransaction(error: unknown): void {
  if (isSerializationFailure(error)) throw error;
  if (isLockTimeout(error)) {
    const message = "Another transaction holds what this call needs, for more than 2 s.";
    throw new PicloudError("unavailable", message, { cause: error, retryable: true });
  }
  if (isQueryCanceled(error))
    throw new PicloudError("timeout", "The call took longer than a transaction may.", { cause: error });
}

/** The services as scripts see them: what the guest's bindings are built from. */
export function serviceMethods(contracts: Readonly<Record<string, FeatureContract>>): ServiceMethod[] {
  return Object.entries(contracts).flatMap(([service, contract]) =>
    Object.entries(contract.methods).map(([method, { on, effect, reply, takesBytes, bytesAsText }]) => ({
      service,
      method,
      effect,
      ...(reply === undefined ? {} : { reply }),
      ...(on === undefined ? {} : { on }),
      ...(takesBytes === undefined ? {} : { bytesArgument: takesBytes.argument }),
      ...(bytesAsText === undefined ? {} : { bytesAsText }),
    })),
  );
}

function parseArguments(method: MethodContract, call: HostCall): unknown[] {
  const values = parseTexts(method, call.args);
  const { takesBytes } = method;
  if (takesBytes === undefined) {
    if (call.bytes !== undefined) throw new PicloudError("invalid", "data: bytes are not taken here");
    return values;
  }
  if (takesBytes.isRequired && call.bytes === undefined) throw invalid("data", "is missing");
  return [...values, call.bytes];
}

function parseTexts(method: MethodContract, texts: readonly string[]): unknown[] {
  const expected = method.on === "collection" ? [collectionArgument, ...method.args] : method.args;
  if (texts.length > expected.length) {
    throw new PicloudError("invalid", `too many arguments: ${texts.length}, at most ${expected.length}`);
  }
  return expected.map((argument, i) => {
    const text = texts[i];
    if (text === undefined || text === "null") {
      if (argument.optional === true) return undefined;
      if (text === undefined) throw invalid(argument.name, "is missing");
    }
    if (argument.schema === rawJson) return checkedJson(text ?? "null", argument.name, argumentBytesMax);
    const parsed = argument.schema.safeParse(parseJson(text ?? "null", argument.name));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw invalid(
      [argument.name, ...(issue?.path ?? []).map(String)].join("."),
      issue?.message ?? "is not valid",
    );
  });
}

/** The rest of its form is the feature's rule, so that API and scripts get the same message. */
const collectionArgument = { name: "collection", schema: z.string(), optional: false } as const;

/** The text comes from a child process: hostile. */
function parseJson(text: string, name: string): unknown {
  if (text.length > argumentBytesMax)
    throw new PicloudError("too_large", `${name} is larger than ${argumentBytesMax} bytes`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PicloudError("invalid", `${name} is not JSON`, { cause: error });
  }
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path}: ${message}`, { fields: [{ path, message }] });
}
