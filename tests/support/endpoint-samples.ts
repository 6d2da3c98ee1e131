/** Calls any endpoint of TABLE 1 with input that fits its schema. */
import type { Endpoint } from "../../packages/server/src/control-plane/endpoint-table.ts";
import type { Answer, TestApi } from "./test-api.ts";

const unknownId = "0190a0a0-0000-7000-8000-00000000abcd";
const sha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Input that fits the schema, for the endpoints that can't do without; in a query for GET. */
const samples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "users.login": { username: "nobody", password: "not a password" },
  "users.setup": { token: "setup_x", username: "nobody", password: "long enough" },
  "users.accept_invite": { token: "invite_x", password: "long enough" },
  "users.reset_password": { token: "reset_x", password: "long enough" },
  "users.change_password": { old_password: "not a password", new_password: "long enough" },
  "users.begin_totp": { password: "not a password" },
  "users.confirm_totp": { totp: "000000" },
  "users.remove_totp": { password: "not a password" },
  "users.create": { username: "somebody", password: "long enough" },
  "users.invite": { username: "somebody-else" },
  "api_keys.create": { name: "a", scopes: ["script:read"] },
  "members.create": { user: "nobody-here", role: "viewer" },
  "members.update": { role: "viewer" },
  "domains.create": { host: "app.example.org" },
  "scripts.create": { name: "a", source: "export default () => 1" },
  "scripts.rollback": { version: 1 },
  "scripts.diff": { from: 1, to: 2 },
  "routes.create": { method: "GET", path: "/x" },
  "deployments.plan": { scripts: [{ name: "a", source_hash: sha256OfNothing }] },
  "deployments.apply": { base: "x", scripts: [{ name: "a", source_hash: sha256OfNothing }] },
  "triggers.create": { script: "a", collection_glob: "*" },
  "kv.set": { value: 1 },
  "kv.import": { entries: [{ key: "a", value: 1 }] },
  "docs.create": { data: {} },
  "docs.update": { data: {} },
  "docs.patch": { data: {} },
  "docs.create_index": { fields: ["a"] },
  "files.create": { name: "a.txt" },
  "files.update": { name: "a.txt" },
  "files.url": { expires: "1h" },
  "queue.send": { data: 1 },
  "pubsub.publish": { topic: "a.b", message: 1 },
  "dead_letters.replay_many": { filter: { source: "nothing" } },
  "dead_letters.resolve": { reason: "ignored" },
};

/** Members of the input beside path parameters. */
export function sampleOf(endpoint: Endpoint): Readonly<Record<string, unknown>> {
  return samples[`${endpoint.feature}.${endpoint.name}`] ?? {};
}

interface EndpointCall {
  readonly input: Readonly<Record<string, unknown>>;
  /** Values of path parameters; the rest names what does not exist. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly token?: string | null;
}

export async function callEndpoint(api: TestApi, endpoint: Endpoint, call: EndpointCall): Promise<Answer> {
  const path = endpoint.path.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => call.parameters?.[name] ?? unknownParameter(name),
  );
  const isQuery = endpoint.method === "GET" || endpoint.bytes === "in";
  const query = new URLSearchParams(
    // Not String(value): an object may bring a "toString" of its own.
    Object.entries(call.input).map(([name, value]) => [
      name,
      typeof value === "string" ? value : (JSON.stringify(value) ?? ""),
    ]),
  ).toString();
  return await api.call(`${endpoint.method} ${path}${isQuery && query !== "" ? `?${query}` : ""}`, {
    ...(call.token === undefined ? {} : { token: call.token }),
    ...(isQuery ? {} : { body: call.input }),
  });
}

function unknownParameter(name: string): string {
  if (name === "app") return "no-such-app";
  if (name === "version") return "1";
  if (name === "kind") return "kv";
  return name === "id" ? unknownId : `no-such-${name}`;
}
