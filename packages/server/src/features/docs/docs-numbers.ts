/** Numbers of documents: exact, whatever their size, but bounded, because `1e100000` is seven characters that PostgreSQL
 *  writes out as a hundred thousand. */
import { PicloudError } from "@picloud/contract";

/** Digits of a number written out. Every number that JavaScript has fits: 5e-324 has 324. */
export const numberDigitsMax = 400;

/** ECMAScript 2026, "JSON.parse source text access"; not yet among TypeScript's own types. */
interface JsonWithSource {
  isRawJSON(value: unknown): boolean;
}

/** Whether a value of `exactJson` is a number, also one that JavaScript would write in another way. */
export function isNumber(value: unknown): boolean {
  return typeof value === "number" || (JSON as unknown as JsonWithSource).isRawJSON(value);
}

/** `text`: a number as JSON. Throws `invalid`; gives the number of its digits when written out. */
export function checkNumber(text: string, path: string): number {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const shift = Number(exponent);
  const digits = Math.max(whole.length + shift, 1) + Math.max(fraction.length - shift, 0);
  if (digits <= numberDigitsMax) return digits;
  const message = `has a number with more than ${numberDigitsMax} digits`;
  throw new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}

/** Where it is not found no number is longer than its text. */
const maybeLong = /\d[eE][+-]?\d|\d{300}/;

/** Checks all numbers of a JSON text. `bytesMax`: of all of them written out; throws `too_large` then. */
export function checkNumbersOf(text: string, path: string, bytesMax: number): void {
  if (!maybeLong.test(text)) return;
  let total = 0;
  JSON.parse(text, (_key, value: unknown, ...rest: readonly unknown[]) => {
    const { source = "" } = (rest[0] ?? {}) as { readonly source?: string };
    if (typeof value === "number") total += checkNumber(source, path);
    return value;
  });
  if (total <= bytesMax) return;
  const message = `has more than ${bytesMax} bytes when its numbers are written out`;
  throw new PicloudError("too_large", `${path} ${message}`, { fields: [{ path, message }] });
}
