/** Which modules of its app a source imports. Reads words and quotes only: enough to find the files that belong together;
 *  what is really imported, and whether it is there, is the server's to say. */

/** Comments, texts in quotes, words, and any other character by itself. A quote in a regular expression may hide the rest
 *  of its line. */
const TOKENS =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|`(?:\\[\s\S]|[^\\`])*(?:`|$)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[\w$]+|[^\s]/g;
/** Words and braces of the longest list of names that is looked through for its `from`. */
const NAMES_MAX = 4_096;

/** Names of modules, each once, in the order of their imports. */
export function importedModules(source: string, language: "rhai" | "typescript"): readonly string[] {
  const tokens = (source.match(TOKENS) ?? []).filter((token) => !/^\/[/*]/.test(token));
  const found = tokens.flatMap((token, at) => {
    if (token !== "import" && (token !== "export" || language === "rhai")) return [];
    if (tokens[at - 1] === ".") return [];
    const text = language === "rhai" ? tokens[at + 1] : fromOf(tokens, at);
    const module = moduleOf(text, language);
    return module === undefined ? [] : [module];
  });
  return [...new Set(found)];
}

/** The text that an import or export statement names its module with. */
function fromOf(tokens: readonly string[], at: number): string | undefined {
  const next = tokens[at + 1] ?? "";
  if (tokens[at] === "import" && isText(next)) return next;
  if (isTypeOnly(tokens, at) || (tokens[at] === "export" && next !== "{" && next !== "*")) return undefined;
  const names = tokens.slice(at + 1, at + NAMES_MAX);
  const from = names.findIndex(
    (token, i) => (token === "from" && isText(names[i + 1] ?? "")) || !/^[\w${},*"']/.test(token),
  );
  return names[from] === "from" ? names[from + 1] : undefined;
}

/** `import type { … }`, but not the import of something that is called `type`. */
function isTypeOnly(tokens: readonly string[], at: number): boolean {
  return tokens[at + 1] === "type" && tokens[at + 2] !== "from" && tokens[at + 2] !== ",";
}

function isText(token: string): boolean {
  return /^["']/.test(token);
}

function moduleOf(text: string | undefined, language: "rhai" | "typescript"): string | undefined {
  const pattern =
    language === "rhai"
      ? /^"([a-z][a-z0-9_-]{0,62})"$/
      : /^["']\.\/([a-z][a-z0-9_-]{0,62})(?:\.[mc]?[jt]s)?["']$/;
  return pattern.exec(text ?? "")?.[1];
}
