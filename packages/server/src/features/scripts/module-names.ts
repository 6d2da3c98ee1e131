/** Names of modules: which are taken by services, and how an import names one. */
import { scriptNameSchema } from "@picloud/contract";
import { PICLOUD_NAMES } from "./script-imports.ts";

/** What the namespaces of services and of the standard library are called in Rhai, and words of the language that would
 *  be confused with them. */
const OTHER_NAMES = ["picloud", "json", "crypto", "ctx", "global"] as const;

/** Names that no module can have, so that an import never looks like a service. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...PICLOUD_NAMES.filter((name) => /^[a-z]/.test(name)).map((name) =>
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ),
  ...OTHER_NAMES,
]);

export function isReservedModuleName(name: string): boolean {
  return RESERVED_NAMES.has(name);
}

/** Endings that the sources of scripts have; an import may be written with or without one. */
const TYPESCRIPT_ENDING = /\.(?:ts|mts|js|mjs)$/;

export type ModuleSpecifier =
  | { readonly module: string }
  | { readonly module: undefined; readonly reason: string; readonly hint: string };

/** The module that `./util` or `./util.ts` names, or why it can name none. `specifier` begins with a dot. */
export function readSpecifier(specifier: string): ModuleSpecifier {
  const name = specifier.replace(/^\.\//, "").replace(TYPESCRIPT_ENDING, "");
  if (!specifier.startsWith("./") || name.includes("/")) {
    return refused("modules of an app are in no folders", 'Write "./name", with the name of the module.');
  }
  if (!scriptNameSchema.safeParse(name).success) {
    return refused(
      `"${name}" is not the name of a module`,
      "A name starts with a–z and has at most 63 of a–z, 0–9, _ and -.",
    );
  }
  if (isReservedModuleName(name)) {
    return refused(
      `"${name}" is the name of a service, and no module can have it`,
      'Services are imported from "picloud".',
    );
  }
  return { module: name };
}

function refused(reason: string, hint: string): ModuleSpecifier {
  return { module: undefined, reason, hint };
}

/** The module of the app that an import names; `undefined` for "picloud" and what is refused. */
export function moduleOf(specifier: string): string | undefined {
  return specifier.startsWith(".") ? readSpecifier(specifier).module : undefined;
}
