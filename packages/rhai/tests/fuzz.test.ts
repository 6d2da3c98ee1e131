import { expect, test } from "vitest";
import { fuzzCommand, fuzzScripts } from "./fuzz.ts";

// A new seed each time: what it finds is shown with its seed, and becomes a named case. Longer: `node fuzz.ts 60`.
const seed = Date.now() % 1_000_000;

test("no script crashes or hangs the parser, the compiler or the runtime", async () => {
  const { cases, findings } = await fuzzScripts(3_000, seed);
  expect({ seed, findings }).toEqual({ seed, findings: [] });
  expect(cases).toBeGreaterThan(50);
}, 90_000);

test("every line of the command's input gets one answer", async () => {
  expect({ seed, problems: await fuzzCommand(100, seed) }).toEqual({ seed, problems: [] });
}, 90_000);
