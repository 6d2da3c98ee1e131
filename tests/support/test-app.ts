/** Rows and contexts that tests of features stand on: a platform over a test database, a user, an app, a script. */
import { parseConfig, thisMachine, type Config } from "../../packages/server/src/config.ts";
import { contracts } from "../../packages/server/src/contract.ts";
import type { Context, ExecutionRef, UserPrincipal } from "../../packages/server/src/platform/context.ts";
import { newId } from "../../packages/server/src/platform/ids.ts";
import { silentLogger, type Logger } from "../../packages/server/src/platform/logger.ts";
import type { Platform } from "../../packages/server/src/platform/platform.ts";
import { scriptHostOf } from "../../packages/server/src/platform/script-host.ts";
import { createSignals } from "../../packages/server/src/platform/signals.ts";
import type { TestDatabase } from "./template-database.ts";
import { lonelyTopics } from "./lonely-topics.ts";
import { unusedFiles } from "./test-files.ts";

/** A platform with the default settings; `changes` replaces some. */
export function testPlatform(test: TestDatabase, changes: Partial<Config> = {}): Platform {
  return {
    config: { ...parseConfig({}, thisMachine()), ...changes },
    db: test.db,
    signals: createSignals(),
    topics: lonelyTopics(test),
    files: unusedFiles(),
    scriptHost: scriptHostOf(contracts),
    log: silentLogger,
    now: () => Date.now(),
    nodeId: test.nodeId,
  };
}

export interface TestApp {
  readonly id: string;
  readonly slug: string;
  readonly scriptId: string;
  readonly user: UserPrincipal;
}

/** An app with an owner (instance role owner) and an enabled endpoint script. */
export async function insertTestApp(platform: Platform): Promise<TestApp> {
  const { write } = platform.db;
  const [id, scriptId, userId] = [newId(), newId(), newId()];
  const slug = `app-${id.slice(-12)}`;
  await write`insert into users (id, username, role, password_hash) values (${userId}, ${`u-${userId}`}, 'owner', 'x')`;
  await write`insert into apps (id, slug, name) values (${id}, ${slug}, ${slug})`;
  await write`insert into scripts (app_id, id, name, language, version) values (${id}, ${scriptId}, 'main', 'typescript', 1)`;
  const user: UserPrincipal = {
    kind: "user",
    id: userId,
    name: `u-${userId}`,
    role: "owner",
    appRoles: new Map(),
  };
  return { id, slug, scriptId, user };
}

/** Enabled trigger of the app's script (of kind kv unless told), straight into the table. Gives its id. */
export async function insertTestTrigger(
  platform: Platform,
  app: TestApp,
  options: {
    readonly pattern: string;
    readonly kind?: string;
    readonly ops?: readonly string[];
    readonly maxAttempts?: number;
    readonly baseMs?: number;
  },
): Promise<string> {
  const id = newId();
  await platform.db.write`
    insert into triggers (app_id, id, script_id, kind, pattern, ops, max_attempts, backoff, base_ms, max_ms,
      jitter_pct, registered_by)
    values (${app.id}, ${id}, ${app.scriptId}, ${options.kind ?? "kv"}, ${options.pattern}, ${[...(options.ops ?? [])]}::text[],
      ${options.maxAttempts ?? 3}, 'constant', ${options.baseMs ?? 1}, 60000, 0, ${app.user.id})`;
  return id;
}

/** The context of a run's service call. */
export function runContext(
  platform: Platform,
  app: TestApp,
  changes: Partial<ExecutionRef> & { readonly log?: Logger } = {},
): Context & { readonly execution: ExecutionRef } {
  const id = newId();
  const execution: ExecutionRef = {
    id,
    requestId: newId(),
    rootExecutionId: id,
    depth: 0,
    isDeadLetterHandler: false,
    app: { id: app.id, slug: app.slug },
    script: { id: app.scriptId, name: "main", version: 1 },
    kind: "execute",
    attempt: 1,
    nodeId: platform.nodeId,
    startedAt: new Date(),
    recorded: false,
    ...changes,
  };
  return { kind: "run", requestId: execution.requestId, execution, log: changes.log ?? silentLogger };
}

/** The context of an admin API call by the app's owner. */
export function apiContext(app: TestApp): Context {
  return { kind: "api", requestId: newId(), principal: app.user, log: silentLogger };
}
