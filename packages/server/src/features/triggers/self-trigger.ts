/** Whether a script may set off its own trigger: by what its source names, and by what it has written before. */
import { candidatePatterns } from "../../platform/database/outbox.ts";
import { namedMember } from "./fired-event.ts";
import type { MadeKind } from "./trigger-kinds.ts";

/** How a source names what it writes, in both languages. Names that are put together at run time are not seen. */
const literal = String.raw`\s*(?:<[^()]*>)?\s*\(\s*(["'\u0060])((?:(?!\1)[^\\\n])*)\1`;
const collectionOf = (service: string): RegExp =>
  new RegExp(String.raw`\b${service}\s*(?:\.|::)\s*collection${literal}`, "g");

interface Writes {
  readonly names: RegExp;
  /** Absent: whoever names it writes it. */
  readonly calls?: RegExp;
}

const writesOf: Readonly<Partial<Record<MadeKind, Writes>>> = {
  kv: {
    names: collectionOf("kv"),
    calls: /\.\s*(?:set|delete|increment|compareAndSet|compare_and_set)\s*\(/,
  },
  docs: {
    names: collectionOf("docs"),
    calls: /\.\s*(?:create|update|patch|delete|updateMany|update_many|deleteMany|delete_many)\s*\(/,
  },
  files: { names: collectionOf("files"), calls: /\.\s*(?:create|update|delete)\s*\(/ },
  pubsub: {
    names: new RegExp(String.raw`\bpubsub\s*(?:\.|::)\s*publish(?:Durable|_durable)${literal}`, "g"),
  },
  queue: { names: new RegExp(String.raw`\bqueue\s*(?:\.|::)\s*send(?:Batch|_batch)?${literal}`, "g") },
};

/** Names told in one warning. */
const NAMES_MAX = 5;

/** Warnings in plain words; none for kinds that scripts do not set off by a name. */
export function selfTriggerWarnings(
  trigger: { readonly kind: MadeKind; readonly pattern: string; readonly scriptName: string },
  script: { readonly source: string; readonly written: readonly string[] },
  depthMax: number,
): readonly string[] {
  const { kind, pattern, scriptName } = trigger;
  const what = namedMember[kind];
  if (what === undefined) return [];
  const separator = kind === "pubsub" ? "." : ":";
  const matching = (names: readonly string[]): readonly string[] =>
    [...new Set(names)].filter((name) => candidatePatterns(name, separator).includes(pattern));
  const written = matching(script.written);
  const named = matching(namesIn(kind, script.source)).filter((name) => !written.includes(name));
  const loop = `A run that this trigger starts and that writes there starts the next one; such a chain ends at depth ${depthMax}.`;
  return [
    ...(written.length === 0
      ? []
      : [`${scriptName} has written to the ${what} ${listed(written)}, which this trigger matches. ${loop}`]),
    ...(named.length === 0
      ? []
      : [
          `${scriptName} may write to the ${what} ${listed(named)}, which its source names and this trigger matches. ${loop}`,
        ]),
  ];
}

function namesIn(kind: MadeKind, source: string): readonly string[] {
  const writes = writesOf[kind];
  if (writes === undefined || writes.calls?.test(source) === false) return [];
  return Array.from(source.matchAll(writes.names), ([, quote, name]) =>
    quote === "`" && name?.includes("${") === true ? "" : (name ?? ""),
  ).filter((name) => name !== "");
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).map((name) => JSON.stringify(name));
  return names.length > NAMES_MAX ? `${shown.join(", ")} and more` : shown.join(", ");
}
