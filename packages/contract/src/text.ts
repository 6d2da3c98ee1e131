/** What text can be, without a schema. */

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** UTF-8 bytes of a text; lone surrogates count three like the replacement character. */
export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

/** Text that PostgreSQL and every client can hold: no U+0000, no lone surrogate. */
export function isStorableText(text: string): boolean {
  return !text.includes("\u0000") && text.isWellFormed();
}

/** What is counted for people is counted so far: more takes long and tells nobody more. */
export const countedMax = 100_000;

/** A count with its kind, as people say it: `kv_keys`, 1 → `1 kv key`; `deliveries`, 2 → `2 deliveries`; from
 *  {@link countedMax} on `at least …`. */
export function countedWords(kind: string, count: number): string {
  const plural = kind.replaceAll("_", " ");
  if (count >= countedMax) return `at least ${count} ${plural}`;
  if (count !== 1) return `${count} ${plural}`;
  return `1 ${plural.endsWith("ies") ? `${plural.slice(0, -3)}y` : plural.slice(0, -1)}`;
}
