/** How many frames JavaScript keeps in stacks: V8 has a limit that can be set, other engines keep all. */

export function keptFrames(): number {
  return (Error as { stackTraceLimit?: number }).stackTraceLimit ?? 0;
}

/** Does nothing where the language is frozen: there the limit has its value already, and an assignment would throw. */
export function keepFrames(frames: number): void {
  if (keptFrames() !== frames) Reflect.set(Error, "stackTraceLimit", frames);
}
