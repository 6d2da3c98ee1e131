import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instanceHosts } from "../platform/instance-hosts.ts";
import type { HostSettings } from "../platform/instance-hosts.ts";
import { createHosts, isAdminName } from "./hosts.ts";

const none: HostSettings = { publicUrl: undefined, defaultAppHosts: undefined, adminHost: undefined };
const claim = (host: string, slug: string | undefined) => ({
  host,
  slug,
  appId: `id of ${slug ?? "nobody"}`,
});

describe("without claims", () => {
  const hosts = createHosts(instanceHosts({ ...none, publicUrl: "https://Box.example.org." }), []);
  const shared = { isShared: true, isOwn: false };
  const own = { isShared: false, isOwn: true };

  test.each([
    ["127.0.0.1:8080", "/hello", { app: "default", path: "/hello", ...shared }],
    ["localhost", "/", { app: "default", path: "/", ...shared }],
    ["[::1]:8080", "/x", { app: "default", path: "/x", ...shared }],
    ["box.example.org", "/x", { app: "default", path: "/x", ...shared }],
    ["other.example.org", "/x", { app: undefined, path: "/x", ...shared }],
    ["shop.localhost:8080", "/x", { app: "shop", path: "/x", ...own }],
    ["shop.localhost.:8080", "/x", { app: "shop", path: "/x", ...own }],
    ["shop.localhost", "/a/blog/x", { app: "shop", path: "/a/blog/x", ...own }],
    ["a.shop.localhost", "/x", { app: undefined, path: "/x", ...own }],
    [".localhost", "/x", { app: undefined, path: "/x", ...own }],
    ["localhost.", "/x", { app: "default", path: "/x", ...shared }],
    ["127.0.0.1:8080", "/a/shop/x/y", { app: "shop", path: "/x/y", ...shared }],
    ["127.0.0.1:8080", "/a/shop", { app: "shop", path: "/", ...shared }],
    ["other.example.org", "/a/shop/", { app: "shop", path: "/", ...shared }],
    ["", "/x", { app: "default", path: "/x", ...shared }],
    [":80", "/x", { app: "default", path: "/x", ...shared }],
  ])("%s %s", (host, path, expected) => {
    expect(hosts.place(host, path)).toEqual(expected);
  });
});

test("an admin host lifts the sandbox elsewhere, and a list of default hosts is closed", () => {
  const settings = {
    publicUrl: undefined,
    defaultAppHosts: ["App.example.org", "::1"],
    adminHost: "admin.example.org.",
  };
  const strict = createHosts(instanceHosts(settings), []);
  const places = (host: string, path: string) => {
    const { app, isShared } = strict.place(host, path);
    return { app, isShared };
  };
  expect(places("app.example.org:443", "/x")).toEqual({ app: "default", isShared: false });
  expect(places("[::1]:443", "/x")).toEqual({ app: "default", isShared: false });
  expect(places("admin.example.org", "/a/s/x")).toEqual({ app: "s", isShared: true });
  expect(places("127.0.0.1", "/x")).toEqual({ app: undefined, isShared: false });
});

describe("claimed hosts", () => {
  const instance = instanceHosts({ ...none, publicUrl: "https://box.example.org" });
  const hosts = createHosts(instance, [
    claim("*.example.org", "wide"),
    claim("*.shop.example.org", "narrow"),
    claim("www.shop.example.org", "exact"),
    claim("example.net", "net"),
  ]);
  test.each([
    ["www.shop.example.org:443", "exact"],
    ["WWW.shop.example.org.", "exact"],
    ["a.shop.example.org", "narrow"],
    ["a.b.shop.example.org", "narrow"],
    ["shop.example.org", "wide"],
    ["a.b.example.org", "wide"],
    ["example.org", undefined],
    ["notexample.org", undefined],
    ["example.net", "net"],
    ["a.example.net", undefined],
    // The server's own host is nobody's, whatever was claimed before the settings named it.
    ["box.example.org", "default"],
  ])("%s belongs to %s", (host, app) => {
    expect(hosts.place(host, "/x").app).toBe(app);
  });

  test("that are reserved serve nothing, unless another claim covers them", () => {
    const left = createHosts(instance, [
      claim("app.example.org", undefined),
      claim("*.example.net", undefined),
      claim("*.org", "wide"),
      claim("a.example.net", "narrow"),
    ]);
    const nothing = { app: undefined, path: "/a/x/y", isShared: false, isOwn: true };
    expect(left.place("b.example.net", "/a/x/y")).toEqual(nothing);
    expect(left.place("a.example.net", "/").app).toBe("narrow");
    expect(left.place("app.example.org", "/").app).toBe("wide");
    expect(left.place("example.net", "/").isShared).toBe(true);
  });

  test("are an origin of their own: no dashboard, no sandbox, no other app under /a/", () => {
    const origin = { app: "exact", isShared: false, isOwn: true };
    expect(hosts.place("www.shop.example.org", "/a/net/x")).toEqual({ ...origin, path: "/a/net/x" });
    expect(hosts.place("example.org", "/a/net/x")).toEqual({
      app: "net",
      path: "/x",
      isShared: true,
      isOwn: false,
    });
  });
});

const label = fc.constantFrom("a", "b", "example", "org", "localhost");
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));
const claimedName = fc
  .tuple(fc.boolean(), fc.array(label, { minLength: 2, maxLength: 4 }))
  .map(([isWildcard, labels]) => `${isWildcard ? "*." : ""}${labels.join(".")}`);

/** Tries every claim, and takes the one that says most. */
function naiveClaimant(claims: readonly string[], host: string): string | undefined {
  const fitting = claims.filter((each) =>
    each.startsWith("*.") ? host.endsWith(each.slice(1)) && host.length > each.length - 1 : each === host,
  );
  const exact = fitting.find((each) => !each.startsWith("*."));
  return exact ?? fitting.toSorted((one, other) => other.length - one.length)[0];
}

test("property: matching agrees with a naive model, in any order of claims, asked once or twice", () => {
  const instance = instanceHosts({ ...none, defaultAppHosts: [] });
  fc.assert(
    fc.property(fc.uniqueArray(claimedName, { maxLength: 12 }), name, (claimed, host) => {
      const isLocal = host.endsWith(".localhost");
      const slug = host.slice(0, -".localhost".length);
      const claimant = naiveClaimant(claimed, host);
      const appOfClaim = claimant === undefined ? undefined : `app of ${claimant}`;
      const appOfLocal = slug.includes(".") ? undefined : slug;
      const expected = isLocal ? appOfLocal : appOfClaim;
      for (const order of [claimed, claimed.toReversed()]) {
        const hosts = createHosts(
          instance,
          order.map((each) => claim(each, `app of ${each}`)),
        );
        for (const written of [host, `${host.toUpperCase()}.:8080`]) {
          const place = hosts.place(written, "/x");
          expect(place.app).toBe(expected);
          expect(place.isOwn).toBe(expected !== undefined || isLocal);
          expect(hosts.place(written, "/x")).toEqual(place);
          // What is decided without the claims is never decided otherwise with them.
          expect([undefined, place.isShared]).toContain(isAdminName(instance, written));
        }
      }
    }),
  );
});
