/** What is wrong with a script, and how to show it. */
import { codeFrame } from "./code-frame.ts";
import { placeOf } from "./syntax/source.ts";

/** Names of native Rhai's `ParseErrorType`; `SourceTooLarge` and `TooManyTokens` are ours. */
export type DiagnosticCode =
  | "UnexpectedEOF"
  | "BadInput"
  | "UnknownOperator"
  | "MissingToken"
  | "MalformedIndexExpr"
  | "MalformedCapture"
  | "DuplicatedProperty"
  | "DuplicatedVariable"
  | "VariableExists"
  | "WrongSwitchIntegerCase"
  | "WrongSwitchDefaultCase"
  | "WrongSwitchCaseCondition"
  | "PropertyExpected"
  | "VariableExpected"
  | "Reserved"
  | "MismatchedType"
  | "ExprExpected"
  | "WrongFnDefinition"
  | "FnDuplicatedDefinition"
  | "FnMissingName"
  | "FnMissingParams"
  | "FnMissingBody"
  | "FnDuplicatedParam"
  | "WrongExport"
  | "AssignmentToConstant"
  | "AssignmentToInvalidLHS"
  | "VariableUndefined"
  | "ModuleUndefined"
  | "ExprTooDeep"
  | "TooManyFunctions"
  | "LiteralTooLarge"
  | "LoopBreak"
  | "ModuleNotFound"
  | "SourceTooLarge"
  | "TooManyTokens";

/** Names of native Rhai's `LexError`, inside BadInput. */
export type LexCode =
  | "UnexpectedInput"
  | "UnterminatedString"
  | "MalformedEscapeSequence"
  | "MalformedNumber"
  | "MalformedChar"
  | "MalformedIdentifier"
  | "ImproperSymbol"
  | "StringTooLong";

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly lex?: LexCode;
  /** Native Rhai's words, without a place. */
  readonly message: string;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** From 1; columns are code points. */
  readonly line: number;
  readonly column: number;
  readonly severity: "error" | "warning";
  /** What to do about it. */
  readonly hint?: string;
}

/** A diagnostic without its place in lines, which is found here. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly lex?: LexCode | undefined;
  readonly message: string;
  readonly start: number;
  readonly end: number;
  readonly hint?: string | undefined;
}

export function diagnosticOf(source: string, finding: Finding): Diagnostic {
  const { line, column } = placeOf(source, finding.start);
  return {
    code: finding.code,
    ...(finding.lex === undefined ? {} : { lex: finding.lex }),
    message: finding.message,
    start: finding.start,
    end: Math.max(finding.start, finding.end),
    line,
    column,
    severity: "error",
    ...hintOf(finding),
  };
}

/** Hints where native Rhai's words leave a reader alone. */
function hintOf({ code, message, hint }: Finding): { hint?: string } {
  const text = hint ?? hintFor(code, message);
  return text === undefined ? {} : { hint: text };
}

function hintFor(code: DiagnosticCode, message: string): string | undefined {
  if (code === "UnknownOperator") {
    if (message.includes("++")) return "write `x += 1`";
    return message.includes("--") ? "write `x -= 1`" : undefined;
  }
  if (code === "Reserved" && !message.includes("keyword")) return undefined;
  if (code === "MissingToken" && !message.startsWith("Expecting ';'")) return undefined;
  return hints[code];
}

const hints: Readonly<Partial<Record<DiagnosticCode, string>>> = {
  Reserved: 'take another name; as a property it has to be quoted: `m["name"]`, `#{"name": 1}`',
  PropertyExpected:
    'a word of the language has to be quoted: `m["fn"]`; a number needs digits after its point: `5.0`',
  AssignmentToConstant: "declare it with `let` to change it",
  LoopBreak: "`break` and `continue` belong to `while`, `loop`, `do` and `for`; `return` leaves a function",
  WrongFnDefinition:
    "define it at the top of the script, or write a closure: `let f = |x| x + 1;`, called by `f.call(1)`",
  ExprTooDeep: "put parts of it into variables or functions",
  WrongSwitchIntegerCase: "put single numbers before ranges",
  WrongSwitchCaseCondition: "`_` takes all that is left: ask inside its block",
  VariableUndefined: "functions see their parameters only, not the variables of the script",
  MissingToken: "an assignment has no value, so it can't stand inside another statement or an expression",
};

/** A diagnostic for a terminal: what, the lines with the place marked, and the hint. */
export function showDiagnostic(source: string, diagnostic: Diagnostic, file = "script"): string {
  const { code, lex, message, start, end, line, column, severity, hint } = diagnostic;
  const width = Array.from(source.slice(start, end)).length;
  const frame = codeFrame(source, { line, column, width }, file);
  const lines = [`${severity}[${lex ?? code}]: ${message}`, frame];
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return lines.join("\n");
}
