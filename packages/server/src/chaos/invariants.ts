/** The promises, each as a function from what the writers were told and what is stored to what breaks it. */
import type {
  StoredDelivery,
  StoredEvent,
  StoredState,
  StoredTrace,
  StoredWrite,
} from "./chaos.repository.ts";
import type { Write, WriteKind } from "./journal.ts";

export interface Verdict {
  readonly invariant: string;
  /** How many things were looked at. */
  readonly checked: number;
  /** One line each; empty if the promise was kept. */
  readonly violations: readonly string[];
}

export interface Evidence {
  /** Those that were sent in the time that {@link Evidence.state} is of. */
  readonly writes: readonly Write[];
  /** Any write, also an earlier one. */
  readonly find: (key: string) => Write | undefined;
  /** Read after `writes`. */
  readonly state: StoredState;
  /** The scripts that get the events of a source. */
  readonly handlersOf: (source: string) => readonly string[];
  /** The state is of the whole run, not only of its last part. */
  readonly isWhole: boolean;
  /** The writers have stopped and the outbox has had its time. */
  readonly isSettled: boolean;
}

export function judge(evidence: Evidence): Verdict[] {
  return [
    acknowledgedIsStored(evidence),
    storedWasAskedFor(evidence),
    oneEventEach(evidence),
    noEventLost(evidence),
    tracesAreOfEvents(evidence),
    countersAdd(evidence),
    executionsAreRecorded(evidence),
    ...(evidence.isSettled ? [nothingLeft(evidence)] : []),
  ];
}

/** Kinds whose writes are found by their key: rows of kv and docs, and what is nothing but an event. */
const rowKinds = ["kv", "docs", "pubsub", "queue"] as const satisfies readonly WriteKind[];
type RowKind = (typeof rowKinds)[number];

function rowsOf(state: StoredState, kind: RowKind): readonly StoredWrite[] {
  return kind === "kv" || kind === "docs"
    ? state[kind]
    : state.events.filter(({ source }) => source === kind);
}

function acknowledgedIsStored({ writes, state }: Evidence): Verdict {
  const stored = new Set(rowKinds.flatMap((kind) => rowsOf(state, kind).map(({ key }) => `${kind} ${key}`)));
  const expected = writes
    .filter(({ outcome }) => outcome === "acknowledged")
    .flatMap((write) => rowKinds.filter((kind) => makes(write, kind)).map((kind) => ({ kind, write })));
  return {
    invariant: "every acknowledged write is stored",
    checked: expected.length,
    violations: expected.flatMap(({ kind, write: { key, way } }) =>
      stored.has(`${kind} ${key}`) ? [] : [`${kind} ${key} (${way}) was acknowledged and is not there`],
    ),
  };
}

function storedWasAskedFor({ find, state }: Evidence): Verdict {
  const rows = rowKinds.flatMap((kind) => rowsOf(state, kind).map(({ key }) => ({ kind, key })));
  const violations = rows.flatMap(({ kind, key }) => {
    const write = find(key);
    if (write === undefined || !makes(write, kind))
      return [`${kind} ${key} is stored and nobody asked for it`];
    return write.outcome === "unsent" ? [`${kind} ${key} is stored and was never sent`] : [];
  });
  const twice = repeated(rows.map(({ kind, key }) => `${kind} ${key}`));
  violations.push(...twice.map((row) => `${row} is stored twice`));
  return {
    invariant: "nothing is stored that nobody asked for, and nothing twice",
    checked: rows.length,
    violations,
  };
}

/** Whether a write makes a row of the kind. */
function makes(write: Write, kind: RowKind): boolean {
  return write.kind === kind;
}

function oneEventEach({ state, isWhole }: Evidence): Verdict {
  const events = Map.groupBy(state.events, ({ source, key }) => `${source} ${key}`);
  const rows = rowKinds.flatMap((kind) => rowsOf(state, kind).map(({ key }) => `${kind} ${key}`));
  const stored = new Set(rows);
  return {
    invariant: "each stored write has exactly one event, each event its write",
    checked: rows.length + state.events.length,
    violations: [
      ...rows.flatMap((row) => {
        const count = events.get(row)?.length ?? 0;
        return count === 1 ? [] : [`${row} has ${count} events`];
      }),
      ...[...events].flatMap(([name, [event]]) =>
        !isWhole || stored.has(name) ? [] : [`event ${event?.id} tells of ${name}, which is not stored`],
      ),
    ],
  };
}

