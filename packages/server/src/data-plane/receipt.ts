/** What the service calls of a run wrote and sent, kept in memory until the run ends: no statement of its own. */
import type { RunReceipt } from "../platform/context.ts";

/** One call that changed something. */
export interface ReceiptLine {
  /** `kv.set`. */
  readonly call: string;
  /** Collection and key or id (`orders/42`), queue, topic or name. */
  readonly target?: string;
  /** Id of what was sent. */
  readonly id?: string;
  /** How many, where the call says so. */
  readonly count?: number;
}

/** Lines that are kept, and their characters: keys may have 512 bytes. */
const LINES_MAX = 100;
const CHARS_MAX = 16_384;

export class Receipt implements RunReceipt {
  #lines: ReceiptLine[] = [];
  #chars = 0;
  #omitted = 0;

  note(
    { service, method }: { readonly service: string; readonly method: string },
    args: readonly unknown[],
    value: unknown,
  ): void {
    // A delete that found nothing, a comparison that failed, a filter without a hit: nothing was written. A message
    // without a subscriber was sent.
    if (value === false || (value === 0 && method.endsWith("_many"))) return;
    if (this.#lines.length >= LINES_MAX || this.#chars >= CHARS_MAX) {
      this.#omitted++;
      return;
    }
    const line = lineOf(`${service}.${method}`, args, value);
    this.#chars += line.call.length + (line.target?.length ?? 0);
    this.#lines.push(line);
  }

  /** Nothing of it stayed. */
  clear(): void {
    this.#lines = [];
    this.#chars = this.#omitted = 0;
  }

  /** JSON text `{lines, omitted}`, or `undefined` if there is nothing to tell. */
  text(): string | undefined {
    if (this.#lines.length === 0) return undefined;
    return JSON.stringify({ lines: this.#lines, omitted: this.#omitted });
  }
}

function lineOf(call: string, args: readonly unknown[], value: unknown): ReceiptLine {
  const [first, second] = args;
  const count = typeof value === "number" ? { count: value } : {};
  const made = typeof value === "string" ? value : undefined;
  if (typeof first !== "string")
    return made === undefined ? { call, ...count } : { call, id: made, ...count };
  if (typeof second === "string" && made === undefined)
    return { call, target: `${first}/${second}`, ...count };
  return made === undefined ? { call, target: first, ...count } : { call, target: first, id: made };
}
