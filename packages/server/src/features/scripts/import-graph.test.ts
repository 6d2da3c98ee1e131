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
        const order = orderModules("a", graphOf(graph), depthMax);
        if (order.ok) {
          const place = new Map([...order.modules, "a"].map((name, i) => [name, i]));
          for (const [name, at] of place) {
            for (const imported of graph[name] ?? [])
              expect(place.get(imported) ?? Infinity).toBeLessThan(at);
          }
          return;
        }
        for (const [i, name] of order.chain.slice(1).entries()) {
          expect(graph[order.chain[i] ?? ""]).toContain(name);
        }
        if (order.reason === "cycle") expect(order.chain[0]).toBe(order.chain.at(-1));
        else expect([order.chain[0], order.chain.length]).toEqual(["a", depthMax + 2]);
      }),
    );
  });
});

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
