/** After-commit wake-ups. Carry no data: whoever is woken reads the database. May be lost or doubled. */

export type Signal = "outbox" | "executions" | "deployed" | "access" | "topics";

export interface Signals {
  /** Wakes listeners on this node now; `appId` narrows where it is known. */
  send(signal: Signal, appId?: string): void;
  /** Gives the function that ends the subscription. */
  on(signal: Signal, listener: (appId: string | undefined) => void): () => void;
}

/** In-process signals of one node. */
export function createSignals(): Signals {
  const listeners = new Map<Signal, Set<(appId: string | undefined) => void>>();
  return {
    send(signal, appId) {
      for (const listener of listeners.get(signal) ?? []) listener(appId);
    },
    on(signal, listener) {
      const set = listeners.get(signal) ?? new Set();
      listeners.set(signal, set);
      set.add(listener);
      return () => set.delete(listener);
    },
  };
}
