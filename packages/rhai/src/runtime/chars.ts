/** Code points of strings. Most strings have no surrogates: then code points are units. */
import { tick } from "./fuel.ts";
import { S } from "./state.ts";
import { type Char, charOf, charOfUnit } from "./value.ts";

const SURROGATE = /[\ud800-\udfff]/;

/** Is each code point one unit? */
export function isPlain(text: string): boolean {
  if (text.length < 16) {
    for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xf800) === 0xd800) return false;
    return true;
  }
  if (text !== S.lookedAt) {
    tick(text.length >> 7);
    S.lookedAt = text;
    S.isLookedAtPlain = !SURROGATE.test(text);
  }
  return S.isLookedAtPlain;
}

/** Code points of a string. */
export function charCount(text: string): number {
  if (isPlain(text)) return text.length;
  tick(text.length >> 4);
  let count = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  return count;
}

/** The unit where code point `index` begins; the length of the text if there is none. */
export function unitOf(text: string, index: number): number {
  if (isPlain(text)) return Math.min(index, text.length);
  tick(index >> 4);
  let unit = 0;
  for (let left = index; left > 0 && unit < text.length; left--) {
    unit += (text.charCodeAt(unit) & 0xfc00) === 0xd800 ? 2 : 1;
  }
  return unit;
}

/** Code points `start` up to `end`. */
export function sliceChars(text: string, start: number, end: number): string {
  if (start >= end) return "";
  const from = unitOf(text, start);
  return isPlain(text)
    ? text.slice(from, end)
    : text.slice(from, from + unitOf(text.slice(from), end - start));
}

/** All code points as chars. */
export function charList(text: string): Char[] {
  const chars: Char[] = [];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if ((unit & 0xf800) === 0xd800) return Array.from(text, charOf);
    chars.push(charOfUnit(unit));
  }
  return chars;
}
