/** Keeps the tables of executions and logs bounded: partitions by day made ahead and dropped after their time or when
 *  they grow too large, rows of dead nodes marked. */
import type { Platform } from "../../platform/platform.ts";
import {
  createPartition,
  dropPartition,
  listPartitions,
  markLost,
  partitionBytes,
} from "./executions.repository.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Partitions exist this many days ahead, so that a server that sleeps over midnight has one. */
const daysAhead = 3;
/** Sessions of a node that was killed end within this time; its rows are marked soon after a start. */
const secondLookMs = 15_000;

export interface ExecutionUpkeep {
  /** Called once before anything runs; then it repeats by itself. */
  run(): Promise<void>;
  close(): void;
}

export function createExecutionUpkeep(platform: Platform): ExecutionUpkeep {
  const { db, log, config, now } = platform;
  const run = async (): Promise<void> => {
    const today = Math.floor(now() / dayMs) * dayMs;
    for (let day = 0; day <= daysAhead; day++) {
      const start = today + day * dayMs;
      await createPartition(db.side, dayName(start), leastIdAt(start), leastIdAt(start + dayMs));
    }
    const oldest = dayName(today - config.logRetentionDays * dayMs);
    for (const table of ["executions", "logs"] as const) {
      const outdated = (await listPartitions(db.side, table)).filter((name) => dayOf(name) < oldest);
      for (const name of outdated) await dropPartition(db.side, name);
    }
    await dropOverflow(dayName(today));
    // With room for clocks of nodes that differ, and for an end that is written late.
    const runSecondsMax = config.limits.timeout_seconds.ceiling + hourMs / 1000;
    const lost = await markLost(db.side, runSecondsMax);
    if (lost > 0) log.warn("executions_lost", { executions: lost });
  };
  /** Whole days go, the oldest first, never today's. */
  const dropOverflow = async (today: string): Promise<void> => {
    const names = (await listPartitions(db.side, "logs")).filter((name) => dayOf(name) <= today);
    const sizes = await Promise.all(names.map(async (name) => await partitionBytes(db.side, name)));
    let total = sizes.reduce((sum, bytes) => sum + bytes, 0);
    for (const [i, name] of names.entries()) {
      if (total <= config.logMaxBytes || dayOf(name) === today) break;
      await dropPartition(db.side, name);
      log.warn("logs_dropped_for_size", { partition: name, totalBytes: total });
      total -= sizes[i] ?? 0;
    }
  };
  const repeat = (): void => {
    run().catch((error: unknown) => log.warn("execution_upkeep_failed", { error }));
  };
  const timers = [setTimeout(repeat, secondLookMs), setInterval(repeat, hourMs)];
  for (const timer of timers) timer.unref();
  return {
    run,
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** 20261125 */
function dayName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10).replaceAll("-", "");
}

function dayOf(partition: string): string {
  return partition.slice(-8);
}

/** Least UUID v7 of a time: its first 48 bits are the milliseconds. */
function leastIdAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
