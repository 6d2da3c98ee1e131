import { Cron } from "croner";
import fc from "fast-check";
import { PicloudError } from "@picloud/contract";
import { describe, expect, it, test } from "vitest";
import { localTime } from "./cron-local-time.ts";
import { checkSchedule, readSchedule } from "./cron-schedule.ts";
import { checkTimezone } from "./cron-timezone.ts";

/** The next occurrences as clocks of the zone show them. */
function runs(schedule: string, timezone: string, after: string, count: number): string[] {
  const reader = readSchedule(schedule, timezone);
  const found: string[] = [];
  for (let at = reader.next(new Date(after)); at !== undefined && found.length < count; at = reader.next(at))
    found.push(localTime(at, timezone));
  return found;
}

function problem(work: () => void): string {
  try {
    work();
  } catch (error) {
    if (error instanceof PicloudError)
      return `${error.code} ${error.fields?.[0]?.path}: ${error.fields?.[0]?.message}`;
    throw error;
  }
  return "accepted";
}

const now = new Date("2026-11-25T11:00:00Z");
const refused = (schedule: string): string => problem(() => checkSchedule(schedule, "Europe/Berlin", now));

describe("a gap in spring", () => {
  it("fixed times that it skips fire at its end, once", () => {
    expect(runs("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T02:30:00+01:00",
      "2026-03-29T03:00:00+02:00",
      "2026-03-30T02:30:00+02:00",
    ]);
    expect(runs("0 15,45 2-3 * * *", "America/New_York", "2026-03-08T05:30:00Z", 4)).toEqual([
      "2026-03-08T03:00:00-04:00",
      "2026-03-08T03:15:00-04:00",
      "2026-03-08T03:45:00-04:00",
      "2026-03-09T02:15:00-04:00",
    ]);
    // Half an hour, at another end of the world.
    expect(runs("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2)).toEqual([
      "2026-10-04T02:30:00+11:00",
      "2026-10-05T02:15:00+11:00",
    ]);
    // At midnight.
    expect(runs("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", 2)).toEqual([
      "2026-09-06T01:00:00-03:00",
      "2026-09-07T00:00:00-03:00",
    ]);
  });

  it("intervals go on evenly", () => {
    expect(runs("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3)).toEqual([
      "2026-03-29T01:30:00+01:00",
      "2026-03-29T03:00:00+02:00",
      "2026-03-29T03:30:00+02:00",
    ]);
    expect(runs("*/20 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 1)).toEqual([
      "2026-03-30T02:00:00+02:00",
    ]);
  });
});

describe("an hour that comes twice in autumn", () => {
  it("fixed times fire the first time", () => {
    expect(runs("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T02:30:00+02:00",
      "2026-10-26T02:30:00+01:00",
    ]);
    expect(runs("30 1,5 * * *", "America/New_York", "2026-11-01T00:00:00Z", 3)).toEqual([
      "2026-11-01T01:30:00-04:00",
      "2026-11-01T05:30:00-05:00",
      "2026-11-02T01:30:00-05:00",
    ]);
    expect(runs("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", 2)).toEqual([
      "2026-04-05T01:45:00+11:00",
      "2026-04-06T01:45:00+10:30",
    ]);
  });

  it("intervals fire both times", () => {
    expect(runs("*/30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 5)).toEqual([
      "2026-10-25T02:00:00+02:00",
      "2026-10-25T02:30:00+02:00",
      "2026-10-25T02:00:00+01:00",
      "2026-10-25T02:30:00+01:00",
      "2026-10-26T02:00:00+01:00",
    ]);
    expect(runs("*/20 * * * * *", "America/New_York", "2026-11-01T05:59:30Z", 3)).toEqual([
      "2026-11-01T01:59:40-04:00",
      "2026-11-01T01:00:00-05:00",
      "2026-11-01T01:00:20-05:00",
    ]);
  });
});

test("a day that a zone left out has no occurrence", () => {
  expect(runs("0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 3)).toEqual([
    "2011-12-29T12:00:00-10:00",
    "2011-12-31T12:00:00+14:00",
    "2012-01-01T12:00:00+14:00",
  ]);
});

