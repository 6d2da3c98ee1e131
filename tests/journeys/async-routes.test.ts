/** Requests that are answered before they run: what the sender gets, what the script gets, and that nothing is lost. */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makePic } from "../support/pic.ts";
import { firstOwner, rawApi, type RawApi } from "../support/raw-api.ts";
import { removeFolder, startServer, type RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** Keeps what it got under the key that its path names. */
const KEEP_TYPESCRIPT = `import { kv } from "picloud";
export default async (request: Request, ctx) => {
  const bytes = new Uint8Array(await request.arrayBuffer());
  await kv.collection("kept").set(ctx.params.key, {
    isRequest: request instanceof Request,
    method: request.method,
    url: new URL(request.url).pathname + new URL(request.url).search,
    headers: [request.headers.get("x-own"), request.headers.get("cookie"), request.headers.get("authorization")],
    bytes: [...bytes.subarray(0, 32)],
    length: bytes.length,
    route: ctx.route,
    params: ctx.params,
    hasAddress: typeof ctx.remoteAddr === "string",
    principal: ctx.principal?.name ?? null,
    ids: [ctx.executionId, ctx.rootExecutionId, ctx.requestId, ctx.triggerDepth, ctx.parentExecutionId ?? null],
  });
  return new Response("dropped", { status: 500 });
};
`;
const KEEP_RHAI = String.raw`
let request = ctx.request;
kv::collection("kept").set(request.params.key, #{
  method: request.method,
  path: request.path,
  query: request.query,
  kind: type_of(request.body),
  body: if type_of(request.body) == "blob" { request.body.len() } else { request.body },
  raw: request.body_raw.len(),
  header: request.headers["x-own"],
  ids: [ctx.execution_id, ctx.root_execution_id, ctx.request_id],
  event: "event" in ctx
});
`;
const FAIL = `import { kv } from "picloud";
export default async (request: Request, ctx) => {
  const runs = await kv.collection("runs").increment(await request.text());
  await kv.collection("ids").set("run-" + runs, [ctx.executionId, ctx.rootExecutionId, ctx.requestId]);
  if (await kv.collection("flags").has("well")) return "fine";
  throw new Error("not yet");
};
`;
const COUNT = `import { kv } from "picloud";
export default async (request: Request) => {
  await kv.collection("counted").set(await request.text(), true);
};
`;
const SLOW = `import { kv } from "picloud";
export default async () => {
  while (!(await kv.collection("flags").has("go"))) await new Promise((ok) => setTimeout(ok, 20));
};
`;

let server: RunningServer;
let api: RawApi;
const env = {
  PICLOUD_TRIGGER_RETRY_MAX_ATTEMPTS: "2",
  PICLOUD_TRIGGER_RETRY_BASE_MS: "1",
  PICLOUD_MAX_CONCURRENT_EXECUTIONS: "2",
  PICLOUD_LEASE_MS: "2000",
};
beforeAll(async () => {
  server = await startServer({ env });
  api = await firstOwner(server);
  await deploy("keep", KEEP_TYPESCRIPT, "POST /keep/:key");
  await deploy("keep-get", KEEP_TYPESCRIPT, "GET /keep/:key");
  await deploy("keep-rhai.rhai", KEEP_RHAI, "POST /rhai/:key");
  await deploy("fail", FAIL, "POST /fail");
  await deploy("count", COUNT, "POST /count");
  await deploy("slow", SLOW, "GET /slow");
  await deploy("members", KEEP_TYPESCRIPT, "POST /members/:key", { auth: "member" });
});
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
});

async function deploy(script: string, source: string, route: string, more = {}): Promise<void> {
  const [name, language = "typescript"] = script.split(".");
  const [method, path] = route.split(" ");
  const source_hash = createHash("sha256").update(source).digest("hex");
  const routes = [{ method, path, dispatch_mode: "async", ...more }];
  const manifest = { scripts: [{ name, language, source, source_hash, routes }] };
  const { base } = (await api.post("/apps/default/deployments/plan", manifest)) as { base: string };
  await api.post("/apps/default/deployments", { ...manifest, base });
}

interface Accepted {
  readonly accepted_at: string;
  readonly execution_id: string;
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  return await fetch(`${server.url}${path}`, { method: "POST", ...init });
}

