/** What may stand on the left of an assignment. */
import { type DiagnosticCode, type LexCode } from "../diagnostics.ts";
import { isConstant } from "./literal-sort.ts";
import { startPosition } from "./parser-primary.ts";
import { type Expression } from "./tree.ts";

interface Problem {
  readonly code: DiagnosticCode;
  /** Then the place is the operator. */
  readonly lex?: LexCode;
  readonly message: string;
  readonly at: number;
}

/** Why `target` can't be assigned to; plain variables are checked elsewhere. `isPlain`: the operator is `=`. */
export function assignmentProblem(target: Expression, isPlain: boolean): Problem | undefined {
  if (target.kind === "this" || target.kind === "variable") return undefined;
  if (target.kind === "property" || target.kind === "index" || target.kind === "method") {
    return chainProblem(target);
  }
  if (isConstant(target)) {
    const at = startPosition(target);
    return { code: "AssignmentToConstant", message: "Cannot assign to a constant value", at };
  }
  const isLogic =
    target.kind === "binary" &&
    (target.operator === "&&" || target.operator === "||" || target.operator === "??");
  if (isLogic && isPlain) {
    return { code: "BadInput", lex: "ImproperSymbol", message: "Possibly a typo of '=='?", at: target.at };
  }
  return invalid(target.at);
}

/** A chain of members and indices starts at a variable or `this`, and has no call in it. */
function chainProblem(target: Expression): Problem | undefined {
  let call = -1;
  let link: Expression = target;
  while (link.kind === "property" || link.kind === "index" || link.kind === "method") {
    // The first call of the chain is the last one met here.
    if (link.kind === "method") call = link.at;
    link = link.target;
  }
  if (call !== -1) return invalid(call);
  return link.kind === "variable" || link.kind === "this" ? undefined : invalid(link.at);
}

function invalid(at: number): Problem {
  return { code: "AssignmentToInvalidLHS", message: "Expression cannot be assigned to", at };
}