/** Each event and each script that is to get it, while it is delivered: a trace, a waiting delivery, or a dead letter. */
function noEventLost({ state, handlersOf, isSettled }: Evidence): Verdict {
  const traces = new Set(state.seen.map(({ key }) => key));
  const waiting = new Set(state.outbox.map(deliveryName));
  const dead = new Set(state.deadLetters.filter(({ is_resolved: is }) => !is).map(deliveryName));
  const expected = state.events.flatMap((event) =>
    handlersOf(event.source).map((script) => ({ event, script })),
  );
  return {
    invariant: isSettled
      ? "each event was delivered at least once"
      : "no event is lost: it was delivered, waits, or is a dead letter",
    checked: expected.length,
    violations: expected.flatMap(({ event, script }) => {
      const name = deliveryName({ event_id: event.id, script });
      if (traces.has(traceKey(event)) || (!isSettled && (waiting.has(name) || dead.has(name)))) return [];
      const where = waiting.has(name) ? "still waits" : dead.has(name) ? "is a dead letter" : "is nowhere";
      return [`event ${event.id} (${event.source} ${event.key}) did not reach ${script} and ${where}`];
    }),
  };
}

function tracesAreOfEvents({ state, isWhole }: Evidence): Verdict {
  // Traces of a part of the run may be of events from before it.
  const traces = isWhole ? state.seen : [];
  const known = new Set(state.events.map(traceKey));
  return {
    invariant: "no delivery is of an event that is not stored",
    checked: traces.length,
    violations: traces.flatMap(({ key }) => (known.has(key) ? [] : [`a delivery told of ${key}`])),
  };
}

function countersAdd({ writes, state, isWhole }: Evidence): Verdict {
  const asked = isWhole ? writes.filter(({ kind }) => kind === "counter") : [];
  const values = new Map(state.counters.map(({ key, count }) => [key, count]));
  const byWriter = Map.groupBy(asked, ({ writer }) => String(writer));
  return {
    invariant: "counters hold every acknowledged increment, and no more than were asked for",
    checked: asked.length,
    violations: [...byWriter].flatMap(([writer, own]) => {
      const value = values.get(writer) ?? 0;
      const least = own.filter(({ outcome }) => outcome === "acknowledged").length;
      const most = own.filter(({ outcome }) => outcome !== "unsent").length;
      return value >= least && value <= most
        ? []
        : [`counter ${writer} is ${value}, not from ${least} to ${most}`];
    }),
  };
}

function executionsAreRecorded({ state }: Evidence): Verdict {
  const written = [...state.kv, ...state.docs, ...state.events].filter(({ written_by: by }) => by !== null);
  return {
    invariant: "the execution that wrote a row is recorded",
    checked: written.length,
    violations: written.flatMap(({ key, written_by: by, is_recorded: is }) =>
      is ? [] : [`${key} was written by the execution ${by}, which is not recorded`],
    ),
  };
}

function nothingLeft({ state }: Evidence): Verdict {
  const dead = state.deadLetters.filter(({ is_resolved: is }) => !is);
  return {
    invariant:
      "nothing is left over: no delivery waits, no dead letter is open, no lost execution is running",
    checked: state.outbox.length + state.deadLetters.length + state.running,
    violations: [
      ...state.outbox.map(({ event_id: id, script }) => `a delivery of event ${id} to ${script} waits`),
      ...dead.map(({ event_id: id, script, code }) => `event ${id} to ${script} is a dead letter: ${code}`),
      ...(state.running === 0 ? [] : [`${state.running} executions of servers that are gone are running`]),
    ],
  };
}

function deliveryName({ event_id: id, script }: StoredDelivery): string {
  return `${id} ${script}`;
}

/** As the handlers name an event. */
function traceKey({ source, key, id }: StoredEvent): StoredTrace["key"] {
  return `${source}/${key}/${id}`;
}

function repeated(names: readonly string[]): string[] {
  const counts = Map.groupBy(names, (name) => name);
  return [...counts].flatMap(([name, { length }]) => (length > 1 ? [name] : []));
}
