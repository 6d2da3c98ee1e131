/** Errors as the answers of `rhai eval --jsonl` show them. */
import { RhaiError, type ParseFault } from "../runtime/error.ts";
import { type Trace, textOf, traceOf } from "../runtime/position.ts";
import { type RowError } from "./row.ts";
import { anonymous, toTagged } from "./tagged.ts";

/** Of whatever was thrown. What is no error of Rhai is a fault of ours, and says so. */
export function rowErrorOf(error: unknown): RowError {
  if (error instanceof RhaiError) return fromTrace(traceOf(error));
  const msg = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    kind: "row",
    variant: error instanceof RangeError ? "TooLarge" : "InternalError",
    msg,
    ...nowhere,
  };
}

const nowhere = { line: null, col: null } as const;

function fromTrace(trace: Trace): RowError {
  const { error, place, inner } = trace;
  const { variant, fields, thrown, parse } = error;
  // A fault without a place of its own is at that of the call.
  if (parse !== undefined)
    return faultError(parse.place === undefined && place !== undefined ? { ...parse, place } : parse);
  return {
    kind: "runtime",
    variant,
    msg: anonymous(textOf(trace)),
    line: place?.line ?? null,
    col: place?.column ?? null,
    ...(variant === "ErrorRuntime" ? { thrown: toTagged(thrown) } : {}),
    ...(variant === "ErrorInFunctionCall" ? { fn: anonymous(fields.function ?? "") } : {}),
    ...(inner === undefined ? {} : { inner: fromTrace(inner) }),
  };
}

/** Of the parser. `place` undefined: nowhere. */
export function faultError({ code, lex, message, place }: ParseFault): RowError {
  const at = place === undefined ? nowhere : { line: place.line, col: place.column };
  return { kind: "parse", variant: code, ...(lex === undefined ? {} : { lex }), msg: message, ...at };
}
