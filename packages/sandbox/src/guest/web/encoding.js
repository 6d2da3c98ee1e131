// TextEncoder and TextDecoder (Encoding standard): utf-8, utf-16le, utf-16be and windows-1252.
(function (rt) {
  "use strict";
  const CHUNK = 4096;
  const chars = String.fromCharCode;

  const encodedLength = (text) => {
    let length = 0;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c < 0x80) length++;
      else if (c < 0x800) length += 2;
      else if (c >= 0xd800 && c < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
        length += 4;
        i++;
      } else length += 3;
    }
    return length;
  };
  /** Writes whole characters as long as they fit; gives what was read and written. */
  const encodeTo = (text, bytes) => {
    let read = 0,
      written = 0;
    const room = bytes.length;
    while (read < text.length) {
      let c = text.charCodeAt(read),
        units = 1;
      if (c < 0x80) {
        if (written >= room) break;
        bytes[written++] = c;
        read++;
        continue;
      }
      if ((c & 0xf800) === 0xd800) {
        const low = text.charCodeAt(read + 1);
        if (c < 0xdc00 && (low & 0xfc00) === 0xdc00) {
          c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
          units = 2;
        } else c = 0xfffd;
      }
      if (c < 0x800) {
        if (written + 2 > room) break;
        bytes[written++] = 0xc0 | (c >> 6);
      } else if (c < 0x10000) {
        if (written + 3 > room) break;
        bytes[written++] = 0xe0 | (c >> 12);
        bytes[written++] = 0x80 | ((c >> 6) & 63);
      } else {
        if (written + 4 > room) break;
        bytes[written++] = 0xf0 | (c >> 18);
        bytes[written++] = 0x80 | ((c >> 12) & 63);
        bytes[written++] = 0x80 | ((c >> 6) & 63);
      }
      bytes[written++] = 0x80 | (c & 63);
      read += units;
    }
    return { read, written };
  };
  const encode = (text) => {
    const bytes = new Uint8Array(encodedLength(text));
    encodeTo(text, bytes);
    return bytes;
  };

  /** Collects UTF-16 units and makes text of them in pieces. */
  class Units {
    #units = new Uint16Array(CHUNK);
    #length = 0;
    #text = "";
    add(unit) {
      if (this.#length === CHUNK) this.#flush();
      this.#units[this.#length++] = unit;
    }
    addPoint(c) {
      if (c < 0x10000) this.add(c);
      else {
        this.add(0xd800 + ((c - 0x10000) >> 10));
        this.add(0xdc00 + ((c - 0x10000) & 0x3ff));
      }
    }
    addAscii(bytes, from, to) {
      this.#flush();
      for (let i = from; i < to; i += 8192)
        this.#text += Reflect.apply(chars, null, bytes.subarray(i, i + 8192 < to ? i + 8192 : to));
    }
    #flush() {
      if (this.#length > 0) {
        this.#text += Reflect.apply(chars, null, this.#units.subarray(0, this.#length));
        this.#length = 0;
      }
    }
    end() {
      this.#flush();
      const text = this.#text;
      this.#text = "";
      return text;
    }
  }
  const malformed = () => new TypeError("The encoded data was not valid");

  // Each decoder: decode(bytes, units, fatal), finish(units, fatal). State is kept between calls.
  class Utf8 {
    #point = 0;
    #seen = 0;
    #needed = 0;
    #lower = 0x80;
    #upper = 0xbf;
    decode(bytes, units, fatal) {
      const length = bytes.length;
      for (let i = 0; i < length; i++) {
        const b = bytes[i];
        if (this.#needed === 0) {
          if (b < 0x80) {
            let end = i + 1;
            while (end < length && bytes[end] < 0x80) end++;
            if (end - i > 16) units.addAscii(bytes, i, end);
            else for (let j = i; j < end; j++) units.add(bytes[j]);
            i = end - 1;
          } else if (b >= 0xc2 && b <= 0xdf) {
            this.#needed = 1;
            this.#point = b & 0x1f;
          } else if (b >= 0xe0 && b <= 0xef) {
            if (b === 0xe0) this.#lower = 0xa0;
            else if (b === 0xed) this.#upper = 0x9f;
            this.#needed = 2;
            this.#point = b & 0xf;
          } else if (b >= 0xf0 && b <= 0xf4) {
            if (b === 0xf0) this.#lower = 0x90;
            else if (b === 0xf4) this.#upper = 0x8f;
            this.#needed = 3;
            this.#point = b & 7;
          } else if (fatal) throw malformed();
          else units.add(0xfffd);
          continue;
        }
        if (b < this.#lower || b > this.#upper) {
          this.#reset();
          if (fatal) throw malformed();
          units.add(0xfffd);
          i--;
          continue;
        }
        this.#lower = 0x80;
        this.#upper = 0xbf;
        this.#point = (this.#point << 6) | (b & 63);
        if (++this.#seen === this.#needed) {
          units.addPoint(this.#point);
          this.#reset();
        }
      }
    }
    finish(units, fatal) {
      if (this.#needed === 0) return;
      this.#reset();
      if (fatal) throw malformed();
      units.add(0xfffd);
    }
    #reset() {
      this.#point = this.#seen = this.#needed = 0;
      this.#lower = 0x80;
      this.#upper = 0xbf;
    }
  }
  class Utf16 {
    #bigEndian;
    #byte = -1;
    #lead = 0;
    constructor(bigEndian) {
      this.#bigEndian = bigEndian;
    }
    decode(bytes, units, fatal) {
      for (let i = 0; i < bytes.length; i++) {
        if (this.#byte === -1) {
          this.#byte = bytes[i];
          continue;
        }
        const unit = this.#bigEndian ? (this.#byte << 8) | bytes[i] : (bytes[i] << 8) | this.#byte;
        this.#byte = -1;
        const lead = this.#lead,
          isLow = (unit & 0xfc00) === 0xdc00;
        this.#lead = 0;
        if (lead !== 0) {
          if (isLow) {
            units.add(lead);
            units.add(unit);
            continue;
          }
          if (fatal) throw malformed();
          units.add(0xfffd);
        }
        if ((unit & 0xfc00) === 0xd800) this.#lead = unit;
        else if (!isLow) units.add(unit);
        else if (fatal) throw malformed();
        else units.add(0xfffd);
      }
    }
    finish(units, fatal) {
      const open = this.#byte !== -1 || this.#lead !== 0;
      this.#byte = -1;
      this.#lead = 0;
      if (!open) return;
      if (fatal) throw malformed();
      units.add(0xfffd);
    }
  }
  const HIGH = [
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d,
    0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a,
    0x153, 0x9d, 0x17e, 0x178,
  ];
  class Windows1252 {
    decode(bytes, units) {
      for (let i = 0; i < bytes.length; i++) {
        const b = bytes[i];
        units.add(b >= 0x80 && b < 0xa0 ? HIGH[b - 0x80] : b);
      }
    }
    finish() {}
  }

  const LABELS = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "utf-16le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
    "utf-16be": "unicodefffe utf-16be",
    "windows-1252":
      "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
  };
  const encodings = { __proto__: null };
  for (const encoding of Object.keys(LABELS)) {
    let from = 0;
    const labels = LABELS[encoding];
    while (from < labels.length) {
      const space = labels.indexOf(" ", from),
        end = space === -1 ? labels.length : space;
      encodings[labels.slice(from, end)] = encoding;
      from = end + 1;
    }
  }
  const isSpace = (c) => c === 32 || c === 9 || c === 10 || c === 12 || c === 13;
  const encodingOf = (label) => {
    let from = 0,
      to = label.length;
    while (from < to && isSpace(label.charCodeAt(from))) from++;
    while (to > from && isSpace(label.charCodeAt(to - 1))) to--;
    const found = encodings[label.slice(from, to).toLowerCase()];
    if (found === undefined)
      throw new RangeError("TextDecoder: the encoding " + JSON.stringify(label) + " is not supported");
    return found;
  };
  const decoderOf = (encoding) =>
    encoding === "utf-8"
      ? new Utf8()
      : encoding === "windows-1252"
        ? new Windows1252()
        : new Utf16(encoding === "utf-16be");

  const isView = ArrayBuffer.isView;
  const bufferLength = rt.uncurry(Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get);
  /** The bytes of a BufferSource themselves, not a copy. */
  const bytesOf = (value, what) => {
    if (value === undefined) return new Uint8Array(0);
    if (isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    try {
      bufferLength(value);
    } catch {
      throw new TypeError(what + ": the argument is no ArrayBuffer, typed array or DataView");
    }
    return new Uint8Array(value);
  };
  const hidden = (value) => ({
    __proto__: null,
    value,
    writable: false,
    enumerable: false,
    configurable: true,
  });
  const record = (value) => {
    if (value === undefined || value === null) return { __proto__: null };
    if (typeof value !== "object" && typeof value !== "function")
      throw new TypeError("TextDecoder: the options are not an object");
    return value;
  };

  class TextEncoder {
    #brand = true;
    get encoding() {
      this.#brand;
      return "utf-8";
    }
    encode(text = "") {
      this.#brand;
      return encode(`${text}`);
    }
    encodeInto(text, target) {
      this.#brand;
      const source = `${text}`;
      if (!(isView(target) && typeTag(target) === "Uint8Array"))
        throw new TypeError("TextEncoder.encodeInto: the second argument is no Uint8Array");
      return encodeTo(source, target);
    }
  }
  const typeTag = rt.uncurry(
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get,
  );
  class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBOM;
    #decoder;
    #goesOn = false;
    #bomSeen = false;
    constructor(label = "utf-8", options = undefined) {
      this.#encoding = encodingOf(`${label}`);
      const { fatal, ignoreBOM } = record(options);
      this.#fatal = !!fatal;
      this.#ignoreBOM = !!ignoreBOM;
      this.#decoder = decoderOf(this.#encoding);
    }
    get encoding() {
      return this.#encoding;
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#ignoreBOM;
    }
    decode(input = undefined, options = undefined) {
      const stream = !!record(options).stream;
      if (!this.#goesOn) {
        this.#decoder = decoderOf(this.#encoding);
        this.#bomSeen = false;
      }
      this.#goesOn = stream;
      const units = new Units();
      let text;
      try {
        this.#decoder.decode(bytesOf(input, "TextDecoder.decode"), units, this.#fatal);
        if (!stream) this.#decoder.finish(units, this.#fatal);
        text = units.end();
      } catch (error) {
        this.#goesOn = false;
        throw error;
      }
      if (this.#bomSeen || text === "") return text;
      this.#bomSeen = true;
      return text.charCodeAt(0) === 0xfeff && !this.#ignoreBOM && this.#encoding !== "windows-1252"
        ? text.slice(1)
        : text;
    }
  }
  Object.defineProperty(TextEncoder.prototype, Symbol.toStringTag, hidden("TextEncoder"));
  Object.defineProperty(TextDecoder.prototype, Symbol.toStringTag, hidden("TextDecoder"));

  const decode = (bytes) => {
    const units = new Units(),
      decoder = new Utf8();
    decoder.decode(bytes, units, false);
    decoder.finish(units, false);
    return units.end();
  };
  return {
    __proto__: null,
    TextEncoder,
    TextDecoder,
    $utf8: { __proto__: null, encode, decode, encodedLength },
  };
});
