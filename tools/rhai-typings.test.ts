import { expect, test } from "vitest";
import { contracts } from "../packages/server/src/contract.ts";
import { scriptHostOf } from "../packages/server/src/platform/script-host.ts";
import { rhaiTypings } from "./rhai-typings.ts";

interface Callable {
  readonly name: string;
  readonly args: readonly { readonly optional?: true }[];
}
interface Typings {
  readonly namespaces: Readonly<
    Record<string, { readonly functions: readonly Callable[]; readonly methods?: readonly Callable[] }>
  >;
}

function arities({ name, args }: Callable): string[] {
  const least = args.filter(({ optional }) => optional !== true).length;
  return Array.from({ length: args.length - least + 1 }, (_, i) => `${name}/${least + i}`);
}

test("rhai.json names every function and method that the compiler knows, and no other", () => {
  const { namespaces } = JSON.parse(rhaiTypings(contracts)) as Typings;
  const functions = Object.entries(namespaces).flatMap(([space, { functions: all }]) =>
    all.flatMap(arities).map((name) => `${space}::${name}`),
  );
  const methods = Object.values(namespaces).flatMap(({ methods: all = [] }) => all.flatMap(arities));
  const host = scriptHostOf(contracts);
  // Those without a namespace are of the language.
  const known = [...host.plain, ...host.suspending].filter((name) => name.includes("::"));
  expect(functions.toSorted()).toEqual(known.toSorted());
  expect([...new Set(methods)].toSorted()).toEqual(host.methods.toSorted());
});
