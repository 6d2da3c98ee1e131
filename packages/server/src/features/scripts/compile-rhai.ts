/** Rhai script → the text that the sandbox runs. Never throws on any text. */
import { rhaiQualifiedWords } from "@picloud/contract";
import {
  compile,
  type Diagnostic as RhaiDiagnostic,
  type HostName,
  type HostNames,
  parse,
} from "@picloud/rhai";
import type { ScriptHost } from "../../platform/script-host.ts";
import type { ModuleFacts } from "./module-facts.ts";
import type { ScriptSettings } from "./script-rules.ts";
import { rhaiImports, rhaiModuleShape } from "./rhai-modules.ts";
import { type Diagnostic, rhaiDiagnosticAt } from "./source-positions.ts";

export type CompiledRhai =
  | {
      readonly ok: true;
      readonly code: string;
      readonly map: "";
      readonly settings: ScriptSettings;
      readonly facts: ModuleFacts;
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** More would not be read. */
const DIAGNOSTICS_MAX = 20;
/** What a script gets from outside, in the order of its parameters. */
const SCOPE = ["ctx"] as const;

export interface RhaiRequest {
  readonly source: string;
  readonly kind: "endpoint" | "module";
  readonly host: ScriptHost;
  /** Sources of modules by name; without them an import fails when it runs. */
  readonly modules?: Readonly<Record<string, string>> | undefined;
}

/** Compiles a script with the modules that are given. Its positions travel inside the code, so there is no map. A module by
 *  itself has no code: it is compiled with each script that imports it. O(source). */
export function compileRhai(request: RhaiRequest): CompiledRhai {
  const { source } = request;
  try {
    const read = readRhai(request);
    if (read.findings.length > 0) return failed(source, read.findings);
    const { settings, facts } = read;
    if (request.kind === "module") return { ok: true, code: "", map: "", settings, facts };
    const { modules = {} } = request;
    const compiled = compile(source, {
      scope: SCOPE,
      qualifiedWords: rhaiQualifiedWords,
      diagnosticsMax: DIAGNOSTICS_MAX,
      host: hostNames(request.host),
      resolve: (path) => (Object.hasOwn(modules, path) ? modules[path] : undefined),
    });
    if (!compiled.ok) return failed(source, compiled.diagnostics);
    const { code, usesEval } = compiled;
    return { ok: true, code, map: "", settings: usesEval ? { ...settings, eval: true } : settings, facts };
  } catch (error) {
    // The compiler throws for no text that we know of; whatever it throws is about this one, which the author can change.
    const reason = error instanceof Error ? error.message : String(error);
    return failed(source, [{ start: 0, end: 0, message: `The script can't be compiled: ${reason}` }]);
  }
}

function hostNames({ plain, suspending, methods }: ScriptHost): HostNames {
  const functions = new Map<string, HostName>();
  for (const name of plain) {
    functions.set(name, { suspends: false, makesHandle: name.endsWith("::collection/1") });
  }
  for (const name of suspending) functions.set(name, { suspends: true });
  return { functions, methods: new Map(methods.map((name) => [name, { suspends: true }])) };
}

type Finding = Pick<RhaiDiagnostic, "start" | "end" | "message"> & Partial<RhaiDiagnostic>;

interface RhaiRead {
  readonly settings: { transaction: boolean; fresh: boolean };
  readonly facts: ModuleFacts;
  readonly findings: readonly Finding[];
}

/** What has to be known before anything runs. */
function readRhai({ source, kind }: RhaiRequest): RhaiRead {
  const settings = { transaction: false, fresh: false };
  const facts = { imports: [], exports: [], stars: [] };
  if (kind === "endpoint" && !/\b(?:import|export)\b/.test(source)) return { settings, facts, findings: [] };
  const options = { qualifiedWords: rhaiQualifiedWords, diagnosticsMax: DIAGNOSTICS_MAX };
  const { program, diagnostics } = parse(source, options);
  if (diagnostics.length > 0) return { settings, facts, findings: diagnostics };
  const { imports, findings } = rhaiImports(source, program);
  const more = kind === "module" ? rhaiModuleShape(program) : readSettings(program, settings);
  return { settings, facts: { ...facts, imports }, findings: [...findings, ...more] };
}

/** `export const transaction = true;` at the top level. */
function readSettings(
  program: ReturnType<typeof parse>["program"],
  settings: RhaiRead["settings"],
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const statement of program.body) {
    if (statement.kind !== "let" || !statement.isExported) continue;
    const { name, value, isConst } = statement;
    if (name.text !== "transaction" && name.text !== "fresh") continue;
    if (isConst && value?.kind === "literal" && value.literal.type === "bool") {
      settings[name.text] = value.literal.value;
      continue;
    }
    findings.push({
      start: name.at,
      end: name.at + name.text.length,
      message: `The export "${name.text}" is a setting that is read before the script runs.`,
      hint: `Write \`export const ${name.text} = true;\`.`,
    });
  }
  return findings;
}

function failed(source: string, findings: readonly Finding[]): CompiledRhai {
  const diagnostics = findings.slice(0, DIAGNOSTICS_MAX).map((finding) => {
    const { code = "compile_error", line, column } = finding;
    const shown = rhaiDiagnosticAt(source, finding);
    // Where the parser gave a place it is the one that errors at run time have too.
    return { ...shown, code, ...(line === undefined || column === undefined ? {} : { line, column }) };
  });
  return { ok: false, diagnostics };
}
