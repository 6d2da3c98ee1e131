/** A time as clocks of a zone show it. */

/** RFC 3339 with the offset of the zone: `2026-11-26T09:00:00+01:00`. */
export function localTime(time: Date, timezone: string): string {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: timezone,
    ...({ year: "numeric", month: "2-digit", day: "2-digit", hourCycle: "h23" } as const),
    ...({ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "longOffset" } as const),
  });
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? "";
  // `GMT+01:00`, with a minus sign of its own.
  const offset = part("timeZoneName")
    .replace(/^(GMT|UTC)/, "")
    .replace("−", "-");
  const date = `${part("year")}-${part("month")}-${part("day")}`;
  return `${date}T${part("hour")}:${part("minute")}:${part("second")}${offset === "" ? "+00:00" : offset}`;
}
