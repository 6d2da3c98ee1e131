import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHost } from "./host-name.ts";

describe("hosts have one form", () => {
  test.each([
    ["app.example.org", "app.example.org"],
    ["APP.Example.ORG.", "app.example.org"],
    ["*.Example.org", "*.example.org"],
    ["Bücher.example", "xn--bcher-kva.example"],
    ["*.bücher.example", "*.xn--bcher-kva.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["faß.de", "xn--fa-hia.de"],
    ["ｅxample。org", "example.org"],
    // Another script's letters stay another name, and are seen to be one.
    ["аpple.com", "xn--pple-43d.com"],
    ["box.local", "box.local"],
    ["1a.2b.example", "1a.2b.example"],
    [`${"a".repeat(63)}.example.org`, `${"a".repeat(63)}.example.org`],
    [`${"a.".repeat(119)}a.org`, `${"a.".repeat(119)}a.org`],
  ])("%s is %s", (text, host) => {
    expect(parseHost(text)).toEqual({ kind: "host", host });
  });
});

describe("what can't be claimed is refused with its rule", () => {
  test.each([
    ["", "is not a host name"],
    ["org", "must have a dot"],
    ["*.org", "must have a dot"],
    ["*", "only as its first label"],
    ["*.", "is not a host name"],
    ["*.*.example.org", "only as its first label"],
    ["a.*.example.org", "only as its first label"],
    ["a*.example.org", "only as its first label"],
    ["example.org:443", "no scheme, port, path"],
    ["https://example.org", "no scheme, port, path"],
    ["example.org/x", "no scheme, port, path"],
    ["user@example.org", "no scheme, port, path"],
    ["exa mple.org", "no scheme, port, path"],
    ["a%2eb.org", "no scheme, port, path"],
    ["example.org\n", "no scheme, port, path"],
    ["a\u0000.org", "no scheme, port, path"],
    ["127.0.0.1", "IP address"],
    ["::1", "IP address"],
    ["[::1]", "IP address"],
    ["0x7f.1", "IP address"],
    ["１２７.0.0.1", "IP address"],
    ["a.example.1", "is not a host name"],
    ["localhost", "must not be localhost"],
    ["shop.localhost.", "must not be localhost"],
    ["*.localhost", "must not be localhost"],
    ["a..b.org", "empty label"],
    [".example.org", "empty label"],
    ["example.org..", "empty label"],
    ["a_b.example.org", "only letters, digits and -"],
    ["-a.example.org", "starts or ends with -"],
    ["a-.example.org", "starts or ends with -"],
    [`${"a".repeat(64)}.example.org`, "at most 63 characters"],
    [`${"a.".repeat(120)}a.org`, "at most 244 characters"],
    ["xn--a.org", "is not valid punycode"],
  ])("%s: %s", (text, rule) => {
    const parsed = parseHost(text);
    expect(parsed.kind === "wrong" ? parsed.rule : parsed.host).toContain(rule);
  });
});

test("property: never throws; what it gives is a form that stays as it is, and a name of DNS", () => {
  const label = fc.stringMatching(/^[a-z0-9*-]{0,5}$/);
  const near = fc.array(label, { maxLength: 5 }).map((labels) => labels.join("."));
  fc.assert(
    fc.property(fc.oneof(near, fc.string({ unit: "binary" }), fc.domain()), (text) => {
      const parsed = parseHost(text);
      if (parsed.kind === "wrong") return;
      expect(parsed.host).toMatch(/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}$/);
      expect(parseHost(parsed.host)).toEqual(parsed);
      const inBrowser = new URL(`http://${parsed.host.replace(/^\*\./, "any.")}/`).hostname;
      expect(inBrowser).toBe(parsed.host.replace(/^\*\./, "any."));
    }),
  );
});
