/** Buffered writing of ended executions and their log lines: batches within 50 ms, so that logging never slows an answer.
 *  A crash may lose the last batch of logs, never data or events. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LogLine } from "@picloud/sandbox";
import type { ExecutionEnd } from "../../platform/database/execution-row.ts";
import { isDataError } from "../../platform/database/pg-errors.ts";
import type { Platform } from "../../platform/platform.ts";
import { insertAbandoned, insertLogs, upsertExecutions } from "./executions.repository.ts";
import type { AbandonedRow, LoggedExecution } from "./executions.repository.ts";

export interface ExecutionRecorder {
  /** The row of an ended run and its lines. */
  record(end: ExecutionEnd, lines: readonly LogLine[]): void;
  /** Only the lines: the row is completed elsewhere, together with its delivery. */
  recordLines(end: ExecutionEnd, lines: readonly LogLine[]): void;
  recordAbandoned(row: AbandonedRow): void;
  /** Resolves when everything recorded so far is stored, so that a reader sees its own run. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const batchDelayMs = 25;
const batchMax = 1000;
const retryMs = 500;
/** Beyond this the database is too slow or gone: further log lines, then rows, are dropped with a warning. */
const bufferMax = 50_000;
/** A run may log megabytes: what waits is bounded by its size, and so is what one statement takes. */
const bufferedLogChars = 64 * 1_048_576;
const batchLogChars = 8 * 1_048_576;

export function createRecorder(platform: Platform, logCharsMax = bufferedLogChars): ExecutionRecorder {
  const { log } = platform;
  const buffer: Buffered = {
    ends: [],
    logs: [],
    logChars: 0,
    abandoned: [],
    dropped: 0,
    isClosed: false,
  };
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  const start = (): void => {
    timer = undefined;
    writing ??= writeAll(platform, buffer)
      .catch((error: unknown) => log.error("execution_log_lost", { error, executions: buffer.ends.length }))
      .finally(() => {
        writing = undefined;
      });
  };
  const wake = (): void => {
    if (timer === undefined && writing === undefined) timer = setTimeout(start, batchDelayMs);
  };
  const flush = async (): Promise<void> => {
    // A batch under way may not hold the newest records: at most three rounds write them all.
    for (let round = 0; round < 3 && !(writing === undefined && isEmpty(buffer)); round++) {
      clearTimeout(timer);
      start();
      await writing;
    }
  };
  const recordLines = (end: ExecutionEnd, lines: readonly LogLine[]): void => {
    if (lines.length === 0) return;
    if (buffer.logs.length >= bufferMax || buffer.logChars >= logCharsMax) buffer.dropped++;
    else {
      const text = linesJson(lines);
      buffer.logChars += text.length;
      buffer.logs.push({ appId: end.ref.app.id, executionId: end.ref.id, lines: text });
    }
    wake();
  };
  return {
    record(end, lines) {
      recordLines(end, lines);
      if (buffer.ends.length >= bufferMax) buffer.dropped++;
      else buffer.ends.push(end);
      wake();
    },
    recordLines,
    recordAbandoned(row) {
      if (buffer.abandoned.length < bufferMax) buffer.abandoned.push(row);
      wake();
    },
    flush,
    async close() {
      buffer.isClosed = true;
      await flush();
    },
  };
}

interface Buffered {
  ends: ExecutionEnd[];
  logs: LoggedExecution[];
  /** Length of all lines that wait or are being written. */
  logChars: number;
  abandoned: AbandonedRow[];
  /** Since the last warning. */
  dropped: number;
  isClosed: boolean;
}

function isEmpty({ ends, logs, abandoned }: Buffered): boolean {
  return ends.length + logs.length + abandoned.length === 0;
}

