/** Is an answer what the row expects? */
import { type Answer } from "../src/cli/row.ts";
import { type CorpusRow } from "./corpus-rows.ts";

/** The answers that count as right, as they are compared. */
function alternatives(row: CorpusRow): unknown[] {
  return [row.expect, row.expect_noopt, row.expect_1_25]
    .filter((outcome) => outcome !== undefined)
    .map((outcome) => essence(outcome));
}

/** What is compared of an outcome: not the id and not the count of operations; names of closures made equal. */
function essence(outcome: object): unknown {
  const kept = Object.entries(outcome).filter(([key]) => key !== "ops" && key !== "id");
  return normalised(Object.fromEntries(kept));
}

function normalised(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll(/anon\$[0-9a-f]{16}/g, "anon$*");
  if (Array.isArray(value)) return value.map(normalised);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, normalised(part)]),
  );
}

const NUMBER = /-?\d+(?:\.\d+)?(?:e-?\d+)?/g;
/** Relative difference that counts as the last digit: a few units in the last place of a float. */
const LAST_DIGIT = 4 * Number.EPSILON;

/** Equal; or, with `isApproximate`, equal but for the last digit of floats in the texts. */
function isEqual(a: unknown, b: unknown, isApproximate: boolean): boolean {
  if (typeof a === "string" && typeof b === "string") return a === b || (isApproximate && isTextClose(a, b));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => isEqual(item, b[at], isApproximate));
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  if (Array.isArray(a) || Array.isArray(b) || keys.length !== Object.keys(b).length) return false;
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], isApproximate),
  );
}

function isTextClose(a: string, b: string): boolean {
  if (a.replaceAll(NUMBER, "#") !== b.replaceAll(NUMBER, "#")) return false;
  const [left, right] = [a.match(NUMBER) ?? [], b.match(NUMBER) ?? []];
  return left.every((text, at) => isNumberClose(text, right[at] ?? ""));
}

function isNumberClose(a: string, b: string): boolean {
  if (a === b) return true;
  // Ints are never approximate.
  if (!/[.e]/.test(a) || !/[.e]/.test(b)) return false;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= LAST_DIGIT * Math.max(Math.abs(x), Math.abs(y));
}

export function isRight(row: CorpusRow, answer: Answer): boolean {
  const given = essence(answer);
  return (
    answer.id === row.id && alternatives(row).some((right) => isEqual(right, given, row.approx === true))
  );
}

/** The answer beside what was expected, for people. */
export function showDifference(row: CorpusRow, answer: Answer): string {
  const lines = alternatives(row).map((right) => `  expected ${JSON.stringify(right)}`);
  const code = row.code.split("\n").map((line) => `  | ${line}`);
  return [row.id, ...code, ...lines, `  got      ${JSON.stringify(essence(answer))}`].join("\n");
}
