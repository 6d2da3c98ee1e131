/** Text by code points. Most strings have no surrogates: then a code point is one unit, and V8 answers the test at once
 *  for strings that it keeps in one byte per character. */

const surrogates = /[\ud800-\udfff]/;

/** Are code points and UTF-16 units not the same in this text? */
export function isAstral(text: string): boolean {
  return surrogates.test(text);
}

/** Number of code points. */
export function charCount(text: string): number {
  if (!isAstral(text)) return text.length;
  let count = text.length;
  for (let at = 0; at < text.length; at++) if (isHigh(text.charCodeAt(at))) count--;
  return count;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** The unit at which code point `index` starts; the text's length beyond its end. */
export function unitOf(text: string, index: number): number {
  if (!isAstral(text)) return Math.min(index, text.length);
  let at = 0;
  for (let left = index; left > 0 && at < text.length; left--) at += isHigh(text.charCodeAt(at)) ? 2 : 1;
  return at;
}

/** Which code point starts at this unit. */
export function charOfUnit(text: string, unit: number): number {
  return isAstral(text) ? charCount(text.slice(0, unit)) : unit;
}

/** Code points `from` up to `to`. */
export function sliceChars(text: string, from: number, to: number): string {
  if (from >= to) return "";
  if (!isAstral(text)) return text.slice(from, to);
  const start = unitOf(text, from);
  return text.slice(start, start + unitOf(text.slice(start), to - from));
}

/** All code points, as strings. */
export function charsOf(text: string): string[] {
  return isAstral(text) ? Array.from(text) : text.split("");
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
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** The words between white space. */
export function wordsOf(text: string): string[] {
  const trimmed = trimText(text);
  return trimmed === "" ? [] : trimmed.split(spaces);
}
