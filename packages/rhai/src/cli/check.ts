/** `rhai check`: what the compiler finds, with code frames. */
import { compile } from "../compile.ts";
import { showDiagnostic } from "../diagnostics.ts";
import { type Io } from "./io.ts";
import { readSource } from "./source-file.ts";

export async function checkFiles(io: Io, paths: readonly string[]): Promise<number> {
  let wrong = 0;
  for (const path of paths) {
    const { name, text, resolve } = await readSource(io, path);
    const made = compile(text, { resolve });
    if (made.ok) continue;
    wrong += 1;
    for (const diagnostic of made.diagnostics)
      await io.write(`${showDiagnostic(text, diagnostic, name)}\n\n`);
  }
  if (wrong > 0)
    io.complain(`${wrong} of ${paths.length} ${paths.length === 1 ? "script is" : "scripts are"} wrong\n`);
  return wrong > 0 ? 1 : 0;
}
