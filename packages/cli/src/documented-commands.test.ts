/** Every `pic` command in the pages of this repository is one that `pic` takes. */
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exitCodes } from "./failure.ts";
import { runPic } from "./program.ts";
import { tableFetch, testIo } from "./test-io.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const pages = [
  "*.md",
  "docs/guide/**/*.md",
  "docs/operate/**/*.md",
  "examples/**/*.md",
  "packages/*/src/**/*.md",
];

interface Documented {
  readonly page: string;
  readonly command: string;
}

async function documentedCommands(): Promise<readonly Documented[]> {
  const found: Documented[] = [];
  for await (const page of glob(pages, { cwd: root, exclude: (name) => name === "node_modules" })) {
    const text = await readFile(join(root, page), "utf8");
    // Inline code, and lines of code blocks.
    for (const [, inline, line] of text.matchAll(
      /`((?:npx )?pic [a-z][^`\n]*)`|^(?:\$ )?((?:npx )?pic [a-z][^`\n]*)$/gm,
    )) {
      found.push({ page, command: (inline ?? line ?? "").replace(/^npx /, "").replaceAll("\\|", "|") });
    }
  }
  return found;
}

/** Words as a shell makes them, up to a pipe, redirection or comment. */
function shellWords(command: string): readonly string[] {
  const words: string[] = [];
  for (const [token] of command.matchAll(/(?:[^\s'"|<>#&]|'[^']*'|"[^"]*"|(?<=\S)#)+|[|<>#&]/g)) {
    if (/^[|<>#&]$/.test(token)) break;
    words.push(
      token.replaceAll(
        /'([^']*)'|"([^"]*)"/g,
        (_, single?: string, double?: string) => single ?? double ?? "",
      ),
    );
  }
  return words;
}

test("shell words", () => {
  expect(shellWords(`pic kv set a '{"b": 1}' "x y"z # why`)).toEqual([
    "pic",
    "kv",
    "set",
    "a",
    '{"b": 1}',
    "x yz",
  ]);
  expect(shellWords("pic kv get a b | jq .")).toEqual(["pic", "kv", "get", "a", "b"]);
});

test("all are taken by pic", { timeout: 60_000 }, async () => {
  const commands = await documentedCommands();
  expect(commands.length).toBeGreaterThan(50);
  const refused: string[] = [];
  for (const { page, command } of commands) {
    // No server answers: a command that is understood ends with another code than 2.
    const io = testIo({
      homeDir: "/nowhere",
      fetch: tableFetch({}).fetch,
      stdin: "ada\npassword\npassword\n",
    });
    const code = await runPic(io, shellWords(command).slice(1));
    // A sentence may name a command without its arguments: `pic deploy`.
    const isMention = /missing required argument|needs a verb/.test(io.stderr());
    if (code === exitCodes.usage && !isMention) refused.push(`${page}: ${command}\n${io.stderr()}`);
  }
  expect(refused).toEqual([]);
});
