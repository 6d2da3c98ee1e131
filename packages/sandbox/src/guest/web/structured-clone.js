// structuredClone (HTML standard §2.7). Objects of the platform (Headers, Request, …) can not be cloned yet.
(function (rt) {
  "use strict";
  const getter = (holder, name) => rt.uncurry(Object.getOwnPropertyDescriptor(holder, name).get);
  const TypedArray = Object.getPrototypeOf(Uint8Array);
  const mapSize = getter(Map.prototype, "size"),
    setSize = getter(Set.prototype, "size"),
    bufferLength = getter(ArrayBuffer.prototype, "byteLength");
  const typedTag = getter(TypedArray.prototype, Symbol.toStringTag),
    typedLength = getter(TypedArray.prototype, "length");
  const bufferOf = getter(TypedArray.prototype, "buffer"),
    offsetOf = getter(TypedArray.prototype, "byteOffset");
  const viewBuffer = getter(DataView.prototype, "buffer"),
    viewOffset = getter(DataView.prototype, "byteOffset"),
    viewLength = getter(DataView.prototype, "byteLength");
  const isDetached = getter(ArrayBuffer.prototype, "detached");
  const sliceBuffer = rt.uncurry(ArrayBuffer.prototype.slice),
    transferBuffer = rt.uncurry(ArrayBuffer.prototype.transfer);
  const timeOf = rt.uncurry(Date.prototype.getTime),
    tagText = rt.uncurry(Object.prototype.toString),
    forMap = rt.uncurry(Map.prototype.forEach),
    forSet = rt.uncurry(Set.prototype.forEach);
  const unbox = [
    rt.uncurry(Boolean.prototype.valueOf),
    rt.uncurry(Number.prototype.valueOf),
    rt.uncurry(String.prototype.valueOf),
    rt.uncurry(BigInt.prototype.valueOf),
  ];
  const symbolOf = rt.uncurry(Symbol.prototype.valueOf);
  const arrays = {
    __proto__: null,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    BigInt64Array,
    BigUint64Array,
    Float16Array,
    Float32Array,
    Float64Array,
  };
  const errors = {
    __proto__: null,
    Error,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  };
  const describe = Reflect.getOwnPropertyDescriptor,
    isEnumerable = rt.uncurry(Object.prototype.propertyIsEnumerable);
  // Brands that only the object itself can tell, and no other way than by trying.
  const OPAQUE = [rt.uncurry(WeakMap.prototype.has), rt.uncurry(WeakSet.prototype.has)];

  const fail = (message) => new (rt.get("DOMException"))(message, "DataCloneError");
  const nameOf = (value) =>
    rt.text(typeof value === "function" ? value.name || "a function" : tagText(value));
  const is = (brand, value) => {
    try {
      brand(value);
      return true;
    } catch {
      return false;
    }
  };
  const put = (target, key, value) => {
    if (key === "__proto__")
      Object.defineProperty(target, key, {
        __proto__: null,
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    else target[key] = value;
  };

  const { structuredClone } = {
    structuredClone(value, options = undefined) {
      if (arguments.length === 0)
        throw new TypeError("structuredClone: 1 argument required, but only 0 given");
      const seen = new Map(),
        moved = transferList(options);
      const result = clone(value, seen);
      for (let i = 0; i < moved.length; i++) {
        if (isDetached(moved[i])) throw fail("An ArrayBuffer of the transfer list is detached");
        // The clone has the bytes already; this takes them from the old one.
        transferBuffer(moved[i]);
      }
      return result;
    },
  };
  const transferList = (options) => {
    if (options === undefined || options === null) return [];
    if (typeof options !== "object" && typeof options !== "function")
      throw new TypeError("structuredClone: the options are not an object");
    const { transfer } = options;
    if (transfer === undefined) return [];
    const list = [...transfer];
    for (let i = 0; i < list.length; i++) {
      if (!is(bufferLength, list[i])) throw fail("Only an ArrayBuffer can be transferred");
      if (isDetached(list[i])) throw fail("An ArrayBuffer of the transfer list is detached");
      if (list.indexOf(list[i]) !== i) throw fail("An ArrayBuffer is in the transfer list twice");
    }
    return list;
  };

  const clone = (value, seen) => {
    if (typeof value === "symbol") throw fail(rt.text(value) + " could not be cloned");
    if (typeof value === "function") throw fail(nameOf(value) + " could not be cloned");
    if (typeof value !== "object" || value === null) return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) {
      const made = new Array(value.length);
      seen.set(value, made);
      return copyKeys(value, made, seen);
    }
    const proto = Object.getPrototypeOf(value);
    if (proto !== Object.prototype && proto !== null) {
      const special = cloneSpecial(value, seen);
      if (special !== undefined) return special;
    }
    const made = {};
    seen.set(value, made);
    return copyKeys(value, made, seen);
  };
  const copyKeys = (value, made, seen) => {
    const keys = Object.keys(value);
    for (let i = 0; i < keys.length; i++) {
      // A getter before may have removed it.
      if (i > 0 && !isEnumerable(value, keys[i])) continue;
      put(made, keys[i], clone(value[keys[i]], seen));
    }
    return made;
  };
  const keep = (seen, value, made) => {
    seen.set(value, made);
    return made;
  };

  const cloneSpecial = (value, seen) => {
    if (ArrayBuffer.isView(value)) return cloneView(value, seen);
    const tag = tagText(value);
    if (tag === "[object RegExp]" || Error.isError(value))
      return Error.isError(value) ? cloneError(value, seen) : keep(seen, value, new RegExp(value));
    if (is(timeOf, value)) return keep(seen, value, new Date(timeOf(value)));
    if (is(mapSize, value)) return cloneMap(value, seen);
    if (is(setSize, value)) return cloneSet(value, seen);
    if (is(bufferLength, value)) return cloneBuffer(value, seen);
    for (let i = 0; i < unbox.length; i++)
      if (is(unbox[i], value)) return keep(seen, value, Object(unbox[i](value)));
    if (
      is(symbolOf, value) ||
      value instanceof Promise ||
      is((v) => OPAQUE[0](v, OPAQUE), value) ||
      is((v) => OPAQUE[1](v, OPAQUE), value)
    )
      throw fail(nameOf(value) + " could not be cloned");
    return undefined;
  };
  const cloneMap = (value, seen) => {
    const made = keep(seen, value, new Map()),
      pairs = [];
    forMap(value, (item, key) => {
      pairs.push(key, item);
    });
    for (let i = 0; i < pairs.length; i += 2) made.set(clone(pairs[i], seen), clone(pairs[i + 1], seen));
    return made;
  };
  const cloneSet = (value, seen) => {
    const made = keep(seen, value, new Set()),
      items = [];
    forSet(value, (item) => {
      items.push(item);
    });
    for (let i = 0; i < items.length; i++) made.add(clone(items[i], seen));
    return made;
  };
  const cloneBuffer = (buffer, seen) => {
    if (isDetached(buffer)) throw fail("An ArrayBuffer is detached and could not be cloned");
    return keep(seen, buffer, sliceBuffer(buffer, 0));
  };
  const cloneView = (view, seen) => {
    const tag = typedTag(view),
      isData = tag === undefined;
    const made = clone(isData ? viewBuffer(view) : bufferOf(view), seen);
    return keep(
      seen,
      view,
      isData
        ? new DataView(made, viewOffset(view), viewLength(view))
        : new arrays[tag](made, offsetOf(view), typedLength(view)),
    );
  };
  const cloneError = (error, seen) => {
    const name = error.name,
      Made = errors[typeof name === "string" ? name : ""] ?? Error;
    const real = keep(seen, error, new Made());
    const own = (key, value) =>
      Object.defineProperty(real, key, {
        __proto__: null,
        value,
        writable: true,
        enumerable: false,
        configurable: true,
      });
    const message = describe(error, "message"),
      cause = describe(error, "cause");
    if (message !== undefined && "value" in message) own("message", rt.text(message.value));
    own("stack", rt.text(error.stack));
    if (cause !== undefined && "value" in cause) own("cause", clone(cause.value, seen));
    return real;
  };
  return { __proto__: null, structuredClone };
});
