/** Statements put together from parts. postgres.js can nest its own templates, but takes them apart with regular
 *  expressions at every call: 90 µs for a kv write with its event, as long as the write itself. Here it is plain
 *  concatenation, and the same parts give the same text, so that the prepared statement is found again. */
import type { Queryable } from "./database.ts";

/** SQL text with values between its pieces; a value that is a `Part` is text too, any other a bound parameter. */
export class Part {
  readonly strings: readonly string[];
  readonly values: readonly unknown[];
  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings;
    this.values = values;
  }
}

export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): Part {
  return new Part(strings, values);
}

/** Runs the statement as a prepared one. */
export async function run<Row extends object>(db: Queryable, statement: Part): Promise<readonly Row[]> {
  const { text, parameters } = flattened(statement);
  // postgres.js has its own name for what can be a parameter; the values are those of its templates.
  return await db.unsafe<Row[]>(text, [...parameters] as never[], { prepare: true });
}

/** The text that is sent, with `$1`, `$2` …, and their values. */
export function flattened(statement: Part): {
  readonly text: string;
  readonly parameters: readonly unknown[];
} {
  const parameters: unknown[] = [];
  return { text: flatten(statement, parameters), parameters };
}

function flatten({ strings, values }: Part, parameters: unknown[]): string {
  let text = strings[0] ?? "";
  for (const [i, value] of values.entries()) {
    text += value instanceof Part ? flatten(value, parameters) : `$${parameters.push(value)}`;
    text += strings[i + 1] ?? "";
  }
  return text;
}
