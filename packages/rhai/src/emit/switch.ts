/** `switch`. Values are compared by type and value, then ranges, then `_`; among equals the first whose guard holds. */
import { armStatement } from "../analysis/walk.ts";
import {
  type Expression,
  type SwitchArm,
  type SwitchExpression,
  type SwitchPattern,
} from "../syntax/tree.ts";
import { boxed } from "./code.ts";
import { type Frame, type Target } from "./frame.ts";

export function emitSwitch(frame: Frame, node: SwitchExpression, target: Target): void {
  const code = frame.expression(node.value);
  const value = frame.hold({ ...code, text: boxed(code), form: "value" }).text;
  const label = `${frame.temp()}L`;
  frame.line(`${label}: {`);
  const passes: ((pattern: SwitchPattern) => boolean)[] = [
    (pattern) => pattern.kind === "value",
    (pattern) => pattern.kind === "range",
  ];
  for (const belongs of passes) {
    for (const arm of node.arms) {
      const tests = arm.patterns.filter(belongs).map((pattern) => testOf(frame, value, pattern));
      if (tests.length > 0) emitArm(frame, arm, { test: tests.join(" || "), label, target });
    }
  }
  const rest = node.arms.find((arm) => arm.patterns.length === 0);
  if (rest !== undefined) emitArm(frame, rest, { test: undefined, label, target });
  frame.line("}");
}

interface Case {
  readonly test: string | undefined;
  readonly label: string;
  readonly target: Target;
}

function emitArm(frame: Frame, arm: SwitchArm, { test, label, target }: Case): void {
  frame.line(test === undefined ? "{" : `if (${test}) {`);
  const scope = frame.markScope();
  if (arm.guard !== undefined) frame.line(`if (${frame.chapters.condition(frame, arm.guard).text}) {`);
  frame.chapters.statement(frame, armStatement(arm), target);
  frame.rewindScope(scope);
  frame.line(`break ${label};`);
  if (arm.guard !== undefined) frame.line("}");
  frame.line("}");
}

function testOf(frame: Frame, value: string, pattern: SwitchPattern): string {
  if (pattern.kind === "range") {
    const ends = [pattern.from, pattern.to].map((end) => (typeof end === "bigint" ? `${end}n` : String(end)));
    return `${frame.rt("isInCase")}(${value}, ${ends.join(", ")}, ${String(pattern.isInclusive)})`;
  }
  const literal = pattern.value;
  const { lines, result } = frame.collect(() => frame.expression(literal));
  frame.lines.push(...lines);
  return isIdentical(literal)
    ? `${value} === ${result.text}`
    : `${frame.rt("isSameCase")}(${value}, ${boxed(result)})`;
}

/** Literals that JavaScript compares as the language does. */
function isIdentical(literal: Expression): boolean {
  return literal.kind === "literal" && literal.literal.type !== "float";
}
