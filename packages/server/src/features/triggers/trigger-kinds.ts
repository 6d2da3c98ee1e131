/** The kinds of triggers as one table: which fields each takes, and what becomes of them in the trigger's row. */
import { PicloudError, uuidPattern } from "@picloud/contract";
import { checkCron } from "../cron/cron.service.ts";
import { routesContract } from "../routes/routes.contract.ts";
import { checkCollectionGlob, checkOps, checkQueueName, checkTopicPattern } from "./trigger-pattern.ts";
import { collectionOps, triggerKinds } from "./triggers.contract.ts";
import type { CollectionKind, OverlapPolicy, TriggerKind } from "./triggers.contract.ts";

/** Fields of the input that only some kinds take, by their names in the API. */
export interface KindFields {
  readonly collection_glob?: string | undefined;
  readonly ops?: readonly string[] | undefined;
  readonly topic_pattern?: string | undefined;
  readonly queue?: string | undefined;
  readonly batch_size?: number | undefined;
  readonly schedule?: string | undefined;
  readonly timezone?: string | undefined;
  readonly overlap?: OverlapPolicy | undefined;
  readonly source_filter?: string | undefined;
  readonly trigger_id_filter?: string | undefined;
  readonly script_id_filter?: string | undefined;
}

/** The columns of a trigger's row that its kind fills; null where it has none. */
export interface KindColumns {
  readonly pattern: string;
  readonly ops: readonly string[];
  readonly batch_size: number | null;
  readonly schedule: string | null;
  readonly timezone: string | null;
  readonly overlap: OverlapPolicy | null;
  readonly source_filter: string | null;
  readonly trigger_id_filter: string | null;
  readonly script_id_filter: string | null;
}

/** Kinds that can be made. */
export type MadeKind = Exclude<TriggerKind, "email">;

interface KindRule {
  /** Fields that it takes. */
  readonly takes: readonly (keyof KindFields)[];
  readonly requires: readonly (keyof KindFields)[];
  /** A delivery that fails is tried again, so the retry fields count; else it runs once. */
  readonly isRetried: boolean;
  /** Checks the fields; what is left out gets its default. Throws `invalid` or `too_large` for one. */
  readonly columns: (fields: KindFields) => Partial<KindColumns>;
  readonly fields: (row: KindColumns) => KindFields;
  /** In a few words, for lists. */
  readonly runsOn: (row: KindColumns) => string;
}

/** Sources of events that may become dead letters. */
const deadSources: readonly string[] = [
  ...triggerKinds.filter((kind) => kind !== "dead_letter"),
  ...routesContract.events.map(({ source }) => source),
];

export const kindRules: Readonly<Record<MadeKind, KindRule>> = {
  kv: collectionRule("kv"),
  docs: collectionRule("docs"),
  files: collectionRule("files"),
  pubsub: {
    takes: ["topic_pattern"],
    requires: ["topic_pattern"],
    isRetried: true,
    columns: ({ topic_pattern = "" }) => {
      checkTopicPattern(topic_pattern, "topic_pattern");
      return { pattern: topic_pattern };
    },
    fields: ({ pattern }) => ({ topic_pattern: pattern }),
    runsOn: ({ pattern }) => pattern,
  },
  queue: {
    takes: ["queue", "batch_size"],
    requires: ["queue"],
    isRetried: true,
    columns: ({ queue = "", batch_size = 1 }) => {
      checkQueueName(queue, "queue");
      return { pattern: queue, batch_size };
    },
    fields: ({ pattern, batch_size }) => ({ queue: pattern, batch_size: batch_size ?? 1 }),
    runsOn: ({ pattern, batch_size }) =>
      (batch_size ?? 1) > 1 ? `${pattern} in batches of ${batch_size}` : pattern,
  },
  cron: {
    takes: ["schedule", "timezone", "overlap"],
    requires: ["schedule"],
    isRetried: true,
    columns: ({ schedule = "", timezone = "UTC", overlap = "allow" }) => {
      checkCron(schedule, timezone);
      return { schedule, timezone, overlap };
    },
    fields: ({ schedule, timezone, overlap }) => ({
      schedule: schedule ?? "",
      timezone: timezone ?? "UTC",
      overlap: overlap ?? "allow",
    }),
    runsOn: ({ schedule, timezone }) => `${schedule} ${timezone}`,
  },
  dead_letter: {
    takes: ["source_filter", "trigger_id_filter", "script_id_filter"],
    requires: [],
    isRetried: false,
    columns: ({ source_filter = "", trigger_id_filter = "", script_id_filter = "" }) => {
      if (source_filter !== "" && !deadSources.includes(source_filter))
        throw invalid("source_filter", `must be one of ${deadSources.join(", ")}`);
      return {
        pattern: "*",
        source_filter: source_filter === "" ? null : source_filter,
        trigger_id_filter: filterId(trigger_id_filter, "trigger_id_filter"),
        script_id_filter: filterId(script_id_filter, "script_id_filter"),
      };
    },
    fields: ({ source_filter, trigger_id_filter, script_id_filter }) => ({
      ...(source_filter === null ? {} : { source_filter }),
      ...(trigger_id_filter === null ? {} : { trigger_id_filter }),
      ...(script_id_filter === null ? {} : { script_id_filter }),
    }),
    runsOn: ({ source_filter, trigger_id_filter, script_id_filter }) =>
      [
        ...(source_filter === null ? [] : [`source ${source_filter}`]),
        ...(trigger_id_filter === null ? [] : [`trigger ${trigger_id_filter}`]),
        ...(script_id_filter === null ? [] : [`script ${script_id_filter}`]),
      ].join(", ") || "*",
  },
};