describe("what a schedule says", () => {
  const utc = (schedule: string, after = "2026-11-25T11:00:00Z", count = 2): string[] =>
    runs(schedule, "UTC", after, count).map((time) => time.replace("+00:00", "Z"));

  it("five fields begin with the minute, six with the second", () => {
    expect(utc("30 8 * * MON-FRI", "2026-11-27T09:00:00Z", 1)).toEqual(["2026-11-30T08:30:00Z"]);
    expect(utc("*/10 * * * * *")).toEqual(["2026-11-25T11:00:10Z", "2026-11-25T11:00:20Z"]);
  });

  it("day of month and day of week: either", () => {
    expect(utc("0 0 1 * 5")).toEqual(["2026-11-27T00:00:00Z", "2026-12-01T00:00:00Z"]);
  });

  it("last days, nearest weekdays, the n-th weekday, Sunday as 0 and 7, names and nicknames", () => {
    expect(utc("0 0 L * *")).toEqual(["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"]);
    expect(utc("0 0 15W * *", undefined, 1)).toEqual(["2026-12-15T00:00:00Z"]);
    expect(utc("0 0 LW jan *", undefined, 1)).toEqual(["2027-01-29T00:00:00Z"]);
    expect(utc("0 0 * * fri#2", undefined, 1)).toEqual(["2026-12-11T00:00:00Z"]);
    expect(utc("0 0 * * FRI#L", undefined, 1)).toEqual(["2026-11-27T00:00:00Z"]);
    expect(utc("0 0 * * 0", undefined, 1)).toEqual(utc("0 0 * * 7", undefined, 1));
    expect(utc("@daily")).toEqual(["2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z"]);
    expect(utc("@Hourly", undefined, 1)).toEqual(["2026-11-25T12:00:00Z"]);
  });
});

