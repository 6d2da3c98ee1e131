/** Rhai's runtime and compiler, each as one text that an isolate evaluates. */
import { join } from "node:path";
import { rolldown } from "rolldown";

const FOLDER = "packages/rhai/src";

/** Generated file → the module that it holds. */
const BUNDLES = {
  [`${FOLDER}/runtime/runtime.generated.js`]: `${FOLDER}/runtime/runtime.ts`,
  [`${FOLDER}/compiler.generated.js`]: `${FOLDER}/compile-eval.ts`,
} as const;

/** Path from the root → text: an expression, a function without parameters that gives the exports of the module. The
 *  texts are ASCII, have no comments and depend on nothing but the sources. */
export async function bundleRhai(root: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const [path, entry] of Object.entries(BUNDLES)) texts.set(path, await bundle(root, entry));
  return texts;
}

async function bundle(root: string, entry: string): Promise<string> {
  const bundler = await rolldown({ input: join(root, entry), cwd: root, platform: "neutral" });
  try {
    const { output } = await bundler.generate({
      format: "iife",
      name: "bundle",
      exports: "named",
      comments: false,
      externalLiveBindings: false,
    });
    const [chunk] = output;
    const match = /^var bundle = (\(function\(exports\) \{[\s\S]*\}\))\(\{\}\);\s*$/.exec(chunk.code);
    if (output.length !== 1 || match?.[1] === undefined)
      throw new Error(`${entry}: the bundler made something else than one function`);
    const code = match[1].replaceAll(/^\s*\/\/#(end)?region.*\n/gm, "").replaceAll(/^\s*\/\/ .*\.ts\n/gm, "");
    return toAscii(`(function () {\n"use strict";\nreturn ${code}({});\n})\n`);
  } finally {
    await bundler.close();
  }
}

/** Escapes what is in strings and regular expressions; elsewhere the sources are ASCII. */
function toAscii(code: string): string {
  return code.replaceAll(
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    /[\u0000-\u0008\u000b-\u001f\u007f-\uffff]/g,
    (unit) => String.raw`\u` + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
