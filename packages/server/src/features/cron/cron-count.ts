/** How many occurrences lie in a span of time, without walking through them: after 40 days without a server a schedule
 *  that fires each second has missed 3.5 million, and the walk takes 50 µs for each. */
import { setImmediate as yieldNow } from "node:timers/promises";
import { Cron } from "croner";
import type { CronFields, TimeFields } from "./cron-fields.ts";

export interface CountedSchedule {
  readonly cron: Cron;
  readonly fields: CronFields;
  readonly timezone: string;
}

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** Days of one turn; each takes some 50 µs. */
const DAYS_PER_TURN = 100;
/** A clock that was set wrong by centuries is counted no further than this: 100 years. */
const DAYS_MAX = 36_525;

/** Occurrences after `from` and at or before `to`. */
export async function countOccurrences(schedule: CountedSchedule, from: Date, to: Date): Promise<number> {
  const firstMs = Math.floor(from.getTime() / SECOND_MS) * SECOND_MS + SECOND_MS;
  const endMs = Math.floor(to.getTime() / SECOND_MS) * SECOND_MS + SECOND_MS;
  const counter = dayCounter(schedule.fields);
  let count = 0;
  let before: Span | undefined;
  for (const span of constantSpans(schedule.timezone, firstMs, endMs)) {
    if (span.endMs > firstMs) count += await countSpan({ ...schedule, counter, firstMs }, span, before);
    before = span;
  }
  return count;
}

/** Milliseconds of UTC, the end not included, with one offset of local time. */
interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMs: number;
}

async function countSpan(
  schedule: CountedSchedule & { readonly counter: DayCounter; readonly firstMs: number },
  { startMs, endMs, offsetMs }: Span,
  before: Span | undefined,
): Promise<number> {
  const { counter, firstMs, fields, cron } = schedule;
  const count = async (fromMs: number): Promise<number> => {
    const first = Math.max(fromMs, firstMs);
    return first < endMs ? await counter.count(first + offsetMs, endMs + offsetMs) : 0;
  };
  if (!fields.isFixedTime || before === undefined) return await count(startMs);
  const backMs = before.offsetMs - offsetMs;
  // Local times that come for the second time do not fire.
  if (backMs > 0) return await count(startMs + backMs);
  // Whatever the gap skipped fires together at its end.
  const rest = await count(startMs + SECOND_MS);
  if (startMs < firstMs) return rest;
  const isAtEnd = cron.nextRun(new Date(startMs - SECOND_MS))?.getTime() === startMs;
  return rest + (isAtEnd ? 1 : 0);
}

/** Cuts a time into spans of one offset, from a day earlier on: its first hour may be one that comes for the second
 *  time. Two changes within a day would go unseen; there are none. */
function constantSpans(timezone: string, firstMs: number, endMs: number): readonly Span[] {
  const offsetAt = offsets(timezone);
  const spans: Span[] = [];
  let startMs = firstMs - DAY_MS;
  let offsetMs = offsetAt(startMs);
  const lastMs = Math.min(endMs, firstMs + DAYS_MAX * DAY_MS);
  for (let at = startMs; at < lastMs; at += DAY_MS) {
    const toMs = Math.min(at + DAY_MS, lastMs) - SECOND_MS;
    const offset = offsetAt(toMs);
    if (offset === offsetMs) continue;
    const changeMs = changeBetween(offsetAt, Math.max(at - SECOND_MS, startMs), toMs);
    spans.push({ startMs, endMs: changeMs, offsetMs });
    startMs = changeMs;
    offsetMs = offset;
  }
  spans.push({ startMs, endMs: lastMs, offsetMs });
  return spans;
}

/** The first second with the offset of `toMs`. */
function changeBetween(offsetAt: (ms: number) => number, fromMs: number, toMs: number): number {
  const after = offsetAt(toMs);
  let [low, high] = [fromMs / SECOND_MS, toMs / SECOND_MS];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * SECOND_MS) === after) high = middle;
    else low = middle;
  }
  return high * SECOND_MS;
}

function offsets(timezone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    ...({ year: "numeric", month: "numeric", day: "numeric" } as const),
    ...({ hour: "numeric", minute: "numeric", second: "numeric" } as const),
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
    const date = Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    );
    return date - ms;
  };
}

interface DayCounter {
  /** Matching wall-clock times from one local time up to another, written as if they were UTC. */
  count(fromMs: number, toMs: number): Promise<number>;
}

function dayCounter(fields: CronFields): DayCounter {
  const days = new Cron(`0 0 0 ${fields.days}`, { timezone: "UTC", mode: "6-part", paused: true });
  return {
    async count(fromMs, toMs) {
      let count = 0;
      let day = days.nextRun(new Date(Math.floor(fromMs / DAY_MS) * DAY_MS - SECOND_MS));
      for (let turns = 0; day !== null && day.getTime() < toMs && turns <= DAYS_MAX; turns++) {
        const dayMs = day.getTime();
        count += timesBefore(fields, toMs - dayMs) - timesBefore(fields, fromMs - dayMs);
        day = days.nextRun(day);
        if (turns % DAYS_PER_TURN === DAYS_PER_TURN - 1) await yieldNow();
      }
      return count;
    },
  };
}

/** Matching times of a day before so many milliseconds of it. */
function timesBefore({ hours, minutes, seconds }: TimeFields, ms: number): number {
  if (ms <= 0) return 0;
  const total = Math.floor(ms / SECOND_MS);
  const [hour, minute, second] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const inHour =
    below(minutes, minute) * seconds.length + (minutes.includes(minute) ? below(seconds, second) : 0);
  return below(hours, hour) * minutes.length * seconds.length + (hours.includes(hour) ? inHour : 0);
}

function below(numbers: readonly number[], limit: number): number {
  return numbers.filter((number) => number < limit).length;
}
