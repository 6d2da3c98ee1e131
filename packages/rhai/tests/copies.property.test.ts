/** Arrays and maps are values, though they share content until they change: random programs that copy and change them, against a
 *  model that copies everything at once. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateRow } from "../src/cli/evaluate-row.ts";
import { showAnswer } from "./case-files.ts";

/** Numbers are floats: ints have elements too, their bits. */
type Item = number | Item[] | { k: Item };
type Names = "a" | "b" | "c";
type Model = Record<Names, Item>;

interface Place {
  readonly name: Names;
  readonly path: readonly (number | "k")[];
}

interface Step {
  readonly code: string;
  /** Changes the model, or throws Refused and leaves it. */
  readonly run: (model: Model) => void;
}

class Refused extends Error {}

const ITEMS_MAX = 400;
const functions = `
fn grow(x) { this.push(x); if type_of(x) == "array" { x.push(7.0); } }
fn longer(x) { if type_of(x) == "array" { x.push(0.0); } x }
`;

const name = fc.constantFrom<Names>("a", "b", "c");
const place = fc.record({ name, path: fc.array(fc.constantFrom(0, 1, -1, "k" as const), { maxLength: 3 }) });

function text({ name: base, path }: Place): string {
  return base + path.map((index) => (index === "k" ? ".k" : `[${index}]`)).join("");
}

/** Position of an index in an array. */
function at(items: Item, index: number): number {
  if (!Array.isArray(items)) throw new Refused();
  const position = index < 0 ? index + items.length : index;
  if (position < 0 || position >= items.length) throw new Refused();
  return position;
}

function inside(value: Item, key: number | "k"): Item {
  if (key !== "k") return (value as Item[])[at(value, key)] ?? 0;
  if (typeof value === "number" || Array.isArray(value)) throw new Refused();
  return value.k;
}

/** The value itself. */
function reach(model: Model, { name: base, path }: Place): Item {
  return path.reduce(inside, model[base]);
}

function read(model: Model, from: Place): Item {
  return structuredClone(reach(model, from));
}

function store(model: Model, { name: base, path }: Place, value: Item): void {
  const last = path.at(-1);
  if (last === undefined) {
    model[base] = value;
    return;
  }
  const container = reach(model, { name: base, path: path.slice(0, -1) });
  if (last !== "k") (container as Item[])[at(container, last)] = value;
  else if (typeof container === "number" || Array.isArray(container)) throw new Refused();
  else container.k = value;
}

function array(model: Model, from: Place): Item[] {
  const value = reach(model, from);
  if (!Array.isArray(value)) throw new Refused();
  return value;
}

/** The receiver is looked at when the arguments are known. */
function change(model: Model, to: Place, from: Place, how: (items: Item[], value: Item) => void): void {
  const value = read(model, from);
  how(array(model, to), value);
}

