/** Connections that break: no error escapes, and every connection of the pool works again afterwards. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDatabase, type TestDatabase } from "../../../../../tests/support/template-database.ts";
import { waitFor } from "../../../../../tests/support/wait-for.ts";
import { silentLogger } from "../logger.ts";
import { connect, type Sql } from "./database.ts";
import { mended } from "./postgres-client.ts";

const NAME = "broken-connections";
const CONNECTIONS = 4;

let test: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  test = await testDatabase();
  sql = connect(test.target, { max: CONNECTIONS, session: { application_name: NAME }, log: silentLogger });
});
afterAll(async () => {
  await sql.end({ timeout: 5 });
  await test.drop();
});

async function breakAll(): Promise<void> {
  await test.db
    .write`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${NAME}`;
}

/** Whether as many queries as there are connections run at once. */
async function allWork(): Promise<boolean> {
  const pids = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.2)`;
      return row?.pid;
    }),
  ).catch((): number[] => []);
  return new Set(pids).size === CONNECTIONS;
}

describe("a connection that breaks", () => {
  it("in a transaction fails the transaction, whatever its work goes on to do", async () => {
    // Work that does not notice goes on asking; what it asks fails, and neither that nor the rollback escapes.
    const asked: string[] = [];
    const broken = sql.begin(async (tx) => {
      await tx`select 1`;
      await breakAll();
      for (let n = 0; n < 5; n++) {
        await tx`select 2`.then(
          () => asked.push("answered"),
          () => asked.push("failed"),
        );
        await sleep(20);
      }
      throw new Error("of the work");
    });
    await expect(broken).rejects.toThrow(/terminat|CONNECTION/);
    await waitFor("the work has ended", () => asked.length === 5);
    expect(new Set(asked)).toEqual(new Set(["failed"]));
    await waitFor("all connections work", allWork);
  });

  it("under load is made anew, each time", async () => {
    let isOver = false;
    const load = Array.from({ length: 12 }, async () => {
      let answers = 0;
      while (!isOver) {
        const answered = await sql`select ${"x".repeat(100)}::text`.then(
          () => 1,
          () => 0,
        );
        answers += answered;
        await sleep(answered === 1 ? 0 : 5);
      }
      return answers;
    });
    for (let round = 0; round < 60; round++) {
      await breakAll();
      await sleep(Math.random() * 15);
    }
    isOver = true;
    expect(Math.min(...(await Promise.all(load)))).toBeGreaterThan(0);
    await waitFor("all connections work", allWork);
  });
});

it("a client of another text is not used", () => {
  expect(() => mended("export default 1")).toThrow(/another text/);
});
