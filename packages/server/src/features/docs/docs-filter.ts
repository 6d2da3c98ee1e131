/** The filter language of docs: JSON → conditions, checked. What they mean is in `docs-path.ts` and `docs.md`. */
import { exactJson, PicloudError, uuidPattern } from "@picloud/contract";
import type { JsonText } from "@picloud/contract";
import { docsLimits } from "./docs.contract.ts";
import { columnNames, fieldPath, findColumn, invalid, isObject, type Field } from "./docs-field.ts";
import { checkNumber, isNumber } from "./docs-numbers.ts";
import { parseSort, type SortField } from "./docs-sort.ts";

export type LeafOp = "eq" | "gt" | "gte" | "lt" | "lte" | "in" | "exists" | "contains" | "starts_with";

export interface Leaf {
  readonly op: LeafOp;
  readonly field: Field;
  /** As `exactJson` gives it; for `in` an array, for `exists` nothing. */
  readonly value: unknown;
}
export type Condition =
  | Leaf
  | { readonly op: "and"; readonly of: readonly Condition[] }
  | { readonly op: "or"; readonly of: readonly Condition[] }
  | { readonly op: "not"; readonly of: Condition };

export interface DocsFilter {
  readonly where: Condition;
  readonly sort: readonly SortField[];
  /** From 1 to 1,000; undefined: as many as the call gives by itself. */
  readonly limit: number | undefined;
}

const leafOps: Readonly<Record<string, LeafOp>> = {
  $eq: "eq",
  $gt: "gt",
  $gte: "gte",
  $lt: "lt",
  $lte: "lte",
  $in: "in",
  $exists: "exists",
  $contains: "contains",
  $starts_with: "starts_with",
};
const otherOperators = ["$ne", "$nin", "$not"] as const;
const topOperators = ["$and", "$or", "$not"] as const;
const everything: DocsFilter = { where: { op: "and", of: [] }, sort: [], limit: undefined };

/** Reads a filter; absent or null: all documents. Throws `invalid` or `unsupported_operator` with the path. */
export function parseFilter(text: JsonText | undefined): DocsFilter {
  const value = text === undefined ? null : exactJson(text.text);
  if (value === null) return everything;
  if (!isObject(value)) throw invalid("filter", "must be an object");
  const { $sort, $limit, ...conditions } = value;
  const where = new Reader().conditions(conditions, "filter", 1);
  return {
    where,
    sort: $sort === undefined ? [] : parseSort($sort, "filter.$sort"),
    limit: $limit === undefined ? undefined : clampedLimit($limit),
  };
}

/** Counts what it reads, so that a filter stays within its limits. */
class Reader {
  #conditions = 0;

  /** An object whose members must all hold. */
  conditions(object: Readonly<Record<string, unknown>>, path: string, depth: number): Condition {
    if (depth > docsLimits.filterNesting)
      throw invalid(path, `is nested deeper than ${docsLimits.filterNesting}`);
    const all = Object.entries(object).map(([name, value]) =>
      this.#member(name, value, `${path}.${name}`, depth),
    );
    return allOf(all);
  }

  #member(name: string, value: unknown, path: string, depth: number): Condition {
    if (name === "$and" || name === "$or") {
      if (!Array.isArray(value) || value.length === 0) throw invalid(path, "must be a list of conditions");
      const of = value.map((item: unknown, i) => this.#nested(item, `${path}[${i}]`, depth));
      return { op: name === "$and" ? "and" : "or", of };
    }
    if (name === "$not") return { op: "not", of: this.#nested(value, path, depth) };
    if (name === "$sort" || name === "$limit")
      throw invalid(path, "belongs to the top of the filter, beside the conditions");
    const column = findColumn(name);
    if (column !== undefined) return this.#field({ kind: "column", name: column }, value, path, depth);
    if (name.startsWith("$")) throw unsupported(name, path, [...topOperators, ...Object.keys(columnNames)]);
    return this.#field({ kind: "data", path: fieldPath(name, path) }, value, path, depth);
  }

  #nested(value: unknown, path: string, depth: number): Condition {
    if (!isObject(value)) throw invalid(path, "must be an object of conditions");
    return this.conditions(value, path, depth + 1);
  }

