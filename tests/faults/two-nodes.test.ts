/** Deliveries of two nodes on one PostgreSQL, the clock of the second a minute ahead: none runs twice, a node that is killed,
 *  stands still or loses its way to the database is stood in for, and nothing is early or late. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sql } from "../../packages/server/src/platform/database/database.ts";
import { repositoryRoot, startServer, type RunningServer } from "../support/start-server.ts";
import { startTwoNodes, TWO_NODES_START_MS, type TwoNodes } from "../support/two-nodes.ts";
import { waitFor } from "../support/wait-for.ts";

const LEASE_MS = 3_000;
/** A node looks for leases that have ended every 2 s; the rest is a machine that runs all tests at once. */
const TAKEOVER_MS_MAX = LEASE_MS + 2_000 + 5_000;
const SKEW_MS = 60_000;
const env = { PICLOUD_LEASE_MS: String(LEASE_MS) };
const envOfTwo = {
  NODE_OPTIONS: `--import=${join(repositoryRoot, "tests", "support", "shifted-clock.mjs")}`,
  TEST_CLOCK_SHIFT_MS: String(SKEW_MS),
};

const WRITE = `import { kv } from "picloud";
export default async (_request, { params: { collection, key } }) => {
  await kv.collection(collection).set(key, { key });
  return "written";
};
`;
/** Notes each run; what it is to do is in the name of the collection. */
const HANDLE = `import { kv } from "picloud";
export default async (event) => {
  const runs = await kv.collection("runs").increment(event.kv.collection + "/" + event.kv.key);
  if (event.kv.collection === "work:slow") await new Promise((done) => setTimeout(done, 2.5 * ${LEASE_MS}));
  if (event.kv.collection === "work:endless" && runs === 1) await new Promise((done) => setTimeout(done, 25_000));
  if (event.kv.collection === "work:failing" && runs === 1) throw new Error("once");
};
`;
/** Two effects of one transaction, which stays open for a while after them. */
const ONCE = `import { docs, kv } from "picloud";
export const transaction = true;
export default async (event) => {
  await kv.collection("handled").increment(event.kv.key);
  await docs.collection("handled").create({ of: event.kv.key });
  if (event.kv.key !== "after") await new Promise((done) => setTimeout(done, 3_000));
};
`;
/** PostgreSQL ends a session that does nothing in an open transaction after so long. */
const IDLE_MS_MAX = 10_000;
const RETRY_MS = 2_000;

let nodes: TwoNodes;
let sql: Sql;
beforeAll(async () => {
  nodes = await startTwoNodes({ env, envOfTwo });
  ({ sql } = nodes);
  await nodes.api.deploy("write", WRITE, "POST /write/:collection/:key");
  await nodes.api.deploy("handle", HANDLE, "GET /handle");
  await nodes.api.deploy("once", ONCE, "GET /once");
  for (const [script, glob] of [
    ["handle", "work:*"],
    ["once", "once:*"],
  ]) {
    await nodes.api.post("/apps/default/triggers/kv", {
      script,
      collection_glob: glob,
      backoff: "constant",
      base_ms: RETRY_MS,
      jitter_pct: 0,
      max_attempts: 20,
    });
  }
}, TWO_NODES_START_MS);
afterAll(async () => {
  await nodes.close();
}, TWO_NODES_START_MS);

async function write(server: RunningServer, collection: string, key: string): Promise<boolean> {
  const url = `${server.url}/write/${encodeURIComponent(collection)}/${key}`;
  return await fetch(url, { method: "POST", signal: AbortSignal.timeout(30_000) }).then(
    async (answer) => answer.status === 200 && (await answer.json()) === "written",
    () => false,
  );
}

/** Keys of a collection with how often its events were handled. */
async function runsOf(collection: string): Promise<Map<string, number>> {
  const rows = await sql<{ key: string; runs: number }[]>`
    select split_part(key, '/', 2) as key, (value #>> '{}')::int as runs from kv
    where collection = 'runs' and split_part(key, '/', 1) = ${collection}`;
  return new Map(rows.map(({ key, runs }) => [key, runs]));
}

interface Run {
  readonly node_id: string;
  readonly attempt: number;
  readonly status: string;
}

/** Executions for the events of a collection, in order. */
async function executionsOf(collection: string): Promise<readonly Run[]> {
  return await sql<Run[]>`
    select x.node_id, x.attempt, x.status from executions x join events e on e.app_id = x.app_id and e.id = x.event_id
    where e.payload ->> 'collection' = ${collection} order by x.id`;
}

/** Who has claimed a delivery. */
async function holderOf(collection: string): Promise<string> {
  return await waitFor(`a delivery of ${collection} is claimed`, async () => {
    const [row] = await sql<{ locked_by: string }[]>`
      select o.locked_by from outbox o join events e on e.app_id = o.app_id and e.id = o.event_id
      where e.payload ->> 'collection' = ${collection} and o.locked_by is not null`;
    return row?.locked_by;
  });
}

