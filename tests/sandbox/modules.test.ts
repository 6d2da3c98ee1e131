/** Modules as the language has them: what a linked script does in a real executor. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createSandbox, type HostCall } from "@picloud/sandbox";
import { compileTypescript } from "../../packages/server/src/features/scripts/compile-typescript.ts";
import { orderModules } from "../../packages/server/src/features/scripts/import-graph.ts";
import {
  checkNames,
  linkTypescript,
  type TypescriptUnit,
} from "../../packages/server/src/features/scripts/link-typescript.ts";
import { mapStack } from "../../packages/server/src/features/scripts/source-positions.ts";

const sandbox = createSandbox({
  services: [{ service: "kv", method: "get", on: "collection", effect: "read" }],
  executors: 1,
  isolation: "shared",
  now: Date.now,
  log: () => undefined,
});
afterAll(async () => await sandbox.close());

type Sources = Readonly<Record<string, string>>;

/** `main` is the script, all others are modules. */
function link(sources: Sources): { readonly code: string; readonly map: string } {
  const units = new Map<string, TypescriptUnit>();
  for (const [name, source] of Object.entries(sources)) {
    const compiled = compileTypescript(source, `${name}.ts`, name === "main" ? "endpoint" : "module");
    if (!compiled.ok) throw new Error(`${name}: ${JSON.stringify(compiled.diagnostics)}`);
    units.set(name, { name, compiled });
  }
  const unitOf = (name: string): TypescriptUnit => {
    const unit = units.get(name);
    if (unit === undefined) throw new Error(`no module ${name}`);
    return unit;
  };
  const order = orderModules(
    "main",
    (name) =>
      unitOf(name)
        .compiled.facts.imports.filter((one) => one.isEvaluated)
        .map(({ module }) => module),
    8,
  );
  if (!order.ok) throw new Error(order.chain.join(" "));
  const findings = checkNames([...units.values()], unitOf);
  if (findings.length > 0) throw new Error(findings.map(({ message }) => message).join("\n"));
  return linkTypescript(unitOf("main"), order.modules.map(unitOf));
}

interface Ran {
  readonly value: unknown;
  readonly stack: string;
  readonly calls: readonly string[];
}

async function run(
  linked: { readonly code: string; readonly map: string },
  { id = "1", url = "http://test/" } = {},
): Promise<Ran> {
  const calls: string[] = [];
  const call = async ({ args }: HostCall): Promise<string> => {
    calls.push(String(JSON.parse(args[1] ?? '""')));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    return "1";
  };
  const started = sandbox.start(
    {
      executionId: `execution-${id}`,
      appId: "app",
      scriptId: "script",
      artifact: {
        hash: createHash("sha256").update(linked.code).digest("hex"),
        name: "main.ts",
        code: linked.code,
      },
      limits: {
        timeoutMs: 10_000,
        cpuMs: 5_000,
        memoryMb: 64,
        hostCalls: 100,
        responseBytes: 1e6,
        logBytes: 1e5,
      },
      seed: new Uint8Array(32),
      input: { kind: "http", method: "GET", url, headers: [], body: new Uint8Array() },
      ctx: JSON.stringify({
        execution_id: id,
        trigger_depth: 0,
        app: { id: "app", slug: "app" },
        params: { id },
      }),
    },
    { call, log: () => undefined, restart: () => undefined },
  );
  const head = await started.head;
  const { error } = await started.done;
  const value: unknown =
    head === undefined ? `${error?.name}: ${error?.message}` : JSON.parse(String(head.body));
  return { value, stack: mapStack(error?.stack ?? "", linked.map, "main.ts"), calls };
}

const valueOf = async (sources: Sources): Promise<unknown> => (await run(link(sources))).value;

