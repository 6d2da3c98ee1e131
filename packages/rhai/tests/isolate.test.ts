/** The generated texts in an isolate, which has the language and nothing else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ivm from "isolated-vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile } from "../src/compile.ts";

const text = (path: string): string => readFileSync(join(import.meta.dirname, "..", "src", path), "utf8");

const setUp = `
  globalThis.rt = ${text("runtime/runtime.generated.js").trim()}();
  const { compileEval } = ${text("compiler.generated.js").trim()}();
  rt.setEvaluator((source) => {
    const made = compileEval(source);
    return made.ok ? { ok: true, main: (0, eval)(made.code)(rt).main } : made;
  });
  for (const name of ["Error", "Object", "Array", "Map", "Set", "String", "Number", "Function", "Reflect", "Math"]) {
    Object.freeze(globalThis[name]);
    if (globalThis[name].prototype !== undefined) Object.freeze(globalThis[name].prototype);
  }
  globalThis.told = (code) => {
    const lines = [];
    const run = new rt.Run((0, eval)(code)(rt), [], {
      limits: { operations: 1000000 },
      output: { print: (line) => lines.push(line), debug: (line) => lines.push(line) },
    });
    try {
      lines.push(rt.toDebug(run.start().value));
    } catch (error) {
      lines.push(error instanceof rt.RhaiError ? rt.textOf(rt.traceOf(error)) : String(error.stack));
    }
    return lines.join("\\n");
  };
`;

let isolate: ivm.Isolate;
let context: ivm.Context;

beforeAll(async () => {
  isolate = new ivm.Isolate({ memoryLimit: 64 });
  context = await isolate.createContext();
  await context.eval("Error.stackTraceLimit = 1000");
  await context.eval(setUp);
});
afterAll(() => isolate.dispose());

async function told(source: string): Promise<unknown> {
  const made = compile(source);
  if (!made.ok) throw new Error(made.diagnostics[0]?.message);
  return await context.evalClosure("return told($0)", [made.code], {
    arguments: { copy: true },
    result: { copy: true },
  });
}

test.each([
  [
    'print("a"); [1, 2.0, \'c\', "é\u{1f600}", #{ b: 1, a: () }]',
    'a\n[1, 2.0, c, "é\u{1f600}", #{"a": (), "b": 1}]',
  ],
  ["let x = 1; let f = |y| { x += y; x }; f.call(2); f.call(3)", "6"],
  [
    "let a = [3, 1, 2]; a.sort(|x, y| y - x); a.map(|x| x * 9007199254740993)",
    "[27021597764222979, 18014398509481986, 9007199254740993]",
  ],
  ['let x = 40; eval("x += 2; x")', "42"],
  [
    'eval("let x = ;")',
    "Syntax error: Unexpected ';' (line 1, position 9)\nin call to function 'eval' (line 1, position 6)",
  ],
  [
    "fn f(x) {\n  x.foo()\n}\nf(1)",
    "Function not found: foo (i64) (line 2, position 5)\nin call to function 'f' (line 4, position 1)",
  ],
  [
    "try { [1][7] } catch (e) { print(e); }",
    '#{"error": "ErrorArrayBounds", "index": 7, "length": 1, "line": 1, "message": "Array index 7 out of bounds: only 1 element in array", "position": 11}\n()',
  ],
  ["fn f(n) { f(n + 1) } f(0)", "Stack overflow (line 1, position 22)"],
  ["loop {}", "Too many operations (line 1, position 6)"],
  ["type_of(timestamp())", '"timestamp"'],
  ["let t = timestamp(); t.elapsed >= 0.0", "true"],
  ["(1.5).sin() > 0.9 && PI() > 3.0", "true"],
  ['parse_json(`{"a": [1, 2.5]}`)', '#{"a": [1, 2.5]}'],
])("%s", async (source, expected) => {
  expect(await told(source)).toBe(expected);
});
