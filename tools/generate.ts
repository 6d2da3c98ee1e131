/** Writes what is derived from contracts, policy and settings; with `--check` says what is stale instead. */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { format } from "oxfmt";
import { describeSettings } from "../packages/server/src/config.ts";
import { contracts } from "../packages/server/src/contract.ts";
import { makeOpenApi } from "../packages/server/src/control-plane/openapi.ts";
import { LIMITS } from "../packages/server/src/platform/settings/limit-settings.ts";
import { bundleRhai } from "./bundle-rhai.ts";
import { endpointsFile, nounsFile } from "./client-tables.ts";
import { deriveSync } from "./derive-sync.ts";
import {
  apiPage,
  errorsPage,
  limitsPage,
  permissionsPage,
  servicePages,
  settingsPage,
  standardLibraryPage,
} from "./reference-pages.ts";
import { rhaiTypings } from "./rhai-typings.ts";
import { scriptTypings } from "./script-typings.ts";

const root = join(import.meta.dirname, "..");

/** Path from the root → text, formatted. */
async function generate(): Promise<Map<string, string>> {
  const files = new Map([
    ["docs/reference/errors.md", errorsPage()],
    ["docs/reference/permissions.md", permissionsPage(contracts)],
    ["docs/reference/settings.md", settingsPage(describeSettings())],
    ["docs/reference/limits.md", limitsPage(LIMITS, contracts)],
    ["docs/reference/api.md", apiPage(contracts)],
    ["docs/reference/standard-library.md", standardLibraryPage()],
    [
      "docs/reference/openapi.json",
      JSON.stringify(await makeOpenApi(contracts, { version: "1", basePath: "" })),
    ],
    ["packages/cli/src/nouns.generated.ts", nounsFile()],
    ["packages/client/src/endpoints.generated.ts", endpointsFile()],
    ["packages/script-types/picloud.d.ts", scriptTypings(contracts)],
    ["packages/script-types/rhai.json", rhaiTypings(contracts)],
  ]);
  for (const [name, text] of servicePages(contracts)) files.set(`docs/reference/${name}`, text);
  for (const [path, text] of files) {
    const { code, errors } = await format(path, text, { printWidth: 110 });
    const [error] = errors;
    if (error !== undefined) throw new Error(`${path} is made wrong: ${error.message}`);
    files.set(path, code);
  }
  for (const [path, text] of await deriveSync(root)) {
    files.set(path, text);
    // The bundle below is made of the files: they must be there first.
    if (!process.argv.includes("--check")) writeFileSync(join(root, path), text);
  }
  for (const [path, text] of await bundleRhai(root)) files.set(path, text);
  return files;
}

/** Pages that nothing makes any more. */
function leftOver(files: ReadonlyMap<string, string>): string[] {
  return globSync("docs/reference/**/*.md", { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !files.has(path));
}

const files = await generate();
const isStale = ([path, text]: readonly [string, string]): boolean =>
  !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text;
const stale = [...files].filter(isStale);
const extra = leftOver(files);
if (process.argv.includes("--check")) {
  for (const path of [...stale.map(([name]) => name), ...extra])
    console.error(`${path} is stale: run npm run generate`);
  process.exitCode = stale.length + extra.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of extra) rmSync(join(root, path));
}
console.log(`generate: ${files.size} files, ${stale.length + extra.length} stale`);
