/** What a script may import, and the text for everything that it may not. */

/** Names that `import … from "picloud"` gives. */
export const PICLOUD_NAMES: readonly string[] = [
  "kv",
  "docs",
  "files",
  "http",
  "pubsub",
  "queue",
  "secrets",
  "email",
  "log",
  "users",
  "deadLetters",
  "realtime",
  "regex",
  "random",
  "time",
  "base64",
  "hex",
  "url",
  "hash",
  "Retry",
  "Fatal",
  "PicloudError",
];

/** Longest name that is compared with the known ones. */
const COMPARED_CHARACTERS_MAX = 64;

/** The known name that is most like the given one; `undefined` if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > COMPARED_CHARACTERS_MAX) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that make one text of the other. */
function editDistance(left: string, right: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const isSwap = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const swapped = i > 1 && j > 1 && isSwap ? (before[j - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[right.length] ?? 0;
}
