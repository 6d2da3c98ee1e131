import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startDnsServer } from "../../../../../tests/support/dns-server.ts";
import type { DnsServer } from "../../../../../tests/support/dns-server.ts";
import { ownerLogin, startTestApi, textOf } from "../../../../../tests/support/test-api.ts";
import type { Answer, TestApi } from "../../../../../tests/support/test-api.ts";
import { newId } from "../../platform/ids.ts";
import { loadClaimedHosts } from "./domains.service.ts";

let api: TestApi;
let dns: DnsServer;
/** An app_admin of shop, lab and blog who is no admin of the instance. */
let bob: string;

beforeAll(async () => {
  dns = await startDnsServer();
  const environment = {
    PICLOUD_DNS_SERVERS: dns.address,
    PICLOUD_PUBLIC_URL: "https://Box.example.org/",
    PICLOUD_DEFAULT_APP_HOSTS: "home.example.org.",
  };
  api = await startTestApi({ environment });
  const id = newId();
  await api.platform.db.write`insert into users (id, username, role, password_hash)
    select ${id}, 'bob', 'member', password_hash from users where username = ${ownerLogin.username}`;
  for (const slug of ["shop", "lab", "blog"]) {
    await api.call("POST /apps", { body: { slug } });
    await api.call(`POST /apps/${slug}/members`, { body: { user: "bob", role: "app_admin" } });
  }
  const login = await api.call("POST /auth/login", { token: null, body: { ...ownerLogin, username: "bob" } });
  bob = textOf(login.body["token"]);
});
afterAll(async () => {
  await api.close();
  await dns.close();
});
afterEach(() => dns.fail(0));

const claim = async (app: string, host: string, token = bob): Promise<Answer> =>
  await api.call(`POST /apps/${app}/domains`, { token, body: { host } });
const verify = async (app: string, host: string): Promise<Answer> =>
  await api.call(`POST /apps/${app}/domains/${host}/verify`, { token: bob, body: {} });
const remove = async (app: string, host: string): Promise<Answer> =>
  await api.call(`DELETE /apps/${app}/domains/${host}`, { token: bob });
const publish = ({ body }: Answer): void => dns.set(textOf(body["txt_name"]), textOf(body["txt_value"]));
const claimed = async (host: string): Promise<string | undefined> =>
  (await loadClaimedHosts(api.platform.db.read)).find((each) => each.host === host && each.slug !== undefined)
    ?.slug;
const codeOf = ({ status, body }: Answer): unknown[] => [status, body["error"]?.["code"]];

test("a claim counts when DNS has its record, whole or in pieces, beside others", async () => {
  const pending = await claim("shop", "App.Example.com.");
  expect(pending.status).toBe(201);
  expect(pending.body).toMatchObject({
    host: "app.example.com",
    state: "pending",
    proof: null,
    txt_name: "_picloud.app.example.com",
    active_at: null,
  });
  const days = (Date.parse(textOf(pending.body["expires_at"])) - Date.now()) / 86_400_000;
  expect(days).toBeCloseTo(7, 1);
  expect(await claimed("app.example.com")).toBeUndefined();

  expect(codeOf(await verify("shop", "app.example.com"))).toEqual([422, "invalid"]);
  const value = textOf(pending.body["txt_value"]);
  dns.set("_picloud.app.example.com", "v=spf1 -all", value.toUpperCase(), `${value}x`);
  const wrong = await verify("shop", "app.example.com");
  expect(codeOf(wrong)).toEqual([422, "invalid"]);
  expect(wrong.body["error"]?.["fields"]?.[0]?.["path"]).toBe("host");
  expect(wrong.text).toContain(value);
  expect(wrong.body["error"]?.["retryable"]).toBe(true);
  expect(await claimed("app.example.com")).toBeUndefined();

  dns.set("_picloud.app.example.com", "v=spf1 -all", [value.slice(0, 9), value.slice(9)]);
  const active = await verify("shop", "APP.example.com");
  expect(active.body).toMatchObject({ state: "active", proof: "dns", expires_at: null });
  expect(await claimed("app.example.com")).toBe("shop");
  // A record is asked for once; afterwards it may go.
  dns.set("_picloud.app.example.com");
  expect((await verify("shop", "app.example.com")).body).toEqual(active.body);
});

test("DNS that gives no answer is 503 and changes nothing", { timeout: 60_000 }, async () => {
  publish(await claim("shop", "away.example.com"));
  for (const code of [2, 5]) {
    dns.fail(code);
    const answer = await verify("shop", "away.example.com");
    expect(codeOf(answer)).toEqual([503, "unavailable"]);
    expect(answer.text).toContain("_picloud.away.example.com");
    expect(answer.headers.get("retry-after")).toBe("5");
  }
  // No answer at all, and nobody can have so many looked up that sockets run out.
  dns.fail(undefined);
  const many = Array.from({ length: 40 }, async () => await verify("shop", "away.example.com"));
  const codes = (await Promise.all(many)).map(({ body }) => textOf(body["error"]?.["code"]));
  expect(codes.filter((code) => code === "overloaded")).toHaveLength(8);
  expect(codes.filter((code) => code === "unavailable")).toHaveLength(32);
  expect(await claimed("away.example.com")).toBeUndefined();
  dns.fail(0);
  expect((await verify("shop", "away.example.com")).body).toMatchObject({ state: "active" });
});

