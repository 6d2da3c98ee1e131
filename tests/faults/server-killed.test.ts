/** A server that ends in any way: what was acknowledged is there, and its PostgreSQL does not outlive it by more than 5 s. */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endOf, isRunning } from "../support/child-process.ts";
import { openSocket, postgresPid } from "../support/data-folder.ts";
import {
  freePort,
  launchServer,
  removeFolder,
  startServer,
  temporaryFolder,
  type RunningServer,
} from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** The promise of the product. */
const OUTLIVE_MS_MAX = 5_000;

let dataDir: string;
const started: RunningServer[] = [];
beforeEach(async () => {
  dataDir = await temporaryFolder();
});
afterEach(async () => {
  // Whatever a failed test left running.
  for (const server of started.splice(0)) if (await isRunning(server.pid)) await server.kill9();
  await waitFor("no process of the data folder runs", () => processesOf(dataDir).length === 0, 20_000);
  await removeFolder(dataDir);
});

/** Processes whose command line names the data folder; `program` narrows them to one. */
function processesOf(folder: string, program = ""): number[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
        return command.includes(folder) && command.includes(program);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function start(): Promise<RunningServer> {
  const server = await startServer({ dataDir });
  started.push(server);
  return server;
}

describe("kill -9 of the server", () => {
  it("stops PostgreSQL within 5 s, with the watchdog", async () => {
    const server = await start();
    const pid = postgresPid(dataDir);
    expect(await isRunning(pid)).toBe(true);
    const killedAt = performance.now();
    await server.kill9();
    await waitFor("PostgreSQL ends", async () => !(await isRunning(pid)), 10_000);
    expect(performance.now() - killedAt).toBeLessThan(OUTLIVE_MS_MAX);
    await waitFor("the watchdog ends", () => processesOf(dataDir).length === 0, 5_000);
    expect(fs.existsSync(path.join(dataDir, "pg", "postmaster.pid"))).toBe(false);
  });

  it("loses no row that was acknowledged", async () => {
    let acknowledged = 0;
    for (let round = 0; round < 3; round++) {
      const server = await start();
      const pid = postgresPid(dataDir);
      const sql = openSocket(dataDir);
      if (round === 0) await sql`create table written (n int primary key)`;
      const [row] = await sql<{ count: number }[]>`select count(*) from written`;
      expect(row?.count).toBeGreaterThanOrEqual(acknowledged);
      const from = row?.count ?? 0;
      let isEnding = false;
      const writing = (async () => {
        for (let n = from; !isEnding; n++) {
          await sql`insert into written values (${n})`;
          acknowledged = n + 1;
        }
      })().catch((error: unknown) => error);
      await waitFor("some rows are written", () => acknowledged > from + 50);
      await server.kill9();
      await waitFor("PostgreSQL ends", async () => !(await isRunning(pid)), 10_000);
      isEnding = true;
      await writing;
      await sql.end({ timeout: 1 });
    }
    const server = await start();
    const sql = openSocket(dataDir);
    const [row] = await sql<
      { count: number; top: number }[]
    >`select count(*), max(n) + 1 as top from written`;
    expect(row?.count).toBe(row?.top);
    expect(row?.count).toBeGreaterThanOrEqual(acknowledged);
    await sql.end({ timeout: 1 });
    expect((await server.stop()).code).toBe(0);
  });

  it("and a start right after it works, whether PostgreSQL still runs, is being stopped, or is gone", async () => {
    for (const delayMs of [0, 400, 1_000, 1_300]) {
      const server = await start();
      await server.kill9();
      await sleep(delayMs);
    }
    const server = await start();
    // The text says what a server that is not ready waits for.
    expect(await (await fetch(`${server.url}/readyz`)).text()).toBe('{"status":"ready"}');
    expect((await server.stop()).code).toBe(0);
  });

  it("and of its watchdog leaves PostgreSQL to the next start, which adopts it and watches over it", async () => {
    const first = await start();
    const pid = postgresPid(dataDir);
    for (const watchdog of processesOf(dataDir).filter((each) => each !== pid))
      process.kill(watchdog, "SIGKILL");
    await first.kill9();
    const second = await start();
    expect(second.output()).toContain('"isAdopted":true');
    expect(postgresPid(dataDir)).toBe(pid);
    await second.kill9();
    await waitFor("PostgreSQL ends", async () => !(await isRunning(pid)), OUTLIVE_MS_MAX);
    const third = await start();
    expect((await third.stop()).code).toBe(0);
  });

  it("while it makes its database leaves nothing running, and the next start begins anew", async () => {
    const port = await freePort();
    const child = launchServer({ PICLOUD_LISTEN: `127.0.0.1:${port}`, PICLOUD_DATA_DIR: dataDir }, dataDir);
    await waitFor("initdb runs", () => fs.readdirSync(dataDir).some((name) => name.startsWith("pg.init-")));
    child.signal("SIGKILL");
    await child.ended;
    await waitFor("initdb ends", () => processesOf(dataDir, "/bin/").length === 0, OUTLIVE_MS_MAX);
    expect(fs.existsSync(path.join(dataDir, "pg"))).toBe(false);
    const server = await start();
    expect(fs.readdirSync(dataDir).filter((name) => name.startsWith("pg.init-"))).toEqual([]);
    expect((await server.stop()).code).toBe(0);
  });
});

describe("kill -9 of everything", () => {
  it("is recovered from by the next start", async () => {
    const first = await start();
    const sql = openSocket(dataDir);
    await sql`create table kept as select 7 as x`;
    const pid = postgresPid(dataDir);
    const watchdogs = processesOf(dataDir).filter((each) => each !== pid);
    for (const each of [...watchdogs, pid]) process.kill(each, "SIGKILL");
    await first.kill9();
    await sql.end({ timeout: 1 });
    const second = await start();
    const again = openSocket(dataDir);
    expect(await again`select x from kept`).toEqual([{ x: 7 }]);
    await again.end({ timeout: 1 });
    expect((await second.stop()).code).toBe(0);
  });
});

describe("a signal", () => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "%s stops the server and its PostgreSQL, exit 0",
    async (signal) => {
      const port = await freePort();
      const child = launchServer({ PICLOUD_LISTEN: `127.0.0.1:${port}`, PICLOUD_DATA_DIR: dataDir }, dataDir);
      await child.waitForOutput(/server_ready/, 30_000);
      // npm passes on what the terminal has sent as well: two at once are one.
      child.signal(signal);
      child.signal(signal);
      expect(await endOf(child, 20_000)).toEqual({ code: 0, signal: null });
      expect(processesOf(dataDir)).toEqual([]);
      expect(fs.existsSync(path.join(dataDir, "pg", "postmaster.pid"))).toBe(false);
      expect(fs.existsSync(path.join(dataDir, "picloud.lock.json"))).toBe(false);
    },
  );

  it("that comes while the server starts stops it as soon as it has started", async () => {
    const port = await freePort();
    const child = launchServer({ PICLOUD_LISTEN: `127.0.0.1:${port}`, PICLOUD_DATA_DIR: dataDir }, dataDir);
    await waitFor("initdb runs", () => fs.readdirSync(dataDir).some((name) => name.startsWith("pg.init-")));
    child.signal("SIGTERM");
    expect(await endOf(child, 30_000)).toEqual({ code: 0, signal: null });
    expect(processesOf(dataDir)).toEqual([]);
  });
});
