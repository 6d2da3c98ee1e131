import { describe, expect, test } from "vitest";
import { type CorpusRow, readRows } from "../../tests/corpus-rows.ts";
import { parse } from "./parser.ts";

const rows = readRows();

/** Rows whose parse error is raised by a run: `Fn("print")` and `parse_json(…)` parse their argument. */
function isRaisedByRun(row: CorpusRow): boolean {
  return /^(Fn|parse_json)\(/.test(row.code);
}

/** What the parser has to say: "" if nothing. */
function wanted(outcome: CorpusRow["expect"]): string {
  if (outcome.ok || outcome.error.kind !== "parse") return "";
  const { error } = outcome;
  return [error.variant, error.lex ?? "", error.msg, error.line, error.col].join(" | ");
}

function found(row: CorpusRow): string {
  const { strict, shadowing, looping, limits } = row;
  const result = parse(row.code, {
    ...(strict === undefined ? {} : { strict }),
    ...(shadowing === undefined ? {} : { shadowing }),
    ...(looping === undefined ? {} : { looping }),
    ...(limits === undefined ? {} : { limits }),
  });
  const first = result.diagnostics[0];
  if (first === undefined) return "";
  return [first.code, first.lex ?? "", first.message, first.line, first.column].join(" | ");
}

describe("the parser answers as native Rhai", () => {
  const byFeature = Map.groupBy(rows, (row) => row.feature);
  test.each([...byFeature.keys()])("%s", (feature) => {
    const wrong: string[] = [];
    for (const row of byFeature.get(feature) ?? []) {
      if (isRaisedByRun(row)) continue;
      const answers = [row.expect, row.expect_noopt, row.expect_1_25].filter((one) => one !== undefined);
      const answer = found(row);
      if (!answers.some((one) => wanted(one) === answer)) {
        wrong.push(`${row.id} ${row.code}\n  wanted ${wanted(row.expect)}\n  found  ${answer}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
