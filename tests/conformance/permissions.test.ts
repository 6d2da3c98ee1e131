/** Every endpoint and every script method, called by everybody: what is refused is what `api.md` §8 and §9 refuse, with the
 *  right status, and all else succeeds (INS-2 to INS-4, INS-7, INS-8). */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { capabilities, PicloudError, scopes } from "@picloud/contract";
import type { Capability } from "@picloud/contract";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { createCalls } from "../../packages/server/src/data-plane/calls.ts";
import { findPrincipalByKey } from "../../packages/server/src/features/api-keys/api-keys.service.ts";
import { findPrincipalByToken } from "../../packages/server/src/features/sessions/sessions.service.ts";
import { authorize } from "../../packages/server/src/platform/authorize.ts";
import type { Context, Principal } from "../../packages/server/src/platform/context.ts";
import { newId } from "../../packages/server/src/platform/ids.ts";
import { callers, elsewhere, here, makeApps, makeCaller } from "../support/callers.ts";
import { callerNames, endpointNeeds, verdictOf } from "../support/endpoint-needs.ts";
import type { Attempt, Stage } from "../support/endpoint-needs.ts";
import { sendTo } from "../support/endpoint-call.ts";
import type { Answered } from "../support/endpoint-call.ts";
import { resourcesOf } from "../support/resources.ts";
import type { Resources } from "../support/resources.ts";
import {
  ownSession,
  specRules,
  specScopes,
  specVerdict,
  specVerdictInRun,
} from "../support/spec-permissions.ts";
import type { Facts, Verdict } from "../support/spec-permissions.ts";
import { startTestApi } from "../support/test-api.ts";
import type { TestApi } from "../support/test-api.ts";
import { runContext } from "../support/test-app.ts";
import type { TestApp } from "../support/test-app.ts";

let api: TestApi;
let apps: Readonly<Record<string, string>>;
let resources: Resources;
const tokens = new Map<string, string | null>();

beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") } });
  apps = await makeApps(api);
  resources = resourcesOf(api, here);
  for (const [name, facts] of Object.entries(callers)) tokens.set(name, (await makeCaller(api, facts)).token);
});
afterAll(async () => await api.close());

const endpoints = listEndpoints(contracts);
const keyOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;
const lines = Object.entries(endpointNeeds).map(([name, [needs, make]]) => {
  const [endpoint = "", variant = ""] = name.split("#");
  return { name, endpoint, variant, needs, make };
});

test("the table has every endpoint, and no other", () => {
  expect([...new Set(lines.map(({ endpoint }) => endpoint))].toSorted()).toEqual(
    endpoints.map(keyOf).toSorted(),
  );
});

