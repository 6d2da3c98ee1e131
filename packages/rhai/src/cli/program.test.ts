import { describe, expect, test } from "vitest";
import { type Io } from "./io.ts";
import { runRhai } from "./program.ts";

interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const workerUrl = new URL("main.ts", import.meta.url);

async function rhai(args: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<Told> {
  let [out, err] = ["", ""];
  async function* input(): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    yield new TextEncoder().encode(files["-"] ?? "");
  }
  const io: Io = {
    input: input(),
    write: async (text) => {
      await Promise.resolve();
      out += text;
    },
    complain: (text) => {
      err += text;
    },
    readFile: (path) => {
      const text = files[path.replaceAll("\\", "/")];
      if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: "ENOENT" });
      return text;
    },
  };
  return { code: await runRhai(io, args, workerUrl), out, err };
}

describe("rhai run", () => {
  test("prints what the script prints, and its result", async () => {
    const files = { "a.rhai": 'print("hello");\ndebug(1.5);\n[1, 2.0]' };
    expect(await rhai(["run", "a.rhai"], files)).toEqual({
      code: 0,
      out: "hello\n[1, 2.0]\n",
      err: "a.rhai:2:1: 1.5\n",
    });
  });

  test("reads its standard input", async () => {
    expect(await rhai(["run", "-"], { "-": "40 + 2" })).toEqual({ code: 0, out: "42\n", err: "" });
  });

  test("shows where a script failed, and through which calls", async () => {
    const files = { "a.rhai": "fn half(x) {\n    x.foo()\n}\nprint(1);\nhalf(3)" };
    expect(await rhai(["run", "a.rhai"], files)).toEqual({
      code: 1,
      out: "1\n",
      err: [
        "error[ErrorInFunctionCall]: Function not found: foo (i64) (line 2, position 7)",
        "in call to function 'half' (line 5, position 1)",
        "  --> a.rhai:5:1",
        "   |",
        " 3 | }",
        " 4 | print(1);",
        " 5 | half(3)",
        "   | ^",
        "",
      ].join("\n"),
    });
  });
});

describe("rhai check", () => {
  test("is silent about scripts that are fine", async () => {
    expect(await rhai(["check", "a", "b"], { a: "1", b: "let x = 2;" })).toEqual({
      code: 0,
      out: "",
      err: "",
    });
  });

  test("shows what is wrong, with the lines", async () => {
    const told = await rhai(["check", "a.rhai", "b.rhai"], {
      "a.rhai": "1",
      "b.rhai": "let a = 1;\nlet b = ;",
    });
    expect(told).toEqual({
      code: 1,
      out: [
        "error[UnexpectedInput]: Unexpected ';'",
        "  --> b.rhai:2:9",
        "   |",
        " 1 | let a = 1;",
        " 2 | let b = ;",
        "   |         ^",
        "",
        "",
      ].join("\n"),
      err: "1 of 2 scripts are wrong\n",
    });
  });
});

test("rhai emit prints JavaScript", async () => {
  const { code, out } = await rhai(["emit", "a"], { a: "40 + 2" });
  expect([code, out]).toEqual([0, expect.stringContaining("function main(")]);
});

test("rhai eval runs a text", async () => {
  expect(await rhai(["eval", "`${1 + 2}!`"])).toEqual({ code: 0, out: "3!\n", err: "" });
});

test("rhai eval --jsonl answers rows", async () => {
  const told = await rhai(["eval", "--jsonl"], {
    "-": '{"id":"a","code":"1"}\nnonsense\n{"id":"b","code":"\'x\'"}',
  });
  const answers = told.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; ok: boolean });
  expect([told.code, answers.map(({ id, ok }) => [id, ok])]).toEqual([
    0,
    [
      ["a", true],
      [null, false],
      ["b", true],
    ],
  ]);
});

test("rhai bench measures", async () => {
  const { code, out } = await rhai(["bench", "a"], { a: "1 + 1" });
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/^script .*\na +\d+\.\d{3} ms +\d+\.\d{3} ms +\d+\.\d{3} ms\n$/),
  ]);
});

test.each([
  [["run"], "give one FILE"],
  [["run", "a", "b"], "give one FILE"],
  [["run", "missing.rhai"], "no such file: missing.rhai"],
  [["check"], "give one FILE or more"],
  [["nonsense"], "there is no command nonsense"],
  [["run", "--jsonl", "a"], "--jsonl belongs to rhai eval"],
  [["run", "--nonsense", "a"], "--nonsense"],
])("%j is wrong use", async (args, message) => {
  const { code, err } = await rhai(args);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});

test("help is not an error", async () => {
  expect((await rhai(["--help"])).code).toBe(0);
});
