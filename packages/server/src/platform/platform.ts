/** What every feature stands on; made once in `server.ts` and passed. */
import type { Config } from "../config.ts";
import type { Database } from "./database/database.ts";
import type { Topics } from "./database/topics.ts";
import type { FileStore } from "./file-store/file-store.ts";
import type { Logger } from "./logger.ts";
import type { ScriptHost } from "./script-host.ts";
import type { Signals } from "./signals.ts";

export interface Platform {
  readonly config: Config;
  readonly db: Database;
  readonly signals: Signals;
  /** Ephemeral messages of pubsub. */
  readonly topics: Topics;
  /** Where the bytes of files are. */
  readonly files: FileStore;
  readonly log: Logger;
  /** What scripts can call. */
  readonly scriptHost: ScriptHost;
  /** Milliseconds since the epoch; what decides anything uses the database's clock instead. */
  readonly now: () => number;
  /** Identity of this node's life, a UUID. */
  readonly nodeId: string;
}
