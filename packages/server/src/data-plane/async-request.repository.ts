/** SQL of requests that run later: the event with its delivery, and what their caller may do by then. */
import type { AppRole, InstanceRole, Scope } from "@picloud/contract";
import type { Queryable } from "../platform/database/database.ts";
import { run, sql } from "../platform/database/statement.ts";

export interface NewRequest {
  readonly appId: string;
  readonly eventId: string;
  readonly deliveryId: string;
  readonly scriptId: string;
  /** Of the first attempt, and the root of what it causes. */
  readonly executionId: string;
  readonly source: string;
  readonly op: string;
  readonly payload: string;
}

/** One statement; gives when it was accepted, or nothing for an app that is being deleted. */
export async function insertRequest(db: Queryable, request: NewRequest): Promise<Date | undefined> {
  const { appId, eventId, executionId } = request;
  const [row] = await run<{ created_at: Date }>(
    db,
    sql`with a as (select from apps where id = ${appId} and state = 'active'), e as (
      insert into events (app_id, id, source, op, payload, root_execution_id, depth)
      select ${appId}, ${eventId}, ${request.source}, ${request.op}, ${request.payload}::text::json, ${executionId}, 0
      where exists (select from a))
    insert into outbox (app_id, id, event_id, script_id, execution_id, root_execution_id, depth)
    select ${appId}, ${request.deliveryId}, ${eventId}, ${request.scriptId}, ${executionId}, ${executionId}, 0
    where exists (select from a) returning created_at`,
  );
  return row?.created_at;
}

export interface UserRights {
  readonly name: string;
  readonly role: InstanceRole;
  readonly appRole: AppRole | null;
}

/** Nothing for a user who is gone or disabled. */
export async function findUserRights(
  db: Queryable,
  appId: string,
  userId: string,
): Promise<UserRights | undefined> {
  const [row] = await db<UserRights[]>`
    select u.username as name, u.role, m.role as "appRole" from users u
    left join members m on m.app_id = ${appId} and m.user_id = u.id
    where u.id = ${userId} and u.disabled_at is null`;
  return row;
}

export interface KeyRights extends UserRights {
  readonly userId: string;
  readonly scopes: readonly Scope[];
  readonly boundTo: string | null;
}

/** Nothing for a key that has ended or whose owner may no longer log in. */
export async function findKeyRights(
  db: Queryable,
  appId: string,
  keyId: string,
): Promise<KeyRights | undefined> {
  const [row] = await db<KeyRights[]>`
    select u.id as "userId", u.username as name, u.role, m.role as "appRole", k.scopes, k.app_id as "boundTo"
    from api_keys k join users u on u.id = k.user_id
    left join members m on m.app_id = ${appId} and m.user_id = u.id
    where k.id = ${keyId} and (k.expires_at is null or k.expires_at > now()) and u.disabled_at is null`;
  return row;
}
