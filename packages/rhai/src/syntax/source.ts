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

/** Gives the places of offsets, each in logarithmic time. */
export function locatorOf(source: string): (offset: number) => Place {
  const starts = [0];
  for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
  const low = Array.from(source.matchAll(/[\udc00-\udfff]/g), ({ index }) => index);
  return (offset) => {
    const line = countBelow(starts, offset + 1);
    const start = starts[line - 1] ?? 0;
    return { line, column: 1 + offset - start - (countBelow(low, offset) - countBelow(low, start)) };
  };
}

/** How many of the sorted numbers are below the end. */
function countBelow(sorted: readonly number[], end: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? 0) < end) from = middle + 1;
    else to = middle;
  }
  return from;
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
