/** Which app a host and path belong to, and whether the dashboard shares that origin (APP-3, APP-4). */
import net from "node:net";
import { LRUCache } from "lru-cache";
import type { Config } from "../config.ts";

export interface Place {
  /** Slug; `undefined`: the host belongs to no app. */
  readonly app: string | undefined;
  /** As the script and the route table see it: without `/a/{slug}`. */
  readonly path: string;
  /** The dashboard or the admin API answer on this host, so scripts' pages are sandboxed. */
  readonly isShared: boolean;
}

export interface Hosts {
  place(host: string, path: string): Place;
}

export function createHosts(config: Pick<Config, "publicUrl" | "defaultAppHosts" | "adminHost">): Hosts {
  const named = new Set(config.defaultAppHosts?.map((name) => name.toLowerCase()));
  const publicHost = config.publicUrl === undefined ? undefined : new URL(config.publicUrl).hostname;
  const isDefault = (name: string): boolean =>
    config.defaultAppHosts === undefined
      ? name === "localhost" ||
        name === publicHost ||
        net.isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0 ||
        name === ""
      : named.has(name);
  const look = (host: string): HostFacts => {
    const name = nameOf(host);
    const own = /^([a-z0-9-]{1,63})\.localhost$/.exec(name)?.[1];
    const isShared = config.adminHost === undefined || config.adminHost.toLowerCase() === name;
    return own === undefined
      ? { own, app: isDefault(name) ? "default" : undefined, isShared }
      : { own, app: own, isShared: false };
  };
  // Clients name few hosts, each in every request.
  const known = new LRUCache<string, HostFacts>({ max: 1000 });
  return {
    place(host, path) {
      let facts = known.get(host);
      if (facts === undefined) known.set(host, (facts = look(host)));
      const { own, app: appOfHost, isShared } = facts;
      if (own === undefined && path.startsWith("/a/")) {
        const end = path.indexOf("/", 3);
        const app = end === -1 ? path.slice(3) : path.slice(3, end);
        return { app, path: end === -1 ? "/" : path.slice(end), isShared };
      }
      return { app: appOfHost, path, isShared };
    },
  };
}

interface HostFacts {
  /** The app whose own origin this is. */
  readonly own: string | undefined;
  readonly app: string | undefined;
  readonly isShared: boolean;
}

/** Without the port and the dot of an absolute name: `[::1]:8080` → `[::1]`, `shop.localhost.` → `shop.localhost`. */
function nameOf(host: string): string {
  const end = host.startsWith("[") ? host.indexOf("]") + 1 : host.indexOf(":");
  return (end <= 0 ? host : host.slice(0, end)).replace(/\.$/, "");
}
