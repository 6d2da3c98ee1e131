/** Loops of functions that wait for the host, if the loop itself does not wait, become plain functions of their own: a
 *  generator runs tight loops at a third of the speed. What the loop reads comes in as parameters, what it changes goes
 *  back as results; never through a closure, which would cost as much (host-calls.md). */
import { type Binding } from "../analysis/binding.ts";
import { some, type Piece } from "../analysis/effects.ts";
import { baseOf } from "../analysis/scope.ts";
import { isSafe } from "../analysis/type.ts";
import { operands } from "../analysis/walk.ts";
import {
  type DoExpression,
  type Expression,
  type ForExpression,
  type LoopExpression,
  type WhileExpression,
} from "../syntax/tree.ts";
import { type Frame, type Target } from "./frame.ts";
import { hasJump } from "./pass.ts";

export type LoopNode = WhileExpression | LoopExpression | DoExpression | ForExpression;

/** Label of an outlined loop among the functions of a text: its frame belongs to the frame below. */
export const OUTLINED = "^";

/** Can the loop run outside of its function? */
export function canOutline(frame: Frame, node: LoopNode): boolean {
  // Tags of variables are variables that nobody would pass on.
  if (!frame.isColoured || frame.isDynamic || frame.output.tagged.size > 0) return false;
  // A jump in a condition is one of the loop around, which would be out of reach.
  if (operands(node).some(hasJump)) return false;
  // An error would lose what the loop has changed so far, and the handler could see that.
  if (frame.tries > 0 && liveIn(frame, node).changed.length > 0) return false;
  return !some(node, (piece) => {
    if (piece.kind === "this") return frame.unit.changesThis;
    // A bare throw needs the error that was caught outside.
    if (piece.kind === "throw") return piece.value === undefined && frame.caught.length > 0;
    return waits(frame, piece);
  });
}

function waits(frame: Frame, piece: Piece): boolean {
  switch (piece.kind) {
    case "call":
    case "method":
    case "binary":
    case "import": {
      const { isHost, isHandle, isDirect, isDynamic } = frame.output.site(piece);
      return isHost || isHandle || isDirect || isDynamic;
    }
    default:
      return false;
  }
}

interface Live {
  /** Variables of the function that the loop uses. */
  readonly read: readonly Binding[];
  /** Those of them that it may give new values. */
  readonly changed: readonly Binding[];
  readonly usesThis: boolean;
  readonly returns: boolean;
}

/** `write` writes the loop itself. */
export function emitOutlined(
  frame: Frame,
  node: LoopNode,
  target: Target,
  write: (frame: Frame, target: Target) => void,
): void {
  const live = liveIn(frame, node);
  const results = live.changed.map((binding) => frame.name(binding));
  if (target.kind === "store") results.push("v");
  const name = frame.output.outlineName();
  const numbers = live.changed.filter((binding) => isMaybeWide(frame, binding));
  const write1 = (suffix: string, narrowed: readonly Binding[]): void => {
    const inner = frame.outlined(live.returns ? `return [${["true", "r", ...results].join(", ")}];` : "");
    inner.line(`function ${name}${suffix}(${parameters(frame, live).join(", ")}) {`);
    const top = inner.lines.push("") - 1;
    for (const binding of narrowed) inner.line(`${frame.name(binding)} = +${frame.name(binding)};`);
    write(inner, target.kind === "store" ? { kind: "store", name: "v" } : target);
    inner.line(resultLine(live, results));
    inner.line("}");
    inner.lines[top] = `let ${["r", "v", ...inner.scratches].join(", ")};`;
    frame.output.outlined.push(inner.lines.join("\n"));
  };
  write1("", [...numbers, ...live.changed.filter((binding) => isNarrow(frame, binding))]);
  if (numbers.length > 0) write1("w", []);
  emitUse(frame, { name, numbers, live, results, target });
}

