/** Calls as a reader can copy them: `curl` for every endpoint of the OpenAPI document, and `pic` where there is a verb. */
import type { EndpointMeta, FeatureContract } from "@picloud/contract";
import type { Endpoint } from "./endpoint-table.ts";

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** What a member is in examples, by its name, which means the same in every endpoint. A test parses each example. */
const byName: Readonly<Record<string, unknown>> = {
  base: "…",
  collection_glob: "orders",
  content_type: "text/plain",
  data: { total: 12 },
  enabled: true,
  entries: [{ key: "42", value: { total: 12 } }],
  expires: "1h",
  fields: ["total"],
  filter: { code: "script_error", since: "12h" },
  from: 1,
  host: "app.example.org",
  message: { id: "17" },
  method: "GET",
  name: "hello",
  new_password: "a sentence of your own",
  old_password: "the one until now",
  password: "a sentence of your own",
  path: "/hello",
  reason: "replayed",
  role: "viewer",
  scopes: ["script:read"],
  script: "hello",
  scripts: [{ name: "hello", source_hash: emptyHash }],
  slug: "shop",
  source: 'export default () => "hello";',
  to: 2,
  token: "…",
  topic: "orders.created",
  totp: "123456",
  user: "grace",
  username: "grace",
  value: { total: 12 },
  version: 1,
};

/** Path parameters that stand for themselves; the others are variables of the shell, such as `$ID`. */
const inPaths: Readonly<Record<string, string>> = {
  collection: "orders",
  host: "app.example.org",
  key: "42",
  kind: "kv",
  name: "orders",
  slug: "shop",
  version: "1",
};

/** The part of a JSON schema that says what an object needs. */
export interface ObjectSchema {
  readonly required?: readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
}

/** Members that a schema calls optional because one of several is needed. */
const alsoNeeded: Readonly<Record<string, readonly string[]>> = {
  "files.update": ["name"],
  "triggers.create": ["script", "collection_glob"],
};

/** The members that `schema` can't do without; of a change, which can do without any, one. Throws for a member that has
 *  no example yet. */
export function exampleOf(
  schema: ObjectSchema,
  endpoint: Pick<Endpoint, "feature" | "name" | "method">,
): Readonly<Record<string, unknown>> {
  const names = [...(schema.required ?? []), ...(alsoNeeded[`${endpoint.feature}.${endpoint.name}`] ?? [])];
  if (names.length === 0 && endpoint.method === "PATCH")
    names.push(
      ...Object.keys(schema.properties ?? {})
        .filter((name) => Object.hasOwn(byName, name))
        .slice(0, 1),
    );
  return Object.fromEntries(names.map((name) => [name, exampleMember(schema, name)]));
}

function exampleMember(schema: ObjectSchema, name: string): unknown {
  const member = schema.properties?.[name];
  // Roles of the instance and of an app share a name.
  if (isRecord(member) && Array.isArray(member["enum"]) && !member["enum"].includes(byName[name]))
    return member["enum"][0] as unknown;
  if (!Object.hasOwn(byName, name)) throw new Error(`openapi-examples.ts has no example of ${name}`);
  return byName[name];
}

/** `curl` for `$PICLOUD_URL`, with `$PICLOUD_TOKEN` where a principal is needed. `query` and `body` are examples. */
export function curlExample(
  endpoint: Pick<Endpoint, "method" | "path" | "capability" | "bytes">,
  input: {
    readonly query: Readonly<Record<string, unknown>>;
    readonly body: Readonly<Record<string, unknown>> | undefined;
  },
): string {
  const path = endpoint.path.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => inPaths[name] ?? `$${name.toUpperCase()}`,
  );
  const query = new URLSearchParams(
    Object.entries(input.query).map(([name, value]) => [name, String(value)]),
  );
  const url = `"$PICLOUD_URL/api/v1/admin${path}${query.size === 0 ? "" : `?${query.toString()}`}"`;
  const lines = [endpoint.method === "GET" ? `curl ${url}` : `curl -X ${endpoint.method} ${url}`];
  if (endpoint.capability !== "none") lines.push('-H "authorization: Bearer $PICLOUD_TOKEN"');
  if (endpoint.bytes === "in") lines.push('-H "content-type: text/plain"', "--data-binary 'hello'");
  if (input.body !== undefined) {
    lines.push('-H "content-type: application/json"');
    lines.push(`-d '${JSON.stringify(input.body).replaceAll("'", String.raw`'\''`)}'`);
  }
  return lines.join(" \\\n  ");
}

/** `pic members add <user> <role> --app $APP`. */
export function picExample(contract: FeatureContract, endpoint: Endpoint): string | undefined {
  const { cli }: EndpointMeta = endpoint.procedure["~orpc"].meta;
  if (cli === undefined || contract.noun === undefined) return undefined;
  const words = ["pic", contract.noun, cli.verb, ...(cli.positionals ?? []).map((name) => `<${name}>`)];
  return [...words, ...(endpoint.path.startsWith("/apps/{app}/") ? ["--app $APP"] : [])].join(" ");
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
