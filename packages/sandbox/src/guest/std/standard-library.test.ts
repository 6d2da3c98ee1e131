/** The standard library in TypeScript: what the table says, in a run, with arguments of every kind. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

import { GuestRealm } from "../../executor/tests/guest-realm.ts";
import { standardFunctionNames, standardLibrary } from "../../standard-library.ts";
import { artifact, job, run, testSandbox } from "../../testing/harness.ts";

const sandbox = testSandbox();
const realm = new GuestRealm();
afterAll(async () => {
  realm.dispose();
  await sandbox.close();
});

const NAMES = standardLibrary.flatMap(({ typescript }) => typescript ?? []);

/** The value as JSON text, or "code: message" of the PicloudError. Bytes are a list of numbers. */
const inRealm = `
  const { ${NAMES.join(", ")}, PicloudError } = $picloud;
  const show = value => value instanceof Uint8Array ? [...value] : typeof value === "bigint" ? value + "n" : value;
  const given = call => { try { return JSON.stringify(show(call())) ?? "absent" } catch (error) { if (error instanceof PicloudError) return error.code + ": " + error.message; throw error } };`;
const evaluate = (expression: string): unknown =>
  realm.call(`() => { ${inRealm} return given(() => ${expression}) }`);

/** What an expression gives in a run of its own. */
async function inRun(expression: string, seed = 1): Promise<unknown> {
  const code = artifact(
    `const { ${NAMES.join(", ")} } = $p.import("picloud"); return { default: () => ({ body: JSON.stringify(${expression}) ?? "absent" }) };`,
  );
  const answer = await run(sandbox, job(code, { seed: new Uint8Array(32).fill(seed) }));
  expect(answer.error).toBeUndefined();
  return answer.body;
}

describe("the table", () => {
  test("has the functions that there are, and no others", () => {
    for (const { typescript, functions } of standardLibrary) {
      if (typescript === undefined) continue;
      const names = functions.map(({ name }) =>
        name.replaceAll(/_[a-z]/g, (part) => part.slice(1).toUpperCase()),
      );
      expect(realm.call(`() => Object.keys($picloud.${typescript})`)).toEqual(names);
      expect(
        realm.call(
          `() => Object.isFrozen($picloud.${typescript}) && Object.values($picloud.${typescript}).every(Object.isFrozen)`,
        ),
      ).toBe(true);
    }
  });

  test("names every form of a function", () => {
    const names = standardFunctionNames();
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(["regex::find_all/2", "regex::find_all/3", "time::now/0", "crypto::equal/2"]),
    );
    expect(names).not.toContain("regex::find/3");
  });

  test("has examples that give what it says", async () => {
    const examples = standardLibrary.flatMap(({ functions }) =>
      functions.flatMap(({ example }) => (example.typescript === undefined ? [] : [example])),
    );
    const list = examples.map(({ typescript }) => typescript).join(",\n");
    const given = JSON.parse((await inRun(`[${list}]`)) as string) as unknown[];
    expect(given).toHaveLength(examples.length);
    examples.forEach(({ typescript, gives }, i) => {
      if (gives !== undefined) expect([typescript, JSON.stringify(given[i])]).toEqual([typescript, gives]);
    });
  });
});

