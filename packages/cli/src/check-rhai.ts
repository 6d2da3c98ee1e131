/** Finds what is wrong with a Rhai script before anything is sent. */
import { rhaiQualifiedWords } from "@picloud/contract/values";
import { codeFrame } from "./code-frame.ts";
import { CliError, exitCodes } from "./failure.ts";
import type { ScriptFile } from "./project.ts";
import { shellWord } from "./shell-word.ts";

/** Throws `compile_error` with the place of the first mistake. The server checks again, and what is beyond the grammar. */
export async function checkRhai({ file, source }: ScriptFile): Promise<void> {
  const { parse } = await import("@picloud/rhai");
  const [first] = parse(source, { qualifiedWords: rhaiQualifiedWords }).diagnostics;
  if (first === undefined) return;
  const { line, column, message, hint } = first;
  throw new CliError({
    code: "compile_error",
    message: `${file}:${line}:${column}: ${message}; nothing was sent`,
    frame: codeFrame(source, { file, line, column }),
    ...(hint === undefined ? {} : { cause: hint }),
    fix: `pic deploy ${shellWord(file)}`,
    exitCode: exitCodes.invalid,
  });
}
