import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A clone with nothing but `run.mjs` and programs of the test. */
let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-run-"));
  fs.mkdirSync(path.join(root, "tools"));
  fs.copyFileSync(path.join(import.meta.dirname, "run.mjs"), path.join(root, "tools", "run.mjs"));
  fs.writeFileSync(path.join(root, "package-lock.json"), "{}");
  fs.mkdirSync(path.join(root, "node_modules", ".bin"), { recursive: true });
  fs.mkdirSync(path.join(root, "node_modules", "vitest"));
  fs.writeFileSync(path.join(root, "node_modules", ".package-lock.json"), "{}");
});
afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

interface Running {
  readonly pid: number;
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<Outcome>;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [path.join(root, "tools", "run.mjs"), ...args], {
    env: { PATH: "/usr/bin:/bin", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "close").then(
    ([code, signal]: unknown[]) => ({ code, signal, output }) as Outcome,
  );
  return { pid: child.pid ?? 0, output: () => output, signal: (name) => void child.kill(name), ended };
}

function program(text: string): void {
  fs.writeFileSync(path.join(root, "tools", "test.ts"), text);
  fs.symlinkSync(process.execPath, path.join(root, "node_modules", ".bin", "node"));
}

async function untilOutput(running: Running, text: string): Promise<void> {
  await expect.poll(() => running.output(), { timeout: 15_000, interval: 20 }).toContain(text);
}

describe("run.mjs", () => {
  it("hands arguments on and ends with the program's exit code", async () => {
    program("console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;");
    expect(await run(["test", "a b", "--x"]).ended).toEqual({
      code: 7,
      signal: null,
      output: '["a b","--x"]\n',
    });
  });

  it("remembers what was installed, and takes an installation by hand as one", async () => {
    program("");
    expect(await run(["test"]).ended).toMatchObject({ code: 0, output: "" });
    const marker = path.join(root, "node_modules", ".picloud-lock");
    expect(fs.readFileSync(marker, "utf8")).toMatch(/^[0-9a-f]{64} all\n$/);
  });

  it("installs when the lock file has changed since, and tells when that fails", async () => {
    program("");
    await run(["test"]).ended;
    fs.writeFileSync(path.join(root, "package-lock.json"), '{"changed": true}');
    const npm = path.join(root, "npm-cli.js");
    fs.writeFileSync(
      npm,
      'console.log("npm " + process.argv.slice(2).join(" ")); process.exit(Number(process.env.NPM_FAILS));',
    );
    const failed = await run(["test"], { npm_execpath: npm, NPM_FAILS: "1" }).ended;
    expect(failed.code).toBe(1);
    expect(failed.output).toContain("picloud: npm failed; its reason is above");
    const done = await run(["test"], { npm_execpath: npm, NPM_FAILS: "0" }).ended;
    expect(done.code).toBe(0);
    expect(done.output).toContain("npm ci --include=dev");
    expect((await run(["test"], { npm_execpath: npm, NPM_FAILS: "1" }).ended).output).toBe("");
  });

  it.each(["SIGTERM", "SIGINT"] as const)("hands %s on once and waits for the end", async (signal) => {
    program(`let count = 0;
      process.on("${signal}", () => { count++; setTimeout(() => { console.log("signals " + count); process.exit(0); }, 200); });
      console.log("up"); setInterval(() => undefined, 1000);`);
    const running = run(["test"]);
    await untilOutput(running, "up");
    running.signal(signal);
    expect(await running.ended).toEqual({ code: 0, signal: null, output: "up\nsignals 1\n" });
  });

  it("ends by the signal that ended the program", async () => {
    program('console.log("up"); process.kill(process.pid, "SIGTERM"); setInterval(() => undefined, 1000);');
    expect(await run(["test"]).ended).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  it("stops the program when the shell of npm is gone", async () => {
    program(`const fs = require("node:fs");
      process.on("SIGTERM", () => { fs.writeFileSync("stopped", ""); process.exit(0); });
      fs.writeFileSync("up", ""); setInterval(() => undefined, 1000);`);
    fs.writeFileSync(path.join(root, "tools", "package.json"), '{"type":"commonjs"}');
    const script = `"${process.execPath}" "${path.join(root, "tools", "run.mjs")}" test; true`;
    const shell = spawn("/bin/sh", ["-c", script], {
      env: { PATH: "/usr/bin:/bin", npm_lifecycle_event: "test" },
      stdio: "ignore",
    });
    await expect.poll(() => fs.existsSync(path.join(root, "up")), { timeout: 15_000 }).toBe(true);
    shell.kill("SIGTERM");
    await expect.poll(() => fs.existsSync(path.join(root, "stopped")), { timeout: 15_000 }).toBe(true);
  });

  it("adds what only tests need, without taking away what a running server stands on", async () => {
    program("");
    fs.rmdirSync(path.join(root, "node_modules", "vitest"));
    const npm = path.join(root, "npm-cli.js");
    fs.writeFileSync(npm, 'console.log("npm " + process.argv.slice(2, 5).join(" "));');
    const main = path.join(root, "packages", "server", "src", "main.ts");
    fs.mkdirSync(path.dirname(main), { recursive: true });
    fs.writeFileSync(main, "");
    expect((await run(["start"], { npm_execpath: npm }).ended).output).toBe("");
    expect((await run(["test"], { npm_execpath: npm }).ended).output).toContain(
      "npm install --no-save --include=dev",
    );
  });

  it("starts for development, unless the environment or .env say otherwise", async () => {
    program("");
    const main = path.join(root, "packages", "server", "src", "main.ts");
    fs.mkdirSync(path.dirname(main), { recursive: true });
    fs.writeFileSync(main, "console.log(process.env.PICLOUD_DEV_MODE);");
    expect((await run(["start"]).ended).output).toBe("true\n");
    expect((await run(["start"], { PICLOUD_DEV_MODE: "false" }).ended).output).toBe("false\n");
    fs.writeFileSync(path.join(root, ".env"), "A=1\n PICLOUD_DEV_MODE = false\n");
    expect((await run(["start"]).ended).output).toBe("undefined\n");
  });

  it("tells what is missing", async () => {
    expect((await run([]).ended).output).toBe("picloud: usage: node tools/run.mjs start|test|bench\n");
    const old = await run(["test"], { npm_config_user_agent: "npm/9.8.1 node/v18.0.0 linux x64" }).ended;
    expect(old).toMatchObject({
      code: 1,
      output: expect.stringContaining("npm 9 is too old to install PiCloud") as string,
    });
  });
});