describe("imports and exports", () => {
  const cases: readonly [title: string, sources: Sources, expected: unknown][] = [
    [
      "named, default, renamed and namespace imports",
      {
        util: "export const a = 1; export default function f() { return 2 } export class C { v = 3 } const b = 4; export { b as c, b as 'my name' };",
        main: "import f, { a, C, c as d, 'my name' as e } from './util'; import * as u from './util.js'; export default () => [a, f(), new C().v, d, e, u.a, u.default(), Object.keys(u)];",
      },
      [1, 2, 3, 4, 4, 1, 2, ["C", "a", "c", "default", "my name"]],
    ],
    [
      "an export that changes is seen to change, by its importer and by those who export it again",
      {
        state: "export let n = 0; export function inc() { n += 1; }",
        again:
          "export { n as m } from './state'; export * from './state'; import { n } from './state'; export { n as k };",
        main: "import { n, inc } from './state'; import { m, k } from './again'; import * as all from './again'; export default () => { inc(); inc(); return [n, m, k, all.n, { n }]; };",
      },
      [2, 2, 2, 2, { n: 2 }],
    ],
    [
      "each module is evaluated once, the first import first, those without names too",
      {
        steps: "export const order: string[] = [];",
        a: "import { order } from './steps'; import './b'; order.push('a');",
        b: "import { order } from './steps'; order.push('b');",
        c: "import { order } from './steps'; order.push('c'); export {};",
        main: "import './a'; import './c'; import './b'; import { order } from './steps'; export default () => order;",
      },
      ["b", "a", "c"],
    ],
    [
      "functions are called without this, methods with it",
      {
        util: "export function self(this: unknown) { return this === undefined; } export const tag = (s: TemplateStringsArray) => s[0]; export const o = { f() { return this === o; } };",
        main: "import { self, tag, o } from './util'; export default () => [self(), self?.(), tag`x`, o.f(), [1].map(self)];",
      },
      [true, true, "x", true, [true]],
    ],
    [
      "names of imports that are hidden by others",
      {
        util: "export const a = 1; export const b = (x: unknown) => x;",
        main: "import { a, b } from './util'; const f = (a: number) => a + 1; a: for (;;) { break a; } class K { a = a; static b(b = a) { const a = 5; return [a, b]; } } export default () => { { let a = 9; b(a); } try { throw 3 } catch (a) { return [f(1), a, new K().a, ...K.b(), { a: { a }, b: b(a) }.b]; } };",
      },
      [2, 3, 1, 5, 1, 3],
    ],
    [
      "types: they may be imported in any way and leave nothing behind",
      {
        types:
          "export interface Order { n: number } export type Id = string; export enum Size { S = 's' } import type { Back } from './main-types';",
        "main-types": "import { Order } from './types'; export type Back = Order;",
        main: "import { Order, Size, type Id } from './types'; import type { Back } from './main-types'; const o: Order & Back = { n: 1 }; const i: Id = 'x'; export default () => [o, i, Size.S];",
      },
      [{ n: 1 }, "x", "s"],
    ],
    [
      "a module that waits, and one whose name begins with a helper's",
      {
        slow: "export const v = await Promise.resolve(7); for await (const x of [1]) void x;",
        main: "import { v as $p } from './slow'; import { v as $i0 } from './slow'; export default async () => [$p, $i0];",
      },
      [7, 7],
    ],
    [
      "nothing of a module is in the scope of another",
      {
        util: "const hidden = 1; export const a = typeof (globalThis as any).hidden;",
        main: "import { a } from './util'; declare const hidden: any, u: any, p: any; export default () => [a, typeof hidden, typeof u, typeof p];",
      },
      ["undefined", "undefined", "undefined", "undefined"],
    ],
    [
      "an import can't be assigned",
      {
        util: "export let a = 1;",
        main: "import { a } from './util'; export default () => { try { (a as number) = 2; } catch (error) { return [(error as Error).name, a]; } };",
      },
      ["TypeError", 1],
    ],
    [
      "picloud is there in modules",
      {
        util: "import { hash } from 'picloud'; export const h = (t: string) => hash.sha256(t).slice(0, 4);",
        main: "import { h } from './util'; export default () => h('');",
      },
      "e3b0",
    ],
  ];
  test.each(cases)("%s", async (_title, sources, expected) => {
    expect(await valueOf(sources)).toEqual(expected);
  });
});

