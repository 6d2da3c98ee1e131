import fc from "fast-check";
import { expect, test } from "vitest";
import { createRouteTable } from "./route-table.ts";
import type { RouteEntry } from "./route-table.ts";

function route(method: RouteEntry["method"], path: string): RouteEntry {
  const app = { id: "a", slug: "a" };
  return {
    id: `${method} ${path}`,
    app,
    scriptId: "s",
    method,
    path,
    auth: "public",
    bodyBytesMax: undefined,
    isAsync: false,
  };
}

const table = createRouteTable([
  route("GET", "/"),
  route("GET", "/users/me"),
  route("GET", "/users/:id"),
  route("POST", "/users/:id"),
  route("GET", "/users/:id/posts/:post"),
  route("GET", "/files/*rest"),
  route("GET", "/files/readme"),
]);

function find(method: string, path: string): unknown {
  const found = table.find("a", method, path);
  return found.kind === "match" ? [found.match.route.path, found.match.params] : found;
}

test.each([
  ["GET", "/", ["/", {}]],
  ["GET", "/users/me", ["/users/me", {}]],
  ["GET", "/users/7", ["/users/:id", { id: "7" }]],
  ["HEAD", "/users/7", ["/users/:id", { id: "7" }]],
  ["POST", "/users/me", ["/users/:id", { id: "me" }]],
  ["GET", "/users/%C3%A9/posts/a%2Fb", ["/users/:id/posts/:post", { id: "é", post: "a/b" }]],
  ["GET", "/files/a/b%20c", ["/files/*rest", { rest: "a/b c" }]],
  ["GET", "/files/readme", ["/files/readme", {}]],
  ["GET", "/users/%zz", { kind: "malformed" }],
  ["DELETE", "/users/7", { kind: "methods", methods: ["GET", "HEAD", "OPTIONS", "POST"] }],
  ["GET", "/users/", { kind: "none" }],
  ["GET", "/nothing", { kind: "none" }],
  ["GET", "/__proto__", { kind: "none" }],
])("%s %s", (method, path, expected) => {
  expect(find(method, path)).toEqual(expected);
});

test("another app's routes are not seen", () => {
  expect(table.find("b", "GET", "/")).toEqual({ kind: "none" });
});

test("any path is looked up without an error", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z%:*._-]{0,6}$/), { maxLength: 6 }), (segments) => {
      const path = `/${segments.join("/")}`;
      const exact = createRouteTable([route("GET", "/:a/:b"), route("GET", "/*all"), route("GET", "/x/y")]);
      expect(() => exact.find("a", "GET", path)).not.toThrow();
    }),
  );
});

test("an exact route wins over a parameter and a wildcard", () => {
  const all = createRouteTable([route("GET", "/:a/:b"), route("GET", "/*all"), route("GET", "/x/y")]);
  expect(all.find("a", "GET", "/x/y")).toMatchObject({ match: { route: { path: "/x/y" } } });
  expect(all.find("a", "GET", "/x/z")).toMatchObject({ match: { route: { path: "/:a/:b" } } });
  expect(all.find("a", "GET", "/x")).toMatchObject({ match: { route: { path: "/*all" } } });
});
