/** How far something is, on one line of a terminal, once it has taken long enough for a person to wonder. */
import type { Io } from "./io.ts";

export interface Progress {
  /** `done` of the total, in bytes. */
  readonly at: (done: number) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

const SHOWN_AFTER_MS = 400;
const EACH_MS = 100;
const BAR_CHARS = 24;

/** `total`: bytes, `undefined` where it is not known. Without a terminal nothing is shown. */
export function showProgress(io: Io, label: string, total: number | undefined): Progress {
  const begun = io.clock();
  let shownAt: number | undefined;
  return {
    at(done) {
      const now = io.clock();
      if (!io.err.isTerminal || now - begun < SHOWN_AFTER_MS) return;
      if (shownAt !== undefined && now - shownAt < EACH_MS) return;
      shownAt = now;
      const perSecond = (done / Math.max(1, now - begun)) * 1000;
      io.err.write(`\r\u001b[K${label} ${barOf(done, total)} ${bytesText(done)} ${bytesText(perSecond)}/s`);
    },
    end() {
      if (shownAt !== undefined) io.err.write("\r\u001b[K");
    },
  };
}

function barOf(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return "";
  const share = Math.min(1, done / total);
  const full = Math.floor(share * BAR_CHARS);
  return `[${"#".repeat(full)}${".".repeat(BAR_CHARS - full)}] ${Math.floor(share * 100)}%`;
}

/** `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ""}`;
}
