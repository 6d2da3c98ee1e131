/** What a benchmark case is. */
import type { LoadTool } from "./http-load.ts";
import type { Sample } from "./side-by-side.ts";

export interface CaseOptions {
  readonly rounds: number;
  readonly load: LoadTool;
  /** Seconds of a measured window of load. */
  readonly seconds: number;
  /** Says what is going on. */
  readonly tell: (line: string) => void;
}

/** A line of the table that is printed. */
export interface ResultRow {
  readonly what: string;
  /** Median with spread and unit. */
  readonly value: string;
  /** As a multiple of what, for comparisons. */
  readonly ratio?: string;
  readonly goal?: string;
  readonly isGoalMet?: boolean;
}

export interface CaseResult {
  readonly rows: readonly ResultRow[];
  /** Every raw number, kept in the result file. */
  readonly raw: Readonly<Record<string, readonly Sample[]>>;
}

export interface BenchCase {
  readonly name: string;
  readonly about: string;
  run(options: CaseOptions): Promise<CaseResult>;
}

/** Lines of a round, while it goes on. */
export function tellRound(
  tell: (line: string) => void,
): (round: number, name: string, sample: Sample) => void {
  return (round, name, sample) => {
    const numbers = Object.entries(sample).map(([what, value]) => `${what} ${value.toPrecision(4)}`);
    tell(`  round ${round}, ${name}: ${numbers.join(", ")}`);
  };
}
