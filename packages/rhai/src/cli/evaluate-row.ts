/** Runs one row of `rhai eval --jsonl`. */
import { type ParseOptions } from "../syntax/parse-options.ts";
import { compile } from "../compile.ts";
import { type Diagnostic } from "../diagnostics.ts";
import { compileEvaluated, instantiate, moduleLoader } from "../instantiate.ts";
import { setEvaluator } from "../runtime/evaluator.ts";
import { RhaiError } from "../runtime/error.ts";
import { typeName } from "../runtime/format.ts";
import { Run } from "../runtime/run.ts";
import { type Limits, type Output } from "../runtime/state.ts";
import { type Answer, type Outcome, type Printed, type Row, type RowError, type RowLimits } from "./row.ts";
import { faultError, rowErrorOf } from "./row-error.ts";
import { anonymous, fromTagged, toTagged } from "./tagged.ts";

/** For rows without limits of their own: native has none, but a row must end. */
const OPERATIONS_MAX = 20_000_000;
const STRING_BYTES_MAX = 16 * 1024 * 1024;
const ITEMS_MAX = 4_000_000;
const PRINTED_CHARS_MAX = 16 * 1024 * 1024;

/** Never throws. */
export function evaluateRow(row: Row): Answer {
  const printed: Printed[] = [];
  try {
    return { id: row.id, ...runRow(row, printed) };
  } catch (error) {
    return { id: row.id, ok: false, error: rowErrorOf(error), printed };
  }
}

function runRow(row: Row, printed: Printed[]): Outcome {
  const scope = Object.entries(row.scope ?? {}).map(([name, value]) => [name, fromTagged(value)] as const);
  const { modules = {} } = row;
  const options = {
    ...parserOptions(row),
    variablesMax: row.limits?.vars ?? 0,
    scope: scope.map(([name]) => name),
    resolve: (path: string) => (Object.hasOwn(modules, path) ? modules[path] : undefined),
  };
  const made = compile(row.code.toWellFormed(), options);
  if (!made.ok) return { ok: false, error: refused(made.diagnostics), printed };
  const values = scope.map(([, value]) => value);
  setEvaluator(compileEvaluated);
  const run = new Run(instantiate(made.code), values, {
    load: moduleLoader(options),
    limits: limitsOf(row.limits ?? {}),
    output: collector(printed),
    failsOnMissing: row.fail_on_invalid_map_property ?? false,
  });
  const step = run.start();
  if (!step.done) throw new Error("a row waits for the host");
  return { ok: true, type: typeName(step.value), value: toTagged(step.value), printed };
}

function parserOptions({ strict = false, shadowing = true, looping = true, limits = {} }: Row): ParseOptions {
  const { ops: _ops, calls: _calls, vars: _vars, ...literals } = limits;
  return { strict, shadowing, looping, limits: literals };
}

function limitsOf({ ops, calls, str, arr, map, vars }: RowLimits): Partial<Limits> {
  return {
    operations: ops ?? OPERATIONS_MAX,
    stringBytes: str ?? STRING_BYTES_MAX,
    arrayItems: arr ?? ITEMS_MAX,
    mapEntries: map ?? ITEMS_MAX,
    variables: vars ?? 0,
    ...(calls === undefined ? {} : { callDepth: calls }),
  };
}

function collector(printed: Printed[]): Output {
  let chars = 0;
  const keep = (line: Printed, text: string): void => {
    chars += text.length + 1;
    if (chars > PRINTED_CHARS_MAX)
      throw new RhaiError("ErrorTerminated", "Script terminated: it prints too much");
    printed.push(line);
  };
  return {
    print: (text) => keep(anonymous(text), text),
    debug: (text, line, col) => keep({ debug: anonymous(text), line, col }, text),
  };
}

function refused([first]: readonly Diagnostic[]): RowError {
  if (first === undefined) throw new Error("refused without a reason");
  const { code, lex, message, line, column } = first;
  return faultError({ code, message, ...(lex === undefined ? {} : { lex }), place: { line, column } });
}
