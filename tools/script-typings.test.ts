import { rawJson } from "@picloud/contract";
import { expect, test } from "vitest";
import { camelCase, pascalCase } from "./camel-case.ts";
import { errorsPage, limitsPage, permissionsPage, servicePages } from "./reference-pages.ts";
import { scriptTypings } from "./script-typings.ts";

const contracts = {
  dead_things: {
    summary: "Things.",
    endpoints: {},
    methods: {
      look_up: {
        summary: "Looks.",
        on: "collection",
        effect: "read",
        capability: "AppKvRead",
        args: [
          { name: "new", schema: rawJson, type: "Json" },
          { name: "max_items", schema: rawJson, type: "number", optional: true },
        ],
        returns: "Json | undefined",
        example: { typescript: "await x()", rhai: "x()" },
      },
      forget: {
        summary: "Forgets.",
        effect: "write",
        capability: "AppKvWrite",
        args: [],
        returns: "void",
        example: { typescript: "await y()", rhai: "y()" },
      },
    },
    events: [
      { source: "dead_thing", ops: ["a", "b"], fields: { old_value: "Json | undefined", name: "string" } },
    ],
    limits: [{ name: "name", most: 1000, unit: "bytes | chars", code: "too_large" }],
  },
} as const;

test("names are camelCase in TypeScript", () => {
  expect(camelCase("compare_and_set")).toBe("compareAndSet");
  expect(pascalCase("dead_letter")).toBe("DeadLetter");
});

test("typings: handle methods, own methods, reserved names, optional fields, typed events", () => {
  const text = scriptTypings(contracts);
  expect(text).toContain("export interface DeadThingsCollection<T = Json>");
  expect(text).toContain("lookUp(newValue: T, maxItems?: number): Promise<T | undefined>;");
  expect(text).toContain("collection<T = Json>(name: string): DeadThingsCollection<T>;");
  expect(text).toContain("forget(): Promise<void>;");
  expect(text).toContain("export interface DeadThingEvent<T = Json> extends TriggerEvent");
  expect(text).toContain(`readonly op: "a" | "b";`);
  expect(text).toContain("export type AnyEvent = DeadThingEvent;");
  expect(text).toContain("readonly deadThing: { readonly oldValue?: T; readonly name: string; };");
});

test("pages: one for each service, cells cannot break a table", () => {
  const pages = servicePages(contracts);
  expect([...pages.keys()]).toEqual(["services/dead-things.md"]);
  expect(pages.get("services/dead-things.md")).toContain("| `oldValue` | `Json \\| undefined` |");
  expect(limitsPage({} as Parameters<typeof limitsPage>[0], contracts)).toContain(
    "| dead_things | name | 1,000 | bytes \\| chars | `too_large` |",
  );
});

test("every error and every capability has its line", () => {
  expect(errorsPage()).toContain("| `cpu_timeout` | 504 | script | no |");
  expect(permissionsPage({})).toContain("| AppKvWrite | `script:write` |  | ✔ | ✔ | ✔ | ✔ |");
});
