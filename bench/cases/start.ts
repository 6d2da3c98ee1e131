/** From `npm start` to the first 200 of the example script: with a fresh data folder, and with one that is there. */
import { spawn } from "node:child_process";
import {
  freePort,
  removeFolder,
  repositoryRoot,
  serverEnvironment,
  temporaryFolder,
} from "../../tests/support/start-server.ts";
import { waitFor } from "../../tests/support/wait-for.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase } from "../bench-case.ts";
import { series, sideBySide } from "../side-by-side.ts";
import type { Sample } from "../side-by-side.ts";
import { withSpread } from "../statistics.ts";

const START_TIMEOUT_MS = 120_000;

async function untilFirstAnswer(dataDir: string): Promise<number> {
  const port = await freePort();
  const started = performance.now();
  const npm = spawn("npm", ["start", "--silent"], {
    cwd: repositoryRoot,
    stdio: "ignore",
    env: serverEnvironment({ PICLOUD_LISTEN: `127.0.0.1:${port}`, PICLOUD_DATA_DIR: dataDir }),
    detached: true,
  });
  const ended = new Promise((resolve) => npm.on("exit", resolve));
  try {
    const isUp = async (): Promise<boolean> =>
      await fetch(`http://127.0.0.1:${port}/hello`).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status === 200;
        },
        () => false,
      );
    await waitFor("GET /hello is 200", isUp, START_TIMEOUT_MS);
    return performance.now() - started;
  } finally {
    // The whole group, as Ctrl+C on a terminal does.
    if (npm.pid !== undefined) process.kill(-npm.pid, "SIGINT");
    await ended;
  }
}

async function measure(): Promise<Sample> {
  const dataDir = await temporaryFolder("picloud-bench-");
  try {
    const cold = await untilFirstAnswer(dataDir);
    return { "cold ms": cold, "warm ms": await untilFirstAnswer(dataDir) };
  } finally {
    await removeFolder(dataDir);
  }
}

export const start: BenchCase = {
  name: "start",
  about:
    "npm start to the first 200 of the example script, with a fresh data folder and with one that is there",
  run: async ({ rounds, tell }) => {
    const all = await sideBySide([{ name: "picloud", measure }], rounds, tellRound(tell));
    return {
      rows: [
        { what: "fresh data folder", value: `${withSpread(series(all, "picloud", "cold ms"))} ms` },
        {
          what: "data folder of an earlier start",
          value: `${withSpread(series(all, "picloud", "warm ms"))} ms`,
        },
      ],
      raw: all,
    };
  },
};
