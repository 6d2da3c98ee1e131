import fc from "fast-check";
import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";
import { compileTypescript } from "./compile-typescript.ts";
import { mapPosition, mapStack } from "./source-positions.ts";

/** Evaluates compiled text with helpers that do nothing, as the guest runtime would with one run at a time. */
async function load(source: string, picloud: object = {}): Promise<Record<string, unknown>> {
  const compiled = compileTypescript(source, "hello.ts");
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  const parameter = {
    g: () => undefined,
    s: () => undefined,
    r: (_run: unknown, value: unknown) => value,
    t: (value: unknown) => value,
    q: () => undefined,
    n: (_requests: unknown, value: unknown) => value,
    w: (_requests: unknown, value: unknown) => value,
    y: (_requests: unknown, iterable: unknown) => iterable,
    import: (specifier: string) => (specifier === "picloud" ? picloud : undefined),
  };
  const module = (await import(
    `data:text/javascript,export default ${encodeURIComponent(compiled.code)}`
  )) as {
    default: (parameter: object) => Promise<Record<string, unknown>>;
  };
  const { default: evaluate } = module;
  return await evaluate(parameter);
}

/** What is refused, as "line:column message | hint". */
function refusals(source: string): readonly string[] {
  const compiled = compileTypescript(source, "hello.ts");
  if (compiled.ok) return [];
  return compiled.diagnostics.map(
    ({ line, column, message, hint }) =>
      `${line}:${column} ${message}${hint === undefined ? "" : ` | ${hint}`}`,
  );
}

/** The settings, or the first reason why there are none. */
function settings(source: string): unknown {
  const compiled = compileTypescript(source + HANDLER, "a.ts");
  return compiled.ok ? compiled.settings : compiled.diagnostics[0]?.message;
}

const HANDLER = "\nexport default () => 1;";

describe("what a script exports", () => {
  const cases: readonly [title: string, source: string, expected: Record<string, unknown>][] = [
    ["a constant and a default expression", "export const a = 1; export default 2", { a: 1, default: 2 }],
    [
      "a let that changes while the module is evaluated",
      "export let a = 1; a++; export default 0",
      { a: 2, default: 0 },
    ],
    [
      "a list with other names",
      'const a = 1, b = 2; export { a as default, b as "my name", b as __proto__ }',
      { default: 1, "my name": 2, ["__proto__"]: 2 },
    ],
    [
      "destructuring",
      "export const { a, b: [c, , ...d], e = 5, ...f } = { a: 1, b: [2, 3, 4, 5], g: 6 }; export default 0",
      { a: 1, c: 2, d: [4, 5], e: 5, f: { g: 6 }, default: 0 },
    ],
    [
      "top-level await",
      "export const a = await Promise.resolve(1); for await (const x of [2]) a; export default await 3",
      { a: 1, default: 3 },
    ],
    [
      "an enum",
      "export enum Color { Red = 1, Blue } const enum Size { S = 'small' } export default [Color.Blue, Size.S]",
      { Color: { 1: "Red", 2: "Blue", Red: 1, Blue: 2 }, default: [2, "small"] },
    ],
    [
      "a namespace",
      "export namespace N { export const x = 1; export namespace M { export const y = x + 1 } } export default N.M.y",
      { N: { x: 1, M: { y: 2 } }, default: 2 },
    ],
    [
      "types, erased",
      "export type A = string; export interface B { a: A } export default interface C {} ; const a = <T,>(x: T) => x satisfies T as T; declare const z: number; abstract class D { abstract x: number; declare y: string } export { a as default, type A as E }",
      { default: expect.any(Function) },
    ],
    [
      "parameter properties and overloads",
      "function f(a: string): 1; function f(a: number): 2; function f(a: unknown) { return a } class P { constructor(private readonly x: number, public y = 2) {} get sum() { return this.x + this.y } } export default new P(f(3) as number).sum",
      { default: 5 },
    ],
    [
      "CRLF, hashbang, byte order mark, directive",
      "#!/usr/bin/env node\r\n'use strict';\r\nexport default 1;\r\n",
      { default: 1 },
    ],
    ["a byte order mark", "\uFEFFexport default 1", { default: 1 }],
    [
      "Unicode names and texts",
      "const größe = '日本\u2028😀'; export { größe as 日 }; export default größe",
      { 日: "日本\u2028😀", default: "日本\u2028😀" },
    ],
    [
      "names that the compiler would choose",
      "const $p = 1, $k = 2, \\u0024g = 3, $d1 = 4; export const $r = async () => $p + (await $k) + $g + $d1; export default await $r()",
      { $r: expect.any(Function), default: 10 },
    ],
    ["a comment at the end", "export default 1 // the end", { default: 1 }],
    ["the module's own this", "export default this", { default: undefined }],
    ["using", "let n = 0; { using x = { [Symbol.dispose]() { n++ } } } export default n", { default: 1 }],
  ];
  test.each(cases)("%s", async (_title, source, expected) => {
    expect({ ...(await load(source)) }).toEqual(expected);
  });

  test("anonymous default exports are named default, as in a module", async () => {
    for (const source of [
      "() => 1",
      "async function () {}",
      "function* () {}",
      "class {}",
      "(async () => 1)",
    ]) {
      const exports = await load(`export default ${source}`);
      expect((exports["default"] as { name: string }).name).toBe("default");
    }
    expect(
      ((await load("export default async function named() {}"))["default"] as { name: string }).name,
    ).toBe("named");
  });

  test("a default function can be called before its line", async () => {
    expect((await load("export const a = f(); export default function f() { return 1 }"))["a"]).toBe(1);
  });

  test("async functions, generators and loops give what they gave before", async () => {
    const exports = await load(`
      async function* inner() { const got = yield 1; yield got; return "end" }
      async function* outer() { try { const last = yield* inner(); yield last; yield } finally { yield "finally" } }
      const seen: unknown[] = [];
      const g = outer(); for (const sent of [0, "sent", 0, 0, 0, 0]) seen.push((await g.next(sent)).value);
      a: b: for await (const [x, y = await 2] of [[1], [2, 3], [4]]) { if (x === 2) continue a; seen.push(x, y) }
      const arrow = async (x: number) => ({ x: await x }), body = async () => { return 1, 2 }, lit = async () => \`a\`;
      try { await Promise.reject({ message: "m", rest: 1 }) } catch ({ message, ...rest }) { seen.push(message, rest) }
      const o: any = {}; for await (o.p of [5]) ; for await (o["q"] of [6]) ;
      export default [...seen, await arrow(7), await body(), await lit(), o]`);
    expect(exports["default"]).toEqual([
      1,
      "sent",
      "end",
      undefined,
      "finally",
      undefined,
      1,
      2,
      4,
      2,
      "m",
      { rest: 1 },
      { x: 7 },
      2,
      "a",
      { p: 5, q: 6 },
    ]);
  });
});

