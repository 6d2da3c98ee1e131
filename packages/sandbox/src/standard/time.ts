/** Points in time. */
import type { StandardNamespace } from "./table.ts";

const text = { name: "text", type: "words" } as const;

export const time: StandardNamespace = {
  name: "time",
  typescript: "time",
  summary: "Points in time as milliseconds since 1970 in UTC, and as text of RFC 3339.",
  functions: [
    {
      name: "now",
      summary: "The present time. It stands still while a script computes, and moves on when it waits.",
      args: [],
      result: "int",
      example: { typescript: "time.now()", rhai: "time::now()" },
    },
    {
      name: "format",
      summary: "RFC 3339 in UTC with milliseconds.",
      args: [{ name: "ms", type: "whole" }],
      result: "text",
      example: {
        typescript: "time.format(1_795_000_000_000)",
        rhai: "time::format(1_795_000_000_000)",
        gives: `"2026-11-18T11:06:40.000Z"`,
      },
    },
    {
      name: "parse",
      summary:
        "Milliseconds of a text of RFC 3339, with any offset; digits past the third of a fraction are dropped. Anything else is an error.",
      args: [text],
      result: "int",
      example: {
        typescript: `time.parse("2026-11-18T13:06:40+02:00")`,
        rhai: `time::parse("2026-11-18T13:06:40+02:00")`,
        gives: "1795000000000",
      },
    },
    {
      name: "parts",
      summary: "The parts of a time in UTC. `weekday` is 1 for Monday to 7 for Sunday.",
      args: [{ name: "ms", type: "whole" }],
      result: "record",
      record: {
        year: "number",
        month: "number",
        day: "number",
        hour: "number",
        minute: "number",
        second: "number",
        millisecond: "number",
        weekday: "number",
        day_of_year: "number",
      },
      example: { typescript: "time.parts(0).weekday", rhai: "time::parts(0).weekday", gives: "4" },
    },
  ],
};
