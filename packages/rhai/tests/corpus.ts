/** `node packages/rhai/tests/corpus.ts [--feature x] [--id text] [--show N] [--file rows.jsonl]`: score of the corpus. */
import process from "node:process";
import { parseArgs } from "node:util";
import { evaluateRow } from "../src/cli/evaluate-row.ts";
import { showDifference } from "./compare-answer.ts";
import { readRows } from "./corpus-rows.ts";
import { scoreRows, showScore } from "./corpus-score.ts";

const { values } = parseArgs({
  options: {
    feature: { type: "string" },
    id: { type: "string" },
    /** How many failures to show. */
    show: { type: "string", default: "0" },
    file: { type: "string" },
  },
});
const rows = readRows(values.file).filter(
  ({ feature, id }) =>
    (values.feature === undefined || feature === values.feature) &&
    (values.id === undefined || id.includes(values.id)),
);
const score = scoreRows(rows, evaluateRow);
for (const { row, answer } of score.failures.slice(0, Number(values.show)))
  console.log(`${showDifference(row, answer)}\n`);
console.log(showScore(score));
process.exitCode = score.failures.length > 0 || rows.length === 0 ? 1 : 0;
