/** Values on the command line: text, `@file`, `-` or `@-` for stdin, and how text becomes JSON. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exactJson as exactValue, JsonText } from "@picloud/contract/values";
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

/** The value, or its text where numbers are written in a way that JavaScript would change: they are sent as they are. */
function exactJson(argument: ValueArgument, text: string): unknown {
  const value: unknown = JSON.parse(text, (_key: string, member: unknown) => {
    if (typeof member !== "number" || Number.isFinite(member)) return member;
    throw inputError(`a number in ${argument.origin} is beyond what a number can be`, {
      cause: "the largest is about 1.8e308",
      fix: "put it in quotes, to store it as text",
    });
  });
  return JSON.stringify(exactValue(text)) === JSON.stringify(value) ? value : new JsonText(text);
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
