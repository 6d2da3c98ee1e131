/** Every endpoint: who may call it by `api.md` §9, and a call that succeeds for them. Not taken from the contracts: it is what
 *  they are compared with. A new endpoint needs a line here. */
import { createHash } from "node:crypto";
import { callers, here, insertKey, insertSession, insertUser, makeCaller } from "./callers.ts";
import { freshName } from "./resources.ts";
import type { Resources } from "./resources.ts";
import { ownersOnly, ownSession, specVerdict } from "./spec-permissions.ts";
import type { Facts, Verdict } from "./spec-permissions.ts";
import { ownerLogin, textOf } from "./test-api.ts";
import type { TestApi } from "./test-api.ts";

export interface Stage {
  readonly api: TestApi;
  readonly here: Resources;
  readonly facts: Facts;
}

/** Path parameters and members of the input, flat; `token` instead of the caller's own. `isUsedUp`: not for the next caller
 *  too, also where it was refused. */
export interface Attempt {
  readonly input?: Readonly<Record<string, unknown>>;
  readonly token?: string | null;
  readonly isUsedUp?: boolean;
}

/** `nothing`: open to all. `principal`: any user or key. A name: a capability. */
export type Needs =
  | "nothing"
  | "principal"
  | `App${string}`
  | `Instance${string}`
  | ((facts: Facts) => Verdict);

export type Line = readonly [needs: Needs, make?: (stage: Stage) => Promise<Attempt> | Attempt];

const scopeOfKeys = "script:read";
const password = "long enough to pass";

/** An input without members: of no use, and told so with 422 after the check of who calls. */
const empty = (): Attempt => ({ input: {} });
const input =
  (members: (stage: Stage) => Promise<Readonly<Record<string, unknown>>>) =>
  async (stage: Stage): Promise<Attempt> => ({ input: await members(stage) });

/** Somebody like the caller, whose sessions and password may be used up. */
const double = async (stage: Stage, members: Readonly<Record<string, unknown>> = {}): Promise<Attempt> => ({
  input: members,
  token: (await makeCaller(stage.api, stage.facts)).token,
  isUsedUp: true,
});

const holds = (facts: Facts, capability: string): boolean =>
  [undefined, ...Object.keys(facts.in ?? {})].some((app) => specVerdict(facts, capability, app) === "may");

/** Sessions of one's own by a session; a key needs to manage users. */
const ownSessions = (facts: Facts): Verdict =>
  facts.kind === "user" ? "may" : specVerdict(facts, "InstanceManageUsers");

/** A session of somebody else is not there for who does not manage users. */
const hidden =
  (rule: (facts: Facts) => Verdict) =>
  (facts: Facts): Verdict => {
    const verdict = rule(facts);
    return verdict === 403 && specVerdict(facts, "InstanceManageUsers") !== "may" ? 404 : verdict;
  };
const managesUsers = (facts: Facts): Verdict => specVerdict(facts, "InstanceManageUsers");

/** All of several capabilities in the app. */
const all =
  (...capabilities: readonly string[]) =>
  (facts: Facts): Verdict =>
    capabilities.map((each) => specVerdict(facts, each, here)).find((each) => each !== "may") ?? "may";

const user = async ({ api }: Stage, role: "member" | "owner" = "member"): Promise<string> =>
  await insertUser(api, { kind: "user", role });

async function script({ here: resources }: Stage): Promise<string> {
  return await (shared.get(resources) ?? remember(resources));
}
/** One script for all that only read it. */
const shared = new WeakMap<Resources, Promise<string>>();
async function remember(resources: Resources): Promise<string> {
  const made = resources.script();
  shared.set(resources, made);
  return await made;
}

async function manifest(stage: Stage, routes: readonly object[] = []): Promise<Record<string, unknown>> {
  const source = `export default () => "${freshName()}"`;
  const source_hash = createHash("sha256").update(source).digest("hex");
  const scripts = [{ name: freshName(), source, source_hash, routes }];
  const plan = await stage.api.call(`POST /apps/${here}/deployments/plan`, { body: { scripts } });
  return { scripts, base: textOf(plan.body["base"]) };
}
const planOf = ({ scripts }: Record<string, unknown>): Record<string, unknown> => ({ scripts });

