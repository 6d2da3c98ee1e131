// The standard library in TypeScript: namespaces made from the table `standard-library.ts` (`rt.standard`) and from the
// functions of the files beside this one, which get strings, bytes and numbers that were checked here.
//
//   $bind(space, functions)           the namespace for `import … from "picloud"`
//   $checks                           the checks that both languages make, and the limits
(function (rt) {
  "use strict";
  /** Characters of a text, bytes of data: given or made. The longest string that Rhai can be allowed is of this size. */
  const SIZE_MAX = 16777216;
  /** Matches, pieces, names of a query. */
  const ITEMS_MAX = 100000;
  const INT_MAX = 0x7fffffffffffffffn;
  const isView = ArrayBuffer.isView,
    isSafe = Number.isSafeInteger,
    isArray = Array.isArray;
  const getter = (prototype, name) => rt.uncurry(Object.getOwnPropertyDescriptor(prototype, name).get);
  const typed = Object.getPrototypeOf(Uint8Array.prototype),
    bufferLength = getter(ArrayBuffer.prototype, "byteLength"),
    arrayBuffer = getter(typed, "buffer"),
    arrayOffset = getter(typed, "byteOffset"),
    arrayLength = getter(typed, "byteLength"),
    arrayTag = getter(typed, Symbol.toStringTag),
    viewBuffer = getter(DataView.prototype, "buffer"),
    viewOffset = getter(DataView.prototype, "byteOffset"),
    viewLength = getter(DataView.prototype, "byteLength");
  const { encode } = rt.get("$utf8");

  const invalid = (message) => new rt.PicloudError("invalid", message);
  const grouped = (number) => {
    let text = `${number}`,
      out = "";
    while (text.length > 3) {
      out = "," + text.slice(-3) + out;
      text = text.slice(0, -3);
    }
    return text + out;
  };
  const tooLarge = (name, most, unit) =>
    new rt.PicloudError("too_large", `${name}: more than ${grouped(most)} ${unit}`);
  const checkText = (name, value) => {
    if (typeof value !== "string") throw invalid(name + ": must be a string");
    if (value.length > SIZE_MAX) throw tooLarge(name, SIZE_MAX, "characters");
    return value;
  };
  const checkWords = (name, value) => {
    checkText(name, value);
    if (!value.isWellFormed()) throw invalid(name + ": has half of a surrogate pair");
    return value;
  };
  const checkWhole = (name, value) => {
    if (typeof value === "bigint") return checkWhole(name, Number(value));
    if (!isSafe(value)) throw invalid(name + ": must be a whole number");
    return value;
  };
  const checkInt = (name, value) => {
    if (typeof value !== "bigint") return checkWhole(name, value);
    if (value > INT_MAX || value < -INT_MAX - 1n) throw invalid(name + ": does not fit into 64 bits");
    return value;
  };
  const checkRange = (name, value, least, most) => {
    if (value < least || value > most)
      throw invalid(`${name}: must be from ${grouped(least)} to ${grouped(most)}`);
    return value;
  };

  /** The bytes of an ArrayBuffer or view, whatever members it has got; undefined for anything else. */
  const bytesOf = (value) => {
    try {
      if (!isView(value)) return new Uint8Array(value, 0, bufferLength(value));
      return arrayTag(value) === undefined
        ? new Uint8Array(viewBuffer(value), viewOffset(value), viewLength(value))
        : new Uint8Array(arrayBuffer(value), arrayOffset(value), arrayLength(value));
    } catch {
      return undefined;
    }
  };
  /** A string's UTF-8, or the bytes of an ArrayBuffer or view. */
  const bytesArgument = (name, value) => {
    const bytes = typeof value === "string" ? encode(checkWords(name, value)) : bytesOf(value);
    if (bytes === undefined) throw invalid(name + ": must be a string or a Uint8Array");
    if (bytes.length > SIZE_MAX) throw tooLarge(name, SIZE_MAX, "bytes");
    return bytes;
  };

  const fieldText = (name, value) => {
    if (typeof value === "string") return checkWords(name, value);
    if (typeof value === "bigint" || typeof value === "boolean") return `${value}`;
    if (typeof value === "number" && value - value === 0) return `${value}`;
    throw invalid(name + ": must be a string, a number, a boolean or a list of these");
  };
  /** Pairs of a name and its texts, of an object. Getters and traps of the user's run here. */
  const fieldsOf = (name, value) => {
    if (typeof value !== "object" || value === null || isArray(value))
      throw invalid(name + ": must be an object");
    const keys = Object.keys(value),
      fields = [];
    let room = ITEMS_MAX - keys.length;
    for (let i = 0; i < keys.length && room >= 0; i++) {
      const key = checkWords(name, keys[i]),
        given = value[key],
        texts = [];
      if (isArray(given)) {
        const length = given.length;
        room -= length;
        for (let k = 0; k < length && room >= 0; k++) texts[k] = fieldText(`${name}.${key}[${k}]`, given[k]);
      } else if (given !== undefined && given !== null) texts[0] = fieldText(`${name}.${key}`, given);
      fields[i] = [key, texts];
    }
    if (room < 0) throw tooLarge(name, ITEMS_MAX, "values");
    return fields;
  };

  const checks = {
    __proto__: null,
    text: checkText,
    words: checkWords,
    bytes: bytesArgument,
    whole: checkWhole,
    int: checkInt,
    fields: fieldsOf,
  };
  const put = (object, key, value) =>
    Object.defineProperty(object, key, {
      __proto__: null,
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  /** An object of a map's names, which are the user's. */
  const objectOf = (map) => {
    const made = {};
    for (const [key, value] of map) put(made, key, value);
    return made;
  };
  /** The names of a record are PiCloud's. */
  const recordOf = (record) => {
    const made = {};
    for (const name in record) if (record[name] !== undefined) put(made, rt.camel(name), record[name]);
    return made;
  };
  const results = {
    __proto__: null,
    named: objectOf,
    "named?": (map) => (map === undefined ? undefined : objectOf(map)),
    listed: objectOf,
    record: recordOf,
  };

  const bind = (space, functions) => {
    const namespace = { __proto__: null };
    for (const { name, args, result } of rt.standard[space]) {
      const method = rt.camel(name),
        run = functions[name],
        convert = results[result];
      namespace[method] = {
        [method](...given) {
          const checked = [];
          for (let i = 0; i < args.length; i++) {
            const arg = args[i];
            if (given[i] === undefined && arg.optional) break;
            checked[i] = checks[arg.type](arg.name, given[i]);
          }
          const value = run(...checked);
          return convert === undefined ? value : convert(value);
        },
      }[method];
    }
    return namespace;
  };
  const $checks = {
    __proto__: null,
    SIZE_MAX,
    ITEMS_MAX,
    invalid,
    tooLarge,
    grouped,
    checkRange,
    ...checks,
  };
  return { __proto__: null, $bind: bind, $checks };
});
