/** Composition root: starts the parts in their order and stops them in the reverse one. */
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { PicloudError } from "@picloud/contract";
import type { Config } from "./config.ts";
import { contracts } from "./contract.ts";
import { bootstrap } from "./control-plane/bootstrap.ts";
import { readInstanceId } from "./features/files/files.service.ts";
import { startNode, type Node } from "./node.ts";
import { assert } from "./platform/assert.ts";
import { prepareDataFolder } from "./platform/data-folder.ts";
import { acquireDataLock } from "./platform/database/data-lock.ts";
import { openDatabase, type Database, type DatabaseTarget } from "./platform/database/database.ts";
import { startEmbeddedPostgres } from "./platform/database/embedded-postgres.ts";
import { migrate } from "./platform/database/migrate.ts";
import { readMigrations } from "./platform/database/migration-files.ts";
import type { Migration } from "./platform/database/migration-files.ts";
import { sendError } from "./platform/error-answer.ts";
import { openFileStore } from "./platform/file-store/open-file-store.ts";
import { withHealth } from "./platform/health.ts";
import { openHttpServer } from "./platform/http-server.ts";
import { newId } from "./platform/ids.ts";
import { createLogger, type Logger } from "./platform/logger.ts";
import type { Platform } from "./platform/platform.ts";
import { scriptHostOf } from "./platform/script-host.ts";
import { createSignals } from "./platform/signals.ts";
import { createTopics } from "./platform/database/topics.ts";

export interface Server {
  /** Address that HTTP is served on, with `PICLOUD_BASE_PATH`. */
  readonly url: string;
  /** Of the one-time set-up link, while there is no admin. */
  readonly setupToken: string | undefined;
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

  const state: { phase: "starting" | "running" | "stopping"; db?: Database; node?: Node } = {
    phase: "starting",
  };
  const notReady = async (): Promise<string | undefined> => {
    if (state.phase !== "running") return `The server is ${state.phase}.`;
    if ((await state.db?.isReachable()) !== true) return "The database does not answer.";
    return state.node?.notReady();
  };
  const health = { basePath: config.basePath, notReady };
  const http = await openHttpServer(
    config.listen,
    withHealth(health, refuse("The server is starting; try again in a moment.")),
  );
  parts.defer(async () => await http.close(0));

  const target = await openTarget(config, log, parts);
  const migrations = readMigrations();
  const opened = await openPlatform({ config, log, nodeId, target, migrations });
  parts.defer(async () => await opened.platform.db.close());
  parts.defer(async () => await opened.platform.topics.close());
  const about = { version: packageVersion(), schema: String(migrations.at(-1)?.stamp ?? "") };
  const stopping = new AbortController();
  const node = await startNode({ platform: opened.platform, about, stopping: stopping.signal, parts });
  state.node = node;

  http.serve(withHealth(health, node.listener));
  // The last to be started is the first to be stopped: what is under way ends while everything it needs is there.
  parts.defer(async () => {
    http.serve(withHealth(health, refuse("The server is stopping; try again in a moment.")));
    await http.close(config.drainMs);
  });
  Object.assign(state, { phase: "running", db: opened.platform.db });
  log.info("server_ready", { url: http.url, nodeId });

  const running = parts.move();
  let closing: Promise<void> | undefined;
  return {
    url: `${http.url}${config.basePath}`,
    setupToken: opened.setupToken,
    close: async () => {
      state.phase = "stopping";
      stopping.abort();
      closing ??= running.disposeAsync();
      await closing;
    },
  };
}

const RETRY_AFTER_MS = 1_000;

function refuse(message: string): RequestListener {
  return (_request, response) => {
    const error = new PicloudError("unavailable", message, { retryAfterMs: RETRY_AFTER_MS });
    sendError(response, error, { requestId: newId() });
  };
}

interface OpenOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly nodeId: string;
  readonly target: DatabaseTarget;
  readonly migrations: readonly Migration[];
}

/** Migrates, then makes what a new instance needs, both under the lock: of several nodes one does it. */
async function openPlatform(
  options: OpenOptions,
): Promise<{ platform: Platform; setupToken: string | undefined }> {
  const { config, log, nodeId, target, migrations } = options;
  let opened: { platform: Platform; setupToken: string | undefined } | undefined;
  await migrate(target, {
    migrations,
    log,
    nodeId,
    async underLock() {
      const db = await openDatabase(target, { nodeId, log });
      try {
        const files = await openFileStore(config, await readInstanceId(db.read));
        const isShared = config.databaseUrl !== undefined;
        const topics = createTopics({ side: db.side, nodeId, log, isShared });
        const made = { signals: createSignals(), topics, files, log, scriptHost: scriptHostOf(contracts) };
        const platform = { config, db, ...made, now: Date.now, nodeId };
        const { setupToken } = await bootstrap(platform);
        opened = { platform, setupToken };
      } catch (error) {
        await db.close();
        throw error;
      }
    },
  });
  assert(opened !== undefined, "migrate ran what is to run under its lock");
  return opened;
}

/** The version of this package: what `GET /api/v1/version` shows. */
function packageVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version?: unknown }).version);
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
