/** The corpus once more with every function as a generator and every call as one that may wait: waiting must change no
 *  answer, no place of an error, no count of calls. */
import { expect, test } from "vitest";
import { analyseScopes } from "../src/analysis/scope.ts";
import { taggedBindings } from "../src/analysis/tags.ts";
import { inferTypes } from "../src/analysis/infer-types.ts";
import { rowErrorOf } from "../src/cli/row-error.ts";
import { type Answer, type Printed, type Row } from "../src/cli/row.ts";
import { anonymous, toTagged } from "../src/cli/tagged.ts";
import { emitProgram } from "../src/emit/program.ts";
import { instantiate } from "../src/instantiate.ts";
import { typeName } from "../src/runtime/format.ts";
import { Run } from "../src/runtime/run.ts";
import { type Limits } from "../src/runtime/state.ts";
import { parse } from "../src/syntax/parser.ts";
import { locatorOf } from "../src/syntax/source.ts";
import { isRight } from "./compare-answer.ts";
import { readRows } from "./corpus-rows.ts";

const waits = { isHost: false, isHandle: false, isDirect: true, isDynamic: true };

/** A text in which everything may wait. */
function colouredText(row: Row): string | undefined {
  const { ops: _ops, calls: _calls, vars = 0, ...limits } = row.limits ?? {};
  const { program, diagnostics } = parse(row.code, { limits });
  if (diagnostics.length > 0) return undefined;
  const scopes = analyseScopes(program);
  const sites = new Map([...scopes.owner.keys()].map((node) => [node, waits] as const));
  const { code } = emitProgram(scopes, {
    path: "",
    modules: new Map(),
    locate: locatorOf(row.code),
    variablesMax: vars,
    countsItems: (limits.str ?? 0) + (limits.arr ?? 0) + (limits.map ?? 0) > 0,
    isEvaluated: false,
    isOpen: false,
    colours: { coloured: new Map(scopes.units.map((unit) => [unit, { text: "a test", at: 0 }])), sites },
    host: undefined,
    tagged: taggedBindings(scopes),
    types: inferTypes(scopes, { hasCallers: false }),
  });
  return `${code}\n//# sourceURL=rhai:coloured-${row.id.replaceAll(/\W/g, "-")}`;
}

function limitsOf({ limits = {} }: Row): Partial<Limits> {
  const { ops = 50_000_000, str = 67_108_864, arr = 4_000_000, map = 4_000_000, calls = 64 } = limits;
  return { operations: ops, stringBytes: str, arrayItems: arr, mapEntries: map, callDepth: calls };
}

function answerOf(row: Row, text: string): Answer {
  const printed: Printed[] = [];
  const run = new Run(instantiate(text), [], {
    limits: limitsOf(row),
    failsOnMissing: row.fail_on_invalid_map_property ?? false,
    output: {
      print: (line) => void printed.push(anonymous(line)),
      debug: (line, at, col) => void printed.push({ debug: anonymous(line), line: at, col }),
    },
  });
  try {
    const step = run.start();
    if (!step.done) throw new Error("a row waits");
    return { id: row.id, ok: true, type: typeName(step.value), value: toTagged(step.value), printed };
  } catch (error) {
    return { id: row.id, ok: false, error: rowErrorOf(error), printed };
  }
}

test("every row that runs answers the same when everything may wait", { timeout: 120_000 }, () => {
  // What the parser alone decides, and texts that are compiled at run time, have no colour here.
  const rows = readRows().filter((row) => !/eval|import/.test(row.code) && row.strict !== true);
  const wrong: string[] = [];
  let count = 0;
  for (const row of rows) {
    const text = colouredText(row);
    if (text === undefined) continue;
    count++;
    expect(text).toContain("function* main(");
    if (!isRight(row, answerOf(row, text))) wrong.push(row.id);
  }
  // Rows about options of the parser are not set up here.
  const options = new Set(
    rows.filter((row) => row.looping === false || row.shadowing === false).map((row) => row.id),
  );
  expect(wrong.filter((id) => !options.has(id))).toEqual([]);
  expect(count).toBeGreaterThan(3000);
});
