/** The concurrency gate of a node (EXE-6): no queue; over the limit the answer is 503 at once. */

export interface Gate {
  /** Takes a slot for a run of the app, or says no. */
  acquire(appId: string): boolean;
  release(appId: string): void;
  /** Slots that nobody holds. */
  free(): number;
  held(): number;
}

/** With `n` apps running, an app's share is `ceil(limit / n)`. The last quarter of the slots goes only to apps below
 *  their share, so that one busy app never keeps the others out. */
export function createGate(limit: number): Gate {
  const heldBy = new Map<string, number>();
  const openToAll = limit - Math.floor(limit / 4);
  let held = 0;
  return {
    acquire(appId) {
      if (held >= limit) return false;
      const own = heldBy.get(appId) ?? 0;
      if (held >= openToAll) {
        const apps = own === 0 ? heldBy.size + 1 : heldBy.size;
        if (own >= Math.ceil(limit / apps) && apps > 1) return false;
      }
      heldBy.set(appId, own + 1);
      held++;
      return true;
    },
    release(appId) {
      const own = heldBy.get(appId) ?? 0;
      if (own <= 1) heldBy.delete(appId);
      else heldBy.set(appId, own - 1);
      if (own > 0) held--;
    },
    free: () => limit - held,
    held: () => held,
  };
}
