/** Input that fits an endpoint's schema never makes the server fail; broken in one place, whichever, it is refused with the name
 *  of that place, and changes nothing. */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { contracts } from "../../packages/server/src/contract.ts";
import { listEndpoints } from "../../packages/server/src/control-plane/endpoint-table.ts";
import { here, makeApps } from "../support/callers.ts";
import { endpointNeeds } from "../support/endpoint-needs.ts";
import type { Attempt, Stage } from "../support/endpoint-needs.ts";
import { resourcesOf } from "../support/resources.ts";
import { breakagesOf, brokenText, checkSchema, fitting } from "../support/schema-values.ts";
import type { Breakage, Schema } from "../support/schema-values.ts";
import { startTestApi } from "../support/test-api.ts";
import type { Answer, TestApi } from "../support/test-api.ts";

/** `PICLOUD_TEST_SEED` repeats a run. */
const seed = Number(process.env["PICLOUD_TEST_SEED"] ?? Date.now() % 2 ** 31);

let api: TestApi;
let appId: string;
let stage: Stage;
beforeAll(async () => {
  api = await startTestApi({ environment: { PICLOUD_SECRET_KEY: Buffer.alloc(32, 7).toString("base64") } });
  appId = (await makeApps(api))[here] ?? "";
  stage = { api, here: resourcesOf(api, here), facts: { kind: "user", role: "owner" } };
});
afterAll(async () => await api.close());

const endpoints = listEndpoints(contracts).map(({ method, path, bytes, procedure }) => {
  const { inputSchema } = procedure["~orpc"];
  const schema: Schema =
    inputSchema instanceof z.ZodType
      ? (z.toJSONSchema(inputSchema, { io: "input", unrepresentable: "any" }) as Schema)
      : {};
  checkSchema(schema);
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name));
  const { properties = {}, required = [] } = schema;
  const members: Schema = {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !inPath.has(name))),
    required: required.filter((name) => !inPath.has(name)),
  };
  // A body of bytes is never broken; what else such an endpoint takes is in the query.
  return { label: `${method} ${path}`, method, path, members, isQuery: method === "GET" || bytes === "in" };
});
type Tried = (typeof endpoints)[number];

/** Opaque secrets, which are only ever hashed or compared: any text may be one, and a wrong one is refused as wrong. */
const opaque = new Set(["password", "old_password", "token", "totp", "username"]);

describe(`a body that is broken in one place (seed ${seed}):`, () => {
  test.each(endpoints.filter(({ isQuery }) => !isQuery))("$label", async (endpoint) => {
    const { path, input, token } = await addressed(endpoint);
    const breakages = breakagesOf(endpoint.members).filter(({ path: place }) => place.length > 0);
    const values = fc.sample(fitting(endpoint.members, true), { seed, numRuns: breakages.length });
    const before = await changes();
    const wrong: string[] = [];
    for (const [i, breakage] of breakages.entries()) {
      if (isOpaque(endpoint, breakage)) continue;
      const isRule = breakage.what.startsWith("with ");
      // A rule is looked at after the schema: there all else must be right by the rules too.
      const members = isRule ? rightBesides(endpoint, { value: values[i], input, breakage }) : values[i];
      const body = brokenText(members, breakage);
      const answer = await api.call(`${endpoint.method} ${path}`, { body, ...token });
      // What names something that is not there, or is of another state, is told so.
      const isElsewhere = isRule && (answer.status === 404 || answer.status === 409);
      if (!isElsewhere && !namesPlace(answer, breakage.path.join(".")))
        wrong.push(`${breakage.path.join(".")} ${breakage.what}: ${answer.status} ${answer.text}`);
    }
    expect(wrong).toEqual([]);
    expect(await changes()).toEqual(before);
  });
});

describe("a body that is no JSON object:", () => {
  test.each(endpoints.filter(({ isQuery }) => !isQuery))("$label", async (endpoint) => {
    const { path, token } = await addressed(endpoint);
    const send = async (body: string): Promise<Answer> =>
      await api.call(`${endpoint.method} ${path}`, { body, ...token });
    const before = await changes();
    for (const body of ["[]", "null", "true", "5", '"text"', "[".repeat(5000) + "]".repeat(5000)]) {
      const answer = await send(body);
      expect([body.slice(0, 9), answer.status, fieldsOf(answer)]).toEqual([body.slice(0, 9), 422, [""]]);
    }
    for (const body of ["{", "NaN", '{"a":NaN}', '{"a":01}', "{'a':1}", '{"a":Infinity}', "\u0000"]) {
      const answer = await send(body);
      expect([body, answer.status, codeOf(answer)]).toEqual([body, 400, "malformed_request"]);
    }
    expect(await changes()).toEqual(before);
  });
});

