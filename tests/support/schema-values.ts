/** JSON Schema, as far as the contracts use it → values that fit, and values that are broken in one place. */
import fc from "fast-check";

export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly anyOf?: readonly Schema[];
}

const known = new Set(
  "$schema type enum const pattern format minLength maxLength minimum maximum items minItems maxItems properties required additionalProperties anyOf default description propertyNames".split(
    " ",
  ),
);

/** Throws where the schema says something that is not understood here: it would not be tried. */
export function checkSchema(schema: Schema): void {
  const unknown = Object.keys(schema).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`the generator of values does not know ${unknown.join(", ")}`);
  for (const inner of [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.items === undefined ? [] : [schema.items]),
  ])
    checkSchema(inner);
}

/** Values that fit. `isFull`: with every optional member, and at least one item of an array. */
export function fitting(schema: Schema, isFull: boolean): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => fitting(each, isFull)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const types = typesOf(schema);
  if (types.length === 0) return fc.jsonValue({ maxDepth: 3 });
  return fc.oneof(...types.map((type) => fittingType(schema, type, isFull)));
}

function fittingType(schema: Schema, type: string, isFull: boolean): fc.Arbitrary<unknown> {
  const { minimum = -(2 ** 53) + 1, maximum = 2 ** 53 - 1 } = schema;
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: Math.max(minimum, -(2 ** 31)), max: Math.min(maximum, 2 ** 31 - 1) });
    case "number":
      return fc.double({ min: minimum, max: maximum, noNaN: true, noDefaultInfinity: true });
    case "string":
      return fittingText(schema);
    case "array":
      return fittingArray(schema, isFull);
    case "object":
      return fittingObject(schema, isFull);
    default:
      throw new Error(`unknown type ${type}`);
  }
}

function fittingArray(schema: Schema, isFull: boolean): fc.Arbitrary<unknown> {
  const { items = {}, minItems = 0, maxItems = 3 } = schema;
  const least = Math.max(minItems, isFull ? 1 : 0);
  const maxLength = Math.min(maxItems, least + 2);
  return fc.array(fitting(items, isFull), { minLength: least, maxLength });
}

function fittingObject(schema: Schema, isFull: boolean): fc.Arbitrary<unknown> {
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, each]) => [name, fitting(each, isFull)] as const,
  );
  const requiredKeys = isFull ? members.map(([name]) => name) : [...(schema.required ?? [])];
  return fc.record(Object.fromEntries(members), { requiredKeys, noNullPrototype: true });
}

function fittingText({ pattern, format, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (format === "date-time")
    return fc
      .date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({
    unit: "grapheme-ascii",
    minLength,
    maxLength: Math.max(minLength, Math.min(maxLength, 40)),
  });
}

function typesOf({ type }: Schema): readonly string[] {
  return type === undefined ? [] : typeof type === "string" ? [type] : type;
}

/** One place of a value and what is wrong there. */
export interface Breakage {
  readonly path: readonly (string | number)[];
  readonly what: string;
  /** JSON text that stands there instead; undefined: nothing does. */
  readonly text: string | undefined;
}

const anyText = JSON.stringify("something");
const literals: readonly (readonly [type: string, text: string])[] = [
  ["null", "null"],
  ["boolean", "true"],
  ["integer", "5"],
  ["number", "0.5"],
  ["string", anyText],
  ["array", "[]"],
  ["object", "{}"],
];
const deep = "[".repeat(2_000) + "]".repeat(2_000);

/** Everything that the schema refuses at this place and below. `toRepeat`: a value that fits, for arrays that are too long. */
export function breakagesOf(schema: Schema, path: Breakage["path"] = []): Breakage[] {
  const at = (what: string, text: string | undefined): Breakage => ({ path, what, text });
  const types = acceptedTypes(schema);
  if (types === undefined)
    return [at("nested too deep", deep), ...unstorable.map(([what, text]) => at(what, text))];
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const isRequired = schema.required?.includes(name) === true;
    const missing: Breakage = { path: [...path, name], what: "missing", text: undefined };
    return [...(isRequired ? [missing] : []), ...breakagesOf(each, [...path, name])];
  });
  const extra = types.has("object")
    ? ["no_such_member", "__proto__", "constructor"].map((name) => ({
        path: [...path, name],
        what: "unknown",
        text: "1",
      }))
    : [];
  const items = schema.items === undefined ? [] : breakagesOf(schema.items, [...path, 0]);
  return [
    ...literals.filter(([type]) => !types.has(type)).map(([type, text]) => at(`${type} instead`, text)),
    ...(types.has("array") ? [] : [at("nested deep", deep)]),
    ...ofText(schema, types).map(([what, text]) => at(what, text)),
    ...ofNumbers(schema, types).map(([what, text]) => at(what, text)),
    ...ofArrays(schema, types).map(([what, text]) => at(what, text)),
    ...inner,
    ...extra,
    ...items,
  ];
}

