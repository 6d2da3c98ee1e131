/** One line of the input of `rhai eval --jsonl` → one line of its output. */
import { evaluateRow } from "./evaluate-row.ts";
import { type Row, type RowError } from "./row.ts";

/** Never throws. */
export function evaluateLine(line: string): string {
  const row = parseRow(line);
  if ("problem" in row) return refusal(row.id, { variant: "MalformedRow", msg: row.problem });
  return JSON.stringify(evaluateRow(row));
}

/** The answer to a line that never came to run, or did not end. `id` undefined: unknown. */
export function refusal(
  id: unknown,
  { variant, msg }: { readonly variant: string; readonly msg: string },
): string {
  const error: RowError = { kind: "row", variant, msg, line: null, col: null };
  return JSON.stringify({ id: id ?? null, ok: false, error, printed: [] });
}

/** What the line says that its id is. */
export function idOf(line: string): unknown {
  const row = parseRow(line);
  return row.id;
}

function parseRow(line: string): Row | { readonly id: unknown; readonly problem: string } {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch (error) {
    return { id: undefined, problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (typeof row !== "object" || row === null || Array.isArray(row))
    return { id: undefined, problem: "not an object with id and code" };
  const id = "id" in row ? row.id : undefined;
  if (!("code" in row) || typeof row.code !== "string")
    return { id, problem: "code is missing, or no string" };
  const problem = checkOptions(row);
  // The id is echoed, whatever it is.
  return problem === undefined ? (row as Row) : { id, problem };
}

function checkOptions(row: object): string | undefined {
  const { limits = {}, modules = {}, scope = {} } = row as Partial<Record<keyof Row, unknown>>;
  if (!isRecord(scope)) return "scope is no object of values";
  if (!isRecord(limits) || Object.values(limits).some((limit) => !isCount(limit)))
    return "limits is no object of whole numbers";
  if (!isRecord(modules) || Object.values(modules).some((source) => typeof source !== "string"))
    return "modules is no object of sources";
  const flags = ["strict", "shadowing", "looping", "fail_on_invalid_map_property"] as const;
  const wrong = flags.find((flag) => {
    const value = (row as Record<string, unknown>)[flag];
    return value !== undefined && typeof value !== "boolean";
  });
  return wrong === undefined ? undefined : `${wrong} is neither true nor false`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
