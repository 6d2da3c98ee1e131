/** Hosts and origins on two nodes: an app's host is its alone within a second, and no page of a script is ever the
 *  dashboard's origin (APP-3, APP-4). */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDnsServer } from "../support/dns-server.ts";
import type { DnsServer } from "../support/dns-server.ts";
import { startExternalPostgres } from "../support/external-postgres.ts";
import type { ExternalPostgres, Way } from "../support/external-postgres.ts";
import { askHost, sendBytes } from "../support/host-request.ts";
import type { HostAnswer } from "../support/host-request.ts";
import { loggedInPic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { removeFolder, startServer } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const startMs = 180_000;
/** What the specification promises. */
const seenMs = 1_000;
const sandbox = "sandbox allow-scripts allow-forms allow-popups";

let postgres: ExternalPostgres;
let wayOfTwo: Way;
let dns: DnsServer;
let one: RunningServer;
/** Its dashboard has a host of its own, and a proxy in front that it trusts. */
let two: RunningServer;
let pic: Pic;
let token: string;
/** Ids of the script `page` by app. */
const pageIds = new Map<string, string>();

/** What a script's page could try on the origin that it is served from. */
const page = `export default async (request, ctx) => {
  const url = new URL(request.url);
  const kind = url.searchParams.get("kind");
  const headers = {
    "content-type": "text/html",
    "content-security-policy": "default-src 'self'",
    "service-worker-allowed": "/",
  };
  if (kind === "throw") throw new Error("no");
  if (kind === "redirect") return new Response(null, { status: 302, headers: { ...headers, location: "/dashboard" } });
  const who = ctx.principal?.name ?? "nobody";
  return new Response("<p>" + ctx.app.slug + " for " + who + " at " + url.host + "</p>", { headers });
};`;

beforeAll(async () => {
  [postgres, dns] = await Promise.all([startExternalPostgres(), startDnsServer()]);
  wayOfTwo = await postgres.secondWay();
  const PICLOUD_DNS_SERVERS = dns.address;
  one = await startServer({ env: { DATABASE_URL: postgres.url, PICLOUD_DNS_SERVERS } });
  pic = await loggedInPic(one);
  two = await startServer({
    env: {
      DATABASE_URL: wayOfTwo.url,
      PICLOUD_DNS_SERVERS,
      PICLOUD_ADMIN_HOST: "admin.example.org",
      PICLOUD_TRUSTED_PROXIES: "127.0.0.1",
    },
  });
  const login = await askHost(one, "127.0.0.1/api/v1/admin/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "owner", password: "a long password" }),
  });
  ({ token } = JSON.parse(login.text) as { token: string });
  for (const app of ["shop", "blog"]) {
    await admin("POST", "/apps", { slug: app });
    const script = await admin<{ id: string }>("POST", `/apps/${app}/scripts`, {
      name: "page",
      source: page,
    });
    pageIds.set(app, script.id);
    for (const method of ["GET", "POST"])
      await admin("POST", `/scripts/${script.id}/routes`, { method, path: "/page" });
  }
}, startMs);

afterAll(async () => {
  for (const server of [one, two]) {
    await server.stop();
    await removeFolder(server.dataDir);
  }
  await postgres.close();
  await dns.close();
}, startMs);

