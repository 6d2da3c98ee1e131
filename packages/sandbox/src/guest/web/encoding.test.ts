/** TextEncoder, TextDecoder, atob, btoa, base64, hex and hash of isolates against those of Node. */
import { createHash, createHmac } from "node:crypto";

import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

import { GuestRealm, nativeFunction } from "../../executor/tests/guest-realm.ts";

const realm = new GuestRealm();
afterAll(() => realm.dispose());

/** Bytes that are likely to meet in UTF-8 and UTF-16. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .array(
      fc.constantFrom(
        0,
        0x41,
        0x7f,
        0x80,
        0xbf,
        0xc2,
        0xd8,
        0xdc,
        0xe0,
        0xed,
        0xa0,
        0xef,
        0xbb,
        0xbf,
        0xf0,
        0x9f,
        0xf4,
        0x90,
        0xfe,
        0xff,
      ),
      { maxLength: 24 },
    )
    .map((list) => Uint8Array.from(list)),
  fc.string({ unit: "grapheme", maxLength: 300 }).map((text) => new TextEncoder().encode(text)),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ maxLength: 200 }),
  fc
    .array(fc.constantFrom("\ud83d", "\ude00", "a", "é", "€", "😀"), { maxLength: 20 })
    .map((list) => list.join("")),
);

describe("text", () => {
  test("decodes as Node does, whole and in pieces", async () => {
    const run = `(pieces, label, fatal, ignoreBOM) => {
      const decoder = new TextDecoder(label, { fatal, ignoreBOM }), seen = [decoder.encoding, decoder.fatal, decoder.ignoreBOM];
      rounds: for (let round = 0; round < 2; round++) for (const [i, piece] of pieces.entries()) {
        try { seen.push(decoder.decode(piece, { stream: i < pieces.length - 1 })) } catch (error) { seen.push(error.constructor.name); break rounds }
      }
      return seen;
    }`;
    const native = await nativeFunction(run);
    const label = fc.constantFrom(
      "utf-8",
      " UTF8\n",
      "utf-16le",
      "utf-16be",
      "latin1",
      "ascii",
      "windows-1252",
    );
    fc.assert(
      fc.property(
        fc.array(bytes, { minLength: 1, maxLength: 3 }),
        label,
        fc.boolean(),
        fc.boolean(),
        (pieces, name, fatal, ignoreBom) => {
          expect(realm.call(run, pieces, name, fatal, ignoreBom)).toEqual(
            native(pieces, name, fatal, ignoreBom),
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("encodes as Node does", async () => {
    const run = `(text, room) => { const into = new Uint8Array(room), done = new TextEncoder().encodeInto(text, into); return [[...new TextEncoder().encode(text)], done.read, done.written, [...into]] }`;
    const native = await nativeFunction(run);
    fc.assert(
      fc.property(text, fc.nat(40), (value, room) => {
        expect(realm.call(run, value, room)).toEqual(native(value, room));
      }),
      { numRuns: 300 },
    );
  });

  test("megabytes of text are read in a moment", () => {
    const long = "é€😀 plain text ".repeat(100_000);
    expect(
      realm.call("(text) => new TextDecoder().decode(new TextEncoder().encode(text)) === text", long),
    ).toBe(true);
  });

  test("unknown encodings and wrong arguments are refused", () => {
    const threw = "(source) => { try { eval(source) } catch (error) { return error.constructor.name } }";
    expect(realm.call(threw, "new TextDecoder('shift_jis')")).toBe("RangeError");
    expect(realm.call(threw, "new TextDecoder().decode('x')")).toBe("TypeError");
    expect(realm.call(threw, "TextDecoder.prototype.decode.call({})")).toBe("TypeError");
  });

  test("atob and btoa are those of Node", async () => {
    const run = `(value) => { const of = f => { try { return f(value) } catch (error) { return error.name } }; return [of(atob), of(btoa)] }`;
    const native = await nativeFunction(run);
    const value = fc.oneof(
      fc.string({ maxLength: 20, unit: fc.constantFrom(..."AbZ09+/= \n\t-_*") }),
      fc.string({ maxLength: 20 }),
      fc.uint8Array({ maxLength: 40 }).map((data) => Buffer.from(data).toString("base64")),
      fc.uint8Array({ maxLength: 40 }).map((data) => Buffer.from(data).toString("latin1")),
    );
    fc.assert(
      fc.property(value, (given) => {
        expect(realm.call(run, given)).toEqual(native(given));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Names of the standard library, taken the way the runtime gives them to scripts. */
function std(name: string, call: string): string {
  return `(...args) => { try { return $picloud.${name}.${call}(...args) } catch (error) { return [error.name, error.code, error.message] } }`;
}

describe("std", () => {
  test("hash and hmac are those of Node", () => {
    const data = fc.oneof(
      text.map((value) => value.toWellFormed()),
      fc.uint8Array({ maxLength: 400 }),
    );
    fc.assert(
      fc.property(data, data, (key, value) => {
        for (const [algorithm, plain, keyed] of [
          ["sha256", "sha256", "hmacSha256"],
          ["sha512", "sha512", "hmacSha512"],
        ] as const) {
          expect(realm.call(std("hash", plain), value)).toBe(
            createHash(algorithm).update(value).digest("hex"),
          );
          expect(realm.call(std("hash", keyed), key, value)).toBe(
            createHmac(algorithm, key).update(value).digest("hex"),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  test("lengths around every block boundary", () => {
    for (let length = 0; length < 300; length++) {
      const value = new Uint8Array(length).fill(length);
      expect(realm.call(std("hash", "sha256"), value)).toBe(createHash("sha256").update(value).digest("hex"));
      expect(realm.call(std("hash", "sha512"), value)).toBe(createHash("sha512").update(value).digest("hex"));
    }
  });

  test("equal says whether two texts or bytes are the same", () => {
    expect(realm.call(std("hash", "equal"), "abc", "abc")).toBe(true);
    expect(realm.call(std("hash", "equal"), "abc", "abd")).toBe(false);
    expect(realm.call(std("hash", "equal"), "abc", "ab")).toBe(false);
    expect(realm.call(std("hash", "equal"), "", "a")).toBe(false);
    expect(realm.call(std("hash", "equal"), "é", new TextEncoder().encode("é"))).toBe(true);
    expect(realm.call(std("hash", "equal"), undefined, "a")).toEqual([
      "Invalid",
      "invalid",
      "a: must be a string or a Uint8Array",
    ]);
  });

  test("base64 and hex go there and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        const buffer = Buffer.from(data);
        expect(realm.call(std("base64", "encode"), data)).toBe(buffer.toString("base64"));
        expect(realm.call(std("base64", "encodeUrl"), data)).toBe(buffer.toString("base64url"));
        expect(realm.call(std("hex", "encode"), data)).toBe(buffer.toString("hex"));
        expect(realm.call(std("base64", "decode"), buffer.toString("base64"))).toEqual(data);
        expect(realm.call(std("base64", "decodeUrl"), buffer.toString("base64url"))).toEqual(data);
        expect(realm.call(std("hex", "decode"), buffer.toString("hex").toUpperCase())).toEqual(data);
      }),
      { numRuns: 200 },
    );
    expect(realm.call(std("base64", "decode"), "a*")).toEqual(["Invalid", "invalid", "text: is not base64"]);
    expect(realm.call(std("hex", "decode"), "abc")).toEqual(["Invalid", "invalid", "text: is not hex"]);
    expect(realm.call(std("hex", "encode"), 1)).toEqual([
      "Invalid",
      "invalid",
      "data: must be a string or a Uint8Array",
    ]);
  });
});
