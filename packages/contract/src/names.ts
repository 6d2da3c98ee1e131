/** Forms of names and ids (`api.md` §1). */
import { z } from "zod";

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Lower-case UUID text. */
export const idSchema = z.string().regex(uuidPattern, "must be a lower-case UUID");

const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const reservedSlugs: ReadonlySet<string> = new Set(
  "api dashboard a realtime healthz readyz metrics admin default www static assets".split(" "),
);

/** Slug of a new app. `default` is reserved too: the first start makes that app. */
export const slugSchema = z
  .string()
  .regex(slugPattern, "must be 1–63 of a–z, 0–9 and -, not at the start or end")
  .refine((slug) => !uuidPattern.test(slug), "must not look like an id")
  .refine((slug) => !reservedSlugs.has(slug), "is a reserved word");

/** `{app}` in paths: id or slug; anything else is simply not found. */
export const appRefSchema = z.string().min(1).max(64);

/** Names of scripts and modules. */
export const scriptNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, "must start with a–z and have at most 63 of a–z, 0–9, _ and -");

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
