/** The few calls of the admin API that fault tests make without `pic`, so that a fault of the one is not taken for one of
 *  the other. */
import { createHash } from "node:crypto";
import type { RunningServer } from "./start-server.ts";

export interface RawApi {
  readonly token: string;
  /** Deploys a script of the app `default` under a route such as `GET /path`. */
  deploy(name: string, source: string, route: string): Promise<void>;
  get(path: string): Promise<Response>;
  /** The answer's JSON; throws unless it is 2xx. */
  post(path: string, body: unknown): Promise<unknown>;
  patch(path: string, body: unknown): Promise<unknown>;
}

/** Makes the first owner of a fresh server. */
export async function firstOwner(server: RunningServer): Promise<RawApi> {
  const answer = await fetch(`${server.url}/api/v1/admin/auth/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: server.setupToken, username: "owner", password: "a long password" }),
  });
  if (!answer.ok) throw new Error(`set-up: ${answer.status} ${await answer.text()}`);
  const { token } = (await answer.json()) as { token: string };
  return rawApi(server, token);
}

/** Goes on with a session of an earlier start. */
export function rawApi(server: RunningServer, token: string): RawApi {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const admin = `${server.url}/api/v1/admin`;
  const send = async (method: string, path: string, body: unknown): Promise<unknown> => {
    const answer = await fetch(`${admin}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  };
  const post = async (path: string, body: unknown): Promise<unknown> => await send("POST", path, body);
  return {
    token,
    deploy: async (name, source, route) => {
      const [method, path] = route.split(" ");
      const source_hash = createHash("sha256").update(source).digest("hex");
      const manifest = { scripts: [{ name, source, source_hash, routes: [{ method, path }] }] };
      const { base } = (await post("/apps/default/deployments/plan", manifest)) as { base: string };
      await post("/apps/default/deployments", { ...manifest, base });
    },
    post,
    patch: async (path, body) => await send("PATCH", path, body),
    get: async (path) => await fetch(`${admin}${path}`, { headers }),
  };
}
