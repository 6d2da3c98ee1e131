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
  const edits = editScript(linesOf(from.text), linesOf(to.text));
  const hunks = hunkRanges(edits).map((range) => printHunk(edits, range));
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
  const kept = (lines: readonly string[]): readonly Edit[] => lines.map((line) => ({ mark: " ", line }));
  return [
    ...kept(a.slice(0, head)),
    ...middleEdits(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...kept(a.slice(a.length - tail)),
  ];
}

/** Longest common subsequence by table. */
function middleEdits(a: readonly string[], b: readonly string[]): readonly Edit[] {
  const width = b.length + 1;
  if ((a.length + 1) * width > cellsMax) {
    return [...a.map((line): Edit => ({ mark: "-", line })), ...b.map((line): Edit => ({ mark: "+", line }))];
  }
  const longest = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      edits.push({ mark: " ", line: a[i++] ?? "" });
      j++;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ mark: "-", line: a[i++] ?? "" });
    } else {
      edits.push({ mark: "+", line: b[j++] ?? "" });
    }
  }
  return edits;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Changed lines with their context; what touches or overlaps becomes one hunk. */
function hunkRanges(edits: readonly Edit[]): readonly Range[] {
  const ranges: { start: number; end: number }[] = [];
  for (const [index, edit] of edits.entries()) {
    if (edit.mark === " ") continue;
    const start = Math.max(0, index - contextLines);
    const end = Math.min(edits.length, index + contextLines + 1);
    const last = ranges.at(-1);
    if (last !== undefined && start <= last.end) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}

function printHunk(edits: readonly Edit[], range: Range): string {
  const count = (list: readonly Edit[], without: string): number =>
    list.filter((edit) => edit.mark !== without).length;
  const before = edits.slice(0, range.start);
  const shown = edits.slice(range.start, range.end);
  const side = (without: string): string => {
    const lines = count(shown, without);
    const first = count(before, without) + (lines === 0 ? 0 : 1);
    return lines === 1 ? `${first}` : `${first},${lines}`;
  };
  const lines = shown.map((edit) => `${edit.mark}${edit.line}\n`).join("");
  return `@@ -${side("+")} +${side("-")} @@\n${lines}`;
}
