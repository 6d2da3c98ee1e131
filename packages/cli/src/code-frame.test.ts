import fc from "fast-check";
import { expect, test } from "vitest";
import { codeFrame, placeOf } from "./code-frame.ts";

test("shows the line, two before it, and a caret under the column", () => {
  const source = "one\ntwo\nthree\n\tconst x = ;\nfive";
  expect(codeFrame(source, { file: "a.ts", line: 4, column: 12 })).toBe(
    ["  --> a.ts:4:12", "   |", " 2 | two", " 3 | three", " 4 | \tconst x = ;", "   | \t          ^"].join(
      "\n",
    ),
  );
});

test("a place outside of the source is only named", () => {
  expect(codeFrame("one", { file: "a.ts", line: 9, column: 1 })).toBe("  --> a.ts:9:1");
});

test("never throws, and finds the place of any offset", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "\n", "\t", "é", "\u001b") }),
      fc.nat(50),
      (source, at) => {
        const offset = Math.min(at, source.length);
        const place = placeOf("x", source, offset);
        const line = source.split("\n")[place.line - 1] ?? "";
        expect(place.column).toBeGreaterThanOrEqual(1);
        expect(place.column).toBeLessThanOrEqual(line.length + 1);
        expect(codeFrame(source, place)).not.toContain("\u001b");
      },
    ),
  );
});
