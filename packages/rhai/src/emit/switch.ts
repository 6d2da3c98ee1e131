/** `switch`. Values are compared by type and value, then ranges, then `_`; among equals the first whose guard holds. */
import { extraOfArms } from "../analysis/cost.ts";
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
  if (node.arms.some(isMixed)) {
    emitMixed(frame, node, value, target);
    return;
  }
  const label = `${frame.temp()}L`;
  frame.line(`${label}: {`);
  const extras = extraOfArms(node);
  for (const kind of ["value", "range"] as const) {
    node.arms.forEach((arm, index) => {
      const test = testsOf(frame, value, arm, kind);
      if (test !== undefined) emitArm(frame, arm, { test, label, target, extra: extras[index] ?? 0 });
    });
  }
  node.arms.forEach((arm, index) => {
    if (arm.patterns.length === 0)
      emitArm(frame, arm, { test: undefined, label, target, extra: extras[index] ?? 0 });
  });
  frame.line("}");
}

/** An arm with values and ranges takes part in both rounds. */
function isMixed({ patterns }: SwitchArm): boolean {
  return new Set(patterns.map((pattern) => pattern.kind)).size > 1;
}

/** Finds the arm first, in two rounds, so that every arm is written once: twice, inside each other, would be very long. */
function emitMixed(frame: Frame, node: SwitchExpression, value: string, target: Target): void {
  const found = frame.temp();
  const round = frame.temp();
  const label = `${frame.temp()}L`;
  frame.line(`let ${found} = -1;`);
  frame.line(`${label}: for (let ${round} = 0; ${round} < 2; ${round}++) {`);
  node.arms.forEach((arm, index) => {
    if (arm.patterns.length === 0) return;
    const [first, second] = (["value", "range"] as const).map(
      (kind) => testsOf(frame, value, arm, kind) ?? "false",
    );
    frame.line(`if (${round} === 0 ? ${first} : ${second}) {`);
    const scope = frame.markScope();
    const guard = arm.guard === undefined ? "true" : frame.chapters.condition(frame, arm.guard).text;
    frame.line(`if (${guard}) { ${found} = ${index}; break ${label}; }`);
    frame.rewindScope(scope);
    frame.line("}");
  });
  frame.line("}");
  const extras = extraOfArms(node);
  node.arms.forEach((arm, index) => {
    const test = arm.patterns.length === 0 ? `${found} === -1` : `${found} === ${index}`;
    frame.line(`if (${test}) {`);
    const scope = frame.markScope();
    frame.charge(extras[index] ?? 0);
    frame.chapters.statement(frame, armStatement(arm), target);
    frame.rewindScope(scope);
    frame.line("}");
  });
}

function testsOf(
  frame: Frame,
  value: string,
  arm: SwitchArm,
  kind: SwitchPattern["kind"],
): string | undefined {
  const tests = arm.patterns
    .filter((pattern) => pattern.kind === kind)
    .map((pattern) => testOf(frame, value, pattern));
  return tests.length === 0 ? undefined : tests.join(" || ");
}

interface Case {
  readonly test: string | undefined;
  readonly label: string;
  readonly target: Target;
  /** What the arm costs beyond the cheapest. */
  readonly extra: number;
}

function emitArm(frame: Frame, arm: SwitchArm, { test, label, target, extra }: Case): void {
  frame.line(test === undefined ? "{" : `if (${test}) {`);
  const scope = frame.markScope();
  if (arm.guard !== undefined) frame.line(`if (${frame.chapters.condition(frame, arm.guard).text}) {`);
  frame.charge(extra);
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
  frame.append(lines);
  return isIdentical(literal)
    ? `${value} === ${result.text}`
    : `${frame.rt("isSameCase")}(${value}, ${boxed(result)})`;
}

/** Literals that JavaScript compares as the language does. */
function isIdentical(literal: Expression): boolean {
  return literal.kind === "literal" && literal.literal.type !== "float";
}
