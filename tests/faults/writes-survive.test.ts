/** A server or its PostgreSQL ends while scripts write: what a script was told is stored is there afterwards. */
import { afterEach, describe, expect, test } from "vitest";
import { isRunning } from "../support/child-process.ts";
import { postgresPid } from "../support/data-folder.ts";
import { firstOwner, rawApi } from "../support/raw-api.ts";
import type { RawApi } from "../support/raw-api.ts";
import { removeFolder, startServer } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** No PostgreSQL outlives its server by more. */
const POSTGRES_END_MS = 5_000;
const WRITERS = 8;

const WRITE = `import { kv } from "picloud";
export default async (request, ctx) => {
  await kv.collection("acknowledged").set(ctx.params.key, Number(ctx.params.value));
  return "written";
};
`;

let server: RunningServer | undefined;
afterEach(async () => {
  const last = server;
  server = undefined;
  if (last === undefined) return;
  await last.stop();
  await removeFolder(last.dataDir);
});

/** Writes from several callers until the server is gone; `acknowledged` gets the highest value that each key was
 *  acknowledged with. */
async function writeUntilGone({ url }: RunningServer, acknowledged: Map<string, number>): Promise<void> {
  const write = async (writer: number): Promise<void> => {
    for (let value = 1; ; value++) {
      const key = `key-${writer}`;
      const isWritten = await fetch(`${url}/write/${key}/${value}`).then(
        async (answer) => answer.status === 200 && (await answer.json()) === "written",
        () => false,
      );
      if (!isWritten) return;
      acknowledged.set(key, value);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, async (_, writer) => await write(writer)));
}

async function storedValue(api: RawApi, key: string): Promise<number> {
  const answer = await api.get(`/apps/default/kv/acknowledged/${key}`);
  if (!answer.ok) throw new Error(`${key}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { value: number }).value;
}

describe("the server is killed while scripts write", () => {
  test.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)("%s", { timeout: 180_000 }, async (signal) => {
    const first = await startServer();
    server = first;
    const api = await firstOwner(first);
    await api.deploy("write", WRITE, "GET /write/:key/:value");
    const postgres = postgresPid(first.dataDir);
    const acknowledged = new Map<string, number>();
    const writing = writeUntilGone(first, acknowledged);
    // A row is there before its answer: only an answer is an acknowledgement.
    await waitFor("writers are under way", async () => await Promise.resolve(acknowledged.size > 0));

    process.kill(first.pid, signal);
    await writing;
    expect(acknowledged.size).toBeGreaterThan(0);
    // Clients that go on asking do not hold up a clean stop: far below PICLOUD_DRAIN_MS.
    await waitFor("the server has ended", async () => !(await isRunning(first.pid)), 15_000);
    const ended = performance.now();
    await waitFor("PostgreSQL has ended", async () => !(await isRunning(postgres)), 30_000);
    expect(performance.now() - ended).toBeLessThan(POSTGRES_END_MS);

    const second = await startServer({ dataDir: first.dataDir });
    server = second;
    expect(second.setupToken).toBeUndefined();
    const later = rawApi(second, api.token);
    for (const [key, value] of acknowledged) {
      // One more write may have been committed whose answer was lost.
      expect([value, value + 1]).toContain(await storedValue(later, key));
    }
    const answer = await fetch(`${second.url}/write/key-0/1000000`);
    expect(await answer.json()).toBe("written");
  });
});

test(
  "PostgreSQL dies under a running server: it is started again and requests are answered",
  { timeout: 180_000 },
  async () => {
    const first = await startServer();
    server = first;
    const api = await firstOwner(first);
    await api.deploy("write", WRITE, "GET /write/:key/:value");
    expect((await fetch(`${first.url}/write/a/1`)).status).toBe(200);
    process.kill(postgresPid(first.dataDir), "SIGKILL");
    const isWritten = async (): Promise<boolean> => (await fetch(`${first.url}/write/a/2`)).status === 200;
    await waitFor("writes work again", isWritten, 60_000);
    // Another connection of the pool may still have to be made: 503 `unavailable` until then.
    const isRead = async (): Promise<boolean> =>
      (await api.get("/apps/default/kv/acknowledged/a")).status === 200;
    await waitFor("reads work again", isRead, 10_000);
    expect(await storedValue(api, "a")).toBe(2);
  },
);
