import { describe, expect, test } from "vitest";
import { callFn as callFnA } from "./call.co.ts";
import { callFn, callMethod } from "./call.sync.ts";
import { RhaiError } from "./error.ts";
import { makeFn } from "./fn-name.ts";
import { toDebug } from "./format.ts";
import { method } from "./method.ts";
import { native, nativeA } from "./native.ts";
import { add, mul } from "./operators.ts";
import { S } from "./state.ts";
import { defineLibrary } from "./std/all.ts";
import { Arr, Cell, type Code, copy, Dict, FnPtr, type Value } from "./value.ts";

defineLibrary();

const list = (...items: Value[]): Arr => new Arr(items);
const map = (entries: Record<string, Value>): Dict => new Dict(new Map(Object.entries(entries)));

/** A closure as the compiler makes it; `this` comes first. */
function closure(arity: number, code: (self: Value, ...args: Value[]) => Value): FnPtr {
  return new FnPtr("anon$1", { name: "anon$1", code: code as Code, arity, isColoured: false });
}

/** A closure that assigns `this`. */
function changing(arity: number, code: (self: Value, ...args: Value[]) => Value): FnPtr {
  const leaving = (self: Value, ...args: Value[]): undefined => {
    S.self = code(self, ...args);
  };
  const compiled = { name: "anon$1", code: leaving as Code, arity, isColoured: false, setsThis: true };
  return new FnPtr("anon$1", compiled);
}

/** Runs with functions of a script. */
function withFunctions<T>(
  functions: Record<string, (self: Value, ...args: Value[]) => Value>,
  body: () => T,
): T {
  const { functions: before } = S;
  S.functions = new Map(
    Object.entries(functions).map(([key, code]) => {
      const [name = "", arity] = key.split("/");
      return [key, { name, code: code as Code, arity: Number(arity), isColoured: false }] as const;
    }),
  );
  try {
    return body();
  } finally {
    S.functions = before;
  }
}

function call(name: string, ...args: Value[]): string {
  try {
    return toDebug(native(name, args.length)(...args));
  } catch (error) {
    if (error instanceof RhaiError) return `! ${error.text}`;
    throw error;
  }
}

