/** Runs one row of `rhai eval --jsonl`. */
import { type Answer, type Row } from "./row.ts";

/** Never throws. */
export function evaluateRow(row: Row): Answer {
  const error = {
    kind: "row",
    variant: "Unfinished",
    msg: "no evaluator yet",
    line: null,
    col: null,
  } as const;
  return { id: row.id, ok: false, error, printed: [] };
}
