/** SQL of the two keys by which a field is sorted: see `docs-keys.ts`. */
import { Part, sql } from "../../platform/database/statement.ts";
import type { ColumnName } from "./docs-field.ts";

/** `doc #> path` as a value: bound in a sort, a literal in an index and in what is to find it. */
export interface KeySource {
  readonly json: Part;
  readonly text: Part;
}

/** By a bound path, which begins with the scope. */
export function boundSource(path: readonly string[]): KeySource {
  return {
    json: sql`(doc #> ${[...path]}::text[])`,
    text: sql`(doc #>> ${[...path]}::text[])`,
  };
}

/** The first of the two keys. */
export function numberKey({ json }: KeySource): Part {
  return sql`(case jsonb_typeof(${json}) when 'number' then ${json}::numeric when 'string' then 'Infinity'::numeric
    when 'null' then '-1e403'::numeric
    when 'boolean' then case when ${json} = 'true'::jsonb then '-1e401'::numeric else '-1e402'::numeric end
    when 'array' then 'NaN'::numeric when 'object' then 'NaN'::numeric else '-Infinity'::numeric end)`;
}

/** The second: of texts their first characters, else empty. */
export function textKey({ json, text }: KeySource): Part {
  return sql`((case jsonb_typeof(${json}) when 'string' then left(${text}, 128) else '' end) collate "C")`;
}

export function columnPart(name: ColumnName): Part {
  switch (name) {
    case "id":
      return sql`id`;
    case "created_at":
      return sql`created_at`;
    case "updated_at":
      return sql`updated_at`;
    default:
      return name satisfies never;
  }
}

/** SQL of our own, never of a caller. */
export function raw(text: string): Part {
  return new Part([text], []);
}

export function joined(parts: readonly Part[], separator: string): Part {
  return parts.reduce((all, part, i) => (i === 0 ? part : sql`${all}${raw(separator)}${part}`), raw(""));
}
