/** Domains: claims of hosts, and what makes them count (APP-3). A claim that counts does so at once on this node and within
 *  1 s on every other. */
import { PicloudError } from "@picloud/contract";
import type { Page, PageQuery } from "@picloud/contract";
import { authorize, isAuthorized } from "../../platform/authorize.ts";
import type { Context } from "../../platform/context.ts";
import { pageOfRows, readCursor } from "../../platform/cursor.ts";
import { tableContent } from "../../platform/database/app-content.ts";
import type { AppContent } from "../../platform/database/app-content.ts";
import type { AuditEntry, AuditSummary } from "../../platform/database/audit.ts";
import { controlChange } from "../../platform/database/control-change.ts";
import type { Queryable, Transaction } from "../../platform/database/database.ts";
import { instanceHosts } from "../../platform/instance-hosts.ts";
import type { Platform } from "../../platform/platform.ts";
import { getApp, requireCaller } from "../apps/apps.service.ts";
import { refuseReserved, reserveNames } from "../apps/reserved-names.service.ts";
import { isProven, proofRecord } from "./dns-proof.ts";
import type { TxtRecord } from "./dns-proof.ts";
import {
  activateDomain,
  countDomains,
  deleteDomainRow,
  deleteExpiredClaims,
  findDomain,
  findRival,
  insertDomain,
  listActiveHosts,
  listActiveHostsOfApp,
  listDomainRows,
} from "./domains.repository.ts";
import type { DomainRow } from "./domains.repository.ts";
import { parseHost } from "./host-name.ts";

/** A claim without proof ends after this: long enough for any DNS, short enough that a wish blocks nobody. */
const pendingDays = 7;
/** So that nobody fills the table of hosts that each node holds in memory. */
const hostsPerAppMax = 100;

export interface Domain extends TxtRecord {
  readonly host: string;
  readonly app_id: string;
  readonly state: "pending" | "active";
  readonly proof: "dns" | "approval" | null;
  readonly created_at: string;
  readonly active_at: string | null;
  readonly expires_at: string | null;
}

/** `host` as its user wrote it. */
export interface DomainAddress {
  readonly app: string;
  readonly host: string;
}

type Proof = "dns" | "approval";

export async function listDomains(
  ctx: Context,
  platform: Platform,
  query: PageQuery & { readonly app: string },
): Promise<Page<Domain> & { items: Domain[] }> {
  const app = await getApp(ctx, platform.db.read, query.app, "AppRead");
  const form = { list: `domains:${app.id}`, parts: ["text"] } as const;
  const after = String(readCursor(form, query.cursor)?.[0] ?? "");
  const rows = await listDomainRows(platform.db.read, { appId: app.id, after, limit: query.limit + 1 });
  return pageOfRows(rows, query.limit, form, { key: (row) => [row.host], item: domainOf });
}

/** Claims a host. An instance admin's own claim is approved with it. Another app's claim that has no proof yet gives way
 *  to one that has: then DNS is asked at once. Throws `invalid` at `host`, `already_exists`, `unavailable`. */
export async function claimHost(ctx: Context, platform: Platform, address: DomainAddress): Promise<Domain> {
  const { id: appId } = await getApp(ctx, platform.db.read, address.app, "AppManageDomains");
  const host = checkHost(platform, address.host);
  const proof = await proofOfClaim(ctx, platform, { appId, host });
  const change = { by: ctx, action: "domains.create", signal: "deployed", appId } as const;
  return await controlChange(platform, change, async (tx, record) => {
    await getApp(ctx, tx, appId, "AppManageDomains");
    await deleteExpiredClaims(tx);
    if ((await findDomain(tx, appId, host)) !== undefined)
      throw taken(host, "is claimed by this app already");
    await refuseRival(tx, { appId, host, isProven: proof !== undefined });
    await refuseReserved(tx, { kind: "host", name: host, forAppId: appId });
    if ((await countDomains(tx, appId)) >= hostsPerAppMax)
      throw invalid(`would be the app's host number ${hostsPerAppMax + 1}: give one up first`);
    await insertDomain(tx, { appId, host, days: pendingDays });
    if (proof !== undefined) await activateDomain(tx, { appId, host, proof });
    const row = await getDomain(tx, appId, host);
    record.tell({ resource: resourceOf(host), after: summaryOf(row) });
    return domainOf(row);
  });
}

