/** The standard library as Rhai units call it: values of Rhai in and out, errors that can be caught, operations that are paid. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { afterAll, describe, expect, test } from "vitest";

import type { Artifact, RhaiLimits } from "../../sandbox.ts";
import { type Answer, job, run, testSandbox } from "../../testing/harness.ts";

const runtime = readFileSync(
  new URL("../../../../rhai/src/runtime/runtime.generated.js", import.meta.url),
  "utf8",
);
const sandbox = testSandbox({ rhai: { runtime, compiler: "" } });
afterAll(async () => await sandbox.close());

const NONE: RhaiLimits = { operations: 0, callDepth: 64, stringBytes: 0, arrayItems: 0, mapEntries: 0 };

/** `call` is in scope: name and arguments; an error is a list of its code and message. */
function unit(expression: string): Artifact {
  const code = `(function (rt) { "use strict";
    const { Arr, Blob, Dict, Float, charOf } = rt;
    const call = (name, ...args) => {
      try { return rt.findHost(name, args.length)(...args) }
      catch (error) {
        if (error instanceof rt.RhaiError && error.thrown instanceof Dict) return new Arr([error.thrown.entries.get("code"), error.thrown.entries.get("message")]);
        throw error;
      }
    };
    const map = object => new Dict(new Map(Object.entries(object)));
    return { positions: "", functions: [], suspends: false, main(ctx) { return ${expression}; } };
  })`;
  return { hash: createHash("sha256").update(code).digest("hex"), name: "test.rhai", code, language: "rhai" };
}
async function answer(expression: string, rhai: RhaiLimits = NONE): Promise<Answer> {
  return await run(sandbox, job(unit(expression), { limits: { rhai } }));
}
async function body(expression: string): Promise<string> {
  const { error, body: text } = await answer(expression);
  expect(error).toBeUndefined();
  return text;
}

describe("values", () => {
  test.each([
    [`call("regex::is_match", "order 66", "[0-9]+")`, "true"],
    [`call("regex::find", "a", "b")`, "null"],
    [`call("regex::find_all", "a1b22", "[0-9]+")`, `["1","22"]`],
    [`call("regex::find_all", "a1b22", "[0-9]+", 1)`, `["1"]`],
    [`call("regex::captures", "b", "(a)|(b)")`, `["b",null,"b"]`],
    [`call("regex::named_captures", "b", "(?<__proto__>a)|(?<x>b)")`, `{"x":"b"}`],
    [`call("regex::named_captures", "a", "(?<__proto__>a)|(?<x>b)")`, `{"__proto__":"a"}`],
    [`call("regex::split", "a,b", charOf(","))`, `["a","b"]`],
    [`call("regex::replace_all", "aXa", "a", "$&$&")`, `"aaXaa"`],
    [`call("random::float") instanceof Float`, "true"],
    [
      `call("random::int", -(2n ** 63n), 2n ** 63n - 1n) !== call("random::int", -(2n ** 63n), 2n ** 63n - 1n)`,
      "true",
    ],
    [`call("random::int", 9007199254740993n, 9007199254740993n)`, "9007199254740993"],
    [`typeof call("random::int", -(2n ** 60n), -(2n ** 60n) + 5n)`, `"bigint"`],
    [`call("random::bytes", 5) instanceof Blob`, "true"],
    [`call("time::parse", "1970-01-01T00:00:01Z")`, "1000"],
    [
      `call("time::parts", 0)`,
      `{"day":1,"day_of_year":1,"hour":0,"millisecond":0,"minute":0,"month":1,"second":0,"weekday":4,"year":1970}`,
    ],
    [`call("json::parse", '{"a":[4,4.0,9007199254740993,null]}')`, `{"a":[4,4.0,9007199254740993,null]}`],
    [
      `call("json::stringify", call("json::parse", '{"b":1.0,"a":[true,null]}'))`,
      String.raw`"{\"a\":[true,null],\"b\":1.0}"`,
    ],
    [`call("base64::decode", "AQI=") instanceof Blob`, "true"],
    [`call("base64::encode", new Blob(new Uint8Array([255, 254])))`, `"//4="`],
    [`call("base64::encode_url", new Blob(new Uint8Array([255, 254])))`, `"__4"`],
    [`call("hex::encode", charOf("A"))`, `"41"`],
    [
      `call("url::encode_query", map({ b: 1, a: new Arr([new Float(4), true, "x y", charOf("c")]), z: undefined }))`,
      `"a=4.0&a=true&a=x%20y&a=c&b=1"`,
    ],
    [`call("url::parse_query_all", "a=1&a=2&b=3")`, `{"a":["1","2"],"b":["3"]}`],
    [
      `call("url::parse", "https://a.b/c")`,
      `{"host":"a.b","href":"https://a.b/c","password":"","path":"/c","scheme":"https","username":""}`,
    ],
    [`call("crypto::sha256", "abc")`, `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`],
    [`call("crypto::equal", new Blob(new Uint8Array([97])), "a")`, "true"],
  ])("%s", async (expression, expected) => {
    expect(await body(expression)).toBe(expected);
  });

  test("JSON on many lines is as JSON.stringify makes it", async () => {
    const value = { a: [1, { b: [] }, 'c,["\\{:'], d: {}, e: [[true]], 'f"': null };
    for (const indent of [1, 2, 10]) {
      const text = await body(
        `call("json::stringify", call("json::parse", ${JSON.stringify(JSON.stringify(value))}), ${indent})`,
      );
      expect(JSON.parse(text)).toBe(JSON.stringify(value, null, indent));
    }
  });
});

