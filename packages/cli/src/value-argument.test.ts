import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CliError } from "./failure.ts";
import { testIo } from "./test-io.ts";
import { jsonOrString, plainString, readValueArgument, strictJson } from "./value-argument.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "picloud-value-"));
  await writeFile(join(folder, "secret.txt"), "s3cr3t\n");
  await writeFile(join(folder, "value.json"), '{"a": [1, 2]}\n');
  await writeFile(join(folder, "image.bin"), new Uint8Array([0xff, 0xfe, 0x00]));
});
afterAll(async () => await rm(folder, { recursive: true }));

const read = async (argument: string, stdin = "") =>
  await readValueArgument(testIo({ cwd: folder, stdin }), argument);

describe("jsonOrString", () => {
  test.each([
    ["s3cr3t", "s3cr3t"],
    ["", ""],
    ["two words", "two words"],
    ["42", 42],
    ["007", "007"],
    ["1e999x", "1e999x"],
    ["true", true],
    ["null", null],
    ['"42"', "42"],
    ['{"a":1}', { a: 1 }],
    ["@@handle", "@handle"],
    ["@secret.txt", "s3cr3t"],
    ["@value.json", { a: [1, 2] }],
    ["it's", "it's"],
  ])("%j is %j", async (argument, expected) => {
    expect(jsonOrString(await read(argument))).toEqual(expected);
  });

  test("stdin is - or @-", async () => {
    expect(jsonOrString(await read("-", "[1]"))).toEqual([1]);
    expect(jsonOrString(await read("@-", "text\n"))).toBe("text");
  });

  test("any JSON value whose numbers are exact survives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        const text = JSON.stringify(value);
        // A top-level @ or - can't begin JSON, so nothing is taken for a file.
        const plain: unknown = JSON.parse(text);
        expect(jsonOrString(await read(text))).toEqual(plain);
      }),
    );
  });

  test("text that begins like JSON and is not is refused with its place", async () => {
    const failing = read('{"a": 1,\n "b" 2}').then(jsonOrString);
    await expect(failing).rejects.toBeInstanceOf(CliError);
    await expect(failing).rejects.toMatchObject({
      failure: { exitCode: 7, frame: expect.stringContaining("--> argument:2:6") as string },
    });
  });

  test.each(["9007199254740993", '{"id": 12345678901234567890}', "4.0", "[1.50]"])(
    "%s is sent as it was written",
    async (text) => {
      const value = jsonOrString(await read(text));
      expect(JSON.stringify({ value })).toBe(`{"value":${text.replaceAll(" ", "")}}`);
      expect(plainString(await read(text))).toBe(text);
    },
  );

  test("a number that is beyond all numbers is refused", async () => {
    await expect(read("[1e999]").then(jsonOrString)).rejects.toMatchObject({ failure: { exitCode: 7 } });
  });

  test("bytes that are not text are refused", async () => {
    await expect(read("@image.bin").then(jsonOrString)).rejects.toMatchObject({ failure: { exitCode: 7 } });
    expect((await read("@image.bin")).bytes).toEqual(new Uint8Array([0xff, 0xfe, 0x00]));
  });
});

test("plainString takes everything as text", async () => {
  expect(plainString(await read("42"))).toBe("42");
  expect(plainString(await read("{half"))).toBe("{half");
});

test("strictJson refuses what is not JSON", async () => {
  expect(strictJson(await read("[1]"))).toEqual([1]);
  await expect(read("s3cr3t").then(strictJson)).rejects.toMatchObject({ failure: { exitCode: 7 } });
});

test("a file that is not there is named", async () => {
  await expect(read("@gone.json")).rejects.toMatchObject({
    failure: { exitCode: 7, message: "the file gone.json can't be read" },
  });
});
