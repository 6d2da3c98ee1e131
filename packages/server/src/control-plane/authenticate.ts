/** Who sent a request: bearer token or session cookie → principal, with a cache of one second. */
import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { LRUCache } from "lru-cache";
import { findPrincipalByKey, noteUses as noteKeyUses } from "../features/api-keys/api-keys.service.ts";
import { findPrincipalByToken, noteUses as noteSessionUses } from "../features/sessions/sessions.service.ts";
import type { Authentication, Authenticator } from "../platform/authenticator.ts";
import type { Principal } from "../platform/context.ts";
import { peerOf, proxyList } from "../platform/peer.ts";
import type { Peer } from "../platform/peer.ts";
import type { Platform } from "../platform/platform.ts";
import { createUseNotes } from "../platform/use-notes.ts";

/** A cached "allow" is good for this long from the start of the read that gave it, whatever notifications say. */
const allowMs = 1_000;
const cachedTokensMax = 10_000;
/** A read that takes longer counts as an unreachable database: a connection that is half open gives no error. */
const readMsMax = 2_000;
const sessionPattern = /^pics_[A-Za-z0-9_-]{43}$/;
const keyPattern = /^pic_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{43}$/;

interface Allow {
  readonly principal: Principal;
  readonly until: number;
}

export function createAuthenticator(
  platform: Pick<Platform, "config" | "db" | "signals" | "log">,
): Authenticator {
  const allowed = new LRUCache<string, Allow>({ max: cachedTokensMax });
  /** Reads under way, so that a busy key costs one read a second and not one for each request that waits for it. */
  const reads = new Map<string, { readonly until: number; readonly answer: Promise<Found | undefined> }>();
  const look = createLookUp(platform);
  const unsubscribe = platform.signals.on("access", () => {
    allowed.clear();
    // Who comes after a revocation does not wait for a read from before.
    reads.clear();
  });

  const find = async (token: string, isFresh: boolean): Promise<Principal | undefined> => {
    const key = hash("sha256", token, "base64");
    // Not the time of day: where that is set back, an allow would be good for as much longer.
    const now = performance.now();
    if (!isFresh) {
      const cached = allowed.get(key);
      if (cached !== undefined && now < cached.until) return cached.principal;
      const under = reads.get(key);
      if (under !== undefined && now < under.until) return (await under.answer)?.principal;
    }
    const until = now + allowMs;
    const read = { until, answer: look.find(token) };
    reads.set(key, read);
    try {
      const found = await read.answer;
      // A read that began before a revocation must not outlive it.
      const isCurrent = reads.get(key) === read;
      if (found === undefined) allowed.delete(key);
      else if (isCurrent)
        allowed.set(key, { principal: found.principal, until: Math.min(until, now + found.goodMs) });
      return found?.principal;
    } finally {
      if (reads.get(key) === read) reads.delete(key);
    }
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
    async authenticate(request, isFresh = false) {
      const credential = readCredential(request, cookieName);
      if (credential === undefined) return { kind: "none" };
      const { token, via } = credential;
      // A browser is given sessions, never a key: one in a cookie was put there by somebody else.
      if (!sessionPattern.test(token) && !(via === "bearer" && keyPattern.test(token)))
        return { kind: "invalid" };
      try {
        const principal = await find(token, isFresh);
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
      look.close();
    },
  };
}

interface Found {
  readonly principal: Principal;
  /** How long it is good by itself. */
  readonly goodMs: number;
}

interface LookUp {
  /** Rejects when the database can't be asked. */
  find(token: string): Promise<Found | undefined>;
  close(): void;
}

/** Asks the database who a token is, and notes that it was used. */
function createLookUp(platform: Pick<Platform, "db" | "log">): LookUp {
  const sessionUses = createUseNotes(async (ids) => await noteSessionUses(platform, ids), platform.log);
  const keyUses = createUseNotes(async (ids) => await noteKeyUses(platform, ids), platform.log);

  const findSession = async (token: string): Promise<Found | undefined> => {
    const found = await findPrincipalByToken(platform.db.read, token);
    if (found === undefined) return undefined;
    const { principal, isUseNoted } = found;
    if (!isUseNoted && principal.sessionId !== undefined) sessionUses.note(principal.sessionId);
    return { principal, goodMs: allowMs };
  };
  const findKey = async (token: string): Promise<Found | undefined> => {
    const found = await findPrincipalByKey(platform.db.read, token);
    if (found === undefined) return undefined;
    if (!found.isUseNoted) keyUses.note(found.principal.id);
    return { principal: found.principal, goodMs: found.expiresInMs ?? allowMs };
  };
  return {
    find: async (token) => await inTime(sessionPattern.test(token) ? findSession(token) : findKey(token)),
    close() {
      sessionUses.close();
      keyUses.close();
    },
  };
}

async function inTime<T>(read: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`the database gave no answer in ${readMsMax} ms`)),
    readMsMax,
  );
  try {
    return await Promise.race([read, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface Credential {
  readonly token: string;
  readonly via: "bearer" | "cookie";
}

/** An `Authorization` header wins over a cookie, also when it is no good: the sender meant it. */
function readCredential(
  request: IncomingMessage,
  cookieNameOf: (request: IncomingMessage) => string,
): Credential | undefined {
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    return { token: token ?? "", via: "bearer" };
  }
  if (cookie === undefined) return undefined;
  const cookieName = cookieNameOf(request);
  for (const part of cookie.split(";")) {
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
