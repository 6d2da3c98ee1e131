/** regex of isolates: what it finds, against JavaScript's own; that it takes no more than it may. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

import { GuestRealm } from "../../executor/tests/guest-realm.ts";

const realm = new GuestRealm();
afterAll(() => realm.dispose());

/** The value, or [code, message] of the PicloudError. */
const CALL = `(name, ...args) => {
  try { return $picloud.regex[name](...args) }
  catch (error) { if (error instanceof $picloud.PicloudError) return [error.code, error.message]; throw error }
}`;
/** Long texts stand in the names of tests by their beginning. */
const named = (
  rows: readonly (readonly [string, readonly unknown[], string])[],
): [string, string, unknown[], string][] =>
  rows.map(([name, args, message]) => [name, JSON.stringify(args).slice(0, 60), [...args], message]);
const call = (name: string, ...args: unknown[]): unknown => realm.call(CALL, name, ...args);

describe("what is found", () => {
  test.each<[string, unknown[], unknown]>([
    ["isMatch", ["order 66", "[0-9]+"], true],
    ["isMatch", ["order", "[0-9]+"], false],
    ["isMatch", ["", ""], true],
    ["isMatch", ["ORDER", "(?i)order"], true],
    ["isMatch", ["a\nb", "(?m)^b$"], true],
    ["isMatch", ["a\nb", "^b$"], false],
    ["isMatch", ["a\nb", "(?s)a.b"], true],
    ["isMatch", ["grün", String.raw`^\p{L}+$`], true],
    ["find", ["a😀b", "[^a-z]"], "😀"],
    ["find", ["abc", "x"], undefined],
    ["find", ["abc", "x*"], ""],
    ["findAll", ["a1b22c333", "[0-9]+"], ["1", "22", "333"]],
    ["findAll", ["a1b22c333", "[0-9]+", 2], ["1", "22"]],
    ["findAll", ["abc", "z"], []],
    ["findAll", ["😀x", ""], ["", "", ""]],
    ["captures", ["2026-11-25", String.raw`(\d+)-(\d+)`], ["2026-11", "2026", "11"]],
    ["captures", ["b", "(a)|(b)"], ["b", undefined, "b"]],
    ["captures", ["c", "(a)|(b)"], undefined],
    ["namedCaptures", ["k=v", "(?P<key>[a-z])=(?<value>[a-z])(?<rest>x)?"], { key: "k", value: "v" }],
    ["namedCaptures", ["k", "k"], {}],
    ["namedCaptures", ["k", "z"], undefined],
    ["replace", ["aaa", "a", "b"], "baa"],
    ["replaceAll", ["aaa", "a", "b"], "bbb"],
    ["replaceAll", ["a-b", "(?<x>[a-z])-([a-z])", "$2$<x>$1$&$$$9$"], "baaa-b$$9$"],
    ["replaceAll", ["ab", "", "-"], "-a-b-"],
    ["replaceAll", ["abcdefghijkl", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$10$1$12"], "kjaa2l"],
    ["split", ["a, b,c", ", *"], ["a", "b", "c"]],
    ["split", ["a, b,c", ", *", 2], ["a", "b,c"]],
    ["split", ["a, b,c", ", *", 1], ["a, b,c"]],
    ["split", [",a,,b,", ","], ["", "a", "", "b", ""]],
    ["split", ["abc", ""], ["a", "b", "c"]],
    ["split", ["", ","], [""]],
    ["split", ["", ""], []],
    ["escape", ["1+1=(2)"], String.raw`1\+1=\(2\)`],
  ])("%s %j", (name, args, expected) => {
    expect(call(name, ...args)).toEqual(expected);
  });

  test("a name as __proto__ is a name", () => {
    expect(
      realm.call(
        `() => { const named = $picloud.regex.namedCaptures("a", "(?<__proto__>a)"); return [Object.keys(named), Object.getPrototypeOf(named) === Object.prototype] }`,
      ),
    ).toEqual([["__proto__"], true]);
  });

  test("it is what JavaScript finds", () => {
    const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\w", "\\d", "\\b", "^", "$", "é", "x");
    const repeated = fc
      .tuple(atom, fc.constantFrom("", "*", "+", "?", "*?", "{1,2}"))
      .map(([one, times]) => (["^", "$", "\\b"].includes(one) ? one : one + times));
    const pattern = fc
      .array(fc.array(repeated, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
      .map((choices) => choices.map((parts) => `(${parts.join("")})`).join("|"));
    const text = fc.string({ unit: fc.constantFrom(..."abx1 \né"), maxLength: 12 });
    fc.assert(
      fc.property(pattern, text, (source, given) => {
        const regexp = new RegExp(source, "u");
        const all = new RegExp(source, "gu");
        expect(call("isMatch", given, source)).toBe(regexp.test(given));
        expect(call("captures", given, source)).toEqual(regexp.exec(given)?.slice());
        expect(call("findAll", given, source)).toEqual([...(given.match(all) ?? [])]);
        expect(call("replaceAll", given, source, "<$1$&>")).toBe(given.replace(all, "<$1$&>"));
        expect(call("replace", given, source, "<$2>")).toBe(given.replace(regexp, "<$2>"));
        const bare = new RegExp(source.replaceAll("(", "(?:"), "u");
        expect(call("split", given, source)).toEqual(given.split(bare));
      }),
      { numRuns: 2_000 },
    );
  });

  test("a literal is escaped to match itself and nothing else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
        expect(call("find", `>${text}<`, call("escape", text) as string)).toBe(text);
      }),
    );
  });
});

