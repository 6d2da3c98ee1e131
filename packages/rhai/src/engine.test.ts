import { describe, expect, test } from "vitest";
import { CompileError, Engine, Float, RhaiError, fromJs, textOf, toJson, traceOf } from "./engine.ts";

function thrownBy(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("eval", () => {
  test("gives plain JavaScript", () => {
    expect(new Engine().eval("#{ a: [1, 2.5, 'x', \"y\", (), true], b: 9007199254740993 }")).toEqual({
      a: [1, 2.5, "x", "y", undefined, true],
      b: 9_007_199_254_740_993n,
    });
  });

  test("gives the value itself to those who ask", () => {
    expect(new Engine().evalValue("4.0")).toEqual(new Float(4));
  });

  test("takes variables from outside, which the script may change for itself", () => {
    const numbers = [1, 2];
    expect(new Engine().eval("numbers.push(n); n += 1; [numbers, n]", { numbers, n: 3 })).toEqual([
      [1, 2, 3],
      4,
    ]);
    expect(numbers).toEqual([1, 2]);
  });

  test("runs a compiled script as often as one likes, each time from the start", () => {
    const engine = new Engine();
    const script = engine.compile("let sum = 0; for n in numbers { sum += n; } sum", ["numbers"]);
    expect([[1, 2], [3], []].map((numbers) => engine.eval(script, { numbers }))).toEqual([3, 3, 0]);
    expect(() => new Engine().eval(script, { numbers: [] })).toThrow("another engine");
  });

  test("prints where the engine says", () => {
    const lines: unknown[] = [];
    const engine = new Engine({
      print: (text) => void lines.push(text),
      debug: (text, line, column) => void lines.push([text, line, column]),
    });
    engine.eval('print("a");\n  debug("b");');
    expect(lines).toEqual(["a", ['"b"', 2, 3]]);
  });

  test("works inside of a function that a script calls", () => {
    const engine = new Engine({ limits: { operations: 1_000 } });
    engine.registerFn("nested", (code: string) => engine.eval(code));
    expect(engine.eval('let a = nested("20 + 1"); a + nested("21")')).toBe(42);
  });

  test("names with a meaning in JavaScript are ordinary names", () => {
    const names = [
      "__proto__",
      "constructor",
      "arguments",
      "then",
      "toString",
      "hasOwnProperty",
      "prototype",
      "valueOf",
    ];
    for (const name of names.filter((text) => !text.startsWith("_"))) {
      const source = `fn ${name}(${name}) { ${name} + 1 } let ${name} = ${name}(1); let m = #{ ${name}: ${name} }; m.${name}`;
      expect([name, new Engine().eval(source)]).toEqual([name, 2]);
    }
    expect(new Engine().eval('let m = #{}; m["__proto__"] = 1; [m.keys(), m["__proto__"]]')).toEqual([
      ["__proto__"],
      1,
    ]);
  });
});

describe("errors", () => {
  test("of the source come as what the compiler found", () => {
    const error = thrownBy(() => new Engine().eval("let x = ;")) as CompileError;
    expect(error).toBeInstanceOf(CompileError);
    expect(error.message).toBe("Unexpected ';' (line 1, position 9)");
    expect(error.diagnostics).toEqual([expect.objectContaining({ code: "BadInput", line: 1, column: 9 })]);
  });

  test("of a run say where, and through which calls", () => {
    const error = thrownBy(() =>
      new Engine().eval("fn f(x) {\n  g(x)\n}\nfn g(x) { x.foo() }\nf(1)"),
    ) as RhaiError;
    expect(error).toBeInstanceOf(RhaiError);
    expect(error.variant).toBe("ErrorFunctionNotFound");
    expect(textOf(traceOf(error))).toBe(
      "Function not found: foo (i64) (line 4, position 13)\nin call to function 'g' (line 2, position 3)\n" +
        "in call to function 'f' (line 5, position 1)",
    );
  });

  test.each<[string, object, string]>([
    ["loop {}", { operations: 1_000 }, "ErrorTooManyOperations"],
    ["fn f(n) { f(n + 1) } f(0)", { callDepth: 10 }, "ErrorStackOverflow"],
    ['let s = "x"; loop { s += s; }', { stringBytes: 1_000 }, "ErrorDataTooLarge"],
    ["let a = []; loop { a.push(1); }", { arrayItems: 1_000 }, "ErrorDataTooLarge"],
    ["let m = #{}; let i = 0; loop { m[`${i}`] = i; i += 1; }", { mapEntries: 100 }, "ErrorDataTooLarge"],
    ["sleep(1000000);", { operations: 100_000 }, "ErrorTooManyOperations"],
    [
      "let b = blob(1000000); loop { b == b; b.contains(5); }",
      { operations: 1_000_000 },
      "ErrorTooManyOperations",
    ],
  ])("a limit ends %s, and the script can't catch it", (source, limits, variant) => {
    const engine = new Engine({ limits });
    expect(
      thrownBy(() =>
        engine.eval(
          `try { ${source.replace(/fn .* \} (?=f)/, "")} } catch {} ${/fn .* \} (?=f)/.exec(source)?.[0] ?? ""}`,
        ),
      ),
    ).toMatchObject({
      variant,
    });
  });
});

describe("functions of the host", () => {
  test("are called in both styles, with plain JavaScript", () => {
    const engine = new Engine().registerFn("join", (list: string[], by: string) => list.join(by));
    expect(engine.eval('join(["a", "b"], "-") + ["c", "d"].join("+")')).toBe("a-bc+d");
  });

  test("are found by pointers to their names", () => {
    const engine = new Engine().registerFn("twice", (n: number) => n * 2);
    expect(engine.eval('let f = Fn("twice"); [f.call(4), [1, 2].map(Fn("twice"))]')).toEqual([8, [2, 4]]);
  });

  test("belong to their engine", () => {
    const [one, two] = [new Engine().registerFn("me", () => 1), new Engine().registerFn("me", () => 2)];
    expect([one.eval("me()"), two.eval("me()"), one.eval("me()")]).toEqual([1, 2, 1]);
    expect(thrownBy(() => new Engine().eval("me()"))).toMatchObject({ variant: "ErrorFunctionNotFound" });
  });

  test("throw in the script", () => {
    const engine = new Engine().registerFn("fail", () => {
      throw new Error("no such user");
    });
    expect(engine.eval("let r = (); try { fail(); } catch (e) { r = e; } r")).toBe("no such user");
    expect(thrownBy(() => engine.eval("\nfail()"))).toMatchObject({ variant: "ErrorRuntime" });
    expect(textOf(traceOf(thrownBy(() => engine.eval("\nfail()")) as RhaiError))).toBe(
      "Runtime error: no such user (line 2, position 1)",
    );
  });

  test("are found out when they give a promise, or what Rhai has no value for", () => {
    const engine = new Engine()
      .registerFn("later", async () => await Promise.resolve(1))
      .registerFn("when", () => new Date(0));
    expect(() => engine.eval("later()")).toThrow("register it with registerAsyncFn");
    expect(() => engine.eval("when()")).toThrow("result of when is a Date");
  });
});

test("values keep their types and digits through JSON", () => {
  const engine = new Engine();
  const value = engine.evalValue("#{ int: 4, float: 4.0, big: 9223372036854775807 }");
  expect(toJson(value)).toBe('{"big":9223372036854775807,"float":4.0,"int":4}');
  expect(toJson(fromJs({ b: [1.5, null], a: 2n }))).toBe('{"a":2,"b":[1.5,null]}');
});

describe("asynchronous functions of the host", () => {
  const load = async (id: number): Promise<unknown> => {
    await Promise.resolve();
    if (id < 0) throw new Error(`no user ${id}`);
    return { id, name: `user ${id}` };
  };

  test("are waited for, wherever they are called", async () => {
    const engine = new Engine().registerAsyncFn("load", load);
    const source =
      'fn name_of(id) { load(id).name } [1, 2].map(|id| name_of(id)) + [`${"x"}: ${load(3).id}`]';
    expect(await engine.evalAsync(source)).toEqual(["user 1", "user 2", "x: 3"]);
  });

  test("may have a namespace", async () => {
    const engine = new Engine().registerAsyncFn("users::load", load).registerFn("users::count", () => 7);
    expect(await engine.evalAsync("users::load(users::count()).id")).toBe(7);
  });

  test("throw in the script", async () => {
    const engine = new Engine().registerAsyncFn("load", load);
    expect(await engine.evalAsync("let r = 0; try { load(-1); } catch (e) { r = e; } r")).toBe("no user -1");
    await expect(engine.evalAsync("\n load(-1)")).rejects.toMatchObject({ variant: "ErrorRuntime" });
  });

  test("of many runs at the same time", async () => {
    const engine = new Engine({ limits: { operations: 10_000 } }).registerAsyncFn("load", load);
    const script = engine.compile("let sum = 0; for i in 0..n { sum += load(i).id; } sum", ["n"]);
    const sums = Array.from({ length: 100 }, (_, n) => (n * Math.max(n - 1, 0)) / 2);
    const runs = sums.map(async (_, n) => await engine.evalAsync(script, { n }));
    expect(await Promise.all(runs)).toEqual(sums);
  });

  test("need evalAsync", () => {
    const engine = new Engine().registerAsyncFn("load", load);
    expect(engine.eval("1 + 1")).toBe(2);
    expect(() => engine.eval("load(1)")).toThrow("run it with evalAsync");
  });

  test("leave a script that does not call them without generators", () => {
    const engine = new Engine().registerAsyncFn("load", load);
    expect(engine.compile("fn f(x) { x + 1 } [1].map(|x| f(x))").code).not.toMatch(/function\s*\*|yield/);
    expect(
      engine.compile("fn f(x) { x + 1 } fn g(x) { load(x) } g(f(1))").code.match(/function\s*\*/g),
    ).toHaveLength(2);
  });

  test("can be answered by who drives the run", () => {
    const engine = new Engine().registerAsyncFn("load", load);
    const run = engine.start(engine.compile("load(7).name + load(8).name"));
    expect(run.start()).toEqual({ done: false, request: { fn: "load", args: [7] } });
    const answer = (name: string) => ({ ok: true, value: fromJs({ name }) }) as const;
    expect(run.resume(answer("a"))).toEqual({ done: false, request: { fn: "load", args: [8] } });
    expect(run.resume(answer("b"))).toEqual({ done: true, value: "ab" });
    expect(run.depth).toBe(0);
  });
});

describe("modules", () => {
  const sources: Readonly<Record<string, string>> = {
    math: "export const TWO = 2; fn twice(x) { x * global::TWO } private fn hidden() { 1 }",
    users: 'fn name_of(id) { load(id).name } import "math" as m; fn both(id) { name_of(m::twice(id)) }',
  };
  const resolve = (path: string): string | undefined => sources[path];

  test("come from the embedder", () => {
    const engine = new Engine({ resolve });
    expect(engine.eval('import "math" as m; [m::twice(4), m::TWO]')).toEqual([8, 2]);
  });

  test("that are not there are errors where they are imported", () => {
    const error = thrownBy(() => new Engine({ resolve }).eval('\n  import "nowhere" as n;')) as RhaiError;
    expect(textOf(traceOf(error))).toBe("Module not found: nowhere (line 2, position 10)");
  });

  test("may wait for the host", async () => {
    const engine = new Engine({ resolve }).registerAsyncFn(
      "load",
      async (id: number) => await Promise.resolve({ name: `user ${id}` }),
    );
    expect(await engine.evalAsync('import "users" as users; users::name_of(3)')).toBe("user 3");
  });
});