/** Looks for the TXT record; a claim that counts already stays as it is. Throws `invalid` at `host` where the record is
 *  not there, `unavailable` where DNS gives no answer: both change nothing. */
export async function verifyDomain(
  ctx: Context,
  platform: Platform,
  address: DomainAddress,
): Promise<Domain> {
  const app = await getApp(ctx, platform.db.read, address.app, "AppManageDomains");
  const row = await getDomain(platform.db.read, app.id, nameOfAddress(address.host));
  if (row.state === "active") return domainOf(row);
  await refuseRival(platform.db.read, { appId: app.id, host: row.host, isProven: true });
  const wanted = proofRecord(app.id, row.host);
  if (!(await isProven(platform.config, wanted))) {
    const message = `has no proof: DNS shows no TXT record ${wanted.txt_name} with the value ${wanted.txt_value}`;
    throw new PicloudError("invalid", `${row.host} ${message}.`, {
      fields: [{ path: "host", message }],
      details: wanted,
      retryable: true,
    });
  }
  return await activate(ctx, platform, { appId: app.id, host: row.host, proof: "dns" });
}

/** Accepts a claim without a proof. */
export async function approveDomain(
  ctx: Context,
  platform: Platform,
  address: DomainAddress,
): Promise<Domain> {
  requireCaller(ctx);
  // The app is looked up for its place in the path; the right to approve is the instance's.
  const app = await getApp({ ...ctx, kind: "system" }, platform.db.read, address.app, "AppManageDomains");
  authorize(ctx, "InstanceManageApps");
  const row = await getDomain(platform.db.read, app.id, nameOfAddress(address.host));
  if (row.state === "active") return domainOf(row);
  return await activate(ctx, platform, { appId: app.id, host: row.host, proof: "approval" });
}

/** Gives a host up. One that counted stays reserved: its DNS may lead here for a while. */
export async function deleteDomain(
  ctx: Context,
  platform: Platform,
  address: DomainAddress,
): Promise<{ app_id: string; host: string }> {
  const { id: appId } = await getApp(ctx, platform.db.read, address.app, "AppManageDomains");
  const host = nameOfAddress(address.host);
  const change = { by: ctx, action: "domains.delete", signal: "deployed", appId } as const;
  return await controlChange(platform, change, async (tx, record) => {
    await getApp(ctx, tx, appId, "AppManageDomains");
    const row = await getDomain(tx, appId, host);
    await deleteDomainRow(tx, appId, host);
    if (row.state === "active") await reserveNames(tx, { kind: "host", names: [host], appId });
    record.tell({ resource: resourceOf(host), before: summaryOf(row) });
    return { app_id: appId, host };
  });
}

/** What an app holds of this. Its hosts stay its own until it is gone, and reserved from the start of its deletion. */
export const domainsContent: readonly AppContent[] = [
  {
    ...tableContent({ kind: "domains", table: "domains", key: ["host"], stopsDeletion: true }),
    begin: async (tx, appId) =>
      await reserveNames(tx, { kind: "host", names: await listActiveHostsOfApp(tx, appId), appId }),
  },
];

/** A host that counts for requests. */
export interface ClaimedHost {
  readonly host: string;
  readonly appId: string;
  /** Absent: the host is reserved, and nothing answers there. A service worker of the app that had it may still be in
   *  browsers: it would see whoever logs in to a dashboard there. */
  readonly slug: string | undefined;
}

/** All claims that count, and reserved hosts. For the data plane only: it is what requests are matched with, so it asks for no principal. */
export async function loadClaimedHosts(db: Queryable): Promise<readonly ClaimedHost[]> {
  const rows = await listActiveHosts(db);
  return rows.map((row) => ({ host: row.host, appId: row.app_id, slug: row.app_slug ?? undefined }));
}

/** The form of a host in the tables, for an address; what can't be one is simply not found. */
export function nameOfAddress(text: string): string {
  const parsed = parseHost(text);
  if (parsed.kind === "wrong") throw notFound(text);
  return parsed.host;
}

