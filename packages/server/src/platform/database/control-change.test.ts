import { afterAll, beforeAll, expect, test } from "vitest";
import { testDatabase } from "../../../../../tests/support/template-database.ts";
import type { TestDatabase } from "../../../../../tests/support/template-database.ts";
import { createSignals } from "../signals.ts";
import { controlChange, readControlCounter } from "./control-change.ts";

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
      await controlChange({ db, signals }, { signal: "deployed" }, async (tx) => {
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
  const failing = controlChange({ db, signals }, { signal: "access", appId: "a" }, async () => {
    await Promise.reject(new Error("no"));
  });
  const next = controlChange(
    { db, signals },
    { signal: "access", appId: "b" },
    async () => await Promise.resolve(7),
  );
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe(7);
  expect(woken).toEqual(["b"]);
  expect(await readControlCounter(db.read)).toBe(before + 1);
});

test("other connections are notified by the commit", async () => {
  const { db } = database;
  const notices: string[] = [];
  const heard = Promise.withResolvers<void>();
  const listening = await db.side.listen("picloud_control", (notice) => {
    notices.push(notice);
    if (notice === "deployed x") heard.resolve();
  });
  await controlChange(
    { db, signals: createSignals() },
    { signal: "deployed", appId: "x" },
    async () => await Promise.resolve(),
  );
  await heard.promise;
  await listening.unlisten();
  expect(notices).toContain("deployed x");
});
