/** SQL of apps. */
import type { Queryable } from "../../platform/database/database.ts";

export interface AppRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly state: "active" | "deleting";
  readonly created_at: Date;
  readonly updated_at: Date;
}

export async function findAppById(db: Queryable, id: string): Promise<AppRow | undefined> {
  const [row] = await db<AppRow[]>`
    select id, slug, name, state, created_at, updated_at from apps where id = ${id}`;
  return row;
}

export async function findAppBySlug(db: Queryable, slug: string): Promise<AppRow | undefined> {
  const [row] = await db<AppRow[]>`
    select id, slug, name, state, created_at, updated_at from apps where slug = ${slug}`;
  return row;
}

/** By slug; `ids` narrows to these apps. */
export async function listApps(
  db: Queryable,
  query: { readonly after: string; readonly limit: number; readonly ids: readonly string[] | undefined },
): Promise<readonly AppRow[]> {
  return await db<AppRow[]>`
    select id, slug, name, state, created_at, updated_at from apps
    where slug > ${query.after} ${query.ids === undefined ? db`` : db`and id = any(${[...query.ids]}::uuid[])`}
    order by slug limit ${query.limit}`;
}

/** Few, and none most of the time. */
export async function listDeletingApps(db: Queryable): Promise<readonly { id: string; slug: string }[]> {
  return await db<{ id: string; slug: string }[]>`
    select a.id, a.slug from app_deletions d join apps a on a.id = d.app_id`;
}

export async function listActiveIds(db: Queryable, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await db<{ id: string }[]>`
    select id from apps where id = any(${[...ids]}::uuid[]) and state = 'active'`;
  return rows.map(({ id }) => id);
}

/** Gives `undefined` when the slug is taken. */
export async function insertApp(
  db: Queryable,
  app: { readonly id: string; readonly slug: string; readonly name: string },
): Promise<AppRow | undefined> {
  const [row] = await db<AppRow[]>`
    insert into apps (id, slug, name) values (${app.id}, ${app.slug}, ${app.name})
    on conflict do nothing returning id, slug, name, state, created_at, updated_at`;
  return row;
}

export async function updateApp(
  db: Queryable,
  app: { readonly id: string; readonly slug: string; readonly name: string },
): Promise<AppRow | undefined> {
  const [row] = await db<AppRow[]>`
    update apps set slug = ${app.slug}, name = ${app.name}, updated_at = now() where id = ${app.id}
    returning id, slug, name, state, created_at, updated_at`;
  return row;
}

/** True once in the life of a database for each name: whoever gets it makes what the name stands for. */
export async function claimInstanceMark(db: Queryable, name: string): Promise<boolean> {
  const rows =
    await db`insert into instance_marks (name) values (${name}) on conflict do nothing returning name`;
  return rows.length === 1;
}
