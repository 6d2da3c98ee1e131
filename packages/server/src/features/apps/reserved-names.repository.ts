/** SQL of reserved names; the time is the database's. */
import type { Queryable } from "../../platform/database/database.ts";

export type ReservedKind = "slug" | "host";

export interface ReservedRow {
  readonly name: string;
  readonly app_id: string;
  readonly reserved_at: Date;
  readonly reserved_until: Date;
}

/** A name that is reserved already is so anew, from now on. */
export async function insertReserved(
  db: Queryable,
  reserve: {
    readonly kind: ReservedKind;
    readonly names: readonly string[];
    readonly appId: string;
    readonly days: number;
  },
): Promise<void> {
  await db`
    insert into reserved_names (kind, name, app_id, reserved_until)
    select ${reserve.kind}, name, ${reserve.appId}, now() + make_interval(days => ${reserve.days})
    from unnest(${[...reserve.names]}::text[]) as n (name)
    on conflict (kind, name) do update set app_id = excluded.app_id, reserved_at = now(),
      reserved_until = excluded.reserved_until`;
}

export async function findReserved(
  db: Queryable,
  kind: ReservedKind,
  name: string,
): Promise<ReservedRow | undefined> {
  const [row] = await db<ReservedRow[]>`
    select name, app_id, reserved_at, reserved_until from reserved_names
    where kind = ${kind} and name = ${name} and reserved_until > now()`;
  return row;
}

/** By name. */
export async function listReservedRows(
  db: Queryable,
  query: { readonly kind: ReservedKind; readonly after: string; readonly limit: number },
): Promise<readonly ReservedRow[]> {
  return await db<ReservedRow[]>`
    select name, app_id, reserved_at, reserved_until from reserved_names
    where kind = ${query.kind} and name > ${query.after} and reserved_until > now()
    order by name limit ${query.limit}`;
}

/** Gives what was freed; nothing for a name that was not reserved. */
export async function deleteReserved(
  db: Queryable,
  kind: ReservedKind,
  name: string,
): Promise<ReservedRow | undefined> {
  const [row] = await db<ReservedRow[]>`
    delete from reserved_names where kind = ${kind} and name = ${name} and reserved_until > now()
    returning name, app_id, reserved_at, reserved_until`;
  return row;
}

/** Names whose time is over; gives their number. */
export async function deleteOutdatedReserved(db: Queryable, limit: number): Promise<number> {
  const rows = await db`
    delete from reserved_names where reserved_until <= now() and (kind, name) in (
      select kind, name from reserved_names where reserved_until <= now() order by reserved_until limit ${limit})`;
  return rows.count;
}
