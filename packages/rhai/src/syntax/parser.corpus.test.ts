import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "./parser.ts";

interface Outcome {
  readonly ok: boolean;
  readonly error?: {
    readonly kind: string;
    readonly variant: string;
    readonly lex?: string;
    readonly msg: string;
    readonly line: number | null;
    readonly col: number | null;
  };
}

interface Row {
  readonly id: string;
  readonly code: string;
  readonly feature: string;
  readonly strict?: boolean;
  readonly shadowing?: boolean;
  readonly looping?: boolean;
  readonly limits?: Record<string, number>;
  readonly expect: Outcome;
  readonly expect_noopt?: Outcome;
  readonly expect_1_25?: Outcome;
}

const path = process.env["RHAI_CORPUS"] ?? new URL("../../tests/corpus.jsonl", import.meta.url);
const rows = readFileSync(path, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Row);

/** Rows whose parse error is raised by a run: `Fn("print")` and `parse_json(…)` parse their argument. */
function isRaisedByRun(row: Row): boolean {
  return /^(Fn|parse_json)\(/.test(row.code);
}

/** What the parser has to say: "" if nothing. */
function wanted(outcome: Outcome): string {
  const { error } = outcome;
  if (error === undefined || error.kind !== "parse") return "";
  return [error.variant, error.lex ?? "", error.msg, error.line, error.col].join(" | ");
}

function found(row: Row): string {
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
