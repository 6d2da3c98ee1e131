/** The deletion of an app: what it asks, what it switches off, and that no row comes after it or is left. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { JsonText } from "@picloud/contract";
import { removeDeletedApps, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, TestApi } from "../../../../../tests/support/test-api.ts";
import { insertTestApp, insertTestTrigger, runContext } from "../../../../../tests/support/test-app.ts";
import type { TestApp } from "../../../../../tests/support/test-app.ts";
import { waitFor } from "../../../../../tests/support/wait-for.ts";
import {
  claimDeliveries,
  completeDeliveries,
  FIRST_APP,
  takeOver,
} from "../../data-plane/outbox.repository.ts";
import { appContents } from "../../features.ts";
import type { ExecutionRef } from "../../platform/context.ts";
import type { ExecutionEnd } from "../../platform/database/execution-row.ts";
import { newId } from "../../platform/ids.ts";
import { createRecorder } from "../executions/executions.service.ts";
import { compareAndSet, deleteKey, incrementValue, setValue } from "../kv/kv.service.ts";
import { claimDeletion } from "./app-deletion.repository.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());
// What an earlier test left to do would come first.
beforeEach(async () => await removeDeletedApps(api));

const refusal = ({ status, body }: Answer): unknown[] => [status, body["error"]?.["code"]];
const value = new JsonText("1");

/** Tables whose rows of an app are none of its content; those of `loose_contents` end with the bytes they name. */
const outside = ["app_deletions", "audit", "loose_contents", "reserved_names"];

async function tablesWithApps(): Promise<readonly string[]> {
  const rows = await api.platform.db.read<{ name: string }[]>`
    select c.table_name as name from information_schema.columns c
    join pg_class p on p.oid = c.table_name::regclass and not p.relispartition
    where c.table_schema = 'public' and c.column_name = 'app_id' order by 1`;
  return rows.map(({ name }) => name);
}

/** Tables that have rows of the app, with their number. */
async function rowsOf(appId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const { read } = api.platform.db;
  for (const table of await tablesWithApps()) {
    const [row] = await read<{ count: number }[]>`
      select count(*)::int as count from ${read(table)} where app_id = ${appId}`;
    if (row !== undefined && row.count > 0) counts[table] = row.count;
  }
  return counts;
}

function endOf(ref: ExecutionRef): ExecutionEnd {
  return {
    ref,
    status: "ok",
    endedAt: new Date(),
    durationMs: 1,
    cpuMs: 1,
    heapBytes: 1,
    contextCall: 0,
  };
}

async function insertRowsOfRuns(appId: string, triggerId: string): Promise<void> {
  const { write } = api.platform.db;
  await write`insert into idempotency_keys (app_id, id, fingerprint, execution_id)
    values (${appId}, 'a', 'b', ${newId()})`;
  await write`insert into cron_states (app_id, trigger_id, version, seen_at, zone_data)
    values (${appId}, ${triggerId}, 1, now(), '2026c')`;
  await write`insert into cron_ledger (app_id, id, trigger_id, version, status, scheduled_at, occurrences, recorded_at)
    values (${appId}, ${newId()}, ${triggerId}, 1, 'ran', now(), 1, now())`;
}

