/** Scripts at the times of a schedule, with two servers on one PostgreSQL: each occurrence once, whatever clocks do and
 *  servers suffer, and a ledger that says what became of each. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startExternalPostgres, type ExternalPostgres } from "../support/external-postgres.ts";
import { makePic, type Pic } from "../support/pic.ts";
import { firstOwner, rawApi, type RawApi } from "../support/raw-api.ts";
import { removeFolder, repositoryRoot, startServer, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const START_MS = 180_000;
/** Keeps each event under its occurrence, and counts how often it came. */
const KEEP = `import { kv } from "picloud";
export default async (event, ctx) => {
  const { scheduledAt } = event.cron;
  await kv.collection("seen-" + event.triggerId).increment(scheduledAt);
  await kv.collection("events").set(event.triggerId, { event, executionId: ctx.executionId });
};
`;
const KEEP_RHAI = `let event = ctx.event;
kv::collection("seen-" + event.trigger_id).increment(event.cron.scheduled_at);
kv::collection("events").set(event.trigger_id, #{ event: event, execution_id: ctx.execution_id });
`;
const SLOW = `export default async () => {
  await new Promise((resolve) => setTimeout(resolve, 2500));
};
`;

let postgres: ExternalPostgres;
const servers: RunningServer[] = [];
let api: RawApi;
let pic: Pic;

/** Each in a time zone of its machine, which must make no difference. */
async function start(): Promise<RunningServer> {
  const TZ = servers.length === 1 ? "Pacific/Auckland" : "America/New_York";
  const server = await startServer({ env: { DATABASE_URL: postgres.url, TZ, TZDIR: "/nowhere" } });
  servers.push(server);
  return server;
}

beforeAll(async () => {
  postgres = await startExternalPostgres();
  const one = await start();
  api = await firstOwner(one);
  await start();
  await api.deploy("keep", KEEP, "GET /keep");
  await api.post("/apps/default/scripts", { name: "keep-rhai", language: "rhai", source: KEEP_RHAI });
  await api.post("/apps/default/scripts", { name: "slow", source: SLOW });
  pic = await makePic();
  await pic.ok(["login", "--url", one.url, "--token", api.token]);
}, START_MS);

afterAll(async () => {
  for (const server of servers) {
    await server.stop();
    await removeFolder(server.dataDir);
  }
  await postgres.close();
}, START_MS);

/** Sets cron's clock for all servers: so many seconds from the real one. */
async function shift(seconds: number): Promise<void> {
  await postgres.execute(
    `create or replace function picloud_cron_now() returns timestamptz language sql stable parallel safe as
      $$ select now() + interval '${seconds} seconds' $$`,
  );
}

interface Entry {
  readonly status: string;
  readonly summary: string;
  readonly scheduled_at: string;
  readonly scheduled_until?: string;
  readonly occurrences: number;
  readonly missed?: number;
  readonly execution_id?: string;
  readonly execution_status?: string;
  readonly overlaps_execution_id?: string;
}

/** Oldest first. */
async function ledger(id: string): Promise<Entry[]> {
  const answer = await api.get(`/apps/default/triggers/${id}/ledger?limit=1000`);
  if (!answer.ok) throw new Error(await answer.text());
  return ((await answer.json()) as { items: Entry[] }).items.toReversed();
}

async function ledgerWhen(id: string, what: string, is: (rows: Entry[]) => boolean): Promise<Entry[]> {
  return await waitFor(
    what,
    async () => {
      const rows = await ledger(id);
      return is(rows) && rows;
    },
    30_000,
  );
}

async function seen(id: string): Promise<Map<string, unknown>> {
  const answer = await api.get(`/apps/default/kv/seen-${id}?limit=1000`);
  const { items } = (await answer.json()) as { items: { key: string; value: unknown }[] };
  return new Map(items.map(({ key, value }) => [key, value]));
}

async function add(script: string, schedule: string, more: object = {}): Promise<string> {
  const body = { script, schedule, ...more };
  return ((await api.post("/apps/default/triggers/cron", body)) as { id: string }).id;
}

async function turnOff(id: string): Promise<void> {
  await api.post(`/apps/default/triggers/${id}/disable`, {});
}

