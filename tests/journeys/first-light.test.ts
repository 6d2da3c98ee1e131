/** A new user follows "Five minutes" of README.md, line by line, in this clone. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endOf, startChild } from "../support/child-process.ts";
import { consoleSteps, fitsOutput } from "../support/console-blocks.ts";
import {
  freePort,
  removeFolder,
  repositoryRoot,
  serverEnvironment,
  temporaryFolder,
} from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const START_TIMEOUT_MS = 90_000;
const COMMAND_TIMEOUT_MS = 60_000;

const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");
const [tour = ""] = readme.split(/^## /m).filter((section) => section.startsWith("Five minutes"));
const steps = consoleSteps(tour);
const hasCurl = spawnSync("curl", ["--version"]).error === undefined;

describe("five minutes", () => {
  let port = 0;
  let dataDir = "";
  let home = "";
  let npm: NpmStart | undefined;
  let loginLine = "";

  /** The page says 8080; the test takes a port that is free. */
  const here = (text: string): string => text.replaceAll("127.0.0.1:8080", `127.0.0.1:${port}`);

  const shell = async (command: string, input = ""): Promise<{ code: number | null; text: string }> => {
    const [, url] = /^curl (\S+)$/.exec(command) ?? [];
    // A machine without curl has had no person who copied the line.
    if (url !== undefined && !hasCurl) return { code: 0, text: await (await fetch(url)).text() };
    const child = startChild("bash", ["-c", `${command} 2>&1`], {
      cwd: repositoryRoot,
      env: { ...serverEnvironment({}), HOME: home, XDG_CONFIG_HOME: home },
      input,
    });
    const { code } = await endOf(child, COMMAND_TIMEOUT_MS);
    return { code, text: child.stdout() };
  };

  beforeAll(async () => {
    port = await freePort();
    dataDir = await temporaryFolder();
    home = await temporaryFolder("picloud-home-");
    // Without a terminal curl would show its progress.
    await writeFile(join(home, ".curlrc"), "silent\nshow-error\n");
  });
  afterAll(async () => {
    await npm?.stop();
    await removeFolder(dataDir);
    await removeFolder(home);
  });

  test("the page has a tour: it begins with a clone and npm start", () => {
    expect(steps.slice(0, 2).map(({ command }) => command)).toEqual([
      expect.stringMatching(/^git clone .+ picloud && cd picloud$/),
      "npm start",
    ]);
    expect(steps.length).toBeGreaterThan(8);
  });

  test("npm start prints what the page says", { timeout: START_TIMEOUT_MS + 10_000 }, async () => {
    npm = npmStart(port, dataDir);
    const output = await npm.untilRunning();
    expect(
      fitsOutput(output.slice(output.indexOf("PiCloud is running.")), here(steps[1]?.output ?? "")),
    ).toBe(true);
    loginLine = /npx pic login .*/.exec(output)?.[0] ?? "";
    expect(loginLine).toMatch(/--setup \S+/);
    expect(output).toContain(dataDir);
  });

  test.each(steps.slice(2))("$command", { timeout: COMMAND_TIMEOUT_MS }, async ({ command, output }) => {
    const isLogin = command.startsWith("npx pic login");
    const words = isLogin ? loginLine : here(command);
    const run = async (): Promise<string> => {
      const { code, text } = await shell(words, isLogin ? "ada\na long password\n" : "");
      if (code !== 0) throw new Error(`${words}: exit code ${code}\n${text}`);
      return text;
    };
    const fits = (text: string): boolean => fitsOutput(text, here(output));
    // A triggered script runs a moment after the write; reading again is what a person does.
    const isReading = / (ls|logs) /.test(`${command} `);
    const runUntilItFits = async (): Promise<string | false> => {
      const text = await run();
      return fits(text) && text;
    };
    const text = isReading ? await waitFor(`what the page says of ${command}`, runUntilItFits) : await run();
    expect({ text, fits: fits(text) }).toEqual({ text, fits: true });
  });

  test(
    "Ctrl+C stops it, and the next start goes on with the same data",
    { timeout: 2 * START_TIMEOUT_MS },
    async () => {
      await npm?.stop();
      await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow("fetch failed");
      npm = npmStart(port, dataDir);
      const output = await npm.untilRunning();
      expect(output).not.toContain("--setup");
      expect((await shell(`curl http://127.0.0.1:${port}/visits/ada`)).text).toBe(
        `{"name":"ada","visits":4}`,
      );
      expect((await shell("npx pic whoami")).code).toBe(0);
    },
  );
});

interface NpmStart {
  /** What it printed, once it said that it runs. */
  untilRunning(): Promise<string>;
  /** Ctrl+C, and the exit code that followed. */
  stop(): Promise<number | null>;
}

/** `npm start` as on a terminal: a group of processes of its own, that Ctrl+C reaches as a whole. */
function npmStart(port: number, dataDir: string): NpmStart {
  const child = spawn("npm", ["start"], {
    cwd: repositoryRoot,
    env: serverEnvironment({ PICLOUD_LISTEN: `127.0.0.1:${port}`, PICLOUD_DATA_DIR: dataDir }),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let exitCode: number | null | undefined;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      exitCode = code;
      resolve(code);
    });
  });
  return {
    untilRunning: async () => {
      const isRunning = (): boolean => {
        if (exitCode !== undefined) throw new Error(`npm start ended with ${exitCode}:\n${output}`);
        return /PiCloud is running\.[\s\S]*\n\n$/.test(output);
      };
      await waitFor("npm start runs", isRunning, START_TIMEOUT_MS);
      return output;
    },
    stop: async () => {
      if (exitCode === undefined && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      return await ended;
    },
  };
}
