/** The fields of a schedule, checked one by one, so that a mistake is told with its field, its problem and what to write. */
import { PicloudError } from "@picloud/contract";

/** Numbers that the time fields of a schedule match, ascending. */
export interface TimeFields {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** None of the three has `*` or a step: such a schedule keeps its times over a change of the clock. */
  readonly isFixedTime: boolean;
}

export interface CronFields extends TimeFields {
  /** Six fields, nicknames written out. */
  readonly text: string;
  /** Day of month, month and day of week, as text. */
  readonly days: string;
}

interface FieldRule {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names for numbers, the first for `least`. */
  readonly names?: readonly string[];
  /** What the field takes beside numbers, ranges, lists and steps. */
  readonly special?: RegExp;
  readonly specialHelp?: string;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const rules: readonly FieldRule[] = [
  { name: "second", least: 0, most: 59 },
  { name: "minute", least: 0, most: 59 },
  { name: "hour", least: 0, most: 23 },
  {
    name: "day of month",
    least: 1,
    most: 31,
    special: /^(L|LW|([1-9]|[12]\d|3[01])W)$/,
    specialHelp: "`L` (last day), `15W` (the weekday next to the 15th), `LW` (last weekday)",
  },
  { name: "month", least: 1, most: 12, names: MONTHS },
  {
    name: "day of week",
    least: 0,
    most: 7,
    names: DAYS,
    special: /^([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#([1-5]|L)$/,
    specialHelp: "`FRI#2` (the second Friday), `FRI#L` (the last one)",
  },
];

/** Nicknames of whole schedules. */
const nicknames: Readonly<Record<string, string>> = {
  "@yearly": "0 0 0 1 1 *",
  "@annually": "0 0 0 1 1 *",
  "@monthly": "0 0 0 1 * *",
  "@weekly": "0 0 0 * * 0",
  "@daily": "0 0 0 * * *",
  "@midnight": "0 0 0 * * *",
  "@hourly": "0 0 * * * *",
};

/** Longer than any schedule that says something. */
const TEXT_MAX = 256;

/** Reads a schedule of five or six fields or a nickname. Throws `invalid` for the field `schedule`. */
export function readCronFields(schedule: string): CronFields {
  if (schedule.length > TEXT_MAX) throw badSchedule(`has more than ${TEXT_MAX} characters`);
  const text = schedule.trim();
  const parts = fieldsOf(text);
  const [seconds = [], minutes = [], hours = []] = rules.map((rule, at) => checkField(parts[at] ?? "", rule));
  return {
    text: parts.join(" "),
    days: parts.slice(3).join(" "),
    seconds,
    minutes,
    hours,
    isFixedTime: !parts.slice(0, 3).some((part) => /[*/]/.test(part)),
  };
}

function fieldsOf(text: string): readonly string[] {
  if (text.startsWith("@")) {
    const known = nicknames[text.toLowerCase()];
    if (known !== undefined) return known.split(" ");
    throw badSchedule(`${text} is unknown; the nicknames are ${Object.keys(nicknames).join(", ")}`);
  }
  const parts = text === "" ? [] : text.toUpperCase().split(/[ \t]+/);
  if (parts.length === 5) return ["0", ...parts];
  if (parts.length === 6) return parts;
  throw badSchedule(
    `has ${parts.length} ${parts.length === 1 ? "field" : "fields"}; write five (minute hour day month weekday), as in ` +
      "`30 8 * * MON-FRI`, or six with the second first, as in `0 30 8 * * MON-FRI`",
  );
}

/** The numbers that the field matches; for days of month and week only those of numbers and ranges. */
function checkField(field: string, rule: FieldRule): readonly number[] {
  const numbers = new Set<number>();
  for (const term of field.split(",")) {
    if (rule.special?.test(term) === true) continue;
    for (const number of numbersOf(term, rule, field)) numbers.add(number);
  }
  return [...numbers].toSorted((a, b) => a - b);
}

function numbersOf(term: string, rule: FieldRule, field: string): number[] {
  const [range = "", step, more] = term.split("/");
  if (term === "" || more !== undefined) throw badField(rule, field, `${quoted(term)} can't be read`);
  const [from, to] = range === "*" ? [rule.least, rule.most] : boundsOf(range, rule, field);
  if (step !== undefined && range !== "*" && !range.includes("-"))
    throw badField(
      rule,
      field,
      `${quoted(term)} has a step without a range; write \`${from}-${rule.most}/${step}\``,
    );
  const by = step === undefined ? 1 : stepOf(step, rule, field);
  const numbers: number[] = [];
  for (let number = from; number <= to; number += by) numbers.push(number);
  return numbers;
}

function boundsOf(range: string, rule: FieldRule, field: string): [number, number] {
  const [first = "", last, more] = range.split("-");
  if (more !== undefined) throw badField(rule, field, `${quoted(range)} can't be read`);
  const from = numberOf(first, rule, field);
  const to = last === undefined ? from : numberOf(last, rule, field);
  if (from > to) {
    const fix = `${first}-${rule.most},${rule.least}-${last ?? ""}`;
    throw badField(rule, field, `${quoted(range)} goes backwards; write \`${fix}\``);
  }
  return [from, to];
}

function numberOf(text: string, rule: FieldRule, field: string): number {
  const named = rule.names?.indexOf(text) ?? -1;
  if (named !== -1) return rule.least + named;
  const number = /^\d{1,4}$/.test(text) ? Number(text) : undefined;
  if (number === undefined) throw badField(rule, field, `${quoted(text)} can't be read`);
  if (number < rule.least || number > rule.most)
    throw badField(rule, field, `${text} is not between ${rule.least} and ${rule.most}`);
  return number;
}

function stepOf(text: string, rule: FieldRule, field: string): number {
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  const most = rule.most - rule.least + 1;
  if (step >= 1 && step <= most) return step;
  throw badField(rule, field, `the step ${quoted(text)} is not between 1 and ${most}`);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function badField(rule: FieldRule, field: string, problem: string): PicloudError {
  const names = rule.names === undefined ? "" : ` or ${rule.names[0] ?? ""} to ${rule.names.at(-1) ?? ""}`;
  const special = rule.specialHelp === undefined ? "" : `, ${rule.specialHelp}`;
  return badSchedule(
    `${rule.name} ${quoted(field)}: ${problem}. It takes ${rule.least} to ${rule.most}${names}, ranges \`a-b\`, lists \`a,b\`, steps \`*/n\` and \`a-b/n\`${special}`,
  );
}

/** An error for the field `schedule`. */
export function badSchedule(problem: string): PicloudError {
  return new PicloudError("invalid", `schedule ${problem}`, {
    fields: [{ path: "schedule", message: problem }],
  });
}
