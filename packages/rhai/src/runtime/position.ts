/** Where an error happened, and through which calls it came: read from the JavaScript stack when someone asks. */
import { type Place } from "./caught.ts";
import { RhaiError, uncatchable } from "./error.ts";
import { tableOf, type UnitTable } from "./unit.ts";

/** An error with its place; `inner` is the error in the called function. */
export interface Trace {
  readonly error: RhaiError;
  readonly place: Place | undefined;
  readonly inner: Trace | undefined;
}

interface Frame {
  readonly place: Place | undefined;
  /** Of an assignment: of its operator. Of an index: of its bracket. */
  readonly other: Place | undefined;
  /** Name of the function; "" is main. */
  readonly label: string;
}

/** The error as it arrives `calls` script functions further out; all the way if that is not given. */
export function traceOf(error: RhaiError, calls = Infinity): Trace {
  const frames = framesOf(error);
  if (uncatchable.has(error.variant)) {
    return { error, place: error.isPlaceless ? undefined : frames.at(-1)?.place, inner: innerOf(error) };
  }
  const [first] = frames;
  const place = error.isAtOperator || error.variant === "ErrorIndexingType" ? first?.other : first?.place;
  let trace = innermost(error, error.isPlaceless ? undefined : place);
  for (let i = 0; i < Math.min(calls, frames.length - 1); i++) {
    const { label } = frames[i] ?? { label: "" };
    if (label === "") break;
    trace = { error: wrapped(trace, label), place: frames[i + 1]?.place, inner: trace };
  }
  return trace;
}

/** The error where it was thrown. Errors that a library function wraps happened at the same place. */
function innermost(error: RhaiError, place: Place | undefined): Trace {
  const { inner } = error;
  if (
    inner === undefined ||
    inner.isPlaceless ||
    inner.parse !== undefined ||
    !error.text.startsWith(`${inner.text}\n`)
  )
    return { error, place, inner: innerOf(error) };
  const inside = innermost(inner, place);
  return {
    error: withText(error, textOf(inside) + error.text.slice(inner.text.length)),
    place,
    inner: inside,
  };
}

/** The same error with another text. Its stack would say nothing. */
function withText({ variant, fields, thrown, inner }: RhaiError, text: string): RhaiError {
  return stackless(
    () => new RhaiError(variant, text, { fields, thrown, ...(inner === undefined ? {} : { inner }) }),
  );
}

function stackless(make: () => RhaiError): RhaiError {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = make();
  Error.stackTraceLimit = limit;
  return error;
}

function innerOf({ inner }: RhaiError): Trace | undefined {
  return inner === undefined ? undefined : { error: inner, place: undefined, inner: innerOf(inner) };
}

/** Native's text of an error, with its place. */
export function textOf({ error, place }: Trace): string {
  return place === undefined ? error.text : `${error.text} (line ${place.line}, position ${place.column})`;
}

function wrapped(inner: Trace, label: string): RhaiError {
  const isClosure = label.startsWith("anon$");
  const text = `${textOf(inner)}\n${isClosure ? "in closure call" : `in call to function '${label}'`}`;
  const fields = { function: label, source: "" };
  return stackless(() => new RhaiError("ErrorInFunctionCall", text, { fields, inner: inner.error }));
}

/** Frames of compiled code, innermost first. */
function framesOf(error: RhaiError): Frame[] {
  const frames: Frame[] = [];
  for (const line of (error.stack ?? "").split("\n")) {
    const match = /rhai:([\w-]+):(\d+):\d+\)?$/.exec(line);
    const table = match === null ? undefined : tableOf(match[1] ?? "");
    if (match !== null && table !== undefined)
      frames.push(frameAt(table, Number(match[2]) - table.lineOffset));
  }
  return frames;
}

interface Decoded {
  /** Lines of the text that have a place, in order. */
  readonly lines: number[];
  readonly places: Place[];
  /** Second places, by line of the text. */
  readonly others: Map<number, Place>;
  /** First lines of functions, in order. */
  readonly starts: number[];
  readonly labels: string[];
}

const decoded = new WeakMap<UnitTable, Decoded>();

function decode(table: UnitTable): Decoded {
  const known = decoded.get(table);
  if (known !== undefined) return known;
  const made: Decoded = { lines: [], places: [], others: new Map(), starts: [], labels: [] };
  let js = 0;
  let line = 0;
  let column = 0;
  for (const entry of table.positions === "" ? [] : table.positions.split(";")) {
    const [a = 0, b = 0, c = 0, d, e = 0] = entry.split(",").map((part) => Number.parseInt(part, 36));
    js += a;
    line += b;
    column += c;
    made.lines.push(js);
    made.places.push({ line, column });
    if (d !== undefined) made.others.set(js, { line: line + d, column: column + e });
  }
  for (const entry of table.functions.split(";")) {
    const [start = "", label = ""] = entry.split(":");
    made.starts.push(Number(start));
    made.labels.push(label);
  }
  decoded.set(table, made);
  return made;
}

function frameAt(table: UnitTable, line: number): Frame {
  const { lines, places, others, starts, labels } = decode(table);
  const owner = lastUpTo(starts, line);
  const at = lastUpTo(lines, line);
  const isInside = (lines[at] ?? 0) >= (starts[owner] ?? 0);
  const place = isInside ? places[at] : undefined;
  return { place, other: others.get(lines[at] ?? 0) ?? place, label: labels[owner] ?? "" };
}

/** Index of the last number that is not above the limit; -1 if there is none. */
function lastUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
