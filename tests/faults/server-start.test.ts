/** What stops a start: one line that names the setting and what is accepted, the exit code, and nothing changed on disk. */
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findClosedFolder } from "../../packages/server/src/platform/database/postgres-accounts.ts";
import { endOf, startChild } from "../support/child-process.ts";
import { startExternalPostgres, type ExternalPostgres } from "../support/external-postgres.ts";
import {
  freePort,
  launchServer,
  removeFolder,
  repositoryRoot,
  serverEnvironment,
  startServer,
  temporaryFolder,
  type RunningServer,
} from "../support/start-server.ts";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const TIMEOUT_MS = 30_000;

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  await removeFolder(folder);
});

interface FailedStart {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** A start that is meant to fail: its exit code and what it wrote on standard error. */
async function failedStart(env: Readonly<Record<string, string>>): Promise<FailedStart> {
  const port = await freePort();
  const child = launchServer({ PICLOUD_LISTEN: `127.0.0.1:${port}`, ...env }, folder);
  const { code } = await endOf(child, TIMEOUT_MS);
  return { code, lines: child.stderr().trim().split("\n") };
}

describe("settings", () => {
  it("that are unknown or invalid are all told, exit 2", async () => {
    const start = await failedStart({ PICLOUD_LISTN: "x", PICLOUD_LEASE_MS: "soon", PICLOUD_DATA_DIR: "d" });
    expect(start).toEqual({
      code: 2,
      lines: [
        expect.stringMatching(/^picloud: PICLOUD_LISTN is no setting; did you mean PICLOUD_LISTEN\?/),
        expect.stringMatching(
          /^picloud: PICLOUD_LEASE_MS \("soon"\) is not a whole number; accepted: a whole number of milliseconds/,
        ),
      ],
    });
    expect(fs.existsSync(path.join(folder, "d"))).toBe(false);
  });

  it("are read from .env in the working folder, which the environment goes before", async () => {
    fs.writeFileSync(path.join(folder, ".env"), "PICLOUD_LEASE_MS=later\nPICLOUD_DRAIN_MS=x\nOTHER=1\n");
    try {
      const start = await failedStart({ PICLOUD_DRAIN_MS: "y" });
      expect(start.code).toBe(2);
      expect(start.lines.join("\n")).toMatch(/PICLOUD_LEASE_MS \("later"\)/);
      expect(start.lines.join("\n")).toMatch(/PICLOUD_DRAIN_MS \("y"\)/);
    } finally {
      fs.rmSync(path.join(folder, ".env"));
    }
  });
});

describe("the port", () => {
  it("that is in use stops the start before anything is made", async () => {
    const taken = net.createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => {
        const address = taken.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const dataDir = path.join(folder, "never-made");
    const start = await failedStart({ PICLOUD_LISTEN: `127.0.0.1:${port}`, PICLOUD_DATA_DIR: dataDir });
    expect(start).toEqual({
      code: 1,
      lines: [
        `picloud: PICLOUD_LISTEN: 127.0.0.1:${port} is in use by another program; stop it, or give another host:port, such as 127.0.0.1:8081`,
      ],
    });
    expect(fs.existsSync(dataDir)).toBe(false);
    taken.close();
  });

  it("of an address that this machine has not is told", async () => {
    const start = await failedStart({
      PICLOUD_LISTEN: "192.0.2.1:80",
      PICLOUD_DATA_DIR: path.join(folder, "never-made"),
    });
    expect(start.code).toBe(1);
    expect(start.lines).toEqual([
      expect.stringMatching(/^picloud: PICLOUD_LISTEN: 192\.0\.2\.1:80 is no address of this machine;/),
    ]);
  });
});

describe("the data folder", () => {
  it("that is a file, or below one, is told", async () => {
    const file = path.join(folder, "file");
    fs.writeFileSync(file, "");
    for (const dataDir of [file, path.join(file, "below")]) {
      const start = await failedStart({ PICLOUD_DATA_DIR: dataDir });
      expect(start.code).toBe(1);
      expect(start.lines).toEqual([
        expect.stringMatching(new RegExp(`^picloud: PICLOUD_DATA_DIR: ${dataDir} .*it is no folder`)),
      ]);
    }
  });

  it.runIf(isRoot)("that PostgreSQL's account cannot enter is told with the folder in the way", async () => {
    const closed = path.join(folder, "closed");
    fs.mkdirSync(closed, { mode: 0o700 });
    const start = await failedStart({ PICLOUD_DATA_DIR: path.join(closed, "data") });
    expect(start.code).toBe(1);
    expect(start.lines).toEqual([
      expect.stringMatching(
        new RegExp(`^picloud: PICLOUD_DATA_DIR: PostgreSQL runs as \\S.* and cannot enter ${closed};`),
      ),
    ]);
    expect(fs.readdirSync(closed)).toEqual([]);
  });

  it("in use by another server is told with that server's process id, and stays in use", async () => {
    const first: RunningServer = await startServer();
    try {
      const start = await failedStart({ PICLOUD_DATA_DIR: first.dataDir });
      expect(start.code).toBe(1);
      expect(start.lines).toEqual([
        expect.stringMatching(
          new RegExp(
            `^picloud: PICLOUD_DATA_DIR: ${first.dataDir} is in use by the PiCloud server with process id ${first.pid} `,
          ),
        ),
      ]);
      // On a busy machine the database may need a moment for its answer.
      await expect
        .poll(async () => (await fetch(`${first.url}/readyz`)).status, { timeout: 20_000 })
        .toBe(200);
    } finally {
      expect((await first.stop()).code).toBe(0);
      await removeFolder(first.dataDir);
    }
  });
});

describe("DATABASE_URL", () => {
  let external: ExternalPostgres;
  beforeAll(async () => {
    external = await startExternalPostgres();
  });
  afterAll(async () => {
    await external.close();
  });

  it("that cannot be reached is told without its password", async () => {
    const port = await freePort();
    const start = await failedStart({
      DATABASE_URL: `postgres://someone:hidden-word@127.0.0.1:${port}/things`,
    });
    expect(start.code).toBe(1);
    expect(start.lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `^picloud: DATABASE_URL: the database things at 127\\.0\\.0\\.1:${port} cannot be reached: .*ECONNREFUSED`,
        ),
      ),
    ]);
    expect(start.lines.join("")).not.toContain("hidden-word");
  });