/** Lines first, so that whoever sees an execution's end sees its lines too. */
async function writeAll({ db, log, signals }: Platform, buffer: Buffered): Promise<void> {
  const sql = db.side;
  while (!isEmpty(buffer)) {
    const ends = buffer.ends.splice(0, batchMax);
    const logs = buffer.logs.splice(0, batchMax);
    const abandoned = buffer.abandoned.splice(0, batchMax);
    try {
      for (const batch of batchesOf(logs))
        await inParts(batch, async (part) => await insertLogs(sql, part), unstorableLines);
      await inParts(ends, async (part) => await upsertExecutions(sql, part), unstorableEnd);
      await inParts(abandoned, async (part) => await insertAbandoned(sql, part), undefined);
    } catch (error) {
      // The database is away: all of it again after a pause; upserts make the second time harmless.
      buffer.ends = [...ends, ...buffer.ends];
      buffer.logs = [...logs, ...buffer.logs];
      buffer.abandoned = [...abandoned, ...buffer.abandoned];
      if (buffer.isClosed) throw error;
      log.warn("execution_log_write_failed", { error, waiting: buffer.ends.length });
      await sleep(retryMs);
      continue;
    }
    buffer.logChars -= charsOf(logs);
    if (buffer.dropped > 0) log.warn("execution_log_dropped", { executions: buffer.dropped });
    buffer.dropped = 0;
    signals.send("executions");
  }
}

function charsOf(logs: readonly LoggedExecution[]): number {
  return logs.reduce((sum, { lines }) => sum + lines.length, 0);
}

/** In order, each of at least one execution and hardly longer than a statement should be. */
function batchesOf(logs: readonly LoggedExecution[]): LoggedExecution[][] {
  const batches: LoggedExecution[][] = [];
  let chars = Infinity;
  for (const entry of logs) {
    const last = batches.at(-1);
    if (last === undefined || chars + entry.lines.length > batchLogChars) {
      batches.push([entry]);
      chars = entry.lines.length;
    } else {
      last.push(entry);
      chars += entry.lines.length;
    }
  }
  return batches;
}

/** Writes a batch; one that fails for its data is split down to the row, which is then stored without its texts. */
async function inParts<T>(
  batch: readonly T[],
  write: (part: readonly T[]) => Promise<void>,
  unstorable: ((row: T) => T) | undefined,
): Promise<void> {
  if (batch.length === 0) return;
  try {
    await write(batch);
  } catch (error) {
    if (!isDataError(error)) throw error;
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      if (unstorable !== undefined) await inParts([unstorable(only)], write, undefined);
      return;
    }
    const middle = batch.length >> 1;
    await inParts(batch.slice(0, middle), write, unstorable);
    await inParts(batch.slice(middle), write, unstorable);
  }
}

function unstorableEnd(end: ExecutionEnd): ExecutionEnd {
  return { ...end, errorCode: end.errorCode ?? "internal", errorMessage: "unstorable", errorStack: "" };
}

function unstorableLines(log: LoggedExecution): LoggedExecution {
  return { ...log, lines: `[{"at":"${new Date().toISOString()}","level":"warn","message":"unstorable"}]` };
}

/** JSON text of the lines as they are stored and listed. */
function linesJson(lines: readonly LogLine[]): string {
  const items = lines.map((line) => {
    const head = `{"at":"${new Date(line.at).toISOString()}","level":"${line.level}","message":${JSON.stringify(storable(line.message))}`;
    return line.fields === undefined ? `${head}}` : `${head},"fields":${storableJson(line.fields)}}`;
  });
  return `[${items.join(",")}]`;
}

/** U+0000 and halves of surrogate pairs become U+FFFD. */
export function storable(text: string): string {
  return text.isWellFormed() && !text.includes("\u0000")
    ? text
    : text.toWellFormed().replaceAll("\u0000", "\uFFFD");
}

/** Fields come from the isolate: hostile text that says it is JSON. */
function storableJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "{}";
    return /\\u(?:0000|[dD][89a-fA-F])/.test(text)
      ? JSON.stringify(value, (_, item: unknown) => (typeof item === "string" ? storable(item) : item))
      : text;
  } catch {
    return '{"unstorable":true}';
  }
}
