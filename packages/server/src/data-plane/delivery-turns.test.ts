import { describe, expect, it, vi } from "vitest";
import { createDeliveryTurns, type TurnOptions } from "./delivery-turns.ts";

const made = (changes: Partial<TurnOptions> = {}) =>
  createDeliveryTurns({ most: 4, appMost: 3, freeSlots: () => 4, waitMaxMs: 1000, ...changes });

/** Notes who got a turn, in order. */
function queue(turns: ReturnType<typeof made>, into: string[], ...apps: string[]): void {
  for (const app of apps)
    void Promise.resolve(turns.take(app)).then((may) => into.push(may ? app : `${app} gave up`));
}

const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe("turns", () => {
  it("come at once while there is room, and to no app more than its share", async () => {
    const turns = made();
    const got: string[] = [];
    queue(turns, got, "a", "a", "a", "a", "b");
    await settle();
    expect(got).toEqual(["a", "a", "a"]);
    turns.look();
    await settle();
    expect(got).toEqual(["a", "a", "a", "b"]);
    expect([turns.running(), turns.waiting(), turns.ofApp("a")]).toEqual([4, 1, 4]);
    expect(turns.appsWith(4)).toEqual(["a"]);
    turns.ended("a");
    await settle();
    expect(got.at(-1)).toBe("a");
    expect(turns.waiting()).toBe(0);
  });

  it("go round among the apps that wait", async () => {
    const turns = made({ most: 1 });
    const got: string[] = [];
    queue(turns, got, "a", "a", "a", "b", "b", "c");
    for (let run = 0; run < 5; run++) {
      await settle();
      turns.ended(got.at(-1) ?? "");
    }
    await settle();
    expect(got).toEqual(["a", "a", "b", "c", "a", "b"]);
  });

  it("wait for free slots, and end when the wait was too long", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      let free = 0;
      const turns = made({ freeSlots: () => free });
      const got: string[] = [];
      queue(turns, got, "a");
      turns.look();
      await settle();
      expect(got).toEqual([]);
      free = 1;
      turns.look();
      await settle();
      free = 0;
      queue(turns, got, "b");
      vi.advanceTimersByTime(1001);
      turns.look();
      await settle();
      expect(got).toEqual(["a", "b gave up"]);
      turns.ended("a");
      expect(turns.appsWith(0)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are none after the stop", async () => {
    const turns = made({ most: 1 });
    const got: string[] = [];
    queue(turns, got, "a", "b");
    turns.stop();
    queue(turns, got, "c");
    await settle();
    expect(got.toSorted()).toEqual(["a", "b gave up", "c gave up"]);
    expect([turns.running(), turns.waiting()]).toEqual([1, 0]);
  });
});
