import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase } from "../../../../../tests/support/template-database.ts";
import type { TestDatabase } from "../../../../../tests/support/template-database.ts";
import { newId } from "../ids.ts";
import { createSignals } from "../signals.ts";
import { controlChange, readControlCounter } from "./control-change.ts";

const change = { by: "server", action: "tests.change" } as const;
const [appA, appB] = [newId(), newId()];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => await database.drop());

test("changes run one after another, are counted, and hold one connection however many wait", async () => {
  const { db } = database;
  const signals = createSignals();
  const before = await readControlCounter(db.read);
  let running = 0;
  let most = 0;
  const changes = Array.from(
    { length: 20 },
    async (_, i) =>
      await controlChange({ db, signals }, { ...change, signal: "deployed" }, async (tx) => {
        most = Math.max(most, ++running);
        await tx`select 1`;
        // A write of a script gets a connection although more changes wait than there are connections.
        if (i === 0) await db.write`select 1`;
        running--;
        return i;
      }),
  );
  expect(await Promise.all(changes)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(most).toBe(1);
  expect(await readControlCounter(db.read)).toBe(before + 20);
});

test("a change that fails is undone, wakes nobody, and the next one goes on", async () => {
  const { db } = database;
  const signals = createSignals();
  const woken: (string | undefined)[] = [];
  signals.on("access", (appId) => woken.push(appId));
  const before = await readControlCounter(db.read);
  const failing = controlChange({ db, signals }, { ...change, signal: "access", appId: appA }, async () => {
    await Promise.reject(new Error("no"));
  });
  const next = controlChange(
    { db, signals },
    { ...change, signal: "access", appId: appB },
    async () => await Promise.resolve(7),
  );
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe(7);
  expect(woken).toEqual([appB]);
  expect(await readControlCounter(db.read)).toBe(before + 1);
});

test("other connections are notified by the commit", async () => {
  const { db } = database;
  const notices: string[] = [];
  const heard = Promise.withResolvers<void>();
  const listening = await db.side.listen("picloud_control", (notice) => {
    notices.push(notice);
    if (notice === `deployed ${appA}`) heard.resolve();
  });
  await controlChange(
    { db, signals: createSignals() },
    { ...change, signal: "deployed", appId: appA },
    async () => await Promise.resolve(),
  );
  await heard.promise;
  await listening.unlisten();
  expect(notices).toContain(`deployed ${appA}`);
});

test("a change and its entry in the audit log are there together or not at all", async () => {
  const { db } = database;
  const platform = { db, signals: createSignals() };
  const requestId = newId();
  const principal = { kind: "user", id: newId(), name: "ada", role: "owner", appRoles: new Map() } as const;
  const by = { kind: "api", requestId, principal, remoteAddr: "192.0.2.1" } as const;
  const entries = async () =>
    await db.read`
    select action, principal_kind, principal_name, user_id, remote_addr, app_id, resource_kind, resource_id, before,
      after from audit where request_id = ${requestId}`;
  await controlChange(
    platform,
    { by, action: "apps.update", signal: "deployed", appId: appA },
    async (_tx, record) => {
      record.tell({
        resource: { kind: "app", id: appA },
        before: { name: "a" },
        after: { name: "b".repeat(300) },
      });
      await Promise.resolve();
    },
  );
  expect(await entries()).toEqual([
    {
      action: "apps.update",
      principal_kind: "user",
      principal_name: "ada",
      user_id: principal.id,
      remote_addr: "192.0.2.1",
      app_id: appA,
      resource_kind: "app",
      resource_id: appA,
      before: { name: "a" },
      after: { name: `${"b".repeat(256)}…` },
    },
  ]);
  const refused = controlChange(
    platform,
    { by, action: "apps.update", signal: "deployed" },
    async (_tx, record) => {
      record.tell({ resource: { kind: "app" } });
      await Promise.reject(new Error("no"));
    },
  );
  await expect(refused).rejects.toThrow("no");
  await controlChange(platform, { by, action: "apps.update", signal: "deployed" }, async (_tx, record) => {
    record.nothing();
    await Promise.resolve();
  });
  expect(await entries()).toHaveLength(1);
});

test("entries are neither changed nor removed", async () => {
  const { db } = database;
  await expect(db.write`update audit set action = 'x'`).rejects.toThrow("append only");
  await expect(db.write`delete from audit`).rejects.toThrow("append only");
});
