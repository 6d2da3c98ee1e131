/** Which app a host and path belong to, and whether the dashboard shares that origin (APP-3, APP-4). */
import { LRUCache } from "lru-cache";
import type { ClaimedHost } from "../features/domains/domains.service.ts";
import { isClaimable, isLocal, nameOf } from "../platform/instance-hosts.ts";
import type { InstanceHosts } from "../platform/instance-hosts.ts";

export interface Place {
  /** Slug; `undefined`: the host belongs to no app. */
  readonly app: string | undefined;
  /** As the script and the route table see it: without `/a/{slug}`. */
  readonly path: string;
  /** The dashboard or the admin API answer on this host, so scripts' pages are sandboxed. */
  readonly isShared: boolean;
  /** The origin is one app's: nothing of another app is served here, or it could act on it. */
  readonly isOwn: boolean;
}

export interface Hosts {
  place(host: string, path: string): Place;
}

/** Clients name few hosts, each in every request. */
const knownHostsMax = 1000;

/** `claims`: active ones and reserved hosts. A table lives as long as the deployed state that they are part of. */
export function createHosts(instance: InstanceHosts, claims: readonly ClaimedHost[]): Hosts {
  const table: HostTable = { instance, slugs: new Map(), reserved: new Map() };
  for (const { host, slug } of claims) {
    if (slug === undefined) table.reserved.set(host, "");
    else table.slugs.set(host, slug);
  }
  const known = new LRUCache<string, HostFacts>({ max: knownHostsMax });
  return {
    place(host, path) {
      let facts = known.get(host);
      if (facts === undefined) known.set(host, (facts = factsOf(table, nameOf(host))));
      const { app: appOfHost, isShared, isOwn } = facts;
      // On an app's own origin another app's page would read its storage and get its visitors' cookies.
      if (!isOwn && path.startsWith("/a/")) {
        const end = path.indexOf("/", 3);
        const app = end === -1 ? path.slice(3) : path.slice(3, end);
        return { app, path: end === -1 ? "/" : path.slice(end), isShared, isOwn };
      }
      return { app: appOfHost, path, isShared, isOwn };
    },
  };
}

/** Whether dashboard and admin API answer on a host; `undefined`: it depends on what apps have claimed. */
export function isAdminName(instance: InstanceHosts, host: string): boolean | undefined {
  const name = nameOf(host);
  if (instance.admin !== undefined) return instance.admin === name;
  if (isLocal(name)) return false;
  return instance.isOwn(name) || !isClaimable(name) ? true : undefined;
}

type HostFacts = Omit<Place, "path">;

interface HostTable {
  readonly instance: InstanceHosts;
  /** By claimed host. */
  readonly slugs: Map<string, string>;
  readonly reserved: Map<string, "">;
}

function factsOf({ instance, slugs, reserved }: HostTable, name: string): HostFacts {
  if (isLocal(name)) {
    const slug = name.slice(0, -".localhost".length);
    return { app: /^[a-z0-9-]{1,63}$/.test(slug) ? slug : undefined, isShared: false, isOwn: true };
  }
  // The settings go first: a host that was claimed before they named it must not lock the owner out.
  if (!instance.isOwn(name)) {
    const app = claimantOf(slugs, name);
    if (app !== undefined) return { app, isShared: false, isOwn: true };
    if (claimantOf(reserved, name) !== undefined) return { app: undefined, isShared: false, isOwn: true };
  }
  const isShared = instance.admin === undefined || instance.admin === name;
  return { app: instance.isDefault(name) ? "default" : undefined, isShared, isOwn: false };
}

/** Exact beats wildcard, longer wildcard beats shorter: `a.b.c` is looked for as `a.b.c`, `*.b.c`, `*.c`. */
function claimantOf(claims: ReadonlyMap<string, string>, name: string): string | undefined {
  if (claims.size === 0) return undefined;
  let found = claims.get(name);
  for (let dot = name.indexOf("."); found === undefined && dot !== -1; dot = name.indexOf(".", dot + 1))
    found = claims.get(`*${name.slice(dot)}`);
  return found;
}
