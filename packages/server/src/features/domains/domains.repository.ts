/** SQL of domains. A claim without proof whose time is over counts as absent everywhere. */
import type { Queryable } from "../../platform/database/database.ts";

export interface DomainRow {
  readonly app_id: string;
  readonly host: string;
  readonly state: "pending" | "active";
  readonly proof: "dns" | "approval" | null;
  readonly created_at: Date;
  readonly active_at: Date | null;
  readonly expires_at: Date | null;
}

export interface ActiveHostRow {
  readonly host: string;
  readonly app_id: string;
  /** Null: reserved for the app that had it. */
  readonly app_slug: string | null;
}

/** By host. */
export async function listDomainRows(
  db: Queryable,
  query: { readonly appId: string; readonly after: string; readonly limit: number },
): Promise<readonly DomainRow[]> {
  return await db<DomainRow[]>`
    select app_id, host, state, proof, created_at, active_at, expires_at from domains
    where app_id = ${query.appId} and host > ${query.after} and (expires_at is null or expires_at > now())
    order by host limit ${query.limit}`;
}

export async function findDomain(db: Queryable, appId: string, host: string): Promise<DomainRow | undefined> {
  const [row] = await db<DomainRow[]>`
    select app_id, host, state, proof, created_at, active_at, expires_at from domains
    where app_id = ${appId} and host = ${host} and (expires_at is null or expires_at > now())`;
  return row;
}

/** The strongest claim of another app on a host. */
export async function findRival(db: Queryable, appId: string, host: string): Promise<DomainRow | undefined> {
  const [row] = await db<DomainRow[]>`
    select app_id, host, state, proof, created_at, active_at, expires_at from domains
    where host = ${host} and app_id <> ${appId} and (expires_at is null or expires_at > now())
    order by state = 'active' desc, created_at limit 1`;
  return row;
}

export async function countDomains(db: Queryable, appId: string): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from domains where app_id = ${appId}`;
  return row?.count ?? 0;
}

export async function insertDomain(
  db: Queryable,
  claim: { readonly appId: string; readonly host: string; readonly days: number },
): Promise<void> {
  await db`
    insert into domains (app_id, host, expires_at)
    values (${claim.appId}, ${claim.host}, now() + make_interval(days => ${claim.days}))`;
}

export async function activateDomain(
  db: Queryable,
  claim: { readonly appId: string; readonly host: string; readonly proof: "dns" | "approval" },
): Promise<void> {
  await db`
    update domains set state = 'active', proof = ${claim.proof}, active_at = now(), expires_at = null
    where app_id = ${claim.appId} and host = ${claim.host}`;
}

export async function deleteDomainRow(db: Queryable, appId: string, host: string): Promise<void> {
  await db`delete from domains where app_id = ${appId} and host = ${host}`;
}

/** Of all apps. */
export async function deleteExpiredClaims(db: Queryable): Promise<void> {
  await db`delete from domains where expires_at <= now()`;
}

export async function listActiveHostsOfApp(db: Queryable, appId: string): Promise<readonly string[]> {
  const rows = await db<{ host: string }[]>`
    select host from domains where app_id = ${appId} and state = 'active'`;
  return rows.map(({ host }) => host);
}

/** Also those of apps that are being deleted, and reserved ones. */
export async function listActiveHosts(db: Queryable): Promise<readonly ActiveHostRow[]> {
  return await db<ActiveHostRow[]>`
    select d.host, d.app_id, a.slug as app_slug from domains d join apps a on a.id = d.app_id
    where d.state = 'active'
    union all
    select name, app_id, null from reserved_names where kind = 'host' and reserved_until > now()`;
}
