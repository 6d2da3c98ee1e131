/** Every kind of trigger but dead_letter, in both languages: the event that a script gets, field by field (`api.md` §3), over a
 *  retry too, and `pic triggers fire`: also of a trigger that is off, held where it has to wait, refused where it is wrong. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makePic, type Pic } from "../support/pic.ts";
import { firstOwner, rawApi, type RawApi } from "../support/raw-api.ts";
import { removeFolder, startServer, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const languages = ["typescript", "rhai"] as const;
type Language = (typeof languages)[number];
type Members = Readonly<Record<string, unknown>>;

/** Members that some events of a source have and others do not. */
const OPTIONAL = ["value", "data", "prev_data", "group", "messages"];
/** Keeps each event with what it lacks, and fails the first time, so that each comes twice. */
const KEEP: Readonly<Record<Language, string>> = {
  typescript: `import { kv } from "picloud";
export default async (event, ctx) => {
  const part = event[event.source];
  const absent = ["value", "data", "prevData", "group", "messages"].filter((name) => part[name] === undefined);
  const kept = { event: ctx.event, absent, execution_id: ctx.executionId };
  await kv.collection("kept").set([event.triggerId, event.id, event.attempt].join(" "), kept);
  if (event.attempt === 1) throw new Error("once more");
};
`,
  rhai: `let event = ctx.event;
let part = event[event.source];
let absent = ["value", "data", "prev_data", "group", "messages"].filter(|name| part[name] == ());
let kept = #{ event: event, absent: absent, execution_id: ctx.execution_id };
kv::collection("kept").set(event.trigger_id + " " + event.id + " " + event.attempt, kept);
if event.attempt == 1 { throw "once more"; }
`,
};
/** Each change that there is, once for the triggers of both languages. */
const WRITE = `import { docs, files, kv, pubsub, queue } from "picloud";
export default async () => {
  const [values, orders, box] = [kv.collection("orders"), docs.collection("orders"), files.collection("orders")];
  await values.set("k", { snake_case: 1 });
  await values.set("k", null);
  await values.delete("k");
  const doc = await orders.create({ in_stock: true });
  await orders.update(doc, { in_stock: false });
  await orders.delete(doc);
  const file = await box.create({ name: "a.txt", contentType: "text/plain", data: "one" });
  await box.update(file, { name: "b.csv", contentType: "text/csv", data: "three" });
  await box.delete(file);
  await pubsub.publishDurable("orders.created", { order_id: 17 });
  const sent = {};
  for (const to of ["typescript", "rhai"]) {
    sent[to] = await queue.send(to, { order_id: 17 }, { group: "g" });
    sent[to + "-batch"] = await queue.send(to + "-batch", [17]);
  }
  return { doc, file, sent };
};
`;

const kinds = ["kv", "docs", "files", "pubsub", "queue", "cron"] as const;
type Kind = (typeof kinds)[number];
const SCHEDULE = { schedule: "0 0 1 1 *", timezone: "Europe/Berlin" };

let server: RunningServer;
let api: RawApi;
let pic: Pic;
/** Ids by script and kind. */
const triggers = new Map<string, string>();
const scripts = new Map<Language, string>();

beforeAll(async () => {
  server = await startServer();
  api = await firstOwner(server);
  pic = await makePic();
  await pic.ok(["login", "--url", server.url, "--token", api.token]);
  await api.deploy("write", WRITE, "POST /write");
  for (const language of languages) {
    const script = { name: language, language, source: KEEP[language] };
    scripts.set(language, ((await api.post("/apps/default/scripts", script)) as { id: string }).id);
    for (const kind of kinds)
      triggers.set(`${language} ${kind}`, await add(kind, language, runsOn(kind, language)));
    const batch = { queue: `${language}-batch`, batch_size: 10 };
    triggers.set(`${language} batch`, await add("queue", language, batch));
  }
});
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
});

