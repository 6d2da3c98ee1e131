/** `rhai.json`: what Rhai scripts can call, for editors and other tools. Made from the contracts and from the table of the
 *  standard library. */
import type { FeatureContract, MethodContract } from "@picloud/contract";
import { standardLibrary } from "@picloud/sandbox";

interface Callable {
  readonly name: string;
  readonly summary: string;
  readonly args: readonly { readonly name: string; readonly optional?: true }[];
  readonly example?: string;
}

interface Namespace {
  readonly summary: string;
  readonly functions: readonly Callable[];
  /** Methods of what `collection(name)` gives. */
  readonly methods?: readonly Callable[];
}

export function rhaiTypings(contracts: Readonly<Record<string, FeatureContract>>): string {
  const services = Object.entries(contracts)
    .filter(([, { methods }]) => Object.keys(methods).length > 0)
    .map(([name, contract]) => [name, serviceOf(contract)] as const);
  const standard = standardLibrary.map(({ name, summary, functions }) => {
    const callables = functions.map((fn): Callable => {
      const args = fn.args.map((arg) => argument(arg.name, arg.optional));
      return { name: fn.name, summary: fn.summary, args, example: fn.example.rhai };
    });
    return [name, { summary, functions: callables }] as const;
  });
  const namespaces: Readonly<Record<string, Namespace>> = Object.fromEntries([
    ...services,
    ["log", LOG],
    ...standard,
  ]);
  return JSON.stringify({ scope: ["ctx"], namespaces });
}

function argument(name: string, isOptional: boolean | undefined): Callable["args"][number] {
  return isOptional === true ? { name, optional: true } : { name };
}

function serviceOf({ summary, methods }: FeatureContract): Namespace {
  const all = Object.entries(methods);
  const ofHandle = all.filter(([, { on }]) => on === "collection").map(callableOf);
  const own = all.filter(([, { on }]) => on === undefined).map(callableOf);
  if (ofHandle.length === 0) return { summary, functions: own };
  const collection = { name: "collection", summary: "A collection by its name.", args: [{ name: "name" }] };
  return { summary, functions: [collection, ...own], methods: ofHandle };
}

function callableOf([name, { summary, args, example }]: readonly [string, MethodContract]): Callable {
  return {
    name,
    summary,
    args: args.map((arg) => argument(arg.name, arg.optional)),
    example: example.rhai,
  };
}

const LOG: Namespace = {
  summary: "Lines of the execution's log.",
  functions: ["trace", "debug", "info", "warn", "error"].map((name) => ({
    name,
    summary: `A line of the level ${name}; fields are a map.`,
    args: [{ name: "message" }, { name: "fields", optional: true }],
  })),
};
