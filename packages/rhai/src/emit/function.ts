/** Whole functions: main, functions of the script, closures. All stand side by side at the top of the text. */
import { type Binding, type Unit } from "../analysis/binding.ts";
import { costOf, some } from "../analysis/effects.ts";
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
  const name = unit.kind === "main" ? "main" : frame.functionName(unit) + (isCapturing ? "D" : "");
  const scope = unit.kind === "main" && unit.isDynamic && output.options.isEvaluated;
  const params = [
    ...(unit.kind === "main" ? [] : ["self"]),
    ...(isCapturing || scope ? ["d"] : []),
    ...unit.captures.map((binding) => frame.name(binding)),
    ...unit.params.map((binding) => parameter(frame, binding)),
    ...given(frame, unit),
  ];
  frame.line(`function${frame.isColoured ? "*" : ""} ${name}(${params.join(", ")}) {`);
  frame.pay(costOf(unit.body), startOf(unit));
  if (unit.kind !== "main")
    frame.line(
      `if (++${frame.rt("S")}.depth > S.limits.callDepth) ${frame.call(startOf(unit), "stackOverflow")};`,
    );
  if (usesThis(unit)) {
    frame.line("const hasThis = self !== undefined;");
    frame.line(`if (self === ${frame.rt("UNIT")}) self = undefined;`);
  }
  if (unit.kind === "main" && !scope) frame.line(`${frame.rt("S")}.functions = T;`);
  openScope(frame, unit, isCapturing || scope);
  const top = frame.lines.push("") - 1;
  const isValueWanted = unit.body.length > 0;
  frame.chapters.body(frame, unit.body, isValueWanted ? { kind: "store", name: "r" } : discard);
  if (isCapturing) frame.line(`${frame.rt("rewindScope")}(d, before);`);
  frame.leave();
  frame.lines[top] = `let ${["r", ...frame.scratches].join(", ")};`;
  frame.line("}");
  return frame.lines.join("\n");
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

function given(frame: Frame, unit: Unit): string[] {
  return unit.kind === "main" ? frame.output.scopes.given.map((binding) => parameter(frame, binding)) : [];
}

/** Cells of parameters, or the dynamic scope. */
function openScope(frame: Frame, unit: Unit, hasScope: boolean): void {
  const values = [...unit.params, ...(unit.kind === "main" ? frame.output.scopes.given : [])];
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