/** What the transactional handler has left of an event: the count of one effect, and how many there are of the other. */
async function effectsOf(key: string): Promise<{ entry: number | null; documents: number } | undefined> {
  const [row] = await sql<{ entry: number | null; documents: number }[]>`
    select (select (value #>> '{}')::int from kv where collection = 'handled' and key = ${key}) as entry,
      (select count(*)::int from docs where collection = 'handled' and doc::text like ${`%"${key}"%`}) as documents`;
  return row;
}

/** Waits until a node has made both effects and not yet committed them. */
async function openTransactionOf(nodeId: string): Promise<void> {
  await waitFor("both effects are made", async () => {
    const rows = await sql`select from pg_stat_activity a join pg_locks l using (pid)
      where a.application_name = ${`picloud/${nodeId}`} and a.state = 'idle in transaction'
        and l.relation = 'docs'::regclass and l.mode = 'RowExclusiveLock'`;
    return rows.length > 0;
  });
}

async function isEmpty(): Promise<boolean> {
  return (await sql`select from outbox limit 1`).length === 0;
}

function serverOf(nodeId: string): RunningServer {
  return nodes.one.output().includes(nodeId) ? nodes.one : nodes.two;
}

async function restart(server: RunningServer): Promise<void> {
  const isOne = server === nodes.one;
  const url = isOne ? nodes.postgres.url : nodes.wayOfTwo.url;
  const started = await startServer({
    env: { ...env, ...(isOne ? {} : envOfTwo), DATABASE_URL: url },
    dataDir: server.dataDir,
    port: server.port,
  });
  if (isOne) nodes.one = started;
  else nodes.two = started;
}