/** An app where everybody has the roles that they have in `here`, and the caller's key is bound to if to `here`. */
async function doomedApp({ api, facts }: Stage): Promise<Attempt> {
  const { write } = api.platform.db;
  const slug = freshName();
  const app = textOf((await api.call("POST /apps", { body: { slug } })).body["id"]);
  await write`insert into members (app_id, user_id, role)
    select ${app}, user_id, role from members where app_id = (select id from apps where slug = ${here})`;
  api.platform.signals.send("access");
  const attempt = { input: { app, force: true }, isUsedUp: true };
  if (facts.boundTo !== here) return attempt;
  const owner = await insertUser(api, { kind: "user", role: "owner" });
  return { ...attempt, token: await insertKey(api, owner, { ...facts, boundTo: slug }) };
}

const accounts: Readonly<Record<string, Line>> = {
  "POST /auth/login": ["nothing", empty],
  "POST /auth/setup": ["nothing", empty],
  "POST /auth/invites/accept": ["nothing", empty],
  "POST /auth/password_reset": ["nothing", empty],
  "POST /auth/logout": ["principal", double],
  "GET /auth/me": ["principal"],
  "POST /auth/password": [
    ownSession,
    async (stage) => await double(stage, { old_password: ownerLogin.password, new_password: password }),
  ],
  "POST /auth/totp": [ownSession, async (stage) => await double(stage, { password: ownerLogin.password })],
  "POST /auth/totp/confirm": [
    // Nothing was begun: that is told to a session only.
    (facts) => (facts.kind === "user" ? 404 : ownSession(facts)),
    async (stage) => await double(stage, { totp: "000000" }),
  ],
  "DELETE /auth/totp": [ownSession, async (stage) => await double(stage, { password: ownerLogin.password })],
  "GET /users": ["InstanceManageUsers"],
  "POST /users": [
    "InstanceManageUsers",
    input(async () => await Promise.resolve({ username: freshName(), password })),
  ],
  "POST /users#an owner": [
    ownersOnly,
    input(async () => await Promise.resolve({ username: freshName(), password, role: "owner" })),
  ],
  "POST /users/invites": [
    "InstanceManageUsers",
    input(async () => await Promise.resolve({ username: freshName() })),
  ],
  "POST /users/invites#an owner": [
    ownersOnly,
    input(async () => await Promise.resolve({ username: freshName(), role: "owner" })),
  ],
  "GET /users/{id}": ["InstanceManageUsers", input(async (stage) => ({ id: await user(stage) }))],
  "PATCH /users/{id}": [
    "InstanceManageUsers",
    input(async (stage) => ({ id: await user(stage), role: "admin" })),
  ],
  "PATCH /users/{id}#into an owner": [
    ownersOnly,
    input(async (stage) => ({ id: await user(stage), role: "owner" })),
  ],
  "PATCH /users/{id}#an owner": [
    ownersOnly,
    input(async (stage) => ({ id: await user(stage, "owner"), disabled: true })),
  ],
  "POST /users/{id}/reset": ["InstanceManageUsers", input(async (stage) => ({ id: await user(stage) }))],
  "POST /users/{id}/reset#an owner": [
    ownersOnly,
    input(async (stage) => ({ id: await user(stage, "owner") })),
  ],
  "DELETE /users/{id}": ["InstanceManageUsers", input(async (stage) => ({ id: await user(stage) }))],
  "DELETE /users/{id}#an owner": [ownersOnly, input(async (stage) => ({ id: await user(stage, "owner") }))],
};

