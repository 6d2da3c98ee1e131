/** The check that `picloud chaos` ships: it finds nothing while processes are killed, and finds whatever is broken by hand. */
import { afterEach, describe, expect, test } from "vitest";
import { runChaos, type ChaosEnd, type ChaosReport } from "../../packages/server/src/chaos/chaos.ts";
import { isKill } from "../../packages/server/src/chaos/faults.ts";
import { removeFolder, temporaryFolder } from "../support/start-server.ts";

/** For a longer run: `PICLOUD_TEST_CHAOS_KILLS=5000`; half as many with two nodes. */
const KILLS = Number(process.env["PICLOUD_TEST_CHAOS_KILLS"] ?? 160);
const KILLS_OF_TWO = Math.ceil(KILLS / 4);
/** A seed that broke something is tried again with `PICLOUD_TEST_CHAOS_SEED`. */
const SEED = Number(process.env["PICLOUD_TEST_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
/** Far more than it takes, on a machine that runs all tests at once. */
const TIMEOUT_MS = 240_000 + KILLS * 2_000;

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await removeFolder(folder);
});

async function chaos(
  kills: number,
  nodes: 1 | 2,
  atEnd?: (end: ChaosEnd) => Promise<void>,
): Promise<ChaosReport> {
  const folder = await temporaryFolder("picloud-chaos-test-");
  folders.push(folder);
  const minutes = TIMEOUT_MS / 60_000;
  return await runChaos({
    folder,
    kills,
    nodes,
    minutes,
    seed: SEED,
    ...(atEnd === undefined ? {} : { atEnd }),
  });
}

function violationsOf({
  seed,
  brokenAfter,
  verdicts,
}: Pick<ChaosReport, "seed" | "brokenAfter" | "verdicts">): readonly unknown[] {
  const broken = verdicts.filter(({ violations }) => violations.length > 0);
  return broken.map((verdict) => ({ ...verdict, seed, brokenAfter }));
}

/** What makes a run worth something: each kind of fault was made, and there was something to lose. */
function expectWorth(report: ChaosReport, kills: number): void {
  expect(report.kills).toBe(kills);
  for (const kind of ["executor", "backend", "server", "postgres"] as const)
    expect([kind, (report.faults.get(kind) ?? 0) > 0]).toEqual([kind, true]);
  expect(report.writes.acknowledged).toBeGreaterThan(2 * kills);
  const counted = report.verdicts.filter(
    ({ invariant }) => !/nothing is left over|every refusal/.test(invariant),
  );
  expect(counted.filter(({ checked }) => checked <= kills / 2)).toEqual([]);
}

describe("kill -9 at random points", () => {
  test(
    `of one server and its PostgreSQL, ${KILLS} times: no promise is broken`,
    async () => {
      const report = await chaos(KILLS, 1);
      expect(violationsOf(report)).toEqual([]);
      expectWorth(report, KILLS);
    },
    TIMEOUT_MS,
  );

  test(
    `of two servers on one PostgreSQL, ${KILLS_OF_TWO} times, that also stand still and lose their way`,
    async () => {
      const report = await chaos(KILLS_OF_TWO, 2);
      expect(violationsOf(report)).toEqual([]);
      expectWorth(report, KILLS_OF_TWO);
      expect(report.takeovers).toBeGreaterThan(0);
      expect([...report.faults.keys()].filter((kind) => !isKill(kind))).toHaveLength(4);
    },
    TIMEOUT_MS,
  );
});

/** Each breaks one promise in the database, as a fault would, and names what has to notice. */
const sabotages: readonly { readonly what: string; readonly notices: RegExp; readonly sql: string }[] = [
  {
    what: "an acknowledged entry is gone",
    notices: /every acknowledged write is stored/,
    sql: "delete from kv where collection = 'chaos_kv' and key = (select min(key) from kv where collection = 'chaos_kv')",
  },
  {
    what: "an acknowledged document is gone",
    notices: /every acknowledged write is stored/,
    sql: "delete from docs where collection = 'chaos_docs' and id = (select id from docs where collection = 'chaos_docs' limit 1)",
  },
  {
    what: "an entry is there that nobody wrote",
    notices: /nothing is stored that nobody asked for/,
    sql: "insert into kv (app_id, collection, key, value, version) select id, 'chaos_kv', 'alien', '1', 1 from apps",
  },
  {
    what: "a document is there twice",
    notices: /nothing is stored that nobody asked for, and nothing twice/,
    sql: `insert into docs (app_id, collection, id, scope, doc) select app_id, collection, gen_random_uuid(), scope, doc
      from docs where collection = 'chaos_docs' limit 1`,
  },
  {
    what: "an event is gone",
    notices: /each stored write has exactly one event/,
    sql: "delete from events where id = (select id from events where source = 'docs' order by id desc limit 1)",
  },
  {
    what: "an event is there twice",
    notices: /each stored write has exactly one event/,
    sql: `insert into events (app_id, id, source, op, payload, written_by, root_execution_id, depth)
      select app_id, gen_random_uuid(), source, op, payload, written_by, root_execution_id, depth
      from events where source = 'kv' order by id desc limit 1`,
  },
  {
    what: "a delivery left no trace",
    notices: /each event was delivered at least once/,
    sql: "delete from kv where collection = 'chaos_seen' and key = (select max(key) from kv where collection = 'chaos_seen')",
  },
  {
    what: "a delivery told of another event",
    notices: /no delivery is of an event that is not stored/,
    sql: "insert into kv (app_id, collection, key, value, version) select id, 'chaos_seen', 'kv/0-0/x', '1', 1 from apps",
  },
  {
    what: "an increment is lost",
    notices: /counters hold every acknowledged increment/,
    sql: "update kv set value = '0' where collection = 'chaos_counters'",
  },
  {
    what: "increments are counted twice",
    notices: /counters hold every acknowledged increment/,
    sql: "update kv set value = '1000000' where collection = 'chaos_counters'",
  },
  {
    what: "an execution is not recorded",
    notices: /the execution that wrote a row is recorded/,
    sql: "delete from executions where id = (select written_by from kv where collection = 'chaos_kv' and written_by is not null limit 1)",
  },
  {
    what: "a lost execution is running",
    notices: /nothing is left over/,
    sql: "update executions set status = 'running', node_id = gen_random_uuid() where id = (select id from executions limit 1)",
  },
];

test("what is broken by hand is found", { timeout: 180_000 }, async () => {
  const found: { readonly what: string; readonly isFound: boolean }[] = [];
  const report = await chaos(4, 1, async ({ sql, check }) => {
    const violations = async (notices: RegExp): Promise<readonly string[]> =>
      (await check())
        .filter(({ invariant }) => notices.test(invariant))
        .flatMap((verdict) => verdict.violations);
    for (const { what, notices, sql: statement } of sabotages) {
      const before = new Set(await violations(notices));
      await sql.unsafe(statement);
      const after = await violations(notices);
      found.push({ what, isFound: after.some((violation) => !before.has(violation)) });
    }
  });
  expect(violationsOf(report)).toEqual([]);
  expect(found).toEqual(sabotages.map(({ what }) => ({ what, isFound: true })));
});
