/** A source on its way in: its hash, its size, and the error that says why it can't be saved. */
import { createHash } from "node:crypto";
import { PicloudError, utf8Bytes } from "@picloud/contract";
import type { Platform } from "../../platform/platform.ts";
import { linkScript } from "./link-script.ts";
import type { ScriptSettings } from "./script-rules.ts";
import { readUnit, type ScriptUnit } from "./script-unit.ts";
import { type Language, sourceBytesMax } from "./scripts.contract.ts";
import type { Diagnostic } from "./source-positions.ts";

export type { ScriptSettings } from "./script-rules.ts";

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
  /** What the artifact was made from beside the source, as `linkedFrom` of `link-script.ts` says it. */
  readonly linkedFrom: string | null;
}

/** SHA-256 of the UTF-8, lower-case hex: what clients compare before they send a source. */
export function hashSource(source: string): string {
  return createHash("sha256").update(source, "utf8").digest("hex");
}

export interface SourceToCompile {
  readonly name: string;
  readonly language: Language;
  readonly kind: "endpoint" | "module";
  readonly source: string;
  /** Where the source stands in the request. */
  readonly path: string;
}

/** Reads a source. Throws `too_large`, or `compile_error` with every diagnostic in `details` and the first one's place
 *  beside them. */
export async function readSource(
  platform: Pick<Platform, "config" | "scriptHost">,
  { path, ...given }: SourceToCompile,
): Promise<ScriptUnit> {
  const bytes = utf8Bytes(given.source);
  if (bytes > sourceBytesMax) {
    throw new PicloudError(
      "too_large",
      `The source of ${given.name} has ${bytes} bytes; the limit is ${sourceBytesMax}.`,
      {
        fields: [{ path, message: `at most ${sourceBytesMax} bytes` }],
      },
    );
  }
  const { name, language, kind, source } = given;
  const unit = await readUnit(platform, { name, language, kind, source, sourceHash: hashSource(source) });
  if ("ok" in unit) throw compileError(name, path, unit.diagnostics);
  return unit;
}

/** Compiles a script of an app without modules. Throws what `readSource` throws. */
export async function compileSource(
  platform: Pick<Platform, "config" | "scriptHost">,
  source: SourceToCompile,
): Promise<CompiledSource> {
  const unit = await readSource(platform, source);
  const linked = await linkScript(platform, unit, {
    scripts: new Map(),
    unit: () => Promise.reject(new Error("no")),
  });
  if (!linked.ok) throw compileError(source.name, source.path, linked.problems);
  return linked.compiled;
}

/** The error for a source that does not compile. `more` goes to the details. */
export function compileError(
  name: string,
  path: string,
  diagnostics: readonly Diagnostic[],
  more: { readonly message?: string; readonly details?: Readonly<Record<string, unknown>> } = {},
): PicloudError {
  const [first] = diagnostics;
  const place = first === undefined ? "" : ` at ${first.line}:${first.column}`;
  const shown = diagnostics.slice(0, diagnosticsShown);
  const message = `${name}${place}: ${first?.message ?? "does not compile"}`;
  return new PicloudError("compile_error", `${more.message ?? ""}${message}`, {
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
      ...more.details,
      diagnostics: shown,
    },
  });
}
