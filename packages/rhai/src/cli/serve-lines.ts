/** The side of the worker of `rhai eval --jsonl`. */
import { type MessagePort } from "node:worker_threads";
import { evaluateLine } from "./evaluate-line.ts";

/** Answers each line that comes with one line. */
export function serveLines(port: MessagePort): void {
  port.on("message", (line: string) => port.postMessage(evaluateLine(line)));
}
