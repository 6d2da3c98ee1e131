/** The texts of the Rhai package that run inside isolates. The sandbox does not import that package: it is given them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RhaiTexts } from "@picloud/sandbox";

export function readRhaiTexts(): RhaiTexts {
  return {
    runtime: read("@picloud/rhai/runtime.generated.js"),
    compiler: read("@picloud/rhai/compiler.generated.js"),
  };
}

function read(specifier: string): string {
  return readFileSync(fileURLToPath(import.meta.resolve(specifier)), "utf8");
}
