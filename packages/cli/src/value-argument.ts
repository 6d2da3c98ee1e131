/** Values on the command line: text, `@file`, `-` or `@-` for stdin, and how text becomes JSON. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { codeFrame, placeOf } from "./code-frame.ts";
import { inputError } from "./failure.ts";
import type { Io } from "./io.ts";

export interface ValueArgument {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `undefined` when the bytes are not UTF-8. */
  readonly text: string | undefined;
  /** How errors call it: the file's name, `stdin`, or `argument`. */
  readonly origin: string;
}

/** Reads what an argument stands for. `@@x` is the text `@x`. */
export async function readValueArgument(io: Io, argument: string): Promise<ValueArgument> {
  if (argument === "-" || argument === "@-") return valueOf(await io.input.bytes(), "stdin");
  if (argument.startsWith("@") && !argument.startsWith("@@")) {
    const name = argument.slice(1);
    try {
      return valueOf(new Uint8Array(await readFile(resolve(io.cwd, name))), name);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw inputError(`the file ${name} can't be read`, { cause });
    }
  }
  const text = argument.startsWith("@@") ? argument.slice(1) : argument;
  return { bytes: new TextEncoder().encode(text), text, origin: "argument" };
}

function valueOf(bytes: Uint8Array<ArrayBuffer>, origin: string): ValueArgument {
  try {
    return { bytes, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), origin };
  } catch {
    // Not text: for the caller to use as bytes or to refuse.
    return { bytes, text: undefined, origin };
  }
}

/** The JSON value that an argument means. Valid JSON is itself. Other text is a string, unless it begins like an object,
 *  array or string: then it is a mistake in JSON, shown with its place. */
export function jsonOrString(argument: ValueArgument): unknown {
  const text = textOf(argument);
  if (isJson(text)) return exactJson(argument, text);
  if (looksLikeJson(text)) throw notJson(argument, text);
  return withoutFinalNewline(argument, text);
}

/** The argument as a string, whatever it looks like. */
export function plainString(argument: ValueArgument): string {
  return withoutFinalNewline(argument, textOf(argument));
}

/** The argument as JSON; throws with the place of the mistake. */
export function strictJson(argument: ValueArgument): unknown {
  const text = textOf(argument);
  if (!isJson(text)) throw notJson(argument, text);
  return exactJson(argument, text);
}

export function looksLikeJson(text: string): boolean {
  return /^\s*[{["]/.test(text);
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The question is whether it parses.
    return false;
  }
}

/** A wrong number stored silently would be worse than an error: what a double can't hold is refused. */
function exactJson(argument: ValueArgument, text: string): unknown {
  return JSON.parse(text, (_key: string, value: unknown, ...rest: readonly unknown[]) => {
    if (typeof value !== "number") return value;
    // The digits as they were written (ECMAScript 2026, "JSON.parse source text access").
    const { source = "" } = (rest[0] ?? {}) as { readonly source?: string };
    if (isExact(value, source)) return value;
    throw inputError(`the number ${source} in ${argument.origin} can't be kept exactly`, {
      cause: "beyond 9007199254740991 not every whole number can be kept; store it as text",
      fix: `put it in quotes: "${source}"`,
    });
  });
}

function isExact(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return false;
  // What comes back as the same digits is kept, even where the double between is a little off.
  return !/^-?\d+$/.test(source) || BigInt(source) === BigInt(value) || String(value) === source;
}

/** The error for text that begins like JSON and is not. */
export function notJson(argument: ValueArgument, text: string): Error {
  try {
    JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return inputError(`${argument.origin} is not JSON`, {
      frame: codeFrame(text, placeOf(argument.origin, text, mistakeOffset(text, message))),
      cause: message,
    });
  }
  return inputError(`${argument.origin} is not JSON`);
}

/** V8 names the position in most messages; where it does not, the text ended too early. */
function mistakeOffset(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const token = /^Unexpected token '(.)'/su.exec(message)?.[1];
  const found = token === undefined ? -1 : text.lastIndexOf(token);
  return found === -1 ? text.length : found;
}

function textOf(argument: ValueArgument): string {
  if (argument.text !== undefined) return argument.text;
  throw inputError(`${argument.origin} is not UTF-8 text`, { cause: "JSON and strings are UTF-8" });
}

/** Files and pipes end in a line feed that is not part of what was meant; a secret with one never matches. */
function withoutFinalNewline(argument: ValueArgument, text: string): string {
  return argument.origin === "argument" ? text : text.replace(/\r?\n$/, "");
}