/** Ends the schedule; what has fired still runs, which would be held if the trigger were off. */
async function endSchedule(id: string): Promise<void> {
  const answer = await fetch(`${servers[0]?.url ?? ""}/api/v1/admin/apps/default/triggers/${id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
    body: JSON.stringify({ schedule: "@yearly" }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

const isFired = ({ status }: Entry): boolean => status === "ran" || status === "caught_up";

/** Every expected occurrence is in the ledger once, and each that fired was delivered once. */
async function expectExact(id: string, everyMs: number): Promise<void> {
  const rows = await ledgerWhen(id, "what fired has ended", (all) =>
    all.filter(isFired).every((row) => row.execution_status === "ok"),
  );
  const occurrences = rows.filter((row) => row.status !== "clock_went_back");
  let at = Date.parse(occurrences[0]?.scheduled_at ?? "");
  for (const row of occurrences) {
    expect(new Date(at).toISOString()).toBe(row.scheduled_at);
    at = Date.parse(row.scheduled_until ?? row.scheduled_at) + everyMs;
  }
  const fired = occurrences.filter(isFired).map((row) => row.scheduled_at);
  expect(await seen(id)).toEqual(new Map(fired.map((time) => [time, 1])));
}

test("each second, in both languages, on one of two servers", { timeout: 60_000 }, async () => {
  const ids = [
    await add("keep", "* * * * * *", { timezone: "Europe/Berlin" }),
    await add("keep-rhai", "* * * * * *"),
  ];
  for (const id of ids)
    await ledgerWhen(id, "five seconds fired", (rows) => rows.filter(isFired).length >= 5);
  for (const id of ids) await endSchedule(id);
  for (const id of ids) await expectExact(id, 1000);
  const kept = async (id: string): Promise<unknown> =>
    ((await (await api.get(`/apps/default/kv/events/${id}`)).json()) as { value: unknown }).value;
  const time = expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(await kept(ids[0] ?? "")).toMatchObject({
    event: {
      source: "cron",
      op: "fire",
      triggerId: ids[0],
      attempt: 1,
      cron: {
        schedule: "* * * * * *",
        timezone: "Europe/Berlin",
        scheduledAt: time,
        firedAt: time,
        missed: 0,
      },
    },
  });
  expect(await kept(ids[1] ?? "")).toMatchObject({
    event: {
      source: "cron",
      op: "fire",
      trigger_id: ids[1],
      cron: { schedule: "* * * * * *", timezone: "UTC", scheduled_at: time, fired_at: time, missed: 0 },
    },
  });
});

test("the scripts of the guide page run as they stand there", { timeout: 60_000 }, async () => {
  const page = await readFile(join(repositoryRoot, "packages/server/src/features/cron/cron.md"), "utf8");
  const ids = await Promise.all(
    (["typescript", "rhai"] as const).map(async (language) => {
      const fence = language === "rhai" ? "rhai" : "ts";
      const source = page.split(`\`\`\`${fence}\n`)[1]?.split("```")[0];
      await api.post("/apps/default/scripts", { name: `report-${fence}`, language, source });
      return await add(`report-${fence}`, "* * * * * *");
    }),
  );
  for (const id of ids) {
    const hasRun = (entry: Entry): boolean => entry.execution_status !== undefined;
    const row = (await ledgerWhen(id, "it has run", (rows) => rows.some(hasRun))).find(hasRun);
    await turnOff(id);
    const execution = await waitFor("its line is there", async () => {
      const answer = await api.get(`/apps/default/executions/${row?.execution_id ?? ""}`);
      const body = (await answer.json()) as { status: string; lines: unknown[] };
      return body.lines.length > 0 && body;
    });
    expect(execution).toMatchObject({
      status: "ok",
      lines: [{ message: "report", fields: { of: row?.scheduled_at, missed: row?.missed } }],
    });
  }
});

