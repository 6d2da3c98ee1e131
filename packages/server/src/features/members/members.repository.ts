/** SQL of members; the table is made by `apps`. */
import type { AppRole } from "@picloud/contract";
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { Queryable } from "../../platform/database/database.ts";

export interface MemberRow {
  readonly app_id: string;
  readonly user_id: string;
  readonly username: string;
  readonly role: AppRole;
  readonly created_at: Date;
}

export interface UserRef {
  readonly id: string;
  readonly username: string;
}

/** Who a name or id means; names are compared without case. An id wins over a name that looks like one. */
export async function findUser(
  db: Queryable,
  ref: { readonly id: string | undefined; readonly name: string },
): Promise<UserRef | undefined> {
  const [row] = await db<UserRef[]>`
    select id, username from users where id = ${ref.id ?? null} or lower(username) = lower(${ref.name})
    order by id is distinct from ${ref.id ?? null} limit 1`;
  return row;
}

/** By name, in the byte order of lower-case names, which are unique. */
export async function listMemberRows(
  db: Queryable,
  query: { readonly appId: string; readonly after: string | undefined; readonly limit: number },
): Promise<readonly MemberRow[]> {
  return await db<MemberRow[]>`
    select m.app_id, m.user_id, u.username, m.role, m.created_at
    from members m join users u on u.id = m.user_id
    where m.app_id = ${query.appId} ${query.after === undefined ? db`` : db`and lower(u.username) > ${query.after}`}
    order by lower(u.username) limit ${query.limit}`;
}

export async function findMember(
  db: Queryable,
  appId: string,
  userId: string,
): Promise<MemberRow | undefined> {
  const [row] = await db<MemberRow[]>`
    select m.app_id, m.user_id, u.username, m.role, m.created_at
    from members m join users u on u.id = m.user_id where m.app_id = ${appId} and m.user_id = ${userId}`;
  return row;
}

/** False where the user is a member already. */
export async function insertMember(
  db: Queryable,
  member: { readonly appId: string; readonly userId: string; readonly role: AppRole },
): Promise<boolean> {
  const rows = await db`
    insert into members (app_id, user_id, role) values (${member.appId}, ${member.userId}, ${member.role})
    on conflict do nothing returning user_id`;
  return rows.length === 1;
}

export async function updateMemberRole(
  db: Queryable,
  member: { readonly appId: string; readonly userId: string; readonly role: AppRole },
): Promise<void> {
  await db`
    update members set role = ${member.role} where app_id = ${member.appId} and user_id = ${member.userId}`;
}

export async function deleteMember(db: Queryable, appId: string, userId: string): Promise<void> {
  await db`delete from members where app_id = ${appId} and user_id = ${userId}`;
}

/** What an app holds of this. */
export const membersContent: readonly AppContent[] = [
  tableContent({ kind: "members", table: "members", key: ["user_id"], stopsDeletion: true }),
];
