/** TypeScript script → the text that the sandbox runs: types stripped, imports and exports turned into the function form,
 *  every continuation tied to its run, with a map back to the source. Never throws on any text. */
import { MagicString } from "magic-string";
import { parseSync } from "oxc-parser";
import { transformSync } from "oxc-transform";
import { SourceMap } from "node:module";
import { keepRun } from "./keep-run.ts";
import { moduleFacts, type ModuleFacts } from "./module-facts.ts";
import { moduleForm, type ModuleFormNames } from "./module-form.ts";
import { checkScriptRules, type Finding, type ScriptFacts, type ScriptSettings } from "./script-rules.ts";
import { measureNesting } from "./source-nesting.ts";
import { type Diagnostic, diagnosticAt, encodeMap, lineStarts, type Segment } from "./source-positions.ts";

export type { Diagnostic } from "./source-positions.ts";
export type { ScriptSettings } from "./script-rules.ts";

export type CompiledTypescript =
  | {
      readonly ok: true;
      readonly code: string;
      readonly map: string;
      readonly settings: ScriptSettings;
      readonly facts: ModuleFacts;
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** `api.md` §7: bytes of a script's source. */
const SOURCE_BYTES_MAX = 1_048_576;
/** More would not be read. */
const DIAGNOSTICS_MAX = 20;

/** Compiles a script or a module by itself. `name` is its file name in stack traces, as `hello.ts`. The code of a script
 *  that imports modules of its app runs only when it is linked with theirs. O(source). */
export function compileTypescript(
  source: string,
  name: string,
  kind: "endpoint" | "module" = "endpoint",
): CompiledTypescript {
  const report = new Report(source);
  const text = source.startsWith("\uFEFF") ? ` ${source.slice(1)}` : source;
  const refused = refuseUnread(text);
  if (refused !== undefined) return report.failed([refused]);
  try {
    return compile(text, name, kind, report);
  } catch (error) {
    // The parser is native code and its walk recurses: whatever they throw is about this text, which the author can change.
    const reason = error instanceof Error ? error.message : String(error);
    return report.failed([{ start: 0, end: 0, message: `The script can't be compiled: ${reason}` }]);
  }
}

/** Texts that the native parser must not get: it would end the process on its stack, not with an exception. */
function refuseUnread(source: string): Finding | undefined {
  const bytes = Buffer.byteLength(source);
  if (bytes > SOURCE_BYTES_MAX) {
    return { start: 0, end: 0, message: `The source has ${bytes} bytes; the most is ${SOURCE_BYTES_MAX}.` };
  }
  if (!source.isWellFormed()) {
    const at = Array.from({ length: source.length }, (_, index) => index).find((index) =>
      isLoneSurrogate(source, index),
    );
    return {
      start: at ?? 0,
      end: (at ?? 0) + 1,
      message: "The source has a lone surrogate, which is no character.",
    };
  }
  return measureNesting(source);
}

function isLoneSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit >= 0xd800 && unit < 0xdc00) return !(text.charCodeAt(index + 1) >> 10 === 0x37);
  return unit >> 10 === 0x37 && !(text.charCodeAt(index - 1) >> 10 === 0x36);
}

