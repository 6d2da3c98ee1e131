/** Apps are deleted while they run, on two nodes of one database: what runs is cancelled, nothing is left, nobody else
 *  notices; and a node that is killed at any point of it leaves the rest to another one, or to its own next start. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../../packages/server/src/platform/database/database.ts";
import type { Sql } from "../../packages/server/src/platform/database/database.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import type { Way } from "../support/external-postgres.ts";
import { startServer } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { startTwoNodes, TWO_NODES_START_MS, type TwoNodes } from "../support/two-nodes.ts";
import { waitFor } from "../support/wait-for.ts";

/** What the specification promises for another node. */
const seenMs = 1_000;
/** Runs would go on for a minute; on a machine that runs all tests at once they end by then. */
const cancelledMs = 15_000;

let nodes: TwoNodes;
let wayOfTwo: Way;
let one: RunningServer;
let two: RunningServer;
let sql: Sql;
let owner: string;

beforeAll(async () => {
  nodes = await startTwoNodes();
  ({ wayOfTwo, one, two, sql } = nodes);
  owner = nodes.api.token;
}, TWO_NODES_START_MS);

afterAll(async () => {
  Object.assign(nodes, { one, two });
  await nodes.close();
}, TWO_NODES_START_MS);

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(url: string, init: RequestInit = {}, token?: string): Promise<Answer> {
  const answer = await fetch(url, {
    ...init,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(90_000),
  });
  return { status: answer.status, text: await answer.text() };
}

async function admin(server: RunningServer, method: string, path: string, body?: unknown): Promise<Answer> {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return await ask(`${server.url}/api/v1/admin${path}`, init, owner);
}

async function made<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await admin(one, method, path, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as T;
}

async function script(app: string, name: string, source: string, path?: string): Promise<string> {
  const limits = { host_calls: 100_000, timeout_seconds: 60, cpu_ms: 60_000 };
  const { id } = await made<{ id: string }>("POST", `/apps/${app}/scripts`, { name, source, limits });
  if (path !== undefined) await made("POST", `/scripts/${id}/routes`, { method: "GET", path });
  return id;
}

/** Writes for a minute, and each write is an event that somebody waits with. */
const busySource = `import { kv, pubsub } from "picloud";
export default async (request) => {
  const c = kv.collection("work");
  const who = new URL(request.url).searchParams.get("who");
  for (let i = 0; ; i++) {
    await c.set(who + "-" + (i % 40), { i, text: "x".repeat(200) });
    if (i % 4 === 0) await pubsub.publishDurable("work." + who, { i });
  }
};`;
const sinkSource = `import { kv } from "picloud";
export default async () => {
  await kv.collection("seen").increment("n");
  await new Promise((done) => setTimeout(done, 20_000));
};`;

async function busyApp(slug: string): Promise<string> {
  const { id } = await made<{ id: string }>("POST", "/apps", { slug });
  await script(slug, "busy", busySource, "/busy");
  const quick = await script(slug, "quick", "export default () => 'quick';", "/quick");
  await made("POST", `/scripts/${quick}/routes`, { method: "GET", path: "/later", dispatch_mode: "async" });
  const sink = await script(slug, "sink", sinkSource);
  await made("POST", `/apps/${slug}/triggers/kv`, { script_id: sink, collection_glob: "work" });
  return id;
}

const kept = new Set(["audit", "reserved_names"]);

/** Tables that have rows of the app, audit and reservations aside. */
async function tablesWithRowsOf(appId: string): Promise<readonly string[]> {
  const tables = await sql<{ name: string }[]>`
    select c.table_name as name from information_schema.columns c
    where c.table_schema = 'public' and c.column_name = 'app_id'`;
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await sql`select from ${sql(name)} where app_id = ${appId} limit 1`;
    if (rows.length > 0 && !kept.has(name)) found.push(name);
  }
  expect(tables.length).toBeGreaterThan(15);
  return found;
}

interface Detail {
  readonly state: string;
  readonly deletion?: {
    readonly phase: string;
    readonly rows_deleted: number;
    readonly left: Record<string, number>;
  };
}