describe("imports", () => {
  test("named, renamed and namespace imports come from the parameter", async () => {
    const picloud = { kv: { n: 1 }, log: { n: 2 } };
    const source = `import { kv, log as l, "kv" as again } from "picloud"; import * as all from "picloud"; import "picloud";
      import type { Z } from "zod"; import { type A, type B } from "elsewhere"; import { type KvEvent, hash } from "picloud";
      export { kv }; export default [kv, l, again, all]`;
    const exports = await load(source, picloud);
    expect(exports).toEqual({ kv: picloud.kv, default: [picloud.kv, picloud.log, picloud.kv, picloud] });
  });

  test("settings are read from constants", () => {
    expect(settings("")).toEqual({ transaction: false, fresh: false });
    expect(settings("export const transaction = true, fresh = (true as const);")).toEqual({
      transaction: true,
      fresh: true,
    });
    expect(settings("export const fresh = false satisfies boolean;")).toEqual({
      transaction: false,
      fresh: false,
    });
    expect(settings("export const fresh = !0;")).toContain("setting");
    expect(settings("export let fresh = true;")).toContain("setting");
    expect(settings("const a = true; export { a as transaction };")).toContain("setting");
  });

  const refused: readonly [source: string, ...expected: string[]][] = [
    [
      'import x from "lodash";',
      '1:15 Can\'t import "lodash": only "picloud" and modules of the app ("./name") can be imported. | A module of the app is imported as "./lodash". If it is only a type, write `import type`.',
    ],
    [
      'import x from "@scope/x";',
      '1:15 Can\'t import "@scope/x": only "picloud" and modules of the app ("./name") can be imported. | If it is only a type, write `import type`.',
    ],
    [
      '\nimport "./lib/util.ts";',
      '2:8 Can\'t import "./lib/util.ts": modules of an app are in no folders. | Write "./name", with the name of the module.',
    ],
    [
      'export * from "../util";',
      '1:15 Can\'t import "../util": modules of an app are in no folders. | Write "./name", with the name of the module.',
    ],
    [
      'export { x } from "./Util.js";',
      '1:19 Can\'t import "./Util.js": "Util" is not the name of a module. | A name starts with a–z and has at most 63 of a–z, 0–9, _ and -.',
    ],
    [
      'import { get } from "./kv";',
      '1:21 Can\'t import "./kv": "kv" is the name of a service, and no module can have it. | Services are imported from "picloud".',
    ],
    [
      'export { fresh } from "./util";',
      '1:1 The export "fresh" is a setting that is read before the script runs. | Write `export const fresh = true`.',
    ],
    [
      'import kv from "picloud";',
      '1:8 "picloud" has no default export. | Write `import { kv } from "picloud"`.',
    ],
    [
      'import { default as x } from "picloud";',
      '1:10 "picloud" has no default export. | Write `import { kv } from "picloud"`.',
    ],
    [
      'import { dead_letters } from "picloud";',
      '1:10 "picloud" has no "dead_letters". | Did you mean deadLetters?',
    ],
    [
      'import { KvEvent } from "picloud";',
      '1:10 "picloud" has no "KvEvent". | If it is only a type, write `import type`.',
    ],
    [
      'const x = await import("picloud");',
      '1:17 Dynamic import() is not available: only "picloud" and modules of the app ("./name") can be imported, with an import statement.',
    ],
    [
      'export * from "x";',
      '1:1 A script can\'t export from "x": only modules of the app ("./name") can be exported from.',
    ],
    [
      'export { kv } from "picloud";',
      '1:1 A script can\'t export from "picloud": only modules of the app ("./name") can be exported from. | Import the name, then export it.',
    ],
    [
      'const fs = require("fs");',
      '1:12 There is no require(): only "picloud" and modules of the app ("./name") can be imported, with an import statement.',
    ],
    [
      'import fs = require("fs");',
      '1:1 There is no require(): only "picloud" and modules of the app ("./name") can be imported, with an import statement.',
    ],
    ["import.meta.url;", "1:1 import.meta is not available: a script has no URL of its own."],
    [
      "const f = () => arguments.length;",
      "1:17 `arguments` is only available in a function that is no arrow function.",
    ],
    ["@dec class A {}", "1:1 Decorators are not available."],
    ["await using a = b;", "1:1 `await using` is not available. | Release it in a `finally` block."],
    ["{ export const b = 1; }", "1:3 import and export stand at the top level of the file only."],
    ["const a = <b>c</b>;", "1:11 JSX is not available."],
  ];
  for (const [source, ...expected] of refused) {
    test(`refused: ${source.trim()}`, () => expect(refusals(source + HANDLER)).toEqual(expected));
  }

  test("a script's own require and a type of a module are no imports", () => {
    expect(
      refusals(
        "const require = (x: string) => x; require('a'); type A = import('x').B; function f() { return arguments }" +
          HANDLER,
      ),
    ).toEqual([]);
  });

  test("a script without a default export is refused", () => {
    expect(refusals("export const a = 1")).toEqual([
      "1:1 The script has no default export, so nothing can be called. | Write `export default async (req) => …`.",
    ]);
  });
});

