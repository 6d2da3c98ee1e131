/** `rhai run` and `rhai eval CODE`. */
import { codeFrame } from "../code-frame.ts";
import { CompileError, Engine } from "../engine.ts";
import { RhaiError } from "../runtime/error.ts";
import { toText } from "../runtime/format.ts";
import { type Value } from "../runtime/value.ts";
import { showDiagnostic } from "../diagnostics.ts";
import { type Io } from "./io.ts";
import { rowErrorOf } from "./row-error.ts";
import { type SourceFile, moduleReader, readSource } from "./source-file.ts";

export async function runFile(io: Io, path: string): Promise<number> {
  return await runSource(io, await readSource(io, path));
}

export async function runCode(io: Io, code: string): Promise<number> {
  return await runSource(io, { name: "code", text: code, resolve: moduleReader(io, ".") });
}

async function runSource(io: Io, { name, text, resolve }: SourceFile): Promise<number> {
  const lines: string[] = [];
  const engine = new Engine({
    resolve,
    print: (line) => void lines.push(line),
    debug: (line, at, column) => io.complain(`${name}:${at}:${column}: ${line}\n`),
  });
  try {
    const value: Value = engine.evalValue(text);
    if (value !== undefined) lines.push(toText(value));
    return 0;
  } catch (error) {
    if (!(error instanceof CompileError) && !(error instanceof RhaiError)) throw error;
    io.complain(`${showFailure(error, text, name)}\n`);
    return 1;
  } finally {
    if (lines.length > 0) await io.write(`${lines.join("\n")}\n`);
  }
}

function showFailure(error: CompileError | RhaiError, source: string, file: string): string {
  if (error instanceof CompileError)
    return error.diagnostics.map((diagnostic) => showDiagnostic(source, diagnostic, file)).join("\n\n");
  const { variant, msg, line, col } = rowErrorOf(error);
  const head = `error[${variant}]: ${msg}`;
  return line === null || col === null ? head : `${head}\n${codeFrame(source, { line, column: col }, file)}`;
}
