/** Puts the text that runs inside an isolate together from the files of `guest/`. */
import { readFileSync } from "node:fs";

import { regexLibraryText, urlLibraryText } from "./guest-library.ts";
import { standardLibrary } from "./standard-library.ts";

/** A file of `guest/web` or `guest/std` and the names it returns; `$` names are for the runtime only. */
interface GuestFile {
  readonly file: string;
  /** Names on globalThis. */
  readonly globals?: readonly string[];
  /** Names in `import … from "picloud"`. */
  readonly std?: readonly string[];
  /** `$` names. */
  readonly hooks?: readonly string[];
  /** Second argument of the file's function, as an expression. */
  readonly library?: () => string;
}

/** Members of `import … from "picloud"` that say they come later, unless the server has a service of that name. */
const COMING = "docs files http pubsub queue secrets email users deadLetters realtime Retry Fatal";

/** Every file that is evaluated on the first touch of one of its names. */
const GUEST_FILES: readonly GuestFile[] = [
  { file: "web/headers.js", globals: ["Headers"], hooks: ["$headerBlock", "$headerLists"] },
  { file: "web/body.js", hooks: ["$bodies", "$paramsBrand"] },
  { file: "web/fetch.js", globals: ["Request", "Response"], hooks: ["$requestFrom", "$responseParts"] },
  { file: "web/encoding.js", globals: ["TextEncoder", "TextDecoder"], hooks: ["$utf8"] },
  { file: "web/base64.js", globals: ["atob", "btoa"] },
  { file: "web/dom-exception.js", globals: ["DOMException"] },
  {
    file: "web/events.js",
    globals: ["Event", "CustomEvent", "EventTarget", "AbortSignal", "AbortController"],
    hooks: ["$isAbortSignal", "$abortSignal"],
  },
  { file: "web/crypto.js", globals: ["Crypto", "crypto"] },
  { file: "web/structured-clone.js", globals: ["structuredClone"] },
  { file: "web/url.js", globals: ["URL", "URLSearchParams"], library: urlLibraryText },
  {
    file: "web/unavailable.js",
    globals: [
      "fetch",
      "ReadableStream",
      "WritableStream",
      "TransformStream",
      "ByteLengthQueuingStrategy",
      "CountQueuingStrategy",
      "TextEncoderStream",
      "TextDecoderStream",
      "CompressionStream",
      "DecompressionStream",
      "Blob",
      "File",
      "FormData",
      "WebSocket",
      "EventSource",
      "MessageChannel",
      "MessagePort",
      "BroadcastChannel",
      "Worker",
    ],
    hooks: ["$unavailable", "$comingService"],
  },
  { file: "std/bind.js", hooks: ["$bind", "$checks"] },
  { file: "std/codecs.js", std: ["base64", "hex"], hooks: ["$base64", "$hex"] },
  { file: "std/hash.js", std: ["hash"], hooks: ["$crypto"] },
  { file: "std/random.js", std: ["random"], hooks: ["$random"] },
  { file: "std/regex.js", std: ["regex"], hooks: ["$regex", "$regexWork"], library: regexLibraryText },
  { file: "std/time.js", std: ["time"], hooks: ["$time"] },
  { file: "std/url.js", std: ["url"], hooks: ["$url"] },
];

const GUEST_FOLDER = new URL("./guest/", import.meta.url);

/** Name of the runtime in stack traces; frames of it are not shown to anyone. */
export const GUEST_FILENAME = "picloud:runtime";

/** Files of the runtime itself, evaluated with it. */
const CORE_FILES = [
  "errors",
  "chance",
  "console",
  "timers",
  "bindings",
  "results",
  "context",
  "library",
  "modules",
  "harden",
  "load",
] as const;
/** What a context for Rhai has beside them: the driver of its runs. */
const RHAI_FILES = {
  rhai: "driver",
  rhaiCtx: "ctx",
  rhaiAnswer: "answer",
  rhaiHost: "host",
  rhaiStandard: "standard",
} as const;

/** An expression that evaluates to `{ step, drain }` in a fresh context, for scripts in JavaScript. */
export function guestText(): string {
  return asciiText(runtimeText(""));
}

/** Reads all files and gives the function that makes the same for Rhai, of the text of the Rhai runtime. */
export function rhaiGuestText(): (rhaiRuntime: string) => string {
  const parts = Object.entries(RHAI_FILES).map(
    ([name, file]) => `${name}: ${readGuestFile(`rhai/${file}.js`)}`,
  );
  const [before = "", after = ""] = runtimeText(`${parts.join(",\n")},\n${RHAI_RUNTIME},\n`).split(
    RHAI_RUNTIME,
  );
  return (rhaiRuntime) => asciiText(`${before}rhaiRuntime: ${rhaiRuntime}${after}`);
}

/** Stands where the text of the Rhai runtime comes. */
const RHAI_RUNTIME = "/* rhai */";

function runtimeText(more: string): string {
  const names = GUEST_FILES.flatMap(({ file, globals = [], std = [], hooks = [] }) =>
    [...globals, ...std, ...hooks].map((name) => `${JSON.stringify(name)}: ${JSON.stringify(file)}`),
  );
  const files = GUEST_FILES.map(({ file, library }) => {
    const text = readGuestFile(file);
    const made = library === undefined ? text : `(rt) => (${text}\n)(rt, ${library()})`;
    return `${JSON.stringify(file)}: ${made}`;
  });
  return `${readGuestFile("runtime.js")}({ __proto__: null,
keepRun: ${readGuestFile("keep-run.js")},
${CORE_FILES.map((name) => `${name}: ${readGuestFile(`${name}.js`)}`).join(",\n")},
${more}files: { __proto__: null, ${files.join(",\n")} },
names: { __proto__: null, ${names.join(", ")} },
globals: ${JSON.stringify(GUEST_FILES.flatMap((file) => file.globals ?? []))},
coming: ${JSON.stringify(COMING.split(" "))},
std: ${JSON.stringify(GUEST_FILES.flatMap((file) => file.std ?? []))},
standard: ${standardText()} })`;
}

/** What the runtime needs of the table of the standard library: names, arguments and results of functions by namespace. */
function standardText(): string {
  const spaces = standardLibrary.map(({ name: space, functions }) => {
    const needed = functions.map(({ name, args, result }) => ({ name, args, result }));
    return `${space}: ${JSON.stringify(needed)}`;
  });
  return `{ __proto__: null, ${spaces.join(", ")} }`;
}

/** One character above U+00FF would make two bytes of each. Such characters stand in strings and comments only. */
function asciiText(text: string): string {
  const ascii = text.replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  // V8 keeps a text made from wider ones as wide as they were.
  return Buffer.from(ascii, "latin1").toString("latin1");
}

function readGuestFile(file: string): string {
  // The formatter ends a file with a semicolon; here it has to be an expression.
  return readFileSync(new URL(file, GUEST_FOLDER), "utf8").trim().replace(/;$/, "");
}
