/** `rhai emit`: the JavaScript of a script. */
import { compile } from "../compile.ts";
import { showDiagnostic } from "../diagnostics.ts";
import { type Io } from "./io.ts";
import { readSource } from "./source-file.ts";

export async function emitFile(io: Io, path: string): Promise<number> {
  const { name, text, resolve } = await readSource(io, path);
  const made = compile(text, { resolve });
  if (made.ok) {
    await io.write(`${made.code}\n`);
    return 0;
  }
  for (const diagnostic of made.diagnostics) io.complain(`${showDiagnostic(text, diagnostic, name)}\n`);
  return 1;
}
