/** Steps of a place: `.name`, `[index]`. */
import { type IndexExpression, type PropertyExpression } from "../syntax/tree.ts";
import { type Code } from "./code.ts";

/** A step with the value of its index. */
export interface Step {
  readonly node: PropertyExpression | IndexExpression;
  /** JavaScript of the index; undefined for properties. */
  readonly key: string | undefined;
}

/** A value on its way to a place. */
export interface Stored {
  readonly code: Code;
  /** Of an assignment: where its operator is. */
  readonly operatorAt?: number;
}

/** Errors about an index name the index, not the bracket. */
export function indexAt(node: PropertyExpression | IndexExpression): number {
  return node.kind === "index" ? node.index.at : node.at;
}
