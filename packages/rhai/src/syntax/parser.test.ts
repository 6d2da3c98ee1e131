import { describe, expect, test } from "vitest";
import { showDiagnostic } from "../diagnostics.ts";
import { type ParseOptions } from "./parse-options.ts";
import { parse } from "./parser.ts";
import { type Expression, type Program } from "./tree.ts";

function findings(source: string, options: ParseOptions = {}): string[] {
  return parse(source, options).diagnostics.map(
    (one) => `${one.line}:${one.column} ${one.lex ?? one.code}: ${one.message}`,
  );
}

describe("what native Rhai says, beyond the rows of the corpus", () => {
  test.each<[string, string]>([
    ["if x = 5 { }", "1:6 ImproperSymbol: Possibly a typo of '=='?"],
    ["while x += 1 { }", "1:9 ImproperSymbol: Expecting a boolean expression, not an assignment"],
    ["a && b = 3", "1:8 ImproperSymbol: Possibly a typo of '=='?"],
    ["a + b = 3", "1:3 AssignmentToInvalidLHS: Expression cannot be assigned to"],
    ["a.b().c = 1", "1:3 AssignmentToInvalidLHS: Expression cannot be assigned to"],
    ["a[0].b() = 1", "1:6 AssignmentToInvalidLHS: Expression cannot be assigned to"],
    ["[1] = 2", "1:1 AssignmentToConstant: Cannot assign to a constant value"],
    ["x.y::z", "1:4 ImproperSymbol: Invalid symbol encountered: '::'"],
    ["x.y!(1)", "1:3 MalformedCapture: method-call style does not support running within the caller's scope"],
    ["a::f!(1)", "1:5 UnexpectedInput: Unexpected '!'"],
    ["f!", "1:3 MissingToken: Expecting '(' to start arguments list of function call"],
    ["f(1", "1:4 MissingToken: Expecting ')' to close the arguments list of this function call 'f'"],
    ["#{a: 1 b: 2}", "1:8 MissingToken: Expecting ',' to separate the items of this object map literal"],
    ["#{a: 1, a: 2}", "1:9 DuplicatedProperty: Duplicated property for object map literal: a"],
    ["#{async: 1}", "1:3 Reserved: 'async' is a reserved keyword"],
    ["x[1", "1:4 MissingToken: Expecting ']' for a matching [ in this index expression"],
    [
      "[1][1.5]",
      "1:5 MalformedIndexExpr: Array, string or bit-field expects integer index, not a floating-point number",
    ],
    ["#{}['a']", "1:5 MalformedIndexExpr: Object map expects string index, not a character"],
    ['"a"[true]', "1:5 MalformedIndexExpr: Array, string or bit-field expects integer index, not a boolean"],
    ['if "a" { }', "1:4 MismatchedType: Expecting a boolean expression, not a string"],
    ["true || [1]", "1:9 MismatchedType: Expecting a boolean expression, not an array"],
    ["for x in #{} { }", "1:10 MismatchedType: Expecting an iterable value, not an object map"],
    ["for (x, y in [1] { }", "1:11 MissingToken: Expecting ')' to close the iteration variable"],
    ["for (x) in [1] { }", "1:7 MissingToken: Expecting ',' after the iteration variable name"],
    ["do { } x", "1:8 MissingToken: Expecting 'while' for the do statement"],
    ["try { } catch (e { }", "1:18 MissingToken: Expecting ')' to enclose the catch variable"],
    ["switch x { _ => 1, 2 => 3 }", "1:12 WrongSwitchDefaultCase: Default switch case must be the last"],
    ["private let x = 1", "1:9 MissingToken: Expecting 'fn' following 'private'"],
    [
      "fn f(a, b) { } fn f(x, y) { }",
      "1:16 FnDuplicatedDefinition: Function f with 2 parameters already exists",
    ],
    ["fn f() { } fn f() { }", "1:12 FnDuplicatedDefinition: Function f with no parameters already exists"],
    ['fn "T" f() { }', "1:8 MissingToken: Expecting '.' after the type name for 'this'"],
    ["fn async() { }", "1:4 Reserved: 'async' is a reserved keyword"],
    ["let f = |a b| 1", "1:12 MissingToken: Expecting ',' to separate the parameters of anonymous function"],
    ["{ 1; ", "1:6 MissingToken: Expecting '}' to terminate this block"],
    [
      "(* x *)",
      "1:1 ImproperSymbol: '(* .. *)' is not a valid comment format. This is not Pascal! Should it be '/* .. */'?",
    ],
    ["a <- b", "1:3 ImproperSymbol: '<-' is not a valid symbol. This is not Go! Should it be '<='?"],
    ["''", "1:1 MalformedChar: Invalid character: ''"],
    ['"\\uD800"', "1:7 MalformedEscapeSequence: Invalid escape sequence: '\\uD800'"],
    ["0x1_0000_0000_0000_0000", "1:1 MalformedNumber: Invalid number: '10000000000000000'"],
    ["`a${1} b", "1:7 UnterminatedString: Open string is not terminated"],
    ["let é = 1", "1:5 UnexpectedInput: Unexpected 'é'"],
    ['"😀" ~', "1:5 UnknownOperator: Unknown operator: '~'"],
    ["let x = 1;\n  y z", "2:5 MissingToken: Expecting ';' to terminate this statement"],
  ])("%s", (source, expected) => {
    expect(findings(source)[0]).toBe(expected);
  });

  test("limits of literals", () => {
    const limits = { str: 3, map: 1 };
    expect(findings('"abcd"', { limits })).toEqual([
      "1:1 StringTooLong: Length of string literal exceeds the maximum limit (3)",
    ]);
    expect(findings("#{a: 1, b: 2}", { limits })[0]).toBe(
      "1:12 LiteralTooLarge: Number of properties in object map literal exceeds the maximum limit (1)",
    );
    expect(findings('"äb"', { limits })).toEqual([]);
  });

  test("strict mode looks through closures", () => {
    const strict = true;
    expect(findings("let x = 1; let f = |y| x + y + z;", { strict })).toEqual([
      "1:32 VariableUndefined: Undefined variable: z",
    ]);
    expect(findings("let f = |y| |z| x + y + z;", { strict })[0]).toBe(
      "1:17 VariableUndefined: Undefined variable: x",
    );
    expect(findings("fn g(x) { x } let f = g; a.b; ctx", { strict, scope: ["ctx", "a"] })).toEqual([]);
    expect(findings('import "m" as m; m::f(); global::X; n::g()', { strict })[0]).toBe(
      "1:37 ModuleUndefined: Undefined module: n",
    );
  });

  test("looping and shadowing can be off", () => {
    expect(findings("loop { }", { looping: false })[0]).toBe("1:1 UnexpectedInput: Unexpected 'loop'");
    expect(findings("fn f(x) { let x = 1; }", { shadowing: false })[0]).toBe(
      "1:15 VariableExists: Variable already defined: x",
    );
    expect(
      findings("let x = 1; fn f() { let x = 1; } let g = || { let x = 2; };", { shadowing: false }),
    ).toEqual([]);
  });
});

