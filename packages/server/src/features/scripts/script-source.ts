/** Source text → what is stored and run. Nothing of it is evaluated here. */
import { createHash } from "node:crypto";
import { PicloudError, utf8Bytes } from "@picloud/contract";
import { compileApart } from "./compile-apart.ts";
import type { Diagnostic } from "./compile-typescript.ts";
import { sourceBytesMax } from "./scripts.contract.ts";

/** Names what made an artifact, so that a later compiler can tell which to make again. */
const compilerName = "typescript-1";
const diagnosticsShown = 20;

export interface CompiledSource {
  readonly source: string;
  readonly sourceHash: string;
  /** Of everything that executors load, so equal hashes run alike. */
  readonly artifactHash: string;
  readonly artifact: string;
  readonly sourceMap: string;
  readonly settings: ScriptSettings;
  readonly compiler: string;
}

/** What a script sets about itself in its text. */
export interface ScriptSettings {
  readonly transaction: boolean;
  readonly fresh: boolean;
}

/** SHA-256 of the UTF-8, lower-case hex: what clients compare before they send a source. */
export function hashSource(source: string): string {
  return createHash("sha256").update(source, "utf8").digest("hex");
}

/** Throws `too_large`, or `compile_error` with every diagnostic in `details` and the first one's place beside them.
 *  `path`: where the source stands in the request. */
export async function compileSource(name: string, source: string, path: string): Promise<CompiledSource> {
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
  const compiled = await compileApart(source, `${name}.ts`);
  if (!compiled.ok) throw compileError(name, path, compiled.diagnostics);
  const sourceHash = hashSource(source);
  const artifactHash = createHash("sha256")
    .update(JSON.stringify([compilerName, compiled.code, compiled.map, compiled.settings]), "utf8")
    .digest("hex");
  return {
    source,
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
