/** Puts the text that runs inside an isolate together from the files of `guest/`. */
import { readFileSync } from "node:fs";

/** A file of `guest/web` or `guest/std` and the names it returns; `$` names are for the runtime only. */
export interface GuestFile {
  readonly file: string;
  /** Names on globalThis. */
  readonly globals?: readonly string[];
  /** Names in `import … from "picloud"`. */
  readonly std?: readonly string[];
  /** `$` names. */
  readonly hooks?: readonly string[];
}

/** Every file that is evaluated on the first touch of one of its names. */
export const GUEST_FILES: readonly GuestFile[] = [];

const GUEST_FOLDER = new URL("./guest/", import.meta.url);

export function readGuestFile(file: string): string {
  return readFileSync(new URL(file, GUEST_FOLDER), "utf8").trim();
}
