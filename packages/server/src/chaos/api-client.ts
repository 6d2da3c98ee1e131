/** The few calls of the server's API that the check makes. */
import { createHash } from "node:crypto";

export interface ApiAnswer {
  /** 0 when no answer came. */
  readonly status: number;
  readonly body: unknown;
  /** Nothing was listening: the request did not reach the server. */
  readonly isUnsent: boolean;
}

const TIMEOUT_MS = 30_000;

export interface ApiRequest {
  readonly url: string;
  readonly method: string;
  readonly body?: unknown;
  readonly token?: string | undefined;
}

/** Never throws for what a fault may do to a request. */
export async function ask(request: ApiRequest): Promise<ApiAnswer> {
  const { url, method, body, token } = request;
  try {
    const answer = await fetch(url, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    return { status: answer.status, body: parse(text), isUnsent: false };
  } catch (error) {
    return { status: 0, body: undefined, isUnsent: isRefused(error) };
  }
}

/** The whole of the answer may not have come. */
function parse(text: string): unknown {
  try {
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

export interface AdminClient {
  readonly token: string;
  /** The answer's body; throws unless it is 2xx. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** Logs in; works for any node of the instance. */
export async function logIn(
  url: () => string,
  owner: { readonly username: string; readonly password: string },
): Promise<AdminClient> {
  const call = async (method: string, path: string, body?: unknown, token?: string): Promise<unknown> => {
    const answer = await ask({ url: `${url()}/api/v1/admin${path}`, method, body, token });
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const token = textOf(await call("POST", "/auth/login", owner), "token");
  return { token, call: async (method, path, body) => await call(method, path, body, token) };
}

/** A member of an answer that is text by the contract. */
export function textOf(body: unknown, name: string): string {
  const value = memberOf(body, name);
  if (typeof value !== "string") throw new Error(`an answer has no ${name}: ${JSON.stringify(body)}`);
  return value;
}

/** A member of what may be an object. */
export function memberOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
}

export interface ChaosScript {
  readonly name: string;
  readonly language: "typescript" | "rhai";
  readonly source: string;
  readonly routes: readonly { readonly method: string; readonly path: string }[];
}

/** All of them in one deployment. */
export async function deploy(
  admin: AdminClient,
  app: string,
  scripts: readonly ChaosScript[],
): Promise<void> {
  const manifest = {
    scripts: scripts.map((script) => ({
      ...script,
      source_hash: createHash("sha256").update(script.source).digest("hex"),
    })),
  };
  const base = textOf(await admin.call("POST", `/apps/${app}/deployments/plan`, manifest), "base");
  await admin.call("POST", `/apps/${app}/deployments`, { ...manifest, base });
}
