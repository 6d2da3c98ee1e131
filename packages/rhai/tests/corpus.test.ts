import { expect, test } from "vitest";
import { evaluateRow } from "../src/cli/evaluate-row.ts";
import { showDifference } from "./compare-answer.ts";
import { readKnownDifferences, readRows } from "./corpus-rows.ts";
import { scoreRows, showScore } from "./corpus-score.ts";

const SHOWN_MAX = 5;

test("every row of the corpus answers as native Rhai, but for the known differences", () => {
  const rows = readRows();
  const known = readKnownDifferences();
  const score = scoreRows(rows, evaluateRow);
  const failed = new Set(score.failures.map(({ row }) => row.id));
  const unknown = score.failures.filter(({ row }) => !known.has(row.id));
  const shown = unknown.slice(0, SHOWN_MAX).map(({ row, answer }) => showDifference(row, answer));
  expect(unknown.length, `${shown.join("\n")}\n${showScore(score)}`).toBe(0);
  // The list may only shrink.
  expect([...known.keys()].filter((id) => !failed.has(id))).toEqual([]);
  expect(rows.length).toBeGreaterThan(3_500);
});
