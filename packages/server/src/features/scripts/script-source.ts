/** Source text → what is stored and run. Nothing of it is evaluated here. */
import { createHash } from "node:crypto";
import { PicloudError, utf8Bytes } from "@picloud/contract";
import type { Platform } from "../../platform/platform.ts";
import { compileApart } from "./compile-apart.ts";
import type { ScriptSettings } from "./script-rules.ts";
import { type Language, sourceBytesMax } from "./scripts.contract.ts";
import type { Diagnostic } from "./source-positions.ts";

export type { ScriptSettings } from "./script-rules.ts";

/** Names what made an artifact, so that a later compiler can tell which to make again. Begins with the language. */
const compilerNames = { typescript: "typescript-1", rhai: "rhai-1" } as const satisfies Record<
  Language,
  string
>;
const fileExtensions = { typescript: "ts", rhai: "rhai" } as const satisfies Record<Language, string>;
const diagnosticsShown = 20;

export interface CompiledSource {
  readonly source: string;
  readonly language: Language;
  readonly sourceHash: string;
  /** Of everything that executors load, so equal hashes run alike. */
  readonly artifactHash: string;
  readonly artifact: string;
  readonly sourceMap: string;
  readonly settings: ScriptSettings;
  readonly compiler: string;
}

/** SHA-256 of the UTF-8, lower-case hex: what clients compare before they send a source. */
export function hashSource(source: string): string {
  return createHash("sha256").update(source, "utf8").digest("hex");
}

/** The name of a script's file in stack traces and excerpts. */
export function scriptFileName(name: string, language: Language): string {
  return `${name}.${fileExtensions[language]}`;
}

export interface SourceToCompile {
  readonly name: string;
  readonly language: Language;
  readonly source: string;
  /** Where the source stands in the request. */
  readonly path: string;
}

/** Throws `too_large`, or `compile_error` with every diagnostic in `details` and the first one's place beside them. */
export async function compileSource(
  platform: Pick<Platform, "scriptHost">,
  { name, language, source, path }: SourceToCompile,
): Promise<CompiledSource> {
  const bytes = utf8Bytes(source);
  if (bytes > sourceBytesMax) {
    throw new PicloudError(
      "too_large",
      `The source of ${name} has ${bytes} bytes; the limit is ${sourceBytesMax}.`,
      {
        fields: [{ path, message: `at most ${sourceBytesMax} bytes` }],
      },
    );
  }
  const file = scriptFileName(name, language);
  const compiled = await compileApart({ language, source, name: file, host: platform.scriptHost });
  if (!compiled.ok) throw compileError(name, path, compiled.diagnostics);
  const sourceHash = hashSource(source);
  const compilerName = compilerNames[language];
  const artifactHash = createHash("sha256")
    .update(JSON.stringify([compilerName, compiled.code, compiled.map, compiled.settings]), "utf8")
    .digest("hex");
  return {
    source,
    language,
    sourceHash,
    artifactHash,
    artifact: compiled.code,
    sourceMap: compiled.map,
    settings: compiled.settings,
    compiler: compilerName,
  };
}

function compileError(name: string, path: string, diagnostics: readonly Diagnostic[]): PicloudError {
  const [first] = diagnostics;
  const place = first === undefined ? "" : ` at ${first.line}:${first.column}`;
  const shown = diagnostics.slice(0, diagnosticsShown);
  return new PicloudError("compile_error", `${name}${place}: ${first?.message ?? "does not compile"}`, {
    fields: shown.map((diagnostic) => ({
      path,
      message: `${diagnostic.line}:${diagnostic.column} ${diagnostic.message}`,
    })),
    details: {
      script: name,
      line: first?.line,
      column: first?.column,
      excerpt: first?.excerpt,
      hint: first?.hint,
      diagnostics: shown,
    },
  });
}
