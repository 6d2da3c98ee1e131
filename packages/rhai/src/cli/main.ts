/** Process of `rhai`: arguments in, exit code out; and the worker of `rhai eval --jsonl`. */
import process from "node:process";
import { isMainThread, parentPort } from "node:worker_threads";
import { processIo } from "./io.ts";
import { runRhai } from "./program.ts";
import { serveLines } from "./serve-lines.ts";

if (isMainThread || parentPort === null)
  process.exitCode = await runRhai(processIo(), process.argv.slice(2), new URL(import.meta.url));
else serveLines(parentPort);