describe("forms of callbacks", () => {
  const numbers = (): Arr => list(3, 1, 2, 2);
  const isTwo = closure(1, (_, x) => x === 2);

  test.each<[string, string, Value[], string]>([
    ["the element", "map", [closure(1, (_, x) => mul(x, 2))], "[6, 2, 4, 4]"],
    ["element and index", "map", [closure(2, (_, x, i) => add(x, i))], "[3, 2, 4, 5]"],
    ["this", "map", [closure(0, (self) => mul(self, 2))], "[6, 2, 4, 4]"],
    [
      "too many",
      "map",
      [closure(3, () => 0)],
      "! Function not found: anon$1 (i64, i64)\nin call to function 'map'",
    ],
    ["no function", "map", [5], "! Function not found: map (array, i64)"],
    ["filter", "filter", [isTwo], "[2, 2]"],
    ["filter wants true", "filter", [closure(1, (_, x) => x)], "[]"],
    ["some", "some", [isTwo], "true"],
    ["all", "all", [isTwo], "false"],
    ["find", "find", [isTwo], "2"],
    ["find from", "find", [isTwo, 9], "()"],
    ["find_map", "find_map", [closure(1, (_, x) => (x === 1 ? "one" : undefined))], '"one"'],
    ["index_of", "index_of", [isTwo, -1], "3"],
    ["reduce", "reduce", [closure(2, (_, sum, x) => add(sum, x)), 100], "108"],
    ["reduce without start", "reduce", [closure(2, (_, sum, x) => add(sum ?? 0, x))], "8"],
    ["reduce with index", "reduce", [closure(3, (_, sum, x, i) => add(sum, mul(x, i))), 100], "111"],
    ["reduce with this", "reduce", [closure(1, (self, sum) => add(sum, self)), 0], "8"],
    [
      "reduce_rev",
      "reduce_rev",
      [closure(3, (_, s, x, i) => add(add(add(s, i), x), " ")), ""],
      '"32 22 11 03 "',
    ],
    ["zip", "zip", [list(10, 20), closure(2, (_, a, b) => add(a, b))], "[13, 21]"],
    ["zip with index", "zip", [list(10, 20), closure(3, (_, a, b, i) => add(add(a, b), i))], "[13, 22]"],
    ["order", "order", [closure(2, (_, a, b) => add(b, -(a as number)))], "[3, 2, 2, 1]"],
  ])("%s", (_, name, args, expected) => {
    expect(call(name, numbers(), ...args)).toBe(expected);
  });

  test.each<[string, Value[], string, string]>([
    ["for_each", [changing(0, (self) => add(self, 1))], "()", "[4, 2, 3, 3]"],
    ["for_each", [changing(1, (self, i) => add(mul(self, 10), i))], "()", "[30, 11, 22, 23]"],
    ["map", [changing(0, (self) => add(self, 1))], "[(), (), (), ()]", "[4, 2, 3, 3]"],
    ["retain", [closure(1, (_, x) => x !== 2)], "[2, 2]", "[3, 1]"],
    ["drain", [isTwo], "[2, 2]", "[3, 1]"],
    ["sort", [closure(2, (_, a, b) => (a as number) > (b as number))], "()", "[3, 2, 2, 1]"],
    ["sort", [closure(1, (_, x) => x)], "()", "[3, 1, 2, 2]"],
    ["dedup", [closure(2, (_, a, b) => (a as number) >= (b as number))], "()", "[3]"],
  ])("%s changes the array", (name, args, result, changed) => {
    const array = numbers();
    const before = copy(array);
    expect(call(name, array, ...args)).toBe(result);
    expect(toDebug(array)).toBe(changed);
    expect(toDebug(before)).toBe("[3, 1, 2, 2]");
  });

  test("callbacks get copies", () => {
    const array = list(list(1), list(2));
    const push = closure(1, (_, x) => native("push", 2)(x, 9));
    call("map", array, push);
    expect(toDebug(array)).toBe("[[1], [2]]");
  });

  test("an error in the middle of drain leaves the rest", () => {
    const array = numbers();
    const failing = closure(1, (_, x) => (x === 2 ? native("no_such", 1)(x) : true));
    expect(call("drain", array, failing)).toBe("! Function not found: no_such (i64)");
    expect(toDebug(array)).toBe("[2, 2]");
  });

  test("maps", () => {
    const entries = (): Dict => map({ b: 2, a: 1 });
    expect(
      call(
        "map",
        entries(),
        closure(2, (_, k, v) => add(k, v)),
      ),
    ).toBe('#{"a": "a1", "b": "b2"}');
    expect(
      call(
        "map",
        entries(),
        closure(1, (self) => mul(self, 2)),
      ),
    ).toBe('#{"a": 2, "b": 4}');
    expect(
      call(
        "filter",
        entries(),
        closure(0, () => true),
      ),
    ).toBe(
      "! Function not found: anon$1 (&str | ImmutableString | String, i64)\nin call to function 'filter'",
    );
    const drained = entries();
    expect(
      call(
        "drain",
        drained,
        closure(2, (_, k) => k === "a"),
      ),
    ).toBe('#{"a": 1}');
    expect(toDebug(drained)).toBe('#{"b": 2}');
    expect(
      call(
        "retain",
        drained,
        closure(1, () => false),
      ),
    ).toBe('#{"b": 2}');
  });
});