describe("what is accepted", () => {
  test.each([
    "let x = 5 /* never closed",
    "/// doc\nlet x = 1; /** doc */ x",
    "fn f(a, b,) { f(a, b,) } [1, 2,]; #{a: 1,}; |a,| a",
    "switch x { 1 => return, 2 | 3 if y => { } _ => () }",
    "let f = |x| if x { 1 } else { 2 }; let g = || || 1;",
    "if a { } else if b { } else { } while x { break; } do { continue; } until y;",
    "x.call(1); x.type_of(); x.is_shared(); x.curry(2); print(1); x . y ( 2 )",
    "print /* why */ (1); type_of\n(x)",
    "5.abs(); -5.abs(); 1..2; 1.5.floor(); 0xff; 1e3; 1_000.5e-3; 5. + 1",
    '_x; __a1; `${`${1}`}`; #"a"b"#; ##"a"#b"##; "a""b"',
    'fn int.f() { this } fn "My Type".g() { this += 1; } fn string.f() { }',
    "x ?? y; a?.b?[c]; a !in b; a in b; !inside",
    "let then = 1; let constructor = __proto__; fn arguments() { }",
    "exit(); let exit = 1; a = b; a.b[c].d = e; this_one[0] += 1",
    "{ } { 1 } { let x = 1; } ;;; if x { } ; 1",
  ])("%s", (source) => {
    expect(findings(source)).toEqual([]);
  });

  test("a shebang on the first line of a file", () => {
    expect(findings("#!/usr/bin/env rhai\nlet x = ;", { shebang: true })).toEqual([
      "2:9 UnexpectedInput: Unexpected ';'",
    ]);
  });
});

