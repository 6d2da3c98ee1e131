/** Time as something that is passed in, so that tests can move it. */

/** The node's own clock. It only derives timers and labels: what is due is decided by the database's `now()`. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  readonly now: () => number;
  /** Milliseconds since an arbitrary moment; never goes back. For durations. */
  readonly monotonic: () => number;
}

/** The clock of the operating system. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
