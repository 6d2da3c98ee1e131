/**
 * Lists as parameters and in rows, for the client. Left to itself it asks each new connection for the types of lists, and
 * does not handle the failure of that query: a connection that broke right then ended the whole process.
 */
import type { PostgresType } from "postgres";

interface Element {
  /** Object id of the type of the list (`pg_type.typarray`; those of built-in types never change). */
  readonly list: number;
  readonly serialize: (value: unknown) => string;
  readonly parse: (text: string) => unknown;
}

const asText = (value: unknown): string => String(value);
const same = (text: string): string => text;
const bytesOf = (value: unknown): string => `\\x${Buffer.from(value as Uint8Array).toString("hex")}`;
const timeOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));

/** One-dimensional lists of these types are read and written, others arrive as text. Elements have the form that a value
 *  alone has; null is null. */
const elements = (parseInt8: (text: string) => unknown): readonly Element[] => [
  { list: 1000, serialize: (value) => (value === true ? "t" : "f"), parse: (text) => text === "t" },
  { list: 1001, serialize: bytesOf, parse: (text) => Buffer.from(text.slice(2), "hex") },
  // name, text, bpchar, varchar, numeric, xid8, uuid
  ...[1003, 1009, 1014, 1015, 1231, 271, 2951].map((list) => ({ list, serialize: asText, parse: same })),
  // int2, int4, oid, float4, float8
  ...[1005, 1007, 1028, 1021, 1022].map((list) => ({ list, serialize: asText, parse: Number })),
  { list: 1016, serialize: asText, parse: parseInt8 },
  // timestamp, date, timestamptz
  ...[1115, 1182, 1185].map((list) => ({ list, serialize: timeOf, parse: (text: string) => new Date(text) })),
  // json, jsonb
  ...[199, 3807].map((list) => ({
    list,
    serialize: (value: unknown) => JSON.stringify(value),
    parse: (text: string): unknown => JSON.parse(text),
  })),
];

/** For the client's `types`; `parseInt8` as for a value alone. */
export function arrayTypes(parseInt8: (text: string) => unknown): Record<string, PostgresType> {
  const types = elements(parseInt8).map(({ list, serialize, parse }): [string, PostgresType] => [
    `list${list}`,
    {
      to: list,
      from: [list],
      // What is no list is the text of one.
      serialize: (value: unknown) => (Array.isArray(value) ? serializeList(value, serialize) : asText(value)),
      parse: (text: string) => parseList(text, parse),
    },
  ]);
  return Object.fromEntries(types);
}

function serializeList(values: readonly unknown[], serialize: (value: unknown) => string): string {
  const parts = values.map((value) => {
    if (value === undefined) throw new TypeError("a list for the database holds undefined");
    return value === null ? "null" : `"${serialize(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });
  return `{${parts.join(",")}}`;
}

/** An element in quotes with its escapes, or a bare one. */
const ELEMENT = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)/gsy;

/** PostgreSQL manual, Arrays, Array Input and Output Syntax. */
function parseList(text: string, parse: (text: string) => unknown): unknown[] {
  const values: unknown[] = [];
  if (text === "{}") return values;
  ELEMENT.lastIndex = 1;
  for (;;) {
    const match = ELEMENT.exec(text);
    if (match === null)
      throw new TypeError(`the database gave a list that is not one of one dimension: ${text.slice(0, 60)}`);
    const [, quoted, bare] = match;
    if (quoted !== undefined) values.push(parse(quoted.replaceAll(/\\(.)/gs, "$1")));
    else values.push(bare === "NULL" ? null : parse(bare ?? ""));
    if (text[ELEMENT.lastIndex] !== ",") break;
    ELEMENT.lastIndex++;
  }
  return values;
}
