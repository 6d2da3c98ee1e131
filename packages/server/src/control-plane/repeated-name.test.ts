import fc from "fast-check";
import { expect, test } from "vitest";
import { findRepeatedName } from "./repeated-name.ts";

test.each([
  ['{"a":1,"a":1}', "a"],
  ['{"a":{"b":1,"b":2}}', "a.b"],
  ['{"a":[{"b":1},{"b":1,"c":[],"b":1}]}', "a.1.b"],
  ['{"a":1,"\\u0061":2}', "a"],
  ['{"a\\"":1,"b":{},"a\\"":2}', 'a"'],
  ['{"\\\\":1,"\\\\":2}', "\\"],
  ['{"__proto__":1,"__proto__":2}', "__proto__"],
  [' { "a" : "x,a" , "b" : [ "a" , "a" ] , "a" : 3 } ', "a"],
])("%s repeats %s", (text, path) => {
  expect(findRepeatedName(text)).toBe(path);
});

test.each([
  "1",
  '"a"',
  "{}",
  "[[],[]]",
  '{"a":"a","b":"a"}',
  '[{"a":1},{"a":1}]',
  '{"a":{"a":{"a":"\\"a\\":"}}}',
  '{"a":"{\\"b\\":1,\\"b\\":1}"}',
])("%s repeats nothing", (text) => {
  expect(findRepeatedName(text)).toBeUndefined();
});

test("property: what JSON.stringify writes repeats nothing, and a member written twice is found", () => {
  fc.assert(
    fc.property(fc.json(), fc.string({ unit: "binary" }), (text, name) => {
      expect(findRepeatedName(text)).toBeUndefined();
      const member = `${JSON.stringify(name)}:${text}`;
      expect(findRepeatedName(`[0,{${member},"${name.length}#":1,${member}}]`)).toBe(`1.${name}`);
    }),
  );
});

test("a million nested arrays and long texts take no stack and little time", () => {
  const depth = 1_000_000;
  expect(findRepeatedName("[".repeat(depth) + "]".repeat(depth))).toBeUndefined();
  expect(findRepeatedName(`["${"\\\\".repeat(depth)}"]`)).toBeUndefined();
});