const two = fc.tuple(place, place);
const step: fc.Arbitrary<Step> = fc.oneof(
  two.map(([to, from]) => ({
    code: `${text(to)} = ${text(from)};`,
    run: (model: Model) => store(model, to, read(model, from)),
  })),
  two.map(([to, from]) => ({
    code: `${text(to)} = [${text(from)}, 1.0, ${text(from)}];`,
    run: (model: Model) => store(model, to, [read(model, from), 1, read(model, from)]),
  })),
  two.map(([to, from]) => ({
    code: `${text(to)} = #{k: ${text(from)}};`,
    run: (model: Model) => store(model, to, { k: read(model, from) }),
  })),
  two.map(([to, from]) => ({
    code: `${text(to)}.push(${text(from)});`,
    run: (model: Model) => change(model, to, from, (items, value) => items.push(value)),
  })),
  two.map(([to, from]) => ({
    code: `${text(to)}.insert(0, ${text(from)});`,
    run: (model: Model) => change(model, to, from, (items, value) => items.unshift(value)),
  })),
  two.map(([to, from]) => ({
    code: `${text(to)}.grow(${text(from)});`,
    run: (model: Model) => change(model, to, from, (items, value) => items.push(value)),
  })),
  two.map(([to, from]) => ({
    code: `if type_of(${text(from)}) == "array" { ${text(to)} += ${text(from)}; }`,
    run: (model: Model) =>
      change(model, to, from, (items, value) => Array.isArray(value) && items.push(...value)),
  })),
  two.map(([to, from]) => ({
    code: `${text(to)} = longer(${text(from)});`,
    run: (model: Model) => {
      const value = read(model, from);
      if (Array.isArray(value)) value.push(0);
      store(model, to, value);
    },
  })),
  two.map(([to, from]) => ({
    code: `if type_of(${text(from)}) == "array" { ${text(to)} = ${text(from)}.map(|e| { if type_of(e) == "array" { e.push(5.0); } e }); }`,
    run: (model: Model) => {
      const items = structuredClone(array(model, from));
      for (const item of items) if (Array.isArray(item)) item.push(5);
      store(model, to, items);
    },
  })),
  place.map((to) => ({
    code: `${text(to)}.for_each(|| { if type_of(this) == "array" { this.push(6.0); } else if type_of(this) == "f64" { this += 1.0; } });`,
    run: (model: Model) => {
      const items = array(model, to);
      items.forEach((item, index) => {
        if (Array.isArray(item)) item.push(6);
        else if (typeof item === "number") items[index] = item + 1;
      });
    },
  })),
  place.map((to) => ({
    code: `for e in ${text(to)} { if type_of(e) == "array" { e.push(9.0); } }`,
    run: (model: Model) => void array(model, to),
  })),
  place.map((to) => ({
    code: `${text(to)}.reverse();`,
    // oxlint-disable-next-line unicorn/no-array-reverse -- in place, as the script does it
    run: (model: Model) => void array(model, to).reverse(),
  })),
  place.map((to) => ({ code: `${text(to)}.pop();`, run: (model: Model) => void array(model, to).pop() })),
);

function sizeOf(item: Item): number {
  if (typeof item === "number") return 1;
  return Array.isArray(item)
    ? item.reduce<number>((sum, inner) => sum + sizeOf(inner), 1)
    : 1 + sizeOf(item.k);
}

/** What stands around the steps: it decides where the variables live. */
interface Frame {
  readonly before: readonly [string, string];
  readonly after: string;
}

const frames: readonly (readonly [string, Frame])[] = [
  ["plain variables", { before: ["", ""], after: "" }],
  ["captured variables", { before: ["", ""], after: " let keep = || [a, b, c];" }],
  ["variables found by name", { before: ["", ""], after: ' eval("1");' }],
  ["variables of a function", { before: ["fn main() { ", " } main()"], after: "" }],
];

/** The program's lines, as long as its values stay small, and what it gives. */
function follow(steps: readonly Step[], { before: head, after }: Frame): { code: string; expected: Item[] } {
  const model: Model = { a: [1, [2]], b: [[3]], c: { k: [4] } };
  const lines: string[] = [];
  for (const { code, run } of steps) {
    const before = structuredClone(model);
    try {
      run(model);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      Object.assign(model, before);
    }
    if (sizeOf(Object.values(model)) > ITEMS_MAX) {
      Object.assign(model, before);
      break;
    }
    lines.push(`try { ${code} } catch { }`);
  }
  const start = "let a = [1.0, [2.0]]; let b = [[3.0]]; let c = #{k: [4.0]};";
  const [open, close] = head;
  const code = `${functions}${open}${start}${after}\n${lines.join("\n")}\n[a, b, c]${close}`;
  return { code, expected: [model.a, model.b, model.c] };
}

function show(item: Item): string {
  if (typeof item === "number") return `${item}.0`;
  return Array.isArray(item) ? `[${item.map(show).join(", ")}]` : `#{"k": ${show(item.k)}}`;
}

test.each(frames)(
  "copies never see a change of the other, however they are nested: %s",
  (_, frame) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
        const { code, expected } = follow(steps, frame);
        expect(showAnswer(evaluateRow({ id: "copies", code }))).toBe(show(expected));
      }),
      { numRuns: 150 },
    );
  },
  60_000,
);