async function detailOf(server: RunningServer, slug: string): Promise<Detail | undefined> {
  const { status, text } = await admin(server, "GET", `/apps/${slug}`);
  return status === 200 ? (JSON.parse(text) as Detail) : undefined;
}

async function isRemoved(server: RunningServer, slug: string): Promise<boolean> {
  return (await admin(server, "GET", `/apps/${slug}`)).status === 404;
}

interface Sample {
  readonly startedAt: number;
  readonly status: number;
}

/** Asks again and again until it is told to stop. */
async function watch(url: string, isOver: () => boolean): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  while (!isOver()) {
    const startedAt = performance.now();
    samples.push({ startedAt, status: (await ask(url)).status });
    await sleep(20);
  }
  return samples;
}

test(
  "an app is deleted while both nodes run it and one is not told; the other app does not notice",
  { timeout: 120_000 },
  async () => {
    const appId = await busyApp("shop");
    const { id: otherId } = await made<{ id: string }>("POST", "/apps", { slug: "other" });
    await script(
      "other",
      "count",
      "import { kv } from 'picloud'; export default async () => await kv.collection('c').increment('n');",
      "/count",
    );
    const key = await made<{ raw_token: string }>("POST", "/api_keys", {
      name: "bound",
      scopes: ["script:read"],
      app_id: appId,
    });
    const withKey = async (server: RunningServer) =>
      (await ask(`${server.url}/api/v1/admin/apps/shop`, {}, key.raw_token)).status;
    const running = [one, two].flatMap((server, node) =>
      [1, 2, 3].map(async (n) => {
        const answer = await ask(`${server.url}/a/shop/busy?who=${node}-${n}`);
        return { ...answer, endedAt: performance.now() };
      }),
    );
    await waitFor(
      "all runs write and their events wait",
      async () => {
        const [row] = await sql<{ writers: number; deliveries: number; held: number }[]>`
        select (select count(distinct substring(key, 1, 3))::int from kv where app_id = ${appId}
            and collection = 'work') as writers,
          (select count(*)::int from outbox where app_id = ${appId}) as deliveries,
          (select count(distinct locked_by)::int from outbox where app_id = ${appId}) as held`;
        return row !== undefined && row.writers === 6 && row.deliveries > 50 && row.held === 2;
      },
      30_000,
    );
    expect(await withKey(two)).toBe(200);
    expect(wayOfTwo.muteListeners()).toBeGreaterThan(0);

    let isOver = false;
    const watching = {
      one: watch(`${one.url}/a/shop/quick`, () => isOver),
      two: watch(`${two.url}/a/shop/quick`, () => isOver),
      otherOne: watch(`${one.url}/a/other/count`, () => isOver),
      otherTwo: watch(`${two.url}/a/other/count`, () => isOver),
    };
    // Each of them makes an event and a delivery, or is refused.
    const later = [one, two].map(async (server) => await watch(`${server.url}/a/shop/later`, () => isOver));
    await sleep(300);
    const refused = await admin(one, "DELETE", "/apps/shop");
    expect([refused.status, refused.text.includes("deliveries")]).toEqual([409, true]);
    const answered = await admin(one, "DELETE", "/apps/shop?force=true");
    const deletedAt = performance.now();
    expect([answered.status, answered.text]).toEqual([200, expect.stringContaining('"state":"deleting"')]);
    // At once on the node that was told; a run that has the answer already gives it to nobody.
    expect(await withKey(one)).toBe(401);
    expect([404, 410]).toContain((await ask(`${one.url}/a/shop/quick`)).status);

    const ended = await Promise.all(running);
    expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 410));
    expect(ended.map(({ text }) => text.includes("app_gone"))).toEqual(ended.map(() => true));
    expect(Math.max(...ended.map(({ endedAt }) => endedAt)) - deletedAt).toBeLessThan(cancelledMs);
    await waitFor("nothing is left of it", async () => await isRemoved(one, "shop"), 60_000);
    expect(await tablesWithRowsOf(appId)).toEqual([]);
    await sleep(2 * seenMs);
    isOver = true;

    const samples = {
      one: await watching.one,
      two: await watching.two,
      otherOne: await watching.otherOne,
      otherTwo: await watching.otherTwo,
    };
    for (const seen of await Promise.all(later)) {
      expect(seen[0]?.status).toBe(202);
      expect(seen.filter(({ status }) => ![202, 410, 404].includes(status))).toEqual([]);
    }
    for (const name of ["one", "two"] as const) {
      const seen = samples[name];
      expect([name, seen[0]?.status]).toEqual([name, 200]);
      expect([name, seen.filter(({ status }) => ![200, 410, 404].includes(status))]).toEqual([name, []]);
      const late = seen.filter(({ startedAt }) => startedAt >= deletedAt + (name === "one" ? 0 : seenMs));
      expect([name, late.length > 5, late.filter(({ status }) => status === 200)]).toEqual([name, true, []]);
      expect([name, seen.at(-1)?.status]).toEqual([name, 404]);
    }
    for (const name of ["otherOne", "otherTwo"] as const) {
      expect([name, samples[name].length > 10, samples[name].filter(({ status }) => status !== 200)]).toEqual(
        [name, true, []],
      );
    }
    // What ended late, on any node, left no row either.
    expect(await tablesWithRowsOf(appId)).toEqual([]);
    expect(await tablesWithRowsOf(otherId)).toEqual(expect.arrayContaining(["kv", "scripts", "routes"]));
    const again = await admin(two, "POST", "/apps", { slug: "shop" });
    expect([again.status, again.text]).toEqual([409, expect.stringContaining("pic apps free shop")]);
  },
);

