/** Chance. */
import type { StandardNamespace } from "./table.ts";

const n = { name: "n", type: "whole" } as const;

export const random: StandardNamespace = {
  name: "random",
  typescript: "random",
  summary:
    "Chance from a generator that the system seeds anew for each run. Good enough for tokens. At most 65,536 bytes or characters at a time.",
  functions: [
    {
      name: "int",
      summary: "A whole number from min to max, both included, each as likely as the others.",
      args: [
        { name: "min", type: "int" },
        { name: "max", type: "int" },
      ],
      result: "int",
      example: { typescript: "random.int(1, 6)", rhai: "random::int(1, 6)" },
    },
    {
      name: "float",
      summary: "A number from 0 up to, but not including, 1.",
      args: [],
      result: "float",
      example: { typescript: "random.float()", rhai: "random::float()" },
    },
    {
      name: "bool",
      summary: "True or false.",
      args: [],
      result: "bool",
      example: { typescript: "random.bool()", rhai: "random::bool()" },
    },
    {
      name: "bytes",
      summary: "n bytes.",
      args: [n],
      result: "bytes",
      example: { typescript: "random.bytes(16).length", rhai: "random::bytes(16).len()", gives: "16" },
    },
    {
      name: "string",
      summary: "n letters and digits of ASCII: 5.95 bits of chance each.",
      args: [n],
      result: "text",
      example: { typescript: "random.string(24).length", rhai: "random::string(24).len()", gives: "24" },
    },
    {
      name: "uuid",
      summary: "A UUID of version 4.",
      args: [],
      result: "text",
      example: { typescript: "random.uuid().length", rhai: "random::uuid().len()", gives: "36" },
    },
  ],
};
