// The runtime inside every context: it is evaluated before any user code, keeps what it needs of the language in
// variables of its own, and answers frames (`protocol.ts`, "frames of an isolate").
//
// HOW A GUEST FILE IS WRITTEN (guest/web/*.js, guest/std/*.js)
// A file is one parenthesized function expression and nothing else:
//
//   (function (rt) { 'use strict'; …; return { __proto__: null, Name: value, $hidden: value }; })
//
// The table in `guest-text.ts` lists the names that a file returns. It is evaluated on the first touch of one of them:
// `globals` are getters on globalThis (not enumerable, never replaced), `std` are members of `import … from "picloud"`,
// names that begin with `$` are for the runtime and for `rt.get` only. The runtime freezes every returned function or
// class, its `prototype`, and every returned plain object (one level). When the file runs, user code may have run
// before it: all intrinsics and global names are frozen by then and may be used as they are, EXCEPT `RegExp.prototype`,
// which user code may have changed: no regular expression methods and no String method that takes one; use
// `rt.regexpExec`. Objects given by user code may have getters, proxies, `toString` and `then` of their own. State is in
// private fields or closures; records that are read by name have `__proto__: null`.
//
// rt (frozen, no prototype):
//   uncurry(method)                   (self, ...args) => method.call(self, ...args), safe against changed `call`
//   regexpExec(regexp, text)          the captured RegExp.prototype.exec
//   now()                             ms since the epoch; the clock of the entry, stands still inside it
//   random(n)                         Uint8Array of n bytes from the generator of the current run (throws without a run)
//   PicloudError                      class (code, message, retryable = false, details = undefined)
//   get(name)                         value of that name of any guest file, evaluated when needed ("URL", "$requestFrom")
//   wrap(fn)                          fn, called later with the run that is current now (event listeners, callbacks)
//   setTimer(fn, ms) / clearTimer(id) a timer of the current run (AbortSignal.timeout); the globals are in timers.js
//   then(promise, ok, fail)           the captured Promise.prototype.then
//   malformed(error)                  marks an error: if the script does not catch it, the answer is 400
//                                     malformed_request (Request.json); gives the error back
//   text(value)                       String(value) that never throws
//   camel(name)                       snake_case to camelCase
//   standard                          the table of the standard library: namespace (as in Rhai) → its functions
//
// HOOKS that the runtime takes from guest files:
//   $requestFrom(method, url, headers, body, bodyIsBytes, getSignal) → Request. `headers` is "name\0value\0" repeated, as
//                                     received; parsed on first touch. `body` is the text, or with bodyIsBytes one char
//                                     U+0000–U+00FF per byte. getSignal() gives the run's AbortSignal.
//   $responseParts(value)             → undefined if value is no Response, else { status, headerBlock, body, bodyIsBytes };
//                                     headerBlock is "name: value\r\n" repeated, names in lower case. Throws a TypeError if
//                                     the body was used already.
//   $headerBlock(value)               the same block for what `new Headers(value)` accepts (response maps)
//   $abortSignal()                    → { signal, abort(reason) }: one AbortSignal and the function that aborts it
(function (parts) {
  "use strict";
  // Primordials: taken before user code runs.
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);
  const P = Promise,
    rawThen = uncurry(P.prototype.then),
    reject = P.reject.bind(P),
    apply = Reflect.apply;
  const jsonParse = JSON.parse,
    freeze = Object.freeze,
    keysOf = Object.keys,
    defineProperty = Object.defineProperty;
  const at = uncurry(String.prototype.charCodeAt),
    cut = uncurry(String.prototype.slice),
    chr = String.fromCharCode;
  const mapGet = uncurry(Map.prototype.get),
    mapSet = uncurry(Map.prototype.set),
    mapDelete = uncurry(Map.prototype.delete);
  const Maps = Map,
    Str = String,
    global = globalThis;

  const NAME_MAX = 100,
    MESSAGE_MAX = 2000,
    STACK_MAX = 8000;
  // Kinds of frames: protocol.ts says what they carry.
  const ENTRY = 69,
    LOAD = 76,
    DROP = 68,
    INVOKE = 73,
    REPLY = 82,
    REFUSE = 88,
    TIMER = 84,
    ABORT = 65;
  const IS_BYTES = 1,
    IS_EVENT = 2,
    RESULT_BYTES = 1024,
    RESULT_DONE = 2048;
  const SCRIPT_ERROR = 0,
    MALFORMED = 2,
    BAD_RESPONSE = 3,
    SIZE = 4;

  let out = "",
    clock = 0,
    keep = null,
    handler = null,
    isObject = false,
    cur = undefined,
    warned = false;
  const runs = new Maps();

  const enc = (n) => chr(n & 127, (n >> 7) & 127, (n >> 14) & 127, (n >> 21) & 127);
  const num = (s, p) => at(s, p) | (at(s, p + 1) << 7) | (at(s, p + 2) << 14) | (at(s, p + 3) << 21);
  const part = (text) => enc(text.length) + text;
  /** One frame; `who` is the run's number as four chars, `body` whole parts. Primitive strings only. */
  const emit = (kind, who, id, body) => {
    out += kind + enc(13 + body.length) + who + enc(id) + body;
  };
  /** Parts of the frame between two places. */
  const partsOf = (s, p, end) => {
    const list = [];
    let n = 0;
    while (p < end) {
      const l = num(s, p);
      p += 4;
      list[n++] = cut(s, p, p + l);
      p += l;
    }
    return list;
  };
  const text = (value) => {
    try {
      return Str(value);
    } catch {
      return "[unprintable]";
    }
  };

  // A run as user code may hold it by way of the compile pass: opaque, without a prototype, good only for $s and $r.
  let runOf;
  class Key {
    #run;
    constructor(run) {
      this.#run = run;
    }
    static {
      runOf = (key) => (typeof key === "object" && key !== null && #run in key ? key.#run : undefined);
    }
  }
  delete Key.prototype.constructor;
  Object.setPrototypeOf(Key.prototype, null);
  freeze(Key.prototype);
  class Run {
    constructor(who, id, seed, ctxText) {
      this.who = who;
      this.id = id;
      this.seed = seed;
      this.ctxText = ctxText;
      this.open = true;
      this.answered = false;
      this.isEvent = false;
      this.loading = false;
      this.waiting = 1;
      this.key = null;
      this.calls = null;
      this.lost = null;
      this.refusal = undefined;
      this.pending = 0;
      this.pendingChars = 0;
      this.timers = null;
      this.timerCount = 0;
      this.logged = 0;
      this.logCut = false;
      this.chance = null;
      this.rhai = null;
      this.file = "";
      this.signal = null;
      this.ctxData = null;
      this.logMax = 0;
      this.bodyMax = 0;
    }
  }
  Object.setPrototypeOf(Run.prototype, null);

  // What the other files of the runtime add to. Never handed to user code.
  const core = {
    __proto__: null,
    uncurry,
    apply,
    part,
    emit,
    enc,
    text,
    cut,
    rawThen,
    global,
    freeze,
    now: () => clock,
    current: () => cur,
    setCurrent: (run) => {
      cur = run;
    },
    /** Runs `fn` with `run` as the current one. */
    inRun: (run, fn, a) => {
      const old = cur;
      cur = run;
      try {
        return fn(a);
      } finally {
        cur = old;
      }
    },
    warn: (message) => {
      if (!warned) {
        warned = true;
        emit("w", enc(0), 0, part("script_warning") + part('{"message":' + JSONtext(message) + "}"));
      }
    },
    nextId: 1,
    /** The driver of Rhai scripts, in a context for one; else null. */
    rhai: null,
    /** The unit that this entry is for; there are several for Rhai only. */
    unit: 0,
    namespace: { __proto__: null },
  };
  const JSONtext = (
    (stringify) => (value) =>
      stringify(value)
  )(JSON.stringify);
  core.json = JSON.stringify;
  core.jsonText = JSONtext;
  parts.errors(core);
  parts.keepRun(core);
  parts.chance(core);
  parts.console(core);
  parts.timers(core);
  parts.bindings(core);
  parts.results(core);
  parts.context(core);
  const { PicloudError, errorParts } = core;

  parts.library(core, parts);
  const { get } = core;
  if (parts.rhai !== undefined) parts.rhai(core, parts);
  parts.modules(core);
  parts.harden(core);
  parts.load(core);

  // The end of a run.
  const close = (run) => {
    if (run.lost !== null) core.reportLost(run);
    run.open = false;
    run.calls = null;
    run.timers = null;
    mapDelete(runs, run.id);
  };
  const release = (run) => {
    if (--run.waiting === 0 && run.open && run.answered) {
      close(run);
      emit("d", run.who, 0, "");
    }
  };
  const failWith = (core.failWith = (run, kind, name, message, stack, code) => {
    if (!run.open || run.answered) return;
    run.answered = true;
    emit(
      "e",
      run.who,
      kind,
      part(cut(name, 0, NAME_MAX)) +
        part(cut(message, 0, MESSAGE_MAX)) +
        part(cut(stack, 0, STACK_MAX)) +
        part(cut(code, 0, NAME_MAX)),
    );
    release(run);
  });
  const fail = (run, error) => {
    const old = cur;
    cur = run; // getters of the error run here, inside the time limit
    const e = errorParts(error);
    cur = old;
    failWith(run, e.malformed ? MALFORMED : SCRIPT_ERROR, e.name, e.message, e.stack, e.code);
  };
  /** The runtime's own report of an error that no one awaits. */
  core.report = (run, error) => {
    if (run !== undefined && run.open) {
      const e = errorParts(error);
      core.logLine(run, 4, "uncaught " + e.name + ": " + e.message, "");
    }
  };
  core.waitUntil = (run, promise) => {
    if (!run.open) throw new PicloudError("invalid", "waitUntil: the run has ended", false);
    run.waiting++;
    const settled = new P((ok) => ok(core.adopt(promise)));
    rawThen(
      settled,
      () => release(run),
      (error) => {
        core.report(run, error);
        release(run);
      },
    );
  };
  const finish = (run, value) => {
    if (!run.open || run.answered) return;
    const old = cur;
    cur = run;
    try {
      if (run.isEvent) {
        answer(run, 200, "", "", false);
        return;
      }
      const r = core.toResponse(value);
      answer(run, r.status, r.headerBlock, r.body, r.bodyIsBytes);
    } catch (error) {
      const e = errorParts(error);
      failWith(run, BAD_RESPONSE, e.name, e.message, e.stack, e.code);
    } finally {
      cur = old;
    }
  };
  const answer = (core.answer = (run, status, head, body, isBytes) => {
    if (body.length > run.bodyMax) {
      failWith(run, SIZE, "SizeLimit", "the response is longer than " + run.bodyMax + " bytes", "", "");
      return;
    }
    run.answered = true;
    const last = --run.waiting === 0;
    if (last) close(run);
    emit(
      "r",
      run.who,
      status | (isBytes ? RESULT_BYTES : 0) | (last ? RESULT_DONE : 0),
      part(head) + part(body),
    );
  });

  const invoke = (s, p, end, who, id, flags) => {
    const seedAt = p + 4,
      ctxAt = seedAt + num(s, p);
    const ctxEnd = ctxAt + 4 + num(s, ctxAt);
    const run = new Run(who, id, cut(s, seedAt, ctxAt), cut(s, ctxAt + 4, ctxEnd));
    run.isEvent = (flags & IS_EVENT) !== 0;
    run.logMax = limits.log;
    run.bodyMax = limits.body;
    mapSet(runs, id, run);
    let value;
    try {
      cur = run;
      if (core.rhai !== null) {
        core.rhai.start(run, partsOf(s, ctxEnd, end), (flags & IS_BYTES) !== 0);
        return;
      }
      if (run.isEvent) value = runEvent(run, partsOf(s, ctxEnd, end)[3]);
      else value = runHttp(run, s, ctxEnd, flags);
      if ((typeof value !== "object" || value === null) && typeof value !== "function") {
        cur = undefined;
        finish(run, value);
        return;
      }
      core.see(value);
      if (value instanceof P)
        rawThen(
          value,
          (v) => finish(run, v),
          (e) => fail(run, e),
        );
      else if (typeof value.then === "function")
        rawThen(
          new P((ok) => ok(core.adopt(value))),
          (v) => finish(run, v),
          (e) => fail(run, e),
        );
      else {
        cur = undefined;
        finish(run, value);
      }
    } catch (error) {
      fail(run, error);
    } finally {
      cur = undefined;
    }
  };
  const runHttp = (run, s, p, flags) => {
    const m = p + 4,
      ml = num(s, p),
      u = m + ml + 4,
      ul = num(s, m + ml),
      h = u + ul + 4,
      hl = num(s, u + ul),
      b = h + hl + 4,
      bl = num(s, h + hl);
    const make = get("$requestFrom");
    const request =
      make === undefined
        ? undefined
        : make(
            cut(s, m, m + ml),
            cut(s, u, u + ul),
            cut(s, h, h + hl),
            cut(s, b, b + bl),
            (flags & IS_BYTES) !== 0,
            () => core.signalOf(run),
          );
    return isObject
      ? handler.fetch(request, undefined, core.makeCtx(run))
      : handler(request, core.makeCtx(run));
  };
  const runEvent = (run, body) => {
    if (isObject)
      throw new TypeError("the default export handles HTTP only: export a function to handle events");
    const event = core.makeEvent(jsonParse(body));
    return handler(event, core.makeCtx(run, event));
  };

  // Loading: once per context.
  const limits = { __proto__: null, log: 0, body: 0 };
  const helpers = freeze({
    __proto__: null,
    g: () => (cur === undefined ? undefined : (cur.key ??= freeze(new Key(cur)))),
    s: (key) => {
      cur = runOf(key);
    },
    r: (key, value) => {
      cur = runOf(key);
      return value;
    },
    t: core.adopt,
    q: core.queue,
    n: core.next,
    w: core.wait,
    y: core.delegate,
    u: (value) => value,
    e: core.exportsOf,
    l: (names, units) => core.link(helpers, names, units),
    import: (specifier) => {
      if (specifier === "picloud") return core.namespace;
      throw new TypeError("unknown module " + text(specifier));
    },
  });
  const load = (p) => {
    limits.log = +p[4];
    limits.body = +p[5];
    const loading = new Run(enc(0), 0, p[3], "");
    loading.open = false;
    loading.loading = true;
    if (core.rhai !== null) {
      core.rhai.load(p);
      return;
    }
    core.load(p, helpers, loading, (made, isFetcher) => {
      handler = made;
      isObject = isFetcher;
    });
    cur = undefined;
  };

  const step = (s) => {
    // Sentinel: isolated-vm reports the first unhandled rejection of an entry and reads it outside the time limit. It
    // shall always be this one, never a value of user code. The host sees `throw 0`.
    keep = reject(0);
    cur = undefined;
    for (let p = 0; p < s.length;) {
      const kind = at(s, p),
        end = p + num(s, p + 1),
        id = num(s, p + 5),
        ref = num(s, p + 9),
        from = p + 13;
      if (kind === INVOKE) invoke(s, from, end, cut(s, p + 5, p + 9), id, ref);
      else if (kind === ENTRY) {
        clock = +cut(s, from + 4, end);
        core.unit = ref;
      } else if (kind === DROP) core.rhai.drop(ref);
      else if (kind === LOAD) load(partsOf(s, from, end));
      else other(kind, mapGet(runs, id), ref, partsOf(s, from, end));
      p = end;
    }
    cur = undefined;
  };
  const other = (kind, run, ref, p) => {
    if (run === undefined || !run.open) return;
    cur = run;
    try {
      if (kind === REPLY)
        core.reply(run, ref, p.length === 0 ? undefined : p[0], p.length > 1 ? p[1] : undefined);
      else if (kind === REFUSE) core.refuse(run, ref, p);
      else if (kind === TIMER) core.fire(run, ref);
      else if (kind === ABORT) {
        close(run);
        core.abort(run, p[0], p[1]);
        emit("d", run.who, 0, "");
      }
    } catch (error) {
      core.report(run, error);
    } finally {
      cur = undefined;
    }
  };
  /** Runs no user code. */
  const drain = () => {
    if (keysOf(global).length > 0) emit("z", enc(0), 0, "");
    const result = out;
    out = "";
    warned = false;
    return result;
  };
  return { __proto__: null, step, drain };
});
