import { describe, expect, test } from "vitest";
import { parse } from "../syntax/parser.ts";
import { type Binding, type Scopes } from "./binding.ts";
import { analyseScopes } from "./scope.ts";

function scopesOf(source: string, given: readonly string[] = []): Scopes {
  const { program, diagnostics } = parse(source);
  expect(diagnostics).toEqual([]);
  return analyseScopes(program, { given });
}

/** Every use of a name, in the order of the text: what it means. */
function usesOf(scopes: Scopes, name: string): string[] {
  return [...scopes.uses]
    .filter(([node]) => node.name === name)
    .map(([, use]) => (use.kind === "binding" ? `${use.binding.kind} ${use.binding.id}` : use.kind));
}

function bindings(scopes: Scopes, name: string): Binding[] {
  return scopes.units.flatMap((unit) => unit.bindings).filter((binding) => binding.name === name);
}

describe("variables", () => {
  test("a second let of a name is another variable; the value still sees the first", () => {
    expect(usesOf(scopesOf("let x = 1; let x = x + 1; x"), "x")).toEqual(["let 0", "let 1"]);
  });

  test("a block ends its variables", () => {
    expect(usesOf(scopesOf("let x = 1; { let x = 2; x; } x"), "x")).toEqual(["let 1", "let 0"]);
  });

  test("variables of loops and handlers", () => {
    const scopes = scopesOf("for (a, b) in [1] { a; b; } try { 1; } catch (e) { e; } a");
    expect(usesOf(scopes, "a")).toEqual(["loop 1", "missing"]);
    expect(usesOf(scopes, "b")).toEqual(["counter 0"]);
    expect(usesOf(scopes, "e")).toEqual(["catch 2"]);
  });

  test("functions see nothing of outside but their parameters", () => {
    const scopes = scopesOf("let x = 1; fn f(y) { x + y } f(x)");
    expect(usesOf(scopes, "x")).toEqual(["let 0", "missing"]);
    expect(usesOf(scopes, "y")).toEqual(["param 1"]);
  });

  test("given variables, names of functions, constants of the top level", () => {
    const scopes = scopesOf("const A = 1; fn f() { global::A } [ctx, f, A]", ["ctx"]);
    expect(usesOf(scopes, "ctx")).toEqual(["given 0"]);
    expect(usesOf(scopes, "f")).toEqual(["function"]);
    expect(usesOf(scopes, "A")).toEqual(["const 1", "global"]);
  });

  test("names that JavaScript has on every object are ordinary", () => {
    const scopes = scopesOf("let constructor = 1; constructor; toString; let then = 2; then");
    expect(usesOf(scopes, "constructor")).toEqual(["let 0"]);
    expect(usesOf(scopes, "toString")).toEqual(["missing"]);
    expect(usesOf(scopes, "then")).toEqual(["let 1"]);
  });
});

describe("closures", () => {
  test("share what they capture, through all levels", () => {
    const scopes = scopesOf("let n = 1; let f = || { || n };");
    const [outer, first, second] = bindings(scopes, "n");
    expect([outer?.kind, first?.kind, second?.kind]).toEqual(["let", "capture", "capture"]);
    expect(outer?.isShared).toBe(true);
    expect(second?.outer).toBe(first);
    expect(first?.outer).toBe(outer);
  });

  test("a constant is copied: it stays unshared, the closure's own can change", () => {
    const scopes = scopesOf("const X = 1; let f = || { X += 1; X };");
    const [constant, own] = bindings(scopes, "X");
    expect([constant?.isShared, constant?.isConst]).toEqual([false, true]);
    expect([own?.isShared, own?.isConst]).toEqual([true, false]);
  });

  test("a parameter hides the variable around", () => {
    const scopes = scopesOf("let x = 1; let f = |x| x; f.call(2)");
    expect(bindings(scopes, "x").map((binding) => binding.isShared)).toEqual([false, false]);
  });

  test("what is not there is missing where the closure is made", () => {
    const scopes = scopesOf("let f = |n| { || f.call(n) };");
    expect(scopes.units.map((unit) => unit.missing.map((name) => name.text))).toEqual([[], ["f"], ["f"]]);
  });
});

describe("what may change", () => {
  const isAssigned = (source: string): boolean | undefined => bindings(scopesOf(source), "x")[0]?.isAssigned;

  test.each([
    ["let x = 1; x = 2;", true],
    ["let x = 1; x += 2;", true],
    ["let x = [1]; x[0] = 2;", true],
    ["let x = #{}; x.a.b = 2;", true],
    ["let x = [1]; x.push(2);", true],
    ["let x = [1]; push(x, 2);", true],
    ["let x = 1; let f = || { x = 2; };", true],
    ["let x = [1]; x.len() + x[0]", false],
    ["let x = 1; print(x); x + 1", false],
  ])("%s", (source, expected) => {
    expect(isAssigned(source)).toBe(expected);
  });

  test("a function that changes `this`", () => {
    const scopes = scopesOf("fn a() { this.len() } fn b() { this += 1 } fn c() { this.x.push(1) }");
    expect(scopes.units.map((unit) => unit.changesThis)).toEqual([false, false, true, true]);
  });
});

test("code with eval or calls in its own scope finds its variables by name", () => {
  const scopes = scopesOf('fn f() { eval("1") } fn g() { f!() } fn h() { f() } let c = || eval("2"); 1');
  expect(scopes.units.map((unit) => [unit.name, unit.isDynamic])).toEqual([
    ["", false],
    ["f", true],
    ["g", true],
    ["h", false],
    ["", true],
  ]);
});

test("functions see the imports of the top level, not those of blocks", () => {
  const scopes = scopesOf('import "a" as a; if true { import "b" as b; b::f(); } fn f() { a::x(); b::x() }');
  expect([...scopes.modules].map(([node, alias]) => `${node.name} ${alias.name}`)).toEqual(["f b", "x a"]);
});
