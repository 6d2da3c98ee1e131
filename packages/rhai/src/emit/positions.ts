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

export function assemble(
  head: string,
  parts: readonly { readonly label: string; readonly text: string }[],
  locate: Locate,
): Assembled {
  const lines = head.split("\n");
  const positions: string[] = [];
  const functions: string[] = [];
  let last = { js: 0, line: 0, column: 0 };
  for (const { label, text } of parts) {
    functions.push(`${HEAD_LINES + lines.length + 1}:${label}`);
    for (const line of text.split("\n")) {
      const end = line.startsWith("\u0001") ? line.indexOf("\u0002") : -1;
      if (end === -1) {
        lines.push(line);
        continue;
      }
      lines.push(line.slice(end + 1));
      const [at = 0, ...others] = line.slice(1, end).split(",").map(Number);
      const place = locate(at);
      const next = { js: HEAD_LINES + lines.length, ...place };
      const numbers = [next.js - last.js, next.line - last.line, next.column - last.column];
      for (const other of others.map(locate))
        numbers.push(other.line - place.line, other.column - place.column);
      positions.push(numbers.map(base36).join(","));
      last = next;
    }
  }
  return { text: lines.join("\n"), positions: positions.join(";"), functions: functions.join(";") };
}

function base36(value: number): string {
  return value.toString(36);
}
