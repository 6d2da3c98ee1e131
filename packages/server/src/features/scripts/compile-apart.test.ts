import { describe, expect, test } from "vitest";

import { compileApart } from "./compile-apart.ts";
import { compileHere, type Compiled, type CompileRequest } from "./compile-here.ts";

const HANDLER = "export default () => 1;";

const request = (source: string): CompileRequest => ({
  language: "typescript",
  source,
  name: "a.ts",
  kind: "endpoint",
  host: { plain: [], suspending: [], methods: [] },
});
const compile = async (source: string): Promise<Compiled> => await compileApart(request(source));

describe("compileApart", () => {
  test("gives what compileHere gives, for short and long texts, good and bad", async () => {
    const long = `${HANDLER}\n${"// a comment that makes it long\n".repeat(1_000)}`;
    for (const source of [HANDLER, long, `${long}let a = ;`, `const x = "${"x".repeat(600)}";${HANDLER}`]) {
      expect(await compile(source)).toEqual(compileHere(request(source)));
    }
  });

  test("Rhai too, with what it may call", async () => {
    const host = { plain: ["kv::collection/1"], suspending: [], methods: ["get/1"] };
    const short = `kv::collection("a").get("b")`;
    const long = `${"// a comment that makes it long\n".repeat(1_000)}${short}`;
    for (const source of [short, long, `${long};\nlet a = ;`]) {
      const rhai: CompileRequest = { language: "rhai", source, name: "a.rhai", kind: "endpoint", host };
      const compiled = await compileApart(rhai);
      expect(compiled).toEqual(compileHere(rhai));
      expect(compiled.ok ? compiled.code : compiled.diagnostics[0]?.message).toMatch(
        /function\*|Unexpected ';'/,
      );
    }
  });

  test("a text made of errors is given up, and the process stays free", async () => {
    let turns = 0;
    const counting = setInterval(() => turns++, 10);
    const compiled = await compile(`let a${",a".repeat(60_000)};${HANDLER}`);
    clearInterval(counting);
    expect(compiled.ok ? "" : compiled.diagnostics[0]?.message).toMatch(/can't be compiled: it takes/);
    expect(turns).toBeGreaterThan(20);
  });

  test("several wait for their turn", async () => {
    const source = `${HANDLER}\n${"// long\n".repeat(2_000)}`;
    const all = await Promise.all(Array.from({ length: 6 }, async () => await compile(source)));
    expect(all.map(({ ok }) => ok)).toEqual(Array.from({ length: 6 }, () => true));
  });
});
