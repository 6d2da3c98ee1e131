/** A script that is linked from several units, in the form that the server's linker gives it. */
import { createHash } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import type { Artifact } from "./sandbox.ts";
import { job, run, TestHost, testSandbox } from "./testing/harness.ts";

const sandbox = testSandbox();
afterAll(async () => await sandbox.close());

/** Modules by name, in the order of evaluation, and the script; each is the body of its function. */
function linked(modules: Readonly<Record<string, string>>, script: string): Artifact {
  const unit = (body: string): string =>
    `(async function ($p) { 'use strict'; const { g, s, r, t } = $p; ${body}\n})`;
  const names = JSON.stringify(Object.keys(modules).map((name) => `./${name}`));
  const units = [...Object.values(modules), script].map(unit).join(",\n");
  const code = `(function(u){return function(p){return p.l(${names},u)}})([\n${units}])`;
  return { hash: createHash("sha256").update(code).digest("hex"), name: "main.ts", code };
}

const answer = async (artifact: Artifact): Promise<unknown> => {
  const { body, error } = await run(sandbox, job(artifact));
  return error === undefined ? (JSON.parse(body) as unknown) : `${error.code} ${error.message}`;
};

const counter = `let n = 0; return $p.e({ get ["n"]() { return n }, ["inc"]: () => { n++; } }, []);`;

test("modules are evaluated once, in order, and what they export may change", async () => {
  const modules = {
    counter,
    user: `const c = $p.import("./counter"); c.inc(); return $p.e({ ["seen"]: c.n }, []);`,
  };
  const script = `const c = $p.import("./counter"), u = $p.import("./user"); c.inc();
    return { default: () => ({ n: c.n, seen: u.seen }) };`;
  expect(await answer(linked(modules, script))).toEqual({ n: 2, seen: 1 });
});

test("a namespace is frozen, sorted and has no prototype; stars add what is not there yet", async () => {
  const modules = {
    counter,
    all: `return $p.e({ ["z"]: 1, ["inc"]: 2, ["a"]: 3 }, [$p.import("./counter")]);`,
  };
  const script = `const all = $p.import("./all");
    return { default: () => {
      let failed = ""; try { all.z = 2 } catch (error) { failed = error.name }
      return [Object.keys(all), all.n, all.inc, Object.getPrototypeOf(all), String(Object.prototype.toString.call(all)), failed];
    } };`;
  expect(await answer(linked(modules, script))).toEqual([
    ["a", "inc", "n", "z"],
    0,
    2,
    null,
    "[object Module]",
    "TypeError",
  ]);
});

test("a module that waits, and one that throws", async () => {
  const modules = { slow: "const v = await Promise.resolve(7); return $p.e({ v }, []);" };
  expect(
    await answer(linked(modules, `const { v } = $p.import("./slow"); return { default: () => v };`)),
  ).toBe(7);
  const failing = linked({ bad: `throw new RangeError("no");` }, "return { default: () => 1 };");
  expect(await answer(failing)).toBe("compile_error no");
});

test("calls while a script is loaded are refused in modules as in scripts", async () => {
  const host = new TestHost();
  const artifact = linked(
    { early: `const { kv } = $p.import("picloud"); await kv.collection("c").get("k"); return $p.e({}, []);` },
    "return { default: () => 1 };",
  );
  const { error } = await run(sandbox, job(artifact), host);
  expect(error?.code).toBe("compile_error");
  expect(host.calls).toEqual([]);
});
