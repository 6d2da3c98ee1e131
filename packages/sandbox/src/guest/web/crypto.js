// crypto (Web Cryptography): chance only, drawn from the run's generator. crypto.subtle comes later.
(function (rt) {
  "use strict";
  const BYTES_MAX = 65536;
  const INTEGERS = [
    "Int8Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "BigInt64Array",
    "BigUint64Array",
  ];
  const tagOf = rt.uncurry(
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get,
  );
  const fail = (message, name) => new (rt.get("DOMException"))(message, name);
  const MAKE = { __proto__: null };
  class Crypto {
    #brand = true;
    constructor(key = undefined) {
      if (key !== MAKE) throw new TypeError("Illegal constructor");
    }
    getRandomValues(array) {
      this.#brand;
      if (!ArrayBuffer.isView(array) || !INTEGERS.includes(tagOf(array)))
        throw fail("crypto.getRandomValues: not an array of integers", "TypeMismatchError");
      if (array.byteLength > BYTES_MAX)
        throw fail(
          "crypto.getRandomValues: " + array.byteLength + " bytes asked for, the most is " + BYTES_MAX,
          "QuotaExceededError",
        );
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(rt.random(array.byteLength));
      return array;
    }
    randomUUID() {
      this.#brand;
      const bytes = rt.random(16);
      bytes[6] = (bytes[6] & 15) | 64;
      bytes[8] = (bytes[8] & 63) | 128;
      const hex = bytes.toHex();
      return (
        hex.slice(0, 8) +
        "-" +
        hex.slice(8, 12) +
        "-" +
        hex.slice(12, 16) +
        "-" +
        hex.slice(16, 20) +
        "-" +
        hex.slice(20)
      );
    }
    get subtle() {
      this.#brand;
      throw rt.get("$unavailable")("crypto.subtle");
    }
  }
  Object.defineProperty(Crypto.prototype, Symbol.toStringTag, {
    __proto__: null,
    value: "Crypto",
    writable: false,
    enumerable: false,
    configurable: true,
  });
  Object.freeze(Crypto.prototype);
  return { __proto__: null, Crypto, crypto: new Crypto(MAKE) };
});
