/** Runs a program for tests: all that can be seen of it, as one comparable value. */
import { rowErrorOf } from "../src/cli/row-error.ts";
import { type RowError } from "../src/cli/row.ts";
import { toTagged } from "../src/cli/tagged.ts";
import { type CompileOptions, compile } from "../src/compile.ts";
import { instantiate } from "../src/instantiate.ts";
import { Run } from "../src/runtime/run.ts";

export interface Seen {
  readonly value?: unknown;
  readonly error?: RowError;
  readonly printed: readonly string[];
}

/** Throws if the program does not compile, or if the host's side breaks. */
export function runProgram(source: string, options: CompileOptions = {}): Seen {
  const made = compile(source, { limits: { expr: 0, fn_expr: 0 }, ...options });
  if (!made.ok) throw new Error(`${made.diagnostics[0]?.message ?? ""}\n${source}`);
  const printed: string[] = [];
  const unit = instantiate(made.code);
  const run = new Run(unit, [], {
    limits: { operations: 200_000, stringBytes: 100_000, arrayItems: 20_000, mapEntries: 20_000 },
    output: { print: (text) => printed.push(text), debug: (text) => printed.push(`debug ${text}`) },
  });
  try {
    let step = run.start();
    // The host answers with nothing.
    while (!step.done) step = run.resume({ ok: true, value: undefined });
    return { value: toTagged(step.value), printed };
  } catch (error) {
    return { error: rowErrorOf(error), printed };
  }
}
