/** Typings and reference page of the standard library of scripts, from its table. */
import type { StandardFunction, StandardNamespace } from "../packages/sandbox/src/standard/table.ts";
import { camelCase } from "./camel-case.ts";

const ARGUMENTS = {
  text: "string",
  words: "string",
  bytes: "Bytes",
  whole: "number",
  int: "number",
  fields: "QueryFields",
  value: "Json",
} as const satisfies Record<StandardFunction["args"][number]["type"], string>;

const RESULTS = {
  text: "string",
  "text?": "string | undefined",
  texts: "string[]",
  "groups?": "(string | undefined)[] | undefined",
  named: "Record<string, string>",
  "named?": "Record<string, string> | undefined",
  listed: "Record<string, string[]>",
  record: "object",
  bytes: "Uint8Array",
  bool: "boolean",
  float: "number",
  int: "number",
  value: "Json",
} as const satisfies Record<StandardFunction["result"], string>;

const RHAI_ARGUMENTS = {
  text: "string",
  words: "string",
  bytes: "string or blob",
  whole: "int",
  int: "int",
  fields: "map",
  value: "any value",
} as const satisfies typeof ARGUMENTS extends Record<infer Type, string> ? Record<Type, string> : never;

const RHAI_RESULTS = {
  text: "string",
  "text?": "string or ()",
  texts: "array",
  "groups?": "array or ()",
  named: "map",
  "named?": "map or ()",
  listed: "map",
  record: "map",
  bytes: "blob",
  bool: "bool",
  float: "float",
  int: "int",
  value: "value",
} as const satisfies typeof RESULTS extends Record<infer Type, string> ? Record<Type, string> : never;

/** Declarations of `declare module "picloud"`. */
export function standardTypings(library: readonly StandardNamespace[]): string {
  const spaces = library.flatMap(({ typescript, summary, functions }) =>
    typescript === undefined
      ? []
      : [`/** ${summary} */`, `export const ${typescript}: {`, ...functions.flatMap(typing), "};", ""],
  );
  return [BYTES, ...spaces].join("\n");
}

const BYTES = `type Bytes = string | Uint8Array | ArrayBuffer;

type QueryValue = string | number | bigint | boolean | null | undefined;
/** Names and values of a query. */
type QueryFields = Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
`;

function typing(entry: StandardFunction): string[] {
  const example = entry.example.typescript === undefined ? "" : `\n * @example ${entry.example.typescript}`;
  return [`/** ${entry.summary}${example} */`, ...signatures(entry).map((line) => `${line};`)];
}

/** `findAll(text: string, …): string[]`. What takes and gives integers of 64 bits does so as numbers or as bigints. */
function signatures(entry: StandardFunction): string[] {
  const line = signature(entry);
  return entry.args.some(({ type }) => type === "int") ? [line, line.replaceAll("number", "bigint")] : [line];
}

function signature({ name, args, result, record }: StandardFunction): string {
  const list = args.map(
    (arg) => `${camelCase(arg.name)}${arg.optional === true ? "?" : ""}: ${ARGUMENTS[arg.type]}`,
  );
  const type = record === undefined ? RESULTS[result] : recordType(record);
  return `${camelCase(name)}(${list.join(", ")}): ${type}`;
}

function recordType(record: Readonly<Record<string, string>>): string {
  const members = Object.entries(record).map(
    ([name, type]) => `readonly ${camelCase(name)}${type.endsWith("?") ? "?" : ""}: ${type.replace("?", "")}`,
  );
  return `{ ${members.join("; ")} }`;
}

/** `find_all(text, pattern, limit?) -> array`. */
function rhaiSignature(space: string, { name, args, result }: StandardFunction): string {
  const list = args.map(
    (arg) => `${arg.name}${arg.optional === true ? "?" : ""}: ${RHAI_ARGUMENTS[arg.type]}`,
  );
  return `${space}::${name}(${list.join(", ")}) -> ${RHAI_RESULTS[result]}`;
}

/** Without heading and note. */
export function standardParts(library: readonly StandardNamespace[]): string[] {
  return library.flatMap((space) => [
    `## ${space.typescript === undefined || space.typescript === space.name ? space.name : `${space.typescript}, in Rhai ${space.name}`}`,
    space.summary,
    ...space.functions.flatMap((entry) => functionPart(space, entry)),
  ]);
}

function functionPart({ name: space, typescript }: StandardNamespace, entry: StandardFunction): string[] {
  const { typescript: example, rhai, gives } = entry.example;
  const shown = gives === undefined ? "" : ` // ${gives}`;
  const inTypescript =
    typescript === undefined || example === undefined
      ? []
      : [
          `\`\`\`ts\n${signatures(entry)
            .map((line) => `${typescript}.${line};\n`)
            .join("")}${example};${shown}\n\`\`\``,
        ];
  return [
    `### ${typescript === undefined ? entry.name : camelCase(entry.name)}`,
    entry.summary,
    ...inTypescript,
    `\`\`\`rhai\n// ${rhaiSignature(space, entry)}\n${rhai};${shown}\n\`\`\``,
  ];
}
