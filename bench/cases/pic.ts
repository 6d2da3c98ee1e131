/** How long `pic` takes as a whole process, beside a Node that does nothing. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { loggedInPic } from "../../tests/support/pic.ts";
import { removeFolder, repositoryRoot, startServer } from "../../tests/support/start-server.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase, ResultRow } from "../bench-case.ts";
import { series, sideBySide } from "../side-by-side.ts";
import type { Rounds } from "../side-by-side.ts";
import { median, withSpread } from "../statistics.ts";

/** Starts in a row, of which a sample is the median. */
const STARTS = 15;
const NUMBER = "ms";
const picFile = join(repositoryRoot, "packages", "cli", "bin", "pic.js");

const COMMANDS: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly goalMs?: number;
}[] = [
  { name: "node -e 0", args: ["-e", "0"] },
  { name: "pic --help", args: [picFile, "--help"], goalMs: 100 },
  { name: "pic whoami", args: [picFile, "whoami"], goalMs: 150 },
  { name: "pic apps ls", args: [picFile, "apps", "ls"] },
];

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return performance.now() - started;
}

function rowsOf(rounds: Rounds): ResultRow[] {
  return COMMANDS.map(({ name, goalMs }) => {
    const all = series(rounds, name, NUMBER);
    const row = { what: name, value: `${withSpread(all)} ms` };
    return goalMs === undefined
      ? row
      : { ...row, goal: `under ${goalMs} ms`, isGoalMet: median(all) < goalMs };
  });
}

export const pic: BenchCase = {
  name: "pic",
  about: "whole processes of pic: --help, whoami and a list, beside a Node that does nothing",
  run: async ({ rounds, tell }) => {
    const server = await startServer();
    try {
      const config = join((await loggedInPic(server)).credentials, "..", "..");
      const env = { PATH: process.env["PATH"], HOME: config, XDG_CONFIG_HOME: config };
      const variants = COMMANDS.map(({ name, args }) => ({
        name,
        measure: async () => {
          const times: number[] = [];
          for (let i = 0; i < STARTS; i++) times.push(await run(args, env));
          return { [NUMBER]: median(times) };
        },
      }));
      const all = await sideBySide(variants, rounds, tellRound(tell));
      return { rows: rowsOf(all), raw: all };
    } finally {
      await server.stop();
      await removeFolder(server.dataDir);
    }
  },
};
