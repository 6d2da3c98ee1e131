/** Rhai script → the text that the sandbox runs. Never throws on any text. */
import { rhaiQualifiedWords } from "@picloud/contract";
import { compile, type Diagnostic as RhaiDiagnostic, parse } from "@picloud/rhai";
import type { ScriptHost } from "../../platform/script-host.ts";
import type { ModuleFacts } from "./module-facts.ts";
import type { ScriptSettings } from "./script-rules.ts";
import { type Diagnostic, diagnosticAt } from "./source-positions.ts";

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

/** Compiles a script. Its positions travel inside the code, so there is no map. O(source). */
export function compileRhai(source: string, host: ScriptHost): CompiledRhai {
  void host;
  try {
    const { settings, findings } = settingsOf(source);
    if (findings.length > 0) return failed(source, findings);
    const compiled = compile(source, {
      scope: SCOPE,
      qualifiedWords: rhaiQualifiedWords,
      diagnosticsMax: DIAGNOSTICS_MAX,
    });
    if (!compiled.ok) return failed(source, compiled.diagnostics);
    const { code, usesEval } = compiled;
    const facts = { imports: [], exports: [], stars: [] };
    return { ok: true, code, map: "", settings: usesEval ? { ...settings, eval: true } : settings, facts };
  } catch (error) {
    // The compiler throws for no text that we know of; whatever it throws is about this one, which the author can change.
    const reason = error instanceof Error ? error.message : String(error);
    return failed(source, [{ start: 0, end: 0, message: `The script can't be compiled: ${reason}` }]);
  }
}

type Finding = Pick<RhaiDiagnostic, "start" | "end" | "message"> & Partial<RhaiDiagnostic>;

/** `export const transaction = true;` at the top level: read here, before anything runs. */
function settingsOf(source: string): { settings: ScriptSettings; findings: readonly Finding[] } {
  const settings = { transaction: false, fresh: false };
  if (!/\bexport\b/.test(source)) return { settings, findings: [] };
  const findings: Finding[] = [];
  for (const statement of parse(source, { qualifiedWords: rhaiQualifiedWords }).program.body) {
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
  return { settings, findings };
}

function failed(source: string, findings: readonly Finding[]): CompiledRhai {
  const starts = rhaiLineStarts(source);
  const diagnostics = findings.slice(0, DIAGNOSTICS_MAX).map((finding) => {
    const { code = "compile_error", line, column } = finding;
    const shown = diagnosticAt(source, starts, finding);
    // Where the parser gave a place it is the one that errors at run time have too: columns of characters.
    return { ...shown, code, ...(line === undefined || column === undefined ? {} : { line, column }) };
  });
  return { ok: false, diagnostics };
}

/** In Rhai only a line feed ends a line. */
function rhaiLineStarts(source: string): readonly number[] {
  const starts = [0];
  for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
