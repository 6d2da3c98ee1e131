/** What the writers asked for and what they were told: the side of the check that no fault of the server can reach. */

/** What is written; each makes its own rows and events. */
export const writeKinds = ["kv", "docs", "pubsub", "queue", "counter"] as const;
export type WriteKind = (typeof writeKinds)[number];

/** `open`: no answer yet. `acknowledged`: told that it is stored. `unsent`: the server took no connection, so it can't be
 *  stored. `unknown`: everything else; it may be stored or not. */
export type Outcome = "open" | "acknowledged" | "unknown" | "unsent";

export interface Write {
  /** Unique in a run. */
  readonly key: string;
  readonly kind: WriteKind;
  /** Through a script in TypeScript or Rhai, or through the API. */
  readonly way: string;
  readonly writer: number;
  readonly sentMs: number;
  outcome: Outcome;
}

export interface Journal {
  begin(write: Pick<Write, "kind" | "way" | "writer">): Write;
  end(write: Write, outcome: Exclude<Outcome, "open">): void;
  readonly find: (key: string) => Write | undefined;
  /** Sent at or after a time of {@link Journal.now}. */
  since(ms: number): readonly Write[];
  count(outcome: Outcome): number;
  now(): number;
}

export function createJournal(): Journal {
  const writes: Write[] = [];
  const byKey = new Map<string, Write>();
  const counts: Record<Outcome, number> = { open: 0, acknowledged: 0, unknown: 0, unsent: 0 };
  return {
    begin(asked) {
      const write: Write = {
        ...asked,
        key: `${asked.writer}-${writes.length}`,
        sentMs: performance.now(),
        outcome: "open",
      };
      writes.push(write);
      byKey.set(write.key, write);
      counts.open++;
      return write;
    },
    end(write, outcome) {
      counts[write.outcome]--;
      write.outcome = outcome;
      counts[outcome]++;
    },
    find: (key) => byKey.get(key),
    since(ms) {
      const at = writes.findIndex(({ sentMs }) => sentMs >= ms);
      return at === -1 ? [] : writes.slice(at);
    },
    count: (outcome) => counts[outcome],
    now: () => performance.now(),
  };
}