describe("syntax errors", () => {
  test("every error has its place and an excerpt", () => {
    const compiled = compileTypescript("const a = 1;\r\nlet\ta = 2; break;\nexport default 1;", "a.ts");
    expect(compiled.ok ? [] : compiled.diagnostics).toMatchInlineSnapshot(`
      [
        {
          "code": "compile_error",
          "column": 5,
          "endColumn": 6,
          "endLine": 2,
          "excerpt": "2 | let	a = 2; break;
        |    	^",
          "line": 2,
          "message": "Identifier \`a\` has already been declared",
        },
        {
          "code": "compile_error",
          "column": 12,
          "endColumn": 18,
          "endLine": 2,
          "excerpt": "2 | let	a = 2; break;
        |    	       ^^^^^^",
          "hint": "A \`break\` statement can only be used within an enclosing iteration or switch statement.",
          "line": 2,
          "message": "Illegal break statement",
        },
      ]
    `);
  });

  test("an unfinished script points at its end", () => {
    const compiled = compileTypescript("export default () => {\n  return 1", "a.ts");
    expect(compiled.ok ? "" : compiled.diagnostics[0]?.excerpt).toMatchInlineSnapshot(`
      "2 |   return 1
        |           ^"
    `);
  });

  test("a long line is cut around the place", () => {
    const compiled = compileTypescript(`${" ".repeat(500)}let let = 1;${" ".repeat(500)}`, "a.ts");
    expect(compiled.ok ? "" : compiled.diagnostics[0]?.excerpt).toMatchInlineSnapshot(`
      "1 |                                                         let let = 1;                                                    
        |                                                             ^^^"
    `);
  });
});

