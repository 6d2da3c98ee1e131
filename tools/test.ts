/** What `npm test` runs: the checks, counted as tests, then every test. The last line of its output is
 *  `N passed, N failed` and the exit code follows it. With arguments (`npm test -- kv`): only the test files that match. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { startVitest } from "vitest/node";
import { listChecks, runChecks } from "./checks.ts";
import type { CheckResult } from "./checks.ts";
import { lastLine, TallyReporter } from "./test-tally.ts";
import type { Tally } from "./test-tally.ts";

/** System tests start servers, executors and PostgreSQL: more files at once than this only wait for each other. */
const WORKERS_MAX = 4;

const root = join(import.meta.dirname, "..");

function show({ name, isPassed, durationMs, output }: CheckResult): void {
  console.log(`${isPassed ? "ok  " : "FAIL"} ${name} (${(durationMs / 1000).toFixed(1)} s)`);
  if (!isPassed) console.log(output.trimEnd());
}

async function runTests(filters: string[]): Promise<Tally> {
  const counter = new TallyReporter();
  const vitest = await startVitest(filters, {
    root,
    run: true,
    watch: false,
    reporters: ["default", counter],
    maxWorkers: Math.min(WORKERS_MAX, availableParallelism()),
    passWithNoTests: false,
  });
  await vitest.close();
  const tally = counter.tally();
  // No test at all is not a success.
  return tally.passed + tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

const filters = process.argv.slice(2);
const checks =
  filters.length > 0
    ? []
    : await runChecks(root, listChecks(root), Math.min(2, availableParallelism()), show);
const tests = await runTests(filters);
for (const name of tests.skipped) console.log(`skipped: ${name}`);
const total: Tally = {
  passed: tests.passed + checks.filter(({ isPassed }) => isPassed).length,
  failed: tests.failed + checks.filter(({ isPassed }) => !isPassed).length,
  skipped: tests.skipped,
};
for (const { name } of checks.filter(({ isPassed }) => !isPassed)) console.log(`failed check: ${name}`);
const code = total.failed > 0 ? 1 : 0;
// vitest may leave handles open; what was written is on its way to a pipe, so it is flushed before the end.
process.stdout.write(`${lastLine(total)}\n`, () => process.exit(code));
