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
    ...hintOf(finding),
  };
}

/** Hints where native Rhai's words leave a reader alone. */
function hintOf({ code, message, hint }: Finding): { hint?: string } {
  const text = hint ?? hintFor(code, message);
  return text === undefined ? {} : { hint: text };
}

function hintFor(code: DiagnosticCode, message: string): string | undefined {
  switch (code) {
    case "UnknownOperator":
      if (message.includes("++")) return "write `x += 1`";
      return message.includes("--") ? "write `x -= 1`" : undefined;
    case "Reserved":
      return message.includes("keyword")
        ? 'take another name; as a property it has to be quoted: `m["name"]`, `#{"name": 1}`'
        : undefined;
    case "PropertyExpected":
      return 'a word of the language has to be quoted: `m["fn"]`; a number needs digits after its point: `5.0`';
    case "AssignmentToConstant":
      return "declare it with `let` to change it";
    case "LoopBreak":
      return "`break` and `continue` belong to `while`, `loop`, `do` and `for`; `return` leaves a function";
    case "WrongFnDefinition":
      return "define it at the top of the script, or write a closure: `let f = |x| x + 1;`, called by `f.call(1)`";
    case "ExprTooDeep":
      return "put parts of it into variables or functions";
    case "WrongSwitchIntegerCase":
      return "put single numbers before ranges";
    case "WrongSwitchCaseCondition":
      return "`_` takes all that is left: ask inside its block";
    case "VariableUndefined":
      return "functions see their parameters only, not the variables of the script";
    case "MissingToken":
      return message.startsWith("Expecting ';'")
        ? "an assignment has no value, so it can't stand inside another statement or an expression"
        : undefined;
    default:
      return undefined;
  }
}

/** Longest piece of a line that a frame shows. */
const frameColumns = 120;

export interface FrameOptions {
  /** Name of the file, shown before the place. */
  readonly file?: string;
}

/** The line of a diagnostic with the place marked, for terminals and editors:
 *
 *      error[MissingToken]: Expecting ';' to terminate this statement
 *       --> hook.rhai:1:11
 *        |
 *      1 | let x = 5 let y = 6;
 *        |           ^^^
 *        = hint: …
 */
export function codeFrame(source: string, diagnostic: Diagnostic, options: FrameOptions = {}): string {
  const { code, lex, message, start, end, line, column, severity, hint } = diagnostic;
  const from = source.lastIndexOf("\n", Math.min(start, source.length) - 1) + 1;
  const newline = source.indexOf("\n", from);
  const to = newline === -1 ? source.length : newline;
  const first = start - from > frameColumns / 2 ? start - frameColumns / 2 : from;
  const last = Math.min(to, first + frameColumns);
  const head = first > from ? "…" : "";
  const text = `${head}${shown(source.slice(first, last))}${last < to ? "…" : ""}`;
  const before = shown(source.slice(first, Math.min(start, last))).replaceAll(/[^\t]/gu, " ");
  const marked = Math.max(1, [...shown(source.slice(start, Math.min(Math.max(end, start + 1), last)))].length);
  const margin = " ".repeat(String(line).length);
  const place = `${options.file === undefined ? "" : `${options.file}:`}${line}:${column}`;
  const lines = [
    `${severity}[${lex ?? code}]: ${message}`,
    `${margin}--> ${place}`,
    `${margin} |`,
    `${line} | ${text.trimEnd()}`,
    `${margin} | ${head === "" ? "" : " "}${before}${"^".repeat(marked)}`,
  ];
  if (hint !== undefined) lines.push(`${margin} = hint: ${hint}`);
  return lines.join("\n");
}

/** Control characters must not reach a terminal. */
function shown(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for.
  return text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, "\ufffd").replace(/\ufffd$/, "");
}
