/** Service calls in a transaction, on a real connection: what a failed one leaves, and what a lost connection says. */
import { PicloudError } from "@picloud/contract";
import type { HostCall } from "@picloud/sandbox";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../tests/support/template-database.ts";
import type { OpenTransaction, TransactionSlot } from "../platform/database/transaction-slots.ts";
import { createTransactionCalls, type TransactionCalls } from "./transaction-calls.ts";

const LIMIT_MS = 5_000;
let test: TestDatabase;
let slot: TransactionSlot;
let open: OpenTransaction;
let calls: TransactionCalls;
let followed: string[] = [];
beforeAll(async () => {
  test = await testDatabase();
  await test.db.write`create table effects (name text primary key)`;
});
beforeEach(async () => {
  await test.db.write`truncate effects`;
  followed = [];
  const taken = await test.db.transactions.take("01900000-0000-7000-8000-000000000001", LIMIT_MS);
  if (taken === undefined) throw new Error("no slot");
  slot = taken;
  open = await slot.begin(LIMIT_MS);
  calls = createTransactionCalls(open, async ({ method }, transaction) => {
    const name = method.split(" ")[0] ?? "";
    if (transaction === undefined) throw new Error("outside");
    await transaction.db`insert into effects (name) values (${name})`;
    transaction.afterCommit(() => followed.push(`${name} stays`));
    transaction.afterRollback(() => followed.push(`${name} goes`));
    if (method.endsWith("fails")) throw new PicloudError("invalid", "no");
    return undefined;
  });
});
afterEach(async () => {
  await open.rollback();
  slot.release();
});
afterAll(async () => {
  await test.drop();
});

const call = (method: string): HostCall => ({ service: "effects", method, args: [] });
const effects = async (): Promise<string[]> =>
  (await test.db.write<{ name: string }[]>`select name from effects order by name`).map(({ name }) => name);

it("a call that fails is undone alone", async () => {
  await calls.call(call("a"));
  await expect(calls.call(call("b fails"))).rejects.toMatchObject({ code: "invalid" });
  expect(followed).toEqual(["b goes"]);
  await calls.call(call("c"));
  expect(await effects()).toEqual([]);
  await open.commit();
  calls.settle(true);
  expect(await effects()).toEqual(["a", "c"]);
  expect(followed).toEqual(["b goes", "a stays", "c stays"]);
});

it("what a database refuses is undone alone too", async () => {
  await calls.call(call("a"));
  await expect(calls.call(call("a"))).rejects.toMatchObject({ code: "23505" });
  await calls.call(call("b"));
  await open.commit();
  expect(await effects()).toEqual(["a", "b"]);
});

it("calls that are made at once run one after another", async () => {
  await Promise.all(["a", "b", "c"].map(async (name) => await calls.call(call(name))));
  await open.commit();
  calls.settle(true);
  expect(followed).toEqual(["a stays", "b stays", "c stays"]);
});

it("nothing stays without a commit", async () => {
  await calls.call(call("a"));
  await open.rollback();
  calls.settle(false);
  expect(await effects()).toEqual([]);
  expect(followed).toEqual(["a goes"]);
  await expect(calls.call(call("b"))).rejects.toMatchObject({ code: "conflict_retries" });
});

it("a lost connection is said in words that a script can use", async () => {
  await calls.call(call("a"));
  const [session] = await open.db<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await test.db.write`select pg_terminate_backend(${session?.pid ?? 0})`;
  await vi.waitFor(() => expect(open.isLost).toBe(true));
  await expect(calls.call(call("b"))).rejects.toMatchObject({ code: "unavailable", retryable: true });
});
