/** Who may run a script, and what the script may do for them: by id, by name and over routes, called by everybody (EXE-1, INS-7,
 *  INS-8). Real runs, where `permissions.test.ts` asks the services directly. */
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNode } from "../../packages/server/src/node.ts";
import { callers, here, makeApps, makeCaller } from "../support/callers.ts";
import { specVerdict, specVerdictInRun } from "../support/spec-permissions.ts";
import type { Facts, Verdict } from "../support/spec-permissions.ts";
import { ownerLogin, startTestApi, textOf } from "../support/test-api.ts";
import type { TestApi } from "../support/test-api.ts";
import { inTwoParts } from "../support/two-part-request.ts";

const source = `
import { kv } from "picloud";
const tried = async (work) => await work().then(() => "may", (error) => error.code);
export default async (_request, ctx) => ({
  who: ctx.principal?.kind ?? "nobody",
  read: await tried(() => kv.collection("c").get("k")),
  write: await tried(() => kv.collection("c").set("k", 1)),
});`;

let api: TestApi;
let server: Server;
let url: string;
const parts = new AsyncDisposableStack();
const scripts = { open: "", closed: "" };
const tokens = new Map<string, string | null>();

beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") } });
  await makeApps(api);
  for (const [name, invoke] of [
    ["open", "public"],
    ["closed", "members"],
  ] as const) {
    const made = await api.call(`POST /apps/${here}/scripts`, { body: { name, source, invoke } });
    scripts[name] = textOf(made.body["id"]);
    const route = { method: "GET", path: `/${name}`, auth: name === "open" ? "public" : "member" };
    await api.call(`POST /scripts/${scripts[name]}/routes`, { body: route });
  }
  for (const [name, facts] of Object.entries(callers)) tokens.set(name, (await makeCaller(api, facts)).token);
  const node = await startNode({
    platform: api.platform,
    about: { version: "0.0.0-test", schema: "0" },
    stopping: new AbortController().signal,
    parts,
  });
  server = createServer(node.listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await parts.disposeAsync();
  await api.close();
});

interface Run {
  readonly status: number;
  readonly result: { readonly who?: string; readonly read?: string; readonly write?: string };
}

async function run(name: string, request: string): Promise<Run> {
  const [method = "", path = ""] = request.split(" ");
  const token = tokens.get(name) ?? null;
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  return { status: answer.status, result: (await answer.json()) as Run["result"] };
}

const codes = { may: "may", 401: "unauthenticated", 403: "forbidden", 404: "not_found" } as const;
const inRun = (facts: Facts, capability: string): string => codes[specVerdictInRun(facts, capability, here)];
const statusOf = (verdict: Verdict): number => (verdict === "may" ? 200 : verdict);

describe.each(Object.entries(callers))("%s", (name, facts) => {
  const isSomebody = facts.kind === "user" || facts.kind === "key";
  const expected = {
    who: { user: "user", key: "api_key" }[facts.kind as string] ?? "nobody",
    read: inRun(facts, "AppKvRead"),
    write: inRun(facts, "AppKvWrite"),
  };

  test("runs what is open to all, with the own rights and no more", async () => {
    for (const request of [`POST /api/v1/execute/${scripts.open}`, `GET /a/${here}/open`])
      expect([request, await run(name, request)]).toEqual([request, { status: 200, result: expected }]);
  });

  test("runs what is for members where they may read the app", async () => {
    const status = statusOf(specVerdict(facts, "AppRead", here));
    for (const request of [`POST /api/v1/execute/${scripts.closed}`, `GET /a/${here}/closed`]) {
      const answer = await run(name, request);
      expect([request, answer.status]).toEqual([request, status]);
      expect(status === 200 ? answer.result : expected).toEqual(expected);
    }
  });

  test("runs by name what they may read", async () => {
    const answer = await run(name, `POST /api/v1/execute/${here}/open`);
    expect(answer.status).toBe(statusOf(specVerdict(facts, "AppReadScript", here)));
    const missing = await run(name, `POST /api/v1/execute/${here}/no-such`);
    expect(missing.status).toBe(isSomebody ? 404 : 401);
  });
});

test("whose key is deleted before the body is there is nobody", async () => {
  const login = await api.call("POST /auth/login", { token: null, body: ownerLogin });
  const session = textOf(login.body["token"]);
  const runs = {
    [`execute/${scripts.open}`]: [200, '"who":"nobody"'],
    [`execute/${scripts.closed}`]: [401, "unauthenticated"],
    [`execute/${here}/open`]: [401, "unauthenticated"],
  } as const;
  for (const [path, [status, text]] of Object.entries(runs)) {
    const body = { name: "short lived", scopes: ["script:read"] };
    const key = await api.call("POST /api_keys", { token: session, body });
    const request = { url: `${url}/api/v1/${path}`, token: textOf(key.body["raw_token"]), body: {} };
    const answer = await inTwoParts(request, async () => {
      await api.call(`DELETE /api_keys/${textOf(key.body["id"])}`, { token: session });
    });
    expect([path, answer.status, answer.text]).toEqual([path, status, expect.stringContaining(text)]);
  }
});
