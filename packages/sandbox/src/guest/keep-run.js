// Which run is it? What the compile pass and the patched language need to keep the current run over every wait.
(function (core) {
  "use strict";
  const { apply, current, setCurrent, rawThen, global, uncurry } = core,
    P = Promise,
    { defineProperty, getPrototypeOf, setPrototypeOf, freeze } = Object;
  const Weak = WeakMap,
    weakGet = uncurry(WeakMap.prototype.get),
    weakSet = uncurry(WeakMap.prototype.set),
    nativeResolve = uncurry(P.resolve);
  const method = (holder, name, fn) =>
    defineProperty(holder, name, {
      __proto__: null,
      value: fn,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  const REQUESTS_MAX = 1000;

  // Promises of calls carry a mark that says whether anyone waits for them, so that a failed call that nobody looked at
  // can be told. The engine's own report of unhandled rejections is not to be had: it belongs to the sentinel.
  const Given = function (promise) {
    return promise;
  };
  class Watched extends Given {
    #isSeen = false;
    static {
      core.watch = (promise) => {
        new Watched(promise);
        return promise;
      };
      core.see = (value) => {
        if (typeof value === "object" && value !== null && #isSeen in value) value.#isSeen = true;
      };
      core.isSeen = (promise) => promise.#isSeen;
    }
  }
  const { see } = core;

  // Callbacks keep the run in which they were given. `catch` and `finally` call `then`.
  const wrap = (fn, run) =>
    typeof fn === "function"
      ? (value) => {
          const old = current();
          setCurrent(run);
          try {
            return fn(value);
          } finally {
            setCurrent(old);
          }
        }
      : fn;
  core.wrapAny = (fn, run) =>
    function (...args) {
      const old = current();
      setCurrent(run);
      try {
        return apply(fn, this, args);
      } finally {
        setCurrent(old);
      }
    };
  method(
    P.prototype,
    "then",
    {
      then(ok, fail) {
        const run = current();
        see(this);
        return rawThen(this, wrap(ok, run), wrap(fail, run));
      },
    }.then,
  );
  const fromAsync = uncurry(Array.fromAsync);
  method(
    Array,
    "fromAsync",
    {
      fromAsync(items, map, self) {
        return fromAsync(this, items, typeof map === "function" ? core.wrapAny(map, current()) : map, self);
      },
    }.fromAsync,
  );
  const ready = nativeResolve(P);
  method(
    global,
    "queueMicrotask",
    {
      queueMicrotask(fn) {
        if (typeof fn !== "function") throw new TypeError("queueMicrotask: the argument is not a function");
        const run = current();
        rawThen(ready, () => {
          setCurrent(run);
          try {
            fn();
          } catch (error) {
            core.report(run, error);
          }
        });
      },
    }.queueMicrotask,
  );

  /** A thenable that is no promise of ours: its `then` is called here and now, with the run set. */
  const adopt = (value) => {
    if ((typeof value !== "object" || value === null) && typeof value !== "function") return value;
    if (value instanceof P) {
      see(value);
      return value;
    }
    const then = value.then;
    return typeof then === "function"
      ? new P((ok, fail) => {
          apply(then, value, [ok, fail]);
        })
      : value;
  };
  method(
    P,
    "resolve",
    {
      resolve(value) {
        return nativeResolve(this, this === P ? adopt(value) : value);
      },
    }.resolve,
  );

  // Async generators: each request (`next`, `return`, `throw`) is served in the run that made it. Opaque for user code,
  // which can reach these objects through a direct eval.
  class Requests {
    #runs = [];
    #run = current();
    #waits = false;
    static {
      core.ask = (requests) => {
        if (requests.#runs.length < REQUESTS_MAX) requests.#runs.push(current());
      };
      core.serve = (requests) => {
        if (requests.#runs.length > 0) requests.#run = requests.#runs.shift();
        setCurrent(requests.#run);
      };
      core.wait = (requests, value) => {
        requests.#waits = true;
        return value;
      };
      core.next = (requests, value) => {
        if (requests.#waits) {
          requests.#waits = false;
          core.serve(requests);
        }
        setCurrent(requests.#run);
        return value;
      };
    }
  }
  delete Requests.prototype.constructor;
  setPrototypeOf(Requests.prototype, null);
  freeze(Requests.prototype);
  const { ask, serve } = core,
    known = new Weak(),
    generators = getPrototypeOf(async function* () {}.prototype);
  let starting;
  const requestsOf = (generator) => {
    let requests = weakGet(known, generator);
    if (requests === undefined) {
      requests = new Requests();
      weakSet(known, generator, requests);
    }
    return requests;
  };
  const native = { __proto__: null };
  for (const name of ["next", "return", "throw"]) {
    const call = (native[name] = uncurry(generators[name]));
    method(
      generators,
      name,
      {
        [name](value) {
          if (typeof this !== "object" || this === null) return call(this, value);
          const requests = requestsOf(this),
            before = starting,
            run = current();
          ask(requests);
          starting = requests;
          try {
            return call(this, value);
          } finally {
            starting = before;
            setCurrent(run);
          }
        },
      }[name],
    );
  }
  /** The requests of the async generator whose body starts now. */
  core.queue = () => {
    const requests = starting ?? new Requests();
    starting = undefined;
    serve(requests);
    return requests;
  };
  const forward = async function* (iterable) {
    return yield* iterable;
  };
  /** What `yield*` goes over: sets the run of each request before the inner iterator gets it. */
  core.delegate = (requests, iterable) => {
    const inner = forward(iterable);
    let isFirst = true;
    const request = (name) => (value) => {
      if (isFirst) isFirst = false;
      else serve(requests);
      return native[name](inner, value);
    };
    return {
      __proto__: null,
      [Symbol.asyncIterator]: () => ({
        __proto__: null,
        next: request("next"),
        return: request("return"),
        throw: request("throw"),
      }),
    };
  };
  core.adopt = adopt;
});
