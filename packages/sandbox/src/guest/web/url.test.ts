/** URL and URLSearchParams of isolates against those of Node. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

import { GuestRealm, nativeFunction } from "../../executor/tests/guest-realm.ts";

const realm = new GuestRealm();
afterAll(() => realm.dispose());

const PARTS = "href origin protocol username password host hostname port pathname search hash";
const PARSE = `(text, base) => {
  try { const url = new URL(text, base); return [${JSON.stringify(PARTS.split(" "))}.map(part => url[part]).join("\\n"), [...url.searchParams].join("\\n"), URL.canParse(text, base)].join("\\n") }
  catch (error) { return error.constructor.name }
}`;

/** Texts that look like URLs, or nearly. */
const piece = fc.constantFrom(
  ..."http https ftp file ws mailto data blob javascript : :// / // \\ ? # @ . .. %2e %41 %zz a.b EXAMPLE.com xn--x-9fa é.com ß 日本 localhost 127.0.0.1 0x7f.1 256.1 [::1] [1::2:3] 1.2.3 :80 :443 :99999 user:pw path x=1 &y=2 +z ' \" < > ^ | { } ` \t \n".split(
    " ",
  ),
  " ",
  "😀",
);
const urlText = fc.oneof(
  fc.webUrl(),
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
  fc.string({ maxLength: 20 }),
);

describe("URL", () => {
  test("parses as Node does, with and without a base", async () => {
    const native = await nativeFunction(PARSE);
    const base = fc.option(
      fc.constantFrom("http://base.example/dir/file?q#h", "file:///a/b", "mailto:x", "nonsense"),
      { nil: undefined },
    );
    fc.assert(
      fc.property(urlText, base, (text, from) => {
        expect(realm.call(PARSE, text, from)).toBe(native(text, from));
      }),
      { numRuns: 2_000 },
    );
  });

  test("setters do as Node's", async () => {
    const run = `(text, steps) => { try { const url = new URL(text); for (const [part, value] of steps) url[part] = value; return url.href + " " + url.searchParams } catch (error) { return error.constructor.name } }`;
    const native = await nativeFunction(run);
    const step = fc.tuple(
      fc.constantFrom(...PARTS.split(" ").filter((part) => part !== "origin")),
      fc.oneof(piece, urlText),
    );
    fc.assert(
      fc.property(fc.webUrl(), fc.array(step, { maxLength: 4 }), (text, steps) => {
        expect(realm.call(run, text, steps)).toBe(native(text, steps));
      }),
      { numRuns: 500 },
    );
  });

  test("search parameters after any operations are those of Node", async () => {
    const run = `(text, operations) => {
      const url = new URL("http://a.b/?x=1&x=2"), params = new URLSearchParams(text), seen = [];
      for (const [name, ...args] of operations) { seen.push(params[name](...args) ?? null); url.searchParams[name](...args) }
      return JSON.stringify([seen, [...params], String(params), params.size, url.href]);
    }`;
    const native = await nativeFunction(run);
    const name = fc.constantFrom("x", "y", "é", "a b", "");
    const value = fc.string({ maxLength: 5, unit: "grapheme" });
    const operation = fc.oneof(
      fc.tuple(fc.constantFrom("append", "set"), name, value),
      fc.tuple(fc.constantFrom("get", "getAll", "has", "delete"), name),
      fc.constant(["sort"] as const),
    );
    const text = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ maxLength: 20, unit: fc.constantFrom(..."ab=&+%2?#") }),
    );
    fc.assert(
      fc.property(text, fc.array(operation, { maxLength: 8 }), (given, operations) => {
        expect(realm.call(run, given, operations)).toBe(native(given, operations));
      }),
      { numRuns: 500 },
    );
  });

  test("search parameters are made from lists, records and others, and are a body", () => {
    const run = `() => [String(new URLSearchParams([["a", "1"], ["b", "2"]])), String(new URLSearchParams({ c: "3 4" })), String(new URLSearchParams(new URLSearchParams("?d=5"))),
      new URL("http://a.b/") instanceof URL, String(URL.parse("x")), Object.prototype.toString.call(new URL("http://a")), new Request(new URL("http://a.b/c"), { method: "POST", body: new URLSearchParams("e=6") }).headers.get("content-type")]`;
    expect(realm.call(run)).toEqual([
      "a=1&b=2",
      "c=3+4",
      "d=5",
      true,
      "null",
      "[object URL]",
      "application/x-www-form-urlencoded;charset=UTF-8",
    ]);
  });
});
