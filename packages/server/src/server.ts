/** Composition root: starts the parts in their order and stops them in the reverse one. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { PicloudError } from "@picloud/contract";
import type { Config } from "./config.ts";
import { prepareDataFolder } from "./platform/data-folder.ts";
import { acquireDataLock } from "./platform/database/data-lock.ts";
import { openDatabase, type Database, type DatabaseTarget } from "./platform/database/database.ts";
import { startEmbeddedPostgres } from "./platform/database/embedded-postgres.ts";
import { migrate } from "./platform/database/migrate.ts";
import { readMigrations } from "./platform/database/migration-files.ts";
import { sendError } from "./platform/error-answer.ts";
import { withHealth } from "./platform/health.ts";
import { openHttpServer } from "./platform/http-server.ts";
import { newId } from "./platform/ids.ts";
import { createLogger, type Logger } from "./platform/logger.ts";

export interface Server {
  /** Address that HTTP is served on. */
  readonly url: string;
  /** Drains and stops everything. Calling it again waits for the same end. */
  readonly close: () => Promise<void>;
}

export interface ServerOverrides {
  readonly log?: Logger;
}

/**
 * Starts a node. Throws `StartError` (settings are checked before, by `loadConfig`); then nothing of it runs.
 * The port is bound first: a port that is taken stops the start before anything is changed on disk.
 */
export async function startServer(config: Config, overrides: ServerOverrides = {}): Promise<Server> {
  const log = overrides.log ?? createLogger({ level: config.logLevel, format: config.logFormat });
  const nodeId = newId();
  await using parts = new AsyncDisposableStack();

  const state: { phase: "starting" | "running" | "stopping"; db?: Database } = { phase: "starting" };
  const notReady = async (): Promise<string | undefined> => {
    if (state.phase !== "running") return `The server is ${state.phase}.`;
    return (await state.db?.isReachable()) === true ? undefined : "The database does not answer.";
  };
  const health = { basePath: config.basePath, notReady };
  const http = await openHttpServer(config.listen, withHealth(health, answerStarting));
  parts.defer(async () => await http.close(0));

  const target = await openTarget(config, log, parts);
  const applied = await migrate(target, { migrations: readMigrations(), log, nodeId });
  const db = await openDatabase(target, { nodeId, log });
  parts.defer(async () => await db.close());

  http.serve(withHealth(health, answerNothing));
  // The last to be started is the first to be stopped: what is under way ends while everything it needs is there.
  parts.defer(async () => await http.close(config.drainMs));
  Object.assign(state, { phase: "running", db });
  log.info("server_ready", { url: http.url, nodeId, migrations: applied.length });

  const running = parts.move();
  let closing: Promise<void> | undefined;
  return {
    url: http.url,
    close: async () => {
      state.phase = "stopping";
      closing ??= running.disposeAsync();
      await closing;
    },
  };
}

const RETRY_AFTER_MS = 1_000;

function answerStarting(_request: IncomingMessage, response: ServerResponse): void {
  const error = new PicloudError("unavailable", "The server is starting; try again in a moment.", {
    retryAfterMs: RETRY_AFTER_MS,
  });
  sendError(response, error, { requestId: newId() });
}

function answerNothing(_request: IncomingMessage, response: ServerResponse): void {
  sendError(response, new PicloudError("not_found", "Nothing is here."), { requestId: newId() });
}

/** The database: the one in `DATABASE_URL`, or the embedded one in the data folder, which is locked for this process. */
async function openTarget(config: Config, log: Logger, parts: AsyncDisposableStack): Promise<DatabaseTarget> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl };
  const dataFolder = prepareDataFolder(config.dataDir);
  const lock = await acquireDataLock(dataFolder);
  parts.defer(() => lock.release());
  const embedded = await startEmbeddedPostgres({ dataFolder, log });
  parts.defer(async () => await embedded.close());
  log.info("postgres_ready", {
    dataFolder,
    pid: embedded.pid(),
    isAdopted: embedded.isAdopted,
  });
  return embedded.login;
}
