// base64 and hex. Synchronous; a wrong argument is a PicloudError `invalid` that names it.
(function (rt) {
  "use strict";
  const { encode } = rt.get("$utf8");
  const isView = ArrayBuffer.isView;
  const bufferLength = rt.uncurry(Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get);
  const invalid = (message) => new rt.PicloudError("invalid", message);
  const isBuffer = (value) => {
    try {
      bufferLength(value);
      return true;
    } catch {
      return false;
    }
  };
  /** A string's UTF-8, or the bytes of an ArrayBuffer or view. */
  const bytesArgument = (name, value) => {
    if (typeof value === "string") return encode(value);
    if (isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (isBuffer(value)) return new Uint8Array(value);
    throw invalid(name + ": must be a string or a Uint8Array");
  };
  const textArgument = (name, value) => {
    if (typeof value !== "string") throw invalid(name + ": must be a string");
    return value;
  };
  const decoded = (name, what, decode) => {
    try {
      return decode();
    } catch (error) {
      if (error instanceof SyntaxError) throw invalid(name + ": is not " + what);
      throw error;
    }
  };
  const base64 = {
    __proto__: null,
    ...{
      encode(data) {
        return bytesArgument("data", data).toBase64();
      },
      decode(text) {
        const given = textArgument("text", text);
        return decoded("text", "base64", () => Uint8Array.fromBase64(given));
      },
      encodeUrl(data) {
        return bytesArgument("data", data).toBase64({ alphabet: "base64url", omitPadding: true });
      },
      decodeUrl(text) {
        const given = textArgument("text", text);
        return decoded("text", "base64url", () => Uint8Array.fromBase64(given, { alphabet: "base64url" }));
      },
    },
  };
  const hex = {
    __proto__: null,
    ...{
      encode(data) {
        return bytesArgument("data", data).toHex();
      },
      decode(text) {
        const given = textArgument("text", text);
        return decoded("text", "hex", () => Uint8Array.fromHex(given));
      },
    },
  };
  return { __proto__: null, base64, hex, $bytesArgument: bytesArgument };
});
