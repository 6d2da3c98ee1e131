import { PicloudError } from "@picloud/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/support/template-database.ts";
import { insertTestApp, testPlatform, type TestApp } from "../../../../tests/support/test-app.ts";
import { newId } from "../platform/ids.ts";
import type { Platform } from "../platform/platform.ts";
import { isAuthorized } from "../platform/authorize.ts";
import { silentLogger } from "../platform/logger.ts";
import type { Principal } from "../platform/context.ts";
import { acceptRequest, callerNow } from "./async-accept.ts";
import type { AsyncRequest } from "./async-request.ts";
import type { PreparedScript } from "./prepared-script.ts";

let database: TestDatabase;
let platform: Platform;
beforeAll(async () => {
  database = await testDatabase();
  platform = testPlatform(database);
});
afterAll(async () => await database.drop());

const scriptOf = (app: TestApp, language = "typescript"): PreparedScript =>
  // Nothing else of a script is looked at before its request runs.
  ({
    app: { id: app.id, slug: app.slug },
    script: { id: app.scriptId, name: "main", version: 1 },
    live: { language },
  }) as PreparedScript;

const request = (body: string, headers: readonly string[] = []): AsyncRequest => ({
  input: { kind: "http", method: "POST", url: "http://localhost/a", headers, body: Buffer.from(body) },
  route: { id: newId(), path: "/a" },
  remoteAddr: "::1",
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof PicloudError ? error.code : String(error);
}

test("what is accepted is one event with one delivery, whose execution is the root of all that follows", async () => {
  const app = await insertTestApp(platform);
  const id = newId();
  const woken: (string | undefined)[] = [];
  const end = platform.signals.on("outbox", (appId) => woken.push(appId));
  const accepted = await acceptRequest(platform, scriptOf(app), id, request("x"));
  end();
  expect(woken).toEqual([app.id]);
  const [row] = await database.db.write`
    select o.execution_id, o.root_execution_id, o.depth, o.trigger_id, o.script_id, o.created_at, e.source, e.op,
      e.written_by, e.payload->>'body' as body
    from outbox o join events e on e.app_id = o.app_id and e.id = o.event_id where o.app_id = ${app.id}`;
  expect(row).toEqual({
    execution_id: id,
    root_execution_id: id,
    depth: 0,
    trigger_id: null,
    script_id: app.scriptId,
    created_at: new Date(accepted.accepted_at),
    source: "http",
    op: "request",
    written_by: null,
    body: "x",
  });
});

test("an app that is being deleted accepts nothing", async () => {
  const app = await insertTestApp(platform);
  await database.db.write`update apps set state = 'deleting' where id = ${app.id}`;
  expect(await codeOf(acceptRequest(platform, scriptOf(app), newId(), request("x")))).toBe("app_gone");
  expect(await database.db.write`select from events where app_id = ${app.id}`).toHaveLength(0);
  expect(await database.db.write`select from outbox where app_id = ${app.id}`).toHaveLength(0);
});

test("malformed JSON for Rhai, which gets it parsed, is refused; anything else is the script's", async () => {
  const app = await insertTestApp(platform);
  const send = async (language: string, body: string, type: string): Promise<string> =>
    await codeOf(
      acceptRequest(platform, scriptOf(app, language), newId(), request(body, ["Content-Type", type])),
    );
  for (const type of ["application/json", "Application/JSON; charset=utf-8", "application/x+json"]) {
    expect([type, await send("rhai", "{", type)]).toEqual([type, "malformed_request"]);
    expect([type, await send("rhai", "{}", type)]).toEqual([type, "undefined"]);
    expect([type, await send("typescript", "{", type)]).toEqual([type, "undefined"]);
  }
  expect(await send("rhai", "{", "text/plain")).toBe("undefined");
  expect(await send("rhai", "", "application/json")).toBe("undefined");
});

const may = (principal: Principal, app: TestApp): boolean =>
  isAuthorized({ kind: "run", requestId: "r", log: silentLogger, principal }, "AppKvWrite", app.id);

test("a user acts with the rights of the time of the run, and keeps the name without any", async () => {
  const app = await insertTestApp(platform);
  const id = newId();
  const caller = { kind: "user", id, name: "ada" } as const;
  const now = async (): Promise<Principal> => await callerNow(platform, app.id, caller);
  expect([may(await now(), app), (await now()).name]).toEqual([false, "ada"]);
  await database.db
    .write`insert into users (id, username, role, password_hash) values (${id}, 'ada', 'member', 'x')`;
  expect(may(await now(), app)).toBe(false);
  await database.db.write`insert into members (app_id, user_id, role) values (${app.id}, ${id}, 'editor')`;
  expect(may(await now(), app)).toBe(true);
  await database.db.write`update users set disabled_at = now() where id = ${id}`;
  expect([may(await now(), app), (await now()).name]).toEqual([false, "ada"]);
});

test("a key acts with its scopes, within its owner's rights and its app, until it ends", async () => {
  const app = await insertTestApp(platform);
  const other = await insertTestApp(platform);
  const id = newId();
  const caller = { kind: "api_key", id, name: "ci" } as const;
  const now = async (of = app): Promise<Principal> => await callerNow(platform, of.id, caller);
  expect(may(await now(), app)).toBe(false);
  await database.db.write`
    insert into api_keys (id, user_id, name, prefix, token_hash, scopes, app_id)
    values (${id}, ${app.user.id}, 'ci', 'abcdefgh', ${Buffer.from(id)}, '{script:write}', ${app.id})`;
  expect(may(await now(), app)).toBe(true);
  expect(may(await now(other), other)).toBe(false);
  await database.db.write`update api_keys set scopes = '{script:read}' where id = ${id}`;
  expect(may(await now(), app)).toBe(false);
  await database.db.write`update api_keys set scopes = '{script:write}', expires_at = now() where id = ${id}`;
  expect([may(await now(), app), (await now()).name]).toEqual([false, "ci"]);
});
