/** Unified diff of two texts, as `diff -u` prints it, with three lines of context. */

interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** One line of the edit script: kept, removed or added. */
interface Edit {
  readonly mark: " " | "-" | "+";
  readonly line: string;
}

const contextLines = 3;
/** Cells of the table for the differing middle: about 16 MB. Larger middles are shown as replaced whole. */
const cellsMax = 4_000_000;

/** Empty for equal texts. O(lines²) in the part that differs, bounded. */
export function unifiedDiff(from: NamedText, to: NamedText): string {
  const script = editScript(linesOf(from.text), linesOf(to.text));
  const hunks = hunkRanges(script).map((range) => printHunk(script, range));
  return hunks.length === 0 ? "" : `--- ${from.name}\n+++ ${to.name}\n${hunks.join("")}`;
}

/** A line break at the end ends the last line and starts none. */
function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function editScript(a: readonly string[], b: readonly string[]): readonly Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return [
    ...edits(a.slice(0, head), " "),
    ...middleEdits(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...edits(a.slice(a.length - tail), " "),
  ];
}

function middleEdits(a: readonly string[], b: readonly string[]): readonly Edit[] {
  if ((a.length + 1) * (b.length + 1) > cellsMax) return [...edits(a, "-"), ...edits(b, "+")];
  const longest = commonLengths(a, b);
  const result: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      result.push({ mark: " ", line: a[i++] ?? "" });
      j++;
    } else if (longest(i + 1, j) >= longest(i, j + 1)) {
      result.push({ mark: "-", line: a[i++] ?? "" });
    } else {
      result.push({ mark: "+", line: b[j++] ?? "" });
    }
  }
  return [...result, ...edits(a.slice(i), "-"), ...edits(b.slice(j), "+")];
}

/** Length of the longest common subsequence of what is left of `a` from i on and of `b` from j on. */
function commonLengths(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return at;
}

function edits(lines: readonly string[], mark: Edit["mark"]): readonly Edit[] {
  return lines.map((line) => ({ mark, line }));
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Changed lines with their context; what touches or overlaps becomes one hunk. */
function hunkRanges(script: readonly Edit[]): readonly Range[] {
  const ranges: { start: number; end: number }[] = [];
  for (const [index, edit] of script.entries()) {
    if (edit.mark === " ") continue;
    const start = Math.max(0, index - contextLines);
    const end = Math.min(script.length, index + contextLines + 1);
    const last = ranges.at(-1);
    if (last !== undefined && start <= last.end) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}

function printHunk(script: readonly Edit[], range: Range): string {
  const count = (list: readonly Edit[], without: string): number =>
    list.filter((edit) => edit.mark !== without).length;
  const before = script.slice(0, range.start);
  const shown = script.slice(range.start, range.end);
  const side = (without: string): string => {
    const lines = count(shown, without);
    const first = count(before, without) + (lines === 0 ? 0 : 1);
    return lines === 1 ? `${first}` : `${first},${lines}`;
  };
  const lines = shown.map((edit) => `${edit.mark}${edit.line}\n`).join("");
  return `@@ -${side("+")} +${side("-")} @@\n${lines}`;
}
