/** The scripts of a deployment: the files that are named, and the modules beside them that they import. */
import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { usageError } from "./failure.ts";
import type { Io } from "./io.ts";
import { importedModules } from "./module-imports.ts";
import { readScriptFile } from "./project.ts";
import type { ScriptFile } from "./project.ts";
import { shellWord } from "./shell-word.ts";

export interface ProjectScript extends ScriptFile {
  /** Another file imports it, or it is said to be one; absent: what it is on the server, or an endpoint. */
  readonly kind?: "module";
}

export interface ProjectOptions {
  /** Of the first file. */
  readonly name: string | undefined;
  /** The first file is a module. */
  readonly isModule: boolean;
}

const extensions = {
  rhai: [".rhai"],
  typescript: [".ts", ".mts", ".js", ".mjs"],
} as const satisfies Record<ScriptFile["language"], readonly string[]>;

/** As many as the server takes at once. */
const scriptsMost = 1000;

/** The first file's script comes first. */
export async function readProject(
  io: Io,
  files: readonly string[],
  options: ProjectOptions,
): Promise<readonly ProjectScript[]> {
  const scripts = new Map<string, ScriptFile>();
  for (const [i, file] of files.entries()) {
    const script = await readScriptFile(io, file, i === 0 ? options.name : undefined);
    const other = scripts.get(script.name);
    if (other !== undefined) {
      throw usageError(
        `${other.file} and ${file} are both called ${script.name}`,
        `pic deploy ${shellWord(file)}`,
      );
    }
    scripts.set(script.name, script);
  }
  const modules = new Set<string>();
  const [first] = scripts.keys();
  if (options.isModule && first !== undefined) modules.add(first);
  for (const script of scripts.values()) {
    for (const name of importedModules(script.source, script.language)) {
      modules.add(name);
      if (scripts.has(name) || scripts.size >= scriptsMost) continue;
      const file = await findModule(io, script, name);
      if (file !== undefined) scripts.set(name, await readScriptFile(io, file, undefined));
    }
  }
  return [...scripts.values()].map((script) =>
    modules.has(script.name) ? { ...script, kind: "module" } : script,
  );
}

/** A module that is not beside its importer is looked for on the server. */
async function findModule(io: Io, importer: ScriptFile, name: string): Promise<string | undefined> {
  for (const extension of extensions[importer.language]) {
    const file = join(dirname(importer.file), name + extension);
    const isThere = await access(resolve(io.cwd, file)).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}
