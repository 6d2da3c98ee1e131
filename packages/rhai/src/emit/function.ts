/** Whole functions: main, functions of the script, closures. All stand side by side at the top of the text. */
import { type Binding, type Unit } from "../analysis/binding.ts";
import { costOf } from "../analysis/cost.ts";
import { some } from "../analysis/effects.ts";
import { emitInto } from "./control.ts";
import { emitExpression } from "./expression.ts";
import { type Chapters, discard, Frame } from "./frame.ts";
import { emitCondition } from "./operator.ts";
import { type Output } from "./output.ts";
import { emitBody, emitStatement } from "./statement.ts";

const chapters: Chapters = {
  expression: emitExpression,
  into: emitInto,
  body: emitBody,
  statement: emitStatement,
  condition: emitCondition,
};

/** The text of a unit's function. `isCapturing`: the twin that runs in the scope of its caller. */
export function emitFunction(output: Output, unit: Unit, isCapturing = false): string {
  const isDynamic = unit.isDynamic || isCapturing;
  const frame = new Frame(unit, output, chapters, { isDynamic, isColoured: output.isColoured(unit) });
  frame.variables = unit.params.length + unit.captures.length;
  const isMain = unit.kind === "main";
  const hasScope = isCapturing || (isMain && output.options.isEvaluated);
  const name = isMain ? "main" : frame.functionName(unit) + (isCapturing ? "D" : "");
  frame.line(`function${frame.isColoured ? "*" : ""} ${name}(${parameters(frame, hasScope).join(", ")}) {`);
  frame.pay(costOf(unit.body), startOf(unit));
  if (!isMain) enter(frame);
  else if (!hasScope) frame.line(`${frame.rt("S")}.functions = T;`);
  openScope(frame, unit, hasScope);
  if (isCapturing) frame.rewindsTo = "before";
  const top = frame.lines.push("") - 1;
  frame.chapters.body(frame, unit.body, unit.body.length > 0 ? { kind: "store", name: "r" } : discard);
  frame.leave();
  frame.lines[top] = `let ${["r", ...frame.scratches].join(", ")};`;
  frame.line("}");
  return frame.lines.join("\n");
}

/** JavaScript parameters: `this`, the scope of the caller, cells of captured variables, then the script's own. */
function parameters(frame: Frame, hasScope: boolean): string[] {
  const { unit } = frame;
  return [
    ...(unit.kind === "main" ? [] : ["self"]),
    ...(hasScope ? ["d"] : []),
    ...unit.captures.map((binding) => frame.name(binding)),
    ...[...unit.params, ...given(frame)].map((binding) => parameter(frame, binding)),
  ];
}

/** One more call, and what `this` is. */
function enter(frame: Frame): void {
  const { unit } = frame;
  const tooDeep = frame.call(startOf(unit), "stackOverflow");
  frame.line(`if (++${frame.rt("S")}.depth > S.limits.callDepth) ${tooDeep};`);
  if (!usesThis(unit)) return;
  frame.line("const hasThis = self !== undefined;");
  frame.line(`if (self === ${frame.rt("UNIT")}) self = undefined;`);
}

function startOf(unit: Unit): number {
  return "at" in unit.node ? unit.node.at : 0;
}

function usesThis(unit: Unit): boolean {
  return (
    unit.kind !== "main" && unit.body.some((statement) => some(statement, (piece) => piece.kind === "this"))
  );
}

/** A parameter that lives in a cell comes in under another name. */
function parameter(frame: Frame, binding: Binding): string {
  return binding.isShared && !frame.isDynamic ? `${frame.name(binding)}p` : frame.name(binding);
}

function given({ unit, output }: Frame): readonly Binding[] {
  return unit.kind === "main" ? output.scopes.given : [];
}

/** Cells of parameters, or the dynamic scope. */
function openScope(frame: Frame, unit: Unit, hasScope: boolean): void {
  const values = [...unit.params, ...given(frame)];
  if (!frame.isDynamic) {
    for (const binding of values)
      if (binding.isShared)
        frame.line(`const ${frame.name(binding)} = new ${frame.rt("Cell")}(${frame.name(binding)}p);`);
    return;
  }
  if (!hasScope) frame.line(`const d = new ${frame.rt("Scope")}();`);
  else if (unit.kind !== "main") frame.line("const before = d.names.length;");
  const declare = frame.rt("declareName");
  for (const binding of unit.captures)
    frame.line(`${declare}(d, ${JSON.stringify(binding.name)}, ${frame.name(binding)}, false);`);
  for (const binding of values)
    frame.line(`${declare}(d, ${JSON.stringify(binding.name)}, ${frame.name(binding)}, false);`);
}
