import { expect, test } from "vitest";
import { evaluateRow } from "../src/cli/evaluate-row.ts";
import { readCases, showAnswer } from "./case-files.ts";

test.each(readCases())("$name", ({ name, code, expected }) => {
  expect(showAnswer(evaluateRow({ id: name, code }))).toBe(expected);
});
