/** Elements of values that are known to be arrays: inline JavaScript with the helper for what is out of bounds. */
import { type Type } from "../analysis/type.ts";
import { boxed, mark, quote } from "./code.ts";
import { type Frame } from "./frame.ts";
import { indexAt, type Step, type Stored } from "./step.ts";
import { twice } from "./typed.ts";

/** The condition that an index is within the items. */
function within(type: Type, key: string, object: string): string {
  const isPositive = type.tag === "int" && type.lo >= 0;
  return `${isPositive ? "" : `${key} >= 0 && `}${key} < ${object}.items.length`;
}

/** Is it an element of an array, at an index that is an int? */
function isItem(frame: Frame, { node, key }: Step): boolean {
  if (node.kind !== "index" || key === undefined) return false;
  return frame.type(node.target).tag === "array" && frame.type(node.index).tag === "int";
}

/** The key of an entry of a value that is known to be a map; undefined if it is not that. */
function entryKey(frame: Frame, { node, key }: Step): string | undefined {
  if (node.isElvis || frame.type(node.target).tag !== "map") return undefined;
  if (node.kind === "property") return quote(node.name);
  return frame.type(node.index).tag === "string" ? key : undefined;
}

/** Text of an entry, `map.name` or `map[key]`; undefined if the types don't say enough. */
export function readEntry(frame: Frame, object: string, step: Step, way: "" | "Ref"): string | undefined {
  const key = entryKey(frame, step);
  if (key === undefined) return undefined;
  const place = mark(indexAt(step.node), step.node.at);
  if (way === "Ref") return `${place}${frame.rt("entryRef")}(${object}, ${key})`;
  const o = twice(frame, object);
  const k = SIMPLE_KEY.test(key) ? { first: "", name: key } : twice(frame, key);
  const helper = `${place}${frame.rt("entryOf")}(${o.name}, ${k.name})`;
  return `(${o.first}${k.first}${o.name}.entries.get(${k.name}) ?? ${helper})`;
}

const SIMPLE_KEY = /^"[^"\\]*"$/;

/** Text of `object[key]`; undefined if the types don't say enough. "Ref": on the way to a change inside of the element. */
export function readItem(frame: Frame, object: string, step: Step, way: "" | "Ref"): string | undefined {
  const { node, key } = step;
  if (node.kind !== "index" || key === undefined || !isItem(frame, step)) return undefined;
  const o = twice(frame, object);
  const k = twice(frame, key);
  const isOwn = way === "Ref" ? `!${o.name}.shared && ` : "";
  const helper = `${mark(indexAt(node), node.at)}${frame.rt(`getIndex${way}`)}(${o.name}, ${k.name})`;
  const test = within(frame.type(node.index), k.name, o.name);
  return `(${o.first}${k.first}${isOwn}${test} ? ${o.name}.items[${k.name}] : ${helper})`;
}

/** Writes `object[key] = value`; false if the types don't say enough. An array is never replaced by a store. */
export function storeItem(frame: Frame, object: string, step: Step, value: Stored): boolean {
  const { node, key } = step;
  const place = mark(indexAt(node), value.operatorAt ?? node.at, node.at);
  const entry = entryKey(frame, step);
  if (entry !== undefined) {
    frame.line(`${place}${frame.rt("setEntry")}(${object}, ${entry}, ${boxed(value.code)});`);
    return true;
  }
  if (node.kind !== "index" || key === undefined || !isItem(frame, step)) return false;
  const o = twice(frame, object);
  const k = twice(frame, key);
  const v = twice(frame, boxed(value.code));
  const first = o.first + k.first + v.first;
  if (first !== "") frame.line(`${first.slice(0, -2)};`);
  const test = within(frame.type(node.index), k.name, o.name);
  frame.line(`if (!${o.name}.shared && ${test}) ${o.name}.items[${k.name}] = ${v.name};`);
  frame.line(`else ${place}${frame.rt("setIndex")}(${o.name}, ${k.name}, ${v.name});`);
  return true;
}
