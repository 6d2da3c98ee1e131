/** Forms of names and ids (`api.md` §1). */
import { z } from "zod";
import { uuidPattern } from "./text.ts";

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
