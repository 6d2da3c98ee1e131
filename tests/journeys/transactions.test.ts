/** Scripts whose run is one transaction, in both languages: all or nothing, no update lost, events handled exactly once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startExternalPostgres, type ExternalPostgres } from "../support/external-postgres.ts";
import { firstOwner, type RawApi } from "../support/raw-api.ts";
import { removeFolder, startServer, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** Reads, adds one, writes: two that run at once would lose an update outside of a transaction. */
const ADD = {
  ts: `import { kv } from "picloud";
export const transaction = true;
export default async (request, ctx) => {
  const counts = kv.collection("counts");
  const key = ctx.params.key;
  const now = (await counts.get(key)) ?? 0;
  await counts.set(key, now + 1);
  return await counts.get(key);
};
`,
  rhai: `export const transaction = true;
let counts = kv::collection("counts");
let key = ctx.request.params.key;
let now = counts.get(key);
if now == () { now = 0; }
counts.set(key, now + 1);
counts.get(key)
`,
};
/** Writes with every service, then fails or not. */
const ALL = `import { kv, docs, files, queue, pubsub } from "picloud";
export const transaction = true;
export default async (request, ctx) => {
  const { name, end } = ctx.params;
  await kv.collection(name).set("k", 1);
  const id = await docs.collection(name).create({ a: 1 });
  const file = await files.collection(name).create({ name: "f.txt", content_type: "text/plain", data: "hello" });
  await queue.send(name, { n: 1 });
  await pubsub.publishDurable("made." + name, { n: 1 });
  const { data } = await files.collection(name).get(file);
  const seen = [await kv.collection(name).get("k"), (await docs.collection(name).find({ a: 1 })).length, data.length];
  try {
    await docs.collection(name).update("018f0000-0000-7000-8000-000000000000", {});
  } catch (error) {
    seen.push(error.code);
  }
  if (end === "fail") throw new Error("no");
  return { seen, id, file };
};
`;
/** Runs on the changes of \`jobs\`. */
const HANDLE = `import { kv } from "picloud";
export const transaction = true;
export default async (event) => {
  const done = kv.collection("done");
  await done.set(event.kv.key, ((await done.get(event.kv.key)) ?? 0) + 1);
  await done.increment("total");
  if (event.kv.value === "fails once" && event.attempt === 1) throw new Error("no");
};
`;
const JOB = `import { kv } from "picloud";
export default async (request, ctx) => {
  await kv.collection("jobs").set(ctx.params.key, await request.json());
};
`;

/** Counts its runs, and takes a while. */
const PAY = `import { kv } from "picloud";
export const transaction = true;
export default async (request, ctx) => {
  const { amount } = await request.json();
  const runs = await kv.collection("paid").increment(ctx.params.name, amount);
  if (amount > 100) throw new Error("too much");
  await new Promise((resolve) => setTimeout(resolve, 100));
  return new Response(JSON.stringify({ runs }), { status: 201, headers: { "x-paid": String(amount) } });
};
`;

let postgres: ExternalPostgres;
let server: RunningServer;
let other: RunningServer;
let api: RawApi;
beforeAll(async () => {
  postgres = await startExternalPostgres();
  server = await startServer({ env: { DATABASE_URL: postgres.url } });
  api = await firstOwner(server);
  other = await startServer({ env: { DATABASE_URL: postgres.url } });
  await deploy("add", ADD.ts, "/ts/:key");
  await deploy("add-rhai", ADD.rhai, "/rhai/:key");
  await deploy("all", ALL, "/all/:name/:end");
  await deploy("pay", PAY, "/pay/:name");
  await deploy("job", JOB, "/jobs/:key");
  await deploy("handle", HANDLE);
  await api.post("/apps/default/triggers/kv", { script: "handle", collection_glob: "jobs", base_ms: 10 });
});
afterAll(async () => {
  await server.stop();
  await other.stop();
  await postgres.close();
  for (const { dataDir } of [server, other]) await removeFolder(dataDir);
});

async function deploy(name: string, source: string, path?: string): Promise<void> {
  const language = name.endsWith("-rhai") ? "rhai" : "typescript";
  const { id } = (await api.post("/apps/default/scripts", { name, language, source })) as { id: string };
  if (path !== undefined) await api.post(`/scripts/${id}/routes`, { method: "POST", path });
}

