/** Where an error happened, and through which calls it came: read from the JavaScript stack when someone asks. */
import { keepFrames, keptFrames } from "./stack-limit.ts";
import { type Place } from "./caught.ts";
import { RhaiError, uncatchable } from "./error.ts";
import { tableOf, type UnitTable } from "./unit.ts";

/** An error with its place; `inner` is the error in the called function. */
export interface Trace {
  readonly error: RhaiError;
  readonly place: Place | undefined;
  readonly inner: Trace | undefined;
}

export interface Frame {
  readonly place: Place | undefined;
  /** Of an assignment, its operator; then, of an index, its bracket. */
  readonly others: readonly Place[];
  /** Name of the function; "" is main. */
  readonly label: string;
  /** Path of its module; "" in the script itself. */
  readonly path: string;
}

/** The error as it arrives `calls` script functions further out; all the way if that is not given. */
export function traceOf(error: RhaiError, calls = Infinity): Trace {
  const frames = framesOf(error);
  if (uncatchable.has(error.variant)) {
    return { error, place: error.isPlaceless ? undefined : frames.at(-1)?.place, inner: innerOf(error) };
  }
  const [first] = frames;
  const place = placeFor(error, first);
  let trace = innermost(error, error.isPlaceless ? undefined : place);
  for (let i = 0; i < Math.min(calls, frames.length - 1); i++) {
    const { label, path } = frames[i] ?? { label: "", path: "" };
    if (label === "") break;
    trace = { error: wrapped(trace, label, path), place: frames[i + 1]?.place, inner: trace };
  }
  return trace;
}

function placeFor(error: RhaiError, frame: Frame | undefined): Place | undefined {
  const { others = [], place } = frame ?? {};
  if (error.isAtOperator) return others[0] ?? place;
  return error.variant === "ErrorIndexingType" ? (others.at(-1) ?? place) : place;
}

/** The error where it was thrown. Errors that a library function wraps happened at the same place or further inside. */
function innermost(error: RhaiError, place: Place | undefined): Trace {
  const { inner } = error;
  if (
    inner === undefined ||
    inner.isPlaceless ||
    inner.parse !== undefined ||
    !error.text.startsWith(`${inner.text}\n`)
  )
    return { error, place, inner: innerOf(error) };
  // A callback that is found by name has frames of its own.
  const calls = framesOf(inner).length - framesOf(error).length;
  const inside = calls > 0 ? traceOf(inner, calls) : innermost(inner, place);
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
  const limit = keptFrames();
  keepFrames(0);
  const error = make();
  keepFrames(limit);
  return error;
}

function innerOf({ inner }: RhaiError): Trace | undefined {
  return inner === undefined ? undefined : { error: inner, place: undefined, inner: innerOf(inner) };
}

/** Native's text of an error, with its place. */
export function textOf({ error, place }: Trace): string {
  return place === undefined ? error.text : `${error.text} (line ${place.line}, position ${place.column})`;
}

function wrapped(inner: Trace, label: string, path: string): RhaiError {
  const isClosure = label.startsWith("anon$");
  const text = `${textOf(inner)}\n${isClosure ? "in closure call" : `in call to function '${label}'`}${path === "" ? "" : ` @ '${path}'`}`;
  const fields = { function: label, source: path };
  return stackless(() => new RhaiError("ErrorInFunctionCall", text, { fields, inner: inner.error }));
}

/** Frames of compiled code, innermost first. */
export function framesOf(error: RhaiError): Frame[] {
  const frames: Frame[] = [];
  for (const line of (error.stack ?? "").split("\n")) {
    const match = /rhai:([\w-]+):(\d+):\d+\)?$/.exec(line);
    const jsLine = Number(match?.[2] ?? 0);
    const table = tableOf(match?.[1] ?? "", jsLine);
    // The tables count from the text's first line.
    if (table === undefined) continue;
    const frame = frameAt(table, jsLine - table.firstLine + 3);
    const last = frames.at(-1);
    // A loop that is a function of its own belongs to the frame that called it.
    if (last?.label === OUTLINED) frames[frames.length - 1] = { ...last, label: frame.label };
    else frames.push(frame);
  }
  return frames;
}

/** Label of an outlined loop among the functions of a text. */
const OUTLINED = "^";

interface Decoded {
  /** Lines of the text that have a place, in order. */
  readonly lines: number[];
  readonly places: Place[];
  /** Second places, by line of the text. */
  readonly others: Map<number, Place[]>;
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
    const [a = 0, b = 0, c = 0, ...others] = entry.split(",").map((part) => Number.parseInt(part, 36));
    js += a;
    line += b;
    column += c;
    made.lines.push(js);
    made.places.push({ line, column });
    if (others.length > 0) made.others.set(js, othersOf({ line, column }, others));
  }
  for (const entry of table.functions.split(";")) {
    const [start = "", label = ""] = entry.split(":");
    made.starts.push(Number(start));
    made.labels.push(label);
  }
  decoded.set(table, made);
  return made;
}

function othersOf({ line, column }: Place, numbers: readonly number[]): Place[] {
  const places: Place[] = [];
  for (let i = 0; i + 1 < numbers.length; i += 2)
    places.push({ line: line + (numbers[i] ?? 0), column: column + (numbers[i + 1] ?? 0) });
  return places;
}

function frameAt(table: UnitTable, line: number): Frame {
  const { lines, places, others, starts, labels } = decode(table);
  const owner = lastUpTo(starts, line);
  const at = lastUpTo(lines, line);
  const isInside = (lines[at] ?? 0) >= (starts[owner] ?? 0);
  const place = isInside ? places[at] : undefined;
  return { place, others: others.get(lines[at] ?? 0) ?? [], label: labels[owner] ?? "", path: table.path };
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
