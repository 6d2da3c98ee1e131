/** Callers of every kind that the specification tells apart, in an instance with two apps: `here` and `elsewhere`. */
import { createHash, randomBytes } from "node:crypto";
import { newId } from "../../packages/server/src/platform/ids.ts";
import type { Facts } from "./spec-permissions.ts";
import { specScopes } from "./spec-permissions.ts";
import { ownerLogin, textOf } from "./test-api.ts";
import type { TestApi } from "./test-api.ts";

export const here = "here";
export const elsewhere = "elsewhere";

const owner = { kind: "key", role: "owner" } as const;
const boundKey = { ...owner, scopes: specScopes } as const;

/** Each caller of the matrix, by the name that a failing test shows. */
export const callers: Readonly<Record<string, Facts>> = {
  nobody: { kind: "nobody" },
  // A token in the right form that nobody has.
  stranger: { kind: "bad_token" },
  member: { kind: "user", role: "member" },
  "member of another app": { kind: "user", role: "member", in: { [elsewhere]: "app_admin" } },
  viewer: { kind: "user", role: "member", in: { [here]: "viewer" } },
  editor: { kind: "user", role: "member", in: { [here]: "editor" } },
  app_admin: { kind: "user", role: "member", in: { [here]: "app_admin" } },
  admin: { kind: "user", role: "admin" },
  owner: { kind: "user", role: "owner" },
  ...Object.fromEntries(specScopes.map((scope) => [`owner's key ${scope}`, { ...owner, scopes: [scope] }])),
  "owner's key of all scopes": { ...owner, scopes: specScopes },
  "owner's key bound here": { ...boundKey, boundTo: here },
  "owner's key bound elsewhere": { ...boundKey, boundTo: elsewhere },
  "viewer's key of all scopes": {
    kind: "key",
    role: "member",
    in: { [here]: "viewer" },
    scopes: specScopes,
  },
  "app_admin's key of all scopes": {
    kind: "key",
    role: "member",
    in: { [here]: "app_admin" },
    scopes: specScopes,
  },
};

export interface Caller {
  /** Null: none. */
  readonly token: string | null;
  /** Absent for who is no user, nor a key of one. */
  readonly userId?: string;
  readonly sessionId?: string;
}

/** Makes a user with the owner's password, and a session or key: straight into the tables, for a log-in costs 50 ms. */
export async function makeCaller(api: TestApi, facts: Facts): Promise<Caller> {
  if (facts.kind === "nobody" || facts.kind === "end_user") return { token: null };
  if (facts.kind === "bad_token") return { token: newToken("pics_").token };
  const userId = await insertUser(api, facts);
  if (facts.kind === "key") return { userId, token: await insertKey(api, userId, facts) };
  return { userId, ...(await insertSession(api, userId)) };
}

/** A user that has the roles of `facts`. */
export async function insertUser(api: TestApi, { role = "member", in: roles = {} }: Facts): Promise<string> {
  const { write } = api.platform.db;
  const id = newId();
  await write`insert into users (id, username, role, password_hash)
    select ${id}, ${`u-${id}`}, ${role}, password_hash from users where username = ${ownerLogin.username}`;
  for (const [slug, appRole] of Object.entries(roles))
    await write`insert into members (app_id, user_id, role) select id, ${id}, ${appRole} from apps where slug = ${slug}`;
  return id;
}

export async function insertSession(
  api: TestApi,
  userId: string,
): Promise<{ readonly token: string; readonly sessionId: string }> {
  const { token, hash } = newToken("pics_");
  const sessionId = newId();
  await api.platform.db.write`insert into sessions (id, user_id, token_hash, expires_at)
    values (${sessionId}, ${userId}, ${hash}, now() + interval '1 hour')`;
  return { token, sessionId };
}

export async function insertKey(
  api: TestApi,
  userId: string,
  { scopes = [], boundTo }: Facts,
): Promise<string> {
  const { token, hash } = newToken(`pic_${randomBytes(4).toString("hex")}_`);
  await api.platform.db.write`insert into api_keys (id, user_id, name, prefix, token_hash, scopes, app_id)
    values (${newId()}, ${userId}, 'a key', ${token.slice(4, 12)}, ${hash}, ${[...scopes]}::text[],
      (select id from apps where slug = ${boundTo ?? ""}))`;
  return token;
}

/** The two apps, made by the owner. */
export async function makeApps(api: TestApi): Promise<Readonly<Record<string, string>>> {
  const ids: Record<string, string> = {};
  for (const slug of [here, elsewhere])
    ids[slug] = textOf((await api.call("POST /apps", { body: { slug } })).body["id"]);
  return ids;
}

function newToken(prefix: string): { readonly token: string; readonly hash: Buffer } {
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return { token, hash: createHash("sha256").update(token).digest() };
}
