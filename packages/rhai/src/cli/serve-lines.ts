/** The side of the worker of `rhai eval --jsonl`. */
import { type MessagePort } from "node:worker_threads";
import { evaluateLine } from "./evaluate-line.ts";

/** What the worker says first: it has loaded, and the time of rows counts. */
export const READY = "ready";

/** Answers each line that comes with one line. */
export function serveLines(port: MessagePort): void {
  port.postMessage(READY);
  port.on("message", (line: string) => port.postMessage(evaluateLine(line)));
}
