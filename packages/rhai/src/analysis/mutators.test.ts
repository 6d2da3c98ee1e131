/** The compiler knows library methods by name alone; the library knows what they do. Both must agree. */
import { expect, test } from "vitest";
import * as runtime from "../runtime/runtime.ts";
import { isReplacing, mayChange } from "./mutators.ts";

const receivers: readonly runtime.Value[] = [
  1,
  "a",
  true,
  undefined,
  new runtime.Float(1),
  runtime.charOf("a"),
  new runtime.Arr([]),
  new runtime.Dict(new Map()),
  new runtime.Blob(new Uint8Array(1)),
];

/** Native's signatures say that they change their receiver, but they don't. */
const harmless = new Set("get split extract order order_by order_desc".split(" "));

const methods = runtime
  .nativeNames()
  .map((key) => [key.slice(0, key.indexOf("/")), Number(key.slice(key.indexOf("/") + 1))] as const)
  .filter(([, arity]) => arity > 0);

test("receivers that a method replaces are stored back, and no others", () => {
  // Tags have a chapter of their own.
  const others = methods.filter(([name]) => name !== "set_tag");
  const wrong = others.filter(([name, arity]) => runtime.setsSelf(name, arity) !== isReplacing(name));
  expect(wrong).toEqual([]);
});

test("methods that change their receiver reach it by reference", () => {
  const wrong = methods.filter(
    ([name, arity]) =>
      !harmless.has(name) &&
      !mayChange(name) &&
      receivers.some((receiver) => runtime.isMutator(receiver, name, arity)),
  );
  expect(wrong).toEqual([]);
});
