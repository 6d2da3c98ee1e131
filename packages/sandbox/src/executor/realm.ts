/** Contexts of V8 with the runtime in them. */
import type ivm from "isolated-vm";

import { encodeFrame, INTO } from "../protocol.ts";

/** One context of V8. For JavaScript each artifact has one of its own. For Rhai all artifacts of an isolate share one: their
 *  code can reach nothing but its own functions and the runtime, which keeps nothing from run to run; a runtime for each
 *  would take ten times the memory and the time of a script. */
export class Realm {
  readonly #vm: ivm.Isolate;
  readonly #runtimeScript: () => ivm.Script;
  #context: ivm.Context | undefined;
  #step: ivm.Reference<(frames: string) => undefined> | undefined;
  #drain: ivm.Reference<() => string> | undefined;
  #nextUnit = 0;
  #units = 0;
  /** Frames for the next entry: units that nobody needs any more. */
  #drops = "";

  constructor(vm: ivm.Isolate, runtimeScript: () => ivm.Script) {
    this.#vm = vm;
    this.#runtimeScript = runtimeScript;
  }

  /** The number of one more artifact. */
  addUnit(): number {
    this.#units++;
    this.#nextUnit = (this.#nextUnit + 1) % 2 ** 28;
    return this.#nextUnit;
  }

  /** Releases the context with its last unit. */
  dropUnit(unit: number): void {
    this.#units--;
    if (this.#units > 0) {
      this.#drops += encodeFrame(INTO.drop, 0, unit, []);
      return;
    }
    if (!this.#vm.isDisposed) {
      this.#step?.release();
      this.#drain?.release();
      this.#context?.release();
    }
    this.#step = this.#drain = this.#context = undefined;
    this.#drops = "";
  }

  /** Evaluates the runtime; no code of a user. Throws if the isolate is at its limit. */
  build(): void {
    if (this.#context !== undefined) return;
    this.#context = this.#vm.createContextSync();
    const runtime = this.#runtimeScript().runSync(this.#context, { reference: true });
    this.#step = runtime.getSync("step", { reference: true });
    this.#drain = runtime.getSync("drain", { reference: true });
    runtime.release();
  }

  /** One entry in the thread pool. Resolves with what it threw: the number 0, the runtime's sentinel, if all is well. */
  async enter(frames: string, timeoutMs: number): Promise<unknown> {
    const all = frames + this.#drops;
    this.#drops = "";
    try {
      await this.#step?.apply(undefined, [all], { timeout: timeoutMs });
    } catch (error) {
      return error;
    }
    return undefined;
  }

  /** What the entry left behind. Runs no user code. */
  collect(): string {
    const out: unknown = this.#drain?.applySync(undefined, []);
    return typeof out === "string" ? out : "";
  }
}