describe("after an error", () => {
  test("the rest of the script is looked at", () => {
    const source = "let a = ;\nfn f(x) { x + }\nlet b = 1\nlet c = 2;\nif c { d( }\nbreak;\nlet e = 3;";
    const { program, diagnostics } = parse(source);
    expect(diagnostics.map((one) => one.line)).toEqual([1, 2, 4, 5, 6]);
    expect(program.body.map((one) => one.kind)).toContain("let");
  });

  test("at most 20 are kept", () => {
    expect(findings("let;".repeat(100))).toHaveLength(20);
    expect(findings("let;".repeat(100), { diagnosticsMax: 3 })).toHaveLength(3);
  });

  test("every diagnostic can be shown", () => {
    const source = 'let m = #{};\nm.x++;\nlet fn = 1;\n"unterminated';
    const shown = parse(source).diagnostics.map((one) => showDiagnostic(source, one, "hook.rhai"));
    expect(shown.join("\n\n")).toMatchInlineSnapshot(`
      "error[UnknownOperator]: Unknown operator: '++'
        --> hook.rhai:2:4
         |
       1 | let m = #{};
       2 | m.x++;
         |    ^^
        hint: write \`x += 1\`

      error[VariableExpected]: Expecting name of a variable
        --> hook.rhai:3:5
         |
       1 | let m = #{};
       2 | m.x++;
       3 | let fn = 1;
         |     ^^

      error[UnterminatedString]: Open string is not terminated
        --> hook.rhai:4:1
         |
       2 | m.x++;
       3 | let fn = 1;
       4 | "unterminated
         | ^^^^^^^^^^^^^"
    `);
  });
});

describe("bounds", () => {
  const pieces = [
    ...Array.from("[({!`\"'|/#\\;@x0-.é\u{1F600}\ud800"),
    ..."if x {,|x|,||,a.,a[,[0],#{a:,`${,1+,2**,if x {} else ,/*,fn f(){,f(,switch x {1=>,try {".split(","),
    ..."a::,let ,x = ,return ,a ?? ,a?.b,1..,let a={\n".split(","),
  ];
  test.each(pieces)("a megabyte of %j", (piece) => {
    const source = piece.repeat(Math.floor((1 << 20) / piece.length));
    const before = performance.now();
    const { diagnostics } = parse(source);
    // Generous: tens of milliseconds are usual, and a quadratic walk takes minutes.
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(diagnostics.length).toBeLessThanOrEqual(20);
  });

  test("source, tokens and nesting", () => {
    expect(findings("1".repeat(11), { sourceMax: 10 })[0]).toBe(
      "1:1 SourceTooLarge: Script of 11 characters is longer than 10",
    );
    expect(findings("f(1, 2, 3, 4, 5);", { tokensMax: 8 })[0]).toContain("TooManyTokens");
    const nested = (depth: number): string => `${"(".repeat(depth)}1${")".repeat(depth)}`;
    expect(findings(nested(30))).toEqual([]);
    expect(findings(nested(40))).toEqual(["1:32 ExprTooDeep: Expression exceeds maximum complexity"]);
    expect(findings(`fn f() { ${nested(20)} }`)).toHaveLength(1);
    expect(findings("|a|".repeat(30))).toHaveLength(1);
    // A chain has as many levels as operators; the place is the operator before the one too many.
    expect(findings("1 + 2 - 3 + 4 - 5 + 6", { limits: { expr: 6 } })).toEqual([
      "1:15 ExprTooDeep: Expression exceeds maximum complexity",
    ]);
    expect(findings(`1${" + 1".repeat(62)}`)).toEqual([]);
    expect(findings(`1${" + 1".repeat(63)}`)).toHaveLength(1);
    expect(findings(`1${" ** 1".repeat(300)}`)).toHaveLength(1);
  });
});

describe("offsets of nodes are where native Rhai reports errors about them", () => {
  function expression(source: string): Expression {
    const statement = lastOf(parse(source).program);
    if (statement?.kind !== "expression") throw new Error("not an expression");
    return statement.expression;
  }
  function lastOf(program: Program): Program["body"][number] | undefined {
    return program.body.at(-1);
  }
  test.each<[string, string]>([
    ["aa + bb", "+"],
    ["-aa", "-"],
    ["aa.bb", "bb"],
    ["aa.bb(1)", "bb"],
    ["aa?[0]", "?["],
    ["ff(1)", "ff"],
    ["aa::bb", "aa"],
    ["aa::bb(1)", "bb"],
    ["[1]", "["],
    ["|x| x", "|"],
  ])("%s: %s", (source, at) => {
    const node = expression(source);
    expect(source.slice(node.at, node.at + at.length)).toBe(at);
    expect([node.start, node.end]).toEqual([0, source.length]);
  });
});
