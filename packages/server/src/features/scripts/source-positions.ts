/** Positions in script source: line and column of an offset, excerpts for diagnostics, and the way back from compiled code. */
import { SourceMap } from "node:module";

/** What a compile step has to say about a place in the source. Lines and columns count from 1, columns in UTF-16 units. */
export interface Diagnostic {
  /** `compile_error`, or the parser's own name for it. */
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  /** The line with its number and a line of carets under the place. */
  readonly excerpt: string;
  readonly hint?: string;
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A place in one of the sources that compiled code was made from. */
export interface SourcePosition extends Position {
  /** Name of the file, as the map has it. */
  readonly source: string;
}

/** Longest part of a source line that an excerpt shows. */
const EXCERPT_CHARACTERS_MAX = 120;
/** Shown before the place when a line is longer than an excerpt. */
const EXCERPT_LEAD_CHARACTERS = 60;

/** Starts of all lines. Line ends are those of ECMAScript: LF, CRLF, CR, U+2028, U+2029. */
export function lineStarts(source: string): readonly number[] {
  const starts = [0];
  for (let at = 0; at < source.length; at++) {
    const unit = source.charCodeAt(at);
    if (unit === 13 && source.charCodeAt(at + 1) === 10) continue;
    if (unit === 10 || unit === 13 || unit === 0x2028 || unit === 0x2029) starts.push(at + 1);
  }
  return starts;
}

/** Line and column of an offset. O(log lines). */
export function positionOf(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

/** A diagnostic for the source between two offsets; both are cut to the source. */
export function diagnosticAt(
  source: string,
  starts: readonly number[],
  place: { readonly start: number; readonly end: number; readonly message: string; readonly hint?: string },
): Diagnostic {
  const startOffset = Math.max(0, Math.min(place.start, source.length));
  const endOffset = Math.max(startOffset, Math.min(place.end, source.length));
  const start = positionOf(starts, startOffset);
  const end = positionOf(starts, endOffset);
  return {
    code: "compile_error",
    message: place.message,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    excerpt: excerptOf(source, starts, { start, end }),
    ...(place.hint === undefined ? {} : { hint: place.hint }),
  };
}

/** The same for Rhai, where only a line feed ends a line and columns count characters. */
export function rhaiDiagnosticAt(source: string, place: Parameters<typeof diagnosticAt>[2]): Diagnostic {
  const starts = [0];
  for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  const shown = diagnosticAt(source, starts, place);
  const start = starts[shown.line - 1] ?? 0;
  const column = Array.from(source.slice(start, start + shown.column - 1)).length + 1;
  return { ...shown, column };
}

function excerptOf(
  source: string,
  starts: readonly number[],
  span: { start: Position; end: Position },
): string {
  const from = starts[span.start.line - 1] ?? 0;
  const to = starts[span.start.line] ?? source.length;
  const line = withoutLineEnd(source.slice(from, to));
  const lead =
    line.length <= EXCERPT_CHARACTERS_MAX ? 0 : Math.max(0, span.start.column - 1 - EXCERPT_LEAD_CHARACTERS);
  const shown = line.slice(lead, lead + EXCERPT_CHARACTERS_MAX);
  const before = shown.slice(0, span.start.column - 1 - lead);
  const lastColumn = span.end.line === span.start.line ? span.end.column : line.length + 1;
  const carets = Math.max(1, Math.min(lastColumn - span.start.column, shown.length - before.length));
  const number = String(span.start.line);
  const gutter = " ".repeat(number.length);
  // A tab stays a tab under itself, so that the carets stand right whatever its width is.
  const pad = Array.from(before, (character) => (character === "\t" ? "\t" : " ")).join("");
  return `${number} | ${shown}\n${gutter} | ${pad}${"^".repeat(carets)}`;
}

function withoutLineEnd(line: string): string {
  let end = line.length;
  while (end > 0 && "\n\r\u2028\u2029".includes(line.charAt(end - 1))) end--;
  return line.slice(0, end);
}

/** Where a position in compiled code (counted from 1) comes from; `undefined` for code that the compiler added. */
export function mapPosition(map: string, position: Position): SourcePosition | undefined {
  return mapperOf(map)(position);
}

/** Rewrites each `name:line:column` of a stack from compiled code to the source, which may be that of a module linked in.
 *  Other text stays as it is. */
export function mapStack(stack: string, map: string, name: string): string {
  // Rhai's positions are those of the source already.
  if (map === "") return stack;
  const at = mapperOf(map);
  let mapped = "";
  let rest = stack;
  for (;;) {
    const found = rest.indexOf(`${name}:`);
    if (found === -1) return mapped + rest;
    const after = rest.slice(found + name.length + 1);
    mapped += rest.slice(0, found);
    rest = after;
    const numbers = /^(\d{1,9}):(\d{1,9})/.exec(after);
    const place = numbers && at({ line: Number(numbers[1]), column: Number(numbers[2]) });
    mapped += place ? `${place.source}:${place.line}:${place.column}` : `${name}:${numbers?.[0] ?? ""}`;
    rest = after.slice(numbers?.[0].length ?? 0);
  }
}

function mapperOf(map: string): (position: Position) => SourcePosition | undefined {
  const parsed = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]);
  return (position) => {
    if (position.line < 1 || position.column < 1) return undefined;
    const entry = parsed.findEntry(position.line - 1, position.column - 1);
    if (!("originalLine" in entry) || entry.originalLine === undefined) return undefined;
    // The nearest entry may be of an earlier line: then this line is the compiler's own.
    if (entry.generatedLine !== position.line - 1) return undefined;
    return { source: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  };
}

/** One step of a source map: column there, line here, column here; all counted from 0. */
export type Segment = readonly [number, number, number];

/** The map of texts that are put below each other: each with the line, counted from 0, at whose start it stands. */
export function joinMaps(parts: readonly { readonly line: number; readonly map: string }[]): string {
  const sections = parts.map(({ line, map }) => `{"offset":{"line":${line},"column":0},"map":${map}}`);
  return `{"version":3,"sections":[${sections.join(",")}]}`;
}

/** Source map JSON of decoded segments by generated line. */
export function encodeMap(name: string, lines: readonly (readonly Segment[])[]): string {
  let mappings = "";
  let previousLine = 0;
  let previousColumn = 0;
  for (const [index, segments] of lines.entries()) {
    if (index > 0) mappings += ";";
    let previousGenerated = 0;
    for (const [position, [generated, line, column]] of segments.entries()) {
      if (position > 0) mappings += ",";
      mappings +=
        vlq(generated - previousGenerated) + "A" + vlq(line - previousLine) + vlq(column - previousColumn);
      previousGenerated = generated;
      previousLine = line;
      previousColumn = column;
    }
  }
  return JSON.stringify({ version: 3, sources: [name], names: [], mappings });
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const digit = rest & 31;
    rest >>>= 5;
    text += BASE64.charAt(rest > 0 ? digit | 32 : digit);
  } while (rest > 0);
  return text;
}
