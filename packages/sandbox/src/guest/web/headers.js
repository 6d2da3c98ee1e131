// Headers (Fetch standard §5.1). A header list is a flat array: lower-case name, value, name, value, in order of arrival.
(function (rt) {
  "use strict";
  const NAMES_KEPT_MAX = 512;
  const str = String,
    isArray = Array.isArray,
    ownKeys = Reflect.ownKeys,
    describe = Reflect.getOwnPropertyDescriptor;

  /** Token of RFC 9110 §5.6.2. */
  const isToken = (name) => {
    if (name.length === 0) return false;
    for (let i = 0; i < name.length; i++) {
      const c = name.charCodeAt(i);
      if ((c >= 97 && c <= 122) || (c >= 48 && c <= 57) || (c >= 65 && c <= 90)) continue;
      if (
        c === 33 ||
        (c >= 35 && c <= 39) ||
        c === 42 ||
        c === 43 ||
        c === 45 ||
        c === 46 ||
        c === 94 ||
        c === 95 ||
        c === 96 ||
        c === 124 ||
        c === 126
      )
        continue;
      return false;
    }
    return true;
  };
  const byteString = (value, what) => {
    if (typeof value === "symbol") throw new TypeError("Headers: the " + what + " is a symbol");
    const text = str(value);
    for (let i = 0; i < text.length; i++) {
      if (text.charCodeAt(i) > 255)
        throw new TypeError("Headers: the " + what + " has a character above U+00FF at index " + i);
    }
    return text;
  };
  const kept = new Map();
  const nameOf = (value) => {
    const known = typeof value === "string" ? kept.get(value) : undefined;
    if (known !== undefined) return known;
    const text = byteString(value, "name");
    if (!isToken(text)) throw new TypeError("Headers: invalid name " + JSON.stringify(text));
    const name = text.toLowerCase();
    if (kept.size < NAMES_KEPT_MAX && text.length <= 64) kept.set(text, name);
    return name;
  };
  const isSpace = (c) => c === 32 || c === 9 || c === 10 || c === 13;
  const valueOf = (value) => {
    const text = byteString(value, "value");
    let from = 0,
      to = text.length;
    while (from < to && isSpace(text.charCodeAt(from))) from++;
    while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
    for (let i = from; i < to; i++) {
      const c = text.charCodeAt(i);
      if (c === 0 || c === 10 || c === 13)
        throw new TypeError("Headers: invalid value " + JSON.stringify(text));
    }
    return from === 0 && to === text.length ? text : text.slice(from, to);
  };

  const getIn = (list, name) => {
    let value = null;
    for (let i = 0; i < list.length; i += 2)
      if (list[i] === name) value = value === null ? list[i + 1] : value + ", " + list[i + 1];
    return value;
  };
  const hasIn = (list, name) => {
    for (let i = 0; i < list.length; i += 2) if (list[i] === name) return true;
    return false;
  };
  const removeIn = (list, name) => {
    let to = 0;
    for (let i = 0; i < list.length; i += 2)
      if (list[i] !== name) {
        list[to++] = list[i];
        list[to++] = list[i + 1];
      }
    list.length = to;
  };
  const setIn = (list, name, value) => {
    let to = 0,
      found = false;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) {
        if (found) continue;
        found = true;
        list[to++] = name;
        list[to++] = value;
      } else {
        const other = list[i + 1];
        list[to++] = list[i];
        list[to++] = other;
      }
    }
    list.length = to;
    if (!found) list.push(name, value);
  };
  /** Sorted by name, repeats joined, set-cookie apart: pairs in a flat array. */
  const sorted = (list) => {
    const names = [];
    for (let i = 0; i < list.length; i += 2) if (!names.includes(list[i])) names.push(list[i]);
    names.sort();
    const pairs = [];
    for (let n = 0; n < names.length; n++) {
      const name = names[n];
      if (name !== "set-cookie") {
        pairs.push(name, getIn(list, name));
        continue;
      }
      for (let i = 0; i < list.length; i += 2) if (list[i] === name) pairs.push(name, list[i + 1]);
    }
    return pairs;
  };

  /** "name\0value\0" repeated, as received: trusted to be well formed. */
  const listFromRaw = (raw) => {
    const list = [];
    for (let p = 0; p < raw.length;) {
      const n = raw.indexOf("\0", p),
        v = raw.indexOf("\0", n + 1);
      if (n === -1 || v === -1) break;
      list.push(raw.slice(p, n).toLowerCase(), raw.slice(n + 1, v));
      p = v + 1;
    }
    return list;
  };

  let listOf, makeOver;
  const NEXT = { __proto__: null };
  const IteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

  class Headers {
    #list;
    #immutable = false;
    constructor(init = undefined) {
      if (init === NEXT) return;
      this.#list = init === undefined ? [] : listFrom(init);
    }
    append(name, value) {
      arity(arguments.length, 2, "append");
      const list = this.#list,
        key = nameOf(name),
        text = valueOf(value);
      this.#check();
      list.push(key, text);
    }
    delete(name) {
      arity(arguments.length, 1, "delete");
      const list = this.#list,
        key = nameOf(name);
      this.#check();
      removeIn(list, key);
    }
    get(name) {
      const list = this.#list;
      arity(arguments.length, 1, "get");
      return getIn(list, nameOf(name));
    }
    getSetCookie() {
      const list = this.#list,
        cookies = [];
      for (let i = 0; i < list.length; i += 2) if (list[i] === "set-cookie") cookies.push(list[i + 1]);
      return cookies;
    }
    has(name) {
      const list = this.#list;
      arity(arguments.length, 1, "has");
      return hasIn(list, nameOf(name));
    }
    set(name, value) {
      arity(arguments.length, 2, "set");
      const list = this.#list,
        key = nameOf(name),
        text = valueOf(value);
      this.#check();
      setIn(list, key, text);
    }
    forEach(callback, self = undefined) {
      const list = this.#list;
      if (typeof callback !== "function")
        throw new TypeError("Headers.forEach: the callback is not a function");
      for (let i = 0; ; i += 2) {
        const pairs = sorted(list);
        if (i >= pairs.length) return;
        Reflect.apply(callback, self, [pairs[i + 1], pairs[i], this]);
      }
    }
    keys() {
      return new HeadersIterator(this.#list, 0);
    }
    values() {
      return new HeadersIterator(this.#list, 1);
    }
    entries() {
      return new HeadersIterator(this.#list, 2);
    }
    #check() {
      if (this.#immutable) throw new TypeError("these Headers are immutable");
    }
    static {
      listOf = (value) =>
        typeof value === "object" && value !== null && #list in value ? value.#list : undefined;
      makeOver = (list, immutable) => {
        const made = new Headers(NEXT);
        made.#list = list;
        made.#immutable = immutable;
        return made;
      };
    }
  }
  const hidden = (value, writable = true) => ({
    __proto__: null,
    value,
    writable,
    enumerable: false,
    configurable: true,
  });
  Object.defineProperty(Headers.prototype, Symbol.iterator, hidden(Headers.prototype.entries));
  Object.defineProperty(Headers.prototype, Symbol.toStringTag, hidden("Headers", false));

  /** Live, as Web IDL has it: each step looks at the list as it is then. */
  class HeadersIterator {
    #list;
    #kind;
    #at = 0;
    constructor(list, kind) {
      this.#list = list;
      this.#kind = kind;
    }
    next() {
      const pairs = sorted(this.#list),
        i = this.#at;
      if (i >= pairs.length) return { value: undefined, done: true };
      this.#at = i + 2;
      return {
        value: this.#kind === 0 ? pairs[i] : this.#kind === 1 ? pairs[i + 1] : [pairs[i], pairs[i + 1]],
        done: false,
      };
    }
  }
  delete HeadersIterator.prototype.constructor;
  Object.setPrototypeOf(HeadersIterator.prototype, IteratorPrototype);
  Object.defineProperty(HeadersIterator.prototype, Symbol.toStringTag, hidden("Headers Iterator", false));
  Object.freeze(HeadersIterator.prototype);

  const arity = (given, needed, method) => {
    if (given < needed)
      throw new TypeError(
        "Headers." +
          method +
          ": " +
          needed +
          (needed === 1 ? " argument" : " arguments") +
          " required, but only " +
          given +
          " given",
      );
  };

  /** What `new Headers(value)` accepts. */
  const listFrom = (init) => {
    const known = listOf(init);
    if (known !== undefined) {
      // Headers give their pairs sorted, as their iterator does.
      return sorted(known);
    }
    if ((typeof init !== "object" && typeof init !== "function") || init === null)
      throw new TypeError("Headers: neither a list of pairs nor an object");
    const list = [],
      iterate = init[Symbol.iterator];
    if (iterate !== undefined && iterate !== null) {
      if (typeof iterate !== "function") throw new TypeError("Headers: the list is not iterable");
      const plain = isArray(init)
        ? init
        : { __proto__: null, [Symbol.iterator]: () => Reflect.apply(iterate, init, []) };
      for (const pair of plain) {
        if (typeof pair !== "object" || pair === null)
          throw new TypeError("Headers: a pair is not a list of two");
        const two = [...pair];
        if (two.length !== 2) throw new TypeError("Headers: a pair is not a list of two");
        list.push(nameOf(two[0]), valueOf(two[1]));
      }
      return list;
    }
    const keys = ownKeys(init),
      names = [];
    for (let i = 0; i < keys.length; i++) {
      const property = describe(init, keys[i]);
      if (property === undefined || !property.enumerable) continue;
      // Two keys that differ in case are one header; Web IDL gives each its place, and both are sent.
      const name = nameOf(keys[i]),
        value = valueOf(init[keys[i]]);
      names.push(name);
      list.push(name, value);
    }
    return list;
  };
  const blockOf = (list) => {
    let block = "";
    for (let i = 0; i < list.length; i += 2) block += list[i] + ": " + list[i + 1] + "\r\n";
    return block;
  };

  return {
    __proto__: null,
    Headers,
    $headerBlock: (value) => {
      const known = listOf(value);
      return blockOf(known === undefined ? listFrom(value) : known);
    },
    $headerLists: {
      __proto__: null,
      from: listFrom,
      fromRaw: listFromRaw,
      over: makeOver,
      of: listOf,
      block: blockOf,
      get: getIn,
      has: hasIn,
    },
  };
});
