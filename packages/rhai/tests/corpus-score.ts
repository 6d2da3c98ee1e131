/** Runs rows and counts per feature. */
import { type Answer, type Row } from "../src/cli/row.ts";
import { isRight } from "./compare-answer.ts";
import { type CorpusRow } from "./corpus-rows.ts";

export interface Failure {
  readonly row: CorpusRow;
  readonly answer: Answer;
}

export interface Score {
  readonly failures: readonly Failure[];
  /** Feature → rows and those that are right. */
  readonly features: ReadonlyMap<string, { readonly rows: number; readonly right: number }>;
}

export function scoreRows(rows: readonly CorpusRow[], evaluate: (row: Row) => Answer): Score {
  const failures: Failure[] = [];
  const features = new Map<string, { rows: number; right: number }>();
  for (const row of rows) {
    const answer = evaluate(row);
    const isPassed = isRight(row, answer);
    if (!isPassed) failures.push({ row, answer });
    const counts = features.get(row.feature) ?? { rows: 0, right: 0 };
    features.set(row.feature, { rows: counts.rows + 1, right: counts.right + (isPassed ? 1 : 0) });
  }
  return { failures, features };
}

/** One line per feature that is not complete, and the sum. */
export function showScore({ failures, features }: Score): string {
  const lines = [...features]
    .filter(([, { rows, right }]) => right < rows)
    .toSorted(([, a], [, b]) => b.rows - b.right - (a.rows - a.right))
    .map(([feature, { rows, right }]) => `${feature.padEnd(20)} ${right}/${rows}`);
  const rows = [...features.values()].reduce((sum, feature) => sum + feature.rows, 0);
  return [...lines, `${"all".padEnd(20)} ${rows - failures.length}/${rows}`].join("\n");
}