function runsOn(kind: Kind, language: Language): Members {
  if (kind === "cron") return SCHEDULE;
  if (kind === "queue") return { queue: language };
  return kind === "pubsub" ? { topic_pattern: "orders.*" } : { collection_glob: "orders" };
}

async function add(kind: Kind, script: string, more: Members, as = api): Promise<string> {
  const body = { script, max_attempts: 3, base_ms: 1, ...more };
  return ((await as.post(`/apps/default/triggers/${kind}`, body)) as { id: string }).id;
}

function triggerOf(language: Language, kind: Kind | "batch"): string {
  return triggers.get(`${language} ${kind}`) ?? "";
}

async function json<T>(path: string): Promise<T> {
  const answer = await api.get(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

interface Kept {
  readonly event: Members;
  readonly absent: readonly string[];
  readonly execution_id: string;
}

/** What was kept of a trigger, by event and attempt: first attempts first. */
async function keptOf(trigger: string, count: number, eventId = ""): Promise<readonly Kept[]> {
  const path = `/apps/default/kv/kept?limit=100&prefix=${encodeURIComponent(`${trigger} ${eventId}`)}`;
  const items = await waitFor(`${count} runs of ${trigger} ${eventId}`, async () => {
    const page = await json<{ items: readonly { key: string; value: Kept }[] }>(path);
    return page.items.length >= count && page.items.map(({ value }) => value);
  });
  expect(items).toHaveLength(count);
  return items.toSorted((a, b) => Number(a.event["attempt"]) - Number(b.event["attempt"]));
}

const camel = (name: string): string => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** Names of members as the language has them, of data as they are. */
function inLanguage(language: Language, members: Members): Members {
  if (language === "rhai") return members;
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [camel(name), value]));
}

const TIME: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** Both runs of an event got it, and nothing else than it, under one id. */
function expectTwice(language: Language, runs: readonly Kept[], event: Members): void {
  const source = String(event["source"]);
  const part = event[source] as Members;
  // In Rhai null is absent too.
  const isAbsent = (value: unknown): boolean =>
    value === undefined || (language === "rhai" && value === null);
  const absent = OPTIONAL.filter((name) => isAbsent(part[name]));
  const whole = { ...event, [source]: inLanguage(language, part) };
  expect(runs.map(({ event: got }) => got)).toEqual(
    [1, 2].map((attempt) => inLanguage(language, { occurred_at: TIME, ...whole, attempt })),
  );
  for (const run of runs) expect(run.absent).toEqual(language === "rhai" ? absent : absent.map(camel));
  const [first, second] = runs.map(
    ({ event: got }) => got[language === "rhai" ? "occurred_at" : "occurredAt"],
  );
  expect(second).toBe(first);
}

interface Written {
  readonly doc: string;
  readonly file: string;
  readonly sent: Readonly<Record<string, string>>;
}

/** By source, what each op of {@link WRITE} tells; of `batch` without its messages' own names. */
function written(language: Language, { doc, file, sent }: Written): Readonly<Record<string, Members>> {
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const collection = "orders";
  const one = {
    collection,
    id: file,
    name: "a.txt",
    content_type: "text/plain",
    size_bytes: 3,
    sha256: sha256("one"),
  };
  const two = { ...one, name: "b.csv", content_type: "text/csv", size_bytes: 5, sha256: sha256("three") };
  const message = { enqueued_at: TIME, max_attempts: 3 };
  const inBatch = {
    ...message,
    queue: `${language}-batch`,
    message_id: sent[`${language}-batch`],
    data: [17],
  };
  return {
    kv: {
      insert: { collection, key: "k", value: { snake_case: 1 } },
      update: { collection, key: "k", value: null },
      delete: { collection, key: "k" },
    },
    docs: {
      create: { collection, id: doc, data: { in_stock: true } },
      update: { collection, id: doc, data: { in_stock: false }, prev_data: { in_stock: true } },
      delete: { collection, id: doc, prev_data: { in_stock: false } },
    },
    files: { create: one, update: two, delete: two },
    pubsub: { publish: { topic: "orders.created", message: { order_id: 17 }, published_at: TIME } },
    queue: {
      message: {
        ...message,
        queue: language,
        message_id: sent[language],
        data: { order_id: 17 },
        group: "g",
      },
    },
    batch: { message: { queue: `${language}-batch`, messages: [inLanguage(language, inBatch)] } },
  };
}

