/** Forms of names and ids (`api.md` §1). */
import { z } from "zod";
import { isStorableText, uuidPattern } from "./text.ts";

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

/** Controls, line separators, and what is not seen but changes how the text around it looks: zero-width spaces, marks and
 *  overrides of direction. The joiners of emoji and of scripts that need them are none. */
const unseen = /[\p{Cc}\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

/** A name that is only shown; it identifies nothing, so that two may look alike. Shown in lists and terminals, it must not
 *  rewrite what is around it. */
export function shownNameSchema(charactersMax: number): z.ZodString {
  return z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(charactersMax, `must have at most ${charactersMax} characters`)
    .refine(isStorableText, "has U+0000 or half of a surrogate pair")
    .refine((name) => !unseen.test(name), "has a control character or one that is not seen");
}
