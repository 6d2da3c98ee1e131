// Files that are evaluated on first touch: the web standards on globalThis and the standard library of "picloud".
(function (core, parts) {
  "use strict";
  const { uncurry, freeze, global, rawThen, text, current, PicloudError } = core,
    { defineProperty } = Object;
  const values = { __proto__: null },
    fileOf = parts.names;
  const get = (name) => {
    const found = values[name];
    if (found !== undefined) return found;
    const file = fileOf[name];
    if (file === undefined) return undefined;
    const made = parts.files[file](rt);
    for (const key in made) {
      core.harden(made[key]);
      values[key] = made[key];
    }
    return values[name];
  };
  const rt = freeze({
    __proto__: null,
    uncurry,
    regexpExec: uncurry(RegExp.prototype.exec),
    now: core.now,
    random: core.random,
    PicloudError,
    get,
    text,
    wrap: (fn) => {
      if (typeof fn !== "function") throw new TypeError("not a function");
      return core.wrapAny(fn, current());
    },
    setTimer: core.setTimer,
    clearTimer: core.clearTimer,
    then: rawThen,
    malformed: core.malformed,
    camel: core.camel,
    standard: parts.standard,
  });
  core.get = get;
  for (const name of parts.globals)
    defineProperty(global, name, {
      __proto__: null,
      get: () => get(name),
      set: undefined,
      enumerable: false,
      configurable: false,
    });
  for (const name of parts.std)
    defineProperty(core.namespace, name, {
      __proto__: null,
      get: () => get(name),
      enumerable: true,
      configurable: false,
    });
  core.namespace.log = core.log;
  core.namespace.PicloudError = PicloudError;

  /** Names that the namespace has once the services are known: those that are not there yet say so. */
  core.addComing = () => {
    for (const name of parts.coming)
      if (!(name in core.namespace))
        defineProperty(core.namespace, name, {
          __proto__: null,
          get: () => get("$comingService")(name),
          enumerable: true,
          configurable: false,
        });
  };
});
