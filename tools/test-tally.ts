/** Counts what vitest ran, and turns the counts into the last line of `npm test`. */
import type { Reporter, TestModule } from "vitest/node";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Name and reason of each test that was left out. */
  readonly skipped: readonly string[];
}

/** Of `skipIf` and `runIf`, which take no note: the titles around such a test say when it runs. */
const CONDITION = "its condition does not hold here";

/** A reporter that counts; `tally()` once the run has ended. A file that could not be loaded, and an error outside any
 *  test, count as failed tests: nothing that went wrong may leave the count at zero. */
export class TallyReporter implements Reporter {
  #tally: Tally = { passed: 0, failed: 0, skipped: [] };

  tally(): Tally {
    return this.#tally;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    const skipped: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed++;
        else if (result.state === "skipped")
          skipped.push(`${module.relativeModuleId} > ${test.fullName}: ${result.note ?? CONDITION}`);
        else failed++;
      }
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    this.#tally = { passed, failed, skipped };
  }
}

/** Exactly this form is what scripts read. */
export function lastLine({ passed, failed, skipped }: Tally): string {
  const left = skipped.length > 0 ? `, ${skipped.length} skipped` : "";
  return `${passed} passed, ${failed} failed${left}`;
}