describe("what is not exported is found before anything runs", () => {
  const failed: readonly [sources: Sources, message: string][] = [
    [
      { util: "export const a = 1;", main: "import { b } from './util'; export default () => b;" },
      '"./util" has no export "b".',
    ],
    [
      { util: "export const a = 1;", main: "import x from './util'; export default () => x;" },
      '"./util" has no export "default".',
    ],
    [
      { util: "export interface T {}", main: "import { T } from './util'; export default () => T;" },
      '"T" of "./util" is a type, and there are no types when a script runs.',
    ],
    [
      {
        util: "export interface T {}",
        again: "export { T } from './util';",
        main: "import './again'; export default () => 1;",
      },
      '"T" of "./util" is a type',
    ],
    [
      {
        a: "export const x = 1;",
        b: "export const x = 2;",
        all: "export * from './a'; export * from './b';",
        main: "import './all'; export default () => 1;",
      },
      '"./a" and "./b" both export "x".',
    ],
    [
      {
        a: "export default 1;",
        all: "export * from './a';",
        main: "import d from './all'; export default () => d;",
      },
      '"./all" has no export "default".',
    ],
  ];
  test.each(failed)("%j", (sources, message) => {
    expect(() => link(sources)).toThrow(message);
  });

  test("one thing that comes on two ways is one thing", async () => {
    const sources = {
      base: "export const x = 1;",
      a: "export * from './base';",
      b: "export { x } from './base';",
      all: "export * from './a'; export * from './b';",
      main: "import { x } from './all'; export default () => x;",
    };
    expect(await valueOf(sources)).toBe(1);
  });
});

/** How a module uses an earlier one; `i` names the importer, `j` the imported. */
const USES: readonly ((i: number, j: number) => string)[] = [
  (i, j) =>
    `import { c${j} as n${i}_${j}, inc${j} as f${i}_${j} } from "./m${j}.mjs"; steps.push(n${i}_${j}, f${i}_${j}(), n${i}_${j});`,
  (i, j) =>
    `import * as ns${i}_${j} from "./m${j}.mjs"; steps.push(Object.keys(ns${i}_${j}).join(), ns${i}_${j}.inc${j}(), ns${i}_${j}.c${j});`,
  (i, j) =>
    `import d${i}_${j} from "./m${j}.mjs"; steps.push(d${i}_${j}(), typeof d${i}_${j}, d${i}_${j}.name);`,
  (i, j) => `export { c${j} as again${i}_${j} } from "./m${j}.mjs";`,
  (_, j) => `export * from "./m${j}.mjs";`,
  (i, j) => `export * as all${i}_${j} from "./m${j}.mjs";`,
  (_, j) => `import "./m${j}.mjs";`,
  (i, j) =>
    `import { inc${j} as g${i}_${j} } from "./m${j}.mjs"; { const steps = []; steps.push(g${i}_${j}()); } export const via${i}_${j} = () => g${i}_${j}();`,
];

