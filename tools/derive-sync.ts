/** Plain twins of generator texts: `x.co.ts` is written by hand, `x.sync.ts` is the same text without waiting. One text, so
 *  that both have the same order of calls and the same count of operations. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "oxfmt";

const FOLDER = "packages/rhai/src/runtime";
/** What differs by hand in both forms. */
const BY_HAND = "settle.co.ts";

/** Path from the root → text of each plain twin. */
export async function deriveSync(root: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const name of globSync("*.co.ts", { cwd: join(root, FOLDER) }).toSorted()) {
    if (name === BY_HAND) continue;
    const path = `${FOLDER}/${name.replace(".co.ts", ".sync.ts")}`;
    const text = plainTwin(readFileSync(join(root, FOLDER, name), "utf8"), name);
    const { code, errors } = await format(path, text, { printWidth: 110 });
    if (errors.length > 0) throw new Error(`${path} is made wrong: ${errors[0]?.message}`);
    texts.set(path, code);
  }
  return texts;
}

/** The text with plain functions in place of generators. */
export function plainTwin(text: string, name: string): string {
  const [, body = text] = /^\/\*\*[\s\S]*?\*\/\n([\s\S]*)$/.exec(text) ?? [];
  const plain = body
    .replaceAll("function* ", "function ")
    .replaceAll("yield* ", "")
    .replaceAll('.co.ts"', '.sync.ts"');
  if (/\byield\b/.test(plain)) throw new Error(`${name}: only yield* can be left out`);
  return `/** Made from ${name} by \`npm run generate\`: change that one. */\n${plain}`;
}
