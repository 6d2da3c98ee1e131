/** PostgreSQL dies or hangs under load: what needs no database goes on, what needs it is 503, and all is well soon after. */
import { afterEach, expect, test } from "vitest";
import { postgresPid } from "../support/data-folder.ts";
import { firstOwner } from "../support/raw-api.ts";
import { removeFolder, startServer } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";

const WRITE = `import { kv } from "picloud";
export default async (request, ctx) => {
  await kv.collection("acknowledged").set(ctx.params.key, Number(ctx.params.value));
  return "written";
};
`;
/** A request without the database waits for the check of what is deployed, on a machine that runs all tests at once. */
const HELLO_MAX_MS = 4_000;
/** A start of PostgreSQL after a crash, and then one wait for the next connection. */
const RECOVERED_MS = 20_000;

let server: RunningServer | undefined;
afterEach(async () => {
  const last = server;
  server = undefined;
  if (last === undefined) return;
  await last.stop();
  await removeFolder(last.dataDir);
});

interface Seen {
  readonly statuses: Set<number>;
  slowestMs: number;
  lastStatus: number;
}

/** Asks one request after another until it is told to stop. */
async function ask(url: (n: number) => string, isOver: () => boolean): Promise<Seen> {
  const seen: Seen = { statuses: new Set(), slowestMs: 0, lastStatus: 0 };
  for (let n = 1; !isOver(); n++) {
    const started = performance.now();
    const answer = await fetch(url(n));
    await answer.arrayBuffer();
    seen.slowestMs = Math.max(seen.slowestMs, performance.now() - started);
    seen.statuses.add(answer.status);
    seen.lastStatus = answer.status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return seen;
}

test("PostgreSQL is killed under load", { timeout: 180_000 }, async () => {
  const running = await startServer();
  server = running;
  const api = await firstOwner(running);
  await api.deploy("write", WRITE, "GET /write/:key/:value");
  await api.deploy("hi", "export default () => 'hi';", "GET /hi");
  let isOver = false;
  const writers = [1, 2, 3, 4].map(
    async (w) =>
      await ask(
        (n) => `${running.url}/write/key-${w}/${n}`,
        () => isOver,
      ),
  );
  const hello = ask(
    () => `${running.url}/hi`,
    () => isOver,
  );
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  process.kill(postgresPid(running.dataDir), "SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, RECOVERED_MS));
  isOver = true;

  const { statuses, slowestMs } = await hello;
  expect([...statuses]).toEqual([200]);
  expect(slowestMs).toBeLessThan(HELLO_MAX_MS);
  for (const writer of await Promise.all(writers)) {
    expect(writer.lastStatus).toBe(200);
    expect([...writer.statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(writer.slowestMs).toBeLessThan(RECOVERED_MS / 2);
  }
  expect(running.output()).toContain("database_unavailable");
});
