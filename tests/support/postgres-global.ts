/**
 * One PostgreSQL for a whole test run, started by the first test file that asks for it: in a fresh temporary folder,
 * or the server of `PICLOUD_TEST_DATABASE_URL`. Test processes ask over a socket whose path they are given.
 */
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";
import type { DatabaseTarget } from "../../packages/server/src/platform/database/database.ts";
import { startEmbeddedPostgres } from "../../packages/server/src/platform/database/embedded-postgres.ts";
import { migrate } from "../../packages/server/src/platform/database/migrate.ts";
import { readMigrations } from "../../packages/server/src/platform/database/migration-files.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import { retarget, runAsAdmin } from "./test-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the socket that answers with a {@link TestServer}. */
    postgresBroker: string;
  }
}

/** What a test process is told. */
export interface TestServer {
  /** May create databases. */
  readonly admin: DatabaseTarget;
  /** What tests connect as: no superuser on the embedded server. */
  readonly login: DatabaseTarget;
  /** Name of the migrated database to copy. */
  readonly template: string;
}

interface Started {
  readonly server: TestServer;
  readonly stop: () => Promise<void>;
}

/** Vitest calls it once for each project before its tests; what it returns, after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-test-"));
  fs.chmodSync(folder, 0o711);
  let started: Promise<Started> | undefined;
  const broker = net.createServer((connection) => {
    connection.on("error", () => connection.destroy());
    started ??= start(folder);
    started.then(
      ({ server }) => connection.end(JSON.stringify(server)),
      (error: unknown) => connection.end(JSON.stringify({ error: String(error) })),
    );
  });
  const socket = path.join(folder, "broker");
  await new Promise<void>((resolve) => broker.listen(socket, resolve));
  project.provide("postgresBroker", socket);
  return async () => {
    await new Promise((resolve) => broker.close(resolve));
    await (await started)?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  };
}

async function start(folder: string): Promise<Started> {
  const url = process.env["PICLOUD_TEST_DATABASE_URL"];
  if (url !== undefined) {
    const target = { url };
    const server = { admin: target, login: target, template: `picloud_template_${process.pid}` };
    await makeTemplate(server);
    return { server, stop: async () => await dropTemplate(server) };
  }
  const dataFolder = path.join(folder, "data");
  fs.mkdirSync(dataFolder, { mode: 0o711 });
  const embedded = await startEmbeddedPostgres({
    dataFolder,
    log: silentLogger,
    // Nothing here has to survive a power cut, and several test files have a node's connections each.
    settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" },
  });
  const server = { admin: embedded.superuser, login: embedded.login, template: "picloud_template" };
  await makeTemplate(server);
  return { server, stop: async () => await embedded.close() };
}

/** A migrated database that the databases of test files are copied from. */
async function makeTemplate(server: TestServer): Promise<void> {
  const owner = "url" in server.login ? "" : ` owner ${server.login.user}`;
  await runAsAdmin(server.admin, `drop database if exists ${server.template}`);
  await runAsAdmin(server.admin, `create database ${server.template}${owner}`);
  await migrate(retarget(server.login, server.template), {
    migrations: readMigrations(),
    log: silentLogger,
    nodeId: "template",
  });
}

async function dropTemplate(server: TestServer): Promise<void> {
  await runAsAdmin(server.admin, `drop database if exists ${server.template}`);
}
