/** What a hostile author tries: names and texts that mean something to JavaScript, values that share their content without
 *  end, work that is hidden in one library call, sources that are large in one respect. */
import { describe, expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import { CompileError, Engine, RhaiError } from "../src/engine.ts";

const limits = {
  operations: 1_000_000,
  callDepth: 64,
  stringBytes: 100_000,
  arrayItems: 10_000,
  mapEntries: 10_000,
  variables: 0,
};
const engine = new Engine({ limits, resolve: () => "export const v = 5;" });

/** The value, or the name and text of the error. Nothing but errors of Rhai may come out. */
function answerOf(source: string): unknown {
  try {
    return engine.eval(source);
  } catch (error) {
    if (error instanceof RhaiError) return `${error.variant}: ${error.text}`;
    if (error instanceof CompileError) return error.message;
    throw error;
  }
}

const NAMES =
  "constructor prototype arguments then toString valueOf hasOwnProperty class function delete typeof finally undefined NaN Infinity globalThis G M T S r rt main copy add refuel hostCall reply native e error p0 F0 F0p name length caller apply bind Object Function Map Float Arr Dict entries items code arity debugger require exports process";

describe("names that mean something to JavaScript", () => {
  test.each<[string, string, unknown]>([
    ["a variable", "let @ = 1; let y_q = @; @ += y_q; @", 2],
    ["a constant that functions see", "const @ = 7; fn f_q() { global::@ } f_q()", 7],
    ["a function", "fn @(x_q) { x_q + 1 } [1, 2].map(@)[1] + @(4)", 8],
    ["a method", "fn @(x_q) { this + x_q } let q_q = 3; q_q.@(4)", 7],
    ["a function in the scope of its caller", "let q_q = 1; fn @() { q_q += 1; } @!(); q_q", 2],
    ["parameters", "fn f_q(@, z_q) { let w_q = @; w_q + z_q } f_q(1, 2)", 3],
    ["a captured variable", "let @ = 1; let f_q = |x_q| { @ += x_q; @ }; f_q.call(2); @", 3],
    ["loop variables", "let s_q = 0; for (@, i_q) in [5, 6] { s_q += @ + i_q; } s_q", 12],
    ["the variable of catch", "let s_q = 0; try { throw 3 } catch (@) { s_q = @; } s_q", 3],
    ["a property", 'let m_q = #{ @: 1 }; m_q.@ += 1; m_q["@"] += 1; m_q.@', 3],
    ["an absent property", 'let m_q = #{}; (m_q.@ ?? 9) + if "@" in m_q { 1 } else { 0 }', 9],
    ["a function in a map", "let m_q = #{}; m_q.@ = |x_q| x_q + 1; m_q.@(1)", 2],
    ["a variable of eval", 'eval("let @ = 3"); @ + eval("@ + 1")', 7],
    ["what is not defined", 'is_def_var("@") || is_def_fn("@", 7)', false],
    ["a case", 'switch "@" { "@" => 1, _ => 2 }', 1],
  ])("%s", (_, source, expected) => {
    for (const name of NAMES.split(" ")) {
      const text = source.replaceAll("@", name);
      expect([text, answerOf(text)]).toEqual([text, expected]);
    }
  });

  test("properties of values that are no maps, functions of that name, and modules are not there", () => {
    for (const name of [...NAMES.split(" "), "__proto__", "__defineGetter__"]) {
      if (name === "name" || name === "length") continue;
      for (const source of [
        `"abc".${name}`,
        `let x_q = [1]; x_q.${name} = 1`,
        `let x_q = (); x_q.${name}`,
        `let x_q = |y_q| y_q; x_q.${name}("return 1")`,
        `Fn("${name}").call(1, 2, 3)`,
        `[1, 2].map("${name}").map("${name}").len() + "x".${name}(1, 2, 3)`,
        `${name}::foo(1)`,
      ])
        expect([source, answerOf(source)]).toEqual([source, expect.stringMatching(/^Error|reserved|proper/)]);
    }
  });

  test("texts are texts wherever they stand", () => {
    const texts = [
      "\u2028",
      "\u2029",
      "*/",
      "//",
      "`",
      "${x}",
      "\\",
      "'",
      '"',
      "\n",
      "\r",
      "\0",
      "\u0001,1\u0002",
    ];
    for (const text of [
      ...texts,
      "</script>",
      "<!--",
      "\n//# sourceURL=x",
      "`+(1)+`",
      "\u{1f600}",
      "\ufeff",
    ]) {
      const quoted = JSON.stringify(text)
        .replaceAll("\\u0000", "\0")
        .replaceAll(/\\u000([12])/g, (_, n) => (n === "1" ? "\u0001" : "\u0002"));
      expect(answerOf(quoted)).toBe(text);
      expect(answerOf(`let m = #{ ${quoted}: 1 }; m[${quoted}] += 1; m.keys()[0] + m[${quoted}]`)).toBe(
        `${text}2`,
      );
      expect(answerOf(`const A = ${quoted}; fn f() { global::A } let b = f(); \`<\${b}>\``)).toBe(
        `<${text}>`,
      );
      expect(answerOf(`let e = ""; try { throw ${quoted} } catch (x) { e = x; } e`)).toBe(text);
      expect(answerOf(`switch ${quoted} { ${quoted} => 1, _ => 2 }`)).toBe(1);
      expect(answerOf(`import ${quoted} as m; m::v`)).toBe(5);
      expect(answerOf(`/// ${text.replaceAll(/[\n\r]/g, "")}\nfn f() { 1 } f()`)).toBe(1);
      expect(answerOf(`fn_q(${quoted})`)).toMatch(/^ErrorFunctionNotFound/);
      expect(answerOf(`Fn(${quoted}).call()`)).toMatch(/^Error/);
    }
  });
});

const OPERATIONS = /^ErrorTooManyOperations/;
const SIZE = /^ErrorDataTooLarge/;
const EITHER = /^ErrorTooManyOperations|^ErrorDataTooLarge/;

describe("values that share their content without end", () => {
  const grown = (start: string, step: string, end: string): string =>
    `let a = ${start}; for i in 0..100 { ${step} } ${end}`;
  test.each<[string, RegExp]>([
    [grown("[1]", "a = [a, a];", "a.len()"), SIZE],
    [grown("[1]", "a.push(a);", "print(a)"), EITHER],
    [grown("[1]", "a.push(a);", "a == a + []"), EITHER],
    [grown("[1]", "a.push(a);", "throw a"), /^ErrorRuntime|^ErrorTooManyOperations/],
    [grown("#{}", 'a["k" + i] = a;', "a.to_string()"), EITHER],
    [grown("#{}", 'a["k" + i] = a;', "a.to_json()"), EITHER],
    [grown("#{}", 'a["k" + i] = a;', "debug(a)"), EITHER],
    [grown("#{}", 'a["k" + i] = a;', "`${a}`"), EITHER],
    [grown("[1]", "a.push(a);", "fn f(x) { [x] } f(a)"), EITHER],
    [grown("[1]", "a.push(a);", "a.index_of([2])"), /^-1$|^Error/],
    [grown('"x"', "a += a;", "a"), SIZE],
    [grown('"x"', "a = `${a}${a}`;", "a"), SIZE],
    [grown("[1]", "a += a;", "a"), EITHER],
  ])("%s", (source, expected) => {
    expect(String(answerOf(source))).toMatch(expected);
  });
});

describe("work that is hidden in library calls", () => {
  const long = 'let s = ""; s.pad(99999, "x");';
  const wide = 'let s = ""; s.pad(24000, "\u{1f600}");';
  const list = "let a = []; a.pad(10000, 1);";
  test.each([
    `${long} loop { s[99998] = "y"[0]; }`,
    `${wide} loop { s[23999]; }`,
    `${wide} loop { s.len(); }`,
    `${wide} loop { s.sub_string(23990, 5); }`,
    `${long} loop { s.index_of("y"); s.contains("yy"); }`,
    `${long} loop { let t = s; t.replace("x", "y"); }`,
    `${long} loop { let t = s; t.trim(); t.make_upper(); }`,
    "let s = ``; loop { s += `x`; if s.len() > 90000 { s = ``; } }",
    `${list} loop { let b = a; b[0] = 2; }`,
    `${list} loop { a + a; }`.replace("10000", "5000"),
    `${list} loop { a.sort(); a.reverse(); a.dedup(); }`,
    `${list} loop { 2 in a; a.contains(2); }`,
    `${list} loop { a.to_string(); }`,
    `${list} loop { a.zip(a, |x, y| x); }`,
    "let b = blob(10000, 65); loop { b.as_string(); }",
    "let b = blob(10000, 65); loop { b.to_string(); }",
    "let b = blob(10000, 65); loop { b.reverse(); }",
    "let m = #{}; for i in 0..9000 { m[`k${i}`] = i; } loop { m.keys(); }",
    "let m = #{}; for i in 0..9000 { m[`k${i}`] = i; } loop { let n = m; n.x = 2; }",
    "let f = |x| x; loop { f = f.curry(1); }",
    'loop { eval("1"); }',
    'loop { try { parse_int("x") } catch {} }',
    "let a = [3, 2, 1]; a.sort(|x, y| { loop {} })",
    "for i in 0..9223372036854775807 {}",
    "for i in range(0.0, 1.0, 0.0000000001) {}",
  ])("%s", (source) => {
    const start = performance.now();
    expect(answerOf(source)).toMatch(OPERATIONS);
    // What a million operations may cost: far more than they do, far less than what is not paid for.
    expect(performance.now() - start).toBeLessThan(8_000);
  });
});

describe("sources that are large in one respect", () => {
  const MOST = 1_048_576;
  const numbered = (count: number, part: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => part(i)).join("");
  test.each<[string, string]>([
    ["statements of a loop", `loop{${"break;".repeat(170_000)}}`],
    ["statements behind &&", `true && {${"f();".repeat(120_000)} true}`],
    ["statements in a condition", `while {${"f();".repeat(120_000)} true} {}`],
    ["statements behind ??", `() ?? {${"f();".repeat(120_000)} 1}`],
    ["parameters", `fn f(${numbered(60_000, (i) => `p${i},`)}z){} 1`],
    ["variables", numbered(25_000, (i) => `let v${i}=${i};`) + numbered(25_000, (i) => `v${i}+=1;`)],
    ["functions", numbered(15_000, (i) => `fn f${i}(x){f${i + 1}(x)}`)],
    ["cases", `switch x {${numbered(60_000, (i) => `${i}=>${i},`)}}`],
    ["properties", `#{${numbered(70_000, (i) => `k${i}:${i},`)}}`],
    ["a number", "1".repeat(MOST)],
    ["a name", `let ${"a".repeat(MOST - 20)} = 1;`],
    ["comments inside each other", "/*".repeat(MOST / 2)],
    ["parentheses", "(".repeat(MOST)],
    ["interpolations inside each other", "`${".repeat(MOST / 3)],
    ["else if", `if a {}${" else if a {}".repeat(80_000)}`],
    ["a chain", `a${".b".repeat(MOST / 2 - 1)}`],
  ])("%s", { timeout: 60_000 }, (_, source) => {
    const start = performance.now();
    const compiled = compile(source.slice(0, MOST), { scope: ["x"] });
    expect(compiled.ok ? compiled.code.length : compiled.diagnostics.length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  test("a parameter that comes twice is found in a long list too", () => {
    const names = numbered(40, (i) => `p${i},`);
    for (const twice of ["p3", "p39"]) {
      const compiled = compile(`fn f(${names}${twice}) {}`);
      expect(compiled.ok ? "" : compiled.diagnostics[0]?.code).toBe("FnDuplicatedParam");
    }
    expect(compile(`fn f(${names}z) {} fn g(${names}y) {} let c = |${names}x| 1;`).ok).toBe(true);
  });
});

test("a function that a namespace of the host does not have is not found, as the namespace is there", () => {
  const host = new Engine().registerFn("tools::twice", (n: number) => n * 2);
  expect(host.eval("tools::twice(4)")).toBe(8);
  expect(() => host.eval("tools::twice(4, 5)")).toThrow("Function not found: tools::twice (i64, i64)");
  expect(() => host.eval('tools::thrice("x")')).toThrow("Function not found: tools::thrice (&str");
  expect(() => host.eval("other::twice(4)")).toThrow("Module not found: other");
});
