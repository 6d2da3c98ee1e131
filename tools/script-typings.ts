/** `picloud.d.ts`: what `import … from "picloud"` gives in scripts. Services and events come from the contracts. */
import type { FeatureContract, MethodContract } from "@picloud/contract";
import { standardLibrary } from "../packages/sandbox/src/standard-library.ts";
import { camelCase, pascalCase } from "./camel-case.ts";
import { standardTypings } from "./standard-library-text.ts";

export function scriptTypings(contracts: Readonly<Record<string, FeatureContract>>): string {
  const services = Object.entries(contracts).filter(([, { methods }]) => Object.keys(methods).length > 0);
  const events = Object.values(contracts).flatMap((contract) => contract.events);
  return [
    "// Made by `npm run generate` from the contracts. Do not edit.",
    `declare module "picloud" {`,
    VALUES,
    ...services.flatMap(([, { types }]) => types ?? []),
    ...services.map(([name, contract]) => service(name, contract)),
    ...events.map(event),
    anyEvent(events),
    CONTEXT,
    LOG,
    standardTypings(standardLibrary),
    "}",
    "",
  ].join("\n\n");
}

const VALUES = `
/** What services store and give back: JSON; whole numbers beyond 2^53 are bigint. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json };

/** \`nextCursor\` is undefined at the end; else it goes into the next call as \`cursor\`. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}
`;

function service(name: string, { summary, methods }: FeatureContract): string {
  const type = pascalCase(name);
  const all = Object.entries(methods);
  const own = all.filter(([, { on }]) => on === undefined);
  const handle = all.filter(([, { on }]) => on === "collection");
  const parts: string[] = [];
  if (handle.length > 0) {
    parts.push(
      `/** What \`${camelCase(name)}.collection(name)\` gives. */\nexport interface ${type}Collection<T = Json> {`,
      ...handle.map(([method, entry]) => methodLine(method, entry)),
      handle.some(([method]) => method === "list") && name === "kv" ? ENTRIES : "",
      "}",
    );
  }
  return [
    ...parts,
    `/** ${summary} */\nexport const ${camelCase(name)}: {`,
    handle.length > 0 ? `collection<T = Json>(name: string): ${type}Collection<T>;` : "",
    ...own.map(([method, entry]) => methodLine(method, entry)),
    "};",
  ].join("\n");
}

const ENTRIES = `/** Every entry, page by page, in byte order of the keys. */
entries(options?: { prefix?: string }): AsyncIterableIterator<{ key: string; value: T; expiresAt?: string }>;`;

function methodLine(name: string, { summary, args, returns, example, on }: MethodContract): string {
  // In a typed collection the values have the collection's type.
  const typed = (type: string): string => (on === "collection" ? type.replaceAll(/\bJson\b/g, "T") : type);
  const list = args.map(
    (arg) => `${argumentName(arg.name)}${arg.optional === true ? "?" : ""}: ${typed(arg.type)}`,
  );
  return `/** ${summary}\n * @example ${example.typescript} */\n${camelCase(name)}(${list.join(", ")}): Promise<${typed(returns)}>;`;
}

/** Names that TypeScript keeps for itself get a noun. */
function argumentName(name: string): string {
  return ["new", "delete", "in", "function", "default"].includes(name) ? `${name}Value` : camelCase(name);
}

/** An event is of one thing: `DocEvent`. */
const singular: Readonly<Record<string, string>> = { docs: "doc", files: "file" };

type EventContract = FeatureContract["events"][number];

function eventName({ source }: EventContract): string {
  return `${pascalCase(singular[source] ?? source)}Event`;
}

function anyEvent(events: readonly EventContract[]): string {
  return [
    "/** First argument of a handler that triggers of several kinds run: `source` tells which it is. */",
    `export type AnyEvent = ${events.map(eventName).join(" | ") || "never"};`,
  ].join("\n");
}

function event(contract: EventContract): string {
  const { source, ops, fields, comment } = contract;
  const name = camelCase(source);
  const isTyped = Object.values(fields).some((field) => /\bJson\b/.test(field));
  const members = Object.entries(fields).map(([field, kind]) => {
    const isOptional = kind.endsWith(" | undefined");
    const shown = kind.replace(/ \| undefined$/, "").replaceAll(/\bJson\b/g, "T");
    return `readonly ${camelCase(field)}${isOptional ? "?" : ""}: ${shown};`;
  });
  return [
    `/** ${comment ?? `First argument of a handler that a \`${source}\` trigger runs.`} */`,
    `export interface ${eventName(contract)}${isTyped ? "<T = Json>" : ""} extends TriggerEvent {`,
    `readonly source: "${source}";`,
    `readonly op: ${ops.map((op) => `"${op}"`).join(" | ")};`,
    `readonly ${name}: { ${members.join(" ")} };`,
    "}",
  ].join("\n");
}

const CONTEXT = `
export interface TriggerEvent {
  /** The same over retries and replays. */
  readonly id: string;
  readonly source: string;
  readonly op: string;
  readonly triggerId: string;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly occurredAt: string;
}

/** Second argument of every handler. */
export interface Context {
  readonly executionId: string;
  readonly requestId: string;
  readonly rootExecutionId: string;
  readonly parentExecutionId?: string;
  readonly triggerDepth: number;
  readonly isDeadLetterHandler: boolean;
  readonly app: { readonly id: string; readonly slug: string };
  readonly script: { readonly id: string; readonly name: string; readonly version: number };
  /** Who calls; undefined for nobody. */
  readonly principal?: {
    readonly kind: "user" | "api_key" | "end_user";
    readonly id: string;
    readonly name: string;
  };
  readonly deadline: Date;
  /** Aborted when the run's time is over. */
  readonly signal: AbortSignal;
  /** Keeps the run alive after its answer, until the promise has settled. */
  waitUntil(promise: Promise<unknown>): void;
  /** HTTP runs: what the parameters of the route's pattern matched. */
  readonly params: Readonly<Record<string, string>>;
  /** HTTP runs: the pattern of the route; undefined for /api/v1/execute. */
  readonly route?: string;
  readonly remoteAddr?: string;
}
`;

const LOG = `
type LogFields = Readonly<Record<string, unknown>>;

/** Lines of the execution's log. */
export const log: {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
};

/** What services and the standard library throw. */
export class PicloudError extends Error {
  constructor(code: string, message: string, retryable?: boolean, details?: unknown);
  readonly code: string;
  readonly retryable: boolean;
  readonly details: unknown;
}
`;
