import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireDataLock, readHolder, tryDataLock } from "./data-lock.ts";

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-lock-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

/** A process that takes the lock and keeps it until it is killed. */
async function holdElsewhere(
  role: "server" | "watchdog",
  holdMs = 60_000,
): Promise<{ pid: number; kill: () => Promise<void> }> {
  const module = path.join(import.meta.dirname, "data-lock.ts");
  const text = `import { tryDataLock } from ${JSON.stringify(module)};
    const lock = tryDataLock(${JSON.stringify(folder)}, "${role}");
    console.log(lock === undefined ? "busy" : "held");
    setTimeout(() => lock?.release(), ${holdMs});`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", text], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  if (line.trim() !== "held") throw new Error(`the other process is ${line}`);
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

describe("the data lock", () => {
  it("is held by one, and free again after its release", () => {
    const lock = tryDataLock(folder, "server");
    expect(lock).toBeDefined();
    expect(tryDataLock(folder, "server")).toBeUndefined();
    expect(readHolder(folder)).toMatchObject({ role: "server", pid: process.pid });
    lock?.release();
    expect(readHolder(folder)).toBeUndefined();
    const again = tryDataLock(folder, "server");
    expect(again).toBeDefined();
    again?.release();
  });

  it("is readable by its user only", () => {
    const lock = tryDataLock(folder, "server");
    const modes = fs.readdirSync(folder).map((name) => fs.statSync(path.join(folder, name)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
    lock?.release();
  });

  it("names the server that holds it", async () => {
    const other = await holdElsewhere("server");
    try {
      await expect(acquireDataLock(folder)).rejects.toThrow(
        new RegExp(
          `^PICLOUD_DATA_DIR: ${folder} is in use by the PiCloud server with process id ${other.pid} `,
        ),
      );
    } finally {
      await other.kill();
    }
  });

  it("is free at once when its holder is killed, whatever the file says", async () => {
    const other = await holdElsewhere("server");
    await other.kill();
    expect(fs.existsSync(path.join(folder, "picloud.lock.json"))).toBe(true);
    expect(readHolder(folder)).toBeUndefined();
    const lock = await acquireDataLock(folder);
    expect(readHolder(folder)).toMatchObject({ pid: process.pid });
    lock.release();
  });

  it("is waited for while a watchdog holds it", async () => {
    const watchdog = await holdElsewhere("watchdog", 300);
    const lock = await acquireDataLock(folder);
    expect(readHolder(folder)).toMatchObject({ role: "server", pid: process.pid });
    lock.release();
    await watchdog.kill();
  });

  it("does not take a process for its holder that only has the number of one", () => {
    const lock = tryDataLock(folder, "server");
    const file = path.join(folder, "picloud.lock.json");
    const holder = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
    fs.writeFileSync(file, JSON.stringify({ ...holder, processStart: "1" }));
    expect(readHolder(folder)).toBeUndefined();
    fs.writeFileSync(file, JSON.stringify({ ...holder, bootId: "another" }));
    expect(readHolder(folder)).toBeUndefined();
    fs.writeFileSync(file, "{");
    expect(readHolder(folder)).toBeUndefined();
    lock?.release();
  });
});
