/** Cases of our own, in `cases/*.rhai`: programs with what they give.
 *
 *  A case is the lines of a program, then one or more lines `//=> …`: the value as `debug` shows it, or `! ` and the
 *  message of the error, whose further lines are indented. Cases are apart by empty lines; `// …` before one is a remark. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, type Tagged } from "../src/cli/row.ts";

export interface Case {
  readonly name: string;
  readonly code: string;
  readonly expected: string;
}

const MARK = /^\/\/=> ?/;

/** All cases of all files. */
export function readCases(folder: string = join(import.meta.dirname, "cases")): Case[] {
  return globSync("*.rhai", { cwd: folder })
    .toSorted()
    .flatMap((file) => casesOf(file, readFileSync(join(folder, file), "utf8")));
}

function casesOf(file: string, text: string): Case[] {
  const cases: Case[] = [];
  let line = 1;
  for (const block of text.split(/\n\n+/)) {
    const lines = block.split("\n").filter((part) => part !== "" && !part.startsWith("// "));
    const code = lines.filter((part) => !MARK.test(part)).join("\n");
    const expected = lines.filter((part) => MARK.test(part)).map((part) => part.replace(MARK, ""));
    if (code === "" || expected.length === 0)
      throw new Error(`${file}: a case without program or answer:\n${block}`);
    cases.push({
      name: `${file} ${line}: ${lines[0] ?? ""}`,
      code,
      expected: expected.map((part) => part.replace(/^ {2}/, "")).join("\n"),
    });
    line++;
  }
  return cases;
}

/** The answer in the form of the files. */
export function showAnswer(answer: Answer): string {
  return answer.ok ? showValue(answer.value) : `! ${answer.error.msg}`;
}

function showValue(value: Tagged): string {
  if ("i" in value) return value.i;
  if ("f" in value) return value.f;
  if ("b" in value) return String(value.b);
  if ("s" in value) return JSON.stringify(value.s);
  if ("c" in value) return `'${value.c}'`;
  if ("u" in value) return "()";
  if ("a" in value) return `[${value.a.map(showValue).join(", ")}]`;
  if ("m" in value) {
    const parts = Object.entries(value.m).map(([key, item]) => `${JSON.stringify(key)}: ${showValue(item)}`);
    return `#{${parts.join(", ")}}`;
  }
  if ("blob" in value) return `[${value.blob}]`;
  if ("range" in value) return value.range.join("..");
  if ("rangei" in value) return value.rangei.join("..=");
  return "fn" in value ? `Fn(${value.fn})` : value.display;
}
