// Bodies of Request and Response (Fetch standard §5.3): text, bytes, or one char per byte as a frame carries it.
(function (rt) {
  "use strict";
  const NONE = 0,
    TEXT = 1,
    BYTES = 2,
    BINARY = 3;
  const isView = ArrayBuffer.isView;
  const tagOf = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype),
    Symbol.toStringTag,
  ).get;
  const bufferLength = rt.uncurry(Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get);
  const utf8 = () => rt.get("$utf8");

  const isBuffer = (value) => {
    try {
      bufferLength(value);
      return true;
    } catch {
      return false;
    }
  };
  /** A copy of the bytes of an ArrayBuffer or a view; undefined for anything else. */
  const bytesOf = (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    if (isView(value)) {
      if (Reflect.apply(tagOf, value, []) === "Uint8Array") return new Uint8Array(value);
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
    }
    return isBuffer(value) ? new Uint8Array(value).slice() : undefined;
  };
  const wellFormed = (text) => (text.isWellFormed() ? text : text.toWellFormed());
  // URLSearchParams only exist once their file has run; it says then how they are told.
  let paramsText = () => undefined;

  /** The body and its content type, of what `new Response(value)` accepts. */
  const extract = (value) => {
    if (typeof value === "string")
      return { __proto__: null, kind: TEXT, data: wellFormed(value), type: "text/plain;charset=UTF-8" };
    const bytes = bytesOf(value);
    if (bytes !== undefined) return { __proto__: null, kind: BYTES, data: bytes, type: null };
    const params = paramsText(value);
    if (params !== undefined)
      return {
        __proto__: null,
        kind: TEXT,
        data: params,
        type: "application/x-www-form-urlencoded;charset=UTF-8",
      };
    if (typeof value === "symbol") throw new TypeError("the body is a symbol");
    return { __proto__: null, kind: TEXT, data: wellFormed(`${value}`), type: "text/plain;charset=UTF-8" };
  };
  const binaryText = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192)
      text += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
    return text;
  };
  const bytesFrom = (kind, data) => {
    if (kind === BYTES) return data.slice();
    if (kind === TEXT) return utf8().encode(data);
    const bytes = new Uint8Array(kind === NONE ? 0 : data.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = data.charCodeAt(i);
    return bytes;
  };
  const textFrom = (kind, data) => {
    if (kind === NONE) return "";
    const text = kind === TEXT ? data : utf8().decode(kind === BYTES ? data : bytesFrom(kind, data));
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  };
  const unavailable = (name) => rt.get("$unavailable")(name);

  return {
    __proto__: null,
    $bodies: {
      __proto__: null,
      NONE,
      TEXT,
      BYTES,
      BINARY,
      extract,
      binaryText,
      bytesFrom,
      textFrom,
      bytesOf,
      unavailable,
    },
    $paramsBrand: (read) => {
      paramsText = read;
    },
  };
});