describe("a bad schedule is refused with its field, the problem and what to write", () => {
  it.each([
    ["", /has 0 fields; write five .* or six with the second first/],
    ["* * * *", /has 4 fields/],
    ["* * * * * * *", /has 7 fields/],
    ["@fortnightly", /@fortnightly is unknown; the nicknames are @yearly/],
    ["60 * * * *", /^invalid schedule: minute "60": 60 is not between 0 and 59\. It takes 0 to 59, ranges/],
    ["0 24 * * *", /hour "24": 24 is not between 0 and 23/],
    ["0 0 0 * *", /day of month "0": 0 is not between 1 and 31/],
    ["0 0 * 13 *", /month "13": .*or JAN to DEC/],
    ["0 0 * * 8", /day of week "8": 8 is not between 0 and 7\..*SUN to SAT/],
    ["0 0 * * MUN", /day of week "MUN": "MUN" can't be read/],
    ["0 22-6 * * *", /hour "22-6": "22-6" goes backwards; write `22-23,0-6`/],
    ["5/10 * * * *", /minute "5\/10": .* step without a range; write `5-59\/10`/],
    ["*/0 * * * *", /the step "0" is not between 1 and 60/],
    ["*/90 * * * *", /the step "90" is not between 1 and 60/],
    ["1,,2 * * * *", /minute "1,,2": "" can't be read/],
    ["1-2-3 * * * *", /can't be read/],
    ["*/2/3 * * * *", /can't be read/],
    ["? * * * *", /can't be read/],
    ["x".repeat(300), /more than 256 characters/],
    ["0 0 30 2 *", /never fires: no month has such a day/],
    ["0 0 31 4,6,9,11 *", /never fires/],
  ])("%s", (schedule, message) => {
    expect(refused(schedule)).toMatch(message);
    expect(refused(schedule)).toMatch(/^invalid schedule: /);
  });

  it("29 February is seldom, and fires", () => {
    expect(refused("0 0 29 2 *")).toBe("accepted");
  });
});

describe("a time zone", () => {
  const zone = (name: string): string => problem(() => void checkTimezone(name));
  it("has an IANA name, old names and UTC too", () => {
    for (const name of [
      "Europe/Berlin",
      "UTC",
      "Asia/Calcutta",
      "Asia/Kolkata",
      "Etc/GMT-2",
      "america/new_york",
    ])
      expect(zone(name)).toBe("accepted");
  });
  it("that is none is refused with one that may be meant", () => {
    expect(zone("Berlin")).toBe('invalid timezone: "Berlin" is unknown; is `Europe/Berlin` meant?');
    expect(zone("Europe/New York")).toMatch(/is `America\/New_York` meant\?/);
    expect(zone("Mars/Base")).toMatch(/write an IANA name such as `Europe\/Berlin` or `UTC`/);
    expect(zone("+02:00")).toMatch(/is an offset, .* `Etc\/GMT-2` for 2 hours east/);
    expect(zone("")).toMatch(/is unknown/);
  });
});

/** Fields as people write them, and as they do not. */
const number = (least: number, most: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.integer({ min: least, max: most }).map(String),
    fc
      .uniqueArray(fc.integer({ min: least, max: most }), { minLength: 2, maxLength: 4 })
      .map((all) => all.join(",")),
    fc
      .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max: most }).map((step) => `*/${step}`),
    fc.constant("*"),
  );
const scheduleText = fc
  .tuple(
    fc.oneof(fc.constant("0"), fc.constant("0"), number(0, 59)),
    number(0, 59),
    number(0, 23),
    fc.oneof(fc.constant("*"), fc.constant("*"), number(1, 28), fc.constant("L")),
    fc.oneof(fc.constant("*"), fc.constant("*"), number(1, 12)),
    fc.oneof(fc.constant("*"), fc.constant("*"), number(0, 6)),
  )
  .map((fields) => fields.join(" "));
const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "America/Santiago",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "Africa/Casablanca",
];
/** Moments before changes of the clock of those zones, and others. */
const moments = [
  "2026-03-29T00:30:00Z",
  "2026-10-25T00:10:00Z",
  "2026-10-25T01:20:00Z",
  "2026-03-08T06:00:00Z",
  "2026-11-01T05:30:00Z",
  "2026-11-01T06:30:00Z",
  "2026-04-04T14:45:00Z",
  "2026-10-03T15:00:00Z",
  "2026-09-06T03:30:00Z",
  "2026-02-28T22:00:00Z",
];

/** A place in time near one of the moments, in seconds before it. */
const place = fc.record({
  zone: fc.constantFrom(...zones),
  moment: fc.constantFrom(...moments),
  before: fc.integer({ min: -90_000, max: 90_000 }),
});

test("counting gives what walking gives", async () => {
  await fc.assert(
    fc.asyncProperty(
      scheduleText,
      place,
      fc.integer({ min: 0, max: 6 * 86_400 }),
      async (text, { zone, moment, before }, seconds) => {
        const schedule = readSchedule(text, zone);
        const from = new Date(Date.parse(moment) - before * 1000);
        let to = new Date(from.getTime() + seconds * 1000);
        let walked = 0;
        for (let at = schedule.next(from); at !== undefined && at <= to; at = schedule.next(at)) {
          walked++;
          // What fires each second is walked for a while only.
          if (walked === 400) to = at;
        }
        expect(await schedule.count(from, to)).toBe(walked);
      },
    ),
    { numRuns: 300 },
  );
});

test("40 days of seconds are counted at once, and years are", async () => {
  const schedule = readSchedule("* * * * * *", "Europe/Berlin");
  const from = new Date("2026-03-01T00:00:00Z");
  expect(await schedule.count(from, new Date(from.getTime() + 40 * 86_400_000))).toBe(40 * 86_400);
  const fixed = readSchedule("0 0-59 * * * *", "Europe/Berlin");
  expect(await fixed.count(from, new Date("2028-03-01T00:00:00Z"))).toBeGreaterThan(1_000_000);
});

test("the latest occurrence is the one before the next", () => {
  fc.assert(
    fc.property(scheduleText, place, fc.nat(999), (text, { zone, moment, before }, ms) => {
      const schedule = readSchedule(text, zone);
      const at = new Date(Date.parse(moment) - before * 1000 + ms);
      const latest = schedule.latest(at) ?? at;
      const next = schedule.next(latest);
      expect(latest.getTime()).toBeLessThanOrEqual(at.getTime());
      expect(next?.getTime() ?? Infinity).toBeGreaterThan(at.getTime());
      expect(schedule.next(new Date(latest.getTime() - 1000))).toEqual(latest);
    }),
    { numRuns: 200 },
  );
});

test("what is accepted with a slip of the pen is a schedule for the library too", () => {
  const slip = fc.tuple(fc.nat(30), fc.constantFrom(...Array.from("0123456789*/,-LW#?ABJNMON ")));
  const library = (text: string): string =>
    problem(() => void new Cron(text.trim(), { paused: true, mode: "5-or-6-parts" }));
  fc.assert(
    fc.property(scheduleText, fc.array(slip, { maxLength: 2 }), (text, slips) => {
      let written = text;
      for (const [at, character] of slips) written = written.slice(0, at) + character + written.slice(at + 1);
      const verdict = problem(() => void readSchedule(written, "UTC"));
      expect(verdict).toMatch(/^accepted$|^invalid schedule: .{10}/);
      expect(verdict).not.toMatch(/: can't be read/);
      expect(verdict === "accepted" ? library(written) : "accepted").toBe("accepted");
    }),
    { numRuns: 500 },
  );
});
