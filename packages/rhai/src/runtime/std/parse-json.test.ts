import { expect, test } from "vitest";
import { RhaiError } from "../error.ts";
import { toDebug } from "../format.ts";
import { parseJson } from "./parse-json.ts";

test.each([
  [
    '{"a": 1, "b": [1.5, null, true, "x"], "c": {"d": -3}}',
    '#{"a": 1, "b": [1.5, (), true, "x"], "c": #{"d": -3}}',
  ],
  ["{}", "#{}"],
  [
    '{"a": 1e3, "b": 1.0, "c": 12345678901234567890, "d": -9223372036854775808}',
    '#{"a": 1000.0, "b": 1.0, "c": 1.2345678901234567e19, "d": -9223372036854775808}',
  ],
  [String.raw`{"a": "\u0041\n\/\ud83d\ude00"}`, String.raw`#{"a": "A\n/😀"}`],
  [' {"__proto__": []} ', '#{"__proto__": []}'],
])("%s", (text, expected) => {
  expect(toDebug(parseJson(text))).toBe(expected);
});

test.each([
  ['{"a": 1', "MissingToken", "Expecting '}' to end this object map literal", [1, 8]],
  ["{a: 1}", "PropertyExpected", "Expecting name of a property", [1, 2]],
  [
    '{"a"\n 1}',
    "MissingToken",
    "Expecting ':' to follow the property 'a' in this object map literal",
    [2, 2],
  ],
  ["[1]", "MissingToken", "Expecting '{' to start a JSON object hash", [1, 1]],
  ['{"a": 1, "a": 2}', "DuplicatedProperty", "Duplicated property for object map literal: a", [1, 10]],
  [`{"a": ${"[".repeat(100_000)}`, "ExprTooDeep", "Expression exceeds maximum complexity", [1, 70]],
] as const)("%s", (text, code, message, [line, column]) => {
  let caught: unknown;
  try {
    parseJson(text);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(RhaiError);
  expect(caught).toMatchObject({
    variant: "ErrorParsing",
    parse: { code, message, place: { line, column } },
  });
});
