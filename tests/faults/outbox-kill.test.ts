/** Servers that are killed while writes make deliveries and deliveries run: nothing acknowledged is lost, and each event is
 *  delivered at least once. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { readPidFile } from "../../packages/server/src/platform/database/postgres-process.ts";
import { join } from "node:path";
import { firstOwner, rawApi, type RawApi } from "../support/raw-api.ts";
import { removeFolder, startServer, temporaryFolder, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const KILLS = 12;
const WRITERS = 6;
/** Of a round: long enough for some deliveries to have run, short enough for some to be under way. */
const ROUND_MS = { least: 150, most: 900 } as const;

const WRITE = `import { kv } from "picloud";
export default async (request, ctx) => {
  await kv.collection("source").set(ctx.params.key, { at: Date.now() });
  return "written";
};
`;
/** Some runs take a while, so that a kill finds deliveries in every state. */
const DELIVERED = `import { kv } from "picloud";
export default async (event) => {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  await kv.collection("delivered").increment(event.kv.key);
  await kv.collection("events").set(event.id, event.kv.key);
};
`;

const servers: RunningServer[] = [];
afterEach(async () => {
  const [last] = servers.splice(0).toReversed();
  if (last === undefined) return;
  await last.stop();
  await removeFolder(last.dataDir);
});

/** Writes fresh keys until the server is gone; gives those that were acknowledged. */
async function writeUntilGone(server: RunningServer, round: number): Promise<string[]> {
  const acknowledged: string[] = [];
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; ; n++) {
      const key = `${round}-${writer}-${n}`;
      const isWritten = await fetch(`${server.url}/write/${key}`).then(
        async (answer) => answer.status === 200 && (await answer.json()) === "written",
        () => false,
      );
      if (!isWritten) return;
      acknowledged.push(key);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, async (_, writer) => await write(writer)));
  return acknowledged;
}

interface Entry {
  readonly key: string;
  readonly value: unknown;
}

async function entriesOf(api: RawApi, collection: string): Promise<Map<string, unknown>> {
  const entries = new Map<string, unknown>();
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${cursor}`;
    const answer = await api.get(`/apps/default/kv/${collection}?limit=1000${query}`);
    if (!answer.ok) throw new Error(`${collection}: ${answer.status} ${await answer.text()}`);
    const page = (await answer.json()) as { items: Entry[]; next_cursor: string | null };
    for (const { key, value } of page.items) entries.set(key, value);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return entries;
}

test("no write and no event is lost", { timeout: 600_000 }, async () => {
  const dataDir = await temporaryFolder();
  let server = await startServer({ dataDir });
  servers.push(server);
  const owner = await firstOwner(server);
  await owner.deploy("write", WRITE, "GET /write/:key");
  await owner.deploy("delivered", DELIVERED, "GET /delivered");
  await owner.post("/apps/default/triggers/kv", {
    script: "delivered",
    collection_glob: "source",
    base_ms: 10,
  });

  const acknowledged: string[] = [];
  for (let round = 0; round < KILLS; round++) {
    const writing = writeUntilGone(server, round);
    await sleep(ROUND_MS.least + Math.random() * (ROUND_MS.most - ROUND_MS.least));
    const postgres = readPidFile(join(dataDir, "pg"))?.pid;
    await server.kill9();
    // Every third time the database goes with it, without a checkpoint.
    if (round % 3 === 2 && postgres !== undefined) process.kill(postgres, "SIGKILL");
    acknowledged.push(...(await writing));
    server = await startServer({ dataDir });
    servers.push(server);
  }

  expect(acknowledged.length).toBeGreaterThan(KILLS);
  const api = rawApi(server, owner.token);
  const written = await entriesOf(api, "source");
  expect(acknowledged.filter((key) => !written.has(key))).toEqual([]);
  // Writes whose answer was lost count too: what is stored has been delivered.
  await waitFor(
    "every event is delivered",
    async () => (await entriesOf(api, "delivered")).size >= written.size,
    120_000,
  );
  const delivered = await entriesOf(api, "delivered");
  expect([...written.keys()].filter((key) => !delivered.has(key))).toEqual([]);
  // Each key was written once, so it has one event, however often that was delivered.
  const events = await entriesOf(api, "events");
  expect(new Set(events.values()).size).toBe(events.size);
  // On a slow machine a backlog builds up, and some deliveries are held at five kills: those are dead letters, kept and
  // told, and for no other reason.
  const answer = await api.get("/apps/default/dead_letters?limit=1000");
  const { items } = (await answer.json()) as { items: { last_error: { code: string } }[] };
  expect(items.filter(({ last_error: error }) => error.code !== "lease_lost")).toEqual([]);
});
