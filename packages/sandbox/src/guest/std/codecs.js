// base64 and hex.
(function (rt) {
  "use strict";
  const { SIZE_MAX, invalid, tooLarge } = rt.get("$checks"),
    bind = rt.get("$bind");
  const decoded = (what, decode) => {
    try {
      return decode();
    } catch (error) {
      if (error instanceof SyntaxError) throw invalid("text: is not " + what);
      throw error;
    }
  };
  /** For what becomes longer by being encoded. */
  const fitting = (data, charsPerByte) => {
    const most = Math.floor(SIZE_MAX / charsPerByte);
    if (data.length > most) throw tooLarge("data", most, "bytes");
    return data;
  };
  const $base64 = {
    __proto__: null,
    encode: (data) => fitting(data, 4 / 3).toBase64(),
    decode: (text) => decoded("base64", () => Uint8Array.fromBase64(text)),
    encode_url: (data) => fitting(data, 4 / 3).toBase64({ alphabet: "base64url", omitPadding: true }),
    decode_url: (text) => decoded("base64url", () => Uint8Array.fromBase64(text, { alphabet: "base64url" })),
  };
  const $hex = {
    __proto__: null,
    encode: (data) => fitting(data, 2).toHex(),
    decode: (text) => decoded("hex", () => Uint8Array.fromHex(text)),
  };
  return { __proto__: null, base64: bind("base64", $base64), hex: bind("hex", $hex), $base64, $hex };
});
