/** The URL library of isolates: files of the npm package whatwg-url and of those it needs, read from where they are
 *  installed and put into one text. */
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
  };
}

function folderOf(from: NodeJS.Require, name: string): string {
  return realpathSync(dirname(from.resolve(`${name}/package.json`)));
}

/** An object expression: text of each file by `package/path`. */
export function guestLibraryText(): string {
  const entries: string[] = [];
  for (const [name, folder] of Object.entries(guestLibraryFolders())) {
    for (const file of FILES[name] ?? []) {
      const text = readFileSync(`${folder}/${file}`, "utf8");
      entries.push(`${JSON.stringify(`${name}/${file}`)}: ${JSON.stringify(text)}`);
    }
  }
  return `{ __proto__: null, ${entries.join(",\n")} }`;
}
