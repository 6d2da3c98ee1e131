import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkArrows, checkEdges, edgesOf } from "./arrows.ts";

const server = (path: string): string => `packages/server/src/${path}`;
const check = (path: string, text: string): string[] => checkEdges(edgesOf({ path, text }));

/** File, import statement, first words of the arrow that must catch it. */
const faults: readonly [string, string, string][] = [
  ["packages/contract/src/x.ts", `import fs from "node:fs";`, "contract-package-is-pure"],
  ["packages/contract/src/x.ts", `export { a } from "@picloud/server/contract";`, "contract-package-is-pure"],
  ["packages/rhai/src/compile.ts", `import fs from "node:fs";`, "rhai-is-pure"],
  ["packages/rhai/src/engine.ts", `import a from "./cli/row.ts";`, "rhai-is-pure"],
  ["packages/rhai/src/cli/main.ts", `import { a } from "commander";`, "rhai-command-imports-node-only"],
  ["packages/rhai/src/runtime/x.ts", `import a from "../compile.ts";`, "rhai-runtime-stands-alone"],
  [server("x.ts"), `import { Engine } from "@picloud/rhai/engine";`, "server-imports"],
  ["packages/sandbox/src/x.ts", `import { a } from "@picloud/contract";`, "sandbox-knows-nothing-of-ours"],
  ["packages/sandbox/src/x.ts", `import type { a } from "@picloud/contract";`, "sandbox-knows-nothing"],
  ["packages/sandbox/src/host/x.ts", `import a from "../executor/a.ts";`, "sandbox-host-never-executor"],
  ["packages/sandbox/src/sandbox.ts", `import a from "./executor/a.ts";`, "sandbox-host-never-executor"],
  ["packages/sandbox/src/executor/x.ts", `import a from "../host/a.ts";`, "sandbox-executor-never-host"],
  ["packages/sandbox/src/guest/web/x.js", `import a from "./a.js";`, "guest-imports-nothing"],
  ["packages/sandbox/src/host/x.ts", `import ivm from "isolated-vm";`, "main-process-never-evaluates"],
  [server("data-plane/x.ts"), `await import("node:vm");`, "main-process-never-evaluates"],
  [server("platform/x.ts"), `import { runInThisContext } from "vm";`, "main-process-never-evaluates"],
  ["packages/client/src/x.ts", `import fs from "node:fs";`, "client-runs-anywhere"],
  ["packages/cli/src/x.ts", `import { a } from "@picloud/server";`, "clients-see-contracts-only"],
  ["packages/cli/src/x.ts", `import a from "../../server/src/server.ts";`, "clients-see-contracts-only"],
  [server("server.ts"), `import a from "../../sandbox/src/host/pool.ts";`, "packages-by-name"],
  [server("server.ts"), `import { a } from "@picloud/client";`, "server-imports"],
  [server("features/kv/kv.service.ts"), `import a from "../../server.ts";`, "composition-root"],
  [server("platform/x.ts"), `import a from "../features/kv/kv.service.ts";`, "platform-knows-no-feature"],
  [server("platform/x.ts"), `import { readConfig } from "../config.ts";`, "platform-knows-no-feature"],
  [server("config.ts"), `import { createFeatures } from "./features.ts";`, "config-is-a-leaf"],
  [server("control-plane/x.ts"), `import a from "../data-plane/a.ts";`, "control-plane-knows-no-data-plane"],
  [server("data-plane/x.ts"), `export * from "../control-plane/a.ts";`, "data-plane-knows-no-control-plane"],
  [server("data-plane/x.ts"), `import a from "../features/kv/kv.repository.ts";`, "planes-see-faces-only"],
  [
    server("features/kv/kv.service.ts"),
    `import a from "../../data-plane/a.ts";`,
    "features-stand-on-platform",
  ],
  [server("features/kv/kv.service.ts"), `import a from "../apps/apps.repository.ts";`, "feature-privacy"],
  [server("features.ts"), `import a from "./features/kv/kv.repository.ts";`, "table-2-imports-wiring"],
  [server("features/kv/kv.contract.ts"), `import fs from "node:fs";`, "contracts-are-pure"],
  [server("contract.ts"), `import a from "./features/kv/kv.service.ts";`, "contracts-are-pure"],
  [server("features/kv/kv.repository.ts"), `import a from "./kv.service.ts";`, "repositories-hold-sql-only"],
  [server("features/kv/kv.repository.ts"), `import a from "../../platform/policy.ts";`, "repositories-hold"],
  [server("features/kv/kv.server.ts"), `import a from "./kv.repository.ts";`, "wiring-has-no-sql"],
  [server("main.ts"), "await import(`./${name}.ts`);", `${server("main.ts")} imports a computed specifier`],
];

describe("a planted fault is found", () => {
  test.each(faults)("%s: %s", (path, text, name) => {
    expect(check(path, text).join("\n")).toContain(name);
  });
});

const allowed: readonly [string, string][] = [
  ["packages/contract/src/x.ts", `import { z } from "zod"; import a from "./a.ts";`],
  ["packages/rhai/src/cli/main.ts", `import fs from "node:fs"; import { Engine } from "../engine.ts";`],
  ["packages/client/src/x.ts", `import { contracts } from "@picloud/server/contract";`],
  ["packages/sandbox/src/executor/x.ts", `import ivm from "isolated-vm"; import p from "../protocol.ts";`],
  ["packages/sandbox/src/host/pool.test.ts", `import ivm from "isolated-vm";`],
  [server("platform/x.ts"), `import type { Config } from "../config.ts";`],
  [server("main.ts"), `import { startServer } from "./server.ts";`],
  [
    server("features/kv/kv.service.ts"),
    `import a from "../apps/apps.service.ts"; import b from "./kv.repository.ts";`,
  ],
  [server("features/kv/kv.repository.ts"), `import type { Context } from "../../platform/context.ts";`],
  [server("features/kv/kv.repository.ts"), `import type { KvRow } from "./kv.contract.ts";`],
  [server("features/kv/kv.contract.ts"), `import { a } from "../apps/apps.contract.ts";`],
  [server("data-plane/x.ts"), `import a from "../features/scripts/scripts.service.ts";`],
  [server("x.ts"), `export const x = f({ name: "node:vm" }); // import vm from "node:vm"`],
];

test.each(allowed)("allowed: %s: %s", (path, text) => {
  expect(check(path, text)).toEqual([]);
});

test("a cycle between features is found, whatever its length", () => {
  const edges = ["a>b", "b>c", "c>a"].flatMap((pair) => {
    const [from, to] = pair.split(">");
    const path = server(`features/${from}/${from}.service.ts`);
    return edgesOf({ path, text: `import x from "../${to}/${to}.service.ts";` });
  });
  expect(checkEdges(edges.slice(0, 2))).toEqual([]);
  expect(checkEdges(edges)).toEqual(["features depend on each other: a → b → c → a"]);
});

test("a file that does not parse is an error, not a file without imports", () => {
  expect(() => edgesOf({ path: "packages/x/src/x.ts", text: "import {" })).toThrow("does not parse");
});

test("this repository keeps its arrows, and the check is not blind", () => {
  const { edges, offences } = checkArrows(join(import.meta.dirname, ".."));
  expect(offences).toEqual([]);
  expect(edges).toBeGreaterThan(20);
});
