/** Load over HTTP from a process of its own: `wrk` where it is installed, else our own generator. */
import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

export interface LoadSpec {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Sent with each request beside `Host`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Wait of each connection between an answer and its next request; only our own generator can. */
  readonly pauseMs?: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  /** Answers outside 200–299, and broken connections. */
  readonly failures: number;
}

export type LoadTool = "wrk" | "own";

const run = promisify(execFile);

export function findLoadTool(): LoadTool {
  try {
    execFileSync("wrk", ["--version"], { stdio: "ignore" });
  } catch (error) {
    // `wrk --version` exits with 1; only its absence counts.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "own";
  }
  return "wrk";
}

export async function httpLoad(tool: LoadTool, spec: LoadSpec): Promise<LoadResult> {
  const timeout = (spec.seconds + 30) * 1000;
  if (tool === "own" || spec.pauseMs !== undefined) {
    const args = [join(import.meta.dirname, "load.ts"), JSON.stringify(spec)];
    return JSON.parse((await run(process.execPath, args, { timeout })).stdout) as LoadResult;
  }
  const { connections, seconds, url } = spec;
  const headers = Object.entries(spec.headers ?? {}).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "30s", "--latency", ...headers, url];
  return parseWrk((await run("wrk", args, { timeout })).stdout);
}

/** Reads what `wrk --latency` prints. */
export function parseWrk(text: string): LoadResult {
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const milliseconds = (pattern: RegExp): number => {
    const [, value, unit] = pattern.exec(text) ?? [];
    const scale = { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit ?? ""];
    return Number(value ?? Number.NaN) * (scale ?? Number.NaN);
  };
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1];
  return {
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50Ms: milliseconds(/50%\s+([\d.]+)(us|ms|s|m)\b/),
    p99Ms: milliseconds(/99%\s+([\d.]+)(us|ms|s|m)\b/),
    requests: number(/(\d+) requests in/),
    failures: Number(bad ?? 0) + (errors?.slice(1).reduce((sum, count) => sum + Number(count), 0) ?? 0),
  };
}
