import { expect, test } from "vitest";
import { parse } from "./parser.ts";

const qualifiedWords = ["debug"];

test("a reserved word is a name behind :: where the host says so, and nowhere else", () => {
  expect(parse("log::debug(1); a::b::debug(2)", { qualifiedWords }).diagnostics).toEqual([]);
  expect(parse("log::debug(1)").diagnostics[0]).toMatchObject({ code: "Reserved", line: 1, column: 6 });
  expect(parse("log::print(1)", { qualifiedWords }).diagnostics[0]?.code).toBe("Reserved");
  expect(parse("let debug = 1;", { qualifiedWords }).diagnostics[0]?.code).toBe("Reserved");
  expect(parse("debug::info(1)", { qualifiedWords }).diagnostics[0]?.code).toBe("Reserved");
});
