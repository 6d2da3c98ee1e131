import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { importersOf, orderModules, orderProblem } from "./import-graph.ts";

const graphOf =
  (graph: Readonly<Record<string, readonly string[]>>) =>
  (name: string): readonly string[] =>
    graph[name] ?? [];

describe("orderModules", () => {
  test("a module comes after those that it imports, the first import first", () => {
    const graph = { main: ["a", "b"], a: ["c", "d"], b: ["d", "c"] };
    expect(orderModules("main", graphOf(graph), 8)).toEqual({ ok: true, modules: ["c", "d", "a", "b"] });
    expect(orderModules("alone", graphOf({}), 8)).toEqual({ ok: true, modules: [] });
  });

  test("a circle is told as it closes, without the way to it", () => {
    const order = orderModules("main", graphOf({ main: ["a"], a: ["b"], b: ["c"], c: ["b"] }), 8);
    expect(order).toEqual({ ok: false, reason: "cycle", chain: ["b", "c", "b"] });
    expect(order.ok ? "" : orderProblem(order, 8)).toBe("Modules import each other in a circle: b → c → b.");
    expect(orderModules("a", graphOf({ a: ["a"] }), 8)).toMatchObject({ chain: ["a", "a"] });
  });

  test("the longest way counts, whichever is walked first", () => {
    const graph = { main: ["short", "long"], short: ["end"], long: ["longer"], longer: ["short"], end: [] };
    expect(orderModules("main", graphOf(graph), 4).ok).toBe(true);
    expect(orderModules("main", graphOf(graph), 3)).toEqual({
      ok: false,
      reason: "depth",
      chain: ["main", "long", "longer", "short", "end"],
    });
  });

  test("256 modules are enough for everyone, in a row or side by side", () => {
    const row = (name: string): readonly string[] => [`m${Number(name.slice(1)) + 1}`];
    expect(orderModules("m0", row, 1e6)).toMatchObject({ ok: false, reason: "count" });
    const many = Array.from({ length: 257 }, (_, i) => `x${i}`);
    const wide = (count: number) =>
      orderModules("m", (name) => (name === "m" ? many.slice(0, count) : []), 8);
    expect([wide(256).ok, wide(257).ok]).toEqual([true, false]);
  });

  test("any graph: the order is one of its imports, or the chain is a way in it", () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const graphs = fc.dictionary(fc.constantFrom(...names), fc.uniqueArray(fc.constantFrom(...names)));
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 5 }), (graph, depthMax) => {
        expect(faultOf(graph, depthMax)).toBe("");
      }),
    );
  });
});

/** What is wrong with the answer for a graph. */
function faultOf(graph: Readonly<Record<string, readonly string[]>>, depthMax: number): string {
  const order = orderModules("a", graphOf(graph), depthMax);
  if (order.ok) {
    const place = new Map([...order.modules, "a"].map((name, i) => [name, i]));
    const wrong = [...place].find(([name, at]) =>
      (graph[name] ?? []).some((imported) => (place.get(imported) ?? Infinity) >= at),
    );
    return wrong === undefined ? "" : `${wrong[0]} comes before what it imports`;
  }
  const { chain, reason } = order;
  const step = chain.slice(1).findIndex((name, i) => graph[chain[i] ?? ""]?.includes(name) !== true);
  if (step !== -1) return `no import leads on from step ${step} of ${chain.join(" ")}`;
  if (reason === "cycle") return chain[0] === chain.at(-1) ? "" : `no circle: ${chain.join(" ")}`;
  return chain[0] === "a" && chain.length === depthMax + 2 ? "" : `wrong ends: ${chain.join(" ")}`;
}

describe("importersOf", () => {
  const edges = [
    { importer: "main", imported: "a" },
    { importer: "a", imported: "b" },
    { importer: "other", imported: "b" },
  ];
  test("through others too, and not what is imported", () => {
    expect([...importersOf(["b"], edges)].toSorted()).toEqual(["a", "main", "other"]);
    expect([...importersOf(["main", "x"], edges)]).toEqual([]);
  });
});
