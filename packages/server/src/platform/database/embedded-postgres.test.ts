import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger, type Logger } from "../logger.ts";
import { openDatabase } from "./database.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres, type SocketLogin } from "./embedded-postgres.ts";
import { isAlive } from "./postgres-process.ts";

let dataFolder: string;
let running: EmbeddedPostgres | undefined;
beforeEach(() => {
  dataFolder = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-embedded-"));
  fs.chmodSync(dataFolder, 0o711);
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  fs.rmSync(dataFolder, { recursive: true, force: true });
});

async function start(log: Logger = silentLogger): Promise<EmbeddedPostgres> {
  running = await startEmbeddedPostgres({ dataFolder, log });
  return running;
}

async function query<T extends object>(login: SocketLogin, text: string): Promise<readonly T[]> {
  const db = await openDatabase(login, {
    nodeId: "test",
    log: silentLogger,
    connections: { write: 1, read: 1 },
  });
  try {
    return await db.write.unsafe<T[]>(text);
  } finally {
    await db.close();
  }
}

describe("a fresh data folder", () => {
  it("gets a server on a socket with a role of little power and passwords for both", async () => {
    const { login, superuser, pid } = await start();
    expect(login).toMatchObject({ path: path.join(dataFolder, "run", ".s.PGSQL.5432"), user: "picloud" });
    const [role] = await query<Record<string, unknown>>(
      login,
      `select rolsuper, rolcreatedb, rolcreaterole, rolreplication,
         (select datdba::regrole::text from pg_database where datname = current_database()) as owner,
         (select datlocprovider::text || ' ' || datlocale from pg_database where datname = current_database()) as locale,
         current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync,
         current_setting('listen_addresses') as tcp, current_setting('max_connections') as connections,
         current_setting('data_checksums') as checksums
       from pg_roles where rolname = current_user`,
    );
    expect(role).toEqual({
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      owner: "picloud",
      locale: "b C.UTF-8",
      fsync: "on",
      sync: "on",
      tcp: "",
      connections: "64",
      checksums: "on",
    });
    const [stored] = await query<{ kinds: string }>(
      superuser,
      "select string_agg(distinct split_part(rolpassword, '$', 1), ',') as kinds from pg_authid where rolpassword is not null",
    );
    expect(stored?.kinds).toBe("SCRAM-SHA-256");
    for (const file of ["pg-superuser", "pg-password"]) {
      const stat = fs.statSync(path.join(dataFolder, file));
      expect([file, stat.mode & 0o777, stat.uid]).toEqual([file, 0o600, process.getuid?.()]);
    }
    expect(fs.readdirSync(dataFolder).toSorted()).toEqual(["pg", "pg-password", "pg-superuser", "run"]);
    await running?.close();
    expect(isAlive(pid())).toBe(false);
  });

  it("lets nobody in without the password", async () => {
    const { login, superuser } = await start();
    for (const known of [login, superuser]) {
      await expect(query({ ...known, password: "wrong" }, "select 1")).rejects.toThrow(
        "password authentication failed",
      );
      await expect(query({ ...known, password: "" }, "select 1")).rejects.toThrow("cannot be reached");
    }
  });
});

describe("a data folder that was used before", () => {
  it("keeps its rows and its passwords", async () => {
    const first = await start();
    await query(first.login, "create table kept as select 7 as x");
    await first.close();
    const second = await start();
    expect(second.login.password).toBe(first.login.password);
    expect(await query(second.login, "select x from kept")).toEqual([{ x: 7 }]);
  });

  it("mends a password file that was lost, and a start that was cut short before it made the role", async () => {
    const first = await start();
    await query(first.login, "create table kept as select 7 as x");
    await first.close();
    fs.rmSync(path.join(dataFolder, "pg-password"));
    fs.mkdirSync(path.join(dataFolder, "pg.init-left"));
    const second = await start();
    expect(second.login.password).not.toBe(first.login.password);
    expect(await query(second.login, "select x from kept")).toEqual([{ x: 7 }]);
    expect(fs.existsSync(path.join(dataFolder, "pg.init-left"))).toBe(false);
  });

  it("of another major version is refused, and left as it was", async () => {
    fs.mkdirSync(path.join(dataFolder, "pg"));
    fs.writeFileSync(path.join(dataFolder, "pg", "PG_VERSION"), "17\n");
    await expect(start()).rejects.toThrow(/holds data of PostgreSQL 17, this build brings 18;/);
    expect(fs.readdirSync(dataFolder)).toEqual(["pg"]);
  });

  it("with a folder `pg` of something else is refused", async () => {
    fs.mkdirSync(path.join(dataFolder, "pg"));
    fs.writeFileSync(path.join(dataFolder, "pg", "precious"), "");
    await expect(start()).rejects.toThrow("is not empty and holds no PostgreSQL data");
    expect(fs.existsSync(path.join(dataFolder, "pg", "precious"))).toBe(true);
  });
});

describe("a PostgreSQL that ends by itself", () => {
  it("is started again, and the pools find it", async () => {
    const events: string[] = [];
    const log = {
      ...silentLogger,
      error: (event: string) => events.push(event),
      info: (event: string) => events.push(event),
    };
    const postgres = await start(log);
    const db = await openDatabase(postgres.login, {
      nodeId: "test",
      log: silentLogger,
      connections: { write: 2, read: 1 },
    });
    try {
      await db.write`create table kept as select 7 as x`;
      const killed = postgres.pid();
      process.kill(killed, "SIGKILL");
      const end = performance.now() + 20_000;
      while (postgres.pid() === killed || !(await db.isReachable(500))) {
        if (performance.now() > end) throw new Error(`not restarted: ${events.join(" ")}`);
        await sleep(50);
      }
      expect(await db.write`select x from kept`).toEqual([{ x: 7 }]);
      expect(events[0]).toBe("postgres_ended");
      expect(events.at(-1)).toBe("postgres_restarted");
    } finally {
      await db.close();
    }
  });
});