test("each change reaches the scripts of both languages as its kind says, twice as the same event", async () => {
  const answer = await fetch(`${server.url}/write`, { method: "POST" });
  expect(answer.status).toBe(200);
  const made = (await answer.json()) as Written;
  for (const language of languages) {
    for (const [kind, ops] of Object.entries(written(language, made))) {
      const trigger = triggerOf(language, kind as Kind);
      const source = kind === "batch" ? "queue" : kind;
      const runs = await keptOf(trigger, 2 * Object.keys(ops).length);
      for (const [op, part] of Object.entries(ops)) {
        const ofOp = runs.filter(({ event }) => event["op"] === op);
        const id = ofOp[0]?.event["id"];
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
        expectTwice(language, ofOp, { id, source, op, trigger_id: trigger, [source]: part });
      }
    }
  }
});

interface Fired {
  readonly event_id: string;
  readonly execution_id: string;
  readonly op: string;
  readonly payload: Members;
  readonly scheduled_at?: string;
  readonly held_reason?: string;
}

async function fire(trigger: string, ...args: readonly string[]): Promise<Fired> {
  return (await pic.json(["triggers", "fire", trigger, ...args])) as Fired;
}

/** The runs got what the answer says, the first of them under the id that it promised. */
async function expectRuns(
  language: Language,
  kind: Kind,
  fired: Fired,
  trigger = triggerOf(language, kind),
): Promise<void> {
  const { event_id: id, op, payload } = fired;
  const runs = await keptOf(trigger, 2, id);
  const part = kind === "queue" ? { ...payload, max_attempts: 3 } : payload;
  expectTwice(language, runs, { id, source: kind, op, trigger_id: trigger, [kind]: part });
  expect(runs[0]?.execution_id).toBe(fired.execution_id);
  expect(runs[1]?.execution_id).not.toBe(fired.execution_id);
}

const DOC = "0190a0a0-0000-7000-8000-000000000001";
/** What is asked for, and what comes of it. */
const FIRES: readonly [Kind, readonly string[], Members][] = [
  [
    "kv",
    ["--payload", '{"key":"a","value":{"snake_case":4.0}}'],
    { op: "insert", payload: { collection: "orders", key: "a", value: { snake_case: 4 } } },
  ],
  [
    "docs",
    ["--last", "--op", "update"],
    { op: "update", payload: { data: { in_stock: false }, prev_data: { in_stock: true } } },
  ],
  [
    "files",
    ["--op", "delete"],
    { op: "delete", payload: { collection: "orders", name: "example.txt", size_bytes: 0 } },
  ],
  ["pubsub", ["--last"], { op: "publish", payload: { topic: "orders.created", message: { order_id: 17 } } }],
  ["queue", ["--payload", '{"data":[1],"group":"g"}'], { op: "message", payload: { data: [1], group: "g" } }],
  [
    "cron",
    ["--at", "2026-03-29T03:00:00+02:00"],
    {
      op: "fire",
      scheduled_at: "2026-03-29T01:00:00.000Z",
      payload: { ...SCHEDULE, scheduled_at: "2026-03-29T01:00:00.000Z", fired_at: TIME, missed: 0 },
    },
  ],
];

test.each(languages)("fire runs each kind by hand, on and off: %s", async (language) => {
  for (const [kind, args, expected] of FIRES) {
    const trigger = triggerOf(language, kind);
    // One language while they are on, the other while they are off.
    const enabled = language === "typescript";
    if (!enabled) await api.post(`/apps/default/triggers/${trigger}/disable`, {});
    const fired = await fire(trigger, ...args);
    expect(fired).toMatchObject(expected);
    expect(fired).not.toHaveProperty("held_reason");
    await expectRuns(language, kind, fired);
    expect(await json(`/apps/default/triggers/${trigger}`)).toMatchObject({ enabled });
  }
  const example = await fire(triggerOf(language, "docs"), "--op", "delete");
  expect(example.payload).toEqual({
    collection: "orders",
    id: expect.any(String),
    prev_data: { example: false },
  });
  await expectRuns(language, "docs", example);
});

