/** Random numbers from a seed: the same seed gives the same faults and the same writes in the same order, though not at the
 *  same moments. */

export interface Random {
  /** From 0 to under 1. */
  next(): number;
  /** A whole number from 0 to under `end`. */
  below(end: number): number;
  /** One of a list that is not empty. */
  pick<T>(items: readonly [T, ...T[]]): T;
  /** The same items in another order. */
  shuffle<T>(items: readonly T[]): T[];
}

/** mulberry32 (public domain, Tommy Ettinger): 32 bits of state are enough to choose faults by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    next,
    below,
    pick: (items) => items[below(items.length)] ?? items[0],
    shuffle(items) {
      const left = [...items];
      const shuffled: typeof left = [];
      while (left.length > 0) shuffled.push(...left.splice(below(left.length), 1));
      return shuffled;
    },
  };
}
