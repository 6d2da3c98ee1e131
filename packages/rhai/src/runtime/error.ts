/** What stops a script. */
import { S } from "./state.ts";
import { type Value } from "./value.ts";

/** Names of native Rhai's `EvalAltResult`. */
export type Variant =
  | "ErrorVariableNotFound"
  | "ErrorFunctionNotFound"
  | "ErrorModuleNotFound"
  | "ErrorPropertyNotFound"
  | "ErrorIndexNotFound"
  | "ErrorInFunctionCall"
  | "ErrorInModule"
  | "ErrorUnboundThis"
  | "ErrorMismatchDataType"
  | "ErrorMismatchOutputType"
  | "ErrorIndexingType"
  | "ErrorArrayBounds"
  | "ErrorStringBounds"
  | "ErrorBitFieldBounds"
  | "ErrorFor"
  | "ErrorDataRace"
  | "ErrorNonPureMethodCallOnConstant"
  | "ErrorAssignmentToConstant"
  | "ErrorDotExpr"
  | "ErrorArithmetic"
  | "ErrorRuntime"
  | "ErrorVariableExists"
  | "ErrorForbiddenVariable"
  | "ErrorParsing"
  | "ErrorSystem"
  | "ErrorTooManyOperations"
  | "ErrorTooManyVariables"
  | "ErrorTooManyModules"
  | "ErrorStackOverflow"
  | "ErrorDataTooLarge"
  | "ErrorTerminated"
  | "ErrorCustomSyntax";

/** Fields that `catch (e)` shows beside error, message, line and position. */
export interface ErrorFields {
  readonly function?: string;
  readonly source?: string;
  readonly variable?: string;
  readonly index?: Value;
  readonly length?: number;
  readonly type?: string;
  readonly property?: string;
  readonly requested?: string;
  readonly actual?: string;
  readonly module?: string;
  readonly token?: string;
}

/** Why a text that a running script gave to `eval`, `Fn` or `parse_json` is none, of ErrorParsing. */
export interface ParseFault {
  /** Name of native Rhai's `ParseErrorType`, and of `LexError` inside BadInput. */
  readonly code: string;
  readonly lex?: string;
  /** Without a place. */
  readonly message: string;
  /** In that text, from 1; undefined: the place is that of the call. */
  readonly place?: { readonly line: number; readonly column: number };
}

/** Operations that an error costs: it takes the engine as long as so many. */
const ERROR_OPERATIONS = 40;

/** An error of a running script. Its place is found from the JavaScript stack when someone asks (`position.ts`). */
export class RhaiError extends Error {
  /** A field of its own: where the language is frozen, the prototype's can't be shadowed by an assignment. */
  override readonly name: string;
  readonly variant: Variant;
  /** Text without any position. */
  readonly text: string;
  readonly fields: ErrorFields;
  /** Value of `throw`. */
  readonly thrown: Value;
  /** Native gives this error no position: arithmetic of built-in operators. */
  readonly isPlaceless: boolean;
  /** An assignment whose value does not fit its place: the position is that of the operator, not of the index. */
  readonly isAtOperator: boolean;
  /** The error inside, of ErrorInFunctionCall and ErrorInModule. */
  readonly inner: RhaiError | undefined;
  readonly parse: ParseFault | undefined;

  constructor(
    variant: Variant,
    text: string,
    more: {
      fields?: ErrorFields;
      thrown?: Value;
      isPlaceless?: boolean;
      isAtOperator?: boolean;
      inner?: RhaiError;
      parse?: ParseFault;
    } = {},
  ) {
    super(text);
    S.fuel -= ERROR_OPERATIONS;
    this.name = variant;
    this.variant = variant;
    this.text = text;
    this.fields = more.fields ?? {};
    this.thrown = more.thrown;
    this.isPlaceless = more.isPlaceless ?? false;
    this.isAtOperator = more.isAtOperator ?? false;
    this.inner = more.inner;
    this.parse = more.parse;
  }
}

/** Errors that a script can't catch. */
export const uncatchable: ReadonlySet<Variant> = new Set<Variant>([
  "ErrorParsing",
  "ErrorSystem",
  "ErrorTooManyOperations",
  "ErrorTooManyVariables",
  "ErrorTooManyModules",
  "ErrorStackOverflow",
  "ErrorDataTooLarge",
  "ErrorTerminated",
  "ErrorCustomSyntax",
]);

/** `exit(value)`: ends the script from anywhere. Not an error. */
export class Exit {
  readonly value: Value;
  constructor(value: Value) {
    this.value = value;
  }
}
