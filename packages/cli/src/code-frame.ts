/** A few lines of a source with a caret under the place. */
import { safeForTerminal } from "./output.ts";

export interface SourcePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count. */
  readonly column: number;
}

const linesBefore = 2;
const columnsMost = 160;

/** The frame, or only `--> file:line:column` when the source has no such line. */
export function codeFrame(source: string, place: SourcePlace): string {
  const head = `  --> ${place.file}:${place.line}:${place.column}`;
  const lines = source.split(/\r\n|\n|\r/);
  if (place.line < 1 || place.line > lines.length) return head;
  const width = String(place.line).length;
  const first = Math.max(1, place.line - linesBefore);
  const shown = lines.slice(first - 1, place.line).map((text, i) => {
    const number = String(first + i).padStart(width);
    return ` ${number} | ${safeForTerminal(text.slice(0, columnsMost))}`;
  });
  const before = (lines[place.line - 1] ?? "").slice(0, Math.max(0, place.column - 1)).slice(0, columnsMost);
  // Tabs stay tabs, so that the caret is below its character whatever their width.
  const indent = before.replaceAll(/[^\t]/g, " ");
  const gap = " ".repeat(width);
  return [head, ` ${gap} |`, ...shown, ` ${gap} | ${indent}^`].join("\n");
}

/** Line and column of an offset, both from 1. */
export function placeOf(file: string, source: string, offset: number): SourcePlace {
  const before = source.slice(0, offset);
  const line = before.split("\n").length;
  return { file, line, column: offset - before.lastIndexOf("\n") };
}