const credentials: Readonly<Record<string, Line>> = {
  "GET /sessions": [ownSessions],
  "GET /sessions#of a user": [managesUsers, input(async (stage) => ({ user_id: await user(stage) }))],
  "GET /sessions#of an owner": [
    ownersOnly,
    input(async (stage) => ({ user_id: await user(stage, "owner") })),
  ],
  "DELETE /sessions": [ownSessions, double],
  "DELETE /sessions#of a user": [managesUsers, input(async (stage) => ({ user_id: await user(stage) }))],
  "DELETE /sessions#of an owner": [
    ownersOnly,
    input(async (stage) => ({ user_id: await user(stage, "owner") })),
  ],
  "DELETE /sessions/{id}": [
    hidden(ownSessions),
    async ({ api, facts }) => {
      const { token, userId } = await makeCaller(api, facts);
      if (userId === undefined) return { input: {}, token, isUsedUp: true };
      return { input: { id: (await insertSession(api, userId)).sessionId }, token, isUsedUp: true };
    },
  ],
  "DELETE /sessions/{id}#of a user": [
    hidden(managesUsers),
    input(async (stage) => ({ id: (await insertSession(stage.api, await user(stage))).sessionId })),
  ],
  "DELETE /sessions/{id}#of an owner": [
    hidden(ownersOnly),
    input(async (stage) => ({ id: (await insertSession(stage.api, await user(stage, "owner"))).sessionId })),
  ],
  "GET /api_keys": [ownSession],
  "POST /api_keys": [
    // Who holds nothing of a scope gets no key of it.
    (facts) => (ownSession(facts) === "may" && !holds(facts, "AppReadScript") ? 403 : ownSession(facts)),
    input(async () => await Promise.resolve({ name: "a", scopes: [scopeOfKeys] })),
  ],
  "DELETE /api_keys/{id}": [
    ownSession,
    async ({ api, facts }) => {
      const { token, userId } = await makeCaller(api, facts);
      if (userId === undefined) return { input: {}, token, isUsedUp: true };
      await insertKey(api, userId, { kind: "key", scopes: [scopeOfKeys] });
      const [key] = await api.platform.db.read<{ id: string }[]>`
        select id from api_keys where user_id = ${userId} order by id desc limit 1`;
      return { input: { id: key?.id }, token, isUsedUp: true };
    },
  ],
};

const apps: Readonly<Record<string, Line>> = {
  "GET /apps": ["principal"],
  "POST /apps": ["InstanceManageApps", input(async () => await Promise.resolve({ slug: freshName() }))],
  "GET /apps/{app}": ["AppRead"],
  "PATCH /apps/{app}": ["AppManage", input(async () => await Promise.resolve({ name: freshName() }))],
  "DELETE /apps/{app}": ["AppManage", doomedApp],
  "GET /reserved_slugs": ["InstanceManageApps"],
  "DELETE /reserved_slugs/{slug}": [
    "InstanceManageApps",
    input(async ({ api }) => {
      const slug = freshName();
      await api.call("POST /apps", { body: { slug } });
      await api.call(`DELETE /apps/${slug}`);
      return { slug };
    }),
  ],
  "GET /apps/{app}/audit": ["AppReadAudit"],
  "GET /audit": ["InstanceReadAudit"],
  "GET /apps/{app}/members": ["AppManageMembers"],
  "POST /apps/{app}/members": [
    "AppManageMembers",
    input(async (stage) => ({ user: await user(stage), role: "viewer" })),
  ],
  "PATCH /apps/{app}/members/{user_id}": [
    "AppManageMembers",
    input(async (stage) => ({ user_id: await stage.here.member(), role: "editor" })),
  ],
  "DELETE /apps/{app}/members/{user_id}": [
    "AppManageMembers",
    input(async (stage) => ({ user_id: await stage.here.member() })),
  ],
  "GET /apps/{app}/domains": ["AppRead"],
  "POST /apps/{app}/domains": [
    "AppManageDomains",
    input(async () => await Promise.resolve({ host: `${freshName()}.example.org` })),
  ],
  "POST /apps/{app}/domains/{host}/verify": [
    "AppManageDomains",
    input(async (stage) => ({ host: await stage.here.host() })),
  ],
  "POST /apps/{app}/domains/{host}/approve": [
    "InstanceManageApps",
    input(async (stage) => ({ host: await stage.here.host() })),
  ],
  "DELETE /apps/{app}/domains/{host}": [
    "AppManageDomains",
    input(async (stage) => ({ host: await stage.here.host() })),
  ],
  "GET /reserved_hosts": ["InstanceManageApps"],
  "DELETE /reserved_hosts/{host}": [
    "InstanceManageApps",
    input(async (stage) => {
      const host = await stage.here.host();
      await stage.api.call(`DELETE /apps/${here}/domains/${host}`);
      return { host };
    }),
  ],
};

