/** What only large or odd modules meet; how modules work together is in `tests/sandbox/modules.test.ts`. */
import { expect, test } from "vitest";
import { checkNames, checkSettings, type TypescriptUnit } from "./link-typescript.ts";
import { compileTypescript } from "./compile-typescript.ts";

function unitsOf(sources: Readonly<Record<string, string>>): ReadonlyMap<string, TypescriptUnit> {
  const units = Object.entries(sources).map(([name, source]): [string, TypescriptUnit] => {
    const compiled = compileTypescript(source, `${name}.ts`, name === "main" ? "endpoint" : "module");
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
    return [name, { name, compiled }];
  });
  return new Map(units);
}

const messages = (sources: Readonly<Record<string, string>>): readonly string[] => {
  const units = unitsOf(sources);
  return checkNames([...units.values()], (name) => units.get(name)).map(
    ({ unit, message }) => `${unit}: ${message}`,
  );
};

test("`export *` on many ways takes time in proportion to the modules", () => {
  // 3 modules on each of 60 levels, each of which passes on all of the next level: 3^60 ways.
  const level = (i: number): string => [0, 1, 2].map((j) => `export * from "./m${i + 1}x${j}";`).join("");
  const sources: Record<string, string> = { main: 'import { x } from "./m0x0"; export default () => x;' };
  for (let i = 0; i < 60; i++)
    for (let j = 0; j < 3; j++) sources[`m${i}x${j}`] = i === 59 ? "export {};" : level(i);
  const started = performance.now();
  expect(messages(sources)).toEqual(['main: "./m0x0" has no export "x".']);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("types that pass each other on in a circle are no endless walk", () => {
  const sources = {
    a: 'export type { T } from "./b";',
    b: 'export type { T } from "./a";',
    main: 'import { T } from "./a"; export default (t: T) => t;',
  };
  expect(messages(sources)).toEqual([]);
});

test("more than 5,000 names are not passed on by `export *`", () => {
  const many = Array.from({ length: 5_001 }, (_, i) => `export const a${i} = ${i};`).join("\n");
  const sources = { many, all: 'export * from "./many";', main: 'import "./all"; export default () => 1;' };
  expect(messages(sources)).toEqual(['all: "./many" exports more than 5000 names.']);
});

test("a setting that comes out of a module is refused, because it is read before anything runs", () => {
  const units = unitsOf({
    base: "export const fresh = true;",
    main: 'export * from "./base"; export default () => 1;',
  });
  const main = units.get("main");
  expect(main && checkSettings(main, (name) => units.get(name)).map(({ message }) => message)).toEqual([
    '"./base" exports "fresh", which is a setting that a script makes in its own text.',
  ]);
});
