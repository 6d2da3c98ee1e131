/** Lists: `?limit=` and `?cursor=` → `{items, next_cursor}` (`api.md` §1). */
import { z } from "zod";

/** A whole number of a query or path, where values are text: its decimal digits, and nothing else that JavaScript would take
 *  for a number (`0x10`, ` 5`, `true`). `schema`: its bounds, and its default if it has one. */
export function queryInteger<T extends z.ZodType>(schema: T): z.ZodPreprocess<T> {
  return z.preprocess(
    (value) => (typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    schema,
  );
}

/** Query of a list. */
export const pageQuery = {
  limit: queryInteger(z.number().int().min(1).max(1000).default(100)),
  cursor: z.string().max(2048).optional(),
};

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export function pageOf<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; next_cursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}