async function post(path: string, body: unknown = null): Promise<Response> {
  return await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function valueOf(collection: string, key: string): Promise<unknown> {
  const answer = await api.get(`/apps/default/kv/${collection}/${key}`);
  return answer.status === 200 ? ((await answer.json()) as { value: unknown }).value : undefined;
}

test.each(["ts", "rhai"] as const)("increments that meet are all counted: %s", async (language) => {
  let done = 0;
  const add = async (): Promise<void> => {
    for (let i = 0; i < 10;) {
      const answer = await post(`/${language}/${language}`);
      const body = await answer.text();
      if (answer.status === 200) {
        i++;
        done++;
        continue;
      }
      expect(JSON.parse(body)).toMatchObject({ error: { code: "conflict_retries", retry_after_ms: 1000 } });
    }
  };
  await Promise.all([add(), add(), add()]);
  expect(done).toBe(30);
  expect(await valueOf("counts", language)).toBe(30);
});

test("everything stays when the script returns", async () => {
  const answer = await post("/all/stays/return");
  expect(await answer.json()).toMatchObject({ seen: [1, 1, 5, "not_found"] });
  expect(await valueOf("stays", "k")).toBe(1);
  const found = await api.get("/apps/default/docs/stays");
  expect(await found.json()).toMatchObject({ items: [{}] });
});

test("nothing stays when it throws", async () => {
  const answer = await post("/all/goes/fail");
  expect(answer.status).toBe(422);
  expect(await valueOf("goes", "k")).toBeUndefined();
  for (const path of ["docs/goes", "files/goes"])
    expect(await (await api.get(`/apps/default/${path}`)).json()).toMatchObject({ items: [] });
  const queues = (await (await api.get("/apps/default/queues")).json()) as { items: { name: string }[] };
  expect(queues.items.map(({ name }) => name)).not.toContain("goes");
});

test("an event is handled exactly once, with its retries", async () => {
  const keys = Array.from({ length: 20 }, (_, i) => `job-${i}`);
  await Promise.all(
    keys.map(async (key, i) => await post(`/jobs/${key}`, i % 5 === 0 ? "fails once" : "ok")),
  );
  await waitFor("all jobs are handled", async () => (await valueOf("done", "total")) === keys.length);
  for (const key of keys) expect(await valueOf("done", key)).toBe(1);
  await waitFor("nothing waits", async () => {
    const { items } = (await (await api.get("/apps/default/outbox")).json()) as {
      items: { trigger_id: string | null }[];
    };
    return items.every(({ trigger_id }) => trigger_id === null);
  });
  expect(await valueOf("done", "total")).toBe(keys.length);
});

const KEY = "0123456789abcdef0123456789abcdef";

interface Payment {
  readonly amount?: number;
  readonly key?: string;
  readonly at?: RunningServer;
  readonly headers?: Readonly<Record<string, string>>;
}

async function pay(
  name: string,
  { amount = 5, key = KEY, at = server, headers }: Payment = {},
): Promise<Response> {
  return await fetch(`${at.url}/pay/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key, ...headers },
    body: JSON.stringify({ amount }),
  });
}

test("requests with one key run once, on both servers, and get one answer", async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => await pay("once", { at: i % 2 === 0 ? server : other })),
  );
  for (const answer of answers) {
    // The two servers have addresses of their own, but it is one path.
    expect([answer.status, await answer.json()]).toEqual([201, { runs: 5 }]);
    expect(answer.headers.get("x-paid")).toBe("5");
  }
  expect(new Set(answers.map(({ headers }) => headers.get("x-picloud-execution"))).size).toBe(1);
  expect(await valueOf("paid", "once")).toBe(5);
  expect(await (await pay("once", { key: `${KEY}-2` })).json()).toEqual({ runs: 10 });
});

test("a key stands for one request of one caller, and is long for callers without a name", async () => {
  const mine = { key: `${KEY}-own` };
  expect((await pay("own", mine)).status).toBe(201);
  const changed = await pay("own", { ...mine, amount: 6 });
  expect(changed.status).toBe(422);
  expect(await changed.json()).toMatchObject({ error: { code: "idempotency_key_reused" } });
  expect((await pay("other", mine)).status).toBe(422);
  expect((await pay("own", { ...mine, headers: { cookie: "who=other" } })).status).toBe(422);
  expect((await pay("own", { key: "short" })).status).toBe(400);
  const authorization = `Bearer ${api.token}`;
  expect((await pay("own", { key: "short", headers: { authorization } })).status).toBe(201);
  expect(await valueOf("paid", "own")).toBe(10);
});

test("a run that fails keeps nothing, its key neither", async () => {
  const key = `${KEY}-fails`;
  expect((await pay("fails", { key, amount: 101 })).status).toBe(422);
  expect((await pay("fails", { key, amount: 101 })).status).toBe(422);
  expect((await pay("fails", { key, amount: 1 })).status).toBe(201);
  expect(await valueOf("paid", "fails")).toBe(1);
});

interface Receipt {
  readonly wrote: readonly { readonly call: string; readonly target?: string; readonly id?: string }[];
  readonly sent: readonly { readonly call: string; readonly target?: string; readonly id?: string }[];
  readonly emitted: readonly { readonly source: string; readonly op: string }[];
  readonly omitted: number;
}

async function receiptOf(answer: Response): Promise<Receipt> {
  const id = answer.headers.get("x-picloud-execution");
  const shown = await api.get(`/apps/default/executions/${id}`);
  return ((await shown.json()) as { receipt: Receipt }).receipt;
}

test("an execution lists what it wrote, sent and emitted; one that was rolled back has nothing", async () => {
  const answer = await post("/all/told/return");
  const { id, file } = (await answer.json()) as { id: string; file: string };
  expect(await receiptOf(answer)).toMatchObject({
    wrote: [
      { call: "kv.set", target: "told/k" },
      { call: "docs.create", target: "told", id },
      { call: "files.create", target: "told", id: file },
    ],
    sent: [
      { call: "queue.send", target: "told" },
      { call: "pubsub.publish_durable", target: "made.told" },
    ],
    emitted: [
      { source: "queue", op: "message" },
      { source: "pubsub", op: "publish" },
    ],
    omitted: 0,
  });
  expect(await receiptOf(await post("/all/untold/fail"))).toEqual({
    wrote: [],
    sent: [],
    emitted: [],
    omitted: 0,
  });
  const set = await post("/jobs/told", "ok");
  expect(await receiptOf(set)).toMatchObject({
    wrote: [{ call: "kv.set", target: "jobs/told" }],
    emitted: [{ source: "kv", op: "insert" }],
  });
});
