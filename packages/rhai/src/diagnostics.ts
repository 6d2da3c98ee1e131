/** What is wrong with a script, and how to show it. */
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
    ...(finding.hint === undefined ? {} : { hint: finding.hint }),
  };
}
