/** Regular expressions. */
import type { StandardNamespace } from "./table.ts";

const text = { name: "text", type: "words" } as const;
const searched = { name: "text", type: "text" } as const;
const pattern = { name: "pattern", type: "words" } as const;
const limit = { name: "limit", type: "whole", optional: true } as const;

export const regex: StandardNamespace = {
  name: "regex",
  typescript: "regex",
  summary:
    "Regular expressions in the syntax of RE2, whose time grows with the length of the text and not with the choices in the pattern. Flags stand in the pattern: `(?i)`, `(?m)`, `(?s)`. There are no back-references and no look-around.",
  functions: [
    {
      name: "is_match",
      summary: "Whether the pattern matches anywhere in the text.",
      args: [searched, pattern],
      result: "bool",
      example: {
        typescript: String.raw`regex.isMatch("order 66", "[0-9]+")`,
        rhai: `regex::is_match("order 66", "[0-9]+")`,
        gives: "true",
      },
    },
    {
      name: "find",
      summary: "The first match; absent if there is none.",
      args: [searched, pattern],
      result: "text?",
      example: {
        typescript: `regex.find("order 66", "[0-9]+")`,
        rhai: `regex::find("order 66", "[0-9]+")`,
        gives: `"66"`,
      },
    },
    {
      name: "find_all",
      summary: "All matches, or the first `limit` of them. More than 100,000 are an error.",
      args: [searched, pattern, limit],
      result: "texts",
      example: {
        typescript: `regex.findAll("a1b22", "[0-9]+")`,
        rhai: `regex::find_all("a1b22", "[0-9]+")`,
        gives: `["1","22"]`,
      },
    },
    {
      name: "captures",
      summary:
        "The first match and its groups, in the order of their parentheses; a group that took no part is absent. Absent if there is no match.",
      args: [searched, pattern],
      result: "groups?",
      example: {
        typescript: `regex.captures("2026-11-25", "([0-9]+)-([0-9]+)")`,
        rhai: `regex::captures("2026-11-25", "([0-9]+)-([0-9]+)")`,
        gives: `["2026-11","2026","11"]`,
      },
    },
    {
      name: "named_captures",
      summary:
        "The groups of the first match that have a name, `(?P<name>…)` or `(?<name>…)`, and took part. Absent if there is no match.",
      args: [searched, pattern],
      result: "named?",
      example: {
        typescript: `regex.namedCaptures("to ada", "to (?<who>[a-z]+)")`,
        rhai: `regex::named_captures("to ada", "to (?<who>[a-z]+)")`,
        gives: `{"who":"ada"}`,
      },
    },
    {
      name: "replace",
      summary:
        "The text with the first match replaced. In the replacement `$1`, `$<name>`, `$&` are groups and the whole match, `$$` is a dollar.",
      args: [searched, pattern, { name: "replacement", type: "text" }],
      result: "text",
      example: {
        typescript: `regex.replace("a-b", "([a-z])-([a-z])", "$2-$1")`,
        rhai: `regex::replace("a-b", "([a-z])-([a-z])", "$2-$1")`,
        gives: `"b-a"`,
      },
    },
    {
      name: "replace_all",
      summary: "The text with every match replaced, as `replace` does.",
      args: [searched, pattern, { name: "replacement", type: "text" }],
      result: "text",
      example: {
        typescript: `regex.replaceAll("a  b c", " +", "_")`,
        rhai: `regex::replace_all("a  b c", " +", "_")`,
        gives: `"a_b_c"`,
      },
    },
    {
      name: "split",
      summary: "The pieces between the matches: at most `limit`, the last of which has all the rest.",
      args: [searched, pattern, limit],
      result: "texts",
      example: {
        typescript: `regex.split("a, b,c", ", *")`,
        rhai: `regex::split("a, b,c", ", *")`,
        gives: `["a","b","c"]`,
      },
    },
    {
      name: "escape",
      summary: "A pattern that matches exactly the text.",
      args: [text],
      result: "text",
      example: {
        typescript: `regex.escape("1+1")`,
        rhai: `regex::escape("1+1")`,
        gives: String.raw`"1\\+1"`,
      },
    },
  ],
};
