/** Cases of one `switch`: literals only, and the order of integers and ranges. */
import { isConstant } from "./literal-sort.ts";
import { type Expression, type SwitchPattern } from "./tree.ts";

export class SwitchCases {
  private hasRange = false;

  /** The pattern of a case; "literal": it is none; "order": an integer after a range. */
  add(value: Expression): SwitchPattern | "literal" | "order" {
    if (value.kind === "binary" && (value.operator === ".." || value.operator === "..=")) {
      const from = intOf(value.left);
      const to = intOf(value.right);
      if (from === undefined || to === undefined) return "literal";
      const isInclusive = value.operator === "..=";
      if (isInclusive ? from <= to : from < to) this.hasRange = true;
      return { kind: "range", from, to, isInclusive };
    }
    if (!isConstant(value)) return "literal";
    if (this.hasRange && isNumber(value)) return "order";
    return { kind: "value", value };
  }
}

function intOf(expression: Expression): number | bigint | undefined {
  return expression.kind === "literal" && expression.literal.type === "int"
    ? expression.literal.value
    : undefined;
}

function isNumber(expression: Expression): boolean {
  return (
    expression.kind === "literal" &&
    (expression.literal.type === "int" || expression.literal.type === "float")
  );
}