async function admin<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await askHost(one, `127.0.0.1/api/v1/admin${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as T;
}

const execute = (app: string): string => `/api/v1/execute/${pageIds.get(app) ?? ""}`;
const post = { method: "POST" } as const;
const policies = ({ lines }: HostAnswer): readonly string[] => lines["content-security-policy"] ?? [];

/** Asks node two until it answers so, and gives how long after `since` the last request began that did not. */
async function lastOtherwise(since: number, target: string, status: number): Promise<number> {
  let last = 0;
  await waitFor(`${target} is ${status}`, async () => {
    const startedAt = performance.now();
    const isSo = (await askHost(two, target)).status === status;
    if (!isSo) last = startedAt - since;
    return isSo;
  });
  return last;
}

describe("a claimed host", () => {
  const host = "app.example.org";

  test("is another node's within a second, also when it is never told; and gone as soon", async () => {
    expect((await askHost(one, `${host}/page`)).status).toBe(404);
    expect((await askHost(one, `${host}/dashboard`)).status).toBe(200);
    expect((await askHost(two, `${host}/page`)).status).toBe(404);
    expect(wayOfTwo.muteListeners()).toBeGreaterThan(0);
    await admin("POST", "/apps/shop/domains", { host });
    let changedAt = performance.now();
    // At once on its own node.
    expect((await askHost(one, `${host}/page`)).status).toBe(200);
    expect(await lastOtherwise(changedAt, `${host}/page`, 200)).toBeLessThan(seenMs);
    await admin("DELETE", `/apps/shop/domains/${host}`);
    changedAt = performance.now();
    expect((await askHost(one, `${host}/page`)).status).toBe(404);
    expect(await lastOtherwise(changedAt, `${host}/page`, 404)).toBeLessThan(seenMs);
    // What its pages left in browsers must not meet a dashboard.
    for (const path of ["/dashboard", "/api/v1/admin/apps", "/a/shop/page"])
      expect((await askHost(one, `${host}${path}`)).status).toBe(404);
    // A node that has served nothing for a while looks before it answers.
    await admin("DELETE", `/reserved_hosts/${host}`);
    expect((await askHost(one, `${host}/dashboard`)).status).toBe(200);
    await admin("POST", "/apps/shop/domains", { host });
    await sleep(seenMs + 100);
    expect((await askHost(two, `${host}/page`)).status).toBe(200);
  });

  test("serves its app without the sandbox, and neither dashboard nor admin API nor another app", async () => {
    const answer = await askHost(one, `${host.toUpperCase()}.:8080/page`);
    expect(answer.text).toContain("shop for nobody at app.example.org");
    expect(policies(answer)).toEqual(["default-src 'self'"]);
    expect(answer.lines["service-worker-allowed"]).toEqual(["/"]);
    const worker = await askHost(one, `${host}/page`, { headers: { "service-worker": "script" } });
    expect(worker.status).toBe(200);
    for (const path of [
      "/dashboard",
      "/dashboard?x",
      "/api/v1/admin/apps",
      "/api/v1/admin/auth/login",
      "/api/v1/version",
      "/api/v1/openapi.json",
      "/api/v1/docs",
      "/a/shop/page",
      "/a/blog/page",
      "//a/blog/page",
      "/A/blog/page",
      "/%61/blog/page",
    ]) {
      const { status } = await askHost(one, `${host}${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect([path, status]).toEqual([path, 404]);
    }
    expect((await askHost(one, `${host}/healthz`)).status).toBe(200);
  });

  test("runs no other app's scripts", async () => {
    const own = await askHost(one, `${host}${execute("shop")}`, post);
    expect([own.status, policies(own)]).toEqual([200, ["default-src 'self'"]]);
    const headers = { authorization: `Bearer ${token}` };
    for (const path of [execute("blog"), "/api/v1/execute/blog/page"])
      expect((await askHost(one, `${host}${path}`, { ...post, headers })).status).toBe(404);
    expect((await askHost(one, `${host}/api/v1/execute/shop/page`, { ...post, headers })).status).toBe(200);
  });

  test("takes a bearer token, and no session cookie", async () => {
    const bearer = await askHost(one, `${host}/page`, { headers: { authorization: `Bearer ${token}` } });
    expect(bearer.text).toContain("shop for owner");
    const cookie = { cookie: `picloud_${one.port}=${token}`, "sec-fetch-site": "same-origin" };
    expect((await askHost(one, `${host}/page`, { headers: cookie })).text).toContain("shop for nobody");
    // The same cookie on the dashboard's host.
    expect((await askHost(one, "127.0.0.1/a/shop/page", { headers: cookie })).text).toContain(
      "shop for owner",
    );
  });
});