async function accepted(answer: Promise<Response> | Response): Promise<Accepted> {
  const response = await answer;
  const text = await response.text();
  if (response.status !== 202) throw new Error(`${response.status} ${text}`);
  const body = JSON.parse(text) as Accepted;
  expect(Object.keys(body)).toEqual(["accepted_at", "execution_id"]);
  expect(response.headers.get("x-picloud-execution")).toBe(body.execution_id);
  expect(Math.abs(Date.parse(body.accepted_at) - Date.now())).toBeLessThan(60_000);
  return body;
}

async function kept<T = Record<string, unknown>>(collection: string, key: string): Promise<T> {
  return await waitFor(`${collection}/${key}`, async () => {
    const answer = await api.get(`/apps/default/kv/${collection}/${key}`);
    return answer.ok ? ((await answer.json()) as { value: T }).value : undefined;
  });
}

async function json<T>(path: string): Promise<T> {
  const answer = await api.get(`/apps/default${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

test("a TypeScript script gets a real Request, and its answer is dropped", async () => {
  const { execution_id: id } = await accepted(
    send("/keep/one?a=1&b=%20", {
      body: "hällo",
      headers: { "x-own": "mine", cookie: "a=b", authorization: "Basic dTpw" },
    }),
  );
  expect(await kept("kept", "one")).toMatchObject({
    isRequest: true,
    method: "POST",
    url: "/keep/one?a=1&b=%20",
    headers: ["mine", null, null],
    bytes: [...Buffer.from("hällo")],
    route: "/keep/:key",
    params: { key: "one" },
    hasAddress: true,
    principal: null,
    ids: [id, id, id, 0, null],
  });
  const run = await waitFor("the execution's end", async () => {
    const answer = await api.get(`/apps/default/executions/${id}`);
    const row = answer.ok ? ((await answer.json()) as { status: string }) : undefined;
    return row?.status === "ok" ? row : undefined;
  });
  expect(run).toMatchObject({ kind: "async", http_status: 500, attempt: 1, depth: 0, trigger_id: null });
});

test("bodies of every kind arrive, in both languages", async () => {
  const bytes = new Uint8Array(Array.from({ length: 256 }, (_, i) => i));
  const octets = { "content-type": "application/octet-stream" };
  await accepted(send("/keep/bytes", { body: bytes, headers: octets }));
  expect(await kept("kept", "bytes")).toMatchObject({ length: 256, bytes: [...bytes.subarray(0, 32)] });
  await accepted(fetch(`${server.url}/keep/empty`));
  expect(await kept("kept", "empty")).toMatchObject({ method: "GET", length: 0 });
  await accepted(send("/rhai/blob", { body: bytes, headers: octets }));
  expect(await kept("kept", "blob")).toMatchObject({ kind: "blob", body: 256, raw: 256 });
  await accepted(
    send("/rhai/json?q=1", { body: '{"a":[1,2.5]}', headers: { "content-type": "application/json" } }),
  );
  expect(await kept("kept", "json")).toMatchObject({
    path: "/rhai/json",
    query: { q: "1" },
    kind: "map",
    body: { a: [1, 2.5] },
    event: false,
  });
  const text = { "content-type": "text/plain", "x-own": "mine" };
  const { execution_id: id } = await accepted(send("/rhai/text", { body: "hällo", headers: text }));
  expect(await kept("kept", "text")).toMatchObject({
    kind: "string",
    body: "hällo",
    raw: 6,
    header: "mine",
    ids: [id, id, id],
  });
});

test("what a caller does wrong is told at once", async () => {
  const malformed = await send("/rhai/x", { body: "{", headers: { "content-type": "application/json" } });
  expect([malformed.status, await codeOf(malformed)]).toEqual([400, "malformed_request"]);
  const large = await send("/keep/x", { body: "x".repeat(1_048_577) });
  expect([large.status, await codeOf(large)]).toEqual([413, "too_large"]);
  await accepted(send("/keep/full", { body: "x".repeat(1_048_576) }));
  expect(await kept("kept", "full")).toMatchObject({ length: 1_048_576 });
  const nobody = await send("/members/x");
  expect([nobody.status, await codeOf(nobody)]).toEqual([401, "unauthenticated"]);
  await accepted(send("/members/owner", { headers: { authorization: `Bearer ${api.token}` } }));
  expect(await kept("kept", "owner")).toMatchObject({ principal: "owner", headers: [null, null, null] });
});

async function codeOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { error: { code: string } }).error.code;
}

test("a failed one is tried again, becomes a dead letter, and is replayed as a request", async () => {
  const { execution_id: id } = await accepted(send("/fail", { body: "k" }));
  const letter = await waitFor("the dead letter", async () => {
    const { items } = await json<{ items: Record<string, unknown>[] }>("/dead_letters?unresolved=true");
    return items.find((each) => each["root_execution_id"] === id);
  });
  expect(letter).toMatchObject({ source: "http", op: "request", attempts: 2, trigger_id: null });
  expect(await kept("ids", "run-1")).toEqual([id, id, id]);
  const [second, ...roots] = await kept<string[]>("ids", "run-2");
  expect(second).not.toBe(id);
  expect(roots).toEqual([id, id]);
  const shown = await json<{ event: { http: Record<string, unknown> } }>(
    `/dead_letters/${String(letter["id"])}`,
  );
  expect(shown.event.http).toMatchObject({ method: "POST", route: "/fail", body: "k" });
  await rawApi(server, api.token).post(`/apps/default/dead_letters/${String(letter["id"])}/replay`, {});
  expect(await kept("ids", "run-3")).toHaveLength(3);
});

test("a call by name answers 202 too when it asks for it", async () => {
  const path = "/api/v1/execute/default/count";
  const headers = { authorization: `Bearer ${api.token}`, prefer: "wait=1, respond-async" };
  const answer = await send(path, { body: "by-name", headers });
  expect(answer.headers.get("preference-applied")).toBe("respond-async");
  await accepted(answer);
  expect(await kept("counted", "by-name")).toBe(true);
});

test("pic deploys async routes, and invoke --async prints what was accepted", async () => {
  const pic = await makePic();
  await pic.ok(["login", "--url", server.url, "--token", api.token]);
  await writeFile(join(server.dataDir, "later.ts"), COUNT);
  const words = ["deploy", join(server.dataDir, "later.ts"), "--route", "POST /later"];
  expect((await pic.run([...words.slice(0, 2), "--dispatch-mode", "async"])).code).toBe(2);
  expect((await pic.run([...words, "--dispatch-mode", "soon"])).code).toBe(7);
  const plan = await pic.run([...words, "--dispatch-mode", "async"]);
  expect([plan.code, plan.stderr]).toEqual([0, expect.stringContaining("auth public, async")]);
  await accepted(send("/later", { body: "by-deploy" }));
  expect(await kept("counted", "by-deploy")).toBe(true);
  const output = await pic.ok(["invoke", "count", "by-pic", "--async"]);
  expect(Object.keys(JSON.parse(output) as Accepted)).toEqual(["accepted_at", "execution_id"]);
  expect(await kept("counted", "by-pic")).toBe(true);
});

test("a full server accepts all the same and runs it later", async () => {
  const headers = { authorization: `Bearer ${api.token}` };
  const blocking: Promise<Response>[] = [];
  await waitFor("a full gate", async () => {
    const call = fetch(`${server.url}/api/v1/execute/default/slow`, { method: "POST", headers });
    blocking.push(call);
    return (await Promise.race([call, sleep(500)]))?.status === 503;
  });
  await accepted(send("/count", { body: "later" }));
  expect((await api.get("/apps/default/kv/counted/later")).status).toBe(404);
  await setFlag("go");
  await Promise.all(blocking);
  expect(await kept("counted", "later")).toBe(true);
});

async function setFlag(key: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1/admin/apps/default/kv/flags/${key}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${api.token}`, "content-type": "application/json" },
    body: JSON.stringify({ value: true }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Sends until the server is gone; adds what was accepted. */
async function sendUntilGone(name: string, sent: string[]): Promise<void> {
  for (let i = 0; ; i++) {
    const body = `${name}-${i}`;
    const status = await send("/count", { body }).then(
      async (answer) => (await answer.text()).includes("accepted_at") && answer.status,
      () => false,
    );
    if (status !== 202) return;
    sent.push(body);
  }
}

test("what was accepted runs, also when the server is killed at any moment", async () => {
  const sent: string[] = [];
  for (let kill = 1; kill <= 3; kill++) {
    const senders = Array.from({ length: 4 }, async (_, i) => await sendUntilGone(`${kill}-${i}`, sent));
    await waitFor("some are accepted", () => sent.length >= 12 * kill);
    await sleep(Math.random() * 200);
    await server.kill9();
    await Promise.all(senders);
    server = await startServer({ env, dataDir: server.dataDir, port: server.port });
  }
  for (const body of sent) expect(await kept("counted", body)).toBe(true);
});