test("what fire can't make is refused by the field, and nothing waits for the script, which is off", async () => {
  const script = `/scripts/${scripts.get("rhai") ?? ""}`;
  await api.patch(script, { enabled: false });
  const wrong: readonly [Kind, string, readonly string[]][] = [
    ["kv", "payload.value", ["--payload", '{"key":"a"}']],
    ["kv", "op", ["--op", "create"]],
    ["kv", "at", ["--at", "2026-01-01T00:00:00Z"]],
    ["docs", "payload.prev_data", ["--payload", `{"id":"${DOC}","data":{},"prev_data":{}}`]],
    [
      "files",
      "payload.sha256",
      ["--payload", `{"id":"${DOC}","name":"a","content_type":"a/b","size_bytes":1,"sha256":"x"}`],
    ],
    ["pubsub", "payload.topic", ["--payload", '{"topic":"other","message":1}']],
    ["queue", "payload.queue", ["--payload", '{"queue":"other","data":1}']],
    ["cron", "payload.missed", ["--payload", '{"missed":-1}']],
    ["cron", "last", ["--last", "--payload", "{}"]],
  ];
  for (const [kind, field, args] of wrong) {
    const { code, stdout, stderr } = await pic.run(["triggers", "fire", triggerOf("rhai", kind), ...args]);
    expect([kind, code, stdout]).toEqual([kind, 7, ""]);
    expect(stderr).toMatch(new RegExp(String.raw`\b${field.replace(".", String.raw`\.`)}\b`));
  }
  expect(await pic.run(["triggers", "fire", DOC])).toMatchObject({ code: 4 });
  expect(await pic.run(["triggers", "fire", triggerOf("rhai", "kv"), "--when", "now"])).toMatchObject({
    code: 2,
  });
  const waiting = async (): Promise<unknown> =>
    (await json<{ items: unknown }>("/apps/default/outbox")).items;
  await waitFor("nothing runs", async () => ((await waiting()) as unknown[]).length === 0);

  const fired = await fire(triggerOf("rhai", "kv"));
  expect(fired).toMatchObject({ held_reason: "script_disabled" });
  expect(await waiting()).toMatchObject([{ event_id: fired.event_id, wait: "script_disabled", attempt: 0 }]);
  await api.patch(script, { enabled: true });
  await expectRuns("rhai", "kv", fired);
});

test("a paused trigger holds what is fired until somebody takes it over", async () => {
  const password = "another long password";
  await api.post("/users", { username: "ada", role: "admin", password });
  const { token } = (await api.post("/auth/login", { username: "ada", password })) as { token: string };
  const trigger = await add("kv", "typescript", { collection_glob: "paused" }, rawApi(server, token));
  await pic.ok(["users", "disable", "ada"]);
  // The right is looked at when a delivery comes: the first one pauses.
  const first = await fire(trigger);
  await waitFor("the trigger is paused", async () => {
    const { paused_reason } = await json<{ paused_reason?: string }>(`/apps/default/triggers/${trigger}`);
    return paused_reason === "user_disabled";
  });
  const second = await fire(trigger);
  expect(second).toMatchObject({ held_reason: "trigger_paused" });
  const { items } = await json<{ items: readonly Members[] }>(`/apps/default/outbox?trigger_id=${trigger}`);
  expect(items).toMatchObject([first, second].map(({ event_id }) => ({ event_id, attempt: 0 })));
  await pic.ok(["triggers", "enable", trigger]);
  for (const fired of [first, second]) await expectRuns("typescript", "kv", fired, trigger);
});