test("each contract says what its endpoint needs: that is what the reference shows", () => {
  const words: Readonly<Record<string, string>> = { nothing: "none", principal: "session" };
  const wrong = lines.filter(({ endpoint, variant, needs }) => {
    const declared = endpoints.find((each) => keyOf(each) === endpoint)?.capability;
    if (typeof needs === "string") return declared !== (words[needs] ?? needs);
    if (needs === ownSession) return declared !== "own_session";
    return variant === "" && declared !== "session" && declared !== "own_session";
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test("capabilities and scopes are those of the specification", () => {
  expect(capabilities.toSorted()).toEqual([...specRules.keys()].toSorted());
  expect(scopes.toSorted()).toEqual(specScopes.toSorted());
});

const size = `${endpoints.length} endpoints in ${lines.length} cases by ${callerNames.length} callers: ${lines.length * callerNames.length} calls`;

describe(`over the API, ${size}:`, () => {
  test.each(lines)("$name", async ({ endpoint, needs, make }) => {
    const wrong: string[] = [];
    let prepared: Attempt | undefined;
    for (const name of callerNames) {
      const facts = callers[name] ?? { kind: "nobody" };
      const stage: Stage = { api, here: resources, facts };
      prepared ??= (await make?.(stage)) ?? {};
      const token = prepared.token === undefined ? (tokens.get(name) ?? null) : prepared.token;
      const answer = await sendTo(api, endpoint, { input: { app: here, ...prepared.input }, token });
      const expected = verdictOf(needs, facts);
      if (!fits(answer, expected, needs === "nothing"))
        wrong.push(`${name}: ${answer.status} ${answer.code} instead of ${expected}`);
      // What was refused is still there for the next one; a token of its own is the caller's alone.
      if (answer.status < 400 || prepared.isUsedUp === true) prepared = undefined;
    }
    expect(wrong).toEqual([]);
  });
});

function fits({ status, code }: Answered, expected: Verdict, isOpen: boolean): boolean {
  switch (expected) {
    case "may":
      return isOpen ? status === 422 && code === "invalid" : status >= 200 && status < 300;
    case 401:
      return status === 401 && code === "unauthenticated";
    case 403:
      return status === 403 && code === "forbidden";
    case 404:
      return status === 404 && code === "not_found";
    default:
      return expected satisfies never;
  }
}

describe("an app that is not there is 404 to all who say who they are:", () => {
  const inApps = lines.filter(({ endpoint, variant }) => endpoint.includes("{app}") && variant === "");
  test.each(inApps)("$name", async ({ endpoint, make }) => {
    const stage: Stage = { api, here: resources, facts: { kind: "user", role: "owner" } };
    const { input } = (await make?.(stage)) ?? {};
    const wrong: string[] = [];
    for (const name of callerNames) {
      const facts = callers[name] ?? { kind: "nobody" };
      const call = { input: { ...input, app: "no-such-app" }, token: tokens.get(name) ?? null };
      const answer = await sendTo(api, endpoint, call);
      const expected = specVerdict(facts, "AppRead", here) === 401 ? 401 : 404;
      if (!fits(answer, expected, false)) wrong.push(`${name}: ${answer.status} instead of ${expected}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("lists have what the caller may read, and nothing else:", () => {
  test.each(callerNames)("%s", async (name) => {
    const facts = callers[name] ?? { kind: "nobody" };
    const token = tokens.get(name) ?? null;
    for (const app of [here, elsewhere]) {
      const body = { name: "listed", source: "export default () => 1" };
      await api.call(`POST /apps/${app}/scripts`, { body });
    }
    const slugs = await namesIn("GET /apps?limit=1000", "slug", token);
    const ofScripts = await namesIn("GET /scripts?limit=1000", "app_slug", token);
    for (const app of [here, elsewhere]) {
      expect([app, slugs.has(app)]).toEqual([app, specVerdict(facts, "AppRead", app) === "may"]);
      expect([app, ofScripts.has(app)]).toEqual([app, specVerdict(facts, "AppReadScript", app) === "may"]);
    }
  });
});

async function namesIn(request: string, member: string, token: string | null): Promise<ReadonlySet<string>> {
  const { body } = await api.call(request, { token });
  const items = (body["items"] ?? []) as unknown as readonly Readonly<Record<string, string>>[];
  return new Set(items.map((item) => item[member] ?? ""));
}

type Arguments = readonly string[] | (() => Promise<readonly string[]>);
const document = async (): Promise<string> => JSON.stringify(await resources.document());
const file = async (): Promise<string> => JSON.stringify(await resources.file());

/** Arguments that each method takes, as JSON; a new method needs a line. */
const methodArguments: Readonly<Record<string, Arguments>> = {
  "kv.get": ['"c"', '"k"'],
  "kv.set": ['"c"', '"k"', "1"],
  "kv.has": ['"c"', '"k"'],
  "kv.delete": ['"c"', '"k"'],
  "kv.list": ['"c"'],
  "kv.increment": ['"c"', '"n"'],
  "kv.compare_and_set": ['"c"', '"k"', "null", "1"],
  "docs.create": ['"c"', "{}"],
  "docs.get": async () => ['"c"', await document()],
  "docs.update": async () => ['"c"', await document(), "{}"],
  "docs.patch": async () => ['"c"', await document(), "{}"],
  "docs.delete": async () => ['"c"', await document()],
  "docs.find": ['"c"', "{}"],
  "docs.find_one": ['"c"', "{}"],
  "docs.page": ['"c"', "{}"],
  "docs.list": ['"c"'],
  "docs.count": ['"c"', "{}"],
  "docs.update_many": ['"c"', '{"a":2}', '{"b":1}'],
  "docs.delete_many": ['"c"', '{"a":2}'],
  "files.create": ['"c"', '{"name":"a.txt"}'],
  "files.head": async () => ['"c"', await file()],
  "files.get": async () => ['"c"', await file()],
  "files.update": async () => ['"c"', await file(), '{"name":"b.txt"}'],
  "files.delete": async () => ['"c"', await file()],
  "files.list": ['"c"'],
  "files.url": async () => ['"c"', await file(), '{"expires":"1h"}'],
  "queue.send": ['"q"', "1"],
  "queue.send_batch": ['"q"', '[{"data":1}]'],
  "pubsub.publish_durable": ['"a.b"', "1"],
  "pubsub.publish_ephemeral": ['"a.b"', "1"],
  "dead_letters.list": [],
  "dead_letters.replay": async () => [JSON.stringify(await resources.deadLetter())],
  "dead_letters.resolve": async () => [JSON.stringify(await resources.deadLetter()), '"ignored"'],
};
/** Methods that can't do without bytes. */
const methodBytes: Readonly<Record<string, Uint8Array>> = { "files.create": Buffer.from("hello") };
/** Capability of each method, by `api.md` §6 and §8. */
const methodNeeds: Readonly<Record<string, string>> = {
  "kv.get": "AppKvRead",
  "kv.set": "AppKvWrite",
  "kv.has": "AppKvRead",
  "kv.delete": "AppKvWrite",
  "kv.list": "AppKvRead",
  "kv.increment": "AppKvWrite",
  "kv.compare_and_set": "AppKvWrite",
  "docs.create": "AppDocsWrite",
  "docs.get": "AppDocsRead",
  "docs.update": "AppDocsWrite",
  "docs.patch": "AppDocsWrite",
  "docs.delete": "AppDocsWrite",
  "docs.find": "AppDocsRead",
  "docs.find_one": "AppDocsRead",
  "docs.page": "AppDocsRead",
  "docs.list": "AppDocsRead",
  "docs.count": "AppDocsRead",
  "docs.update_many": "AppDocsWrite",
  "docs.delete_many": "AppDocsWrite",
  "files.create": "AppFilesWrite",
  "files.head": "AppFilesRead",
  "files.get": "AppFilesRead",
  "files.update": "AppFilesWrite",
  "files.delete": "AppFilesWrite",
  "files.list": "AppFilesRead",
  "files.url": "AppFilesRead",
  "queue.send": "AppQueueWrite",
  "queue.send_batch": "AppQueueWrite",
  "pubsub.publish_durable": "AppPubsubPublish",
  "pubsub.publish_ephemeral": "AppPubsubPublish",
  "dead_letters.list": "AppDeadLetterManage",
  "dead_letters.replay": "AppDeadLetterManage",
  "dead_letters.resolve": "AppDeadLetterManage",
};
const methods = Object.entries(contracts).flatMap(([service, contract]) =>
  Object.keys(contract.methods).map((method) => `${service}.${method}`),
);
const inRuns: readonly (readonly [string, Facts])[] = [
  ...Object.entries(callers),
  ["end user", { kind: "end_user" }],
];

test("the table has every script method, and no other", () => {
  expect(methods.toSorted()).toEqual(Object.keys(methodNeeds).toSorted());
  expect(methods.toSorted()).toEqual(Object.keys(methodArguments).toSorted());
});

describe(`in runs, ${methods.length} methods by ${inRuns.length} callers:`, () => {
  test.each(methods)("%s", async (name) => {
    const [service = "", method = ""] = name.split(".");
    const calls = createCalls(api.features);
    const wrong: string[] = [];
    for (const [who, facts] of inRuns) {
      const ctx = await contextOf("run", who, facts);
      const given = methodArguments[name] ?? [];
      const bytes = methodBytes[name];
      const args = typeof given === "function" ? await given() : given;
      const call = { service, method, args, ...(bytes === undefined ? {} : { bytes }) };
      const code = await calls(ctx, call).then(
        () => "may",
        (error: unknown) => codeOf(error),
      );
      const expected = codes[specVerdictInRun(facts, methodNeeds[name] ?? "", here)];
      if (code !== expected) wrong.push(`${who}: ${code} instead of ${expected}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("the check itself, for each capability:", () => {
  test.each([...specRules.keys()])("%s", async (name) => {
    const capability = capabilities.find((each) => each === name);
    const app = name.startsWith("App") ? here : undefined;
    for (const [who, facts] of inRuns) {
      for (const kind of ["api", "run", "system"] as const) {
        const ctx = await contextOf(kind, who, facts);
        const inRun = app === undefined ? specVerdict(facts, name) : specVerdictInRun(facts, name, here);
        const expected = { api: specVerdict(facts, name, app), run: inRun, system: "may" } as const;
        // What is the instance's is nobody's in a run; no method asks for it.
        if (kind === "run" && app === undefined) continue;
        expect([who, kind, checked(ctx, capability, app)]).toEqual([who, kind, codes[expected[kind]]]);
      }
    }
  });
});

const codes = { may: "may", 401: "unauthenticated", 403: "forbidden", 404: "not_found" } as const;

function checked(ctx: Context, capability: Capability | undefined, app: string | undefined): string {
  if (capability === undefined) return "unknown";
  try {
    authorize(ctx, capability, app === undefined ? undefined : apps[app]);
    return "may";
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof PicloudError) return error.code;
  throw error;
}

/** As the server makes it: the principal is the one behind the caller's token. */
async function contextOf(kind: Context["kind"], name: string, facts: Facts): Promise<Context> {
  const app: TestApp = {
    id: apps[here] ?? "",
    slug: here,
    scriptId: newId(),
    user: { kind: "user", id: newId(), name: "x", role: "member", appRoles: new Map() },
  };
  const { execution, ...base } = runContext(api.platform, app);
  const principal = await principalOf(name, facts);
  return {
    ...base,
    kind,
    ...(kind === "run" ? { execution } : {}),
    ...(principal === undefined ? {} : { principal }),
  };
}

async function principalOf(name: string, facts: Facts): Promise<Principal | undefined> {
  if (facts.kind === "end_user") return { kind: "end_user", id: newId(), name: "somebody" };
  const { read } = api.platform.db;
  const token = tokens.get(name) ?? "";
  return ((await findPrincipalByToken(read, token)) ?? (await findPrincipalByKey(read, token)))?.principal;
}
