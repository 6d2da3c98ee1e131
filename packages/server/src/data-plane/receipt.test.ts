import { describe, expect, it } from "vitest";
import { Receipt } from "./receipt.ts";

const kv = (method: string) => ({ service: "kv", method });

describe("a receipt", () => {
  it("names what was changed, and not what was left as it was", () => {
    const receipt = new Receipt();
    expect(receipt.text()).toBeUndefined();
    receipt.note(kv("delete"), ["c", "gone"], false);
    receipt.note({ service: "docs", method: "delete_many" }, ["c", {}], 0);
    expect(receipt.text()).toBeUndefined();
    receipt.note(kv("set"), ["c", "k", 1], undefined);
    receipt.note({ service: "docs", method: "create" }, ["c", {}], "id-1");
    receipt.note({ service: "docs", method: "update_many" }, ["c", {}, {}], 3);
    receipt.note({ service: "pubsub", method: "publish_durable" }, ["a.b", {}], 0);
    expect(JSON.parse(receipt.text() ?? "")).toEqual({
      lines: [
        { call: "kv.set", target: "c/k" },
        { call: "docs.create", target: "c", id: "id-1" },
        { call: "docs.update_many", target: "c", count: 3 },
        { call: "pubsub.publish_durable", target: "a.b", count: 0 },
      ],
      omitted: 0,
    });
    receipt.clear();
    expect(receipt.text()).toBeUndefined();
  });

  it("is bounded in lines and in characters", () => {
    const receipt = new Receipt();
    for (let i = 0; i < 250; i++) receipt.note(kv("set"), ["c", `k${i}`, i], undefined);
    const many = JSON.parse(receipt.text() ?? "") as { lines: unknown[]; omitted: number };
    expect([many.lines.length, many.omitted]).toEqual([100, 150]);
    receipt.clear();
    for (let i = 0; i < 100; i++) receipt.note(kv("set"), ["c", "k".repeat(512), i], undefined);
    const long = receipt.text() ?? "";
    expect(long.length).toBeLessThan(24_000);
    expect(long).toContain('"omitted":');
  });
});
