/** Marks in the text become a table from lines of JavaScript to places in the source. */

export interface Assembled {
  readonly text: string;
  /** `line,sourceLine,column` in base 36 for each line that has a place, each a difference to the one before; then its
   *  other places, as differences to these. */
  readonly positions: string;
  /** `line:label` of each function's first line. */
  readonly functions: string;
}

type Locate = (at: number) => { readonly line: number; readonly column: number };

/** Lines before the text that the program's frame adds. */
const HEAD_LINES = 3;

/** Begin and end of the offsets in a marked line. */
const MARK = 1;
const MARK_END = "\u0002";

export function assemble(
  head: string,
  parts: readonly { readonly label: string; readonly text: string }[],
  locate: Locate,
): Assembled {
  const lines = head.split("\n");
  const functions: string[] = [];
  let positions = "";
  let last = { js: 0, line: 0, column: 0 };
  for (const { label, text } of parts) {
    functions.push(`${HEAD_LINES + lines.length + 1}:${label}`);
    for (const line of text.split("\n")) {
      if (line.charCodeAt(0) !== MARK) {
        lines.push(line);
        continue;
      }
      const end = line.indexOf(MARK_END);
      lines.push(line.slice(end + 1));
      const offsets = line.slice(1, end);
      const comma = offsets.indexOf(",");
      const { line: row, column } = locate(Number(comma === -1 ? offsets : offsets.slice(0, comma)));
      const js = HEAD_LINES + lines.length;
      if (positions !== "") positions += ";";
      positions += `${base36(js - last.js)},${base36(row - last.line)},${base36(column - last.column)}`;
      if (comma !== -1)
        for (const offset of offsets.slice(comma + 1).split(",")) {
          const other = locate(Number(offset));
          positions += `,${base36(other.line - row)},${base36(other.column - column)}`;
        }
      last = { js, line: row, column };
    }
  }
  return { text: lines.join("\n"), positions, functions: functions.join(";") };
}

function base36(value: number): string {
  return value.toString(36);
}
