/** API keys: minted and revoked by their owner in a session, and good for what the owner may do at each use (INS-6). */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { capabilities, parseDuration, PicloudError } from "@picloud/contract";
import type { AppRole, Page, PageQuery, Scope } from "@picloud/contract";
import { requireUser } from "../../platform/authorize.ts";
import type { ApiKeyPrincipal, Context, UserPrincipal } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import type { AuditSummary } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { policy, roleHolds } from "../../platform/policy.ts";
import { getApp } from "../apps/apps.service.ts";
import {
  countKeys,
  deleteKey,
  findKeyOwner,
  insertKey,
  listKeyRows,
  noteKeyUses,
} from "./api-keys.repository.ts";
import type { ApiKeyRow } from "./api-keys.repository.ts";

export { apiKeysContent } from "./api-keys.repository.ts";

const keysPerUserMax = 200;
/** How exact `last_used_at` is: a write per key and minute at most. */
const noteSeconds = 60;

export interface ApiKey extends Omit<ApiKeyRow, "scopes" | "created_at" | "expires_at" | "last_used_at"> {
  readonly scopes: Scope[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

export async function listApiKeys(
  ctx: Context,
  platform: Platform,
  page: PageQuery,
): Promise<Page<ApiKey> & { items: ApiKey[] }> {
  const user = requireKeyOwner(ctx);
  const form = { list: `api_keys:${user.id}`, parts: ["id"] } as const;
  const before = readCursor(form, page.cursor)?.[0];
  const rows = await listKeyRows(platform.db.read, {
    userId: user.id,
    before: before === undefined ? undefined : String(before),
    limit: page.limit + 1,
  });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.id], item: keyOf });
}

/** Throws `forbidden` for scopes or an app beyond what the owner may do now. */
export async function mintApiKey(
  ctx: Context,
  platform: Platform,
  input: {
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly app_id?: string | undefined;
    readonly expires_in?: string | undefined;
  },
): Promise<ApiKey & { raw_token: string }> {
  requireKeyOwner(ctx);
  const { token, prefix, hash } = newToken();
  const change = { by: ctx, action: "api_keys.create", signal: "access" } as const;
  return await controlChange(platform, change, async (tx, record) => {
    const user = requireKeyOwner(ctx);
    const app = input.app_id === undefined ? undefined : await getApp(ctx, tx, input.app_id, "AppRead");
    checkScopes(user, input.scopes, app?.id);
    if ((await countKeys(tx, user.id)) >= keysPerUserMax)
      throw invalid("name", `would be your key number ${keysPerUserMax + 1}: delete some first`);
    const row = await insertKey(tx, {
      id: newId(),
      userId: user.id,
      name: input.name,
      prefix,
      tokenHash: hash,
      scopes: input.scopes,
      appId: app?.id,
      expiresInMs: input.expires_in === undefined ? undefined : parseDuration(input.expires_in),
    });
    record.tell({
      appId: app?.id,
      resource: { kind: "api_key", id: row.id, name: row.name },
      after: summaryOf(row),
    });
    return { ...keyOf(row), raw_token: token };
  });
}

/** Revokes a key: it works nowhere 1 s later. Throws `not_found` for a key of somebody else too. */
export async function deleteApiKey(ctx: Context, platform: Platform, id: string): Promise<{ id: string }> {
  const user = requireKeyOwner(ctx);
  const change = { by: ctx, action: "api_keys.delete", signal: "access" } as const;
  await controlChange(platform, change, async (tx, record) => {
    const row = await deleteKey(tx, user.id, id);
    if (row === undefined) throw new PicloudError("not_found", `You have no API key ${id}.`);
    const resource = { kind: "api_key", id: row.id, name: row.name };
    record.tell({ appId: row.app_id ?? undefined, resource, before: summaryOf(row) });
  });
  return { id };
}

/** The key behind a token with its owner as they are now, or `undefined` for one that is not (any more) valid. For
 *  authentication only, so it authorises nothing itself. `isUseNoted`: its last use need not be written. */
export async function findPrincipalByKey(
  db: Queryable,
  token: string,
): Promise<
  | {
      readonly principal: ApiKeyPrincipal;
      readonly isUseNoted: boolean;
      readonly expiresInMs: number | undefined;
    }
  | undefined
> {
  const row = await findKeyOwner(db, hashToken(token), noteSeconds);
  if (row === undefined) return undefined;
  const appRoles = new Map<string, AppRole>();
  for (const [i, id] of row.app_ids.entries()) {
    const role = row.app_roles[i];
    if (role !== undefined) appRoles.set(id, role);
  }
  const principal: ApiKeyPrincipal = {
    kind: "api_key",
    id: row.key_id,
    name: row.key_name,
    owner: { kind: "user", id: row.id, name: row.username, role: row.role, appRoles },
    scopes: row.scopes,
    ...(row.app_id === null ? {} : { appId: row.app_id }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  };
  return { principal, isUseNoted: row.is_use_noted, expiresInMs: row.expires_in_ms ?? undefined };
}

/** Writes that these keys were used just now. For authentication only. */
export async function noteUses(platform: Pick<Platform, "db">, ids: readonly string[]): Promise<void> {
  await noteKeyUses(platform.db.side, ids);
}

/** A key makes no keys, or revoking it would not end what was begun with it. Throws `forbidden` for one. */
function requireKeyOwner(ctx: Context): UserPrincipal {
  const user = requireUser(ctx);
  if (ctx.principal?.kind === "user") return user;
  throw new PicloudError("forbidden", "API keys are managed in a session: log in, a key can't do it.");
}

/** A scope that opens nothing for its owner is most likely a mistake. Rights that the owner gets later count then, for
 *  what counts is checked at each use. */
function checkScopes(user: UserPrincipal, wanted: readonly Scope[], appId: string | undefined): void {
  if (appId !== undefined && wanted.includes("instance:admin"))
    throw invalid("scopes", "instance:admin is not for a key that is bound to an app");
  const beyond = wanted.filter((scope) => !holdsAny(user, scope, appId));
  if (beyond.length === 0) return;
  const message = `you hold nothing of ${beyond.join(", ")}${appId === undefined ? "" : " in this app"}`;
  throw new PicloudError("forbidden", `The key would have no use: ${message}.`, {
    fields: [{ path: "scopes", message }],
  });
}

function holdsAny(user: UserPrincipal, scope: Scope, appId: string | undefined): boolean {
  const roles = appId === undefined ? [undefined, ...user.appRoles.values()] : [user.appRoles.get(appId)];
  return capabilities.some(
    (capability) =>
      policy[capability].scope === scope && roles.some((role) => roleHolds(capability, user.role, role)),
  );
}

const prefixLetters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** `pic_<8 prefix>_<43 base64url>`: 256 random bits behind a prefix that may be shown. */
function newToken(): { readonly token: string; readonly prefix: string; readonly hash: Buffer } {
  const prefix = Array.from({ length: 8 }, () => prefixLetters[randomInt(prefixLetters.length)]).join("");
  const token = `pic_${prefix}_${randomBytes(32).toString("base64url")}`;
  return { token, prefix, hash: hashToken(token) };
}

/** So many random bits that one fast hash keeps them unreadable in the database. */
function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function summaryOf({ prefix, scopes, app_id, expires_at }: ApiKeyRow): AuditSummary {
  return { prefix, scopes, app_id, expires_at };
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path}: ${message}`, { fields: [{ path, message }] });
}

function keyOf(row: ApiKeyRow): ApiKey {
  return {
    ...row,
    scopes: [...row.scopes],
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
