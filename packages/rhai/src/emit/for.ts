/** `for`. It iterates over what the container was at the start; the loop variable is one variable for all passes. */
import { type Binding } from "../analysis/binding.ts";
import { elementType } from "../analysis/operator-types.ts";
import { costOfLoop } from "../analysis/cost.ts";
import { type BinaryExpression, type ForExpression } from "../syntax/tree.ts";
import { boxed, constant, quote } from "./code.ts";
import { emitPass } from "./pass.ts";
import { type Frame, type Target } from "./frame.ts";
import { emitOperands } from "./operands.ts";

/** Values that need no copy for a second place. */
const scalars: ReadonlySet<string> = new Set(["int", "float", "bool", "string", "char", "unit"]);

export function emitFor(frame: Frame, node: ForExpression, target: Target): void {
  const scope = frame.markScope();
  frame.line("{");
  const { iterable } = node;
  const isRange = iterable.kind === "binary" && (iterable.operator === ".." || iterable.operator === "..=");
  const value = isRange ? startRange(frame, iterable) : startItems(frame, node);
  const item = frame.output.scopes.declared.get(node);
  const counter = frame.output.scopes.counters.get(node);
  const count = counter === undefined ? undefined : frame.temp();
  const before = frame.lines.pop() ?? "";
  if (count !== undefined) frame.line(`let ${count} = 0;`);
  const { variables } = frame;
  const counts = counter === undefined || count === undefined ? undefined : openVariable(frame, counter);
  const items = item === undefined ? undefined : openVariable(frame, item);
  frame.variables += counter === undefined ? 1 : 2;
  const header = frame.lines.length;
  frame.line(before);
  if (counts !== undefined) counts(`${count}++`);
  items?.(value);
  emitPass(frame, node.body, { cost: costOfLoop(undefined, node.body), target, header });
  frame.line("}");
  frame.line("}");
  frame.variables = variables;
  frame.rewindScope(scope);
}

/** Declares a variable of the loop if it is one for all passes; gives what sets it in a pass. */
function openVariable(frame: Frame, binding: Binding): (text: string) => void {
  if (frame.isDynamic) {
    const cell = frame.temp();
    frame.line(
      `const ${cell} = ${frame.rt("declareName")}(d, ${quote(binding.name)}, undefined, ${String(binding.isConst)});`,
    );
    return (text) => frame.line(`${cell}.v = ${text};`);
  }
  const name = frame.name(binding);
  if (binding.isShared) {
    frame.line(`const ${name} = new ${frame.rt("Cell")}(undefined);`);
    return (text) => frame.line(`${name}.v = ${text};`);
  }
  return (text) => frame.line(`${binding.isAssigned ? "let" : "const"} ${name} = ${text};`);
}

/** Counts without making a range. Writes up to the opening of the loop; gives the text of the value of a pass. */
function startRange(frame: Frame, node: BinaryExpression): string {
  const [from, to] = emitOperands(frame, [node.left, node.right]);
  const low = boxed(from ?? constant("undefined"));
  const high = boxed(to ?? constant("undefined"));
  const isInclusive = node.operator === "..=";
  const i = frame.temp();
  const end = frame.temp();
  frame.line(`let ${i} = ${low}, ${end} = ${high};`);
  const isLess = `${i} <${isInclusive ? "=" : ""} ${end}`;
  if (from?.form === "int" && to?.form === "int") {
    frame.line(`for (; ${isLess}; ${i}++) {`);
    return i;
  }
  const wide = frame.temp();
  const made = frame.call(node.at, "wideRange", i, end, String(isInclusive));
  frame.line(`const ${wide} = typeof ${i} === "number" && typeof ${end} === "number" ? undefined : ${made};`);
  frame.line(`if (${wide} !== undefined) { ${i} = 0; ${end} = ${wide}.count; }`);
  frame.line(`for (; ${isLess}; ${i}++) {`);
  return `${wide} === undefined ? ${i} : ${wide}.at(${i})`;
}

/** Any other iterable: `iterate` gives its items, all at once or piece by piece. */
function startItems(frame: Frame, node: ForExpression): string {
  const code = frame.expression(node.iterable);
  const loop = frame.temp();
  const items = frame.temp();
  const i = frame.temp();
  frame.line(`const ${loop} = ${frame.call(node.iterable.at, "iterate", boxed(code))};`);
  frame.line(`let ${items} = ${loop}.items;`);
  const more = `${loop}.more !== undefined && (${items} = ${loop}.more(), ${i} = 0, ${items}.length > 0)`;
  frame.line(`for (let ${i} = 0; ${i} < ${items}.length || (${more}); ${i}++) {`);
  const { tag } = elementType(frame.type(node.iterable));
  return scalars.has(tag) ? `${items}[${i}]` : `${frame.rt("copy")}(${items}[${i}])`;
}
