/** Starts that must fail: in one clear line that names the setting, with the right exit code, and with nothing changed. */
import { chmod, mkdir, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endOf } from "../support/child-process.ts";
import { startExternalPostgres } from "../support/external-postgres.ts";
import type { ExternalPostgres } from "../support/external-postgres.ts";
import {
  freePort,
  launchServer,
  removeFolder,
  startServer,
  temporaryFolder,
} from "../support/start-server.ts";

const FAIL_TIMEOUT_MS = 60_000;

let folder = "";
beforeAll(async () => {
  folder = await temporaryFolder("picloud-start-");
});
afterAll(async () => await removeFolder(folder));

let count = 0;

/** Starts a server that must fail with this exit code; gives the lines it wrote for the person. */
async function failingStart(code: number, env: Record<string, string>): Promise<string[]> {
  const own = join(folder, `cwd-${count++}`);
  await mkdir(own, { mode: 0o711 });
  const child = launchServer(
    { PICLOUD_LISTEN: `127.0.0.1:${await freePort()}`, PICLOUD_DATA_DIR: join(own, "data"), ...env },
    own,
  );
  const exit = await endOf(child, FAIL_TIMEOUT_MS);
  const text = child.stderr();
  expect({ ...exit, text }).toEqual({ code, signal: null, text });
  expect(text).not.toMatch(/\n\s+at /);
  return text.trim().split("\n");
}

describe("settings: exit code 2, and nothing is made on disk", () => {
  const faults: readonly [string, Record<string, string>, RegExp][] = [
    ["an unknown name", { PICLOUD_LISTN: "127.0.0.1:1" }, /PICLOUD_LISTN\b.*PICLOUD_LISTEN/],
    ["no port", { PICLOUD_LISTEN: "127.0.0.1" }, /PICLOUD_LISTEN\b.*host:port/],
    ["a port out of range", { PICLOUD_LISTEN: "127.0.0.1:70000" }, /PICLOUD_LISTEN\b.*70000/],
    [
      "not a number",
      { PICLOUD_MAX_CONCURRENT_EXECUTIONS: "many" },
      /PICLOUD_MAX_CONCURRENT_EXECUTIONS\b.*many/,
    ],
    ["not one of the choices", { PICLOUD_ISOLATION: "none" }, /PICLOUD_ISOLATION\b.*shared.*process/],
    ["a URL of another kind", { DATABASE_URL: "mysql://localhost/x" }, /DATABASE_URL\b.*postgres:\/\//],
    [
      "a limit over its ceiling",
      { PICLOUD_LIMIT_CPU_MS: "99999999" },
      /PICLOUD_LIMIT_CPU_MS\b.*PICLOUD_LIMIT_CPU_MS_MAX/,
    ],
  ];
  test.each(faults)("%s", async (_name, env, pattern) => {
    const before = await readdir(folder, { recursive: true });
    const lines = await failingStart(2, env);
    expect(lines.join("\n")).toMatch(pattern);
    expect(lines).toHaveLength(1);
    const made = (await readdir(folder, { recursive: true })).filter((name) => !before.includes(name));
    expect(made.map((name) => name.split("/").length)).toEqual([1]);
  });

  test("every problem is told at once", async () => {
    const lines = await failingStart(2, { PICLOUD_LISTN: "x", PICLOUD_ISOLATION: "none" });
    expect(lines.join("\n")).toMatch(
      /PICLOUD_LISTN[\s\S]*PICLOUD_ISOLATION|PICLOUD_ISOLATION[\s\S]*PICLOUD_LISTN/,
    );
  });

  test("variables of pic and of tests are none of the server's", async () => {
    const lines = await failingStart(2, {
      PICLOUD_URL: "x",
      PICLOUD_TOKEN: "x",
      PICLOUD_TEST_X: "x",
      PICLOUD_BAD: "x",
    });
    expect(lines.join("\n")).toContain("PICLOUD_BAD");
    expect(lines.join("\n")).not.toMatch(/PICLOUD_(URL|TOKEN|TEST_X)\b/);
  });
});

test("a port in use: exit code 1, named, and no data folder is made", async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const { port } = blocker.address() as AddressInfo;
  try {
    const dataDir = join(folder, "port-in-use");
    const lines = await failingStart(1, { PICLOUD_LISTEN: `127.0.0.1:${port}`, PICLOUD_DATA_DIR: dataDir });
    expect(lines.join("\n")).toMatch(new RegExp(`PICLOUD_LISTEN.*${port}`));
    expect(await readdir(folder)).not.toContain("port-in-use");
  } finally {
    blocker.close();
  }
});