describe("on a host that the dashboard shares", () => {
  const at = "127.0.0.1/a/shop";

  test.each([
    ["a page", "/page", {}, 200],
    ["its head", "/page", { method: "HEAD" }, 200],
    ["a redirect", "/page?kind=redirect", {}, 302],
    ["a script that failed", "/page?kind=throw", {}, 422],
    ["OPTIONS", "/page", { method: "OPTIONS" }, 204],
    ["a method that is not taken", "/page", { method: "DELETE" }, 405],
    ["a path that is not there", "/nothing", {}, 404],
    ["a path that is malformed", "/%ff", {}, 404],
    ["a body that is too large", "/page", { method: "POST", headers: { "content-length": "11000000" } }, 413],
  ])("%s is sandboxed", async (_name, path, options, status) => {
    const answer = await askHost(one, `${at}${path}`, options);
    expect(answer.status).toBe(status);
    const isScripts = [200, 302].includes(status);
    expect(policies(answer)).toEqual([...(isScripts ? ["default-src 'self'"] : []), sandbox]);
    expect(answer.lines["service-worker-allowed"]).toBeUndefined();
  });

  test("an execution is sandboxed, as is one that is refused", async () => {
    const answer = await askHost(one, `127.0.0.1${execute("shop")}`, post);
    expect([answer.status, policies(answer)]).toEqual([200, ["default-src 'self'", sandbox]]);
    const unknown = await askHost(one, "127.0.0.1/api/v1/execute/0190a0a0-0000-7000-8000-00000000abcd", post);
    expect([unknown.status, policies(unknown)]).toEqual([404, [sandbox]]);
    expect((await askHost(one, `127.0.0.1${execute("shop")}`)).status).toBe(405);
  });

  test("no service worker is served", async () => {
    const headers = { "service-worker": "script" };
    for (const path of ["127.0.0.1/a/shop/page", "any.example.com/a/shop/page", "localhost/hello"])
      expect((await askHost(one, path, { headers })).status).toBe(404);
  });

  test("a host that nobody claimed answers /a/ only, and the default app answers its own", async () => {
    expect((await askHost(one, "any.example.com/page")).status).toBe(404);
    expect((await askHost(one, "any.example.com/a/shop/page")).text).toContain("shop");
    expect((await askHost(one, "localhost/hello")).status).toBe(200);
    expect((await askHost(one, "any.example.com/hello")).status).toBe(404);
  });
});

test("{slug}.localhost is the app's own origin: its routes and scripts, and nothing of PiCloud or another app", async () => {
  const host = `shop.localhost:${one.port}`;
  const answer = await askHost(one, `${host}/page`);
  expect([answer.status, policies(answer)]).toEqual([200, ["default-src 'self'"]]);
  expect(policies(await askHost(one, `${host}/nothing`))).toEqual([]);
  expect((await askHost(one, `${host}${execute("shop")}`, post)).status).toBe(200);
  expect((await askHost(one, `${host}${execute("blog")}`, post)).status).toBe(404);
  for (const path of ["/dashboard", "/api/v1/admin/apps", "/api/v1/openapi.json", "/a/blog/page"])
    expect([path, (await askHost(one, `${host}${path}`)).status]).toEqual([path, 404]);
  for (const other of ["nobody.localhost", "a.shop.localhost"])
    for (const path of ["/page", "/dashboard", "/a/shop/page"])
      expect((await askHost(one, `${other}${path}`)).status).toBe(404);
});

test("PICLOUD_ADMIN_HOST: dashboard and admin API there alone, no sandbox elsewhere", async () => {
  for (const path of ["/dashboard", "/api/v1/version"]) {
    expect((await askHost(two, `Admin.Example.org.${path}`)).status).toBe(200);
    for (const host of ["127.0.0.1", "any.example.com", "admin.example.org.example.com", "shop.localhost"])
      expect([host, (await askHost(two, `${host}${path}`)).status]).toEqual([host, 404]);
  }
  expect(policies(await askHost(two, "admin.example.org/a/shop/page"))).toContain(sandbox);
  expect(policies(await askHost(two, "127.0.0.1/a/shop/page"))).toEqual(["default-src 'self'"]);
});

describe("a Host that lies", () => {
  const end = "connection: close\r\n\r\n";

  test.each([
    ["none", `GET /page HTTP/1.1\r\n${end}`, 400],
    ["two", `GET /page HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: app.example.org\r\n${end}`, 400],
    ["with user", `GET /page HTTP/1.1\r\nhost: me@app.example.org\r\n${end}`, 400],
    ["a list", `GET /page HTTP/1.1\r\nhost: app.example.org, 127.0.0.1\r\n${end}`, 400],
    ["a target with user", `GET http://me@app.example.org/page HTTP/1.1\r\nhost: 127.0.0.1\r\n${end}`, 400],
    ["a wildcard", `GET /page HTTP/1.1\r\nhost: *.example.org\r\n${end}`, 400],
    // The target's host counts (RFC 9112 §3.2.2).
    ["other than the target's", `GET http://app.example.org/page HTTP/1.1\r\nhost: 127.0.0.1\r\n${end}`, 200],
    ["the admin API's", `GET http://app.example.org/dashboard HTTP/1.1\r\nhost: 127.0.0.1\r\n${end}`, 404],
  ])("%s", async (_name, text, status) => {
    expect((await sendBytes(one, text)).status).toBe(status);
  });

  test("in X-Forwarded-Host counts only behind a trusted proxy", async () => {
    const forwarded = (host: string) => ({ headers: { "x-forwarded-host": host } });
    expect((await askHost(one, "any.example.com/page", forwarded("app.example.org"))).status).toBe(404);
    expect((await askHost(one, "app.example.org/dashboard", forwarded("127.0.0.1"))).status).toBe(404);
    const through = await askHost(two, "10.0.0.1/page", forwarded("App.example.org"));
    expect(through.text).toContain("shop for nobody at app.example.org");
    expect((await askHost(two, "10.0.0.1/dashboard", forwarded("app.example.org"))).status).toBe(404);
    expect((await askHost(two, "10.0.0.1/dashboard", forwarded("admin.example.org"))).status).toBe(200);
    for (const lie of ["app.example.org/..", "me@app.example.org", "*.example.org", "a b"])
      expect([400, 404]).toContain((await askHost(two, "10.0.0.1/page", forwarded(lie))).status);
  });
});