  /** A value to equal, or an object of operators. */
  #field(field: Field, value: unknown, path: string, depth: number): Condition {
    const names = isObject(value) ? Object.keys(value) : [];
    if (!isObject(value) || !names.some((name) => name.startsWith("$")))
      return this.#leaf({ op: "eq", field, value }, path);
    return allOf(
      Object.entries(value).map(([name, operand]) =>
        this.#operator(field, { name, operand }, `${path}.${name}`, depth),
      ),
    );
  }

  #operator(
    field: Field,
    { name, operand }: { readonly name: string; readonly operand: unknown },
    path: string,
    depth: number,
  ): Condition {
    const leaf = (op: LeafOp, value: unknown): Condition => this.#leaf({ op, field, value }, path);
    switch (name) {
      case "$ne":
        return { op: "not", of: leaf("eq", operand) };
      case "$nin":
        return { op: "not", of: leaf("in", operand) };
      case "$not":
        if (!isObject(operand)) throw invalid(path, "must be an object of operators");
        if (depth >= docsLimits.filterNesting)
          throw invalid(path, `is nested deeper than ${docsLimits.filterNesting}`);
        return { op: "not", of: this.#field(field, operand, path, depth + 1) };
      case "$exists": {
        if (typeof operand !== "boolean") throw invalid(path, "must be true or false");
        const exists = leaf("exists", undefined);
        return operand ? exists : { op: "not", of: exists };
      }
      default:
        return leaf(leafOp(name, path), operand);
    }
  }

  #leaf(leaf: Leaf, path: string): Leaf {
    this.#conditions++;
    if (this.#conditions > docsLimits.filterConditions)
      throw invalid("filter", `has more than ${docsLimits.filterConditions} conditions`);
    checkOperand(leaf, path);
    return leaf;
  }
}

function leafOp(name: string, path: string): LeafOp {
  const op = Object.hasOwn(leafOps, name) ? leafOps[name] : undefined;
  if (op !== undefined) return op;
  if (name.startsWith("$")) throw unsupported(name, path, [...Object.keys(leafOps), ...otherOperators]);
  throw invalid(path, "stands beside operators: write a field of a field with a dot, as in address.city");
}

function checkOperand({ op, field, value }: Leaf, path: string): void {
  if (field.kind === "column" && (op === "exists" || op === "contains" || op === "starts_with"))
    throw invalid(
      path,
      `can't be asked of $${field.name}: it takes $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin`,
    );
  if (op === "exists") return;
  if (op === "in") {
    checkValues(field, value, path);
    return;
  }
  const isText = typeof value === "string";
  if (op === "starts_with" && !isText) throw invalid(path, "must be text");
  if (op !== "eq" && op !== "contains" && !isText && !isNumber(value))
    throw invalid(path, "must be a number or text");
  checkValue(field, value, path);
}

function checkValues(field: Field, value: unknown, path: string): void {
  if (!Array.isArray(value)) throw invalid(path, "must be a list of values");
  if (value.length > docsLimits.filterInValues)
    throw invalid(path, `has more than ${docsLimits.filterInValues} values`);
  value.forEach((item: unknown, i) => checkValue(field, item, `${path}[${i}]`));
}

function checkValue(field: Field, value: unknown, path: string): void {
  if (field.kind === "data") {
    checkNumbers(value, path);
    return;
  }
  const isFit =
    typeof value === "string" && (field.name === "id" ? uuidPattern.test(value) : isDateTime(value));
  if (!isFit)
    throw invalid(path, field.name === "id" ? "must be an id" : "must be a time like 2026-01-31T12:00:00Z");
}

function checkNumbers(value: unknown, path: string): void {
  if (isNumber(value)) checkNumber(JSON.stringify(value), path);
  else if (Array.isArray(value)) value.forEach((item: unknown, i) => checkNumbers(item, `${path}[${i}]`));
  else if (isObject(value))
    for (const [name, item] of Object.entries(value)) checkNumbers(item, `${path}.${name}`);
}

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function isDateTime(text: string): boolean {
  return dateTime.test(text) && !Number.isNaN(Date.parse(text));
}

function clampedLimit(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value))
    throw invalid("filter.$limit", "must be a whole number");
  return Math.min(Math.max(value, 1), docsLimits.findItems);
}

function allOf(conditions: readonly Condition[]): Condition {
  const [first] = conditions;
  return conditions.length === 1 && first !== undefined ? first : { op: "and", of: conditions };
}

function unsupported(name: string, path: string, known: readonly string[]): PicloudError {
  const message = `${name} is no operator here: there are ${known.join(", ")}`;
  return new PicloudError("unsupported_operator", message, { fields: [{ path, message }] });
}
