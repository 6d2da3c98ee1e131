import fc from "fast-check";
import { expect, test } from "vitest";
import { locatorOf, placeOf } from "./source.ts";

test("both ways give the same places", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "\r", "é", "\u{1f600}", "\udc00", "\ud800") });
  fc.assert(
    fc.property(text, (source) => {
      const locate = locatorOf(source);
      for (let at = 0; at <= source.length; at++) expect(locate(at)).toEqual(placeOf(source, at));
    }),
  );
});

test("a place is line and column from 1, columns are code points", () => {
  const source = "ab\n\u{1f600}x\n";
  expect([0, 2, 3, 5, 6, 7].map(locatorOf(source))).toEqual([
    { line: 1, column: 1 },
    { line: 1, column: 3 },
    { line: 2, column: 1 },
    { line: 2, column: 2 },
    { line: 2, column: 3 },
    { line: 3, column: 1 },
  ]);
});