describe("by name", () => {
  test("functions of the script, then the library", () => {
    withFunctions(
      { "dbl/1": (_, x) => mul(x, 2), "same/1": () => true, "at/2": (_, x, i) => add(mul(x, 10), i) },
      () => {
        expect(call("map", list(3, 1), "dbl")).toBe("[6, 2]");
        expect(call("map", list(3, 1), makeFn("at"))).toBe("[30, 11]");
        expect(call("map", list("a", "b"), makeFn("to_upper"))).toBe('["A", "B"]');
        expect(call("filter", list(1, 2, 3), "is_odd")).toBe("[1, 3]");
        expect(call("index_of", list("x", "same"), "same")).toBe("0");
        expect(call("index_of", list("x", "no_fn"), "no_fn")).toBe("1");
      },
    );
    expect(call("map", list(3), "no_such")).toBe(
      "! Function not found: no_such (i64, i64)\nin call to function 'map'",
    );
  });

  test("a library function may change the element", () => {
    const array = list(" a ", "b");
    expect(call("for_each", array, makeFn("trim"))).toBe("()");
    expect(toDebug(array)).toBe('["a", "b"]');
  });

  test("names are checked", () => {
    expect(() => makeFn("")).toThrow("Function not found: ");
    expect(() => makeFn("print")).toThrow("'print' is a reserved keyword");
    expect(() => makeFn(5)).toThrow("Data type incorrect: i64 (expecting string)");
  });
});

describe("calls", () => {
  test("cells, curried values, arguments", () => {
    const cell = new Cell(1);
    const code = ((_: Value, captured: Cell, a: Value, b: Value) => add(add(captured.v, a), b)) as Code;
    const fn = new FnPtr("f", { name: "f", code, arity: 2, isColoured: false }, [cell], [10]);
    expect(callFn(fn, undefined, [100])).toBe(111);
    expect(call("curry", fn, 5)).toBe("Fn(f)");
    expect(() => callFn(fn, undefined, [1, 2])).toThrow("Function not found: f (i64, i64, i64)");
  });

  test("x.call(fn) binds this", () => {
    expect(callMethod(10, [closure(1, (self, x) => add(self, x)), 5])).toBe(15);
    expect(callMethod(5, [changing(0, (self) => add(self, 1))])).toBe(undefined);
    expect(S.self).toBe(6);
    expect(() => callMethod(5, [6])).toThrow("Data type incorrect: i64 (expecting Fn)");
  });

  test("a function in a map comes before the library's", () => {
    const held = closure(0, (self) => (self instanceof Dict ? self.entries.size : -1));
    expect(method("len", 1)(map({ len: held, b: 1 }))).toBe(2);
    expect(method("len", 1)(map({ len: 5, b: 1 }))).toBe(2);
    expect(() => method("b", 1)(map({ b: 1 }))).toThrow("Function not found: b (map)");
  });
});

describe("callbacks that suspend", () => {
  /** Runs to the end; each request is answered by its double. */
  function finish(generator: Generator<unknown, Value, unknown>): Value {
    let step = generator.next();
    while (step.done !== true) step = generator.next((step.value as number) * 2);
    return step.value;
  }
  function asking(arity: number): FnPtr {
    const code = function* (_: Value, x: Value): Generator<unknown, unknown, unknown> {
      return yield x;
    } as unknown as Code;
    return new FnPtr("anon$2", { name: "anon$2", code, arity, isColoured: true });
  }

  test("the waiting twins give the same", () => {
    expect(toDebug(finish(nativeA("map", 2)(list(1, 2), asking(1))))).toBe("[2, 4]");
    expect(finish(callFnA(asking(1), undefined, [21]))).toBe(42);
    expect(toDebug(finish(nativeA("len", 1)("abc")))).toBe("3");
  });

  test("sort waits", () => {
    const code = function* (_: Value, a: Value, b: Value): Generator<unknown, unknown, unknown> {
      return ((yield a) as number) - ((yield b) as number);
    } as unknown as Code;
    const array = list(3, 1, 2);
    finish(nativeA("sort", 2)(array, new FnPtr("f", { name: "f", code, arity: 2, isColoured: true })));
    expect(toDebug(array)).toBe("[1, 2, 3]");
  });

  test("a plain call refuses them", () => {
    expect(() => native("map", 2)(list(1), asking(1))).toThrow("internal: colour");
  });
});
