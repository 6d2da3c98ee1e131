/** Structured logs of the server itself: an event name and fields, as JSON lines or, on a terminal, as text. */
import { Writable } from "node:stream";
import { pino } from "pino";

/** Levels from the most to the least talkative. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LOG_FORMATS = ["auto", "json", "pretty"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Values that go with an event. Durations end in `Ms`, sizes in `Bytes`; never secrets, bodies or script values. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `auto` is text when the output is a terminal and JSON otherwise. */
  readonly format: LogFormat;
  /** Where lines go; standard output unless given. */
  readonly output?: { readonly write: (line: string) => unknown; readonly isTTY?: boolean };
}

/** Fields whose values never reach a line, at the top and one level down: a net under the rule not to log them. */
const SECRET_FIELDS = [
  "password",
  "token",
  "secret",
  "authorization",
  "cookie",
  "rawToken",
  "raw_token",
  "databaseUrl",
];

/** A logger of the whole process. Lines are written at once, so that none is lost when the process ends. */
export function createLogger(options: LoggerOptions): Logger {
  const output = options.output ?? process.stdout;
  const pretty = options.format === "pretty" || (options.format === "auto" && output.isTTY === true);
  const write = pretty
    ? (line: string): unknown => output.write(prettyLine(line, output.isTTY === true))
    : (line: string): unknown => output.write(line);
  const base = pino(
    {
      level: options.level,
      base: null,
      messageKey: "event",
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: "[redacted]" },
    },
    new Writable({
      decodeStrings: false,
      write: (line: string, _encoding, done): void => {
        write(line);
        done();
      },
    }),
  );
  return wrap(base);
}

/** A logger that drops everything. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

type PinoLike = Pick<ReturnType<typeof pino>, "debug" | "info" | "warn" | "error"> & {
  readonly child: (fields: Record<string, unknown>) => PinoLike;
};

function wrap(base: PinoLike): Logger {
  const at =
    (level: "debug" | "info" | "warn" | "error") =>
    (event: string, fields?: LogFields): void => {
      base[level](plainFields(fields ?? {}), event);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => wrap(base.child(plainFields(fields))),
  };
}

function plainFields(fields: LogFields): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    plain[name] = value instanceof Error ? describeError(value) : value;
  }
  return plain;
}

/** How many causes of an error are followed; a longer chain is a cycle or noise. */
const CAUSES_MAX = 8;

/** An error as data, with its whole chain of causes. */
export function describeError(error: Error, depth = 0): Record<string, unknown> {
  const code: unknown = "code" in error ? error.code : undefined;
  const described: Record<string, unknown> = { name: error.name, message: error.message, stack: error.stack };
  if (code !== undefined) described["code"] = code;
  if (error.cause !== undefined && depth < CAUSES_MAX) {
    described["cause"] = error.cause instanceof Error ? describeError(error.cause, depth + 1) : error.cause;
  }
  return described;
}

const COLOURS: Readonly<Record<string, number>> = { debug: 90, info: 36, warn: 33, error: 31 };

/** One JSON line as text: time, level, event, then `name=value` pairs; a stack goes on lines of its own. */
function prettyLine(line: string, isColoured: boolean): string {
  const { time, level, event, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const label = String(level);
  const shown = isColoured ? `\u001b[${COLOURS[label] ?? 0}m${label.padEnd(5)}\u001b[0m` : label.padEnd(5);
  const stacks: string[] = [];
  const pairs = Object.entries(fields).map(([name, value]) => {
    if (isDescribedError(value)) {
      stacks.push(value.stack);
      return `${name}=${JSON.stringify(value.message)}`;
    }
    return `${name}=${typeof value === "string" ? quoteIfNeeded(value) : JSON.stringify(value)}`;
  });
  const text = [String(time).slice(11, 23), shown, String(event), ...pairs].join(" ");
  return [text, ...stacks, ""].join("\n");
}

function quoteIfNeeded(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : JSON.stringify(text);
}

function isDescribedError(value: unknown): value is { readonly message: string; readonly stack: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "stack" in value &&
    "message" in value &&
    typeof value.stack === "string" &&
    typeof value.message === "string"
  );
}
