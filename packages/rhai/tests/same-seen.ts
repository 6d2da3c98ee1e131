/** Compares what was seen of two runs. Its own text instead of `expect`: a property that fails is shrunk in hundreds of
 *  steps, and each difference would be rendered. */

/** Throws with the program if they differ. */
export function assertSame(source: string, left: unknown, right: unknown): void {
  const a = textOf(left);
  const b = textOf(right);
  if (a !== b) throw new Error(`${source}\n\n${a.slice(0, 4_000)}\n\n${b.slice(0, 4_000)}`);
}

function textOf(seen: unknown): string {
  return JSON.stringify(seen, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "number") return value;
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : `number ${Object.is(value, -0) ? "-0" : value}`;
  });
}
