/** JSON Schema in words, for the reference page. */
import { uuidPattern } from "@picloud/contract";
import { isRecord } from "./openapi-examples.ts";

export interface FieldRow {
  /** `scripts[].name`. */
  readonly path: string;
  readonly isRequired: boolean;
  /** `text, 1–64 characters`. */
  readonly type: string;
  readonly description: string;
}

const depthMax = 5;

/** The members of an object schema, and theirs, each as a row. */
export function fieldRows(schema: unknown, prefix = "", depth = 0): readonly FieldRow[] {
  if (!isRecord(schema) || depth > depthMax) return [];
  if (Array.isArray(schema["anyOf"]))
    return schema["anyOf"].flatMap((one: unknown) => fieldRows(one, prefix, depth + 1));
  if (schema["type"] === "array") return fieldRows(schema["items"], `${prefix}[]`, depth + 1);
  const { properties, required } = schema;
  if (!isRecord(properties)) return [];
  return Object.entries(properties).flatMap(([name, member]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const row = {
      path,
      isRequired: Array.isArray(required) && required.includes(name),
      type: typeText(member),
      description: isRecord(member) && typeof member["description"] === "string" ? member["description"] : "",
    };
    return [row, ...fieldRows(member, path, depth + 1)];
  });
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  array: "list",
};

/** `text, at most 1024 characters`; `viewer | editor`; `any JSON`. */
export function typeText(schema: unknown): string {
  if (!isRecord(schema)) return "any JSON";
  if (Array.isArray(schema["anyOf"])) return [...new Set(schema["anyOf"].map(typeText))].join(" or ");
  if (Array.isArray(schema["enum"])) return schema["enum"].map(String).join(" | ");
  if ("const" in schema) return JSON.stringify(schema["const"]);
  const { type } = schema;
  if (schema["pattern"] === uuidPattern.source) return type === "string" ? "id (UUID)" : "id (UUID) or null";
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  const name = types
    .map((one) => (typeof one === "string" ? (typeNames[one] ?? one) : "any JSON"))
    .join(" or ");
  const items = schema["items"] === undefined ? "" : ` of ${typeText(schema["items"])}`;
  return [name + items, ...ruleTexts(schema)].join(", ");
}

function ruleTexts(schema: Readonly<Record<string, unknown>>): readonly string[] {
  const rules = [
    rangeText(schema["minLength"], schema["maxLength"], " characters"),
    rangeText(schema["minItems"], schema["maxItems"], " items"),
    rangeText(schema["minimum"], schema["maximum"], ""),
    typeof schema["format"] === "string" ? schema["format"] : "",
    typeof schema["pattern"] === "string" ? `/${schema["pattern"]}/` : "",
    "default" in schema ? `default ${JSON.stringify(schema["default"])}` : "",
  ];
  return rules.filter((rule) => rule !== "");
}

function rangeText(least: unknown, most: unknown, unit: string): string {
  if (typeof least === "number" && typeof most === "number") return `${least}–${most}${unit}`;
  if (typeof most === "number") return `at most ${most}${unit}`;
  return typeof least === "number" ? `at least ${least}${unit}` : "";
}