function compile(
  source: string,
  name: string,
  kind: "endpoint" | "module",
  report: Report,
): CompiledTypescript {
  const parsed = parseSync(name, source, { lang: "ts", sourceType: "module", showSemanticErrors: true });
  if (parsed.errors.length > 0) return report.failed(findJsx(source, name) ?? parsed.errors.map(findingOf));
  const facts = checkScriptRules(parsed.program, kind);
  if (facts.findings.length > 0) return report.failed(facts.findings);

  const stripped = transformSync(name, source, { lang: "ts", sourceType: "module", sourcemap: true });
  if (stripped.errors.length > 0) return report.failed(stripped.errors.map(findingOf));
  const script = parseSync(name, stripped.code, { lang: "js", sourceType: "module" });
  if (script.errors.length > 0)
    return report.failed(script.errors.map((error) => ({ ...findingOf(error), start: 0, end: 0 })));

  const names = chooseNames(stripped.code, facts);
  const text = new MagicString(stripped.code);
  // In this order: both close the default export at its end, and the module form is the outer one.
  keepRun(text, script.program, names);
  const { before, after } = moduleForm(text, script.program, names, kind);
  text.prepend(before).append(after);
  const lines = text.generateDecodedMap({ hires: "boundary" }).mappings;
  return {
    ok: true,
    code: text.toString(),
    map: composeMap(name, lines, stripped.map && JSON.stringify(stripped.map)),
    settings: facts.settings,
    facts: moduleFacts(parsed.program, script.program),
  };
}

class Report {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  failed(findings: readonly Finding[]): CompiledTypescript {
    const starts = lineStarts(this.#source);
    const shown = findings.slice(0, DIAGNOSTICS_MAX);
    return { ok: false, diagnostics: shown.map((finding) => diagnosticAt(this.#source, starts, finding)) };
  }
}

interface ParserError {
  readonly message: string;
  readonly helpMessage: string | null;
  readonly labels: readonly { readonly start: number; readonly end: number }[];
}

function findingOf(error: ParserError): Finding {
  // The first label of a declaration made twice is the one that is right.
  const again = error.message.endsWith("has already been declared");
  const label = (again ? error.labels.at(-1) : error.labels[0]) ?? { start: 0, end: 0 };
  return {
    start: label.start,
    end: label.end,
    message: error.message,
    ...(error.helpMessage === null ? {} : { hint: error.helpMessage }),
  };
}

/** A script that is good TypeScript but for its JSX gets one finding that says so. */
function findJsx(source: string, name: string): readonly Finding[] | undefined {
  if (!source.includes("<")) return undefined;
  const parsed = parseSync(name, source, { lang: "tsx", sourceType: "module" });
  if (parsed.errors.length > 0) return undefined;
  const jsx = checkScriptRules(parsed.program, "endpoint").findings.filter((finding) =>
    finding.message.startsWith("JSX"),
  );
  return jsx.length === 0 ? undefined : jsx.slice(0, 1);
}

/** Names that the source does not contain, so that they can hide nothing of it. */
function chooseNames(code: string, facts: ScriptFacts): ModuleFormNames {
  const bases = {
    parameter: "$p",
    defaultExport: "$d",
    namespace: "$i",
    get: "$g",
    set: "$s",
    resume: "$r",
    adopt: "$t",
    queue: "$a",
    next: "$n",
    wait: "$w",
    delegate: "$y",
    run: "$k",
    requests: "$q",
    element: "$e",
  } satisfies ModuleFormNames;
  for (let number = 0; ; number++) {
    const suffix = number === 0 ? "" : String(number);
    const names = Object.entries(bases).map(([key, base]) => [key, base + suffix] as const);
    if (names.every(([, name]) => !code.includes(name) && !facts.identifiers.has(name))) {
      return { ...bases, ...(Object.fromEntries(names) as Partial<ModuleFormNames>) };
    }
  }
}

/** Joins the map of the edits with the map of the type stripping. */
function composeMap(
  name: string,
  lines: readonly (readonly (readonly number[])[])[],
  stripped: string | undefined,
): string {
  if (stripped === undefined) return encodeMap(name, []);
  const original = new SourceMap(JSON.parse(stripped) as ConstructorParameters<typeof SourceMap>[0]);
  return encodeMap(
    name,
    lines.map((segments) =>
      segments.flatMap(([generated = 0, , line = -1, column = -1]): Segment[] => {
        const entry = original.findEntry(line, column);
        if (!("originalLine" in entry) || entry.originalLine === undefined) return [];
        return [[generated, entry.originalLine, entry.originalColumn]];
      }),
    ),
  );
}
