import { describe, expect, test } from "vitest";
import { readRows } from "../../tests/corpus-rows.ts";
import { parse } from "./parser.ts";
import { printTree } from "./print-tree.ts";

/** A tree without its places. */
function bare(source: string): unknown {
  const { program, diagnostics } = parse(source, { limits: { expr: 0, fn_expr: 0 } });
  expect(diagnostics.map((one) => `${one.message} in ${source}`)).toEqual([]);
  const places = new Set(["at", "start", "end", "close", "operatorAt", "dotAt", "nameAt"]);
  return JSON.parse(
    JSON.stringify(program, (key, value: unknown) => {
      if (places.has(key)) return undefined;
      if (typeof value === "bigint") return `${value}n`;
      return Object.is(value, -0) || (typeof value === "number" && !Number.isFinite(value))
        ? `number ${String(value)}${Object.is(value, -0) ? " negative" : ""}`
        : value;
    }),
  );
}

function printed(source: string): string {
  return printTree(parse(source, { limits: { expr: 0, fn_expr: 0 } }).program);
}

describe("printing a tree and parsing it gives the tree", () => {
  const readable = readRows().filter((row) => parse(row.code).diagnostics.length === 0);
  test("for every program of the corpus", () => {
    expect(readable.length).toBeGreaterThan(3_000);
    for (const { code } of readable) expect(bare(printed(code))).toEqual(bare(code));
  });

  test.each([
    "-2 ** 2; (-2).abs(); -x.abs(); -(-x); !(!a in b); -(a + b); 0 - -5; -(5.abs()); !(5.abs())",
    "2 ** 3 ** 2; (2 ** 3) ** 2; 1 - (2 - 3); (1 + 2) << 3; a & (b == c); a == b & c",
    "(if a { 1 } else { 2 }) + 3; ({ 1 }).foo(); (|x| x).call(1); while ({ true }) { }",
    "|| 1; || { }; |x| { { 1 } }; |x| x = 1; |a, b| if a { b } else { a }; |x| |y| x + y",
    "`\n\nabc``d$${ x }${ let y = 1; y }`; `\r\na`; `$`; `${1}`",
    "#{a: 1, \"fn\": 2, \"a b\": #{}}; [1, [2], ()]; 'x'; '\\''; \"\\\"\\\\\\n\"; '\\n'",
    "0xff; -9223372036854775808; 9223372036854775807; 9223372036854775808; 1e400; -0.0; 1e-7; 5.0; 1e21",
    'switch x { 1 | 2 if y => z, 3..5 => { }, -8..=4 => return, "a" => let q = 1, _ => if a { } }',
    "a.b?.c[1]?[2].d(1, 2)?.e(); x.call(f); x.type_of(); a::b::c; a::f(1); f!(x); s[-3..]",
    "for (a, i) in [1] { break a; } loop { continue; } do { } until x; try { } catch { } try { } catch (e) { throw; }",
    'fn f() { this.x = 1; } private fn int.g(a) { return; } fn "My Type".h() { } /// doc\nfn k(x) { x }',
    'import "a" as b; import a + b; export x; export x as y; export let z = 1; export const W = 2; const Q; let r',
  ])("%s", (text) => {
    expect(bare(printed(text))).toEqual(bare(text));
    expect(printed(printed(text))).toBe(printed(text));
  });
});
