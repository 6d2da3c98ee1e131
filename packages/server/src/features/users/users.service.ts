/** Accounts of the instance, managed by owners and admins. Only owners touch owners, and one owner always stays (INS-2). */
import { PicloudError, uuidPattern } from "@picloud/contract";
import type { InstanceRole, Page, PageQuery } from "@picloud/contract";
import { authorize, requireUser } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { difference } from "../../platform/database/audit.ts";
import type { AuditEntry, AuditSummary } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { newId } from "../../platform/ids.ts";
import type { Platform } from "../../platform/platform.ts";
import { endSessions, requireOwnerFor } from "../sessions/sessions.service.ts";
import { reassignTriggers, triggersOfUser } from "../triggers/triggers.service.ts";
import { newLinkToken } from "./link-token.ts";
import { hashPassword } from "./password.ts";
import { checkPassword } from "./password-rules.ts";
import { deleteTotp } from "./second-factor.repository.ts";
import { deleteLink, upsertLink } from "./user-links.repository.ts";
import type { LinkKind } from "./user-links.repository.ts";
import {
  deleteUser as deleteUserRow,
  findUserById,
  findUserByName,
  hasOtherOwner,
  insertUser,
  listUsers as listUserRows,
  updateUser as updateUserRow,
} from "./users.repository.ts";
import type { UserRow } from "./users.repository.ts";

/** An invitation may wait in somebody's mail over a weekend; a new password is wanted now. */
const linkHours: Readonly<Record<LinkKind, number>> = { invite: 72, reset: 24 };

