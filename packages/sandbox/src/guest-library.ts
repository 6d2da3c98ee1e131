/** Libraries of isolates, read from where they are installed: the npm package whatwg-url with those it needs, and re2js. */
import { readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";

/** Files by package. `encoding.js` and `@exodus/bytes` are left out: `guest/web/url.js` has what is used of them. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "whatwg-url": [
    "lib/Function.js",
    "lib/URL-impl.js",
    "lib/URL.js",
    "lib/URLSearchParams-impl.js",
    "lib/URLSearchParams.js",
    "lib/infra.js",
    "lib/percent-encoding.js",
    "lib/url-miscellaneous.js",
    "lib/url-state-machine.js",
    "lib/urlencoded.js",
    "lib/utils.js",
  ],
  "webidl-conversions": ["lib/index.js"],
  tr46: ["index.js", "lib/mappingTable.json", "lib/regexes.js", "lib/statusMapping.js"],
  punycode: ["punycode.js"],
};

/** Folders of the packages, by name. An executor may read these and nothing else outside of its own package. */
export function guestLibraryFolders(): Readonly<Record<string, string>> {
  const url = createRequire(import.meta.url);
  const whatwgUrl = folderOf(url, "whatwg-url");
  const inside = createRequire(`${whatwgUrl}/package.json`);
  const tr46 = folderOf(inside, "tr46");
  return {
    "whatwg-url": whatwgUrl,
    "webidl-conversions": folderOf(inside, "webidl-conversions"),
    tr46,
    punycode: folderOf(createRequire(`${tr46}/package.json`), "punycode"),
    re2js: regexFolder(url),
  };
}

/** The package shows its main file, `build/index.cjs`, only. */
function regexFolder(from: NodeJS.Require): string {
  return realpathSync(dirname(dirname(from.resolve("re2js"))));
}

function folderOf(from: NodeJS.Require, name: string): string {
  return realpathSync(dirname(from.resolve(`${name}/package.json`)));
}

/** Modules of re2js that `guest/std/regex.js` does without. */
const UNUSED = ["Matcher", "MatcherInput", "Set", "TranslateRegExpString", "index"];

/** A function expression that gives what `guest/std/regex.js` uses of re2js, much of which the package doesn't show. Every
 *  isolate has a copy of the text, so it is without comments, indentation, and the modules that are not used. */
export function regexLibraryText(): string {
  const text = readFileSync(`${regexFolder(createRequire(import.meta.url))}/build/index.cjs`, "utf8");
  // The bundle has a line `// src/NAME.js` before each module.
  const [, ...parts] = text.split(/^\/\/ src\/(\w+)\.js\n/m);
  const modules = parts.filter((_, i) => i % 2 === 1 && !UNUSED.includes(parts[i - 1] ?? ""));
  const code = modules
    .join("")
    .replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*\n/gm, "")
    .replaceAll(/^\t+/gm, "");
  return `() => { ${code}
return { __proto__: null, Parser, RE2, RE2Flags, DFA, MachineUTF16Input, RE2JSException }; }`;
}

/** An object expression: text of each file of the URL library by `package/path`. */
export function urlLibraryText(): string {
  const entries: string[] = [];
  for (const [name, folder] of Object.entries(guestLibraryFolders())) {
    for (const file of FILES[name] ?? []) {
      const text = readFileSync(`${folder}/${file}`, "utf8");
      entries.push(`${JSON.stringify(`${name}/${file}`)}: ${JSON.stringify(text)}`);
    }
  }
  return `{ __proto__: null, ${entries.join(",\n")} }`;
}
