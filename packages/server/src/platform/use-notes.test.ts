import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "./logger.ts";
import { createUseNotes } from "./use-notes.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("notes are written in batches, each id once, one batch at a time", async () => {
  const batches: (readonly string[])[] = [];
  const waiting: (() => void)[] = [];
  const write = async (ids: readonly string[]): Promise<void> => {
    batches.push(ids);
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const notes = createUseNotes(write, silentLogger);
  for (const id of ["a", "b", "a"]) notes.note(id);
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches).toEqual([["a", "b"]]);
  notes.note("c");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(batches).toHaveLength(1);
  waiting[0]?.();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(batches).toEqual([["a", "b"], ["c"]]);
  notes.close();
});

test("a failed write loses only its notes; a closed one writes nothing more", async () => {
  const write = vi.fn<(ids: readonly string[]) => Promise<void>>();
  write.mockRejectedValueOnce(new Error("no database"));
  const notes = createUseNotes(write, silentLogger);
  notes.note("a");
  await vi.advanceTimersByTimeAsync(1_000);
  notes.note("b");
  await vi.advanceTimersByTimeAsync(1_000);
  notes.note("c");
  notes.close();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(write.mock.calls).toEqual([[["a"]], [["b"]]]);
});