const oneScript = input(async (stage) => ({ id: await script(stage) }));
const freshScript = input(async (stage) => ({ id: await stage.here.script() }));
const oneCron = input(async (stage) => ({ id: await stage.here.cronTrigger() }));
const oneTrigger = input(async (stage) => ({ id: await stage.here.trigger() }));

const code: Readonly<Record<string, Line>> = {
  "GET /apps/{app}/scripts": ["AppReadScript"],
  "GET /scripts": ["principal"],
  "POST /apps/{app}/scripts": [
    "AppWriteScript",
    input(async () => await Promise.resolve({ name: freshName(), source: "export default () => 1" })),
  ],
  "GET /scripts/{id}": ["AppReadScript", oneScript],
  "PATCH /scripts/{id}": [
    "AppWriteScript",
    input(async (stage) => ({ id: await script(stage), enabled: true })),
  ],
  "DELETE /scripts/{id}": ["AppDeleteScript", freshScript],
  "GET /scripts/{id}/versions": ["AppReadScript", oneScript],
  "GET /scripts/{id}/versions/{version}": [
    "AppReadScript",
    input(async (stage) => ({ id: await script(stage), version: 1 })),
  ],
  "GET /scripts/{id}/diff": [
    "AppReadScript",
    input(async (stage) => ({ id: await script(stage), from: 1, to: 1 })),
  ],
  "GET /scripts/{id}/imports": ["AppReadScript", oneScript],
  "GET /scripts/{id}/importers": ["AppReadScript", oneScript],
  "POST /scripts/{id}/rollback": [
    "AppWriteScript",
    input(async (stage) => ({ id: await script(stage), version: 1 })),
  ],
  "GET /apps/{app}/routes": ["AppReadScript"],
  "GET /scripts/{id}/routes": ["AppReadScript", oneScript],
  "POST /scripts/{id}/routes": [
    "AppManageRoutes",
    input(async (stage) => ({ id: await script(stage), method: "GET", path: `/${freshName()}` })),
  ],
  "PATCH /apps/{app}/routes/{id}": [
    "AppManageRoutes",
    input(async (stage) => ({ id: await stage.here.route(), enabled: false })),
  ],
  "DELETE /apps/{app}/routes/{id}": [
    "AppManageRoutes",
    input(async (stage) => ({ id: await stage.here.route() })),
  ],
  "GET /apps/{app}/deployments": ["AppWriteScript"],
  "POST /apps/{app}/deployments/plan": [
    "AppWriteScript",
    input(async (stage) => planOf(await manifest(stage))),
  ],
  "POST /apps/{app}/deployments/plan#with a route": [
    all("AppWriteScript", "AppManageRoutes"),
    input(async (stage) => planOf(await manifest(stage, [{ method: "GET", path: `/${freshName()}` }]))),
  ],
  "POST /apps/{app}/deployments/plan#that deletes scripts": [
    all("AppWriteScript", "AppDeleteScript"),
    // The routes that go with a script that is deleted are no change of routes by themselves.
    input(async (stage) => ({ ...planOf(await manifest(stage)), prune: true })),
  ],
  "POST /apps/{app}/deployments": ["AppWriteScript", input(async (stage) => await manifest(stage))],
  "POST /apps/{app}/deployments#with a route": [
    all("AppWriteScript", "AppManageRoutes"),
    input(async (stage) => await manifest(stage, [{ method: "GET", path: `/${freshName()}` }])),
  ],
  "GET /apps/{app}/triggers": ["AppManageTriggers"],
  "GET /apps/{app}/triggers/{id}": ["AppManageTriggers", oneTrigger],
  "GET /apps/{app}/triggers/{id}/next_runs": ["AppManageTriggers", oneCron],
  "GET /apps/{app}/triggers/{id}/ledger": ["AppManageTriggers", oneCron],
  "POST /apps/{app}/triggers/{kind}": [
    "AppManageTriggers",
    input(async (stage) => ({ kind: "kv", script_id: await script(stage), collection_glob: freshName() })),
  ],
  "PATCH /apps/{app}/triggers/{id}": [
    "AppManageTriggers",
    input(async (stage) => ({ id: await stage.here.trigger(), max_attempts: 2 })),
  ],
  "POST /apps/{app}/triggers/{id}/fire": ["AppManageTriggers", oneTrigger],
  "POST /apps/{app}/triggers/{id}/enable": ["AppManageTriggers", oneTrigger],
  "POST /apps/{app}/triggers/{id}/disable": ["AppManageTriggers", oneTrigger],
  "DELETE /apps/{app}/triggers/{id}": ["AppManageTriggers", oneTrigger],
};

