/** `node tools/build-rhai.ts [folder]`: the package rhai as it is published, in plain JavaScript with types, by itself. */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const source = join(root, "packages", "rhai");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** Replaces the folder `into`. */
export function buildRhai(into: string): void {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", join(source, "tsconfig.build.json"), "--outDir", into]);
  // Declarations keep the names of the sources.
  for (const path of globSync("**/*.d.ts", { cwd: into })) {
    const text = readFileSync(join(into, path), "utf8");
    writeFileSync(join(into, path), text.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
  for (const path of globSync("**/*.generated.js", { cwd: join(source, "src") }))
    cpSync(join(source, "src", path), join(into, path));
  copyFileSync(join(source, "README.md"), join(into, "README.md"));
  copyFileSync(join(root, "LICENSE"), join(into, "LICENSE"));
  writeFileSync(join(into, "rhai"), '#!/usr/bin/env node\nimport "./cli/main.js";\n', { mode: 0o755 });
  writeFileSync(join(into, "package.json"), `${JSON.stringify(publishedManifest(), undefined, 2)}\n`);
}

/** `./src/x.ts` of the sources is `./x.js` beside `./x.d.ts`. */
function publishedManifest(): object {
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as Manifest;
  const { name, version, license, description } = manifest;
  const exports = Object.entries(manifest.exports).map(([key, path]) => {
    const built = path.replace(/^\.\/src\//, "./");
    if (!built.endsWith(".ts")) return [key, built] as const;
    const stem = built.slice(0, -".ts".length);
    return [key, { types: `${stem}.d.ts`, default: `${stem}.js` }] as const;
  });
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines: { node: ">=22" },
    bin: { rhai: "./rhai" },
    exports: Object.fromEntries(exports),
  };
}

if (import.meta.main) {
  const into = process.argv[2] ?? join(source, "dist");
  buildRhai(into);
  console.log(`built into ${into}`);
}
