import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../src/compile.ts";
import * as engine from "../src/engine.ts";

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");

function blocksOf(language: string): string[] {
  return Array.from(
    readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g")),
    ([, block]) => block ?? "",
  );
}

/** `expression; // → value` becomes a check, as does `const name = …; // → value`. */
function withChecks(block: string): string {
  return block
    .replaceAll(/^import .*\n/gm, "")
    .replaceAll(/^(\s*)const (\w+) = (.*); \/\/ → (.*)$/gm, "$1const $2 = $3; check($2, $4);")
    .replaceAll(/^(\s*)(.*); \/\/ → (.*)$/gm, "$1check($2, $3);");
}

test("the examples in JavaScript do what they say", async () => {
  const code = blocksOf("js").map(withChecks).join("\n");
  let checks = 0;
  const check = (actual: unknown, expected: unknown): void => {
    checks += 1;
    expect(actual).toEqual(expected);
  };
  const names = { ...engine, compile, check };
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- code of our own page
  const run = new Function(...Object.keys(names), `return (async () => {\n${code}\n})();`) as (
    ...all: unknown[]
  ) => Promise<void>;
  await run(...Object.values(names));
  expect(checks).toBe(8);
});

test("the example in Rhai runs", () => {
  const lines: string[] = [];
  const [source = ""] = blocksOf("rhai");
  const order = new engine.Engine({ print: (text) => void lines.push(text) }).eval(source);
  expect(lines).toEqual(["Ada pays 135.0"]);
  expect(order).toMatchObject({ total: 13_500 });
});
