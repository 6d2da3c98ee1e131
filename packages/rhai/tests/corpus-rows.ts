/** The reference: programs with native Rhai's answers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, type Row } from "../src/cli/row.ts";

export interface CorpusRow extends Row {
  readonly feature: string;
  readonly expect: Outcome;
  /** Native's optimiser changes the outcome; either is right. */
  readonly expect_noopt?: Outcome;
  /** The last tagged release differs; either is right. */
  readonly expect_1_25?: Outcome;
  /** Last-digit differences of floats are allowed. */
  readonly approx?: boolean;
}

/** The rows of a file with one JSON object per line. */
export function readRows(path: string = join(import.meta.dirname, "corpus.jsonl")): CorpusRow[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as CorpusRow);
}

/** `known-differences.txt`: id → reason. A line is `<id>  <reason>`; `#` begins a comment. */
export function readKnownDifferences(
  path: string = join(import.meta.dirname, "known-differences.txt"),
): Map<string, string> {
  const known = new Map<string, string>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const match = /^(\S+) {2}(\S.*)$/.exec(line);
    if (match === null) throw new Error(`known-differences.txt: not "<id>  <reason>": ${line}`);
    known.set(match[1] ?? "", match[2] ?? "");
  }
  return known;
}
