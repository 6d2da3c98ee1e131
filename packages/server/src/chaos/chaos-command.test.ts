/** Arguments of `picloud chaos`, the folders that it refuses, and what it says. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { acquireDataLock } from "../platform/database/data-lock.ts";
import { chaosCommand, isBroken, parseChaosArguments, reportLines } from "./chaos-command.ts";
import type { ChaosReport } from "./chaos.ts";
import { isKill, killKinds, planFaults } from "./faults.ts";
import { createRandom } from "./random.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-chaos-command-"));
  folders.push(made);
  return made;
}

describe("arguments", () => {
  it("have defaults", () => {
    expect(parseChaosArguments([])).toEqual({
      kills: 200,
      minutes: 30,
      nodes: 1,
      seed: expect.any(Number),
      folder: undefined,
    });
    expect(parseChaosArguments(["--kills", "7", "--seed=9", "--nodes", "2", "--folder", "f"])).toEqual({
      kills: 7,
      minutes: 30,
      nodes: 2,
      seed: 9,
      folder: "f",
    });
  });

  it.each([
    [["--kills", "0"], /--kills \(0\) is not a whole number from 1/],
    [["--kills", "many"], /--kills \(many\)/],
    [["--nodes", "3"], /--nodes \(3\)/],
    [["--seed", "-1"], /seed/],
    [["--what"], /--what.*\nusage: picloud chaos/],
    [["more"], /more.*\nusage: picloud chaos/],
  ])("%j is refused", (args, message) => {
    expect(() => parseChaosArguments(args)).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(() => parseChaosArguments(args)).toThrow(message);
  });
});

describe("a folder", () => {
  const run = async (args: readonly string[]): Promise<number> =>
    await chaosCommand(args, () => undefined, new AbortController().signal);

  it("in use is refused with who uses it, and is not touched", async () => {
    const used = newFolder();
    const lock = await acquireDataLock(used);
    const before = fs.readdirSync(used);
    await expect(run(["--folder", used])).rejects.toThrow(
      `in use by a PiCloud server with process id ${process.pid}`,
    );
    expect(fs.readdirSync(used)).toEqual(before);
    lock.release();
  });

  it("with anything in it is refused", async () => {
    const full = newFolder();
    fs.writeFileSync(path.join(full, "mine"), "");
    await expect(run(["--folder", full])).rejects.toThrow(/not an empty folder/);
    await expect(run(["--folder", path.join(full, "mine")])).rejects.toThrow(/not an empty folder/);
    expect(fs.readdirSync(full)).toEqual(["mine"]);
  });
});

describe("the plan of faults", () => {
  it("is the same for the same seed, has all kinds of kills, and as many as were asked for", () => {
    const plan = (seed: number, nodes: 1 | 2 = 1) =>
      planFaults({ kills: 50, nodes, random: createRandom(seed) });
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
    expect(new Set(plan(1))).toEqual(new Set(killKinds));
    expect(plan(1)).toHaveLength(50);
    expect(plan(1, 2).filter(isKill)).toHaveLength(50);
    expect(plan(1, 2).length).toBeGreaterThan(50);
  });
});

describe("the report", () => {
  const report: ChaosReport = {
    seed: 5,
    faults: new Map([["server", 2]]),
    kills: 2,
    writes: { acknowledged: 10, unknown: 1, unsent: 3 },
    takeovers: 1,
    replays: 0,
    longestOutageMs: 1_234,
    verdicts: [{ invariant: "every acknowledged write is stored", checked: 10, violations: [] }],
  };

  it("counts what was made and what was kept", () => {
    expect(isBroken(report)).toBe(false);
    const text = reportLines(report).join("\n");
    expect(text).toMatch(/^ +2 {2}kill -9 of a server$/m);
    expect(text).toMatch(/^kept +10 {2}every acknowledged write is stored$/m);
    expect(text).toMatch(/All promises were kept through 2 kills; seed 5\.$/);
  });

  it("names what was broken, after which fault, and not without end", () => {
    const violations = Array.from({ length: 12 }, (_, n) => `kv ${n} is not there`);
    const [verdict] = report.verdicts;
    const broken = {
      ...report,
      verdicts: [{ invariant: "", checked: 12, ...verdict, violations }],
      brokenAfter: "fault 2",
    };
    expect(isBroken(broken)).toBe(true);
    const text = reportLines(broken).join("\n");
    expect(text).toMatch(/^BROKEN +10 {2}every acknowledged/m);
    expect(text).toContain("kv 9 is not there");
    expect(text).not.toContain("kv 10 is not there");
    expect(text).toMatch(/and 2 more/);
    expect(text).toMatch(/A promise was broken after fault 2; seed 5\.$/);
  });
});
