import { expect, test } from "vitest";
import { compileTypescript } from "../features/scripts/compile-typescript.ts";
import { mapLogLine } from "./execution-end.ts";
import { prepareScript } from "./prepared-script.ts";

const source = "export default async (): Promise<number> => {\n  await null; return (null as never)(); };\n";

function prepared() {
  const compiled = compileTypescript(source, "hi.ts");
  if (!compiled.ok) throw new Error("the example compiles");
  const limits = {
    timeout_seconds: 1,
    cpu_ms: 1,
    memory_mb: 1,
    operations: 1,
    call_depth: 1,
    string_bytes: 1,
  };
  const more = { array_items: 1, map_entries: 1, host_calls: 1, response_bytes: 1, log_bytes: 1 };
  const live = {
    app: { id: "a", slug: "a", state: "active" },
    id: "s",
    name: "hi",
    language: "typescript",
    version: 1,
    enabled: true,
    kind: "endpoint",
    invoke: "public",
    limits: { ...limits, ...more },
    artifactHash: "h",
    artifact: compiled.code,
    sourceMap: compiled.map,
    settings: compiled.settings,
  } as const;
  return { script: prepareScript(live), compiled };
}

test("a stack in a log line is in the lines and columns of the source, without the runtime's frames", () => {
  const { script, compiled } = prepared();
  const line = compiled.code
    .split("\n")
    .findIndex((text) => text.includes("null()") || text.includes("(null)"));
  const column = (compiled.code.split("\n")[line]?.search(/\(?null\)?\(\)/) ?? 0) + 1;
  const message = `Error: x\n    at hi (hi.ts:${line + 1}:${column})\n    at step (picloud:runtime:515:28)`;
  const mapped = mapLogLine({ level: "error", message, at: 0 }, script);
  expect(mapped.message).toMatch(/^Error: x\n {4}at hi \(hi\.ts:2:\d+\)$/);
});

test("a line without a stack is left alone", () => {
  const line = { level: "info", message: "hi.ts:1:1", at: 0 } as const;
  expect(mapLogLine(line, prepared().script)).toBe(line);
});
