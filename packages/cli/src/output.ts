/** Results on stdout: TSV with a header, or JSON (an array; a flat object for one row). */
import type { Io } from "./io.ts";

export const outputFormats = ["tsv", "json"] as const;
export type OutputFormat = (typeof outputFormats)[number];

export type Row = Readonly<Record<string, unknown>>;

/** Prints one object: a header and a row, or a flat object. Without columns all members are shown. */
export function printRow(io: Io, format: OutputFormat, row: Row, columns: readonly string[] = []): void {
  if (format === "json") {
    io.out.write(`${jsonLine(row)}\n`);
    return;
  }
  const shown = columns.length > 0 ? columns : Object.keys(row);
  io.out.write(tsvLine(shown) + tsvLine(shown.map((column) => row[column])));
}

/** JSON on one line, in which nothing can move a terminal's cursor: `JSON.stringify` escapes C0 but not DEL and C1. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\u007f-\u009f\u2028\u2029]/g, unicodeEscape);
}

/** Prints rows as they come, so that a long list needs no memory. `end` closes the list. */
export interface RowPrinter {
  readonly print: (rows: readonly Row[]) => void;
  readonly end: () => void;
}

export function rowPrinter(io: Io, format: OutputFormat, columns: readonly string[]): RowPrinter {
  let count = 0;
  if (format === "tsv") {
    io.out.write(tsvLine(columns));
    return {
      print: (rows) => {
        for (const row of rows) io.out.write(tsvLine(columns.map((column) => row[column])));
      },
      end: () => undefined,
    };
  }
  return {
    print: (rows) => {
      for (const row of rows) io.out.write(`${count++ === 0 ? "[\n" : ",\n"}${jsonLine(row)}`);
    },
    end: () => io.out.write(count === 0 ? "[]\n" : "\n]\n"),
  };
}

export function tsvLine(cells: readonly unknown[]): string {
  return `${cells.map(cellText).join("\t")}\n`;
}

/** One cell: text as it is, other values as JSON, nothing for null. What would break the table, or move the cursor of a
 *  terminal, is escaped: `\t` `\n` `\r` `\\` `\uXXXX`. */
export function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return escapedText(text);
}

// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const unsafe = /[\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
const short: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

function escapedText(text: string): string {
  return text.replaceAll(unsafe, (char) => short[char] ?? unicodeEscape(char));
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Text that can't move the cursor or change colours of a terminal: control characters but tab and line feed escaped. */
export function safeForTerminal(text: string): string {
  return text.replaceAll(unsafe, (char) =>
    char === "\\" || char === "\t" || char === "\n" ? char : escapedText(char),
  );
}
