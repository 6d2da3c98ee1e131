/** Ephemeral messages of a platform that is the only node of its database. */
import { createTopics, type Topics } from "../../packages/server/src/platform/database/topics.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import type { TestDatabase } from "./template-database.ts";

export function lonelyTopics(database: TestDatabase): Topics {
  const { nodeId } = database;
  return createTopics({ side: database.db.side, nodeId, log: silentLogger, isShared: false });
}