test("a data folder that can't be made: the setting is named", async () => {
  const lines = await failingStart(1, { PICLOUD_DATA_DIR: "/proc/picloud-data" });
  expect(lines.join("\n")).toMatch(/PICLOUD_DATA_DIR.*\/proc\/picloud-data/);
});

test.skipIf(process.getuid?.() === 0)(
  "a data folder that can't be written: the setting is named",
  async () => {
    const closed = join(folder, "closed");
    await mkdir(closed);
    await chmod(closed, 0o500);
    const lines = await failingStart(1, { PICLOUD_DATA_DIR: closed });
    expect(lines.join("\n")).toMatch(/PICLOUD_DATA_DIR.*closed/);
  },
);

test("a second server on the same data folder fails and names the first, which goes on", async () => {
  const first = await startServer();
  try {
    const lines = await failingStart(1, { PICLOUD_DATA_DIR: first.dataDir });
    expect(lines.join("\n")).toMatch(new RegExp(`\\b${first.pid}\\b`));
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  } finally {
    await first.stop();
    await removeFolder(first.dataDir);
  }
});

describe("DATABASE_URL", () => {
  let external: ExternalPostgres | undefined;
  afterEach(async () => {
    await external?.close();
    external = undefined;
  });

  test("unreachable: the setting is named, the password is not", async () => {
    const url = `postgres://picloud:hunter2@127.0.0.1:${await freePort()}/x`;
    const lines = await failingStart(1, { DATABASE_URL: url });
    expect(lines.join("\n")).toContain("DATABASE_URL");
    expect(lines.join("\n")).not.toContain("hunter2");
  });

  test("a wrong password: the setting is named, the password is not", async () => {
    external = await startExternalPostgres();
    const url = new URL(external.url);
    url.password = "hunter2";
    const lines = await failingStart(1, { DATABASE_URL: url.href });
    expect(lines.join("\n")).toContain("DATABASE_URL");
    expect(lines.join("\n")).not.toContain("hunter2");
  });

  test("newer than this build: it refuses, says so, and changes nothing", async () => {
    external = await startExternalPostgres();
    const server = await startServer({ env: { DATABASE_URL: external.url } });
    await server.stop();
    await external.execute(
      "insert into schema_migrations (name, stamp, sha256) values ('209901010000-later', 209901010000, 'x')",
    );
    const lines = await failingStart(1, { DATABASE_URL: external.url });
    expect(lines.join("\n")).toMatch(/209901010000|newer/);
    await external.execute("delete from schema_migrations where stamp = 209901010000");
    const again = await startServer({ env: { DATABASE_URL: external.url }, dataDir: server.dataDir });
    await again.stop();
    await removeFolder(server.dataDir);
  });

  test(
    "it goes away and comes back: not ready in between, and no restart is needed",
    { timeout: 120_000 },
    async () => {
      external = await startExternalPostgres();
      const server = await startServer({ env: { DATABASE_URL: external.url } });
      const readiness = async (): Promise<number> => (await fetch(`${server.url}/readyz`)).status;
      await external.disconnect();
      await expect.poll(readiness, { timeout: 30_000 }).toBe(503);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      await external.reconnect();
      await expect.poll(readiness, { timeout: 30_000 }).toBe(200);
      expect((await fetch(`${server.url}/hello`)).status).toBe(200);
      await server.stop();
      await removeFolder(server.dataDir);
    },
  );
});
