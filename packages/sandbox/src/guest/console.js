// console.* and log.*: lines of the execution log, and how values look in them.
(function (core) {
  "use strict";
  const MESSAGE_MAX = 16384,
    NODES_MAX = 1000,
    DEPTH_MAX = 4,
    ITEMS_MAX = 50,
    LOG_CUT = 8,
    // LOG_LINE_BYTES of protocol.ts.
    LINE_SIZE = 32;
  const TRACE = 0,
    DEBUG = 1,
    INFO = 2,
    WARN = 3,
    ERROR = 4;
  const { freeze, part, emit, cut, text, json } = core,
    isArray = Array.isArray,
    keysOf = Object.keys,
    NativeError = Error,
    protoOf = Object.getPrototypeOf;
  const isView = ArrayBuffer.isView,
    Maps = Map,
    Sets = Set,
    NativeDate = Date,
    mapEach = core.uncurry(Map.prototype.forEach),
    setEach = core.uncurry(Set.prototype.forEach);
  const isoDate = core.uncurry(NativeDate.prototype.toISOString),
    at = core.uncurry(String.prototype.charCodeAt),
    descriptor = Object.getOwnPropertyDescriptor;
  const exec = core.uncurry(RegExp.prototype.exec),
    PLAIN = /^[A-Za-z_$][\w$]*$/,
    P = Promise;
  const errorStack = (error) => {
    const e = core.errorParts(error);
    return e.stack !== "" ? e.stack : `${e.name}: ${e.message}`;
  };

  /** A value as text, like Node shows it, cut short. Getters are not called; proxies may answer. */
  const inspect = (value) => {
    let nodes = 0,
      length = 0;
    const seen = [];
    const show = (v, depth) => {
      if (++nodes > NODES_MAX || length > MESSAGE_MAX) return "…";
      const made = one(v, depth);
      length += made.length;
      return made;
    };
    const one = (v, depth) => {
      switch (typeof v) {
        case "string":
          return depth === 0 ? v : json(cut(v, 0, MESSAGE_MAX));
        case "bigint":
          return `${v}n`;
        case "symbol":
          return text(v);
        case "function":
          return `[Function: ${text(v.name) || "(anonymous)"}]`;
        case "object":
          if (v !== null) return object(v, depth);
      }
      return text(v);
    };
    const object = (v, depth) => {
      for (let i = 0; i < seen.length; i++) if (seen[i] === v) return "[Circular]";
      if (v instanceof NativeError) return depth === 0 ? errorStack(v) : `[${errorStack(v)}]`;
      if (v instanceof NativeDate) {
        try {
          return isoDate(v);
        } catch {
          return "Invalid Date";
        }
      }
      if (v instanceof P) return "Promise {}";
      const name = nameOf(v);
      if (depth >= DEPTH_MAX) return isArray(v) ? "[Array]" : `[${name || "Object"}]`;
      seen[seen.length] = v;
      try {
        return isArray(v) ? list(v, depth) : members(v, depth, name);
      } finally {
        seen.length--;
      }
    };
    const nameOf = (v) => {
      const proto = protoOf(v);
      if (proto === null) return "[Object: null prototype]";
      const d = descriptor(proto, "constructor");
      const f = d === undefined ? undefined : (d.value ?? (proto === Object.prototype ? Object : undefined));
      return typeof f === "function" ? text(f.name) : "";
    };
    const join = (open, items, close, more) => {
      let s = "";
      for (let i = 0; i < items.length; i++) s += (i ? ", " : " ") + items[i];
      if (more > 0) s += `${s ? "," : ""} … ${more} more`;
      return s === "" ? open + close : `${open}${s} ${close}`;
    };
    const list = (v, depth) => {
      const items = [];
      const n = v.length;
      for (let i = 0; i < n && i < ITEMS_MAX; i++) items[i] = show(v[i], depth + 1);
      return join("[", items, "]", n - ITEMS_MAX);
    };
    const members = (v, depth, name) => {
      const items = [],
        add = (s) => {
          if (items.length < ITEMS_MAX) items[items.length] = s;
        };
      let label = name === "Object" || name === "" ? "" : `${name} `,
        count = 0;
      if (isView(v)) {
        const n = v.length ?? v.byteLength;
        for (let i = 0; i < n && i < ITEMS_MAX; i++) add(text(v[i]));
        return join(`${name}(${n}) [`, items, "]", n - ITEMS_MAX);
      }
      if (v instanceof Maps) {
        mapEach(v, (x, k) => {
          count++;
          if (items.length < ITEMS_MAX) add(`${show(k, depth + 1)} => ${show(x, depth + 1)}`);
        });
        label = `Map(${count}) `;
      } else if (v instanceof Sets) {
        setEach(v, (x) => {
          count++;
          if (items.length < ITEMS_MAX) add(show(x, depth + 1));
        });
        label = `Set(${count}) `;
      }
      const keys = keysOf(v);
      for (let i = 0; i < keys.length && items.length < ITEMS_MAX; i++) {
        const d = descriptor(v, keys[i]);
        if (d === undefined) continue;
        add(
          `${exec(PLAIN, keys[i]) ? keys[i] : json(keys[i])}: ${d.get !== undefined ? "[Getter]" : d.set !== undefined ? "[Setter]" : show(d.value, depth + 1)}`,
        );
      }
      return join(
        `${label}{`,
        items,
        "}",
        keys.length - items.length > 0 && count === 0 ? keys.length - items.length : 0,
      );
    };
    try {
      return show(value, 0);
    } catch {
      return "[unprintable]";
    }
  };
  /** First argument with %s %d %i %f %j %o %O %c filled in, then the others. */
  const format = (args) => {
    let made = "",
      next = 0;
    if (args.length > 1 && typeof args[0] === "string") {
      const pattern = args[0];
      next = 1;
      let from = 0;
      for (let i = 0; i + 1 < pattern.length; i++) {
        if (at(pattern, i) !== 37) continue;
        const c = cut(pattern, i + 1, i + 2);
        let value;
        if (c === "%") value = "%";
        else if (next >= args.length) continue;
        else if (c === "s") value = typeof args[next] === "object" ? inspect(args[next]) : text(args[next]);
        else if (c === "d" || c === "f")
          value =
            typeof args[next] === "symbol"
              ? "NaN"
              : typeof args[next] === "bigint"
                ? `${args[next]}n`
                : text(+text(args[next]));
        else if (c === "i") value = text(Math.trunc(+text(args[next])));
        else if (c === "j") {
          try {
            value = text(json(args[next]));
          } catch {
            value = "[Circular]";
          }
        } else if (c === "o" || c === "O") value = inspect(args[next]);
        else if (c === "c") value = "";
        else continue;
        if (c !== "%") next++;
        made += cut(pattern, from, i) + value;
        from = i + 2;
        i++;
      }
      made += cut(pattern, from);
    }
    for (; next < args.length && made.length < MESSAGE_MAX; next++)
      made += (next > 0 ? " " : "") + (typeof args[next] === "string" ? args[next] : inspect(args[next]));
    return made;
  };
  const line = (run, level, message, fields) => {
    if (run.logCut) return;
    const short = message.length > MESSAGE_MAX ? cut(message, 0, MESSAGE_MAX) : message;
    const size = LINE_SIZE + short.length + fields.length;
    if (run.logged + size > run.logMax) {
      run.logCut = true;
      emit("l", run.who, LOG_CUT, part("") + part("") + part(text(core.now())));
      return;
    }
    run.logged += size;
    emit("l", run.who, level, part(short) + part(fields) + part(text(core.now())));
  };
  core.logLine = line;
  const write = (level, message, fields) => {
    const run = core.current();
    if (run === undefined || !run.open) {
      core.warn("a log line was written outside of a run: dropped");
      return;
    }
    line(run, level, message, fields);
  };
  const isOff = () => {
    const run = core.current();
    return run !== undefined && run.logCut;
  };
  const print =
    (level) =>
    (...args) => {
      if (!isOff()) write(level, format(args), "");
    };
  const fieldsText = (fields) => {
    if (fields === undefined || fields === null) return "";
    let made;
    if (typeof fields === "object" && !isArray(fields) && !(fields instanceof NativeError)) {
      try {
        made = core.encodeValue(fields, "fields");
      } catch {
        made = undefined;
      }
    }
    made ??= json({ __proto__: null, value: inspect(fields) });
    return made.length > MESSAGE_MAX ? '{"truncated":true}' : made;
  };
  const log = (level) => (message, fields) => {
    if (!isOff()) write(level, typeof message === "string" ? message : inspect(message), fieldsText(fields));
  };
  core.log = freeze({
    __proto__: null,
    trace: log(TRACE),
    debug: log(DEBUG),
    info: log(INFO),
    warn: log(WARN),
    error: log(ERROR),
  });

  const nothing = () => {},
    info = print(INFO),
    counts = new Maps(),
    mapGet = core.uncurry(Map.prototype.get),
    mapSet = core.uncurry(Map.prototype.set);
  const own = {
    log: info,
    info,
    debug: print(DEBUG),
    warn: print(WARN),
    error: print(ERROR),
    trace: print(TRACE),
    dir: (value) => info(inspect(value)),
    dirxml: info,
    table: info,
    group: (...args) => {
      if (args.length > 0) info(...args);
    },
    groupCollapsed: (...args) => {
      if (args.length > 0) info(...args);
    },
    groupEnd: nothing,
    clear: nothing,
    assert: (ok, ...args) => {
      if (!ok) write(ERROR, `Assertion failed${args.length > 0 ? `: ${format(args)}` : ""}`, "");
    },
    count: (label = "default") => {
      const key = text(label),
        n = (mapGet(counts, key) ?? 0) + 1;
      if (n === 1 && counts.size > 1000) return;
      mapSet(counts, key, n);
      info(`${key}: ${n}`);
    },
    countReset: (label = "default") => {
      mapSet(counts, text(label), 0);
    },
    time: nothing,
    timeLog: nothing,
    timeEnd: (label = "default") => info(`${text(label)}: 0ms (the clock stands still inside an entry)`),
  };
  Object.defineProperty(core.global, "console", {
    __proto__: null,
    value: freeze(own),
    writable: true,
    configurable: true,
    enumerable: false,
  });
});
