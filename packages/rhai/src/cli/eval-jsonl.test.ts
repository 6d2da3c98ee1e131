import { expect, test } from "vitest";
import { evalJsonl } from "./eval-jsonl.ts";
import { type Answer } from "./row.ts";

const workerUrl = new URL("main.ts", import.meta.url);

interface Options {
  readonly rowMsMax?: number;
  readonly memoryMbMax?: number;
}

/** The answers to lines, in the order in which they come. */
async function answers(lines: readonly string[], options: Options = {}): Promise<Answer[]> {
  async function* input(): AsyncGenerator<Uint8Array> {
    for (const line of lines) {
      await Promise.resolve();
      yield new TextEncoder().encode(`${line}\n`);
    }
  }
  let output = "";
  const write = async (text: string): Promise<void> => {
    await Promise.resolve();
    output += text;
  };
  await evalJsonl({ workerUrl, input: input(), write, ...options });
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Answer);
}

const row = (id: unknown, code: string, more: object = {}): string => JSON.stringify({ id, code, ...more });

function failure(answer: Answer | undefined): string {
  return answer === undefined || answer.ok ? "no failure" : `${answer.error.variant}: ${answer.error.msg}`;
}

test("answers come in the order of the rows", async () => {
  const lines = Array.from({ length: 200 }, (_, at) => row(`r${at}`, `${at} * 2`));
  const values = (await answers(lines)).map((answer) => (answer.ok ? [answer.id, answer.value] : answer));
  expect(values).toEqual(lines.map((_, at) => [`r${at}`, { i: String(at * 2) }]));
});

test("every line that is not blank gets an answer, also one that is no row", async () => {
  const all = await answers([
    "",
    "{",
    "[]",
    '{"id":7}',
    row({ deep: [1] }, "1"),
    row(2, "1", { limits: { ops: "x" } }),
  ]);
  expect(all.map(({ id, ok }) => [id, ok])).toEqual([
    [null, false],
    [null, false],
    [7, false],
    [{ deep: [1] }, true],
    [2, false],
  ]);
  expect(all.slice(0, 2).map(failure).join()).toContain("not JSON");
});

test("rows that would not end, or grow without end, stop by themselves, and the next row is answered", async () => {
  const endless = [
    "loop {}",
    "let a = []; loop { a.push(1); }",
    'let s = "x"; loop { s += s; }',
    "fn f(n) { f(n + 1) } f(0)",
    "let a = [1]; loop { a = [a, a]; }",
    'loop { print("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"); }',
    'let s = ""; s.pad(1000000000, "x"); s.len()',
    "blob(9000000000)",
    "range(0, 9223372036854775807).len()",
    'eval("loop {}")',
    "[".repeat(100_000),
    `${"(".repeat(100_000)}1`,
    `${"-".repeat(100_000)}1`,
    `${"1+".repeat(100_000)}1`,
    "if true { ".repeat(50_000),
    "let x = ".repeat(50_000),
    '"\\u0000',
    "x".repeat(2_000_000),
  ];
  const all = await answers(endless.flatMap((code, at) => [row(at, code), row(`after ${at}`, "1 + 1")]));
  expect(all.map(({ id }) => id)).toEqual(endless.flatMap((_, at) => [at, `after ${at}`]));
  expect(all.filter((_, at) => at % 2 === 1).every(({ ok }) => ok)).toBe(true);
  expect(all.map(failure).filter((text) => text.startsWith("InternalError"))).toEqual([]);
});

test("a row that takes too long is stopped, and the next one runs in a fresh worker", async () => {
  const slow = row("slow", "loop {}", { limits: { ops: 0 } });
  const all = await answers([row("before", "1"), slow, row("after", "2")], { rowMsMax: 3_000 });
  expect(all.map(({ id, ok }) => [id, ok])).toEqual([
    ["before", true],
    ["slow", false],
    ["after", true],
  ]);
  expect(failure(all[1])).toContain("still running");
});

test("a row that exhausts the memory ends alone", async () => {
  const hungry = row("hungry", "let a = []; loop { a.push([1, 2, 3]); }", { limits: { ops: 0, arr: 0 } });
  const all = await answers([row("before", "1"), hungry, row("after", "2")], { memoryMbMax: 64 });
  expect(all.map(({ id, ok }) => [id, ok])).toEqual([
    ["before", true],
    ["hungry", false],
    ["after", true],
  ]);
  expect(failure(all[1])).toContain("memory");
});
