/** Text by code points and by white space. */
import { tick } from "../fuel.ts";
import { charCount, isPlain } from "../chars.ts";

/** Which code point starts at this unit. */
export function unitToChar(text: string, unit: number): number {
  return isPlain(text) ? unit : charCount(text.slice(0, unit));
}

/** All code points, as strings. */
export function charsOf(text: string): string[] {
  return isPlain(text) ? text.split("") : Array.from(text);
}

const leading = /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const spaces = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** Is this unit white space in Unicode's sense? JavaScript's `trim` takes U+FEFF too and leaves U+0085. */
function isSpace(unit: number): boolean {
  if (unit <= 0x20) return unit === 0x20 || (unit >= 9 && unit <= 13);
  return unit >= 0x85 && leading.test(String.fromCharCode(unit));
}

/** Without white space at both ends. */
export function trimText(text: string): string {
  let from = 0;
  let to = text.length;
  tick(to >> 5);
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** The words between white space. */
export function wordsOf(text: string): string[] {
  const trimmed = trimText(text);
  return trimmed === "" ? [] : trimmed.split(spaces);
}