  it("with a wrong password is told without it", async () => {
    const url = new URL(external.url);
    url.password = "hidden-word";
    const start = await failedStart({ DATABASE_URL: url.href });
    expect(start.code).toBe(1);
    expect(start.lines).toEqual([
      expect.stringMatching(/^picloud: DATABASE_URL: .* cannot be reached: password authentication failed/),
    ]);
    expect(start.lines.join("")).not.toContain("hidden-word");
  });

  it("moves the server there, keeps no more than files in the data folder, and a schema of a newer build is refused", async () => {
    const dataDir = await temporaryFolder();
    const server = await startServer({ dataDir, env: { DATABASE_URL: external.url } });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect((await server.stop()).code).toBe(0);
    expect(fs.readdirSync(dataDir)).toEqual(["files"]);
    await removeFolder(dataDir);

    await external.execute(
      "insert into schema_migrations (name, stamp, sha256) values ('209901010000-later', 209901010000, '')",
    );
    const start = await failedStart({ DATABASE_URL: external.url });
    expect(start.code).toBe(1);
    expect(start.lines).toEqual([
      expect.stringMatching(
        /^picloud: DATABASE_URL: .* is newer than this build: it has the migration 209901010000-later;/,
      ),
    ]);
    await external.execute("delete from schema_migrations where name = '209901010000-later'");
  });

  it("that goes away and comes back turns /readyz to 503 and back to 200, and leaves /healthz alone", async () => {
    const server = await startServer({ env: { DATABASE_URL: external.url } });
    try {
      await external.disconnect();
      const answer = await fetch(`${server.url}/readyz`);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(await answer.json()).toMatchObject({ error: { code: "unavailable" } });
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      await external.reconnect();
      await expect
        .poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 20_000 })
        .toBe(200);
    } finally {
      expect((await server.stop()).code).toBe(0);
      await removeFolder(server.dataDir);
    }
  });
});

const nobody = { uid: NOBODY, gid: NOBODY };
const canDropUser =
  isRoot &&
  fs.existsSync("/usr/bin/setpriv") &&
  findClosedFolder(repositoryRoot, nobody) === undefined &&
  findClosedFolder(path.dirname(fs.realpathSync(process.execPath)), nobody) === undefined;

describe.runIf(canDropUser)("another user than root", () => {
  async function launchAs(uid: number, dataDir: string): Promise<ReturnType<typeof startChild>> {
    const main = path.join(repositoryRoot, "packages", "server", "src", "main.ts");
    const port = await freePort();
    const env = serverEnvironment({ HOME: dataDir, PICLOUD_LISTEN: `127.0.0.1:${port}` });
    const user = [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups"];
    return startChild("/usr/bin/setpriv", [...user, process.execPath, main], { env, cwd: dataDir });
  }

  it("starts in ./picloud-data, which only that user may enter", async () => {
    const own = path.join(folder, "home-of-nobody");
    fs.mkdirSync(own);
    fs.chownSync(own, NOBODY, NOBODY);
    const child = await launchAs(NOBODY, own);
    await child.waitForOutput(/server_ready/, TIMEOUT_MS);
    const stat = fs.statSync(path.join(own, "picloud-data"));
    expect([stat.uid, stat.mode & 0o777]).toEqual([NOBODY, 0o700]);
    expect(fs.statSync(path.join(own, "picloud-data", "pg")).uid).toBe(NOBODY);
    child.signal("SIGINT");
    expect((await endOf(child, TIMEOUT_MS)).code).toBe(0);
  });

  it("that may not write the folder is told", async () => {
    const child = await launchAs(NOBODY, folder);
    expect((await endOf(child, TIMEOUT_MS)).code).toBe(1);
    expect(child.stderr().trim()).toMatch(
      new RegExp(
        `^picloud: PICLOUD_DATA_DIR: ${folder}/picloud-data cannot be made: ${folder} cannot be written`,
      ),
    );
  });

  it("without an entry in the passwd file is told what to do", async () => {
    const own = path.join(folder, "home-of-a-number");
    fs.mkdirSync(own);
    fs.chownSync(own, 123_456, 123_456);
    const child = await launchAs(123_456, own);
    expect((await endOf(child, TIMEOUT_MS)).code).toBe(1);
    expect(child.stderr().trim()).toMatch(
      /^picloud: user id 123456 has no entry in \/etc\/passwd, .*DATABASE_URL/,
    );
  });
});
