/** Load generator, a process of its own: `node load.ts '{"url", "connections", "seconds"}'` keeps that many connections
 *  busy with one GET after another and prints its figures as JSON. */
import net from "node:net";
import type { LoadResult, LoadSpec } from "./http-load.ts";
import { quantile } from "./statistics.ts";

const BLANK_LINE = Buffer.from("\r\n\r\n");

const spec = JSON.parse(process.argv[2] ?? "{}") as LoadSpec;
const latencies: number[] = [];
let failures = 0;
let isOver = false;

function keepBusy(url: URL): Promise<void> {
  const headers = Object.entries({ Host: url.host, ...spec.headers });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const request = Buffer.from(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`);
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = net.connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  let buffer: Buffer = Buffer.alloc(0);
  let sentAt = 0;
  const next = (): void => {
    sentAt = performance.now();
    socket.write(request);
  };
  socket.on("connect", next);
  socket.on("data", (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    const answer = readAnswer(buffer);
    if (answer === undefined) return;
    buffer = buffer.subarray(answer.end);
    latencies.push(performance.now() - sentAt);
    if (answer.status < 200 || answer.status > 299) failures++;
    if (isOver) socket.end();
    else if (spec.pauseMs === undefined) next();
    else setTimeout(next, spec.pauseMs);
  });
  socket.on("error", () => failures++);
  socket.on("close", () => resolve());
  return promise;
}

/** The first answer of the buffer if it is whole. */
function readAnswer(buffer: Buffer): { status: number; end: number } | undefined {
  const head = buffer.indexOf(BLANK_LINE);
  if (head < 0) return undefined;
  const text = buffer.toString("latin1", 0, head);
  const status = Number(text.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  if (length !== undefined) {
    const end = head + 4 + Number(length);
    return buffer.length < end ? undefined : { status, end };
  }
  const last = buffer.indexOf("\r\n0\r\n\r\n", head + 2, "latin1");
  return last < 0 ? undefined : { status, end: last + 7 };
}

const started = performance.now();
setTimeout(() => (isOver = true), spec.seconds * 1000);
await Promise.all(Array.from({ length: spec.connections }, async () => await keepBusy(new URL(spec.url))));
const seconds = (performance.now() - started) / 1000;
const result: LoadResult = {
  requestsPerSecond: latencies.length / seconds,
  p50Ms: latencies.length === 0 ? Number.NaN : quantile(latencies, 0.5),
  p99Ms: latencies.length === 0 ? Number.NaN : quantile(latencies, 0.99),
  requests: latencies.length,
  failures,
};
console.log(JSON.stringify(result));
