/** What is deployed: source files, their names, languages and hashes. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { scriptNameSchema } from "@picloud/contract";
import { inputError, usageError } from "./failure.ts";
import type { Io } from "./io.ts";

export interface ScriptFile {
  /** As it was typed; for messages. */
  readonly file: string;
  readonly name: string;
  readonly language: "rhai" | "typescript";
  readonly source: string;
  /** SHA-256 of the source's UTF-8, lower-case hex. */
  readonly sourceHash: string;
}

/** The server refuses more than 1 MiB; far above it, the file is not even read. */
const fileBytesMost = 16 * 1_048_576;

const languages: ReadonlyMap<string, ScriptFile["language"]> = new Map([
  [".ts", "typescript"],
  [".mts", "typescript"],
  [".js", "typescript"],
  [".mjs", "typescript"],
  [".rhai", "rhai"],
]);

/** Reads a source file. The script is called like the file unless `name` says otherwise. */
export async function readScriptFile(io: Io, file: string, name: string | undefined): Promise<ScriptFile> {
  const language = languages.get(extname(file).toLowerCase());
  if (language === undefined) {
    throw inputError(`${file} is not a script`, {
      cause: `its extension is not one of ${[...languages.keys()].join(" ")}`,
    });
  }
  const scriptName = checkedName(file, name ?? basename(file, extname(file)), name === undefined);
  const source = await readSource(io, file);
  const sourceHash = createHash("sha256").update(source, "utf8").digest("hex");
  return { file, name: scriptName, language, source, sourceHash };
}

function checkedName(file: string, name: string, isFromFile: boolean): string {
  const parsed = scriptNameSchema.safeParse(name);
  if (parsed.success) return parsed.data;
  throw usageError(
    `"${name}"${isFromFile ? ", the name of the file," : ""} is not a name of a script`,
    `pic deploy ${file} --name ${suggestedName(name)}`,
    parsed.error.issues[0]?.message,
  );
}

function suggestedName(name: string): string {
  const lower = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  return lower.slice(0, 63) || "my-script";
}

async function readSource(io: Io, file: string): Promise<string> {
  const path = resolve(io.cwd, file);
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > fileBytesMost)
      throw inputError(`${file} is too large for a script`, { cause: `${size} bytes` });
    bytes = await readFile(path);
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw inputError(`${file} can't be read`, { cause: error.message });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw inputError(`${file} is not UTF-8 text`, { cause: "scripts are UTF-8" });
  }
}

const routeMethods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;
type RouteMethod = (typeof routeMethods)[number];

export interface RouteFlag {
  readonly method: RouteMethod;
  readonly path: string;
}

/** `"POST /orders"` of `--route`. The server checks the pattern itself. */
export function parseRouteFlag(text: string): RouteFlag {
  const match = /^\s*([A-Za-z]+)\s+(\/\S*)\s*$/.exec(text);
  const method = routeMethods.find((one) => one === match?.[1]?.toUpperCase());
  const path = match?.[2];
  if (method !== undefined && path !== undefined) return { method, path };
  throw usageError(
    `"${text}" is not a route`,
    "pic deploy FILE --route 'POST /orders'",
    `a route is a method (${routeMethods.join(", ")}) and a path`,
  );
}
