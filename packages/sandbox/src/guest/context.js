// `ctx` and `ctx.event`: parsed when touched, in camelCase where PiCloud gave the name.
(function (core) {
  "use strict";
  const { freeze } = core,
    jsonParse = JSON.parse,
    NativeDate = Date,
    isArray = Array.isArray,
    keysOf = Object.keys,
    defineProperty = Object.defineProperty;
  const at = core.uncurry(String.prototype.charCodeAt),
    cut = core.cut,
    upper = core.uncurry(String.prototype.toUpperCase);
  const known = { __proto__: null };
  /** snake_case → camelCase. */
  core.camel = (name) => {
    const found = known[name];
    if (found !== undefined) return found;
    let made = "",
      up = false;
    for (let i = 0; i < name.length; i++) {
      if (at(name, i) === 95 && i > 0 && made !== "") up = true;
      else {
        const c = cut(name, i, i + 1);
        made += up ? upper(c) : c;
        up = false;
      }
    }
    return (known[name] = made);
  };
  const camel = (name) => (name.length > 64 ? name : core.camel(name));
  const put = (object, key, value) =>
    defineProperty(object, key, {
      __proto__: null,
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  /** The object with its own names in camelCase; values are not looked into. */
  core.rename = (record) => {
    if (typeof record !== "object" || record === null || isArray(record)) return record;
    const made = {},
      keys = keysOf(record);
    for (let i = 0; i < keys.length; i++) put(made, camel(keys[i]), record[keys[i]]);
    return made;
  };
  const renameAll = (list) => {
    if (isArray(list)) for (let i = 0; i < list.length; i++) list[i] = core.rename(list[i]);
    return list;
  };
  const renameEvent = (event, depth) => {
    const made = core.rename(event);
    if (typeof event !== "object" || event === null || typeof event.source !== "string") return made;
    const key = core.camel(event.source),
      inner = made[key];
    if (typeof inner !== "object" || inner === null) return made;
    const detail = core.rename(inner);
    if (key === "email" && detail.attachments !== undefined) renameAll(detail.attachments);
    if (key === "queue" && detail.messages !== undefined) renameAll(detail.messages);
    if (key === "deadLetter" && detail.original !== undefined && depth < 8)
      put(detail, "original", renameEvent(detail.original, depth + 1));
    put(made, key, detail);
    return made;
  };
  core.makeEvent = (event) => renameEvent(event, 0);

  const dataOf = (run) => (run.ctxData ??= core.rename(jsonParse(run.ctxText)));
  core.signalOf = (run) => {
    if (run.signal === null) {
      const make = core.get("$abortSignal");
      run.signal = make === undefined ? { __proto__: null, signal: undefined, abort() {} } : make();
    }
    return run.signal.signal;
  };
  core.abort = (run, code, message) => {
    if (run.signal !== null) run.signal.abort(new core.PicloudError(code, message, false));
  };

  class Ctx {
    #run;
    constructor(run) {
      this.#run = run;
    }
    get executionId() {
      return dataOf(this.#run).executionId;
    }
    get requestId() {
      return dataOf(this.#run).requestId;
    }
    get rootExecutionId() {
      return dataOf(this.#run).rootExecutionId;
    }
    get parentExecutionId() {
      return dataOf(this.#run).parentExecutionId;
    }
    get triggerDepth() {
      return dataOf(this.#run).triggerDepth;
    }
    get isDeadLetterHandler() {
      return dataOf(this.#run).isDeadLetterHandler;
    }
    get app() {
      return dataOf(this.#run).app;
    }
    get script() {
      return dataOf(this.#run).script;
    }
    get principal() {
      return dataOf(this.#run).principal;
    }
    get deadline() {
      return new NativeDate(dataOf(this.#run).deadline);
    }
    get params() {
      return dataOf(this.#run).params;
    }
    get route() {
      return dataOf(this.#run).route;
    }
    get remoteAddr() {
      return dataOf(this.#run).remoteAddr;
    }
    get signal() {
      return core.signalOf(this.#run);
    }
    waitUntil(promise) {
      core.waitUntil(this.#run, promise);
    }
    passThroughOnException() {}
    toJSON() {
      return dataOf(this.#run);
    }
  }
  class EventCtx extends Ctx {
    #event;
    constructor(run, event) {
      super(run);
      this.#event = event;
    }
    get event() {
      return this.#event;
    }
  }
  // No way from a ctx to its class: who could make one could give it a run of his own.
  delete Ctx.prototype.constructor;
  delete EventCtx.prototype.constructor;
  freeze(Ctx.prototype);
  freeze(EventCtx.prototype);
  core.ctxPrototype = EventCtx.prototype;
  core.makeCtx = (run, event) => (event === undefined ? new Ctx(run) : new EventCtx(run, event));
});
