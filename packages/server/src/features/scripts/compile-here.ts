/** Source text of either language → what executors load. */
import type { ScriptHost } from "../../platform/script-host.ts";
import { compileRhai } from "./compile-rhai.ts";
import { compileTypescript } from "./compile-typescript.ts";
import type { ModuleFacts } from "./module-facts.ts";
import type { ScriptSettings } from "./script-rules.ts";
import type { Language } from "./scripts.contract.ts";
import type { Diagnostic } from "./source-positions.ts";

/** Plain data: it travels to the process that compiles. */
export interface CompileRequest {
  readonly language: Language;
  readonly source: string;
  /** File name in stack traces: `hello.ts`. */
  readonly name: string;
  readonly kind: "endpoint" | "module";
  readonly host: ScriptHost;
  /** Of Rhai: sources of the modules that the script needs, by name. Those of TypeScript are linked afterwards. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** `map`: JSON of a source map from the code to the source; empty if the code carries its positions itself. */
export type Compiled =
  | {
      readonly ok: true;
      readonly code: string;
      readonly map: string;
      readonly settings: ScriptSettings;
      readonly facts: ModuleFacts;
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Compiles in this process, for as long as it takes. Never throws on any text. */
export function compileHere(request: CompileRequest): Compiled {
  const { language, source, name, kind } = request;
  return language === "rhai" ? compileRhai(request) : compileTypescript(source, name, kind);
}
