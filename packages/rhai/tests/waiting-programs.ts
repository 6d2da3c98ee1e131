/** Runs programs that wait for their host: one after the other, many at a time, or with a host that answers at once. */
import { rowErrorOf } from "../src/cli/row-error.ts";
import { type RowError } from "../src/cli/row.ts";
import { toTagged } from "../src/cli/tagged.ts";
import { type HostNames } from "../src/analysis/host-names.ts";
import { compile } from "../src/compile.ts";
import { instantiate } from "../src/instantiate.ts";
import { type HostFunction, type HostReply, type HostRequest } from "../src/runtime/host.ts";
import { functionNotFound, runtimeError } from "../src/runtime/raise.ts";
import { Run, type Runnable, type Step } from "../src/runtime/run.ts";
import { Handle, type Value } from "../src/runtime/value.ts";

/** Everything that can be seen of a run. */
export interface Seen {
  readonly value?: unknown;
  readonly error?: RowError;
  readonly printed: readonly string[];
  /** Calls of the host, in order. */
  readonly calls: readonly string[];
  readonly operations: number;
  readonly depth: number;
}

const waits = { suspends: true };

/** Names of the host of `programOf`. */
export const hostNames: HostNames = {
  functions: new Map([
    ["kv::get/1", waits],
    ["kv::set/2", waits],
    ["kv::incr/2", waits],
    ["http::fail/1", waits],
    ["kv::collection/1", { suspends: false }],
  ]),
  methods: new Map([
    ["get/1", waits],
    ["set/2", waits],
    ["incr/2", waits],
  ]),
};

/** The store of one run, and what was asked of it. */
class Host {
  readonly calls: string[] = [];
  private readonly values = new Map<string, Value>();

  answer(fn: string, args: readonly Value[], handle?: Handle): HostReply {
    const name = handle === undefined ? fn.replace(/^kv::/, "") : fn;
    const [key, value] = args;
    const place = `${handle === undefined ? "" : String(handle.data)}/${JSON.stringify(toTagged(key))}`;
    this.calls.push(`${fn} ${place} ${args.length > 1 ? JSON.stringify(toTagged(value)) : ""}`);
    // Every third number is one that the host does not like.
    if (fn === "http::fail") return typeof key === "number" && key % 3 !== 0 ? answered(key) : refused(key);
    if (name === "get") return answered(this.values.get(place));
    if (name === "set") this.values.set(place, value);
    if (name !== "incr") return answered(undefined);
    const old = this.values.get(place);
    const sum = (typeof old === "number" ? old : 0) + (typeof value === "number" ? value % 1_000 : 1);
    this.values.set(place, sum);
    return answered(sum);
  }
}

function answered(value: Value): HostReply {
  return { ok: true, value };
}

function refused(value: Value): HostReply {
  return { ok: false, error: value };
}

const limits = { operations: 100_000, stringBytes: 100_000, arrayItems: 10_000, mapEntries: 10_000 };
const collection: HostFunction = (name) => new Handle("collection", name);

/** A run, its host and its output. */
class Watched {
  readonly host = new Host();
  readonly printed: string[] = [];
  readonly run: Run;
  seen: Seen | undefined;

  constructor(unit: Runnable, hosts: (host: Host) => ReadonlyMap<string, HostFunction>) {
    this.run = new Run(unit, [], {
      limits,
      hosts: hosts(this.host),
      output: {
        print: (text) => this.printed.push(text),
        debug: (text) => this.printed.push(`debug ${text}`),
      },
    });
  }

  /** One step; the request that the run waits for. */
  step(go: () => Step): HostRequest | undefined {
    try {
      const step = go();
      if (!step.done) return step.request;
      this.seen = { value: toTagged(step.value), ...this.rest() };
    } catch (error) {
      this.seen = { error: rowErrorOf(error), ...this.rest() };
    }
    return undefined;
  }

  answer({ fn, args, handle }: HostRequest): HostReply {
    return this.host.answer(fn, args, handle);
  }

  private rest(): Pick<Seen, "printed" | "calls" | "operations" | "depth"> {
    const { printed, host, run } = this;
    return { printed, calls: host.calls, operations: run.operations, depth: run.depth };
  }
}

function unitOf(source: string, host: HostNames): Runnable {
  const made = compile(source, { limits: { expr: 0, fn_expr: 0 }, host });
  if (!made.ok) throw new Error(`${made.diagnostics[0]?.message ?? ""}\n${source}`);
  return instantiate(made.code);
}

/** One run to its end, waiting for each answer. */
export function runWaiting(source: string): Seen {
  const watched = new Watched(unitOf(source, hostNames), () => new Map([["kv::collection/1", collection]]));
  let request = watched.step(() => watched.run.start());
  while (request !== undefined) {
    const reply = watched.answer(request);
    request = watched.step(() => watched.run.resume(reply));
  }
  return seenOf(watched);
}

/** `count` runs that take turns; `next` says whose request is answered: a number below its argument. */
export function runTogether(source: string, count: number, next: (below: number) => number): Seen[] {
  const unit = unitOf(source, hostNames);
  const all = Array.from(
    { length: count },
    () => new Watched(unit, () => new Map([["kv::collection/1", collection]])),
  );
  const waiting: { readonly watched: Watched; readonly request: HostRequest }[] = [];
  const take = (watched: Watched, go: () => Step): void => {
    const request = watched.step(go);
    if (request !== undefined) waiting.push({ watched, request });
  };
  for (const watched of all) take(watched, () => watched.run.start());
  while (waiting.length > 0) {
    const [first] = waiting.splice(next(waiting.length), 1);
    if (first === undefined) break;
    const reply = first.watched.answer(first.request);
    take(first.watched, () => first.watched.run.resume(reply));
  }
  return all.map(seenOf);
}

/** The same program with a host that answers at once: nothing of it waits. */
export function runPlain(source: string): Seen {
  const watched = new Watched(unitOf(source, plainNames), plainHosts);
  if (watched.step(() => watched.run.start()) !== undefined) throw new Error("a plain program waits");
  return seenOf(watched);
}

function settled(reply: HostReply): Value {
  return reply.ok ? reply.value : runtimeError(reply.error);
}

const plainNames: HostNames = {
  functions: new Map([...hostNames.functions.keys()].map((key) => [key, { suspends: false }])),
  methods: new Map([...hostNames.methods.keys()].map((key) => [key, { suspends: false }])),
};

function plainHosts(host: Host): Map<string, HostFunction> {
  const table = new Map<string, HostFunction>([["kv::collection/1", collection]]);
  for (const key of hostNames.functions.keys()) {
    const name = key.replace(/\/\d+$/, "");
    if (!table.has(key)) table.set(key, (...args) => settled(host.answer(name, args)));
  }
  for (const key of hostNames.methods.keys()) {
    const [name = "", arity = "0"] = key.split("/");
    table.set(`${name}/${Number(arity) + 1}`, (self, ...args) => {
      if (!(self instanceof Handle)) return functionNotFound(name, [self, ...args]);
      return settled(host.answer(name, args, self));
    });
  }
  return table;
}

function seenOf({ seen }: Watched): Seen {
  if (seen === undefined) throw new Error("a run did not end");
  return seen;
}
