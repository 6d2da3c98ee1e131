import { expect, it } from "vitest";
import { selfTriggerWarnings } from "./self-trigger.ts";
import type { MadeKind } from "./trigger-kinds.ts";

function warn(kind: MadeKind, pattern: string, source: string, written: readonly string[] = []): string {
  return selfTriggerWarnings({ kind, pattern, scriptName: "main" }, { source, written }, 8).join("\n");
}

it.each<[MadeKind, string, string]>([
  ["kv", "orders", `await kv.collection("orders").set("a", 1)`],
  ["kv", "orders:*", `const c = kv.collection<number>('orders:eu');\nc.increment("x")`],
  ["kv", "*", `let c = kv::collection("a"); c.compare_and_set("k", (), 1);`],
  ["docs", "orders", "docs.collection(`orders`).updateMany({}, {})"],
  ["files", "a", `files::collection("a").create(#{})`],
  ["pubsub", "a.*", `pubsub::publish_durable("a.b", 1)`],
  ["pubsub", "a.b", `await pubsub.publishDurable("a.b", 1)`],
  ["queue", "mail", `await queue.sendBatch("mail", [])`],
])("a %s trigger on %s warns of %s", (kind, pattern, source) => {
  expect(warn(kind, pattern, source)).toMatch(
    /^main may write to the (collection|topic|queue) "[a-z.:]+", which its source/,
  );
});

it.each<[MadeKind, string, string]>([
  ["kv", "orders", `await kv.collection("other").set("a", 1)`],
  ["kv", "orders", `await kv.collection("orders").get("a")`],
  ["kv", "orders", `await docs.collection("orders").create({})`],
  ["kv", "*", "kv.collection(`a${b}`).set('x', 1)"],
  ["pubsub", "a.b", `pubsub.publishEphemeral("a.b", 1)`],
  ["cron", "", `kv.collection("a").set("b", 1)`],
  ["dead_letter", "*", `kv.collection("a").set("b", 1)`],
])("a %s trigger on %s is silent about %s", (kind, pattern, source) => {
  expect(warn(kind, pattern, source)).toBe("");
});

it("what was written is told as a fact, once, and bounded", () => {
  const text = warn("kv", "*", `kv.collection("a").set("b", 1)`, ["a", "a", "b", "c", "d", "e", "f"]);
  expect(text).toBe(
    'main has written to the collection "a", "b", "c", "d", "e" and more, which this trigger matches. A run that this trigger starts and that writes there starts the next one; such a chain ends at depth 8.',
  );
});