describe("random", () => {
  test("is a function of the run's seed", async () => {
    const all = "[random.int(1, 1e9), random.float(), random.string(8), random.uuid(), [...random.bytes(4)]]";
    expect(await inRun(all, 1)).toBe(await inRun(all, 1));
    expect(await inRun(all, 1)).not.toBe(await inRun(all, 2));
  });

  test("stays in its bounds and reaches all of them", async () => {
    const body = await inRun(`(() => {
      const seen = new Set(), letters = new Set();
      for (let i = 0; i < 2_000; i++) seen.add(random.int(-2, 3));
      for (const letter of random.string(65_536)) letters.add(letter);
      const wide = Array.from({ length: 200 }, () => random.int(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
      const big = Array.from({ length: 200 }, () => random.int(-(2n ** 63n), 2n ** 63n - 1n));
      const floats = Array.from({ length: 200 }, () => random.float());
      return [[...seen].sort((a, b) => a - b), letters.size, wide.every(Number.isSafeInteger), wide.some(n => n < -1e15) && wide.some(n => n > 1e15),
        big.every(n => typeof n === "bigint" && BigInt.asIntN(64, n) === n), big.some(n => n < -(2n ** 62n)) && big.some(n => n > 2n ** 62n),
        floats.every(x => x >= 0 && x < 1), random.int(7, 7), String(random.int(5n, 5n)), random.bytes(0).length, random.bytes(65_536).length,
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(random.uuid()), new Set(Array.from({ length: 99 }, () => random.bool())).size];
    })()`);
    expect(JSON.parse(body as string)).toEqual([
      [-2, -1, 0, 1, 2, 3],
      62,
      true,
      true,
      true,
      true,
      true,
      7,
      "5",
      0,
      65_536,
      true,
      2,
    ]);
  });

  test("every result is as likely as the others", async () => {
    const body = await inRun(
      `(() => { const counts = Array(10).fill(0); for (let i = 0; i < 100_000; i++) counts[random.int(0, 9)]++; return counts })()`,
    );
    for (const count of JSON.parse(body as string) as number[])
      expect(Math.abs(count - 10_000)).toBeLessThan(600);
  });

  test.each([
    ["random.int(2, 1)", "invalid: max: is less than min"],
    ["random.int(1.5, 2)", "invalid: min: must be a whole number"],
    ["random.int(0, 2n ** 63n)", "invalid: max: does not fit into 64 bits"],
    ["random.int(0)", "invalid: max: must be a whole number"],
    ["random.bytes(65_537)", "invalid: n: must be from 0 to 65,536"],
    ["random.string(-1)", "invalid: n: must be from 0 to 65,536"],
    ["random.float()", "invalid: chance is available inside a run only"],
  ])("%s", (expression, message) => {
    expect(evaluate(expression)).toBe(message);
  });
});