test("a node that sleeps through a deletion writes nothing when it wakes", { timeout: 60_000 }, async () => {
  const { id } = await made<{ id: string }>("POST", "/apps", { slug: "little" });
  await script("little", "busy", busySource, "/busy");
  await script("little", "quick", "export default () => 'quick';", "/quick");
  const url = `${two.url}/a/little`;
  await waitFor("the other node has the routes", async () => (await ask(`${url}/quick`)).status === 200);
  const running = [1, 2, 3, 4].map(async (n) => await ask(`${url}/busy?who=${n}`));
  await waitFor("all write", async () => {
    const rows = await sql`select from kv where app_id = ${id} and key like '%-10'`;
    return rows.length === running.length;
  });
  process.kill(two.pid, "SIGSTOP");
  try {
    expect((await admin(one, "DELETE", "/apps/little?force=true")).status).toBe(200);
    await waitFor("it is gone", async () => await isRemoved(one, "little"));
  } finally {
    process.kill(two.pid, "SIGCONT");
  }
  const ended = await Promise.all(running);
  expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 410));
  // Executions would be recorded a moment after their end.
  await sleep(seenMs);
  expect(await tablesWithRowsOf(id)).toEqual([]);
});

/** An app with rows in many tables; `rows` of kv. */
async function fullApp(slug: string, rows: number): Promise<string> {
  const id = await busyApp(slug);
  await sql`insert into kv (app_id, collection, key, value, version)
    select ${id}, 'bulk', n::text, '"x"', 1 from generate_series(1, ${rows}) n`;
  await sql`insert into events (app_id, id, source, op, payload, depth)
    select ${id}, picloud_uuid_v7(), 'kv', 'insert', '{}', 0 from generate_series(1, 100)`;
  return id;
}

interface Hold {
  release(): Promise<void>;
}

/** Keeps a transaction open on a session of its own. `name`: as `picloud/…` it counts as one of a node. */
async function hold(name: string, work: (tx: Sql) => Promise<unknown>): Promise<Hold> {
  const session = connect(
    { url: nodes.postgres.url },
    { max: 1, session: { application_name: name }, log: silentLogger },
  );
  await session`begin`;
  await work(session);
  return {
    async release() {
      await session`rollback`;
      await session.end({ timeout: 5 });
    },
  };
}