const entry = input(async (stage) => ({ collection: "c", key: await stage.here.key() }));
const oneDeadLetter = input(async (stage) => ({ id: await stage.here.deadLetter() }));

const inCollection = async (): Promise<Record<string, unknown>> => await Promise.resolve({ collection: "c" });
const oneDocument = input(async (stage) => ({ collection: "c", id: await stage.here.document() }));
const oneFile = input(async (stage) => ({ collection: "c", id: await stage.here.file() }));

const content: Readonly<Record<string, Line>> = {
  "GET /apps/{app}/docs": ["AppDocsRead"],
  "GET /apps/{app}/docs/{collection}": ["AppDocsRead", input(inCollection)],
  "POST /apps/{app}/docs/{collection}": [
    "AppDocsWrite",
    input(async () => ({ ...(await inCollection()), data: {} })),
  ],
  "POST /apps/{app}/docs/{collection}/find": ["AppDocsRead", input(inCollection)],
  "POST /apps/{app}/docs/{collection}/count": ["AppDocsRead", input(inCollection)],
  "GET /apps/{app}/docs/{collection}/indexes": ["AppDocsRead", input(inCollection)],
  "POST /apps/{app}/docs/{collection}/indexes": [
    "AppDocsWrite",
    input(async () => await Promise.resolve({ collection: freshName(), fields: ["a"] })),
  ],
  "DELETE /apps/{app}/docs/{collection}/indexes/{name}": [
    "AppDocsWrite",
    input(async (stage) => ({ collection: "c", name: await stage.here.index() })),
  ],
  "GET /apps/{app}/docs/{collection}/{id}": ["AppDocsRead", oneDocument],
  "PUT /apps/{app}/docs/{collection}/{id}": [
    "AppDocsWrite",
    input(async (stage) => ({ collection: "c", id: await stage.here.document(), data: {} })),
  ],
  "PATCH /apps/{app}/docs/{collection}/{id}": [
    "AppDocsWrite",
    input(async (stage) => ({ collection: "c", id: await stage.here.document(), data: {} })),
  ],
  "DELETE /apps/{app}/docs/{collection}/{id}": ["AppDocsWrite", oneDocument],
  "GET /apps/{app}/files": ["AppFilesRead"],
  "GET /apps/{app}/files/{collection}": ["AppFilesRead", input(inCollection)],
  "POST /apps/{app}/files/{collection}": [
    "AppFilesWrite",
    input(async () => ({ ...(await inCollection()), name: freshName() })),
  ],
  "GET /apps/{app}/files/{collection}/{id}": ["AppFilesRead", oneFile],
  "PUT /apps/{app}/files/{collection}/{id}": [
    "AppFilesWrite",
    input(async (stage) => ({ collection: "c", id: await stage.here.file(), name: freshName() })),
  ],
  "DELETE /apps/{app}/files/{collection}/{id}": ["AppFilesWrite", oneFile],
  "GET /apps/{app}/files/{collection}/{id}/content": ["AppFilesRead", oneFile],
  "PUT /apps/{app}/files/{collection}/{id}/content": ["AppFilesWrite", oneFile],
  "POST /apps/{app}/files/{collection}/{id}/url": [
    "AppFilesRead",
    input(async (stage) => ({ collection: "c", id: await stage.here.file(), expires: "1h" })),
  ],
};

