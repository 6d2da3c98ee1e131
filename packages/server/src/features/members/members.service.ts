/** Members: users with a role in an app. What changes here holds at once on this node and within 1 s on every other. */
import { PicloudError, uuidPattern } from "@picloud/contract";
import type { AppRole, Page, PageQuery } from "@picloud/contract";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable } from "../../platform/database/database.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp } from "../apps/apps.service.ts";
import {
  deleteMember as deleteMemberRow,
  findMember,
  findUser,
  insertMember,
  listMemberRows,
  updateMemberRole,
} from "./members.repository.ts";
import type { MemberRow, UserRef } from "./members.repository.ts";

export { membersContent } from "./members.repository.ts";

export type Member = Omit<MemberRow, "created_at"> & { readonly created_at: string };

/** `user`: id or name. */
export interface MemberAddress {
  readonly app: string;
  readonly user: string;
}

export async function listMembers(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly app: string },
): Promise<Page<Member> & { items: Member[] }> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppManageMembers");
  const form = { list: `members:${app.id}`, parts: ["text"] } as const;
  const after = readCursor(form, query.cursor)?.[0];
  const rows = await listMemberRows(platform.db.read, {
    appId: app.id,
    after: after === undefined ? undefined : String(after),
    limit: query.limit + 1,
  });
  return pageOfRows(rows, query.limit, form, { key: (row) => [row.username.toLowerCase()], item: memberOf });
}

/** Throws `invalid` at `user` for somebody who is not there, `already_exists` for a member. */
export async function addMember(
  ctx: Context,
  platform: Platform,
  address: MemberAddress,
  role: AppRole,
): Promise<Member> {
  const { id: appId } = await getApp(ctx, platform.db.read, address.app, "AppManageMembers");
  const change = { by: ctx, action: "members.create", signal: "access", appId } as const;
  return await controlChange(platform, change, async (tx, record) => {
    await getApp(ctx, tx, appId, "AppManageMembers");
    const user = await lookUp(tx, address.user);
    if (user === undefined) {
      throw new PicloudError("invalid", `There is no user ${JSON.stringify(address.user)}.`, {
        fields: [{ path: "user", message: "is not a user of this server" }],
      });
    }
    if (!(await insertMember(tx, { appId, userId: user.id, role }))) {
      throw new PicloudError("already_exists", `${user.username} is a member already: change the role.`, {
        fields: [{ path: "user", message: "is a member already" }],
      });
    }
    record.tell({ resource: resourceOf(user), after: { role } });
    return memberOf(await getMember(tx, appId, user.id));
  });
}

/** Throws `not_found` for who is no member. */
export async function setMemberRole(
  ctx: Context,
  platform: Platform,
  address: MemberAddress,
  role: AppRole,
): Promise<Member> {
  const { id: appId } = await getApp(ctx, platform.db.read, address.app, "AppManageMembers");
  const change = { by: ctx, action: "members.update", signal: "access", appId } as const;
  return await controlChange(platform, change, async (tx, record) => {
    await getApp(ctx, tx, appId, "AppManageMembers");
    const member = await getMember(tx, appId, (await lookUp(tx, address.user))?.id);
    await updateMemberRole(tx, { appId, userId: member.user_id, role });
    const resource = resourceOf({ id: member.user_id, username: member.username });
    record.tell({ resource, before: { role: member.role }, after: { role } });
    return memberOf({ ...member, role });
  });
}

/** Throws `not_found` for who is no member. */
export async function removeMember(
  ctx: Context,
  platform: Platform,
  address: MemberAddress,
): Promise<{ app_id: string; user_id: string }> {
  const { id: appId } = await getApp(ctx, platform.db.read, address.app, "AppManageMembers");
  const change = { by: ctx, action: "members.delete", signal: "access", appId } as const;
  return await controlChange(platform, change, async (tx, record) => {
    await getApp(ctx, tx, appId, "AppManageMembers");
    const member = await getMember(tx, appId, (await lookUp(tx, address.user))?.id);
    await deleteMemberRow(tx, appId, member.user_id);
    const resource = resourceOf({ id: member.user_id, username: member.username });
    record.tell({ resource, before: { role: member.role } });
    return { app_id: appId, user_id: member.user_id };
  });
}

async function lookUp(db: Queryable, ref: string): Promise<UserRef | undefined> {
  return await findUser(db, { id: uuidPattern.test(ref) ? ref : undefined, name: ref });
}

async function getMember(db: Queryable, appId: string, userId: string | undefined): Promise<MemberRow> {
  const row = userId === undefined ? undefined : await findMember(db, appId, userId);
  if (row === undefined) throw new PicloudError("not_found", "The app has no such member.");
  return row;
}

function resourceOf(user: UserRef): { kind: string; id: string; name: string } {
  return { kind: "member", id: user.id, name: user.username };
}

function memberOf(row: MemberRow): Member {
  return { ...row, created_at: row.created_at.toISOString() };
}