/** The node that works on the deletion now, and the other one. */
async function workerOf(appId: string): Promise<{ worker: RunningServer; other: RunningServer }> {
  const nodeId = await waitFor("somebody works on it", async () => {
    const [row] = await sql<{ locked_by: string | null }[]>`
      select locked_by from app_deletions where app_id = ${appId}`;
    return row?.locked_by ?? undefined;
  });
  const isOnes = one.output().includes(`"nodeId":"${nodeId}"`);
  expect(isOnes || two.output().includes(`"nodeId":"${nodeId}"`)).toBe(true);
  return isOnes ? { worker: one, other: two } : { worker: two, other: one };
}

async function restart(server: RunningServer): Promise<void> {
  const isOne = server === one;
  const env = { DATABASE_URL: isOne ? nodes.postgres.url : wayOfTwo.url };
  const started = await startServer({ env, dataDir: server.dataDir, port: server.port });
  if (isOne) one = started;
  else two = started;
}

/** Where the worker is killed: what it waits for there, and what shows that it does. */
const points = {
  "while it waits for open writes": {
    block: async () => await hold("picloud/of-the-test", async (tx) => await tx`select pg_current_xact_id()`),
    isThere: ({ deletion }: Detail) => deletion?.phase === "stopping",
  },
  "while rows go": {
    block: async (appId: string) =>
      await hold(
        "test",
        async (tx) => await tx`select from kv where app_id = ${appId} and key = '5000' for update`,
      ),
    isThere: ({ deletion }: Detail) =>
      deletion?.phase === "clearing" && deletion.rows_deleted > 0 && (deletion.left["kv_keys"] ?? 0) > 0,
  },
} as const;

test.each(["while it waits for open writes", "while rows go"] as const)(
  "a node that is killed %s leaves the rest to another one",
  { timeout: 120_000 },
  async (where) => {
    const slug = where.replaceAll(" ", "-");
    const appId = await fullApp(slug, 10_000);
    const point = points[where];
    const held = await point.block(appId);
    expect((await admin(one, "DELETE", `/apps/${slug}?force=true`)).status).toBe(200);
    const { worker, other } = await workerOf(appId);
    await waitFor("it is there", async () => {
      const detail = await detailOf(other, slug);
      return detail !== undefined && point.isThere(detail);
    });
    await worker.kill9();
    await held.release();
    await waitFor("the other node has done the rest", async () => await isRemoved(other, slug), 60_000);
    expect(await tablesWithRowsOf(appId)).toEqual([]);
    await restart(worker);
  },
);

test(
  "when all nodes are killed before the last step, the next start does it",
  { timeout: 120_000 },
  async () => {
    const appId = await fullApp("last", 100);
    const keys = await hold(
      "test",
      async (tx) => await tx`select from kv where app_id = ${appId} and key = '50' for update`,
    );
    expect((await admin(one, "DELETE", "/apps/last?force=true")).status).toBe(200);
    await waitFor("rows go", async () => (await detailOf(one, "last"))?.deletion?.phase === "clearing");
    // Every control change waits for this one row, the last step too.
    const changes = await hold("test", async (tx) => await tx`select from control_changes for update`);
    await keys.release();
    await waitFor("only the app itself is left", async () => {
      const detail = await detailOf(one, "last");
      return detail?.deletion !== undefined && Object.keys(detail.deletion.left).length === 0;
    });
    await Promise.all([one.kill9(), two.kill9()]);
    await changes.release();
    const [row] = await sql<{ state: string }[]>`select state from apps where id = ${appId}`;
    expect([undefined, "deleting"]).toContain(row?.state);
    await restart(one);
    await restart(two);
    await waitFor("it is gone", async () => await isRemoved(two, "last"), 60_000);
    expect(await tablesWithRowsOf(appId)).toEqual([]);
    const removed = await sql<{ action: string }[]>`
    select action from audit where app_id = ${appId} and action like 'apps.%' order by id`;
    expect(removed.map(({ action }) => action)).toEqual(["apps.create", "apps.delete", "apps.removed"]);
  },
);
