/** SQL of invitation and reset links. */
import type { Queryable } from "../../platform/database/database.ts";

export type LinkKind = "invite" | "reset";

/** Opens a link and voids the one before. Gives the time of expiry. */
export async function upsertLink(
  db: Queryable,
  link: {
    readonly userId: string;
    readonly kind: LinkKind;
    readonly tokenHash: Buffer;
    readonly hours: number;
  },
): Promise<Date> {
  const [row] = await db<{ expires_at: Date }[]>`
    insert into user_links (user_id, kind, token_hash, expires_at)
    values (${link.userId}, ${link.kind}, ${link.tokenHash}, now() + make_interval(hours => ${link.hours}))
    on conflict (user_id) do update set kind = excluded.kind, token_hash = excluded.token_hash,
      created_at = now(), expires_at = excluded.expires_at
    returning expires_at`;
  if (row === undefined) throw new Error("the insert of a link gave no row");
  return row.expires_at;
}

/** Name of the user of an open link. */
export async function findLinkUser(
  db: Queryable,
  tokenHash: Buffer,
  kind: LinkKind,
): Promise<string | undefined> {
  const [row] = await db<{ username: string }[]>`
    select u.username from user_links l join users u on u.id = l.user_id
    where l.token_hash = ${tokenHash} and l.kind = ${kind} and l.expires_at > now() and u.disabled_at is null`;
  return row?.username;
}

/** The user, for the one caller that uses it. */
export async function claimLink(
  db: Queryable,
  tokenHash: Buffer,
  kind: LinkKind,
): Promise<string | undefined> {
  const [row] = await db<{ user_id: string }[]>`
    delete from user_links where token_hash = ${tokenHash} and kind = ${kind} and expires_at > now()
    returning user_id`;
  return row?.user_id;
}

export async function deleteLink(db: Queryable, userId: string): Promise<void> {
  await db`delete from user_links where user_id = ${userId}`;
}
