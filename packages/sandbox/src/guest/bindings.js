// Services as scripts see them, made from data: namespaces of functions that send `call` frames, and handles.
(function (core) {
  "use strict";
  const PENDING_MAX = 100,
    PENDING_CHARS_MAX = 16 * 1048576,
    ARGS_MAX = 8,
    DATA_MAX = 12 * 1048576, // below the 16 MiB of a call, with room for its other arguments
    PAGE = "page",
    RECORDS = "records";
  const { freeze, part, emit, text, rawThen, apply } = core,
    P = Promise,
    setPrototypeOf = Object.setPrototypeOf,
    Maps = Map,
    Bytes = Uint8Array,
    charCodeAt = core.uncurry(String.prototype.charCodeAt),
    isArray = Array.isArray,
    isView = ArrayBuffer.isView,
    captureStackTrace = Error.captureStackTrace;
  const mapGet = core.uncurry(Map.prototype.get),
    mapSet = core.uncurry(Map.prototype.set),
    mapDelete = core.uncurry(Map.prototype.delete);
  const stringify = JSON.stringify,
    parse = JSON.parse,
    raw = JSON.rawJSON,
    isRaw = JSON.isRawJSON,
    toBig = BigInt,
    isInteger = Number.isInteger,
    isSafe = Number.isSafeInteger;
  const exec = core.uncurry(RegExp.prototype.exec),
    LONG = /\d{16}/,
    WHOLE = /^-?\d+$/;
  const bufferLength = core.uncurry(Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get);
  const isBuffer = (value) => {
    try {
      bufferLength(value);
      return true;
    } catch {
      return false;
    }
  };
  const { PicloudError } = core;
  const failed = (error) => new P((_, no) => no(error));

  const toBase64 = core.uncurry(Bytes.prototype.toBase64);
  const member = (where, bytesAsText) =>
    function (key, value) {
      switch (typeof value) {
        case "bigint":
          return raw(text(value));
        case "function":
        case "symbol":
          throw new PicloudError("invalid", `${where}: a ${typeof value} is no JSON value`, false);
        case "object":
          if (value !== null && (isView(value) || isBuffer(value))) {
            if (bytesAsText) return toBase64(bytesFromText(core.bytesText(value)));
            throw new PicloudError("invalid", `${where}: bytes are no JSON value`, false);
          }
      }
      return value;
    };
  /** JSON text of an argument. Throws PicloudError `invalid` that names it. */
  const encode = (value, where, bytesAsText) => {
    const kind = typeof value;
    if (value === undefined) return "null";
    if (kind === "string" || kind === "number" || kind === "boolean" || value === null)
      return stringify(value);
    let made;
    try {
      made = stringify(value, member(where, bytesAsText === true));
    } catch (error) {
      if (core.errorParts(error).code !== "") throw error;
      throw new PicloudError("invalid", `${where}: ${core.errorParts(error).message}`, false);
    }
    if (made === undefined) throw new PicloudError("invalid", `${where}: not a JSON value`, false);
    return made;
  };
  core.encodeValue = encode;
  /** Integers outside ±2^53 become bigint; the slower way only for texts that have one. */
  const decode = (json) =>
    exec(LONG, json) === null
      ? parse(json)
      : parse(json, (key, value, { source }) =>
          typeof value === "number" && isInteger(value) && !isSafe(value) && exec(WHOLE, source) !== null
            ? toBig(source)
            : value,
        );
  const renameReply = (value, reply) => {
    if (reply === undefined || typeof value !== "object" || value === null) return value;
    if (reply === RECORDS) {
      for (let i = 0; i < value.length; i++) value[i] = core.rename(value[i]);
      return value;
    }
    const made = core.rename(value);
    if (reply === PAGE && isArray(made.items))
      for (let i = 0; i < made.items.length; i++) made.items[i] = core.rename(made.items[i]);
    return made;
  };

  /** The part for the bytes of an argument's member `data`, and the argument without it. Throws `invalid`, `too_large`. */
  const takeBytes = (given, where) => {
    const taken = { __proto__: null, rest: given, part: "" };
    if (typeof given !== "object" || given === null) return taken;
    const { data, ...rest } = given;
    taken.rest = snaked(rest);
    if (data === undefined || data === null) return taken;
    const bytes =
      typeof data === "string" ? undefined : typeof data === "object" ? core.bytesText(data) : undefined;
    if (bytes === undefined && typeof data !== "string")
      throw new PicloudError(
        "invalid",
        `${where}: data must be a string, a Uint8Array or an ArrayBuffer`,
        false,
      );
    const made = bytes ?? data;
    if (made.length > DATA_MAX)
      throw new PicloudError("too_large", `${where}: data has more than ${DATA_MAX} bytes`, false);
    taken.part = part((bytes === undefined ? "\u0002" : "\u0001") + made);
    return taken;
  };
  /** Options of ours have one name in two forms. */
  const snaked = (options) => {
    if (options.contentType !== undefined) {
      options.content_type = options.contentType;
      delete options.contentType;
    }
    return options;
  };
  core.DATA_MAX = DATA_MAX;

  const call = (spec, where, args) => {
    const run = core.current();
    if (run === undefined || !run.open) {
      if (run !== undefined && run.loading)
        return failed(
          new PicloudError("invalid", `${where}: services are available inside a run only`, false),
        );
      core.warn(`${where}: called after its run had ended: dropped`);
      return failed(new PicloudError("invalid", `${where}: the run has ended`, false));
    }
    // One error for all calls over the limit: a flood is to cost little.
    if (run.pending >= PENDING_MAX)
      return (run.refusal ??= failed(
        new PicloudError("host_calls_limit", `more than ${PENDING_MAX} calls of one run are waiting`, false),
      ));
    let count = args.length,
      body = spec.head;
    while (count > 0 && args[count - 1] === undefined) count--;
    if (count > ARGS_MAX)
      return refused(run, new PicloudError("invalid", `${where}: more than ${ARGS_MAX} arguments`, false));
    try {
      let tail = "";
      for (let i = 0; i < count; i++) {
        let value = args[i];
        if (i === spec.bytesAt) {
          const taken = takeBytes(value, where);
          value = taken.rest;
          tail = taken.part;
        }
        body += part(encode(value, `${where}: argument ${i + 1 - spec.hidden}`, spec.bytesAsText));
      }
      body += tail;
    } catch (error) {
      return refused(run, error);
    }
    if (!run.open) return failed(new PicloudError("invalid", `${where}: the run has ended`, false));
    if (run.pendingChars + body.length > PENDING_CHARS_MAX)
      return refused(
        run,
        new PicloudError("host_calls_limit", "more than 16 MiB of arguments of one run are waiting", false),
      );
    // Where the script called: a refusal comes in an entry that has none of its frames. 2 µs beside a call's 100.
    const place = { __proto__: null };
    captureStackTrace(place, call);
    const waiting = {
      __proto__: null,
      ok: null,
      no: null,
      reply: spec.reply,
      place,
      promise: null,
      size: 0,
    };
    waiting.promise = core.watch(
      new P((ok, no) => {
        waiting.ok = ok;
        waiting.no = no;
      }),
    );
    send(run, body, waiting);
    return waiting.promise;
  };
  /** Emits the frame of a call; `body`: its parts. `waiting` gets the answer. */
  const send = (core.sendCall = (run, body, waiting) => {
    const id = core.nextId++;
    run.pending++;
    run.pendingChars += waiting.size = body.length;
    emit("c", run.who, id, body);
    mapSet((run.calls ??= new Maps()), id, waiting);
  });
  /** A call that failed: if nobody waits for its promise, the run's log says so at the end. */
  const lost = (run, promise, error) => {
    const list = (run.lost ??= []);
    if (list.length < PENDING_MAX) list[list.length] = { __proto__: null, promise, error };
  };
  const refused = (run, error) => {
    const promise = core.watch(failed(error));
    lost(run, promise, error);
    return promise;
  };
  /** Reports the failed calls of a run that nobody waited for. */
  core.reportLost = (run) => {
    const list = run.lost;
    run.lost = null;
    for (let i = 0; i < list.length; i++) if (!core.isSeen(list[i].promise)) core.report(run, list[i].error);
  };
  /** Of text with one char for each byte. */
  const bytesFromText = (core.bytesFromText = (chars) => {
    const n = chars.length,
      bytes = new Bytes(n);
    for (let i = 0; i < n; i++) bytes[i] = charCodeAt(chars, i);
    return bytes;
  });
  const take = (run, id) => {
    const waiting = run.calls === null ? undefined : mapGet(run.calls, id);
    if (waiting !== undefined) {
      mapDelete(run.calls, id);
      run.pending--;
      run.pendingChars -= waiting.size;
    }
    return waiting;
  };
  core.reply = (run, id, json, bytes) => {
    const waiting = take(run, id);
    if (waiting === undefined) return;
    if (run.rhai !== null) core.rhai.reply(run, json, bytes);
    else {
      const value = json === undefined ? undefined : renameReply(decode(json), waiting.reply);
      if (bytes !== undefined) value.data = bytesFromText(bytes);
      waiting.ok(value);
    }
  };
  core.refuse = (run, id, p) => {
    const waiting = take(run, id);
    if (waiting === undefined) return;
    if (run.rhai !== null) {
      core.rhai.refuse(run, p);
      return;
    }
    const error = new PicloudError(p[0], p[1], p[2] === "1", p[3] === "" ? undefined : parse(p[3]));
    const placed = core.placed(error, waiting.place);
    lost(run, waiting.promise, placed);
    waiting.no(placed);
  };

  const specOf = (s) => ({
    __proto__: null,
    head: part(s.service) + part(s.method),
    hidden: s.on === "collection" ? 1 : 0,
    bytesAt: s.bytesArgument === undefined ? -1 : s.bytesArgument + (s.on === "collection" ? 1 : 0),
    bytesAsText: s.bytesAsText === true,
    reply: s.reply === "data" ? undefined : (s.reply ?? (s.method === "list" ? PAGE : undefined)),
  });
  const named = (name, fn) => {
    Object.defineProperty(fn, "name", { __proto__: null, value: name });
    return freeze(fn);
  };
  /** All pages of `list`, item by item. Each page is asked for in the run that asks for its first item. */
  const entriesOf = (list) => (options) => {
    let items = [],
      at = 0,
      isLast = false,
      cursor = undefined,
      tail = new P((ok) => ok(undefined));
    const result = (done, value) => ({ done, value });
    const step = () => {
      if (at < items.length) return result(false, items[at++]);
      if (isLast) return result(true, undefined);
      const run = core.current();
      return rawThen(
        list({ __proto__: null, ...options, ...(cursor === undefined ? undefined : { cursor }) }),
        (page) => {
          items = page.items;
          at = 0;
          cursor = page.nextCursor ?? undefined;
          isLast = cursor === undefined;
          return core.inRun(run, step);
        },
      );
    };
    const next = () => {
      const run = core.current();
      const stepInRun = () => core.inRun(run, step);
      return (tail = rawThen(tail, stepInRun, stepInRun));
    };
    const end = (value) => {
      items = [];
      isLast = true;
      return new P((ok) => ok(result(true, value)));
    };
    const iterator = { __proto__: null, next, return: end };
    iterator[Symbol.asyncIterator] = () => iterator;
    return freeze(iterator);
  };
  /** A class for the handles of a service: made often, so its methods stand on a prototype. */
  const addHandles = (namespace, methods) => {
    let nameOf;
    class Handle {
      #name;
      constructor(name) {
        this.#name = name;
      }
      static {
        nameOf = (handle) => handle.#name;
      }
    }
    const proto = Handle.prototype;
    delete proto.constructor;
    setPrototypeOf(proto, null);
    for (let i = 0; i < methods.length; i++) {
      const { method, spec, where } = methods[i];
      proto[method] = named(
        method,
        {
          [method](...args) {
            return call(spec, where, [nameOf(this), ...args]);
          },
        }[method],
      );
    }
    if (proto.list !== undefined) {
      const { list } = proto;
      proto.entries = named(
        "entries",
        {
          entries(options) {
            return entriesOf((page) => apply(list, this, [page]))(options);
          },
        }.entries,
      );
    }
    core.harden(proto);
    namespace.collection = named("collection", (name) => new Handle(name));
  };
  core.addServices = (services) => {
    const spaces = { __proto__: null },
      handles = { __proto__: null };
    for (let i = 0; i < services.length; i++) {
      const s = services[i],
        method = core.camel(s.method),
        where = `${core.camel(s.service)}.${method}`,
        spec = specOf(s);
      const space = (spaces[s.service] ??= { __proto__: null });
      if (s.on === "collection") {
        const list = (handles[s.service] ??= []);
        list[list.length] = { __proto__: null, method, spec, where };
      } else space[method] = named(method, (...args) => call(spec, where, args));
    }
    for (const service in spaces) {
      if (handles[service] !== undefined) addHandles(spaces[service], handles[service]);
      core.harden(spaces[service]);
      core.namespace[core.camel(service)] = spaces[service];
    }
  };
});
