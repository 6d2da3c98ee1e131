/** Whether a cron trigger's schedule and zone are ones that can be computed. */
import { PicloudError } from "@picloud/contract";

/** Throws `invalid` for `schedule` or `timezone`. */
export function checkCron(schedule: string, timezone: string): void {
  const count = schedule.trim().split(/\s+/).length;
  if (schedule.trim() === "" || count < 5 || count > 6)
    throw invalid("schedule", "must have 5 fields (minute hour day month weekday), or 6 with seconds first");
  if (!isTimeZone(timezone))
    throw invalid("timezone", "must be a time zone of the IANA database, as Europe/Berlin or UTC");
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    // The question is whether it is one.
    return false;
  }
}

function invalid(path: string, message: string): PicloudError {
  return new PicloudError("invalid", `${path} ${message}`, { fields: [{ path, message }] });
}
