/** SQL of apps and members. */
import type { Queryable } from "../../platform/database/database.ts";

export interface AppRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly state: "active" | "deleting";
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface AppContent {
  readonly scripts: number;
  readonly routes: number;
  readonly triggers: number;
  readonly kv_keys: number;
  readonly files: number;
  readonly deliveries: number;
  readonly dead_letters: number;
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

/** What an app holds, kv keys that have expired not counted. */
export async function countAppContent(db: Queryable, appId: string): Promise<AppContent> {
  const [row] = await db<AppContent[]>`
    select (select count(*)::int from scripts where app_id = ${appId}) as scripts,
      (select count(*)::int from routes where app_id = ${appId}) as routes,
      (select count(*)::int from triggers where app_id = ${appId}) as triggers,
      (select count(*)::int from kv where app_id = ${appId} and (expires_at is null or expires_at > now())) as kv_keys,
      (select count(*)::int from files where app_id = ${appId}) as files,
      (select count(*)::int from outbox where app_id = ${appId}) as deliveries,
      (select count(*)::int from dead_letters where app_id = ${appId}) as dead_letters`;
  return row ?? { scripts: 0, routes: 0, triggers: 0, kv_keys: 0, files: 0, deliveries: 0, dead_letters: 0 };
}

/** Deletes the row of an app without content, with its members, deployments and expired keys. */
export async function deleteApp(db: Queryable, appId: string): Promise<void> {
  await db`delete from kv where app_id = ${appId}`;
  await db`delete from apps where id = ${appId}`;
}

/** True once in the life of a database for each name: whoever gets it makes what the name stands for. */
export async function claimInstanceMark(db: Queryable, name: string): Promise<boolean> {
  const rows =
    await db`insert into instance_marks (name) values (${name}) on conflict do nothing returning name`;
  return rows.length === 1;
}
