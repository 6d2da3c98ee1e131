/** Runs of compiled scripts: started, waiting for the host, resumed. Hundreds of them take turns in one instance of the
 *  runtime; what belongs to one run is loaded into the state when it enters and stored back when it leaves. */
import { Exit } from "./error.ts";
import { SLICE } from "./fuel.ts";
import { type HostReply, type HostRequest, type HostTable } from "./host.ts";
import { asRhaiError } from "./overflow.ts";
import { keepFrames, keptFrames } from "./stack-limit.ts";
import { S, defaultLimits } from "./state.ts";
import { type Limits, type LoadedModule, type Output, type State } from "./state.ts";
import { type Value } from "./value.ts";

export type Step =
  | { readonly done: true; readonly value: Value }
  | { readonly done: false; readonly request: HostRequest };

/** A compiled script as the driver sees it. */
export interface Runnable {
  /** A generator function if `suspends`. Takes the values of the variables that the script gets from outside. */
  readonly main: (...scope: Value[]) => unknown;
  readonly suspends: boolean;
}

export interface RunOptions {
  readonly limits?: Partial<Limits>;
  readonly output?: Output;
  /** Reading a key that a map does not have is an error. */
  readonly failsOnMissing?: boolean;
  /** Functions of the host that answer at once, for this run only. */
  readonly hosts?: HostTable;
  /** Finds modules whose path is known at run time only. */
  readonly load?: (path: string) => LoadedModule | undefined;
}

/** Operations of a run without limit; they are counted all the same. */
const OPERATIONS_MAX = Number.MAX_SAFE_INTEGER;
/** Positions come from the stack: it must hold every frame of a script. */
const STACK_FRAMES = 1_000;
const silent: Output = { print: () => {}, debug: () => {} };

/** One run. A dropped one needs no end: its generator is collected as garbage. */
export class Run {
  readonly #unit: Runnable;
  readonly #scope: readonly Value[];
  readonly #operationsMax: number;
  /** What the state holds while this run is inside. */
  #state: State;
  #generator: Generator<HostRequest, Value, HostReply> | undefined;
  #isInside = false;

  constructor(unit: Runnable, scope: readonly Value[] = [], options: RunOptions = {}) {
    const { limits, output = silent, failsOnMissing = false, hosts, load } = options;
    this.#unit = unit;
    this.#scope = scope;
    const given: Limits = { ...defaultLimits, ...limits };
    const all: Limits = { ...given, callDepth: given.callDepth === 0 ? Infinity : given.callDepth };
    this.#operationsMax = all.operations === 0 ? OPERATIONS_MAX : all.operations;
    const fuel = Math.min(SLICE, this.#operationsMax);
    this.#state = {
      fuel,
      rest: this.#operationsMax - fuel,
      depth: 0,
      self: undefined,
      limits: all,
      output,
      failsOnMissing,
      functions: undefined,
      units: undefined,
      load,
      modules: undefined,
      lookedAt: "",
      isLookedAtPlain: true,
      measured: "",
      measuredBytes: 0,
      hosts,
    };
  }

  /** Operations so far. */
  get operations(): number {
    return Math.min(this.#operationsMax, this.#operationsMax - this.#state.rest - this.#state.fuel);
  }

  /** Calls of script functions that are open now. 0 before and after. */
  get depth(): number {
    return this.#state.depth;
  }

  /** Runs to the first request of the host, or to the end. Throws RhaiError. */
  start(): Step {
    return this.#enter(() => {
      const result = this.#unit.main(...this.#scope);
      if (!this.#unit.suspends) return { done: true, value: result as Value };
      this.#generator = result as Generator<HostRequest, Value, HostReply>;
      return stepOf(this.#generator.next());
    });
  }

  /** Goes on with the answer to the last request. Throws RhaiError. */
  resume(reply: HostReply): Step {
    const generator = this.#generator;
    if (generator === undefined) throw new Error("this run waits for nothing");
    return this.#enter(() => stepOf(generator.next(reply)));
  }

  #enter(body: () => Step): Step {
    if (this.#isInside) throw new Error("this run is inside already");
    // A host function may run a script of its own, so what was there comes back afterwards.
    const outer = { ...S };
    const frames = keptFrames();
    Object.assign(S, this.#state);
    keepFrames(STACK_FRAMES);
    this.#isInside = true;
    try {
      return body();
    } catch (error) {
      if (error instanceof Exit) return { done: true, value: error.value };
      throw asRhaiError(error);
    } finally {
      this.#isInside = false;
      this.#state = { ...S };
      Object.assign(S, outer);
      keepFrames(frames);
    }
  }
}

function stepOf({ done, value }: IteratorResult<HostRequest, Value>): Step {
  return done === true ? { done, value } : { done: false, request: value };
}
