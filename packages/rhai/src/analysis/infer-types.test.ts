import { describe, expect, test } from "vitest";
import { parse } from "../syntax/parser.ts";
import { type Binding } from "./binding.ts";
import { analyseScopes } from "./scope.ts";
import { type Type } from "./type.ts";
import { inferTypes } from "./infer-types.ts";

function shown(type: Type): string {
  if (type.tag === "array") return `[${shown(type.item)}]`;
  if (type.tag !== "int" && type.tag !== "range") return type.tag;
  return `${type.tag} ${String(type.lo)}..${String(type.hi)}`;
}

/** Types of the variables, by name. */
function typesOf(source: string, hasCallers = false): Record<string, string> {
  const scopes = analyseScopes(parse(source).program);
  const types = inferTypes(scopes, { hasCallers });
  const all = scopes.units.flatMap((unit: { bindings: readonly Binding[] }) => unit.bindings);
  return Object.fromEntries(all.map((binding: Binding) => [binding.name, shown(types.ofBinding(binding))]));
}

describe("variables", () => {
  test("floats, bools, strings", () => {
    expect(
      typesOf(
        `let x = 1.5; let y = x * 2 + 1; let b = x < y; let s = "a" + x; let t = \`\${s}\`; y = 2.0; let z = 1; z = 1.0;`,
      ),
    ).toEqual({ x: "float", y: "float", b: "bool", s: "string", t: "string", z: "any" });
  });

  test("ints by their bounds", () => {
    expect(
      typesOf("for i in 0..1000 { for j in 0..=300 { let k = i * j; let m = (k - i) % 7; let d = k / 3; } }"),
    ).toEqual({
      i: "int 0..999",
      j: "int 0..300",
      k: "int 0..299700",
      m: "int -6..6",
      d: "int 0..299700",
    });
  });

  test("a counter has no end", () => {
    expect(typesOf("let i = 0; while i < 10 { i += 1; } let j = 5; loop { j -= 1; }")).toEqual({
      i: "int 0..Infinity",
      j: "int -Infinity..5",
    });
  });

  test("a loop variable is a number even if its end is not known", () => {
    expect(
      typesOf("fn f(n) { for i in 0..n { let k = i + 1; } } f(5); f(9223372036854775807)"),
    ).toMatchObject({
      i: `int 0..${String(Number.MAX_SAFE_INTEGER)}`,
      k: "int 1..Infinity",
    });
  });

  test("what is captured, declared without a value or changed by eval has any type", () => {
    expect(typesOf("let x = 1.5; let f = || x; let y; y = 1.5;")).toMatchObject({ x: "any", y: "any" });
    expect(typesOf('let x = 1.5; eval("x = 1");')).toEqual({ x: "any" });
  });

  test("taken and replaced", () => {
    expect(typesOf("let x = 1.5; x.take(); let y = 2.5; take(y); let z = 7; z.set_bit(63, true);")).toEqual({
      x: "any",
      y: "any",
      z: "int -Infinity..Infinity",
    });
    expect(typesOf("fn f() { this = 5; } let x = 1.5; x.f();")).toMatchObject({ x: "any" });
    expect(typesOf("let x = 1.5; x.call(|| this = 5); let m = #{}; m.f();")).toMatchObject({
      x: "any",
      m: "any",
    });
    expect(typesOf("fn f() { this + 5 } let x = 1.5; x.f();")).toMatchObject({ x: "float" });
  });
});

