/** What is to be done for a cron trigger at a time, from what is stored of it and nothing else. */
import type { Schedule } from "./cron-schedule.ts";

/** What is stored of a trigger's schedule. */
export interface CronState {
  /** The first occurrence that nothing has been decided about; absent: there is none. */
  readonly nextAt: Date | undefined;
  /** The database's time when something was last decided. */
  readonly seenAt: Date;
}

/** Occurrences that nothing ran for; `to` is the last of them. */
export interface Gap {
  readonly count: number;
  readonly from: Date;
  readonly to: Date;
}

export type Decision =
  | { readonly kind: "wait" }
  /** The clock shows less than it did: what has fired until `until` does not fire again. */
  | { readonly kind: "clock_went_back"; readonly until: Date }
  | Firing;

export interface Firing {
  readonly kind: "fire";
  readonly scheduledAt: Date;
  readonly lateMs: number;
  /** Late enough, or after others, to be a run that makes up for what was missed. */
  readonly isCatchUp: boolean;
  readonly missed: Gap | undefined;
  readonly nextAt: Date | undefined;
}

/** Clocks are set by parts of a second all the time; only what is more is told. */
export const CLOCK_BACK_MS = 2_000;
/** A run as late as this makes up for a time without a server; less is a busy one. */
const CATCH_UP_MS = 60_000;

/** Never asks for more than one run: of several occurrences that are due the last one fires and carries the number of the
 *  others. */
export async function decide(schedule: Schedule, state: CronState, now: Date): Promise<Decision> {
  const { nextAt, seenAt } = state;
  if (nextAt === undefined) return { kind: "wait" };
  if (nextAt > now) {
    const isBack = seenAt.getTime() - now.getTime() > CLOCK_BACK_MS;
    return isBack ? { kind: "clock_went_back", until: nextAt } : { kind: "wait" };
  }
  const latest = schedule.latest(now);
  // Other time-zone data than at the time of the last decision may know no occurrence here: what was promised fires.
  const scheduledAt = latest === undefined || latest < nextAt ? nextAt : latest;
  const missed = await gapBefore(schedule, nextAt, scheduledAt);
  const lateMs = now.getTime() - scheduledAt.getTime();
  return {
    kind: "fire",
    scheduledAt,
    lateMs,
    isCatchUp: missed !== undefined || lateMs >= CATCH_UP_MS,
    missed,
    nextAt: schedule.next(now),
  };
}

/** Occurrences from `first` on, before `end`. */
async function gapBefore(schedule: Schedule, first: Date, end: Date): Promise<Gap | undefined> {
  if (first >= end) return undefined;
  const beforeEnd = new Date(end.getTime() - 1000);
  return await gapFrom(schedule, first, beforeEnd);
}

/** Occurrences from `first` on, up to and with those at `last`. */
export async function gapFrom(schedule: Schedule, first: Date, last: Date): Promise<Gap | undefined> {
  const count = await schedule.count(new Date(first.getTime() - 1000), last);
  const to = schedule.latest(last);
  return count === 0 || to === undefined || to < first ? undefined : { count, from: first, to };
}