const unstorable: readonly (readonly [string, string])[] = [
  ["with U+0000", String.raw`"a\u0000b"`],
  ["with half of a surrogate pair", String.raw`"a\ud800b"`],
];

function ofText(schema: Schema, types: ReadonlySet<string>): (readonly [string, string])[] {
  if (!types.has("string")) return [];
  const { minLength = 0, maxLength } = schema;
  const isFree = schema.enum === undefined && schema.const === undefined && schema.pattern === undefined;
  return [
    ...(maxLength === undefined ? [] : [["too long", JSON.stringify("x".repeat(maxLength + 1))] as const]),
    ...(minLength > 0 ? [["too short", JSON.stringify("x".repeat(minLength - 1))] as const] : []),
    ...(isFree
      ? []
      : ([
          ["not of the form", JSON.stringify("N\u00f6 such, ever")],
          ["much too long", JSON.stringify("a".repeat(10_000))],
          ["empty", '""'],
        ] as const)),
    ...unstorable,
  ];
}

function ofNumbers(schema: Schema, types: ReadonlySet<string>): (readonly [string, string])[] {
  if (!types.has("integer") && !types.has("number")) return [];
  const bounds = schema.anyOf?.find(({ minimum }) => minimum !== undefined) ?? schema;
  const { minimum, maximum } = bounds;
  return [
    ["infinite", "1e999"],
    ["infinite and negative", "-1e999"],
    ...(minimum === undefined ? [] : [["too small", String(minimum - 1)] as const]),
    ...(maximum === undefined ? [] : [["too large", String(maximum + 1)] as const]),
    ...(types.has("number") ? [] : [["a fraction", "1.5"] as const]),
  ];
}

function ofArrays(schema: Schema, types: ReadonlySet<string>): (readonly [string, string])[] {
  if (!types.has("array")) return [];
  const { minItems = 0, maxItems } = schema;
  return [
    ...(minItems > 0 ? [["too short", "[]"] as const] : []),
    ...(maxItems === undefined
      ? []
      : [
          [
            "too long",
            `[${Array(maxItems + 1)
              .fill("1")
              .join(",")}]`,
          ] as const,
        ]),
  ];
}

/** Undefined: any value. A number may be an integer too. */
function acceptedTypes(schema: Schema): ReadonlySet<string> | undefined {
  if (schema.anyOf !== undefined) {
    const each = schema.anyOf.map(acceptedTypes);
    return each.includes(undefined) ? undefined : new Set(each.flatMap((types) => [...(types ?? [])]));
  }
  const types = typesOf(schema);
  if (types.length === 0) return undefined;
  return new Set(types.includes("number") ? [...types, "integer"] : types);
}

/** JSON text of `value` with the breakage in it. */
export function brokenText(value: unknown, { path, text }: Breakage): string {
  const hole = "here-it-is-broken";
  const copy: unknown = structuredClone(value);
  let place: unknown = copy;
  for (const step of path.slice(0, -1)) place = memberOf(place, step);
  const last = path.at(-1);
  if (typeof place !== "object" || place === null || last === undefined)
    throw new Error(`nothing to break at ${path.join(".")}`);
  // Not an assignment: `__proto__` is to be a member.
  if (text === undefined) Reflect.deleteProperty(place, last);
  else
    Object.defineProperty(place, last, {
      value: hole,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return JSON.stringify(copy).replace(`"${hole}"`, () => text ?? "");
}

function memberOf(value: unknown, step: string | number): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
}
