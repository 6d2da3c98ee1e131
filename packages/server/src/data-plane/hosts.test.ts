import { expect, test } from "vitest";
import { createHosts } from "./hosts.ts";

const hosts = createHosts({
  publicUrl: "https://box.example.org",
  defaultAppHosts: undefined,
  adminHost: undefined,
});

test.each([
  ["127.0.0.1:8080", "/hello", { app: "default", path: "/hello", isShared: true }],
  ["localhost", "/", { app: "default", path: "/", isShared: true }],
  ["[::1]:8080", "/x", { app: "default", path: "/x", isShared: true }],
  ["box.example.org", "/x", { app: "default", path: "/x", isShared: true }],
  ["other.example.org", "/x", { app: undefined, path: "/x", isShared: true }],
  ["shop.localhost:8080", "/x", { app: "shop", path: "/x", isShared: false }],
  ["shop.localhost.:8080", "/x", { app: "shop", path: "/x", isShared: false }],
  ["localhost.", "/x", { app: "default", path: "/x", isShared: true }],
  ["127.0.0.1:8080", "/a/shop/x/y", { app: "shop", path: "/x/y", isShared: true }],
  ["127.0.0.1:8080", "/a/shop", { app: "shop", path: "/", isShared: true }],
  ["other.example.org", "/a/shop/", { app: "shop", path: "/", isShared: true }],
])("%s %s", (host, path, expected) => {
  expect(hosts.place(host, path)).toEqual(expected);
});

test("an admin host lifts the sandbox elsewhere, and a list of default hosts is closed", () => {
  const strict = createHosts({
    publicUrl: undefined,
    defaultAppHosts: ["App.example.org"],
    adminHost: "admin.example.org",
  });
  expect(strict.place("app.example.org:443", "/x")).toEqual({ app: "default", path: "/x", isShared: false });
  expect(strict.place("admin.example.org", "/a/s/x")).toEqual({ app: "s", path: "/x", isShared: true });
  expect(strict.place("127.0.0.1", "/x").app).toBeUndefined();
});
