import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApi } from "../../../../../tests/support/test-api.ts";
import type { TestApi } from "../../../../../tests/support/test-api.ts";
import {
  countAttempt,
  deleteVoidAttempts,
  forgiveAttempt,
  trimAttempts,
} from "./login-attempts.repository.ts";
import { networkOf, slowMsOf } from "./login-throttle.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => await api.close());

const keyOf = (name: string): Buffer => Buffer.from(name);
const rowsLike = async (prefix: string): Promise<number> => {
  const rows = await api.platform.db.read`
    select 1 from login_attempts where substring(key for ${prefix.length}) = ${keyOf(prefix)}`;
  return rows.length;
};
/** As if so many seconds went by. */
const pass = async (key: Buffer, seconds: number): Promise<void> => {
  await api.platform.db.write`
    update login_attempts set refused_until = refused_until - make_interval(secs => ${seconds}),
      expires_at = expires_at - make_interval(secs => ${seconds}) where key = ${key}`;
};

test("an attempt that began before the one it had to wait for is counted, not refused", async () => {
  const { write } = api.platform.db;
  const rule = { key: keyOf("overlap"), free: 5, waitSecondsMax: 900 };
  const late = await write.begin(async (tx) => {
    // Its `now()` is from here on older than what comes between.
    await tx`select now()`;
    expect((await countAttempt(write, [rule])).attempts).toEqual([1]);
    await forgiveAttempt(write, rule.key);
    return await countAttempt(tx, [rule]);
  });
  expect(late).toEqual({ refusedMs: undefined, attempts: [1] });
});

test("after the free attempts each one waits twice as long as the one before, to a limit", async () => {
  const key = keyOf("waits");
  const count = async () => await countAttempt(api.platform.db.write, [{ key, free: 2, waitSecondsMax: 4 }]);
  expect(await count()).toEqual({ refusedMs: undefined, attempts: [1] });
  for (const [attempts, seconds] of [
    [2, 1],
    [3, 2],
    [4, 4],
    [5, 4],
  ] as const) {
    expect(await count()).toEqual({ refusedMs: undefined, attempts: [attempts] });
    const { refusedMs = 0 } = await count();
    expect(refusedMs).toBeGreaterThan(seconds * 1000 - 900);
    expect(refusedMs).toBeLessThanOrEqual(seconds * 1000);
    await pass(key, seconds);
  }
  // A quarter of an hour later all is forgotten.
  await pass(key, 901);
  expect(await count()).toEqual({ refusedMs: undefined, attempts: [1] });
});

test("of 40 attempts at the same time no more pass than one after another", async () => {
  const keys = [{ key: keyOf("at once"), free: 5, waitSecondsMax: 900 }];
  const counted = await Promise.all(
    Array.from({ length: 40 }, async () => await countAttempt(api.platform.db.write, keys)),
  );
  expect(counted.filter(({ refusedMs }) => refusedMs === undefined)).toHaveLength(5);
});

test("what one key refuses counts under none", async () => {
  const shut = { key: keyOf("shut"), free: 2, waitSecondsMax: 60 };
  const open = { key: keyOf("open"), free: 5, waitSecondsMax: 60 };
  await countAttempt(api.platform.db.write, [shut]);
  await countAttempt(api.platform.db.write, [shut]);
  expect((await countAttempt(api.platform.db.write, [open, shut])).refusedMs).toBeGreaterThan(0);
  expect(await rowsLike("open")).toBe(0);
  await forgiveAttempt(api.platform.db.write, shut.key);
  expect(await countAttempt(api.platform.db.write, [open, shut])).toEqual({
    refusedMs: undefined,
    attempts: [1, 2],
  });
});

test("the table is bounded: void rows go, and the oldest beyond the limit", async () => {
  const { write } = api.platform.db;
  await write`insert into login_attempts (key, attempts, refused_until, expires_at)
    select convert_to('void' || n, 'UTF8'), 1, now(), now() - interval '1 second' from generate_series(1, 30) n`;
  await deleteVoidAttempts(write, 10);
  expect(await rowsLike("void")).toBe(20);
  await deleteVoidAttempts(write, 1_000);
  await write`insert into login_attempts (key, attempts, refused_until, expires_at)
    select convert_to('full' || n, 'UTF8'), 1, now(), now() + n * interval '1 hour' from generate_series(1, 50) n`;
  await trimAttempts(write, 20);
  const rows = await write`select encode(key, 'escape') as key from login_attempts order by expires_at`;
  expect(rows).toHaveLength(20);
  expect(rows[0]?.["key"]).toBe("full31");
});

test.each([
  ["login", { username: "nobody", password: "x" }],
  ["password_reset", { token: "reset_x", password: "a sentence of some length" }],
])("each attempt by %s sweeps void rows", async (path, body) => {
  const { write } = api.platform.db;
  await write`insert into login_attempts (key, attempts, refused_until, expires_at)
    select convert_to('void' || n, 'UTF8'), 1, now(), now() - interval '1 second' from generate_series(1, 5) n`;
  expect((await api.call(`POST /auth/${path}`, { token: null, body })).status).toBe(401);
  expect(await rowsLike("void")).toBe(0);
});

test("an account answers later, by 2 s at most, and is never refused", () => {
  expect([1, 10, 11, 12, 13, 15, 16, 1_000_000].map(slowMsOf)).toEqual([
    0, 0, 100, 200, 400, 1_600, 2_000, 2_000,
  ]);
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["2001:0DB8:0:0:1:2:3:4", "2001:db8:0:0"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["::1", "0:0:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0"],
  ["1::", "1:0:0:0"],
  ["", ""],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
