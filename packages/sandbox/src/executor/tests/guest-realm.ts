/** For tests of the files in `guest/`: a context with the runtime in it, and the same source text run there and here. */
import ivm from "isolated-vm";

import { guestText } from "../../guest-text.ts";
import { encodeFrame, INTO } from "../../protocol.ts";

/** A script that leaves what `import … from "picloud"` gives under a name for the test. */
const SCRIPT = `(async function ($p) { globalThis.$picloud = $p.import("picloud"); return { default() {} }; })`;
const TIMEOUT_MS = 20_000;

export class GuestRealm {
  readonly #isolate = new ivm.Isolate({ memoryLimit: 256 });
  readonly #context: ivm.Context;

  constructor() {
    this.#context = this.#isolate.createContextSync();
    const script = this.#isolate.compileScriptSync(guestText(), { filename: "picloud:runtime" });
    const runtime = script.runSync(this.#context, { reference: true }) as ivm.Reference<{
      step: (frames: string) => undefined;
    }>;
    const step = runtime.getSync("step", { reference: true });
    const seed = "\x07".repeat(32);
    try {
      step.applySync(undefined, [encodeFrame(INTO.load, 0, 0, ["[]", "test.ts", SCRIPT, seed, "0", "0"])]);
    } catch (error) {
      // Each step ends with the runtime's sentinel.
      if (error !== 0) throw error;
    }
  }

  /** Result of a function, given as source text, with copies of the arguments. */
  call(source: string, ...args: readonly unknown[]): unknown {
    return this.#function(source).applySync(undefined, [...args], {
      arguments: { copy: true },
      result: { copy: true },
      timeout: TIMEOUT_MS,
    });
  }

  async callAsync(source: string, ...args: readonly unknown[]): Promise<unknown> {
    return await this.#function(source).apply(undefined, [...args], {
      arguments: { copy: true },
      result: { copy: true, promise: true },
      timeout: TIMEOUT_MS,
    });
  }

  #function(source: string): ivm.Reference<(...args: unknown[]) => unknown> {
    return this.#context.evalSync(`(${source})`, { reference: true }) as ivm.Reference<
      (...args: unknown[]) => unknown
    >;
  }

  dispose(): void {
    this.#isolate.dispose();
  }
}

/** The same function in this process, with the globals of Node. */
export async function nativeFunction(source: string): Promise<(...args: unknown[]) => unknown> {
  const module = (await import(`data:text/javascript,export default (${encodeURIComponent(source)})`)) as {
    default: (...args: unknown[]) => unknown;
  };
  return module.default;
}
