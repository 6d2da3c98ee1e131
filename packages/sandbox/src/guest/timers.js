// Timers of a run: kept here, started by the executor.
(function (core) {
  "use strict";
  const MAX = 1000,
    LONGEST = 2 ** 27;
  const Maps = Map,
    mapGet = core.uncurry(Map.prototype.get),
    mapSet = core.uncurry(Map.prototype.set),
    mapDelete = core.uncurry(Map.prototype.delete);
  const { part, emit, text } = core;
  const start = (run, id, ms) => emit("t", run.who, id, part(text(ms)));
  const add = (fn, delay, args, every) => {
    const run = core.current();
    if (run === undefined || run.loading === true)
      throw new core.PicloudError("invalid", "timers are available inside a run only", false);
    if (typeof fn !== "function") throw new TypeError("the first argument of a timer is not a function");
    if (!run.open) {
      core.warn("a timer was set after its run had ended: dropped");
      return 0;
    }
    if (run.timerCount >= MAX)
      throw new core.PicloudError("host_calls_limit", "more than " + MAX + " timers in one run", false);
    const number = +delay,
      ms = number >= 1 ? (number < LONGEST ? number | 0 : LONGEST) : every ? 1 : 0,
      id = core.nextId++;
    mapSet((run.timers ??= new Maps()), id, { __proto__: null, fn, args, every: every ? ms : -1 });
    run.timerCount++;
    start(run, id, ms);
    return id;
  };
  const clear = (id) => {
    const run = core.current();
    if (run === undefined || run.timers === null || !mapDelete(run.timers, id)) return;
    run.timerCount--;
    emit("u", run.who, id, "");
  };
  core.setTimer = (fn, ms) => add(fn, ms, [], false);
  core.clearTimer = clear;
  core.fire = (run, id) => {
    const timer = run.timers === null ? undefined : mapGet(run.timers, id);
    if (timer === undefined) return;
    if (timer.every >= 0) start(run, id, timer.every);
    else {
      mapDelete(run.timers, id);
      run.timerCount--;
    }
    core.apply(timer.fn, undefined, timer.args);
  };
  const define = (name, value) =>
    Object.defineProperty(core.global, name, {
      __proto__: null,
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  define(
    "setTimeout",
    {
      setTimeout(fn, ms, ...args) {
        return add(fn, ms, args, false);
      },
    }.setTimeout,
  );
  define(
    "setInterval",
    {
      setInterval(fn, ms, ...args) {
        return add(fn, ms, args, true);
      },
    }.setInterval,
  );
  define(
    "clearTimeout",
    {
      clearTimeout(id) {
        clear(id);
      },
    }.clearTimeout,
  );
  define(
    "clearInterval",
    {
      clearInterval(id) {
        clear(id);
      },
    }.clearInterval,
  );
});
