/** Time zones by their IANA names. The data is the one inside the runtime, which is a dependency with an exact version,
 *  never the machine's: nodes with the same package agree. */
import { PicloudError } from "@picloud/contract";

/** Version of the data: `2026c`. */
export const zoneData: string = process.versions["tz"] ?? "unknown";

/** The name as IANA spells it. Throws `invalid` for the field `timezone`, with a name that may be meant. */
export function checkTimezone(name: string): string {
  const known = new Map(
    ["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => [zone.toLowerCase(), zone]),
  );
  const zone = known.get(name.toLowerCase()) ?? linked(name);
  if (zone !== undefined) return zone;
  const meant = nearName(name, [...known.values()]);
  const fix =
    meant === undefined ? "write an IANA name such as `Europe/Berlin` or `UTC`" : `is \`${meant}\` meant?`;
  const problem = /^([+-]|UTC[+-]|GMT[+-])/i.test(name)
    ? "is an offset, which has no daylight saving time; write an IANA name such as `Europe/Berlin`, or `Etc/GMT-2` for 2 hours east"
    : `${JSON.stringify(name.slice(0, 64))} is unknown; ${fix}`;
  throw new PicloudError("invalid", `timezone ${problem}`, {
    fields: [{ path: "timezone", message: problem }],
  });
}

/** Other names of a zone (`Asia/Calcutta`, `Etc/GMT-2`), which the list leaves out. */
function linked(name: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_/+-]{1,63}$/.test(name)) return undefined;
  try {
    const { timeZone } = Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return timeZone === "" ? undefined : name;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** A zone whose city is what was written, or whose name has it. */
function nearName(name: string, zones: readonly string[]): string | undefined {
  const wanted = cityOf(name).replaceAll(" ", "_");
  if (wanted.length < 3) return undefined;
  return (
    zones.find((zone) => cityOf(zone) === wanted) ??
    zones.find((zone) => cityOf(zone).startsWith(wanted.slice(0, 5)))
  );
}

function cityOf(zone: string): string {
  return (zone.split("/").at(-1) ?? "").toLowerCase();
}
