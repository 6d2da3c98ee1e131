import fc from "fast-check";
import { expect, test } from "vitest";
import { type InputLine, inputLines } from "./input-lines.ts";

async function linesOf(chunks: readonly Uint8Array[], charsMax = 100): Promise<InputLine[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) {
      await Promise.resolve();
      yield chunk;
    }
  }
  const lines: InputLine[] = [];
  for await (const line of inputLines(stream(), charsMax)) lines.push(line);
  return lines;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("lines do not depend on how the bytes arrive", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme" }).filter((line) => !line.includes("\n"))),
      fc.array(fc.nat(30)),
      async (lines, cuts) => {
        const all = bytes(lines.map((line) => `${line}\n`).join(""));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of cuts) chunks.push(all.slice(at, (at += size)));
        chunks.push(all.slice(at));
        expect(await linesOf(chunks, 10_000)).toEqual(lines);
      },
    ),
  );
});

test("the last line needs no end", async () => {
  expect(await linesOf([bytes("a\nb")])).toEqual(["a", "b"]);
  expect(await linesOf([])).toEqual([]);
});

test("a line that is too long is undefined, and the next one is whole", async () => {
  expect(await linesOf([bytes("12345\n123456\n1"), bytes("23"), bytes("456\nab")], 5)).toEqual([
    "12345",
    undefined,
    undefined,
    "ab",
  ]);
  expect(await linesOf([bytes("123456")], 5)).toEqual([undefined]);
});

test("wrong bytes become the replacement character", async () => {
  expect(await linesOf([new Uint8Array([0x61, 0xff, 0x0a, 0xe2, 0x82])])).toEqual(["a\u{fffd}", "\u{fffd}"]);
});
