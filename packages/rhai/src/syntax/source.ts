/** Lines and columns of a script. Both count from 1; a column is a code point. */

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place of a UTF-16 offset. One pass over the text before it: for few offsets; many go through `lineStarts`. */
export function placeOf(source: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let at = source.indexOf("\n"); at !== -1 && at < offset; at = source.indexOf("\n", at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: columnOf(source, lineStart, offset) };
}

/** Offsets of the first unit of every line. */
export function lineStarts(source: string): number[] {
  const starts = [0];
  for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The place of an offset, by binary search in `starts` of `lineStarts`. */
export function placeIn(source: string, starts: readonly number[], offset: number): Place {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: columnOf(source, starts[low] ?? 0, offset) };
}

/** Low surrogates belong to the unit before them, so they are not columns. */
function columnOf(source: string, lineStart: number, offset: number): number {
  let column = 1;
  for (let i = lineStart; i < offset; i++) {
    const code = source.charCodeAt(i);
    if (code < 0xdc00 || code > 0xdfff) column += 1;
  }
  // Past the end of the text (end of file after a line), every unit counts.
  return column;
}
