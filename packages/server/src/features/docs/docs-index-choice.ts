/** Which declared index serves a query. Decided here and not by the planner, which knows neither the values that are bound
 *  nor how many documents have them. */
import { rank, sortTextMax } from "./docs-keys.ts";
import type { Condition, DocsFilter, LeafOp } from "./docs-filter.ts";
import { isNumber } from "./docs-numbers.ts";
import { isIndexable, isOfData } from "./docs-path.ts";

export interface IndexField {
  readonly path: readonly string[];
  readonly isDescending: boolean;
}

/** What an index is to find of one of its fields; each holds for every document that the filter finds. */
export type IndexBound =
  | { readonly path: readonly string[]; readonly op: "="; readonly number: string; readonly text: string }
  | { readonly path: readonly string[]; readonly op: "<=" | ">=" | "<" | ">"; readonly number: string }
  | { readonly path: readonly string[]; readonly op: "text<=" | "text>="; readonly text: string };

export interface ChosenIndex {
  readonly fields: readonly IndexField[];
  readonly bounds: readonly IndexBound[];
  /** The bounds say all that the filter says: there is nothing left to look for in the documents. */
  readonly isExact: boolean;
}

/** The best of the indexes, or undefined where the GIN index or the order of ids is better. */
export function chooseIndex(
  indexes: readonly (readonly IndexField[])[],
  filter: DocsFilter,
): ChosenIndex | undefined {
  const bounds = boundsOf(filter.where);
  const hasEntries = isIndexable(dataOf(filter.where));
  let best: { readonly score: number; readonly index: ChosenIndex } | undefined;
  for (const fields of indexes) {
    const equal = leadingEqual(fields, bounds);
    const next = fields[equal];
    const range =
      next === undefined ? [] : bounds.filter((bound) => bound.op !== "=" && isSame(bound.path, next.path));
    const isOrdered = servesSort(fields.slice(equal), filter);
    const isNarrow = equal > 0 || range.length > 0;
    // Without a condition of its own an index is read in order until enough is found: never, if what is looked for is rare.
    const isOf = isOrdered ? isNarrow || !hasEntries : isNarrow && !hasEntries;
    const score = (isOrdered ? 100 : 0) + equal * 2 + (range.length > 0 ? 1 : 0);
    if (!isOf || (best !== undefined && best.score >= score)) continue;
    const equals = bounds.filter(
      (bound) => bound.op === "=" && fields.slice(0, equal).some(({ path }) => isSame(bound.path, path)),
    );
    const isExact = isAllEqual(filter.where, fields.slice(0, equal));
    best = { score, index: { fields, bounds: [...equals, ...range], isExact } };
  }
  return best?.index;
}

function dataOf(where: Condition): Condition {
  const all = where.op === "and" ? where.of : [where];
  return { op: "and", of: all.filter(isOfData) };
}

function leadingEqual(fields: readonly IndexField[], bounds: readonly IndexBound[]): number {
  const at = fields.findIndex(
    ({ path }) => !bounds.some((bound) => bound.op === "=" && isSame(bound.path, path)),
  );
  return at === -1 ? fields.length : at;
}

/** Whether every condition is an equality with a value whose keys no other value has. */
function isAllEqual(where: Condition, fields: readonly IndexField[]): boolean {
  if (where.op === "and") return where.of.every((of) => isAllEqual(of, fields));
  if (where.op !== "eq" || where.field.kind === "column") return false;
  const { field, value } = where;
  const isWhole = typeof value !== "string" || Array.from(value).length < sortTextMax;
  return isWhole && keyOf(value) !== undefined && fields.some(({ path }) => isSame(path, field.path));
}

/** Whether what is left of the index has the order of the query, forwards or backwards. */
function servesSort(rest: readonly IndexField[], { sort }: DocsFilter): boolean {
  if (rest.length !== sort.length) return false;
  const isBackward = rest[0]?.isDescending !== sort[0]?.isDescending;
  return sort.every(({ field, isDescending }, i) => {
    const own = rest[i];
    return (
      own !== undefined &&
      field.kind === "data" &&
      isSame(field.path, own.path) &&
      (own.isDescending !== isDescending) === isBackward
    );
  });
}

/** What the conditions that must all hold say about single fields. */
function boundsOf(where: Condition): readonly IndexBound[] {
  if (where.op === "and") return where.of.flatMap(boundsOf);
  if (where.op === "or" || where.op === "not" || where.field.kind === "column") return [];
  return boundsOfLeaf(where.op, where.field.path, where.value);
}

function boundsOfLeaf(op: LeafOp, path: readonly string[], value: unknown): readonly IndexBound[] {
  const key = keyOf(value);
  if (key === undefined) return [];
  const { number, text } = key;
  const ofText = [
    { path, op: ">=", number: rank.text },
    { path, op: "<=", number: rank.text },
  ] as const;
  const isText = typeof value === "string";
  switch (op) {
    case "eq":
      return [{ path, op: "=", number, text }];
    case "gt":
    case "gte":
      if (isText) return [...ofText, { path, op: "text>=", text }];
      return [
        { path, op: ">=", number },
        { path, op: "<", number: rank.text },
      ];
    case "lt":
    case "lte":
      if (isText) return [...ofText, { path, op: "text<=", text }];
      return [
        { path, op: "<=", number },
        { path, op: ">", number: rank.true },
      ];
    case "in":
    case "exists":
    case "contains":
    case "starts_with":
      return [];
    default:
      return op satisfies never;
  }
}

/** Both keys of a scalar, as SQL computes them. */
function keyOf(value: unknown): { readonly number: string; readonly text: string } | undefined {
  if (value === null) return { number: rank.null, text: "" };
  if (typeof value === "boolean") return { number: value ? rank.true : rank.false, text: "" };
  if (typeof value === "string")
    return { number: rank.text, text: Array.from(value).slice(0, sortTextMax).join("") };
  return isNumber(value) ? { number: JSON.stringify(value), text: "" } : undefined;
}

export function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, i) => name === other[i]);
}