/** An app with at least one row in every table. */
async function fullApp(): Promise<TestApp> {
  const { platform } = api;
  const app = await insertTestApp(platform);
  const { write } = platform.db;
  const id = app.id;
  await insertRowsOfRuns(id, await insertTestTrigger(platform, app, { pattern: "*" }));
  const ctx = runContext(platform, app);
  await setValue(ctx, platform, { appId: id, collection: "c", key: "k" }, { value });
  await setValue(ctx, platform, { appId: id, collection: "c", key: "old" }, { value, ttl: 1 });
  // More than one batch, over two collections.
  await write`insert into kv (app_id, collection, key, value, version)
    select ${id}, 'bulk' || n % 2, n::text, '1', 1 from generate_series(1, 450) n`;
  await write`insert into docs (app_id, collection, id, scope, doc)
    select ${id}, 'bulk' || n % 2, picloud_uuid_v7(), 1, '{}' from generate_series(1, 450) n`;
  await write`insert into docs_indexes (app_id, collection, name, id, fields)
    values (${id}, 'bulk1', 'by_a', ${newId()}, '{a}')`;
  await write`insert into files (app_id, collection, id, name, content_type, size_bytes, sha256, block_hashes, content_id)
    select ${id}, 'bulk' || n % 2, picloud_uuid_v7(), 'f', 'text/plain', 1, '', '', picloud_uuid_v7()
    from generate_series(1, 450) n`;
  await write`insert into queue_pauses (app_id, queue) values (${id}, 'q')`;
  await write`insert into queue_groups (app_id, queue, group_key, last_seq)
    select ${id}, 'q' || n % 2, n::text, 1 from generate_series(1, 450) n`;
  await write`insert into queue_dedupe (app_id, queue, dedupe_key, message_id, expires_at)
    select ${id}, 'q' || n % 2, n::text, picloud_uuid_v7(), now() from generate_series(1, 450) n`;
  const moduleId = newId();
  await write`insert into scripts (app_id, id, name, language, version, kind)
    values (${id}, ${moduleId}, 'util', 'typescript', 1, 'module')`;
  for (const version of [1, 2])
    await write`insert into script_versions (app_id, script_id, version, source, source_hash, artifact_hash, artifact,
      source_map, compiler) values (${id}, ${moduleId}, ${version}, '', '', '', '', '', '')`;
  await write`insert into script_imports (app_id, importer_id, imported_id) values (${id}, ${app.scriptId}, ${moduleId})`;
  await write`insert into routes (app_id, id, script_id, method, path, shape)
    values (${id}, ${newId()}, ${app.scriptId}, 'GET', '/', '/')`;
  await write`insert into deployments (app_id, id, state_hash, changes) values (${id}, ${newId()}, '', '[]')`;
  await write`insert into members (app_id, user_id, role) values (${id}, ${app.user.id}, 'viewer')`;
  await write`insert into api_keys (id, user_id, name, prefix, token_hash, scopes, app_id)
    values (${newId()}, ${app.user.id}, 'k', 'p', ${Buffer.from(id)}, '{log:read}', ${id})`;
  await write`insert into domains (app_id, host, state, proof, active_at)
    values (${id}, ${`${app.slug}.example.com`}, 'active', 'approval', now())`;
  await write`insert into dead_letters (app_id, id, outbox_id, event_id, script_id, source, op, event, attempts,
      last_error, root_execution_id, depth, last_attempt_at)
    values (${id}, ${newId()}, ${newId()}, ${newId()}, ${app.scriptId}, 'kv', 'insert', '{}', 3, '{}', ${newId()}, 1,
      now())`;
  const recorder = createRecorder(platform);
  recorder.record(endOf(ctx.execution), [{ at: Date.now(), level: "info", message: "hi" }]);
  recorder.recordAbandoned({
    appId: id,
    executionId: ctx.execution.id,
    scriptId: app.scriptId,
    reason: "client_left",
    status: "ok",
    errorCode: undefined,
  });
  await recorder.close();
  return app;
}

test("every table with rows of apps is told of, or is none of an app's content", async () => {
  const told = appContents.map(({ table }) => table);
  expect((await tablesWithApps()).filter((table) => !told.includes(table))).toEqual(outside);
  expect(new Set(told).size).toBe(told.length);
});

test("all of an app goes, its audit and reservations stay, another app loses nothing", async () => {
  const [app, other] = [await fullApp(), await fullApp()];
  const before = await rowsOf(app.id);
  expect(Object.keys(before).filter((table) => !outside.includes(table))).toEqual(
    appContents.map(({ table }) => table).toSorted(),
  );
  const kept = await rowsOf(other.id);

  const refused = await api.call(`DELETE /apps/${app.slug}`);
  expect(refusal(refused)).toEqual([409, "not_empty"]);
  expect(refused.body["error"]?.["details"]).toEqual({
    members: 1,
    domains: 1,
    scripts: 2,
    api_keys: 1,
    triggers: 1,
    routes: 1,
    kv_keys: 451,
    documents: 450,
    files: 450,
    dead_letters: 1,
    deliveries: 2,
  });
  const deleted = await api.call(`DELETE /apps/${app.slug}?force=true`);
  expect([deleted.status, deleted.body["state"]]).toEqual([200, "deleting"]);
  const { body } = await api.call(`GET /apps/${app.slug}`);
  expect(body).toMatchObject({
    state: "deleting",
    deletion: { phase: "stopping", rows_deleted: 0, left: { scripts: 2, executions: 1, logs: 1 } },
  });
  await removeDeletedApps(api);

  const left = await rowsOf(app.id);
  expect(Object.keys(left)).toEqual(["audit", "loose_contents", "reserved_names"]);
  expect(left["loose_contents"]).toBe(450);
  expect(await rowsOf(other.id)).toEqual(kept);
  expect((await api.call(`GET /apps/${app.slug}`)).status).toBe(404);
  const audit = await api.platform.db.read<{ action: string; principal_kind: string; before: unknown }[]>`
    select action, principal_kind, before from audit where app_id = ${app.id} order by id`;
  expect(audit).toMatchObject([
    { action: "apps.delete", principal_kind: "user", before: { slug: app.slug, scripts: 2, deliveries: 2 } },
    { action: "apps.removed", principal_kind: "server" },
  ]);
  const names = await api.platform.db.read<{ kind: string; name: string }[]>`
    select kind, name from reserved_names where app_id = ${app.id} order by kind`;
  expect(names).toEqual([
    { kind: "host", name: `${app.slug}.example.com` },
    { kind: "slug", name: app.slug },
  ]);
});

