import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellText, jsonLine, printRow, rowPrinter, safeForTerminal, tsvLine } from "./output.ts";
import { testIo } from "./test-io.ts";

/** What a reader of the TSV does. */
function unescaped(cell: string): string {
  const short: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };
  return cell.replaceAll(/\\(?:u([0-9a-f]{4})|([tnr\\]))/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (short[char] ?? "") : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

describe("TSV", () => {
  test("any text survives, and a row is one line of as many cells", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (cells) => {
        const line = tsvLine(cells);
        expect(line.endsWith("\n")).toBe(true);
        const parts = line.slice(0, -1).split("\t");
        expect(parts.map(unescaped)).toEqual(cells);
        // oxlint-disable-next-line no-control-regex -- that is what must not be there
        expect(parts.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });

  test("other values are JSON, and nothing is an empty cell", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(value !== null && typeof value !== "string");
        expect(JSON.parse(unescaped(cellText(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect([undefined, null, "", false, 0].map(cellText)).toEqual(["", "", "", "false", "0"]);
  });

  test("a log line can't drive the terminal", () => {
    expect(cellText("\u001b[2Jgone\u009b31m")).toBe(String.raw`\u001b[2Jgone\u009b31m`);
    expect(safeForTerminal("a\tb\nc\u001b[31m\r")).toBe(`a\tb\nc${String.raw`\u001b[31m\r`}`);
  });
});

describe("JSON", () => {
  test("rows printed in pieces are one array", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.record({ a: fc.jsonValue() }), { maxLength: 4 })), (pages) => {
        const io = testIo();
        const printer = rowPrinter(io, "json", ["a"]);
        for (const page of pages) printer.print(page);
        printer.end();
        expect(JSON.parse(io.stdout())).toEqual(JSON.parse(JSON.stringify(pages.flat())));
      }),
    );
  });

  test("is harmless to a terminal and still the same value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const line = jsonLine({ text });
        expect(JSON.parse(line)).toEqual({ text });
        // oxlint-disable-next-line no-control-regex -- that is what must not be there
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });

  test("one row is a flat object", () => {
    const io = testIo();
    printRow(io, "json", { id: "x", n: null }, ["id"]);
    expect(io.stdout()).toBe('{"id":"x","n":null}\n');
  });
});

test("a row without columns shows all its members", () => {
  const io = testIo();
  printRow(io, "tsv", { id: "x", dropped: 2 });
  expect(io.stdout()).toBe("id\tdropped\nx\t2\n");
});
