// Event, EventTarget, AbortController and AbortSignal (DOM standard §2, §3): no tree, so no capturing and no bubbling.
(function (rt) {
  "use strict";
  const MAKE = { __proto__: null };
  const hidden = (value) => ({
    __proto__: null,
    value,
    writable: false,
    enumerable: false,
    configurable: true,
  });
  const record = (value, what) => {
    if (value === undefined || value === null) return { __proto__: null };
    if (typeof value !== "object" && typeof value !== "function")
      throw new TypeError(what + ": the options are not an object");
    return value;
  };

  let begin, isStopped, isEvent;
  class Event {
    #type;
    #bubbles;
    #cancelable;
    #composed;
    #target = null;
    #current = null;
    #phase = 0;
    #prevented = false;
    #stopped = false;
    #trusted = false;
    #time = rt.now();
    #passive = false;
    constructor(type, init = undefined) {
      if (arguments.length === 0) throw new TypeError("Event: 1 argument required, but only 0 given");
      this.#type = `${type}`;
      const { bubbles, cancelable, composed } = record(init, "Event");
      this.#bubbles = !!bubbles;
      this.#cancelable = !!cancelable;
      this.#composed = !!composed;
    }
    get type() {
      return this.#type;
    }
    get target() {
      return this.#target;
    }
    get srcElement() {
      return this.#target;
    }
    get currentTarget() {
      return this.#current;
    }
    composedPath() {
      return this.#current === null ? [] : [this.#current];
    }
    get eventPhase() {
      return this.#phase;
    }
    stopPropagation() {
      this.#type;
    }
    stopImmediatePropagation() {
      this.#stopped = true;
    }
    get bubbles() {
      return this.#bubbles;
    }
    get cancelable() {
      return this.#cancelable;
    }
    get composed() {
      return this.#composed;
    }
    get defaultPrevented() {
      return this.#prevented;
    }
    get returnValue() {
      return !this.#prevented;
    }
    preventDefault() {
      if (this.#cancelable && !this.#passive) this.#prevented = true;
    }
    get isTrusted() {
      return this.#trusted;
    }
    get timeStamp() {
      return this.#time;
    }
    static {
      isEvent = (value) => typeof value === "object" && value !== null && #type in value;
      begin = (event, target, phase, trusted) => {
        if (phase !== 0 && event.#phase !== 0)
          throw new (rt.get("DOMException"))("The event is already being dispatched", "InvalidStateError");
        event.#phase = phase;
        event.#current = phase === 0 ? null : target;
        event.#target = target;
        if (phase === 0) event.#stopped = false;
        else event.#trusted = trusted;
      };
      isStopped = (event) => event.#stopped;
    }
  }
  for (const [name, value] of [
    ["NONE", 0],
    ["CAPTURING_PHASE", 1],
    ["AT_TARGET", 2],
    ["BUBBLING_PHASE", 3],
  ]) {
    Object.defineProperty(Event, name, hidden(value));
    Object.defineProperty(Event.prototype, name, hidden(value));
  }
  class CustomEvent extends Event {
    #detail;
    constructor(type, init = undefined) {
      super(type, init);
      this.#detail = record(init, "CustomEvent").detail ?? null;
    }
    get detail() {
      return this.#detail;
    }
  }

  let dispatch;
  class EventTarget {
    #listeners = [];
    addEventListener(type, callback, options = undefined) {
      const listeners = this.#listeners,
        name = `${type}`;
      const { capture, once, signal } =
        typeof options === "object" && options !== null ? options : { __proto__: null, capture: options };
      if (signal !== undefined && !isSignal(signal))
        throw new TypeError("addEventListener: signal is not an AbortSignal");
      if (callback === null || callback === undefined) return;
      if (typeof callback !== "function" && typeof callback !== "object")
        throw new TypeError("addEventListener: the listener is neither a function nor an object");
      if (signal !== undefined && signal.aborted) return;
      for (let i = 0; i < listeners.length; i++)
        if (
          listeners[i].name === name &&
          listeners[i].callback === callback &&
          listeners[i].capture === !!capture
        )
          return;
      const self = this;
      const call = rt.wrap((event) => {
        if (typeof callback === "function") {
          Reflect.apply(callback, self, [event]);
          return;
        }
        const handle = callback.handleEvent;
        if (typeof handle !== "function") throw new TypeError("the listener has no function handleEvent");
        Reflect.apply(handle, callback, [event]);
      });
      const listener = {
        __proto__: null,
        name,
        callback,
        call,
        capture: !!capture,
        once: !!once,
        removed: false,
      };
      listeners.push(listener);
      if (signal !== undefined)
        whenAborted(signal, () => {
          remove(listeners, listener);
        });
    }
    removeEventListener(type, callback, options = undefined) {
      const listeners = this.#listeners,
        name = `${type}`;
      const capture = !!(typeof options === "object" && options !== null ? options.capture : options);
      for (let i = 0; i < listeners.length; i++) {
        const listener = listeners[i];
        if (listener.name === name && listener.callback === callback && listener.capture === capture) {
          remove(listeners, listener);
          return;
        }
      }
    }
    dispatchEvent(event) {
      this.#listeners;
      if (!isEvent(event)) throw new TypeError("dispatchEvent: the argument is not an Event");
      return dispatch(this, event, false);
    }
    static {
      dispatch = (target, event, trusted) => {
        begin(event, target, 2, trusted);
        const list = target.#listeners.slice(),
          type = event.type;
        try {
          for (let i = 0; i < list.length && !isStopped(event); i++) {
            const listener = list[i];
            if (listener.name !== type || listener.removed) continue;
            if (listener.once) remove(target.#listeners, listener);
            // A listener's error is reported, and the next listener called.
            try {
              listener.call(event);
            } catch (error) {
              queueMicrotask(() => {
                throw error;
              });
            }
          }
        } finally {
          begin(event, target, 0, trusted);
        }
        return !event.defaultPrevented;
      };
    }
  }
  const remove = (listeners, listener) => {
    listener.removed = true;
    const index = listeners.indexOf(listener);
    if (index !== -1) listeners.splice(index, 1);
  };

  let isSignal, abortIt, whenAborted, follow;
  class AbortSignal extends EventTarget {
    #aborted = false;
    #reason = undefined;
    #steps = null;
    #sources = null;
    #dependents = null;
    #handler = null;
    #handlerCall = null;
    constructor(key = undefined) {
      if (key !== MAKE) throw new TypeError("Illegal constructor");
      super();
    }
    get aborted() {
      return this.#aborted;
    }
    get reason() {
      return this.#reason;
    }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    get onabort() {
      return this.#handler;
    }
    set onabort(value) {
      const had = this.#handler !== null;
      this.#handler = typeof value === "function" ? value : null;
      this.#handlerCall = this.#handler === null ? null : rt.wrap(this.#handler);
      if (had || this.#handler === null) return;
      super.addEventListener("abort", (event) => {
        if (this.#handlerCall !== null) Reflect.apply(this.#handlerCall, this, [event]);
      });
    }
    static abort(reason = undefined) {
      const signal = new AbortSignal(MAKE);
      signal.#aborted = true;
      signal.#reason = reason === undefined ? abortError() : reason;
      return signal;
    }
    static timeout(ms) {
      if (arguments.length === 0)
        throw new TypeError("AbortSignal.timeout: 1 argument required, but only 0 given");
      const number = Math.trunc(+ms);
      if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER))
        throw new TypeError("AbortSignal.timeout: the milliseconds are out of range");
      const signal = new AbortSignal(MAKE);
      rt.setTimer(
        () => abortIt(signal, new (rt.get("DOMException"))("The operation timed out", "TimeoutError")),
        number,
      );
      return signal;
    }
    static any(signals) {
      const list = [...signals],
        made = new AbortSignal(MAKE);
      for (let i = 0; i < list.length; i++)
        if (!isSignal(list[i])) throw new TypeError("AbortSignal.any: not a list of AbortSignals");
      for (let i = 0; i < list.length; i++)
        if (list[i].#aborted) {
          made.#aborted = true;
          made.#reason = list[i].#reason;
          return made;
        }
      for (let i = 0; i < list.length; i++) follow(made, list[i]);
      return made;
    }
    static {
      isSignal = (value) => typeof value === "object" && value !== null && #aborted in value;
      // A dependent signal follows the sources of its sources, so a chain is one step deep.
      follow = (dependent, source) => {
        const roots = source.#sources === null ? [source] : source.#sources;
        dependent.#sources ??= [];
        for (let i = 0; i < roots.length; i++) {
          if (dependent.#sources.includes(roots[i])) continue;
          dependent.#sources.push(roots[i]);
          (roots[i].#dependents ??= []).push(dependent);
        }
      };
      whenAborted = (signal, step) => {
        (signal.#steps ??= []).push(step);
      };
      abortIt = (signal, reason) => {
        if (signal.#aborted) return;
        const all = [signal];
        signal.#aborted = true;
        signal.#reason = reason === undefined ? abortError() : reason;
        const dependents = signal.#dependents ?? [];
        for (let i = 0; i < dependents.length; i++) {
          if (dependents[i].#aborted) continue;
          dependents[i].#aborted = true;
          dependents[i].#reason = signal.#reason;
          all.push(dependents[i]);
        }
        for (let i = 0; i < all.length; i++) {
          const steps = all[i].#steps ?? [];
          all[i].#steps = null;
          for (let s = 0; s < steps.length; s++) steps[s]();
          dispatch(all[i], new Event("abort"), true);
        }
      };
    }
  }
  const abortError = () => new (rt.get("DOMException"))("This operation was aborted", "AbortError");

  class AbortController {
    #signal = new AbortSignal(MAKE);
    get signal() {
      return this.#signal;
    }
    abort(reason = undefined) {
      abortIt(this.#signal, reason);
    }
  }
  for (const [made, name] of [
    [Event, "Event"],
    [CustomEvent, "CustomEvent"],
    [EventTarget, "EventTarget"],
    [AbortSignal, "AbortSignal"],
    [AbortController, "AbortController"],
  ]) {
    Object.defineProperty(made.prototype, Symbol.toStringTag, hidden(name));
  }
  return {
    __proto__: null,
    Event,
    CustomEvent,
    EventTarget,
    AbortSignal,
    AbortController,
    $isAbortSignal: isSignal,
    $abortSignal: () => {
      const signal = new AbortSignal(MAKE);
      return { __proto__: null, signal, abort: (reason) => abortIt(signal, reason) };
    },
  };
});
