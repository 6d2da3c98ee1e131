/** JSON as text: how values of scripts cross the server. The text is never parsed and printed again on its way, so that
 *  `4.0` and integers beyond 2^53 stay what they are. */
import { PicloudError } from "./errors.ts";
import { isStorableText, utf8Bytes } from "./text.ts";

/** Valid JSON text. Made by `jsonText` from JavaScript values or by `checkedJson` from hostile text. */
export class JsonText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }

  /** `JSON.stringify` writes the value with its numbers as they are in the text. */
  toJSON(): unknown {
    return exactJson(this.text);
  }
}

/** What can be a number that JavaScript would write in another way: `4.0`, `1E5`, `-0`, many digits. */
const MAYBE_INEXACT = /\d[.eE]|\d{16}|-0/;

/** The value of JSON text like `JSON.parse`, but a number that JavaScript would write in another way (`4.0`, digits beyond
 *  2^53) is an object that `JSON.stringify` writes as it was (`JSON.rawJSON`). */
export function exactJson(text: string): unknown {
  return MAYBE_INEXACT.test(text) ? JSON.parse(text, keepInexact) : JSON.parse(text);
}

/** ECMAScript 2026, "JSON.parse source text access"; not yet among TypeScript's own types. */
interface JsonWithSource {
  rawJSON(text: string): object;
}

function keepInexact(_key: string, value: unknown, ...rest: readonly unknown[]): unknown {
  if (typeof value !== "number") return value;
  const { source = "" } = (rest[0] ?? {}) as { readonly source?: string };
  return String(value) === source ? value : (JSON as unknown as JsonWithSource).rawJSON(source);
}

const nestingMax = 64;

/** Refuses what can't be stored: not JSON, over `bytesMax` bytes of UTF-8, nested deeper than `depthMax`, a string with
 *  U+0000 or a lone surrogate. Throws `invalid` or `too_large`, naming `field` and the path inside it. */
export function checkedJson(text: string, field: string, bytesMax: number, depthMax = nestingMax): JsonText {
  if (text.length > bytesMax || (text.length * 3 > bytesMax && utf8Bytes(text) > bytesMax)) {
    throw new PicloudError("too_large", `${field} has more than ${bytesMax} bytes of JSON`, {
      fields: [{ path: field, message: `at most ${bytesMax} bytes` }],
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(field, "is not JSON", error);
  }
  check(value, field, depthMax);
  return new JsonText(text);
}

/** Walks the parsed value; the text itself stays as it is. */
function check(value: unknown, path: string, depthLeft: number): void {
  if (typeof value === "string") {
    if (!isStorableText(value)) throw invalid(path, "has U+0000 or half of a surrogate pair");
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (depthLeft === 0) throw invalid(path, `is nested deeper than ${nestingMax}`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) check(value[i], `${path}[${i}]`, depthLeft - 1);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (!isStorableText(key))
      throw invalid(path, "has a member name with U+0000 or half of a surrogate pair");
    check(item, `${path}.${key}`, depthLeft - 1);
  }
}

function invalid(path: string, message: string, cause?: unknown): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }], cause });
}

/** JSON text of a value of ours. `undefined` is `null`. */
export function jsonText(value: unknown): JsonText {
  return value instanceof JsonText ? value : new JsonText(JSON.stringify(value) ?? "null");
}
