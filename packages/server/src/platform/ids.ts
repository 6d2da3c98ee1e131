/** New ids: UUID v7, ordered also within a millisecond. */
import { randomFillSync } from "node:crypto";
import { v7 } from "uuid";

const idBytes = 16;
/** One draw from the system costs as much as a small run, so chance is drawn for many ids at once. */
const pool = new Uint8Array(256 * idBytes);
let used = pool.length;
let lastMs = 0;
let sequence = 0;

export function newId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.slice(used, used + idBytes);
  used += idBytes;
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    sequence = ((random[0] ?? 0) << 16) | ((random[1] ?? 0) << 8) | (random[2] ?? 0);
  } else if (sequence < 0x7fff_ffff) {
    sequence++;
  } else {
    // The clock stood or went back for two billion ids: time goes on in the ids.
    lastMs++;
    sequence = 0;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}