describe("errors", () => {
  test.each([
    [`call("regex::is_match", 1, "a")`, ["invalid", "text: must be a string"]],
    [`call("regex::is_match", "a", "(")`, ["invalid", "pattern: missing closing ): `(`"]],
    [`call("random::bytes", new Float(2))`, ["invalid", "n: must be a whole number"]],
    [`call("random::bytes", 2n ** 60n)`, ["invalid", "n: must be a whole number"]],
    [`call("random::int", 2, 1)`, ["invalid", "max: is less than min"]],
    [`call("base64::decode", "*")`, ["invalid", "text: is not base64"]],
    [`call("base64::encode", 1)`, ["invalid", "data: must be a string or a blob"]],
    [`call("url::encode_query", "a")`, ["invalid", "fields: must be a map"]],
    [
      `call("url::encode_query", map({ a: map({}) }))`,
      ["invalid", "fields.a: must be a string, a number, a bool or an array of these"],
    ],
    [
      `call("url::decode", "%ff")`,
      ["invalid", "text: has a % without two digits, or its bytes are no UTF-8"],
    ],
    [`call("json::parse", "[1")`, ["invalid", "text: JSON ends too early"]],
    [
      `call("json::stringify", new Arr([new Blob(new Uint8Array(1))]))`,
      ["invalid", "value[0] is a blob, which has no JSON"],
    ],
    [`call("json::stringify", 1, 11)`, ["invalid", "indent: must be from 1 to 10"]],
    [
      `call("json::stringify", "\\0".repeat(4e6))`,
      ["too_large", "value: more than 16,777,216 characters of JSON"],
    ],
  ])("%s", async (expression, expected) => {
    expect(JSON.parse(await body(expression))).toEqual(expected);
  });
});

describe("limits", () => {
  const loop = (statement: string): string => `(() => { for (let i = 0; i < 1e7; i++) ${statement} })()`;
  test.each([
    ["crypto::sha256 of much", loop(`call("crypto::sha256", "a".repeat(1e5));`)],
    ["regex of much", loop(`call("regex::is_match", "a".repeat(1e5), "(a+)+$");`)],
    ["regex that costs too much", loop(`call("regex::find_all", "a".repeat(9e4), "a.*z|a");`)],
    ["results of much", loop(`call("random::string", 65536);`)],
    ["little", loop(`call("time::now");`)],
  ])("operations: %s", { timeout: 20_000 }, async (_name, expression) => {
    const { error } = await answer(expression, { ...NONE, operations: 100_000 });
    expect(error?.code).toBe("operations_limit");
  });

  test.each([
    [`call("random::bytes", 11)`, { arrayItems: 10 }],
    [`call("regex::find_all", "aaaaaaaaaaa", "a")`, { arrayItems: 10 }],
    [`call("regex::replace_all", "aaaaaaaaaaa", "a", "bb")`, { stringBytes: 20 }],
    [`call("url::parse_query", "a&b&c")`, { mapEntries: 2 }],
    [`call("json::parse", "[[1,2,3],[1,2,3],[1,2,3],[1]]")`, { arrayItems: 10 }],
  ])("sizes: %s", async (expression, limits) => {
    expect((await answer(expression, { ...NONE, ...limits })).error?.code).toBe("size_limit");
  });
});