export interface User {
  readonly id: string;
  readonly username: string;
  readonly role: InstanceRole;
  readonly state: "active" | "invited" | "disabled";
  readonly has_totp: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface UserLink {
  readonly user: User;
  readonly token: string;
  readonly expires_at: string;
}

export async function listUsers(
  ctx: Context,
  platform: Platform,
  page: PageQuery,
): Promise<Page<User> & { items: User[] }> {
  authorize(ctx, "InstanceManageUsers");
  const form = { list: "users", parts: ["text"] } as const;
  const [after] = readCursor(form, page.cursor) ?? [""];
  const rows = await listUserRows(platform.db.read, { after: String(after), limit: page.limit + 1 });
  return pageOfRows(rows, page.limit, form, { key: (row) => [row.username.toLowerCase()], item: userOf });
}

/** `ref`: id or username. */
export async function getUser(ctx: Context, platform: Platform, ref: string): Promise<User> {
  authorize(ctx, "InstanceManageUsers");
  return userOf(await getRow(platform.db.read, ref));
}

export async function createUser(
  ctx: Context,
  platform: Platform,
  input: { readonly username: string; readonly role: InstanceRole; readonly password: string },
): Promise<User> {
  authorize(ctx, "InstanceManageUsers");
  requireOwnerFor(ctx, input.role);
  await checkPassword(input.password, input.username);
  const passwordHash = await hashPassword(input.password);
  const change = { by: ctx, action: "users.create", signal: "access" } as const;
  return await controlChange(platform, change, async (tx, record) => {
    const row = await insertNew(tx, { ...input, passwordHash });
    record.tell({ resource: resourceOf(row), after: summaryOf(row) });
    return userOf(row);
  });
}

/** The account exists at once, so that it can be given roles; nobody can log in until the link is used. */
export async function inviteUser(
  ctx: Context,
  platform: Platform,
  input: { readonly username: string; readonly role: InstanceRole },
): Promise<UserLink> {
  authorize(ctx, "InstanceManageUsers");
  requireOwnerFor(ctx, input.role);
  const change = { by: ctx, action: "users.invite", signal: "access" } as const;
  return await controlChange(platform, change, async (tx, record) => {
    const row = await insertNew(tx, { ...input, passwordHash: undefined });
    record.tell({ resource: resourceOf(row), after: summaryOf(row) });
    return await openLink(tx, row);
  });
}

/** A link for a new password; for who has not accepted yet, a new invitation. Links before are void. */
export async function resetUser(
  ctx: Context,
  platform: Platform,
  ref: string,
  options: { readonly remove_totp?: boolean | undefined },
): Promise<UserLink> {
  authorize(ctx, "InstanceManageUsers");
  const change = { by: ctx, action: "users.reset", signal: "access" } as const;
  return await controlChange(platform, change, async (tx, record) => {
    const row = await getRow(tx, ref);
    requireOwnerFor(ctx, row.role);
    // Who finds a session open must not get the account with it: a change of one's own password wants the old one.
    if (ctx.kind !== "system" && requireUser(ctx).id === row.id)
      throw new PicloudError("forbidden", "Change your own password with POST /auth/password.");
    if (options.remove_totp === true) await deleteTotp(tx, row.id);
    const now = { ...row, has_totp: row.has_totp && options.remove_totp !== true };
    record.tell({ resource: resourceOf(row), ...difference(summaryOf(row), summaryOf(now)) });
    return await openLink(tx, now);
  });
}

/** Whoever is disabled is logged out, and stays so after being enabled again. */
export async function updateUser(
  ctx: Context,
  platform: Platform,
  ref: string,
  change: { readonly role?: InstanceRole | undefined; readonly disabled?: boolean | undefined },
): Promise<User> {
  authorize(ctx, "InstanceManageUsers");
  const control = { by: ctx, action: "users.update", signal: "access" } as const;
  return await controlChange(platform, control, async (tx, record) => {
    const row = await getRow(tx, ref);
    const role = change.role ?? row.role;
    const isDisabled = change.disabled ?? row.disabled_at !== null;
    requireOwnerFor(ctx, row.role);
    requireOwnerFor(ctx, role);
    if (role !== "owner" || isDisabled) await requireOtherOwner(tx, row);
    await updateUserRow(tx, { id: row.id, role, isDisabled });
    if (isDisabled) await endSessions(tx, row.id);
    // Who made a link for somebody else than an owner must not become one with it.
    const becomesOwner = role === "owner" && row.role !== "owner";
    if (isDisabled || becomesOwner) await deleteLink(tx, row.id);
    const now = await getRow(tx, row.id);
    record.tell({ resource: resourceOf(row), ...difference(summaryOf(row), summaryOf(now)) });
    return userOf(now);
  });
}

/** With sessions, links and memberships. Refused while triggers run as the user, unless they are handed to another one
 *  (`reassign_to`: id or username), whom only an owner can make run more than that one may. */
export async function deleteUser(
  ctx: Context,
  platform: Platform,
  ref: string,
  options: { readonly reassign_to?: string | undefined } = {},
): Promise<{ id: string; reassigned_triggers: number }> {
  authorize(ctx, "InstanceManageUsers");
  const change = { by: ctx, action: "users.delete", signal: ["access", "deployed"] } as const;
  const { row, reassigned } = await controlChange(platform, change, async (tx, record) => {
    const found = await getRow(tx, ref);
    requireOwnerFor(ctx, found.role);
    await requireOtherOwner(tx, found);
    const handed =
      options.reassign_to === undefined
        ? undefined
        : await handOver(tx, ctx, platform, { from: found, toRef: options.reassign_to });
    // Changes run one after another, so none is added before the commit.
    const triggers = await triggersOfUser(tx, found.id);
    if (triggers.length > 0) throw inUse(found, triggers);
    await deleteUserRow(tx, found.id);
    const after = handed === undefined ? {} : { after: { reassigned_triggers: handed.count, to: handed.to } };
    record.tell({ resource: resourceOf(found), before: summaryOf(found), ...after });
    return { row: found, reassigned: handed };
  });
  await reassigned?.afterCommit();
  return { id: row.id, reassigned_triggers: reassigned?.count ?? 0 };
}

async function handOver(
  tx: Transaction,
  ctx: Context,
  platform: Platform,
  { from, toRef }: { readonly from: UserRow; readonly toRef: string },
): Promise<Awaited<ReturnType<typeof reassignTriggers>> & { readonly to: string }> {
  const to = await findRow(tx, toRef);
  const refused =
    to === undefined
      ? "must be the id or name of a user"
      : to.id === from.id
        ? "must be another user"
        : to.disabled_at === null
          ? undefined
          : "must not be a disabled user";
  if (to === undefined || refused !== undefined) {
    throw new PicloudError("invalid", `reassign_to ${refused}`, {
      fields: [{ path: "reassign_to", message: refused ?? "" }],
    });
  }
  // Their scripts get the rights of whom the triggers run as.
  requireOwnerFor(ctx, to.role);
  const users = { from: from.id, to: { id: to.id, name: to.username, role: to.role } };
  return { ...(await reassignTriggers(tx, platform, users)), to: to.username };
}

function inUse(
  user: UserRow,
  triggers: readonly { readonly id: string; readonly app: string }[],
): PicloudError {
  const names = triggers.map(({ app, id }) => `${id} of ${app}`).join(", ");
  return new PicloudError(
    "in_use",
    `Triggers run as ${user.username}: ${names}. Hand them to another user with reassign_to, delete them first, or disable the user instead.`,
    { details: { triggers } },
  );
}

async function insertNew(
  tx: Transaction,
  user: { readonly username: string; readonly role: InstanceRole; readonly passwordHash: string | undefined },
): Promise<UserRow> {
  const id = newId();
  if (!(await insertUser(tx, { id, ...user }))) {
    throw new PicloudError("already_exists", `There is a user ${user.username} already.`, {
      fields: [{ path: "username", message: "is taken" }],
    });
  }
  return await getRow(tx, id);
}

async function openLink(tx: Transaction, row: UserRow): Promise<UserLink> {
  const kind = row.password_hash === null ? "invite" : "reset";
  const { token, hash } = newLinkToken(kind);
  const expires = await upsertLink(tx, { userId: row.id, kind, tokenHash: hash, hours: linkHours[kind] });
  return { user: userOf(row), token, expires_at: expires.toISOString() };
}

/** Changes run one after another (controlChange), so of two owners who remove each other one is left. */
async function requireOtherOwner(tx: Transaction, row: UserRow): Promise<void> {
  const isOwner = row.role === "owner" && row.disabled_at === null && row.password_hash !== null;
  if (!isOwner || (await hasOtherOwner(tx, row.id))) return;
  throw new PicloudError(
    "last_owner",
    `${row.username} is the last owner: make somebody else an owner first.`,
  );
}

async function getRow(db: Queryable, ref: string): Promise<UserRow> {
  const row = await findRow(db, ref);
  if (row === undefined) throw new PicloudError("not_found", `There is no user ${JSON.stringify(ref)}.`);
  return row;
}

async function findRow(db: Queryable, ref: string): Promise<UserRow | undefined> {
  if (uuidPattern.test(ref)) return await findUserById(db, ref);
  // No name has other characters, and PostgreSQL would refuse some of them.
  return /^[\w.@-]{1,64}$/.test(ref) ? await findUserByName(db, ref) : undefined;
}

function resourceOf(row: UserRow): AuditEntry["resource"] {
  return { kind: "user", id: row.id, name: row.username };
}

function summaryOf(row: UserRow): AuditSummary {
  const { username, role, state, has_totp } = userOf(row);
  return { username, role, state, has_totp };
}

function userOf(row: UserRow): User {
  const { id, username, role, has_totp } = row;
  const enabled = row.password_hash === null ? "invited" : "active";
  return {
    id,
    username,
    role,
    state: row.disabled_at === null ? enabled : "disabled",
    has_totp,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
