import { withEventMeta } from "@orpc/client";
import { describe, expect, test } from "vitest";
import { ApiError, UnreachableError } from "./errors.ts";
import { resumed } from "./sse.ts";

interface Event {
  readonly n: number;
}

const event = (n: number): Event => withEventMeta({ n }, { id: `id-${n}` });
const refused = (status: number, code: "forbidden" | "unavailable"): ApiError =>
  new ApiError(code, "no", { status, wireCode: code });

/** Opens the streams in order; a stream yields its numbers, then throws its error if it has one. */
function opener(streams: readonly { numbers: readonly number[]; error?: Error; refusal?: Error }[]) {
  const seenIds: (string | undefined)[] = [];
  const stop = new AbortController();
  let next = 0;
  const open = async (lastEventId: string | undefined): Promise<AsyncIterable<Event>> => {
    seenIds.push(lastEventId);
    const stream = streams[next++];
    if (stream === undefined) {
      stop.abort();
      throw new Error("over");
    }
    if (stream.refusal !== undefined) throw stream.refusal;
    return (async function* () {
      for (const n of stream.numbers) yield await Promise.resolve(event(n));
      if (stream.error !== undefined) throw stream.error;
    })();
  };
  return { open, seenIds, stop };
}

async function collect(events: AsyncIterable<Event>): Promise<readonly number[]> {
  const numbers: number[] = [];
  for await (const { n } of events) numbers.push(n);
  return numbers;
}

describe("resumed", () => {
  test("opens again after the last event, whether the stream broke or ended", async () => {
    const { open, seenIds, stop } = opener([
      { numbers: [1, 2], error: new TypeError("terminated") },
      { numbers: [] },
      { numbers: [3] },
    ]);
    const pauses: number[] = [];
    const numbers = await collect(
      resumed(open, {
        signal: stop.signal,
        pause: async (ms) => {
          pauses.push(ms);
          await Promise.resolve();
        },
      }),
    );
    expect(numbers).toEqual([1, 2, 3]);
    expect(seenIds).toEqual([undefined, "id-2", "id-2", "id-3"]);
    // Longer after each failure, from the start again after an event.
    expect(pauses).toEqual([250, 500, 250]);
  });

  test("goes on through an absent or draining server", async () => {
    const { open, stop } = opener([
      { numbers: [], refusal: new UnreachableError("http://x", new Error("no")) },
      { numbers: [], refusal: refused(503, "unavailable") },
      { numbers: [7] },
    ]);
    const pause = async (): Promise<void> => await Promise.resolve();
    expect(await collect(resumed(open, { signal: stop.signal, pause }))).toEqual([7]);
  });

  test("gives up on a refusal that will not change", async () => {
    const { open } = opener([{ numbers: [], refusal: refused(403, "forbidden") }]);
    await expect(collect(resumed(open))).rejects.toMatchObject({ code: "forbidden" });
  });

  test("the pause ends with the signal", async () => {
    const stop = new AbortController();
    const open = async (): Promise<AsyncIterable<Event>> => await Promise.reject(new Error("down"));
    const numbers = collect(resumed(open, { signal: stop.signal, onBreak: () => stop.abort() }));
    expect(await numbers).toEqual([]);
  });
});
