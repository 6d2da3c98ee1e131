import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deriveSync, plainTwin } from "./derive-sync.ts";

const root = join(import.meta.dirname, "..");

test("the plain twins of generator texts are fresh", async () => {
  const twins = await deriveSync(root);
  expect(twins.size).toBeGreaterThan(2);
  for (const [path, text] of twins) {
    expect(readFileSync(join(root, path), "utf8") === text, `${path} is stale: run npm run generate`).toBe(
      true,
    );
  }
});

test("a twin calls the other twins and does not wait", () => {
  const text =
    '/** Doc. */\nimport { f } from "./f.co.ts";\nfunction* g(): Co<number> {\n  return yield* f();\n}\n';
  expect(plainTwin(text, "g.co.ts")).toBe(
    '/** Made from g.co.ts by `npm run generate`: change that one. */\nimport { f } from "./f.sync.ts";\nfunction g(): Co<number> {\n  return f();\n}\n',
  );
});

test("a plain yield can't be left out", () => {
  expect(() => plainTwin("function* g() { yield 1; }", "g.co.ts")).toThrow("only yield*");
});