function resultLine(live: Live, results: readonly string[]): string {
  if (live.returns) return `return [${["false", "undefined", ...results].join(", ")}];`;
  return results.length === 1 ? `return ${results[0] ?? ""};` : `return [${results.join(", ")}];`;
}

interface Use {
  readonly name: string;
  readonly numbers: readonly Binding[];
  readonly live: Live;
  readonly results: readonly string[];
  readonly target: Target;
}

function emitUse(frame: Frame, { name, numbers, live, results, target }: Use): void {
  const args = parameters(frame, live).join(", ");
  const test = numbers.map((binding) => `typeof ${frame.name(binding)} === "number"`).join(" && ");
  const call = test === "" ? `${name}(${args})` : `(${test} ? ${name}(${args}) : ${name}w(${args}))`;
  const places = results.map((result) => (result === "v" && target.kind === "store" ? target.name : result));
  if (!live.returns) {
    if (places.length === 0) frame.line(`${call};`);
    else frame.line(`${places.length === 1 ? places[0] : `[${places.join(", ")}]`} = ${call};`);
    return;
  }
  const done = frame.temp();
  frame.line(`let ${done};`);
  frame.line(`[${[done, "r", ...places].join(", ")}] = ${call};`);
  frame.line(`if (${done}) {`);
  frame.leave();
  frame.line("}");
}

function parameters(frame: Frame, live: Live): string[] {
  const names = live.read.map((binding) => frame.name(binding));
  return live.usesThis ? ["self", "hasThis", ...names] : names;
}

/** An int that may be beyond 2^53: the loop has a copy for that case. */
function isMaybeWide(frame: Frame, binding: Binding): boolean {
  const type = frame.output.options.types.ofBinding(binding);
  return !binding.isShared && type.tag === "int" && !isSafe(type);
}

/** Certainly a JavaScript number: `+x` tells the engine. */
function isNarrow(frame: Frame, binding: Binding): boolean {
  return frame.isRaw(binding) || (!binding.isShared && isSafe(frame.output.options.types.ofBinding(binding)));
}

function liveIn(frame: Frame, node: LoopNode): Live {
  const read = new Set<Binding>();
  const changed = new Set<Binding>();
  const inside = new Set<Binding>();
  const { scopes } = frame.output;
  let usesThis = false;
  let returns = false;
  const use = (place: Expression | undefined, into: Set<Binding>): void => {
    const base = place === undefined ? undefined : baseOf(place);
    const found = base?.kind === "variable" ? scopes.uses.get(base) : undefined;
    if (found?.kind === "binding") into.add(found.binding);
  };
  some(node, (piece) => {
    usesThis ||= piece.kind === "this";
    returns ||= piece.kind === "return";
    for (const binding of declaredBy(frame, piece)) inside.add(binding);
    if (piece.kind === "variable") use(piece, read);
    if (piece.kind === "export") {
      const binding = scopes.exported.get(piece);
      if (binding !== undefined) read.add(binding);
    }
    if (piece.kind === "assign" || piece.kind === "method") use(piece.target, changed);
    if (piece.kind === "call") use(piece.args[0], changed);
    if (piece.kind === "closure")
      for (const { outer } of scopes.unitOf.get(piece)?.captures ?? [])
        if (outer !== undefined) read.add(outer);
    return false;
  });
  const isOuter = (binding: Binding): boolean => !inside.has(binding);
  return {
    read: [...read].filter(isOuter),
    // Cells are changed inside of themselves, constants not at all.
    changed: [...changed].filter((one) => isOuter(one) && !one.isShared && one.isAssigned && !one.isConst),
    usesThis,
    returns,
  };
}

function declaredBy(frame: Frame, piece: Piece): Binding[] {
  const { declared, counters } = frame.output.scopes;
  if (piece.kind !== "let" && piece.kind !== "for" && piece.kind !== "try") return [];
  const counter = piece.kind === "for" ? counters.get(piece) : undefined;
  return [declared.get(piece), counter].filter((binding) => binding !== undefined);
}
