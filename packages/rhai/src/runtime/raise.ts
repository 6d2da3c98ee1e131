/** Every error of a running script, in native Rhai's words. Each function throws. */
import { type ErrorFields, RhaiError, type Variant } from "./error.ts";
import { displayText, mismatchName, signatureName, typeName } from "./format.ts";
import { type Value } from "./value.ts";

function raise(variant: Variant, text: string, fields: ErrorFields): never {
  throw new RhaiError(variant, text, { fields });
}

export function functionNotFound(name: string, args: readonly Value[]): never {
  functionNotFoundText(`${name} (${args.map(signatureName).join(", ")})`);
}

/** `signature` as native shows it: `f (i64, array)`. */
export function functionNotFoundText(signature: string): never {
  raise("ErrorFunctionNotFound", `Function not found: ${signature}`, { function: signature });
}

/** `isPlaceless`: the arithmetic of built-in binary operators carries no position. */
export function arithmetic(text: string, isPlaceless = false): never {
  throw new RhaiError("ErrorArithmetic", text, { isPlaceless });
}

export function mismatch(actual: string, expected: string): never {
  raise("ErrorMismatchDataType", `Data type incorrect: ${actual} (expecting ${expected})`, {
    requested: expected,
    actual,
  });
}

/** A value of a wrong type where native asks for `expected`. */
export function mismatchValue(value: Value, expected: string): never {
  mismatch(mismatchName(value), expected);
}

/** A value that does not fit the element it is assigned to. */
export function mismatchAssigned(value: Value, expected: string): never {
  const actual = mismatchName(value);
  throw new RhaiError("ErrorMismatchDataType", `Data type incorrect: ${actual} (expecting ${expected})`, {
    fields: { requested: expected, actual },
    isAtOperator: true,
  });
}

export function mismatchOutput(actual: string, expected: string): never {
  raise("ErrorMismatchOutputType", `Output type incorrect: ${actual} (expecting ${expected})`, {
    requested: expected,
    actual,
  });
}

function boundsText(what: string, where: string, length: number, index: number | bigint): string {
  const [one, many] = where === "array" ? ["element", "elements"] : ["character", "characters"];
  const rest = length === 0 ? `${where} is empty` : `only ${length} ${length === 1 ? one : many} in ${where}`;
  return `${what} index ${index} out of bounds: ${rest}`;
}

export function arrayBounds(length: number, index: number | bigint): never {
  raise("ErrorArrayBounds", boundsText("Array", "array", length, index), { index, length });
}

export function stringBounds(length: number, index: number | bigint): never {
  raise("ErrorStringBounds", boundsText("String", "string", length, index), { index, length });
}

export function bitBounds(index: number | bigint, length = 64): never {
  const text = `Bit-field index ${index} out of bounds: only ${length} bits in bit-field`;
  raise("ErrorBitFieldBounds", text, { index, length });
}

export function variableNotFound(name: string): never {
  raise("ErrorVariableNotFound", `Variable not found: ${name}`, { variable: name });
}

export function variableExists(name: string): never {
  raise("ErrorVariableExists", `Variable already defined: ${name}`, { variable: name });
}

export function forbiddenVariable(name: string): never {
  raise("ErrorForbiddenVariable", `Forbidden variable name: ${name}`, { variable: name });
}

export function propertyNotFound(name: string): never {
  raise("ErrorPropertyNotFound", `Property not found: ${name}`, { variable: name });
}

export function indexNotFound(index: Value): never {
  raise("ErrorIndexNotFound", `Invalid index: ${displayText(index)}`, { index });
}

export function moduleNotFound(path: string): never {
  raise("ErrorModuleNotFound", `Module not found: ${path}`, { module: path });
}

export function unboundThis(): never {
  raise("ErrorUnboundThis", "'this' not bound", {});
}

/** `text` is the whole message. */
export function dotExpr(text: string): never {
  raise("ErrorDotExpr", text, { property: text });
}

export function unknownProperty(object: Value, name: string): never {
  dotExpr(`Unknown property '${name}' - a getter is not registered for type '${typeName(object)}'`);
}

export function unwritableProperty(object: Value, name: string, value: Value): never {
  dotExpr(
    `No writable property '${name}' - a setter is not registered for type '${typeName(object)}' to handle '${typeName(value)}'`,
  );
}

export function indexingType(object: Value, index: Value): never {
  const type = `${typeName(object)} [${typeName(index)}]`;
  raise("ErrorIndexingType", `Indexer unavailable: ${type}`, { type });
}

/** Like `indexingType`, for a write. */
export function indexSetType(object: Value, index: Value, value: Value): never {
  const type = `${typeName(object)} [${typeName(index)}] = ${typeName(value)}`;
  raise("ErrorIndexingType", `Indexer unavailable: ${type}`, { type });
}

export function forExpr(): never {
  raise("ErrorFor", "For loop expects iterable type", {});
}

export function dataRace(variable: string): never {
  raise("ErrorDataRace", `Data race detected on variable '${variable}'`, { variable });
}

export function constMethod(name: string): never {
  raise("ErrorNonPureMethodCallOnConstant", `Non-pure method '${name}' cannot be called on constant`, {
    function: name,
  });
}

export function constAssign(name: string): never {
  raise("ErrorAssignmentToConstant", `Cannot modify constant ${name}`, { variable: name });
}

/** `throw value`. */
export function runtimeError(value: Value): never {
  const text = value === undefined || value === "" ? "" : displayText(value);
  throw new RhaiError("ErrorRuntime", text === "" ? "Runtime error" : `Runtime error: ${text}`, {
    thrown: value,
  });
}

export function tooManyVariables(): never {
  raise("ErrorTooManyVariables", "Too many variables defined", {});
}

export function tooManyModules(): never {
  raise("ErrorTooManyModules", "Too many modules imported", {});
}

export function stackOverflow(): never {
  raise("ErrorStackOverflow", "Stack overflow", {});
}

export function terminated(): never {
  raise("ErrorTerminated", "Script terminated", {});
}

/** A script that `eval` could not parse. `text` without "Syntax error". */
export function parsing(text: string): never {
  raise("ErrorParsing", `Syntax error: ${text}`, {});
}

export function system(text: string): never {
  raise("ErrorSystem", text, {});
}
