import { expect, test } from "vitest";
import { codeFrame } from "./code-frame.ts";

test("shows the line, two before it, and marks what is meant", () => {
  const source = "let a = 1;\nlet b = 2;\n\tlet c == 3;\nlet d = 4;\n";
  expect(codeFrame(source, { line: 3, column: 8, width: 2 }, "x.rhai")).toBe(
    [
      "  --> x.rhai:3:8",
      "   |",
      " 1 | let a = 1;",
      " 2 | let b = 2;",
      " 3 | \tlet c == 3;",
      "   | \t      ^^",
    ].join("\n"),
  );
});

test("counts code points", () => {
  expect(codeFrame('let x = "😀" ~ 1', { line: 1, column: 13 })).toBe(
    ["  --> script:1:13", "   |", ' 1 | let x = "😀" ~ 1', `   | ${" ".repeat(12)}^`].join("\n"),
  );
});

test("says only where, when the source has no such line", () => {
  expect(codeFrame("a", { line: 9, column: 1 })).toBe("  --> script:9:1");
});

test("cuts long lines and gives no control character to the terminal", () => {
  const frame = codeFrame(`\u001b[31m${"x".repeat(10_000)}`, { line: 1, column: 9_000 });
  expect(frame).toContain(String.raw`\u{1b}[31m`);
  expect(frame.length).toBeLessThan(600);
});
