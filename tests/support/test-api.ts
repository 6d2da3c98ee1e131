/** The admin API on a database and a port of its own, with an owner who is logged in. No data plane. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseConfig } from "../../packages/server/src/config.ts";
import type { Environment } from "../../packages/server/src/config.ts";
import { contracts } from "../../packages/server/src/contract.ts";
import { createApi } from "../../packages/server/src/control-plane/api.ts";
import { createAuthenticator } from "../../packages/server/src/control-plane/authenticate.ts";
import { bootstrap } from "../../packages/server/src/control-plane/bootstrap.ts";
import { appContents, createFeatures } from "../../packages/server/src/features.ts";
import type { Features } from "../../packages/server/src/features.ts";
import { removeAll } from "../../packages/server/src/features/apps/app-remover.service.ts";
import { createRecorder } from "../../packages/server/src/features/executions/executions.service.ts";
import { openFolderStore } from "../../packages/server/src/platform/file-store/folder-store.ts";
import type { Logger } from "../../packages/server/src/platform/logger.ts";
import { silentLogger } from "../../packages/server/src/platform/logger.ts";
import type { Platform } from "../../packages/server/src/platform/platform.ts";
import { scriptHostOf } from "../../packages/server/src/platform/script-host.ts";
import { lonelyTopics } from "./lonely-topics.ts";
import { createSignals } from "../../packages/server/src/platform/signals.ts";
import { testDatabase } from "./template-database.ts";
import { testFolder } from "./test-files.ts";

/** A JSON answer; tests look into `body` by name. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
}
export interface Json {
  readonly [name: string]: Json;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent: the owner's; null: none. */
  readonly token?: string | null;
}

export interface TestApi {
  readonly url: string;
  readonly platform: Platform;
  readonly features: Features;
  readonly ownerToken: string;
  /** `call("POST /apps", {…})`: path below `/api/v1/admin`, or from `//` on any path of the server. */
  call(request: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

interface TestApiOptions {
  readonly environment?: Environment;
  readonly log?: Logger;
}

/** A member that must be text, such as an id. */
export function textOf(value: Json | undefined): string {
  const text: unknown = value;
  if (typeof text !== "string") throw new Error(`not text: ${JSON.stringify(value)}`);
  return text;
}

export const ownerLogin = { username: "owner", password: "correct horse battery" } as const;

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const database = await testDatabase();
  const place = testFolder();
  const environment = {
    PICLOUD_BOOTSTRAP_ADMIN_USERNAME: ownerLogin.username,
    PICLOUD_BOOTSTRAP_ADMIN_PASSWORD: ownerLogin.password,
    ...options.environment,
  };
  const platform: Platform = {
    config: parseConfig(environment, { workingFolder: "/", isRoot: false, cores: 1 }),
    db: database.db,
    signals: createSignals(),
    topics: lonelyTopics(database),
    files: openFolderStore(place.folder),
    scriptHost: scriptHostOf(contracts),
    log: options.log ?? silentLogger,
    now: Date.now,
    nodeId: database.nodeId,
  };
  await bootstrap(platform);
  const recorder = createRecorder(platform);
  const features = createFeatures(platform, recorder, {
    open: () => "none_free",
    held: () => 0,
    most: () => 0,
  });
  const authenticator = createAuthenticator(platform);
  const about = { version: "0.0.0-test", schema: "0" };
  const api = createApi({ platform, contracts, features, authenticator, about });
  const server = createServer((request, response) => {
    api(request, response).then(
      (isAnswered) => isAnswered || response.writeHead(418).end(),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const login = await send(url, null, "POST /auth/login", { body: ownerLogin });
  const ownerToken = login.status === 200 ? textOf(login.body["token"]) : "";
  return {
    url,
    platform,
    features,
    ownerToken,
    call: async (request, call = {}) => await send(url, ownerToken, request, call),
    close: async () => {
      authenticator.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await recorder.close();
      await database.drop();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** What a node does in the background: nothing is left of apps that were deleted. */
export async function removeDeletedApps({ platform }: Pick<TestApi, "platform">): Promise<void> {
  await removeAll({ platform, contents: appContents }, new AbortController().signal);
}

async function send(
  url: string,
  owner: string | null,
  request: string,
  options: CallOptions,
): Promise<Answer> {
  const [method = "GET", path = "/"] = request.split(/ (.*)/);
  const token = options.token === undefined ? owner : options.token;
  const hasBody = options.body !== undefined;
  const response = await fetch(
    path.startsWith("//") ? `${url}${path.slice(1)}` : `${url}/api/v1/admin${path}`,
    {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(hasBody ? { "content-type": "application/json" } : {}),
        ...options.headers,
      },
      ...(hasBody
        ? { body: typeof options.body === "string" ? options.body : JSON.stringify(options.body) }
        : {}),
    },
  );
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json" && text !== "";
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Json,
  };
}