describe("time", () => {
  test("there and back, for every time that has a text", () => {
    const day = {
      min: new Date("0000-01-01T00:00:00.000Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    };
    fc.assert(
      fc.property(fc.date(day), (date) => {
        const ms = date.getTime();
        expect(evaluate(`time.format(${ms})`)).toBe(JSON.stringify(date.toISOString()));
        expect(evaluate(`time.parse("${date.toISOString()}")`)).toBe(String(ms));
        const parts = JSON.parse(evaluate(`time.parts(${ms})`) as string) as Record<string, number>;
        const { year = 0, month = 0, hour, minute, second, millisecond } = parts;
        const start = new Date(0);
        start.setUTCFullYear(year, 0, parts["dayOfYear"]);
        expect([year, month, parts["day"], hour, minute, second, millisecond, parts["weekday"]]).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
          date.getUTCMilliseconds(),
          date.getUTCDay() || 7,
        ]);
        expect([start.getUTCMonth() + 1, start.getUTCDate()]).toEqual([month, parts["day"]]);
      }),
    );
  });

  test.each([
    ["2026-11-25T04:05:06Z", "2026-11-25T04:05:06.000Z"],
    ["2026-11-25t04:05:06.5z", "2026-11-25T04:05:06.500Z"],
    ["2026-11-25T04:05:06.123999Z", "2026-11-25T04:05:06.123Z"],
    ["2026-11-25T04:05:06+05:30", "2026-11-24T22:35:06.000Z"],
    ["2026-11-25T04:05:06-00:00", "2026-11-25T04:05:06.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ["1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"],
  ])("%s", (text, expected) => {
    expect(evaluate(`time.format(time.parse("${text}"))`)).toBe(JSON.stringify(expected));
  });

  test.each([
    "",
    "2026-11-25",
    "2026-11-25T04:05:06",
    "2026-11-25 04:05:06Z",
    "2026-11-25T04:05Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-11-25T24:00:00Z",
    "2026-11-25T04:60:00Z",
    "2026-11-25T04:05:61Z",
    "2026-11-25T04:05:06.Z",
    "2026-11-25T04:05:06+0530",
    "2026-11-25T04:05:06+24:00",
    "2026-11-25T04:05:06+05:30x",
    "2026-11-25T04:05:06Zx",
    " 2026-11-25T04:05:06Z",
    "+02026-11-25T04:05:06Z",
    "２026-11-25T04:05:06Z",
  ])("%j is none", (text) => {
    expect(evaluate(`time.parse(${JSON.stringify(text)})`)).toBe(
      "invalid: text: is not a time of RFC 3339, as 2026-11-18T11:06:40Z",
    );
  });

  test.each([
    ["time.format(1e15)", "invalid: ms: must be in the years 0 to 9999"],
    ["time.format(0.5)", "invalid: ms: must be a whole number"],
    ["time.format(NaN)", "invalid: ms: must be a whole number"],
    ["time.format('0')", "invalid: ms: must be a whole number"],
    ["time.parts(9e15)", "invalid: ms: must be from -8,640,000,000,000,000 to 8,640,000,000,000,000"],
    ["time.parse(0)", "invalid: text: must be a string"],
  ])("%s", (expression, message) => {
    expect(evaluate(expression)).toBe(message);
  });

  test("now is the clock of the entry", async () => {
    expect(await inRun("time.now() === Date.now() && Number.isSafeInteger(time.now())")).toBe("true");
  });
});

describe("url", () => {
  test("encodes what RFC 3986 reserves, and back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), (text) => {
        const encoded = JSON.parse(evaluate(`url.encode(${JSON.stringify(text)})`) as string) as string;
        expect(encoded).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
        expect(decodeURIComponent(encoded)).toBe(text);
        expect(evaluate(`url.decode("${encoded}")`)).toBe(JSON.stringify(text));
      }),
    );
    const long = "é".repeat(100_000) + "😀".repeat(100_000);
    expect(realm.call("text => $picloud.url.encode(text)", long)).toBe(encodeURIComponent(long));
  });

  test("queries go there and back", () => {
    const text = fc.string({ unit: "binary", maxLength: 8 });
    fc.assert(
      fc.property(fc.dictionary(text, fc.array(text, { minLength: 1, maxLength: 3 })), (fields) => {
        const given = realm.call(
          `(pairs) => { const { url } = $picloud, fields = Object.fromEntries(pairs), query = url.encodeQuery(fields); return [query, Object.entries(url.parseQueryAll(query)), Object.entries(url.parseQuery("?" + query))] }`,
          Object.entries(fields),
        ) as [string, [string, string[]][], [string, string][]];
        const pairs = Object.entries(fields);
        expect(Object.fromEntries(given[1])).toEqual(fields);
        expect(given[2]).toEqual(given[1].map(([name, values]) => [name, values.at(-1)]));
        expect([...new URLSearchParams(given[0])]).toEqual(
          pairs.flatMap(([name, values]) => values.map((value) => [name, value])),
        );
      }),
    );
  });

  test.each([
    [
      "url.encodeQuery({ a: 1, b: 2n, c: true, d: null, e: undefined, f: [], g: [1.5, 'x'] })",
      `"a=1&b=2&c=true&g=1.5&g=x"`,
    ],
    ["url.encodeQuery({})", `""`],
    ["url.parseQuery('a&b=&&=c&a=2&d=1=2')", `{"a":"2","b":"","":"c","d":"1=2"}`],
    ["Object.keys(url.parseQuery('__proto__=1&constructor=2'))", `["__proto__","constructor"]`],
    [
      "url.parse('HTTPS://me:pw@Exämple.com:443/a b?q#f')",
      `{"href":"https://me:pw@xn--exmple-cua.com/a%20b?q#f","scheme":"https","username":"me","password":"pw","host":"xn--exmple-cua.com","path":"/a%20b","query":"q","fragment":"f"}`,
    ],
    [
      "url.parse('mailto:a@b.c')",
      `{"href":"mailto:a@b.c","scheme":"mailto","username":"","password":"","host":"","path":"a@b.c"}`,
    ],
    ["url.parse('/relative')", "invalid: text: is not an absolute URL"],
    ["url.decode('%zz')", "invalid: text: has a % without two digits, or its bytes are no UTF-8"],
    ["url.decode('%c3')", "invalid: text: has a % without two digits, or its bytes are no UTF-8"],
    ["url.decode('%ED%A0%80')", "invalid: text: has a % without two digits, or its bytes are no UTF-8"],
    ["url.parseQuery('a=%FF')", "invalid: text: has a % without two digits, or its bytes are no UTF-8"],
    ["url.encode('\\ud800')", "invalid: text: has half of a surrogate pair"],
    ["url.encodeQuery([])", "invalid: fields: must be an object"],
    ["url.encodeQuery('a')", "invalid: fields: must be an object"],
    [
      "url.encodeQuery({ a: {} })",
      "invalid: fields.a: must be a string, a number, a boolean or a list of these",
    ],
    [
      "url.encodeQuery({ a: [1, NaN] })",
      "invalid: fields.a[1]: must be a string, a number, a boolean or a list of these",
    ],
    ["url.encodeQuery({ a: Array(100_001).fill(1) })", "too_large: fields: more than 100,000 values"],
    [
      "url.encodeQuery({ a: { get length() { return 1e9 } } })",
      "invalid: fields.a: must be a string, a number, a boolean or a list of these",
    ],
    ["url.encode('é'.repeat(3_000_000))", "too_large: text: more than 16,777,216 characters when encoded"],
    [
      "url.encodeQuery({ a: Array(20).fill('x'.repeat(1e6)) })",
      "too_large: fields: more than 16,777,216 characters when encoded",
    ],
    ["url.parseQuery('&a'.repeat(100_001))", "too_large: text: more than 100,000 names"],
  ])("%s", (expression, expected) => {
    expect(evaluate(expression)).toBe(expected);
  });
});

