import { expect, test } from "vitest";
import { hashPassword, verifyPassword } from "./password.ts";

test("of too many hashes at the same time the last are refused, and the next are made again", async () => {
  const stored = await hashPassword("right");
  const results = await Promise.allSettled(
    Array.from({ length: 110 }, async () => await verifyPassword("right", stored)),
  );
  const refused = results.filter(({ status }) => status === "rejected");
  // Two run and a hundred wait.
  expect(refused).toHaveLength(8);
  expect(refused[0]).toMatchObject({ reason: { code: "overloaded", retryAfterMs: 1_000 } });
  expect(results.filter((one) => one.status === "fulfilled" && one.value)).toHaveLength(102);
  expect(await verifyPassword("wrong", stored)).toBe(false);
});