function collectionRule(kind: CollectionKind): KindRule {
  return {
    takes: ["collection_glob", "ops"],
    requires: ["collection_glob"],
    isRetried: true,
    columns: ({ collection_glob = "", ops = [] }) => {
      checkCollectionGlob(collection_glob, "collection_glob");
      return { pattern: collection_glob, ops: checkOps(ops, collectionOps[kind], "ops") };
    },
    fields: ({ pattern, ops }) => ({ collection_glob: pattern, ops: [...ops] }),
    runsOn: ({ pattern, ops }) => [pattern, ...(ops.length === 0 ? [] : [ops.join(",")])].join(" "),
  };
}

/** Throws `invalid` for `kind` if it is no kind, or none that can be made. */
export function checkedKind(kind: string): MadeKind {
  if (isMadeKind(kind)) return kind;
  const known = Object.keys(kindRules).join(", ");
  throw invalid(
    "kind",
    kind === "email" ? `email is not available yet; ${known} are` : `must be one of ${known}`,
  );
}

export function isMadeKind(kind: string): kind is MadeKind {
  return Object.hasOwn(kindRules, kind);
}

const allKindFields: readonly (keyof KindFields)[] = [
  ...new Set(Object.values(kindRules).flatMap(({ takes }) => takes)),
];
const retryFieldNames = ["max_attempts", "backoff", "base_ms", "max_ms", "jitter_pct"] as const;

type GivenFields = KindFields & { readonly [K in (typeof retryFieldNames)[number]]?: unknown };

/** The columns for what is given; `before`: of a trigger that is changed, whose fields stay unless given. Throws
 *  `invalid` with every field that another kind takes or that is missing, `too_large`. */
export function kindColumns(kind: MadeKind, given: GivenFields, before?: KindColumns): KindColumns {
  const rule = kindRules[kind];
  const wrong = [...foreignFields(kind, given), ...(before === undefined ? missingFields(kind, given) : [])];
  if (wrong.length > 0) {
    const message = wrong.map((field) => `${field.path} ${field.message}`).join("; ");
    throw new PicloudError("invalid", message, { fields: wrong });
  }
  const fields = { ...(before === undefined ? {} : rule.fields(before)), ...givenOnly(given, rule.takes) };
  return { ...emptyColumns, ...rule.columns(fields) };
}

const emptyColumns: KindColumns = {
  pattern: "",
  ops: [],
  batch_size: null,
  schedule: null,
  timezone: null,
  overlap: null,
  source_filter: null,
  trigger_id_filter: null,
  script_id_filter: null,
};

function foreignFields(kind: MadeKind, given: GivenFields): { path: string; message: string }[] {
  const { takes, isRetried } = kindRules[kind];
  const foreign = allKindFields
    .filter((name) => given[name] !== undefined && !takes.includes(name))
    .map((path) => ({ path, message: `is no field of a ${kind} trigger, which takes ${takes.join(", ")}` }));
  if (isRetried) return foreign;
  const retry = retryFieldNames
    .filter((name) => given[name] !== undefined)
    .map((path) => ({ path, message: `is no field of a ${kind} trigger, which runs once, without retry` }));
  return [...foreign, ...retry];
}

function missingFields(kind: MadeKind, given: GivenFields): { path: string; message: string }[] {
  return kindRules[kind].requires
    .filter((name) => given[name] === undefined)
    .map((path) => ({ path, message: "is required" }));
}

function givenOnly(given: KindFields, names: readonly (keyof KindFields)[]): KindFields {
  return Object.fromEntries(
    names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]),
  );
}

/** Empty: no filter. */
function filterId(id: string, field: string): string | null {
  if (id === "") return null;
  if (!uuidPattern.test(id)) throw invalid(field, "must be a lower-case UUID, or empty for all");
  return id;
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