function checkHost(platform: Pick<Platform, "config">, text: string): string {
  const parsed = parseHost(text);
  if (parsed.kind === "wrong") throw invalid(parsed.rule);
  if (instanceHosts(platform.config).isOwn(parsed.host))
    throw invalid("belongs to this server itself (public, admin or default host)");
  return parsed.host;
}

/** What makes a claim count from the start. DNS is asked only where another claim must give way. */
async function proofOfClaim(
  ctx: Context,
  platform: Platform,
  claim: { readonly appId: string; readonly host: string },
): Promise<Proof | undefined> {
  if (isAuthorized(ctx, "InstanceManageApps")) return "approval";
  const { appId, host } = claim;
  const rival = await findRival(platform.db.read, appId, host);
  if (rival?.state !== "pending") return undefined;
  return (await isProven(platform.config, proofRecord(appId, host))) ? "dns" : undefined;
}

async function activate(
  ctx: Context,
  platform: Platform,
  claim: { readonly appId: string; readonly host: string; readonly proof: Proof },
): Promise<Domain> {
  const { appId, host, proof } = claim;
  const isApproval = proof === "approval";
  const action = isApproval ? "domains.approve" : "domains.verify";
  return await controlChange(platform, { by: ctx, action, signal: "deployed", appId }, async (tx, record) => {
    await getApp(isApproval ? { ...ctx, kind: "system" } : ctx, tx, appId, "AppManageDomains");
    const before = await getDomain(tx, appId, host);
    if (before.state === "active") {
      record.nothing();
      return domainOf(before);
    }
    await refuseRival(tx, { appId, host, isProven: true });
    await refuseReserved(tx, { kind: "host", name: host, forAppId: appId });
    await activateDomain(tx, { appId, host, proof });
    const row = await getDomain(tx, appId, host);
    record.tell({ resource: resourceOf(host), before: summaryOf(before), after: summaryOf(row) });
    return domainOf(row);
  });
}

/** Another app's claim: one that counts stands in the way of all, one without proof of those that have none either. */
async function refuseRival(
  db: Queryable | Transaction,
  claim: { readonly appId: string; readonly host: string; readonly isProven: boolean },
): Promise<void> {
  const { appId, host } = claim;
  const rival = await findRival(db, appId, host);
  if (rival === undefined || (rival.state === "pending" && claim.isProven)) return;
  if (rival.state === "active") throw taken(host, "belongs to another app");
  const wanted = proofRecord(appId, host);
  const until = rival.expires_at?.toISOString() ?? "";
  throw new PicloudError(
    "already_exists",
    `Another app has claimed ${host}, without a proof so far; that claim ends ${until}. Add the TXT record ${wanted.txt_name} with the value ${wanted.txt_value} and claim it again: who has the proof gets the host.`,
    { fields: [{ path: "host", message: "is claimed by another app" }], details: { ...wanted, until } },
  );
}

async function getDomain(db: Queryable, appId: string, host: string): Promise<DomainRow> {
  const row = await findDomain(db, appId, host);
  if (row === undefined) throw notFound(host);
  return row;
}

function notFound(host: string): PicloudError {
  return new PicloudError("not_found", `The app has no claim of ${JSON.stringify(host.slice(0, 300))}.`);
}

function taken(host: string, message: string): PicloudError {
  return new PicloudError("already_exists", `${host} ${message}.`, { fields: [{ path: "host", message }] });
}

function invalid(message: string): PicloudError {
  return new PicloudError("invalid", `host ${message}.`, { fields: [{ path: "host", message }] });
}

function resourceOf(host: string): AuditEntry["resource"] {
  return { kind: "domain", name: host };
}

function summaryOf({ state, proof }: DomainRow): AuditSummary {
  return proof === null ? { state } : { state, proof };
}

function domainOf(row: DomainRow): Domain {
  return {
    ...row,
    ...proofRecord(row.app_id, row.host),
    created_at: row.created_at.toISOString(),
    active_at: row.active_at?.toISOString() ?? null,
    expires_at: row.expires_at?.toISOString() ?? null,
  };
}
