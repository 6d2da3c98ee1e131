/** The few calls of the admin API that benchmarks need. */
import { createHash } from "node:crypto";
import type { RunningServer } from "../tests/support/start-server.ts";

export interface AdminClient {
  /** Of the owner's session. */
  readonly sessionToken: string;
  /** The token of a new API key that may read. */
  mintKey(): Promise<string>;
  createApp(slug: string): Promise<void>;
  deploy(app: string, script: ScriptSpec): Promise<void>;
  addKvTrigger(app: string, script: string, collection: string): Promise<void>;
  addPubsubTrigger(app: string, script: string, topic: string): Promise<void>;
  /** The value of a kv entry, `undefined` if there is none. */
  kvValue(app: string, collection: string, key: string): Promise<unknown>;
  /** Id of an app. */
  appId(slug: string): Promise<string>;
}

export interface ScriptSpec {
  readonly name: string;
  readonly source: string;
  /** `GET /path`; without it the script has no route. */
  readonly route?: string;
  readonly limits?: Readonly<Record<string, number>>;
}

/** Makes the first owner of a fresh server and logs in as it. */
export async function firstOwner(server: RunningServer): Promise<AdminClient> {
  const token = await setup(server);
  const call = async (method: string, path: string, body?: unknown): Promise<Response> =>
    await fetch(`${server.url}/api/v1/admin${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const ok = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await call(method, path, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  };
  return {
    sessionToken: token,
    mintKey: async () => {
      const minted = await ok("POST", "/api_keys", { name: "bench", scopes: ["script:read"] });
      return (minted as { raw_token: string }).raw_token;
    },
    createApp: async (slug) => void (await ok("POST", "/apps", { slug })),
    deploy: async (app, script) => {
      const manifest = manifestOf(script);
      const { base } = (await ok("POST", `/apps/${app}/deployments/plan`, manifest)) as { base: string };
      await ok("POST", `/apps/${app}/deployments`, { ...manifest, base });
    },
    addKvTrigger: async (app, script, collection) =>
      void (await ok("POST", `/apps/${app}/triggers/kv`, { script, collection_glob: collection })),
    addPubsubTrigger: async (app, script, topic) =>
      void (await ok("POST", `/apps/${app}/triggers/pubsub`, { script, topic_pattern: topic })),
    kvValue: async (app, collection, key) => {
      const answer = await call("GET", `/apps/${app}/kv/${collection}/${key}`);
      if (answer.status === 404) return undefined;
      return ((await answer.json()) as { value: unknown }).value;
    },
    appId: async (slug) => ((await ok("GET", `/apps/${slug}`)) as { id: string }).id,
  };
}

async function setup(server: RunningServer): Promise<string> {
  const answer = await fetch(`${server.url}/api/v1/admin/auth/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: server.setupToken, username: "owner", password: "a long password" }),
  });
  if (!answer.ok) throw new Error(`set-up: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { token: string }).token;
}

function manifestOf({ name, source, route, limits }: ScriptSpec): object {
  const [method, path] = route?.split(" ") ?? [];
  return {
    scripts: [
      {
        name,
        source,
        source_hash: createHash("sha256").update(source).digest("hex"),
        ...(limits === undefined ? {} : { limits }),
        ...(route === undefined ? {} : { routes: [{ method, path }] }),
      },
    ],
  };
}