test("403 goes before 409 and 410; while it is deleted few reads answer", async () => {
  const { db } = api.platform;
  const app = await insertTestApp(api.platform);
  const userId = newId();
  await db.write`insert into users (id, username, role, password_hash)
    select ${userId}, 'reader', 'member', password_hash from users where username = 'owner'`;
  await db.write`insert into members (app_id, user_id, role) values (${app.id}, ${userId}, 'viewer')`;
  const login = { username: "reader", password: "correct horse battery" };
  const token = textOf((await api.call("POST /auth/login", { token: null, body: login })).body["token"]);
  const key = await api.call("POST /api_keys", {
    body: { name: "bound", scopes: ["script:read", "app:admin"], app_id: app.id },
  });
  const rawKey = textOf(key.body["raw_token"]);
  expect((await api.call(`GET /apps/${app.id}`, { token: rawKey })).status).toBe(200);
  expect(refusal(await api.call(`DELETE /apps/${app.slug}`, { token }))).toEqual([403, "forbidden"]);
  expect(refusal(await api.call(`DELETE /apps/${app.slug}?force=true`, { token }))).toEqual([
    403,
    "forbidden",
  ]);

  await api.call(`DELETE /apps/${app.slug}?force=true`);
  // An app-bound key is void at once.
  expect((await api.call(`GET /apps/${app.id}`, { token: rawKey })).status).toBe(401);
  for (const request of [
    "DELETE /apps/{app}?force=true",
    "PATCH /apps/{app}",
    "GET /apps/{app}/scripts",
    "POST /apps/{app}/scripts",
    "GET /apps/{app}/kv/c",
    "PUT /apps/{app}/kv/c/k",
    "GET /apps/{app}/members",
    "GET /apps/{app}/domains",
    "GET /apps/{app}/logs",
    `GET /scripts/${app.scriptId}`,
    `DELETE /scripts/${app.scriptId}`,
    `GET /scripts/${app.scriptId}/versions`,
  ]) {
    const body = request.startsWith("GET") ? {} : { body: { ...bodies[request] } };
    const path = request.replace("{app}", app.slug);
    expect([request, ...refusal(await api.call(path, body))]).toEqual([request, 410, "app_gone"]);
  }
  expect(refusal(await api.call(`PATCH /apps/${app.slug}`, { token, body: { name: "x" } }))[0]).toBe(403);
  expect((await api.call(`GET /apps/${app.slug}`, { token })).body["state"]).toBe("deleting");
  expect((await api.call(`GET /apps/${app.slug}/audit`)).status).toBe(200);
  const listed = (await api.call("GET /apps?limit=1000")).body["items"] as unknown as {
    slug: string;
    state: string;
  }[];
  expect(listed.find(({ slug }) => slug === app.slug)?.state).toBe("deleting");
  expect((await api.call("GET /scripts?limit=1000")).text).not.toContain(app.id);
  const again = await api.call("POST /api_keys", {
    body: { name: "late", scopes: ["script:read"], app_id: app.id },
  });
  expect(refusal(again)).toEqual([410, "app_gone"]);
});

const bodies: Readonly<Record<string, object>> = {
  "PATCH /apps/{app}": { name: "x" },
  "POST /apps/{app}/scripts": { name: "a", source: "export default () => 1" },
  "PUT /apps/{app}/kv/c/k": { value: 1 },
};

