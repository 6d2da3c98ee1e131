/** Who sent a request: bearer token or session cookie → principal, with a cache of one second. */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { LRUCache } from "lru-cache";
import { findPrincipalByToken, noteUses } from "../features/sessions/sessions.service.ts";
import type { Authentication, Authenticator } from "../platform/authenticator.ts";
import type { Principal } from "../platform/context.ts";
import { peerOf, proxyList } from "../platform/peer.ts";
import type { Peer } from "../platform/peer.ts";
import type { Platform } from "../platform/platform.ts";
import { createUseNotes } from "../platform/use-notes.ts";

/** A cached "allow" is good for this long from the start of the read that gave it, whatever notifications say. */
const allowMs = 1_000;
const cachedTokensMax = 10_000;
/** Session tokens; API keys (`pic_…`) follow with their feature. */
const tokenPattern = /^pics_[A-Za-z0-9_-]{43}$/;

export function createAuthenticator(
  platform: Pick<Platform, "config" | "db" | "signals" | "now" | "log">,
): Authenticator {
  const allowed = new LRUCache<string, { readonly principal: Principal; readonly until: number }>({
    max: cachedTokensMax,
  });
  const sessionUses = createUseNotes(async (ids) => await noteUses(platform, ids), platform.log);
  let generation = 0;
  const unsubscribe = platform.signals.on("access", () => {
    generation++;
    allowed.clear();
  });

  const find = async (token: string): Promise<Principal | undefined> => {
    const key = createHash("sha256").update(token).digest("base64");
    const start = platform.now();
    const cached = allowed.get(key);
    if (cached !== undefined && start < cached.until) return cached.principal;
    const seen = generation;
    const found = await findPrincipalByToken(platform.db.read, token);
    const principal = found?.principal;
    if (found?.isUseNoted === false && found.principal.sessionId !== undefined)
      sessionUses.note(found.principal.sessionId);
    // A read that began before a revocation must not outlive it.
    if (principal !== undefined && seen === generation)
      allowed.set(key, { principal, until: start + allowMs });
    return principal;
  };

  const proxies = proxyList(platform.config.trustedProxies);
  /** TLS ends at a proxy in front, which says so or is known by the public URL. */
  const isHttps = (request: IncomingMessage): boolean =>
    peerOf(request, proxies).scheme === "https" || platform.config.publicUrl?.startsWith("https:") === true;
  const cookieName = (request: IncomingMessage): string =>
    isHttps(request)
      ? "__Host-picloud"
      : `picloud_${request.socket.localPort ?? platform.config.listen.port}`;

  return {
    async authenticate(request) {
      const credential = readCredential(request, cookieName(request));
      if (credential === undefined) return { kind: "none" };
      if (!tokenPattern.test(credential.token)) return { kind: "invalid" };
      try {
        const principal = await find(credential.token);
        if (principal === undefined) return { kind: "invalid" };
        const isSameOrigin =
          credential.via === "bearer" || hasOriginProof(platform, request, peerOf(request, proxies));
        return { kind: "principal", principal, via: credential.via, isSameOrigin };
      } catch (cause) {
        return { kind: "unavailable", cause } satisfies Authentication;
      }
    },
    cookieName,
    sessionCookie(request, session) {
      const secure = isHttps(request) ? "; Secure" : "";
      const end = session === undefined ? "Max-Age=0" : `Expires=${session.expires.toUTCString()}`;
      return `${cookieName(request)}=${session?.token ?? ""}; Path=/; HttpOnly; SameSite=Lax; ${end}${secure}`;
    },
    close() {
      unsubscribe();
      sessionUses.close();
    },
  };
}

interface Credential {
  readonly token: string;
  readonly via: "bearer" | "cookie";
}

/** An `Authorization` header wins over a cookie, also when it is no good: the sender meant it. */
function readCredential(request: IncomingMessage, cookieName: string): Credential | undefined {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    return { token: token ?? "", via: "bearer" };
  }
  for (const part of (cookie ?? "").split(";")) {
    const [name, value] = part.split("=", 2);
    if (name?.trim() === cookieName && value !== undefined && value.trim() !== "")
      return { token: value.trim(), via: "cookie" };
  }
  return undefined;
}

/** `Sec-Fetch-Site: same-origin`, or an `Origin` that is this server's (INS-5). `Origin: null` is no origin. */
function hasOriginProof(platform: Pick<Platform, "config">, request: IncomingMessage, peer: Peer): boolean {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin } = request.headers;
  if (origin === undefined) return false;
  const { publicUrl } = platform.config;
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  return origin.toLowerCase() === `${peer.scheme}://${peer.host}`;
}
