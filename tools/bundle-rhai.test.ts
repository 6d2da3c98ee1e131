import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleRhai } from "./bundle-rhai.ts";

const root = join(import.meta.dirname, "..");

test("the bundles of Rhai are fresh, ASCII, and made the same way each time", async () => {
  const [bundles, again] = [await bundleRhai(root), await bundleRhai(root)];
  expect(again).toEqual(bundles);
  for (const [path, text] of bundles) {
    expect(readFileSync(join(root, path), "utf8") === text, `${path} is stale: run npm run generate`).toBe(
      true,
    );
    expect(/^[\t\n\u0020-\u007e]*$/.test(text)).toBe(true);
  }
});
