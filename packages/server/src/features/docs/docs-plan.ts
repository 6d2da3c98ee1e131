/** How a filter is run: which conditions go into the jsonpath, what finds the candidates, and by which keys they are
 *  sorted. All values are text here, for the SQL to bind. */
import type { ColumnName } from "./docs-field.ts";
import type { Condition, DocsFilter, Leaf } from "./docs-filter.ts";
import { isSame, type ChosenIndex } from "./docs-index-choice.ts";
import { documentPath, isIndexable, isOfData } from "./docs-path.ts";
import type { DocsPlace } from "./docs-place.ts";

export type SortTerm =
  | { readonly kind: "column"; readonly name: ColumnName; readonly isDescending: boolean }
  | {
      readonly kind: "data";
      readonly path: readonly string[];
      /** Whether the declared index of the plan has it. */
      readonly isDeclared: boolean;
      readonly isDescending: boolean;
    };

/** A condition that is partly or only about the envelope. */
export type EnvelopeCondition =
  | { readonly op: "all" | "any"; readonly of: readonly EnvelopeCondition[] }
  | { readonly op: "none"; readonly of: EnvelopeCondition }
  | { readonly op: "path"; readonly path: string }
  | {
      readonly op: "eq" | "gt" | "gte" | "lt" | "lte";
      readonly column: ColumnName;
      readonly value: string;
    }
  | { readonly op: "in"; readonly column: ColumnName; readonly values: readonly string[] };

export interface DocsPlan {
  readonly at: DocsPlace;
  /** jsonpath of all conditions on the document; undefined: there are none, or the declared index has them all. */
  readonly path: string | undefined;
  /** `gin`: the index of all documents finds candidates for the path. `index`: a declared one. `rows`: each document of
   *  the collection, or those of some ids, is looked at. */
  readonly by: "gin" | "index" | "rows";
  readonly others: readonly EnvelopeCondition[];
  readonly index: ChosenIndex | undefined;
  /** The id comes last, in the direction of what is before it. */
  readonly order: readonly SortTerm[];
}

export function planOf(at: DocsPlace, filter: DocsFilter, index: ChosenIndex | undefined): DocsPlan {
  const all = filter.where.op === "and" ? filter.where.of : [filter.where];
  const ofData: Condition = { op: "and", of: all.filter(isOfData) };
  const isGin = isIndexable(ofData) && !all.some(isOfSomeIds);
  return {
    at,
    path: ofData.of.length === 0 || index?.isExact === true ? undefined : documentPath(at.scope, ofData),
    by: index === undefined ? (isGin ? "gin" : "rows") : "index",
    others: all.filter((condition) => !isOfData(condition)).map((of) => envelopeCondition(at, of)),
    index,
    order: orderOf(filter, index),
  };
}

function isOfSomeIds(condition: Condition): boolean {
  const isEqual = condition.op === "eq" || condition.op === "in";
  return isEqual && condition.field.kind === "column" && condition.field.name === "id";
}

function envelopeCondition(at: DocsPlace, condition: Condition): EnvelopeCondition {
  if (isOfData(condition)) return { op: "path", path: documentPath(at.scope, condition) };
  if (condition.op === "not") return { op: "none", of: envelopeCondition(at, condition.of) };
  if (condition.op === "and" || condition.op === "or") {
    const of = condition.of.map((one) => envelopeCondition(at, one));
    return { op: condition.op === "and" ? "all" : "any", of };
  }
  return columnCondition(condition);
}

function columnCondition({ op, field, value }: Leaf): EnvelopeCondition {
  if (field.kind !== "column" || op === "exists" || op === "contains" || op === "starts_with")
    throw new Error(`no ${op} of an envelope`);
  const column = field.name;
  if (op === "in") return { op, column, values: Array.isArray(value) ? value.map(String) : [] };
  return { op, column, value: String(value) };
}

function orderOf({ sort }: DocsFilter, index: ChosenIndex | undefined): readonly SortTerm[] {
  const order = sort.map(({ field, isDescending }): SortTerm => {
    if (field.kind === "column") return { kind: "column", name: field.name, isDescending };
    const isDeclared = index?.fields.some(({ path }) => isSame(path, field.path)) === true;
    return { kind: "data", path: field.path, isDeclared, isDescending };
  });
  if (order.some((term) => term.kind === "column" && term.name === "id")) return order;
  return [...order, { kind: "column", name: "id", isDescending: sort.at(-1)?.isDescending ?? true }];
}
