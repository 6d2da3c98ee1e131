// atob and btoa (HTML standard §8.3): text of one char per byte.
(function (rt) {
  "use strict";
  const fail = (message) => new (rt.get("DOMException"))(message, "InvalidCharacterError");
  const arity = (given, name) => {
    if (given === 0) throw new TypeError(name + ": 1 argument required, but only 0 given");
  };
  const { atob, btoa } = {
    atob(data) {
      arity(arguments.length, "atob");
      let bytes;
      // Strict about padding as the forgiving decode of the Infra standard is, loose about a missing one.
      try {
        bytes = Uint8Array.fromBase64(`${data}`);
      } catch (error) {
        if (error instanceof SyntaxError) throw fail("The string to be decoded is not correctly encoded.");
        throw error;
      }
      return rt.get("$bodies").binaryText(bytes);
    },
    btoa(data) {
      arity(arguments.length, "btoa");
      const text = `${data}`,
        bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i);
        if (c > 255) throw fail("The string to be encoded contains characters outside of the Latin1 range.");
        bytes[i] = c;
      }
      return bytes.toBase64();
    },
  };
  return { __proto__: null, atob, btoa };
});