test("by pic: claim, publish, verify, list, give up, free", { timeout: 120_000 }, async () => {
  type Row = Readonly<Record<string, unknown>>;
  const key = (await pic.json(["api-keys", "mint", "dns", "--scopes", "domain:manage,script:read"])) as Row;
  const keyed = ["--token", String(key["raw_token"])];
  await pic.ok(["login", "--url", one.url, "--profile", "key", "--token"], `${keyed[1] ?? ""}\n`);
  const asKey = async (...args: readonly string[]): Promise<Row> =>
    (await pic.json(["domains", ...args, "--app", "blog", "--profile", "key"])) as Row;
  const pending = await asKey("add", "*.Bücher.example");
  expect(pending).toMatchObject({ host: "*.xn--bcher-kva.example", state: "pending" });
  const early = await pic.run(["domains", "verify", "*.bücher.example", "--app", "blog", "--profile", "key"]);
  expect([early.code, early.stderr.includes(String(pending["txt_value"]))]).toEqual([7, true]);
  expect((await askHost(one, "www.xn--bcher-kva.example/page")).status).toBe(404);
  dns.set("_picloud.xn--bcher-kva.example", String(pending["txt_value"]));
  expect(await asKey("verify", "*.bücher.example")).toMatchObject({ state: "active", proof: "dns" });
  expect((await askHost(one, "www.xn--bcher-kva.example/page")).text).toContain("blog for nobody");
  expect((await askHost(one, "xn--bcher-kva.example/page")).status).toBe(404);

  const second = await pic.run(["domains", "add", "*.bücher.example", "--app", "shop"]);
  expect(second.code).toBe(5);
  expect((await asKey("add", "box.lan"))["state"]).toBe("pending");
  const unasked = await pic.run(["domains", "approve", "box.lan", "--app", "blog", "--profile", "key"]);
  expect(unasked.code).toBe(3);
  expect(await pic.json(["domains", "approve", "box.lan", "--app", "blog"])).toMatchObject({
    proof: "approval",
  });
  const listed = await pic.ok(["domains", "ls", "--app", "blog"]);
  expect(listed.split("\n")[0]).toBe("host\tstate\tproof\ttxt_name\ttxt_value\texpires_at");
  expect(listed).toContain("box.lan\tactive\tapproval");
  await pic.ok(["domains", "rm", "box.lan", "--app", "blog"]);
  expect((await pic.run(["domains", "add", "box.lan", "--app", "shop"])).code).toBe(5);
  expect(await pic.ok(["domains", "reserved"])).toContain("box.lan");
  await pic.ok(["domains", "free", "box.lan"]);
  await pic.ok(["domains", "add", "box.lan", "--app", "shop"]);
  const audit = await pic.ok(["audit", "ls", "--app", "blog"]);
  for (const action of ["create", "verify", "approve", "delete"])
    expect(audit).toContain(`domains.${action}`);
});

test("an app that is being deleted takes its hosts with it, and nothing else answers there", async () => {
  await admin("POST", "/apps", { slug: "gone" });
  await admin("POST", "/apps/gone/domains", { host: "gone.example.org" });
  expect((await askHost(one, "gone.example.org/dashboard")).status).toBe(404);
  await admin("DELETE", "/apps/gone?force=true");
  await waitFor("the app is gone", async () => {
    const known = await askHost(one, "127.0.0.1/api/v1/admin/apps/gone", {
      headers: { authorization: `Bearer ${token}` },
    });
    return known.status === 404;
  });
  const answer = await askHost(one, "127.0.0.1/api/v1/admin/apps/shop/domains", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ host: "gone.example.org" }),
  });
  expect(answer.status).toBe(409);
  expect((await askHost(one, "gone.example.org/dashboard")).status).toBe(404);
});
