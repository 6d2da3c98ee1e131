import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runChecks } from "./checks.ts";
import { lastLine } from "./test-tally.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "picloud-tally-"));
  await symlink(join(import.meta.dirname, "..", "node_modules"), join(folder, "node_modules"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("the last line has two numbers, and a third only when something was left out", () => {
  expect(lastLine({ passed: 3, failed: 1, skipped: [] })).toBe("3 passed, 1 failed");
  expect(lastLine({ passed: 3, failed: 0, skipped: ["a"] })).toBe("3 passed, 0 failed, 1 skipped");
});

test("a check passes by its exit code; its output is kept; one that can't start has failed", async () => {
  const seen: string[] = [];
  const results = await runChecks(
    folder,
    [
      { name: "good", command: ["node", "-e", "console.log('fine')"] },
      { name: "bad", command: ["node", "-e", "console.error('broken'); process.exit(3)"] },
      { name: "absent", command: ["no-such-program"] },
    ],
    2,
    ({ name }) => seen.push(name),
  );
  const byName = Object.fromEntries(results.map((result) => [result.name, result]));
  expect(byName["good"]).toMatchObject({ isPassed: true, output: "fine\n" });
  expect(byName["bad"]).toMatchObject({ isPassed: false, output: "broken\n" });
  expect(byName["absent"]?.isPassed).toBe(false);
  expect(seen.toSorted()).toEqual(["absent", "bad", "good"]);
});

test("every test, broken file and skipped test is counted by vitest's own run", async () => {
  await writeFile(
    join(folder, "a.test.ts"),
    `import { expect, test } from "vitest";
     test("passes", () => expect(1).toBe(1));
     test("fails", () => expect(1).toBe(2));
     test("left out", (ctx) => ctx.skip("no reason to run"));`,
  );
  await writeFile(join(folder, "b.test.ts"), `throw new Error("does not load");`);
  await writeFile(
    join(folder, "run.ts"),
    `import { startVitest } from "vitest/node";
     import { TallyReporter } from ${JSON.stringify(join(import.meta.dirname, "test-tally.ts"))};
     const counter = new TallyReporter();
     const vitest = await startVitest([], { root: ${JSON.stringify(folder)}, run: true, config: false, reporters: [counter] });
     await vitest.close();
     console.log(JSON.stringify(counter.tally()));
     process.exit(0);`,
  );
  const [result] = await runChecks(
    folder,
    [{ name: "run", command: ["node", "run.ts"] }],
    1,
    () => undefined,
  );
  expect(JSON.parse(result?.output.trim().split("\n").at(-1) ?? "")).toEqual({
    passed: 1,
    failed: 2,
    skipped: ["a.test.ts > left out: no reason to run"],
  });
});