describe("two nodes, clocks a minute apart", () => {
  test("have the clocks that this is about", async () => {
    await write(nodes.two, "of-nothing", "k");
    const [, at = ""] = /"time":"([^"]+)"[^\n]*"server_ready"/.exec(nodes.two.output()) ?? [];
    expect(Date.parse(at)).toBeGreaterThan(Date.now() + SKEW_MS / 4 - 10_000);
    await waitFor("an execution is logged with a time of the future", async () => {
      const [row] = await sql<{ ahead: boolean | null }[]>`
        select max(started_at) > now() + interval '30 seconds' as ahead from executions`;
      return row?.ahead === true;
    });
  });

  test("share the deliveries, and none is claimed twice", { timeout: 90_000 }, async () => {
    const keys = Array.from({ length: 300 }, (_, n) => `k${n}`);
    for (let at = 0; at < keys.length; at += 10) {
      const server = at % 20 === 0 ? nodes.one : nodes.two;
      const written = keys.slice(at, at + 10).map(async (key) => await write(server, "work:shared", key));
      expect(await Promise.all(written)).not.toContain(false);
    }
    await waitFor("all is delivered", isEmpty, 60_000);
    const runs = await runsOf("work:shared");
    expect(runs.size).toBe(keys.length);
    expect([...runs].filter(([, count]) => count !== 1)).toEqual([]);
    // The logs of executions are written in batches.
    await waitFor(
      "every execution is logged",
      async () => (await executionsOf("work:shared")).length === keys.length,
    );
    const nodeIds = new Set((await executionsOf("work:shared")).map(({ node_id: id }) => id));
    expect(nodeIds.size).toBe(2);
  });

  test(
    "leave a run that takes longer than its lease to the node that has it",
    { timeout: 60_000 },
    async () => {
      for (const [n, server] of [nodes.one, nodes.two].entries())
        expect(await write(server, "work:slow", `k${n}`)).toBe(true);
      await waitFor("all is delivered", isEmpty, 40_000);
      expect(Object.fromEntries(await runsOf("work:slow"))).toEqual({ k0: 1, k1: 1 });
    },
  );

  test("try again neither early nor late", { timeout: 60_000 }, async () => {
    for (const [n, server] of [nodes.one, nodes.two].entries())
      expect(await write(server, "work:failing", `k${n}`)).toBe(true);
    await waitFor("both have failed once", async () => (await runsOf("work:failing")).size === 2);
    const failedAt = performance.now();
    await waitFor("all is delivered", isEmpty, 30_000);
    const tookMs = performance.now() - failedAt;
    expect([...(await runsOf("work:failing")).values()]).toEqual([2, 2]);
    expect(tookMs).toBeGreaterThan(RETRY_MS / 2);
    expect(tookMs).toBeLessThan(RETRY_MS + 8_000);
  });

  test("stand in for each other when one is killed, within the lease", { timeout: 120_000 }, async () => {
    expect(await write(nodes.one, "work:endless", "killed")).toBe(true);
    const holder = await holderOf("work:endless");
    await waitFor("it runs", async () => (await runsOf("work:endless")).size === 1);
    const victim = serverOf(holder);
    await victim.kill9();
    const killedAt = performance.now();
    await waitFor(
      "the other node runs it",
      async () => (await runsOf("work:endless")).get("killed") === 2,
      60_000,
    );
    expect(performance.now() - killedAt).toBeLessThan(TAKEOVER_MS_MAX);
    await waitFor("it is delivered", isEmpty);
    await restart(victim);
    expect((await runsOf("work:endless")).get("killed")).toBe(2);
  });

  test(
    "stand in for one that stands still, whose late end changes nothing",
    { timeout: 120_000 },
    async () => {
      expect(await write(nodes.one, "work:slow", "stalled")).toBe(true);
      const victim = serverOf(await holderOf("work:slow"));
      await waitFor("it runs", async () => (await runsOf("work:slow")).has("stalled"));
      process.kill(victim.pid, "SIGSTOP");
      const stoppedAt = performance.now();
      try {
        await waitFor(
          "the other node runs it",
          async () => (await runsOf("work:slow")).get("stalled") === 2,
          60_000,
        );
        expect(performance.now() - stoppedAt).toBeLessThan(TAKEOVER_MS_MAX);
      } finally {
        process.kill(victim.pid, "SIGCONT");
      }
      await waitFor("it is delivered", isEmpty, 30_000);
      await waitFor(
        "the node that stood still answers",
        async () => await write(victim, "work:after", "stalled"),
        30_000,
      );
      await waitFor("it is delivered", isEmpty, 30_000);
      expect((await runsOf("work:slow")).get("stalled")).toBe(2);
      expect([...(await runsOf("work:after"))]).toEqual([["stalled", 1]]);
    },
  );

  test("have the effects of a transaction once when its node is killed", { timeout: 120_000 }, async () => {
    expect(await write(nodes.one, "once:killed", "killed")).toBe(true);
    const holder = await holderOf("once:killed");
    await openTransactionOf(holder);
    const victim = serverOf(holder);
    await victim.kill9();
    await waitFor("nothing of it stays", async () => (await effectsOf("killed"))?.entry === null);
    await waitFor("it is delivered", isEmpty, 60_000);
    expect(await effectsOf("killed")).toEqual({ entry: 1, documents: 1 });
    await restart(victim);
    expect(await write(victim, "once:after", "after")).toBe(true);
    await waitFor("it is delivered", isEmpty, 30_000);
    expect(await effectsOf("killed")).toEqual({ entry: 1, documents: 1 });
  });

  test("have them once when its node stands still and comes back", { timeout: 120_000 }, async () => {
    expect(await write(nodes.one, "once:stalled", "stalled")).toBe(true);
    const holder = await holderOf("once:stalled");
    await openTransactionOf(holder);
    const victim = serverOf(holder);
    process.kill(victim.pid, "SIGSTOP");
    try {
      await waitFor("the other node delivers it", isEmpty, IDLE_MS_MAX + TAKEOVER_MS_MAX + 20_000);
      expect(await effectsOf("stalled")).toEqual({ entry: 1, documents: 1 });
      // The end of a transactional run is recorded after it.
      await waitFor("the other node's run is recorded", async () => {
        const runs = await executionsOf("once:stalled");
        return runs.some(({ node_id: id, status }) => id !== holder && status === "ok");
      });
    } finally {
      process.kill(victim.pid, "SIGCONT");
    }
    await waitFor(
      "the node that stood still runs transactions",
      async () => await write(victim, "once:back", "after"),
      30_000,
    );
    await waitFor("it is delivered", isEmpty, 30_000);
    expect(await effectsOf("stalled")).toEqual({ entry: 1, documents: 1 });
  });

  test("go on when the connections of one are half open", { timeout: 120_000 }, async () => {
    expect(nodes.wayOfTwo.muteListeners()).toBeGreaterThan(0);
    expect(await write(nodes.two, "work:half", "muted")).toBe(true);
    expect(await write(nodes.one, "work:half", "told")).toBe(true);
    await waitFor("both are delivered", isEmpty, 20_000);
    nodes.wayOfTwo.hang();
    const hungAt = performance.now();
    for (let n = 0; n < 20; n++) expect(await write(nodes.one, "work:half", `k${n}`)).toBe(true);
    await waitFor("node one delivers", async () => (await runsOf("work:half")).size === 22, 60_000);
    expect(performance.now() - hungAt).toBeLessThan(TAKEOVER_MS_MAX + 10_000);
    await nodes.wayOfTwo.reconnect();
    await waitFor("node two works again", async () => await write(nodes.two, "work:half", "again"), 60_000);
    await waitFor("all is delivered", isEmpty, 30_000);
    expect((await runsOf("work:half")).size).toBe(23);
  });

  test("lose nothing while the database answers nothing for 5 s", { timeout: 120_000 }, async () => {
    let isOver = false;
    const acknowledged: string[] = [];
    const writers = [nodes.one, nodes.two].map(async (server, w) => {
      for (let n = 0; !isOver; n++) {
        if (await write(server, "work:pause", `${w}-${n}`)) acknowledged.push(`${w}-${n}`);
        await sleep(10);
      }
    });
    await waitFor("writers are under way", () => acknowledged.length > 10);
    await Promise.all([nodes.postgres.pause(5_000), nodes.wayOfTwo.pause(5_000)]);
    const before = acknowledged.length;
    await waitFor("writes are acknowledged again", () => acknowledged.length > before + 10, 30_000);
    isOver = true;
    await Promise.all(writers);
    await waitFor("all is delivered", isEmpty, 60_000);
    const runs = await runsOf("work:pause");
    expect(acknowledged.filter((key) => !runs.has(key))).toEqual([]);
  });
});