describe("bytes", () => {
  test.each([
    ["hex.encode(new Uint16Array([1, 2]).subarray(1))", `"0200"`],
    ["hex.encode(new DataView(new Uint8Array([1, 2, 3]).buffer, 1))", `"0203"`],
    ["hex.encode(new Uint8Array([1, 2, 3]).buffer)", `"010203"`],
    [
      "hex.encode(Object.defineProperties(new Uint8Array([1, 2]), { buffer: { value: new ArrayBuffer(9) }, byteLength: { value: 9 }, byteOffset: { get() { throw 1 } } }))",
      `"0102"`,
    ],
    [
      "hex.encode((() => { const bytes = new Uint8Array(4); bytes.buffer.transfer(); return bytes })())",
      "invalid: data: must be a string or a Uint8Array",
    ],
    ["hex.encode(new Proxy(new Uint8Array(2), {}))", "invalid: data: must be a string or a Uint8Array"],
    [
      "hex.encode({ length: 2, byteLength: 2, buffer: new ArrayBuffer(2) })",
      "invalid: data: must be a string or a Uint8Array",
    ],
    ["hex.encode([1, 2])", "invalid: data: must be a string or a Uint8Array"],
    ["hex.encode({ toString() { return 'a' } })", "invalid: data: must be a string or a Uint8Array"],
    ["hash.sha256('\\udc00')", "invalid: data: has half of a surrogate pair"],
    ["base64.encode(new Uint8Array(12_582_913))", "too_large: data: more than 12,582,912 bytes"],
    ["hex.encode(new Uint8Array(8_388_609))", "too_large: data: more than 8,388,608 bytes"],
    ["hash.sha256(new Uint8Array(16_777_217))", "too_large: data: more than 16,777,216 bytes"],
    ["base64.encode(new Uint8Array(12_582_912)).length", "16777216"],
    ["['YQ==', 'Yg=='].map(base64.decode).map(bytes => bytes[0])", "[97,98]"],
  ])("%s", (expression, expected) => {
    expect(evaluate(expression)).toBe(expected);
  });
});

describe("arguments of a hostile script", () => {
  test("getters and traps are called, and what they throw is theirs", () => {
    const thrown = realm.call(
      `() => { try { $picloud.url.encodeQuery({ get a() { throw new TypeError("mine") } }) } catch (error) { return error.name + error.message } }`,
    );
    expect(thrown).toBe("TypeErrormine");
    expect(
      evaluate(
        "url.encodeQuery(new Proxy({ a: 1 }, { ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: () => ({ value: 2, enumerable: true, configurable: true }), get: (_, key) => key + '!' }))",
      ),
    ).toBe(`"a=a%21&b=b%21"`);
  });

  test("a changed RegExp.prototype changes nothing", () => {
    const changed = new GuestRealm();
    const done = changed.call(`() => {
      for (const key of ["exec", "test", Symbol.replace, Symbol.split, Symbol.match]) RegExp.prototype[key] = () => { throw new Error("taken") };
      const { regex, url, time } = $picloud;
      return [regex.replaceAll("a1b2", "[0-9]", "-"), regex.split("a,b", ","), url.parseQuery("a=b+c").a, time.parse("2026-01-01T00:00:00Z")];
    }`);
    changed.dispose();
    expect(done).toEqual(["a-b-", ["a", "b"], "b c", 1_767_225_600_000]);
  });

  test("no function shows a way to what is behind it", () => {
    expect(
      realm.call(
        `() => [typeof $picloud.regex.isMatch.prototype, $picloud.regex.constructor, Object.getPrototypeOf($picloud.regex), $picloud.regex.isMatch.name, Object.keys($picloud.regex).includes("then")]`,
      ),
    ).toEqual(["undefined", undefined, null, "isMatch", false]);
  });
});