describe("positions", () => {
  const source = [
    'import { kv } from "picloud";',
    "interface Order { id: string }",
    "/** Comment that is not in the compiled text. */",
    "",
    "export default async function handler(order: Order) {",
    "  const fail = (id: string): never => {",
    "    throw new Error('no ' + id);",
    "  };",
    "  await kv;",
    "  for await (const { id } of [order]) fail(id);",
    "}",
  ].join("\r\n");

  test("a stack names the script's own lines and columns", async () => {
    const compiled = compileTypescript(source, "hello.ts");
    if (!compiled.ok) throw new Error("does not compile");
    const exports = await load(source);
    const handler = exports["default"] as (order: object) => Promise<never>;
    const stack = await handler({ id: "x" }).catch((error: unknown) =>
      error instanceof Error ? (error.stack ?? "") : "",
    );
    const named = (stack ?? "")
      .replaceAll(/data:text\/javascript,export[^:]*(?=:\d+:\d+)/g, "hello.ts")
      .replaceAll(
        /hello\.ts:1:(\d+)/g,
        (_, column: string) => `hello.ts:1:${Number(column) - "export default ".length}`,
      );
    const mapped = mapStack(named, compiled.map, "hello.ts");
    expect(mapped).toContain("hello.ts:7:11");
    expect(mapped).toContain("hello.ts:10:39");
  });

  test("every segment of the map is inside the source; the compiler's own text has none", () => {
    const compiled = compileTypescript(source, "hello.ts");
    if (!compiled.ok) throw new Error("does not compile");
    expect(mapPosition(compiled.map, { line: 10_000, column: 1 })).toBeUndefined();
    expect(mapPosition(compiled.map, { line: 0, column: 0 })).toBeUndefined();
    expect(mapStack("Error: hello.ts: x\n at hello.ts:99999:1", compiled.map, "hello.ts")).toBe(
      "Error: hello.ts: x\n at hello.ts:99999:1",
    );
    const lines = source.split("\r\n");
    for (const [index, text] of compiled.code.split("\n").entries()) {
      for (let column = 1; column <= text.length; column++) {
        const position = mapPosition(compiled.map, { line: index + 1, column });
        if (position === undefined) continue;
        expect((lines[position.line - 1] ?? "").length + 1).toBeGreaterThanOrEqual(position.column);
      }
    }
  });
});

/** Pieces that put together make programs, nearly programs, and neither. */
const PIECES =
  "a b async await yield function* => ( ) { } [ ] ; , . ... `${ } ` ' \" / /re/g // /* */ \n \r\n \\ # @ < > <T> : ? ?. ! = == + ++ - ** in of as satisfies enum namespace type interface class extends static get set export default import from 'picloud' if else for while do try catch finally return throw new let const var using 1 0x 1n 1e true this super arguments import.meta new.target \u2028 \u0000 é 😀 \ud800 label: {a} [b] (c)".split(
    " ",
  );

describe("any text", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 400 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 80 }).map((pieces) => pieces.join(" ")),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join(" ") + HANDLER),
  );

  test("never throws, and what compiles parses", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const compiled = compileTypescript(text, "a.ts");
        const code = compiled.ok ? compiled.code : "";
        expect(parseSync("a.js", code, { lang: "js", sourceType: "script" }).errors).toEqual([]);
        const diagnostics = compiled.ok ? [] : compiled.diagnostics;
        expect(diagnostics.length > 0).toBe(!compiled.ok);
        for (const { line, column, excerpt } of diagnostics) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(excerpt).toContain("^");
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("too long, and not well formed", () => {
    expect(refusals(`export default "${"x".repeat(1_048_576)}"`)).toEqual([
      "1:1 The source has 1048593 bytes; the most is 1048576.",
    ]);
    expect(refusals("export default '\udc00'")).toEqual([
      "1:17 The source has a lone surrogate, which is no character.",
    ]);
  });
});
