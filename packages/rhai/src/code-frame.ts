/** A few lines of a source with marks under a place. */

export interface FramePlace {
  /** From 1. */
  readonly line: number;
  /** From 1, in code points. */
  readonly column: number;
  /** How many code points are marked; at least one is. */
  readonly width?: number;
}

const LINES_BEFORE = 2;
const COLUMNS_MAX = 160;

/** `--> file:line:column`, and the lines around it if the source has them. Safe to print: control characters are shown as
 *  what they are called. */
export function codeFrame(source: string, place: FramePlace, file = "script"): string {
  const head = `  --> ${visible(file)}:${place.line}:${place.column}`;
  const lines = source.split("\n", place.line).map((text) => text.replace(/\r$/, ""));
  const text = lines[place.line - 1];
  if (text === undefined) return head;
  const gap = " ".repeat(String(place.line).length);
  const first = Math.max(1, place.line - LINES_BEFORE);
  const shown = lines.slice(first - 1).map((line, at) => {
    const number = String(first + at).padStart(gap.length);
    return ` ${number} | ${visible(Array.from(line).slice(0, COLUMNS_MAX).join(""))}`;
  });
  return [head, ` ${gap} |`, ...shown, ` ${gap} | ${marks(text, place)}`].join("\n");
}

function marks(text: string, { column, width = 1 }: FramePlace): string {
  const chars = Array.from(text).slice(0, COLUMNS_MAX);
  const before = chars.slice(0, column - 1).join("");
  // Tabs stay tabs, so that the marks are below their characters whatever their width.
  const indent = visible(before).replaceAll(/[^\t]/gu, " ");
  const room = Math.max(1, chars.length - column + 1);
  return `${indent}${"^".repeat(Math.min(Math.max(1, width), room))}`;
}

/** Terminals obey control characters; a source must not. */
function visible(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