describe("no row comes after the switch:", () => {
  test("writes of runs, their executions, events and deliveries", async () => {
    const { platform } = api;
    const app = await insertTestApp(platform);
    await insertTestTrigger(platform, app, { pattern: "*" });
    const at = { appId: app.id, collection: "c", key: "k" };
    await setValue(runContext(platform, app), platform, at, { value });
    await api.call(`DELETE /apps/${app.slug}?force=true`);
    const before = await rowsOf(app.id);
    const ctx = runContext(platform, app);
    await expect(setValue(ctx, platform, at, { value })).rejects.toMatchObject({ code: "app_gone" });
    await expect(setValue(ctx, platform, { ...at, key: "new" }, { value })).rejects.toMatchObject({
      code: "app_gone",
    });
    await expect(incrementValue(ctx, platform, at, value)).rejects.toMatchObject({ code: "app_gone" });
    expect(await compareAndSet(ctx, platform, { ...at, key: "n" }, { old: undefined, value })).toBe(false);
    expect(await compareAndSet(ctx, platform, at, { old: value, value })).toBe(false);
    expect(await deleteKey(ctx, platform, at)).toBe(false);
    expect(await rowsOf(app.id)).toEqual(before);
  });

  test("what runs leave when they end, and deliveries that fail or lose their node", async () => {
    const { platform } = api;
    const { write } = platform.db;
    const app = await insertTestApp(platform);
    await insertTestTrigger(platform, app, { pattern: "*" });
    const at = { appId: app.id, collection: "c" };
    for (const key of ["a", "b"])
      await setValue(runContext(platform, app), platform, { ...at, key }, { value });
    const query = { nodeId: newId(), afterApp: FIRST_APP, limit: 10, appLimit: 10, fullApps: [], leaseMs: 1 };
    const { deliveries } = await claimDeliveries(write, query);
    const [first, second] = deliveries.filter(({ app_id: id }) => id === app.id);
    await api.call(`DELETE /apps/${app.slug}?force=true`);
    const before = await rowsOf(app.id);
    expect([before["outbox"], before["dead_letters"]]).toEqual([2, undefined]);
    const { execution } = runContext(platform, app);
    if (first === undefined || second === undefined) throw new Error("not claimed");
    await completeDeliveries(write, query.nodeId, [
      { claim: first, kind: "dead", delayMs: 0, error: '{"code":"x","message":"y"}', end: endOf(execution) },
    ]);
    await write`update outbox set takeovers = 100 where app_id = ${app.id}`;
    await waitFor("the lease is over", async () =>
      (await takeOver(write, { nodeId: newId(), onlyNode: false })).some(({ id }) => id === second.id),
    );
    const recorder = createRecorder(platform);
    recorder.record(endOf(runContext(platform, app).execution), [{ at: 1, level: "info", message: "late" }]);
    recorder.record({ ...endOf(runContext(platform, app).execution), status: "failed", errorCode: "x" }, []);
    recorder.recordAbandoned({
      appId: app.id,
      executionId: newId(),
      scriptId: app.scriptId,
      reason: "client_left",
      status: "ok",
      errorCode: undefined,
    });
    await recorder.close();
    const { outbox: _, ...rest } = before;
    expect(await rowsOf(app.id)).toEqual(rest);
  });

  test("a write that was open at the switch is waited for, and what it wrote goes too", async () => {
    const { platform } = api;
    const app = await insertTestApp(platform);
    const node = newId();
    const open = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const late = platform.db.write.begin(async (tx) => {
      await tx`insert into kv (app_id, collection, key, value, version) values (${app.id}, 'c', 'late', '1', 1)`;
      open.resolve();
      await end.promise;
    });
    await open.promise;
    await api.call(`DELETE /apps/${app.slug}?force=true`);
    const removed = removeDeletedApps({ platform: { ...platform, nodeId: node } });
    const deletion = async () =>
      (
        await platform.db.read<{ phase: string; locked_by: string | null }[]>`
        select phase, locked_by from app_deletions where app_id = ${app.id}`
      )[0];
    await waitFor("it is worked on", async () => (await deletion())?.locked_by === node);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await deletion()).toMatchObject({ phase: "stopping" });
    end.resolve();
    await late;
    await removed;
    expect(Object.keys(await rowsOf(app.id))).toEqual(["audit", "reserved_names"]);
  });
});

test("what a node left undone is taken by another, not what one is at", async () => {
  const { platform } = api;
  const app = await insertTestApp(platform);
  await api.call(`DELETE /apps/${app.slug}?force=true`);
  const { write } = platform.db;
  const claim = async (nodeId: string) => (await claimDeletion(write, { nodeId, leaseMs: 60_000 }))?.app_id;
  // A session bears this node's name, so it is alive.
  expect(await claim(platform.nodeId)).toBe(app.id);
  expect(await claim(newId())).toBeUndefined();
  await write`update app_deletions set lease_until = now() - interval '1 second' where app_id = ${app.id}`;
  const other = newId();
  expect(await claim(other)).toBe(app.id);
  // Nobody bears that one's name.
  expect(await claim(platform.nodeId)).toBe(app.id);
  await removeDeletedApps(api);
  expect((await rowsOf(app.id))["app_deletions"]).toBeUndefined();
});
