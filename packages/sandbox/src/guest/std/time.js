// time: milliseconds in UTC and RFC 3339.
(function (rt) {
  "use strict";
  const { checkRange, invalid } = rt.get("$checks");
  /** 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: RFC 3339 has years of four digits. */
  const FIRST = -62167219200000,
    LAST = 253402300799999;
  const DAY = 86400000,
    DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const inYears = (ms) => {
    if (ms < FIRST || ms > LAST) throw invalid("ms: must be in the years 0 to 9999");
    return ms;
  };

  /** A number of exactly `length` digits at `at`; -1 if it is none. */
  const digits = (text, at, length) => {
    let number = 0;
    for (let i = at; i < at + length; i++) {
      const c = text.charCodeAt(i) - 48;
      if (!(c >= 0 && c <= 9)) return -1;
      number = number * 10 + c;
    }
    return number;
  };
  const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const UTC = Date.UTC;
  const startOfYear = (year) => {
    // Date.UTC takes years below 100 as those of the 20th century; 400 years are always as long.
    return UTC(year + 400, 0, 1) - 146097 * DAY;
  };

  const refuse = () => invalid("text: is not a time of RFC 3339, as 2026-11-18T11:06:40Z");
  /** "Z", "+hh:mm" or "-hh:mm" from `at` to the end, in minutes. */
  const offsetAt = (text, at) => {
    const sign = text[at];
    if ((sign === "Z" || sign === "z") && text.length === at + 1) return 0;
    const hours = digits(text, at + 1, 2),
      minutes = digits(text, at + 4, 2);
    if ((sign !== "+" && sign !== "-") || text[at + 3] !== ":" || text.length !== at + 6) throw refuse();
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) throw refuse();
    return (sign === "-" ? -1 : 1) * (hours * 60 + minutes);
  };
  const parse = (text) => {
    const year = digits(text, 0, 4),
      month = digits(text, 5, 2),
      day = digits(text, 8, 2),
      hour = digits(text, 11, 2),
      minute = digits(text, 14, 2),
      second = digits(text, 17, 2);
    const isShaped =
      text[4] === "-" &&
      text[7] === "-" &&
      (text[10] === "T" || text[10] === "t") &&
      text[13] === ":" &&
      text[16] === ":";
    if (!isShaped || year < 0 || month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]) throw refuse();
    if (month === 2 && day === 29 && !isLeap(year)) throw refuse();
    // A leap second, :60, is taken as the one before it.
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) throw refuse();
    let at = 19,
      fraction = 0;
    if (text[at] === ".") {
      const start = ++at;
      while (digits(text, at, 1) >= 0) at++;
      if (at === start) throw refuse();
      const shown = text.slice(start, at < start + 3 ? at : start + 3);
      fraction = digits(shown, 0, shown.length) * (shown.length === 1 ? 100 : shown.length === 2 ? 10 : 1);
    }
    const offset = offsetAt(text, at);
    const inDay = (hour * 3600 + minute * 60 + (second === 60 ? 59 : second)) * 1000 + fraction;
    const days = (UTC(year + 400, month - 1, day) - UTC(year + 400, 0, 1)) / DAY;
    return startOfYear(year) + days * DAY + inDay - offset * 60000;
  };

  const $time = {
    __proto__: null,
    now: () => Math.floor(rt.now()),
    format: (ms) => new Date(inYears(ms)).toISOString(),
    parse,
    parts(ms) {
      const date = new Date(checkRange("ms", ms, -8640000000000000, 8640000000000000)),
        year = date.getUTCFullYear();
      return {
        __proto__: null,
        year,
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
        millisecond: date.getUTCMilliseconds(),
        weekday: date.getUTCDay() || 7,
        day_of_year: Math.floor((ms - firstOf(year)) / DAY) + 1,
      };
    },
  };
  const firstOf = (year) => {
    const date = new Date(0);
    date.setUTCFullYear(year, 0, 1);
    return date.getTime();
  };
  return { __proto__: null, time: rt.get("$bind")("time", $time), $time };
});
