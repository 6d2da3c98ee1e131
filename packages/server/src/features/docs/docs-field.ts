/** Names of fields, as filters, sorts and indexes have them. */
import { PicloudError } from "@picloud/contract";
import { isNumber } from "./docs-numbers.ts";

export type ColumnName = "id" | "created_at" | "updated_at";
/** A path of member names into the document, or a column of its envelope. */
export type Field =
  | { readonly kind: "data"; readonly path: readonly string[] }
  | { readonly kind: "column"; readonly name: ColumnName };

/** Names of the envelope's columns. */
export const columnNames: Readonly<Record<string, ColumnName>> = {
  $id: "id",
  $created_at: "created_at",
  $updated_at: "updated_at",
};

export function findColumn(name: string): ColumnName | undefined {
  return Object.hasOwn(columnNames, name) ? columnNames[name] : undefined;
}

/** `a.b` → [`a`, `b`]. A member name with a dot in it can't be reached. `at`: where it stands, for the error. */
export function fieldPath(name: string, at: string): readonly string[] {
  const parts = name.split(".");
  if (parts.includes("")) throw invalid(at, "has an empty name: a field is a name, or names with dots");
  return parts;
}

/** An object of JSON as `exactJson` gives it. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isNumber(value);
}

export function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