const oneQueue = async (): Promise<Record<string, unknown>> => await Promise.resolve({ name: "q" });

const data: Readonly<Record<string, Line>> = {
  "GET /apps/{app}/logs": ["AppReadLogs"],
  "GET /scripts/{id}/logs": ["AppReadLogs", oneScript],
  "GET /apps/{app}/logs/tail": ["AppReadLogs"],
  "GET /scripts/{id}/logs/tail": ["AppReadLogs", oneScript],
  "GET /apps/{app}/executions/{id}": [
    "AppReadLogs",
    input(async (stage) => ({ id: await stage.here.execution() })),
  ],
  "GET /apps/{app}/abandoned_executions": ["AppReadLogs"],
  "GET /apps/{app}/kv": ["AppKvRead"],
  "GET /apps/{app}/kv/{collection}": [
    "AppKvRead",
    input(async () => await Promise.resolve({ collection: "c" })),
  ],
  "POST /apps/{app}/kv/{collection}": [
    "AppKvWrite",
    input(async () => await Promise.resolve({ collection: "c", entries: [{ key: freshName(), value: 1 }] })),
  ],
  "GET /apps/{app}/kv/{collection}/{key}": ["AppKvRead", entry],
  "PUT /apps/{app}/kv/{collection}/{key}": [
    "AppKvWrite",
    input(async () => await Promise.resolve({ collection: "c", key: freshName(), value: 1 })),
  ],
  "DELETE /apps/{app}/kv/{collection}/{key}": ["AppKvWrite", entry],
  "GET /apps/{app}/outbox": ["AppReadLogs"],
  "GET /apps/{app}/outbox/count": ["AppReadLogs"],
  "GET /apps/{app}/queues": ["AppQueueRead"],
  "GET /apps/{app}/queues/{name}/peek": ["AppQueueRead", input(oneQueue)],
  "POST /apps/{app}/queues/{name}/messages": [
    "AppQueueWrite",
    input(async () => ({ ...(await oneQueue()), data: 1 })),
  ],
  "POST /apps/{app}/queues/{name}/purge": ["AppQueueWrite", input(oneQueue)],
  "POST /apps/{app}/queues/{name}/pause": ["AppQueueWrite", input(oneQueue)],
  "POST /apps/{app}/queues/{name}/resume": ["AppQueueWrite", input(oneQueue)],
  "POST /apps/{app}/pubsub/publish": [
    "AppPubsubPublish",
    input(async () => await Promise.resolve({ topic: "a.b", message: 1 })),
  ],
  "GET /apps/{app}/pubsub/tail": ["AppReadLogs"],
  "GET /apps/{app}/dead_letters": ["AppDeadLetterManage"],
  "GET /apps/{app}/dead_letters/count": ["AppDeadLetterManage"],
  "GET /apps/{app}/dead_letters/{id}": ["AppDeadLetterManage", oneDeadLetter],
  "POST /apps/{app}/dead_letters/{id}/replay": ["AppDeadLetterManage", oneDeadLetter],
  "POST /apps/{app}/dead_letters/replay": ["AppDeadLetterManage", () => ({ input: { filter: {} } })],
  "POST /apps/{app}/dead_letters/{id}/resolve": [
    "AppDeadLetterManage",
    input(async (stage) => ({ id: await stage.here.deadLetter(), reason: "ignored" })),
  ],
};

/** `METHOD /path`, after `#` a case of it that needs something else. */
export const endpointNeeds: Readonly<Record<string, Line>> = {
  ...accounts,
  ...credentials,
  ...apps,
  ...code,
  ...data,
  ...content,
};

/** What the specification says to this caller. */
export function verdictOf(needs: Needs, facts: Facts): Verdict {
  if (typeof needs === "function") return needs(facts);
  if (needs === "nothing") return "may";
  if (needs === "principal") return facts.kind === "user" || facts.kind === "key" ? "may" : 401;
  return specVerdict(facts, needs, needs.startsWith("App") ? here : undefined);
}

export const callerNames: readonly string[] = Object.keys(callers);
