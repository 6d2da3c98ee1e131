import { uuidPattern } from "@picloud/contract";
import { expect, test } from "vitest";
import { newId } from "./ids.ts";

test("ids are UUID v7 of now, each larger than the one before", () => {
  const before = Date.now();
  const ids = Array.from({ length: 10_000 }, newId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  for (const id of ids) {
    expect(id).toMatch(uuidPattern);
    expect(id[14]).toBe("7");
    expect("89ab").toContain(id[19]);
  }
  const time = Number.parseInt((ids[0] ?? "").replaceAll("-", "").slice(0, 12), 16);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});