describe("a second claim is 409", () => {
  test("for good, once the first one counts", async () => {
    publish(await claim("shop", "taken.example.com"));
    await verify("shop", "taken.example.com");
    expect(codeOf(await claim("lab", "taken.example.com"))).toEqual([409, "already_exists"]);
    expect(codeOf(await claim("lab", "TAKEN.example.com.", api.ownerToken))).toEqual([409, "already_exists"]);
    expect(codeOf(await claim("shop", "taken.example.com"))).toEqual([409, "already_exists"]);
    expect(await claimed("taken.example.com")).toBe("shop");
  });

  test("while the first one has no proof, and says which record wins", async () => {
    const squatter = await claim("shop", "owned.example.com");
    expect(squatter.body).toMatchObject({ state: "pending" });
    const refused = await claim("lab", "owned.example.com");
    expect(codeOf(refused)).toEqual([409, "already_exists"]);
    const record = refused.body["error"]?.["details"];
    // The squatter's own record is no help to the owner, nor the owner's to the squatter.
    publish(squatter);
    expect(codeOf(await claim("lab", "owned.example.com"))).toEqual([409, "already_exists"]);
    dns.set(textOf(record?.["txt_name"]), textOf(record?.["txt_value"]));
    expect((await claim("lab", "owned.example.com")).body).toMatchObject({ state: "active", proof: "dns" });
    expect(await claimed("owned.example.com")).toBe("lab");
    publish(squatter);
    expect(codeOf(await verify("shop", "owned.example.com"))).toEqual([409, "already_exists"]);
    const approval = await api.call("POST /apps/shop/domains/owned.example.com/approve", { body: {} });
    expect(codeOf(approval)).toEqual([409, "already_exists"]);
    expect(await claimed("owned.example.com")).toBe("lab");
  });

  test("no longer when the first one ran out", async () => {
    await claim("shop", "late.example.com");
    await api.platform.db.write`update domains set expires_at = now() where host = 'late.example.com'`;
    expect(codeOf(await verify("shop", "late.example.com"))).toEqual([404, "not_found"]);
    expect((await claim("lab", "late.example.com")).body).toMatchObject({ state: "pending" });
  });

  test("also of two at the same time", async () => {
    const twice = ["shop", "lab"].map(async (app) => await claim(app, "race.example.com", api.ownerToken));
    const answers = await Promise.all(twice);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });
});

describe("approval", () => {
  test("an instance admin's own claim counts at once, and goes before one without proof", async () => {
    await claim("shop", "admin-made.example.com");
    const made = await claim("lab", "admin-made.example.com", api.ownerToken);
    expect(made.body).toMatchObject({ state: "active", proof: "approval" });
    expect(await claimed("admin-made.example.com")).toBe("lab");
  });

  test("an instance admin accepts another's claim; an app_admin does not", async () => {
    await claim("shop", "box.lan");
    const path = "POST /apps/shop/domains/box.lan/approve";
    expect(codeOf(await api.call(path, { token: bob, body: {} }))).toEqual([403, "forbidden"]);
    expect(codeOf(await api.call(path, { token: null, body: {} }))).toEqual([401, "unauthenticated"]);
    expect((await api.call(path, { body: {} })).body).toMatchObject({ state: "active", proof: "approval" });
    expect((await api.call(path, { body: {} })).body).toMatchObject({ state: "active" });
    expect(codeOf(await api.call(path.replace("shop", "lab"), { body: {} }))).toEqual([404, "not_found"]);
  });

  test("a key with the scope of domains alone does not approve what it claims", async () => {
    const minted = await api.call("POST /api_keys", { body: { name: "dns", scopes: ["domain:manage"] } });
    const token = textOf(minted.body["raw_token"]);
    expect((await claim("shop", "by-key.example.com", token)).body).toMatchObject({ state: "pending" });
    const path = "POST /apps/shop/domains/by-key.example.com/approve";
    expect(codeOf(await api.call(path, { token, body: {} }))).toEqual([403, "forbidden"]);
  });
});

