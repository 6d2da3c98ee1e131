/** When a schedule fires: the next occurrence, the last one, and how many lie in a span of time.
 *
 *  Over a change of the clock: a schedule of fixed times (no `*` and no step in second, minute and hour) fires at the
 *  end of a gap for what the gap skipped, and once where a time comes twice, the first time. Any other schedule skips
 *  what a gap skips and fires at both. */
import { Cron } from "croner";
import { badSchedule, readCronFields, type CronFields } from "./cron-fields.ts";
import { countOccurrences } from "./cron-count.ts";

export interface Schedule {
  /** The first occurrence after a time; absent when there is none. */
  next(after: Date): Date | undefined;
  /** The last occurrence at or before a time. */
  latest(at: Date): Date | undefined;
  /** How many occurrences lie after `from` and at or before `to`. Yields to other work in between. */
  count(from: Date, to: Date): Promise<number>;
}

/** Reads a schedule whose zone has been checked. Throws `invalid` for the field `schedule`. */
export function readSchedule(text: string, timezone: string): Schedule {
  const fields = readCronFields(text);
  const cron = cronOf(fields, timezone);
  return {
    next: (after) => cron.nextRun(after) ?? undefined,
    // The time itself counts: the search goes back from the second after it.
    latest: (at) => cron.previousRuns(1, new Date(Math.floor(at.getTime() / 1000) * 1000 + 1000)).at(0),
    count: async (from, to) => await countOccurrences({ cron, fields, timezone }, from, to),
  };
}

/** Checks a schedule as a whole: it must fire at some time after `now`. Throws `invalid` for the field `schedule`. */
export function checkSchedule(text: string, timezone: string, now: Date): void {
  if (readSchedule(text, timezone).next(now) !== undefined) return;
  throw badSchedule(
    `${JSON.stringify(text)} never fires: no month has such a day; the last day of a month is \`L\``,
  );
}

function cronOf(fields: CronFields, timezone: string): Cron {
  try {
    return new Cron(fields.text, { timezone, mode: "6-part", fixedTimeRule: "no-wildcard", paused: true });
  } catch (cause) {
    // What the fields allow the library reads; should a version of it not, its words are better than a failure.
    const { message } = cause instanceof Error ? cause : new Error(String(cause));
    throw badSchedule(`can't be read: ${message}`);
  }
}
