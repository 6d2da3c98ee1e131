// URL and URLSearchParams (URL standard): the npm package whatwg-url, whose files are evaluated here on first touch.
// `sources` holds their texts by path; the tables for names outside ASCII are only evaluated when one is met.
(function (rt, sources) {
  "use strict";
  const indirectEval = eval,
    loaded = { __proto__: null },
    utf8 = rt.get("$utf8");
  /** There is no SharedArrayBuffer here; the library takes its getters to tell one from others: nothing is one. */
  class NoShared {
    get byteLength() {
      throw new TypeError("not a SharedArrayBuffer");
    }
    get growable() {
      throw new TypeError("not a SharedArrayBuffer");
    }
  }
  const HEX = "0123456789ABCDEF";
  /** For the query of a URL: what is not ASCII, a control or in the set is written as %XX. */
  const percentEncode = (encoding, text, set) => {
    const bytes = utf8.encode(text);
    let out = "";
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i],
        character = String.fromCharCode(byte);
      if (byte < 0x20 || byte > 0x7e || set.includes(character)) out += "%" + HEX[byte >> 4] + HEX[byte & 15];
      else out += character;
    }
    return out;
  };
  /** Domains of ASCII without punycode are only made lower case (URL standard, "domain to ASCII"). */
  const isPlain = (domain, options) => {
    if (options.useSTD3ASCIIRules || options.verifyDNSLength || options.checkHyphens) return false;
    for (let i = 0; i < domain.length; i++) if (domain.charCodeAt(i) > 127) return false;
    return !domain.toLowerCase().includes("xn--");
  };
  const given = {
    __proto__: null,
    "@exodus/bytes/encoding.js": {},
    "@exodus/bytes/whatwg.js": { percentEncodeAfterEncoding: percentEncode },
    "whatwg-url/lib/encoding.js": { utf8Encode: utf8.encode, utf8DecodeWithoutBOM: utf8.decode },
    tr46: {
      toASCII: (domain, options) =>
        isPlain(domain, options) ? domain.toLowerCase() : load("tr46/index.js").toASCII(domain, options),
      toUnicode: (domain, options) => load("tr46/index.js").toUnicode(domain, options),
    },
  };
  const pathOf = (from, request) => {
    if (given[request] !== undefined) return request;
    if (request === "webidl-conversions") return "webidl-conversions/lib/index.js";
    if (request === "punycode/") return "punycode/punycode.js";
    const folder = from.slice(0, from.lastIndexOf("/") + 1),
      path = folder + request.slice(2);
    return sources[path] === undefined && !path.endsWith(".json") ? path + ".js" : path;
  };
  const load = (path) => {
    const ready = given[path] ?? loaded[path];
    if (ready !== undefined) return ready.loading === undefined ? ready : ready.loading.exports;
    const text = sources[path];
    if (text === undefined) throw new Error(`no file ${path} in the URL library`);
    if (path.endsWith(".json")) return (loaded[path] = JSON.parse(text));
    const module = { __proto__: null, exports: {} };
    loaded[path] = { __proto__: null, loading: module };
    const evaluate = indirectEval(`(function (require, module, exports, SharedArrayBuffer) {${text}\n})`);
    evaluate((request) => load(pathOf(path, request)), module, module.exports, NoShared);
    return module.exports;
  };

  // What the classes take from "their" global object.
  const realm = { Array, Object, Promise, String, Number, Symbol, TypeError, RangeError };
  load("whatwg-url/lib/URL.js").install(realm, ["Window"]);
  load("whatwg-url/lib/URLSearchParams.js").install(realm, ["Window"]);
  const { URL, URLSearchParams } = realm;
  const toText = rt.uncurry(URLSearchParams.prototype.toString);
  rt.get("$paramsBrand")((value) => {
    try {
      return toText(value);
    } catch {
      return undefined;
    }
  });
  for (const made of [URL, URLSearchParams]) Object.freeze(made.prototype);
  return { __proto__: null, URL, URLSearchParams };
});
