/** Puts the text that runs inside an isolate together from the files of `guest/`. */
import { readFileSync } from "node:fs";

/** A file of `guest/web` or `guest/std` and the names it returns; `$` names are for the runtime only. */
interface GuestFile {
  readonly file: string;
  /** Names on globalThis. */
  readonly globals?: readonly string[];
  /** Names in `import … from "picloud"`. */
  readonly std?: readonly string[];
  /** `$` names. */
  readonly hooks?: readonly string[];
}

/** Every file that is evaluated on the first touch of one of its names. */
const GUEST_FILES: readonly GuestFile[] = [];

const GUEST_FOLDER = new URL("./guest/", import.meta.url);

/** Name of the runtime in stack traces; frames of it are not shown to anyone. */
export const GUEST_FILENAME = "picloud:runtime";

/** An expression that evaluates to `{ step, drain }` in a fresh context. */
export function guestText(): string {
  const core = ["chance", "errors", "console", "timers", "bindings", "results", "context", "harden"];
  const names = GUEST_FILES.flatMap(({ file, globals = [], std = [], hooks = [] }) =>
    [...globals, ...std, ...hooks].map((name) => `${JSON.stringify(name)}: ${JSON.stringify(file)}`),
  );
  const files = GUEST_FILES.map(({ file }) => `${JSON.stringify(file)}: ${readGuestFile(file)}`);
  return `${readGuestFile("runtime.js")}({ __proto__: null,
${core.map((name) => `${name}: ${readGuestFile(`${name}.js`)}`).join(",\n")},
files: { __proto__: null, ${files.join(",\n")} },
names: { __proto__: null, ${names.join(", ")} },
globals: ${JSON.stringify(GUEST_FILES.flatMap((file) => file.globals ?? []))},
std: ${JSON.stringify(GUEST_FILES.flatMap((file) => file.std ?? []))} })`;
}

function readGuestFile(file: string): string {
  // The formatter ends a file with a semicolon; here it has to be an expression.
  return readFileSync(new URL(file, GUEST_FOLDER), "utf8").trim().replace(/;$/, "");
}