describe("arrays", () => {
  test("items are what is put in", () => {
    expect(
      typesOf(
        "let a = []; a.push(1.5); let b = [[1.0]]; b[0][0] = 2.0; b[1] += 3.0; let c = []; c.pad(5, true); push(c, false);",
      ),
    ).toEqual({ a: "[float]", b: "[[float]]", c: "[bool]" });
    expect(
      typesOf(
        "let a = [1.5]; a[0] = 2; let b = [1.5]; b.push(()); let c = [1.5]; c += [1]; let d = [[1.5]]; d[0].push(1);",
      ),
    ).toEqual({
      a: "[any]",
      b: "[any]",
      c: "[any]",
      d: "[[any]]",
    });
  });

  test("methods that are not known may do anything", () => {
    expect(
      typesOf("let a = [1.5]; a.for_each(|| this = 1); let b = [1.5]; b.retain(|x| x > 1.0);"),
    ).toMatchObject({
      a: "[any]",
      b: "[any]",
    });
  });

  test("elements", () => {
    expect(
      typesOf(
        "let a = [1.5]; for x in a { let y = x; } let z = a[0]; let e = a?[0]; let n = a.len(); let m = a.len;",
      ),
    ).toEqual({
      a: "[float]",
      x: "float",
      y: "float",
      z: "float",
      e: "any",
      n: `int 0..${String(Number.MAX_SAFE_INTEGER)}`,
      m: `int 0..${String(Number.MAX_SAFE_INTEGER)}`,
    });
  });
});

describe("functions", () => {
  test("parameters and results come from all calls", () => {
    expect(typesOf("fn half(x) { x / 2.0 } let y = half(3.0); let z = half(y);")).toEqual({
      x: "float",
      y: "float",
      z: "float",
    });
    expect(typesOf("fn half(x) { x / 2.0 } half(3.0); half(3);")).toEqual({ x: "any" });
    expect(typesOf("fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } } let r = fib(24);")).toEqual(
      {
        n: "int -Infinity..24",
        r: "int -Infinity..Infinity",
      },
    );
    expect(typesOf("fn f(x) { if x > 1.0 { return 2.0; } x } let r = f(1.0);")).toEqual({
      x: "float",
      r: "float",
    });
    expect(typesOf("fn f(x) { if x > 1.0 { 2.0 } } let r = f(1.0);")).toEqual({ x: "float", r: "any" });
  });

  test.each([
    ["a pointer", 'fn f(x) { x } f(1.5); let p = Fn("f"); p.call(1);'],
    ["a name as a value", "fn f(x) { x } f(1.5); [1].map(f);"],
    ["a name in a string", 'fn f(x) { x } f(1.5); let s = "f"; [1].map(s);'],
    ["a name made at run time", 'fn foo(x) { x } foo(1.5); [1].map("fo" + "o");'],
    ["eval", 'fn f(x) { x } f(1.5); eval("f(1)");'],
    ["a method call", "fn f(x) { x } f(1.5); (5).f(1);"],
  ])("%s opens a function", (_, source) => {
    expect(typesOf(source)).toMatchObject({ x: "any" });
  });

  test("callers from outside open all functions", () => {
    expect(typesOf("fn f(x) { x } f(1.5);", true)).toEqual({ x: "any" });
  });
});

describe("callbacks", () => {
  test("a closure that is written out gets the items", () => {
    expect(
      typesOf(
        "let a = [1.5]; let b = a.map(|x| x * 2); let c = b.filter(|y, i| y > i); let s = a.reduce(|sum, z| sum + z, 0.0);",
      ),
    ).toEqual({
      a: "[float]",
      b: "[float]",
      c: "[float]",
      s: "float",
      x: "float",
      y: "float",
      i: `int 0..${String(Number.MAX_SAFE_INTEGER)}`,
      sum: "float",
      z: "float",
    });
  });

  test.each([
    ["a variable", "let a = [1.5]; let f = |x| x; a.map(f); f.call(1);"],
    ["no array", "let a = #{}; a.filter(|x| x);"],
    ["an array of anything", "let a = [1.5]; a.push(1); a.map(|x| x);"],
    ["a function of the script", "fn map(f) { f.call(1) } let a = [1.5]; a.map(|x| x);"],
    ["a fold without its result", "let a = [1.5]; a.reduce(|x| x);"],
  ])("%s gives it anything", (_, source) => {
    expect(typesOf(source)).toMatchObject({ x: "any" });
  });
});