describe("a query that is broken in one place:", () => {
  test.each(endpoints.filter(({ isQuery }) => isQuery))("$label", async (endpoint) => {
    const { path, query, token } = await addressed(endpoint);
    const before = await changes();
    const wrong: string[] = [];
    for (const [name, value] of brokenQueries(endpoint.members)) {
      const text = new URLSearchParams({ ...query, [name]: value }).toString();
      const answer = await api.call(`${endpoint.method} ${path}?${text}`, token);
      if (!namesPlace(answer, name)) wrong.push(`${name}=${value}: ${answer.status} ${answer.text}`);
    }
    for (const name of endpoint.members.required ?? []) {
      const { [name]: _, ...rest } = query;
      const text = new URLSearchParams(rest).toString();
      const answer = await api.call(`${endpoint.method} ${path}?${text}`, token);
      if (!namesPlace(answer, name)) wrong.push(`without ${name}: ${answer.status} ${answer.text}`);
    }
    expect(wrong).toEqual([]);
    expect(await changes()).toEqual(before);
  });
});

const oddSegments = ["%00", "a%00b", "%ED%A0%80", "%ff", "%", "%2F", "x".repeat(2_000), "%E2%80%AE"];

describe("a path that is broken in one place:", () => {
  test.each(endpoints.filter(({ path }) => path.includes("{")))("$label", async (endpoint) => {
    const { input, token } = await addressed(endpoint);
    const body = endpoint.method === "GET" ? {} : { body: input };
    const wrong: string[] = [];
    for (const [place] of endpoint.path.matchAll(/\{\w+\}/g)) {
      for (const odd of oddSegments) {
        const path = endpoint.path
          .replace(place, () => odd)
          .replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(textOf(input[name])));
        const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !path.includes(name)));
        const query = new URLSearchParams(rest as Record<string, string>).toString();
        const suffix = endpoint.method === "GET" && query !== "" ? `?${query}` : "";
        const answer = await api.call(`${endpoint.method} ${path}${suffix}`, { ...body, ...token });
        const isOurs = answer.status >= 400 && answer.status < 500 && codeOf(answer) !== undefined;
        // A collection or a key of kv may be called anything that can be stored.
        const isFree = /\{(?:collection|key)\}/.test(place) && answer.status < 300;
        if (!isOurs && !isFree) wrong.push(`${place} ${odd}: ${answer.status} ${answer.text}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe(`input that fits the schema is no failure of the server (seed ${seed}):`, () => {
  beforeEach(() => {
    // What was deleted in another test is not missed in this one.
    stage = { ...stage, here: resourcesOf(api, here) };
  });
  afterEach(async () => {
    await api.platform.db.write`update apps set slug = ${here} where id = ${appId}`;
  });

  test.each(endpoints)("$label", async (endpoint) => {
    const wrong: string[] = [];
    for (const members of fc.sample(fitting(endpoint.members, false), { seed, numRuns: 6 })) {
      const { path, query, token } = await addressed(endpoint);
      const given = members as Readonly<Record<string, unknown>>;
      const { isQuery, method } = endpoint;
      const values = Object.entries(given).map(([name, value]) => [name, textOf(value)] as const);
      const text = new URLSearchParams({ ...query, ...Object.fromEntries(values) }).toString();
      const answer = isQuery
        ? await statusOf(`${method} ${path}?${text}`, token)
        : await api.call(`${method} ${path}`, { body: given, ...token });
      if (answer.status >= 500) wrong.push(`${JSON.stringify(members)}: ${answer.status} ${answer.text}`);
      // Whatever rule it breaks is told with the field.
      if (codeOf(answer) === "invalid" && fieldsOf(answer).length === 0)
        wrong.push(`${JSON.stringify(members)}: no field in ${answer.text}`);
    }
    expect(wrong).toEqual([]);
  });
});

interface Addressed {
  /** Of something that is there. */
  readonly path: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, string>>;
  readonly token: { readonly token?: string | null };
}

async function addressed(endpoint: Tried): Promise<Addressed> {
  const [, make] = endpointNeeds[endpoint.label] ?? [];
  const attempt: Attempt = (await make?.(stage)) ?? {};
  const input: Readonly<Record<string, unknown>> = { app: here, ...attempt.input };
  const inPath = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const rest = Object.entries(attempt.input ?? {}).filter(([name]) => !inPath.includes(name));
  return {
    path: endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(textOf(input[name])),
    ),
    input,
    query: Object.fromEntries(rest.map(([name, value]) => [name, textOf(value)])),
    token: attempt.token === undefined ? {} : { token: attempt.token },
  };
}

/** A stream is left as soon as it begins. */
async function statusOf(request: string, call: { readonly token?: string | null }): Promise<Answer> {
  if (!request.includes("/tail")) return await api.call(request, call);
  const abort = new AbortController();
  const response = await fetch(`${api.url}/api/v1/admin${request.replace("GET ", "")}`, {
    headers: { authorization: `Bearer ${api.ownerToken}` },
    signal: abort.signal,
  });
  const isStream = response.ok;
  const text = isStream ? "" : await response.text();
  abort.abort();
  return { status: response.status, headers: response.headers, text, body: isStream ? {} : JSON.parse(text) };
}

function brokenQueries({ properties = {} }: Schema): (readonly [string, string])[] {
  const odd = Object.entries(properties).flatMap(([name, schema]) => {
    const numbers = [
      "abc",
      "0.5",
      "NaN",
      "Infinity",
      "-1",
      "0",
      "",
      "1e999",
      "99999999999999999999",
      "0x10 ",
    ];
    const isNumber = schema.type === "integer";
    return [
      ...(isNumber ? numbers : []),
      ...(schema.enum === undefined && schema.anyOf === undefined ? [] : ["no such value", ""]),
      ...(schema.maxLength === undefined ? [] : ["x".repeat(schema.maxLength + 1)]),
      ...(schema.minLength === undefined ? [] : [""]),
      ...(schema.pattern === undefined ? [] : ["not of the form", ""]),
      "a\u0000b",
    ].map((value) => [name, value] as const);
  });
  return [
    ...odd,
    ["no_such_member", "1"],
    ["__proto__", "1"],
    ["constructor", "1"],
    ["a[b]", "1"],
    ["limit[]", "1"],
  ];
}

/** The members of a call that succeeds, and what is to be broken. */
function rightBesides(
  { members }: Tried,
  given: {
    readonly value: unknown;
    readonly input: Readonly<Record<string, unknown>>;
    readonly breakage: Breakage;
  },
): unknown {
  const broken = String(given.breakage.path[0]);
  const all = given.value as Readonly<Record<string, unknown>>;
  const right = Object.entries(given.input).filter(([name]) => Object.hasOwn(members.properties ?? {}, name));
  return { ...Object.fromEntries(right), [broken]: all[broken] };
}

function isOpaque({ path }: Tried, { path: place, what }: Breakage): boolean {
  return path.startsWith("/auth/") && opaque.has(String(place[0])) && what.startsWith("with ");
}

/** Also where a field around it or inside of it is named. */
function namesPlace(answer: Answer, place: string): boolean {
  if (answer.status < 400 || answer.status >= 500) return false;
  return fieldsOf(answer).some(
    (path) => path === place || place.startsWith(`${path}.`) || path.startsWith(`${place}.`),
  );
}

function fieldsOf(answer: Answer): readonly string[] {
  const fields = (answer.body["error"]?.["fields"] ?? []) as unknown as readonly { readonly path: string }[];
  return fields.map(({ path }) => path.replaceAll(/\[(\d+)\]/g, ".$1"));
}

function codeOf(answer: Answer): string | undefined {
  return answer.body["error"]?.["code"] as unknown as string | undefined;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Every change leaves an entry in the audit log (see `audit.test.ts`), or opens a session. */
async function changes(): Promise<unknown> {
  const [row] = await api.platform.db.read`
    select (select count(*) from audit) as audit, (select count(*) from sessions) as sessions,
      (select count(*) from users) as users, (select count(*) from user_totp) as factors`;
  return row;
}