/** Modules that import only earlier ones, each with a few uses of them. */
const graphs = fc
  .array(fc.array(fc.tuple(fc.nat(1000), fc.nat(USES.length - 1)), { maxLength: 4 }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((modules) => {
    const sources: Record<string, string> = { trace: "export const steps = [];" };
    for (const [i, uses] of modules.entries()) {
      const seen = new Set<string>();
      const lines = uses.flatMap(([pick, use]) => {
        const j = pick % Math.max(i, 1);
        const key = `${j} ${use}`;
        if (i === 0 || seen.has(key)) return [];
        seen.add(key);
        return [USES[use]?.(i, j) ?? ""];
      });
      sources[`m${i}`] =
        `import { steps } from "./trace.mjs"; ${lines.join("\n")}\nsteps.push("m${i}");` +
        `export let c${i} = ${i}; export function inc${i}() { return ++c${i}; } export default () => "d${i}";`;
    }
    const last = modules.length - 1;
    const all = `import * as all from "./m${last}.mjs"; import { steps } from "./trace.mjs";`;
    const seen =
      'Object.entries(all).map(([k, v]) => [k, typeof v === "object" ? Object.keys(v) : typeof v === "function" ? v.name : String(v)])';
    sources["main"] = `${all} export default () => { all.inc${last}(); return [steps, ${seen}]; };`;
    return sources;
  });

/** What `main` of each graph gives in a Node of its own: the test runner would load modules in its own way. */
async function natively(samples: readonly Sources[]): Promise<readonly unknown[]> {
  const folder = await mkdtemp(join(tmpdir(), "picloud-modules-"));
  try {
    for (const [i, sources] of samples.entries()) {
      const into = join(folder, String(i));
      await mkdir(into);
      for (const [name, source] of Object.entries(sources))
        await writeFile(join(into, `${name}.mjs`), source);
    }
    const script = `const all = [];
for (let i = 0; i < ${samples.length}; i++) all.push((await import("./" + i + "/main.mjs")).default());
console.log(JSON.stringify(all));`;
    await writeFile(join(folder, "all.mjs"), script);
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "all.mjs")]);
    return JSON.parse(stdout) as unknown[];
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("any graph of modules does what it does in Node", { timeout: 60_000 }, async () => {
  // A script that was run before keeps its modules' state: each is another one.
  const samples = fc
    .sample(graphs, 60)
    .map((sources, i): Sources => ({ ...sources, main: `${sources["main"] ?? ""}\nexport const n = ${i};` }));
  const expected = await natively(samples);
  for (const [i, sources] of samples.entries()) {
    expect({ sources, value: await valueOf(sources) }).toEqual({ sources, value: expected[i] });
  }
});

test.each(["docs/guide/typescript.md", "packages/server/src/features/scripts/scripts.md"])(
  "the modules of %s run",
  async (page) => {
    const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
    const blocks = [...text.matchAll(/```ts (\w+)\.ts\n(.*?)```/gs)];
    const sources = Object.fromEntries(blocks.map(([, name = "", source = ""]) => [name, source]));
    expect(Object.keys(sources)).toEqual(["tax", "main"]);
    expect((await run(link(sources), { url: "http://test/?net=100" })).value).toBe(119);
  },
);

test("a stack names the file and the line of each module", async () => {
  const { value, stack } = await run(
    link({
      deep: "// comment\nexport function fail(n: number): never {\n  throw new Error(`no ${n}`);\n}\n",
      util: "import { fail } from './deep';\n\nexport const call = (n: number) =>\n  fail(n);\n",
      main: "import { call } from './util';\nexport default () => {\n  call(1);\n};\n",
    }),
  );
  expect(value).toBe("Error: no 1");
  expect(stack.split("\n").map((line) => line.trim())).toEqual([
    "at fail (deep.ts:3:9)",
    "at call (util.ts:4:3)",
    "at default (main.ts:3:3)",
  ]);
});

test("runs that share modules keep their calls apart", async () => {
  const linked = link({
    util: "import { kv } from 'picloud'; export async function twice(id: string) { await kv.collection('c').get(id); await null; await kv.collection('c').get(id); return id; }",
    gen: "import { twice } from './util'; export async function* all(id: string) { yield await twice(id); yield twice(id); }",
    main: "import { all } from './gen'; import { kv } from 'picloud'; export default async (_: Request, ctx: any) => { for await (const x of all(ctx.params.id)) await kv.collection('c').get(x); return ctx.params.id; };",
  });
  const runs = await Promise.all(
    Array.from({ length: 16 }, async (_, i) => await run(linked, { id: `run${i}` })),
  );
  for (const [i, { value, calls }] of runs.entries()) {
    expect([value, calls]).toEqual([`run${i}`, Array.from({ length: 6 }, () => `run${i}`)]);
  }
});