test("the clock an hour back, half a day and 40 days ahead", { timeout: 90_000 }, async () => {
  const id = await add("keep", "*/2 * * * * *");
  await ledgerWhen(id, "it fires", (rows) => rows.filter(isFired).length >= 2);
  await shift(-3600);
  const back = await ledgerWhen(id, "the jump is told", (rows) => rows.at(-1)?.status === "clock_went_back");
  expect(back.at(-1)?.summary).toBe(`clock went back, waiting until ${back.at(-1)?.scheduled_at ?? ""}`);
  await shift(0);
  await ledgerWhen(
    id,
    "it fires again",
    (rows) => rows.length > back.length && rows.slice(back.length).some(isFired),
  );
  for (const [seconds, least] of [
    [12 * 3600, 20_000],
    [40 * 86_400, 1_700_000],
  ] as const) {
    await shift(seconds);
    const isCaughtUp = ({ missed = 0 }: Entry): boolean => missed > least;
    const rows = await ledgerWhen(id, "it catches up", (all) => all.some(isCaughtUp));
    const at = rows.findIndex(isCaughtUp);
    expect(rows[at]?.status).toBe("caught_up");
    expect(rows[at - 1]).toMatchObject({ status: "missed", occurrences: rows[at]?.missed });
  }
  await endSchedule(id);
  await shift(0);
  const rows = await ledger(id);
  expect(rows.filter((row) => row.status === "clock_went_back").length).toBeGreaterThanOrEqual(1);
  expect(rows.filter((row) => row.status === "caught_up" && (row.missed ?? 0) > 10_000)).toHaveLength(2);
  await expectExact(id, 2000);
});

test("overlap skip leaves out what a run still covers, and says which", { timeout: 60_000 }, async () => {
  const id = await add("slow", "* * * * * *", { overlap: "skip" });
  const rows = await ledgerWhen(id, "two runs", (all) => all.filter(isFired).length >= 2);
  await turnOff(id);
  const first = rows.find(isFired);
  const skipped = rows.filter((row) => row.status === "skipped");
  expect(skipped.length).toBeGreaterThanOrEqual(1);
  expect(skipped[0]?.overlaps_execution_id).toBe(first?.execution_id);
  expect(skipped[0]?.summary).toBe(`skipped, overlaps with execution ${first?.execution_id ?? ""}`);
});

test(
  "pic shows what comes and what was, and what is wrong with a schedule",
  { timeout: 60_000 },
  async () => {
    const id = await add("keep", "30 8 * * MON-FRI", { timezone: "Europe/Berlin" });
    const next = (await pic.json(["triggers", "next", id, "--app", "default", "--limit", "3"])) as {
      local_time: string;
    }[];
    expect(next.map(({ local_time }) => local_time.slice(10))).toEqual(
      Array.from({ length: 3 }, () => expect.stringMatching(/^T08:30:00\+0[12]:00$/)),
    );
    expect(await pic.json(["triggers", "ledger", id, "--app", "default"])).toEqual([]);
    await turnOff(id);
    expect(await pic.ok(["triggers", "next", id, "--app", "default"])).toContain("disabled");
    const refused = async (...flags: string[]): Promise<string> => {
      const result = await pic.run([
        "triggers",
        "add",
        "cron",
        "--script",
        "keep",
        "--app",
        "default",
        ...flags,
      ]);
      expect(result.code).toBe(7);
      return result.stderr;
    };
    expect(await refused("--schedule", "0 25 * * *")).toContain("25 is not between 0 and 23");
    expect(await refused("--schedule", "0 0 30 2 *")).toContain("never fires");
    expect(await refused("--schedule", "@daily", "--timezone", "Berlin")).toContain(
      "is `Europe/Berlin` meant?",
    );
  },
);

test(
  "a server that is killed is no loss, and without any one run catches up",
  { timeout: 180_000 },
  async () => {
    const id = await add("keep", "* * * * * *");
    await ledgerWhen(id, "it fires", (rows) => rows.filter(isFired).length >= 2);
    const [one, two] = servers.splice(0);
    await one?.kill9();
    api = rawApi(two ?? (await start()), api.token);
    const count = (await ledger(id)).length;
    await ledgerWhen(id, "the other goes on", (rows) => rows.length >= count + 3);
    await two?.kill9();
    await shift(60);
    for (const gone of [one, two]) if (gone !== undefined) await removeFolder(gone.dataDir);
    api = rawApi(await start(), api.token);
    const rows = await ledgerWhen(id, "it catches up", (all) => all.some((row) => (row.missed ?? 0) >= 50));
    const at = rows.findIndex((row) => (row.missed ?? 0) >= 50);
    expect(rows[at]?.status).toBe("caught_up");
    expect(rows[at - 1]).toMatchObject({ status: "missed", occurrences: rows[at]?.missed });
    await turnOff(id);
    // Deliveries of a server that was killed are taken over when their lease ends, so a second run of one may come.
    const all = await ledger(id);
    let expected = Date.parse(all[0]?.scheduled_at ?? "");
    for (const row of all) {
      expect(row.scheduled_at).toBe(new Date(expected).toISOString());
      expected = Date.parse(row.scheduled_until ?? row.scheduled_at) + 1000;
    }
  },
);
