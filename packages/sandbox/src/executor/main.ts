/** An executor process: loads everything, gives up its rights, then answers frames on file descriptor 3. */
import { Socket } from "node:net";

import {
  decodeNumber,
  encodeFrame,
  frameAt,
  framePartsOf,
  FROM_EXECUTOR,
  NO_TOKEN,
  PROTOCOL_VERSION,
  TO_EXECUTOR,
  TOKEN_CHARS,
} from "../protocol.ts";
import { EnvelopeReader, FrameWriter } from "../wire.ts";
import { Entries } from "./entries.ts";
import { loadGuests } from "./isolate.ts";
import { EntryRecord, type Script } from "./state.ts";

const CHANNEL_FD = 3;
/** Differences of the clocks below this are the way of the frame. */
const CLOCK_TOLERANCE_MS = 100;
/** After the start, which JavaScript should not wait for. */
const RHAI_WARM_UP_MS = 300;

// Isolates take the zone of the process.
process.env["TZ"] = "UTC";
const guests = loadGuests();
dropRights(Number(process.argv[2] ?? ""));

const socket = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
const writer = new FrameWriter(socket);
let entries: Entries | undefined;
let clockOffsetMs = 0;

const reader = new EnvelopeReader((text) => {
  for (let at = 0; at < text.length;) {
    const token = text.slice(at, at + TOKEN_CHARS);
    const frame = frameAt(text, at + TOKEN_CHARS);
    at = frame.end;
    if (token === NO_TOKEN) ownFrame(text, frame);
    else entries?.accept(token, text.slice(frame.start, frame.end));
  }
  entries?.pump();
});
socket.on("data", (chunk: Buffer) => reader.read(chunk));
// The server is gone, or the pipe is: nothing is left to do. Not by exit(), which waits for threads, and so for scripts.
socket.on("close", () => process.kill(process.pid, "SIGKILL"));
socket.on("error", () => process.kill(process.pid, "SIGKILL"));

function ownFrame(text: string, frame: ReturnType<typeof frameAt>): void {
  const parts = framePartsOf(text, frame, 8);
  const [a = "", b = "", c = "", d = ""] = parts;
  switch (frame.kind) {
    case TO_EXECUTOR.boot:
      boot(frame.id, parts);
      return;
    case TO_EXECUTOR.ping:
      setClock(Number(a));
      writer.push(NO_TOKEN + encodeFrame(FROM_EXECUTOR.pong, 0, frame.id, []));
      return;
    case TO_EXECUTOR.artifact:
      entries?.addArtifact(a, { name: b, code: c, language: d });
      return;
    case TO_EXECUTOR.script:
      entries?.addScript(frame.id, readScript(parts));
      return;
    case TO_EXECUTOR.forget:
      entries?.forgetScript(frame.id);
      return;
    default:
      throw new Error(`unknown kind of frame ${decodeNumber(text, frame.start + 1)}`);
  }
}

function boot(version: number, parts: readonly string[]): void {
  if (version !== PROTOCOL_VERSION) process.exit(1);
  const [services = "", serverMs, memoryMb, runtime = "", compiler = ""] = parts;
  setClock(Number(serverMs));
  guests.rhaiTexts = { runtime, compiler };
  // Once, before the first script comes, or its caller would wait for it.
  if (runtime !== "") setTimeout(() => void warmUp(), RHAI_WARM_UP_MS).unref();
  const send = (out: string): void => writer.push(out);
  entries = new Entries({ guests, services, memoryMb: Number(memoryMb), send, now, die });
  writer.push(NO_TOKEN + encodeFrame(FROM_EXECUTOR.ready, 0, PROTOCOL_VERSION, []));
}

async function warmUp(): Promise<void> {
  try {
    await guests.warmUp();
  } catch {
    // Then the first script has it made, and gets the error if there is one.
  }
}

function readScript(parts: readonly string[]): Omit<Script, "artifact"> {
  const [appId = "", scriptId = "", hash = "", memory, cpu, logBytes = "0", responseBytes = "0", rhai] =
    parts;
  const sizes = { logBytes, responseBytes, rhaiLimits: rhai ?? "" };
  const limits = { memoryMb: Number(memory), cpuMs: Number(cpu), ...sizes };
  return { appId, scriptId, hash, ...limits, isFresh: false, record: new EntryRecord() };
}

function now(): number {
  return Date.now() + clockOffsetMs;
}

function setClock(serverMs: number): void {
  const offset = serverMs - Date.now();
  if (Math.abs(offset - clockOffsetMs) > CLOCK_TOLERANCE_MS) clockOffsetMs = offset;
}

/** Ends the process once everything that was said is on its way. */
function die(): void {
  writer.flush();
  socket.end(() => process.kill(process.pid, "SIGKILL"));
  setTimeout(() => process.kill(process.pid, "SIGKILL"), 200);
}

/** As root the server gives each executor a user of its own; everything that has to be read was read by now. */
function dropRights(uid: number): void {
  if (!Number.isInteger(uid) || uid < 1) return;
  if (process.setgroups === undefined || process.setgid === undefined || process.setuid === undefined)
    process.exit(1);
  process.setgroups([]);
  process.setgid(uid);
  process.setuid(uid);
  if (process.getuid?.() !== uid || process.geteuid?.() !== uid || process.getgid?.() !== uid)
    process.exit(1);
}
