/** Hosts that belong to the server itself: no app can claim them, and what answers on them is known without a database. */
import net from "node:net";
import type { Config } from "../config.ts";

export type HostSettings = Pick<Config, "publicUrl" | "defaultAppHosts" | "adminHost">;

export interface InstanceHosts {
  /** The only host of dashboard and admin API; `undefined`: they answer on every host that no app has claimed. */
  readonly admin: string | undefined;
  /** Whether the app `default` answers here. */
  isDefault(name: string): boolean;
  /** Whether the settings name this host, so that nobody can claim it. */
  isOwn(name: string): boolean;
}

export function instanceHosts(settings: HostSettings): InstanceHosts {
  const { defaultAppHosts, adminHost, publicUrl } = settings;
  const admin = adminHost === undefined ? undefined : nameOf(bracketed(adminHost));
  const publicHost = publicUrl === undefined ? undefined : nameOf(new URL(publicUrl).hostname);
  const named =
    defaultAppHosts === undefined
      ? undefined
      : new Set(defaultAppHosts.map((host) => nameOf(bracketed(host))));
  const isDefault = (name: string): boolean =>
    named === undefined
      ? name === "localhost" || name === publicHost || name === "" || isAddress(name)
      : named.has(name);
  return {
    admin,
    isDefault,
    isOwn: (name) => name === admin || name === publicHost || isDefault(name),
  };
}

/** Lower case, without the port and the dot of an absolute name: `[::1]:8080` → `[::1]`, `Shop.localhost.` →
 *  `shop.localhost`. */
export function nameOf(host: string): string {
  const end = host.indexOf(":", host.startsWith("[") ? host.indexOf("]") : 0);
  return (end === -1 ? host : host.slice(0, end)).replace(/\.$/, "").toLowerCase();
}

/** Whether a name can be a claimed one: it has a dot, and is neither an address nor below `localhost`. */
export function isClaimable(name: string): boolean {
  return name.includes(".") && !isAddress(name) && !isLocal(name);
}

/** `shop.localhost` and all else below `localhost`, which browsers keep on their own machine. */
export function isLocal(name: string): boolean {
  return name.endsWith(".localhost");
}

function isAddress(name: string): boolean {
  return net.isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

/** The settings take IPv6 addresses as they are written elsewhere; a Host header has them in brackets. */
function bracketed(host: string): string {
  return net.isIPv6(host) ? `[${host}]` : host;
}
