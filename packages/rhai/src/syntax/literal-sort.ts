/** How native Rhai names the types of literals in messages. */
import { type Expression } from "./tree.ts";

const sorts = {
  unit: "()",
  bool: "a boolean",
  int: "a number",
  float: "a floating-point number",
  char: "a character",
  string: "a string",
} as const;

/** "": the type is only known at run time. */
export function literalSort(expression: Expression): string {
  if (expression.kind === "literal") return sorts[expression.literal.type];
  if (expression.kind === "interpolation") return "a string";
  if (expression.kind === "array") return "an array";
  return expression.kind === "map" ? "an object map" : "";
}

/** A literal, or an array or map of literals. */
export function isConstant(expression: Expression): boolean {
  if (expression.kind === "literal") return true;
  if (expression.kind === "array") return expression.items.every(isConstant);
  return expression.kind === "map" && expression.entries.every((entry) => isConstant(entry.value));
}