test("a host that is given up stays reserved for its app until an instance admin frees it", async () => {
  publish(await claim("shop", "moved.example.com"));
  await verify("shop", "moved.example.com");
  expect((await remove("shop", "moved.example.com")).body).toMatchObject({ host: "moved.example.com" });
  expect(await claimed("moved.example.com")).toBeUndefined();
  expect(codeOf(await remove("shop", "moved.example.com"))).toEqual([404, "not_found"]);
  const refused = await claim("lab", "moved.example.com");
  expect(codeOf(refused)).toEqual([409, "already_exists"]);
  expect(refused.text).toContain("pic domains free moved.example.com");

  expect((await claim("shop", "moved.example.com")).status).toBe(201);
  expect((await verify("shop", "moved.example.com")).body).toMatchObject({ state: "active" });
  await remove("shop", "moved.example.com");
  const free = "DELETE /reserved_hosts/Moved.example.com";
  expect(codeOf(await api.call(free, { token: bob }))).toEqual([403, "forbidden"]);
  const listed = await api.call("GET /reserved_hosts");
  expect(listed.text).toContain("moved.example.com");
  expect((await api.call(free)).body).toMatchObject({ name: "moved.example.com" });
  expect(codeOf(await api.call(free))).toEqual([404, "not_found"]);
  expect((await claim("lab", "moved.example.com")).body).toMatchObject({ state: "pending" });
});

test("a claim without proof that is given up reserves nothing", async () => {
  await claim("shop", "wish.example.com");
  await remove("shop", "wish.example.com");
  expect((await claim("lab", "wish.example.com")).status).toBe(201);
});

test("the deletion of an app reserves its hosts", async () => {
  await api.call("POST /apps", { body: { slug: "gone" } });
  await claim("gone", "gone.example.com", api.ownerToken);
  const refused = await api.call("DELETE /apps/gone");
  expect(refused.body["error"]?.["details"]).toMatchObject({ domains: 1 });
  expect((await api.call("DELETE /apps/gone?force=true")).status).toBeLessThan(300);
  const answer = await claim("lab", "gone.example.com", api.ownerToken);
  expect(codeOf(answer)).toEqual([409, "already_exists"]);
});

test("a wildcard is proven at its base, by a record of its own, and leaves room for exact hosts", async () => {
  const wide = await claim("shop", "*.wide.example.com");
  expect(wide.body).toMatchObject({ host: "*.wide.example.com", txt_name: "_picloud.wide.example.com" });
  const base = await claim("shop", "wide.example.com");
  expect(base.body["txt_name"]).toBe(wide.body["txt_name"]);
  expect(base.body["txt_value"]).not.toBe(wide.body["txt_value"]);
  publish(base);
  expect(codeOf(await verify("shop", "*.wide.example.com"))).toEqual([422, "invalid"]);
  publish(wide);
  expect((await verify("shop", "*.wide.example.com")).body).toMatchObject({ state: "active" });
  const inside = await claim("lab", "a.wide.example.com");
  expect(inside.body).toMatchObject({ state: "pending" });
  publish(inside);
  expect((await verify("lab", "a.wide.example.com")).body).toMatchObject({ state: "active" });
});

test.each([
  ["box.example.org", "this server itself"],
  ["BOX.example.org.", "this server itself"],
  ["home.example.org", "this server itself"],
  ["localhost", "localhost"],
  ["shop.localhost", "localhost"],
  ["127.0.0.1", "IP address"],
  ["org", "a dot"],
  ["*.org", "a dot"],
  ["a.example.org:80", "port"],
  ["", "empty"],
  ["a".repeat(600), "at most"],
  ["a\u0000.example.org", "U+0000"],
  [7, "expected string"],
])("claiming %s is 422 at host: %s", async (host, rule) => {
  for (const token of [bob, api.ownerToken]) {
    const answer = await api.call("POST /apps/shop/domains", { token, body: { host } });
    expect(answer.body["error"]?.["fields"]?.[0]).toMatchObject({
      path: "host",
      message: expect.stringContaining(rule) as unknown,
    });
    expect(answer.status).toBe(422);
  }
});

test("international names are stored as punycode and found by either form", async () => {
  expect((await claim("lab", "Bücher.example")).body).toMatchObject({ host: "xn--bcher-kva.example" });
  expect((await remove("lab", encodeURIComponent("bücher.example"))).body).toMatchObject({
    host: "xn--bcher-kva.example",
  });
  expect(codeOf(await remove("blog", "a%20b"))).toEqual([404, "not_found"]);
});

test("an app has at most 100 hosts, listed by name in pages; another app's host is 404", async () => {
  const { body } = await api.call("GET /apps/blog");
  await api.platform.db.write`insert into domains (app_id, host, expires_at)
    select ${textOf(body["id"])}, 'h' || n || '.example.net', now() + interval '1 day' from generate_series(101, 200) n`;
  const full = await claim("blog", "one-more.example.net");
  expect(codeOf(full)).toEqual([422, "invalid"]);
  expect(full.text).toContain("number 101");
  const first = await api.call("GET /apps/blog/domains?limit=60");
  const rest = await api.call(`GET /apps/blog/domains?limit=60&cursor=${textOf(first.body["next_cursor"])}`);
  const hosts = [first, rest].flatMap((page) => page.body["items"] as unknown as { host: string }[]);
  expect(hosts.map(({ host }) => host)).toEqual(
    Array.from({ length: 100 }, (_, i) => `h${101 + i}.example.net`),
  );
  expect(rest.body["next_cursor"]).toBeNull();
  expect(codeOf(await remove("lab", "h101.example.net"))).toEqual([404, "not_found"]);
});
