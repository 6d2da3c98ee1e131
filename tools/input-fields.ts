/** Reads from an endpoint's input schema which flags `pic` takes for it. */
import type { FieldKind, InputField } from "../packages/cli/src/derived-noun.ts";

/** The part of a zod schema that is read here. */
interface SchemaView {
  readonly def: {
    readonly type: string;
    readonly innerType?: SchemaView;
    readonly in?: SchemaView;
    readonly out?: SchemaView;
    readonly options?: readonly SchemaView[];
    readonly entries?: Readonly<Record<string, string | number>>;
    readonly values?: readonly unknown[];
  };
  readonly shape?: Readonly<Record<string, SchemaView>>;
  readonly description?: string | undefined;
}

/** Fields of an input schema in the order they are written; none for an endpoint without input. A field with only one
 *  possible value is left out. */
export function inputFields(schema: unknown): readonly InputField[] {
  // Contracts are our own code; only objects have a shape.
  const { shape = {} } = (schema ?? {}) as Partial<SchemaView>;
  return Object.entries(shape).flatMap(([name, field]) => {
    const core = unwrapped(field);
    if (core.schema.def.type === "literal" || core.schema.def.type === "null") return [];
    return [
      {
        name,
        kind: kindOf(core.schema),
        isRequired: !core.isOptional,
        choices: Object.values(core.schema.def.entries ?? {}).map(String),
        description: field.description ?? core.schema.description ?? "",
      },
    ];
  });
}

const wrappers: ReadonlySet<string> = new Set(["optional", "default", "prefault", "nullable", "readonly"]);

function unwrapped(field: SchemaView): { readonly schema: SchemaView; readonly isOptional: boolean } {
  let schema = field;
  let isOptional = false;
  for (let depth = 0; depth < 16; depth++) {
    const { type, innerType, in: input, out: output } = schema.def;
    if (wrappers.has(type) && innerType !== undefined) {
      isOptional ||= type !== "nullable" && type !== "readonly";
      schema = innerType;
    } else if (type === "pipe" && input !== undefined && output !== undefined)
      // What is only prepared for a schema (`z.preprocess`) has the form that the schema says.
      schema = input.def.type === "transform" ? output : input;
    else return { schema, isOptional };
  }
  throw new Error("an input schema is wrapped more than 16 times");
}

function kindOf(schema: SchemaView): FieldKind {
  const { type, options = [] } = schema.def;
  if (type === "string" || type === "enum") return "text";
  if (type === "number" || type === "int") return "number";
  if (type === "boolean") return "boolean";
  if (type === "array") return "list";
  if (type !== "union") return "json";
  const kinds = new Set(options.map((option) => kindOf(unwrapped(option).schema)));
  // `true` or its text, `5000` or `"5s"`: the first is what a typed client sends, the flag is of that kind.
  if (kinds.has("boolean")) return "boolean";
  return kinds.has("text") ? "text" : "json";
}