describe("what is refused", () => {
  test.each(
    named([
      ["isMatch", [1, "a"], "text: must be a string"],
      ["isMatch", ["a"], "pattern: must be a string"],
      ["isMatch", ["a", "("], "pattern: missing closing ): `(`"],
      ["isMatch", ["a", "a**"], "pattern: invalid nested repetition operator: `**`"],
      ["isMatch", ["a", String.raw`(a)\1`], "pattern: invalid escape sequence: `\\1`"],
      ["isMatch", ["a", "(?=a)"], "pattern: invalid or unsupported Perl syntax: `(?=`"],
      ["isMatch", ["a", "(?<=a)b"], "pattern: invalid named capture: `(?<=a)b`"],
      ["isMatch", ["a", "a{1001}"], "pattern: invalid repeat count: `{1001}`"],
      ["isMatch", ["a", "a{1000}{1000}"], "pattern: invalid nested repetition operator: `{1000}{1000}`"],
      ["isMatch", ["a", "(".repeat(4000) + ")".repeat(4000)], "pattern: expression nests too deeply"],
      ["isMatch", ["a", "\ud800"], "pattern: has half of a surrogate pair"],
      ["findAll", ["a", "a", 0], "limit: must be from 1 to 100,000"],
      ["findAll", ["a", "a", 1.5], "limit: must be a whole number"],
      ["split", ["a", "a", "2"], "limit: must be a whole number"],
      ["replace", ["a", "a", null], "replacement: must be a string"],
      ["replace", ["a", "(?<x>a)", "$<y>"], "replacement: there is no group y"],
    ]),
  )("%s %s", (name, _shown, args, message) => {
    expect(call(name, ...args)).toEqual(["invalid", message]);
  });

  test.each(
    named([
      ["isMatch", ["a", "a".repeat(8193)], "pattern: more than 8,192 characters"],
      ["isMatch", ["a", "(?:a{1000}){1000}"], "pattern: is too large with its repetitions written out"],
      ["isMatch", ["a", "(a{1000}b{1000}){6}"], "pattern: is too large with its repetitions written out"],
      [
        "isMatch",
        ["a", String.raw`[\pL\pN]`.repeat(200)],
        "pattern: is too large with its repetitions written out",
      ],
      ["findAll", ["a".repeat(100_001), "a"], "text: more than 100,000 matches; a limit can be given"],
      ["split", [",".repeat(100_001), ","], "text: more than 100,000 matches; a limit can be given"],
      [
        "replaceAll",
        ["abcdefgh".repeat(3_000), "[a-h]+", "$&".repeat(1_000)],
        "replacement: more than 16,777,216 characters in the result",
      ],
      [
        "replaceAll",
        ["a".repeat(100_000), "a", "x".repeat(1_000)],
        "replacement: more than 16,777,216 characters in the result",
      ],
      [
        "findAll",
        ["a".repeat(90_000), "a.*z|a"],
        "pattern: matching it against this text takes more than 20,000,000 steps",
      ],
      [
        "split",
        ["a".repeat(90_000), "a.*z|a"],
        "pattern: matching it against this text takes more than 20,000,000 steps",
      ],
    ]),
  )("%s %s", { timeout: 30_000 }, (name, _shown, args, message) => {
    expect(call(name, ...args)).toEqual(["too_large", message]);
  });
});

describe("what it takes", () => {
  const many = "a".repeat(100_000);
  test.each<[string, string, string]>([
    ["isMatch", "(a+)+$", `${many}!`],
    ["find", "(a+)+$", `${many}!`],
    ["captures", "(a|aa)+$", `${many}!`],
    ["captures", "(a*)*$", `${many}!`],
    ["captures", "(.*)(.*)(.*)(.*)(.*)[^a]{2}", `${many}!`],
    ["isMatch", "(x+x+)+y", "x".repeat(100_000)],
    ["isMatch", `(a?){30}a{30}b`, many],
    ["isMatch", String.raw`<(?:\w+\s*)+>`, `<${"a ".repeat(50_000)}`],
    ["findAll", String.raw`(\w+\s?)*$`, "a b ".repeat(25_000)],
    ["isMatch", "[ab]*a[ab]{200}c", "ab".repeat(50_000)],
  ])("%s %s: time grows with the text", { timeout: 20_000 }, (name, pattern, text) => {
    const time = (length: number): number => {
      const start = performance.now();
      call(name, text.slice(text.length - length), pattern);
      return performance.now() - start;
    };
    time(1_000);
    expect(time(text.length)).toBeLessThan(Math.max(1_000, 400 * time(text.length / 10)));
  });

  test("patterns that come and go do not fill the memory", () => {
    const used = realm.call(
      `() => { let found = 0; for (let i = 0; i < 3_000; i++) if ($picloud.regex.isMatch("x" + i, "(?i)[a-z]{50}|[" + String.fromCodePoint(0x4e00 + i) + "a-z]" + i + "$")) found++; return found }`,
    );
    expect(used).toBe(3_000);
  });

  test("a pattern works again after it was given up", () => {
    expect(call("findAll", "a".repeat(90_000), "a.*z|(a)")).toMatchObject(["too_large", {}]);
    expect(call("captures", "ba", "a.*z|(a)")).toEqual(["a", "a"]);
  });
});
