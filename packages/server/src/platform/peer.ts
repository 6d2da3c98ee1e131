/** Who sent a request, and how: forwarding headers count only behind a trusted proxy (INS-5). */
import type { IncomingMessage } from "node:http";
import net, { BlockList } from "node:net";

export interface Peer {
  readonly address: string;
  readonly scheme: "http" | "https";
  /** Lower case, with port as sent; empty if absent. */
  readonly host: string;
}

export function peerOf(request: IncomingMessage, trustedProxies: BlockList | undefined): Peer {
  const address = plainAddress(request.socket.remoteAddress ?? "");
  const host = (request.headers.host ?? "").toLowerCase();
  if (trustedProxies === undefined || !isIn(trustedProxies, address))
    return { address, scheme: "http", host };
  const forwarded = listOf(request.headers["x-forwarded-for"]).map(hopAddress);
  // The nearest hop that is not a proxy of ours is the client. One that is no address is not passed over: what stands
  // before it was written by whoever sent it.
  const client = forwarded.findLast((hop) => !isIn(trustedProxies, hop)) ?? forwarded[0];
  const proto = listOf(request.headers["x-forwarded-proto"]).at(-1);
  const forwardedHost = listOf(request.headers["x-forwarded-host"]).at(-1);
  return {
    address: client !== undefined && net.isIP(client) !== 0 ? client : address,
    scheme: proto === "https" ? "https" : "http",
    host: forwardedHost === undefined || forwardedHost === "" ? host : forwardedHost.toLowerCase(),
  };
}

function isIn(list: BlockList, address: string): boolean {
  return net.isIP(address) !== 0 && list.check(address, net.isIPv6(address) ? "ipv6" : "ipv4");
}

/** IPv4 addresses of dual-stack sockets come as `::ffff:127.0.0.1`. */
function plainAddress(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address.trim();
}

/** Some proxies write the port too: `203.0.113.5:4711`, `[2001:db8::1]:4711`. */
function hopAddress(hop: string): string {
  const [, bracketed] = /^\[(.*)\](?::\d+)?$/.exec(hop) ?? [];
  const [, beforePort] = /^([\d.]+):\d+$/.exec(hop) ?? [];
  return plainAddress(bracketed ?? beforePort ?? hop);
}

function listOf(value: string | string[] | undefined): string[] {
  return (Array.isArray(value) ? value.join(",") : (value ?? "")).split(",").flatMap((part) => {
    const trimmed = part.trim();
    return trimmed === "" ? [] : [trimmed];
  });
}

/** The list of `PICLOUD_TRUSTED_PROXIES`, whose forms the settings have checked; `undefined` where it is empty. */
export function proxyList(networks: readonly string[]): BlockList | undefined {
  if (networks.length === 0) return undefined;
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const family = net.isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
