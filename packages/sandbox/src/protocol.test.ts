import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  CALL_ARGS_MAX,
  decodeNumber,
  encodeFrame,
  encodeNumber,
  frameAt,
  framePartsOf,
  FROM_EXECUTOR,
  NAME_CHARS_MAX,
  OUT,
  parseFromExecutor,
  ProtocolError,
  RESULT,
} from "./protocol.ts";
import { encodeEnvelope, EnvelopeReader } from "./wire.ts";

const kinds = [...Object.values(OUT), ...Object.values(FROM_EXECUTOR)];

function parse(text: string) {
  return parseFromExecutor(text, frameAt(text, 0));
}

/** "expected" for a frame or a ProtocolError. */
function outcomeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return error instanceof ProtocolError ? "expected" : String(error);
  }
  return "expected";
}

test("numbers below 2^28 survive", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 28 - 1), (n) => {
      expect(decodeNumber(encodeNumber(n), 0)).toBe(n);
    }),
  );
});

test("frames survive with any text in their parts", () => {
  const part = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.nat(1e6),
      fc.array(part, { maxLength: 6 }),
      part,
      (run, id, parts, before) => {
        const text = before + encodeFrame("c", run, id, parts) + before;
        const frame = frameAt(text, before.length);
        expect(frame).toMatchObject({ kind: "c", run, id, end: text.length - before.length });
        expect(framePartsOf(text, frame, 6)).toEqual(parts);
      },
    ),
  );
});

describe("hostile frames", () => {
  test("any text either is a frame or a ProtocolError", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .tuple(fc.constantFrom(...kinds), fc.array(fc.string({ unit: "binary" }), { maxLength: 12 }))
        .map(([kind, parts]) => encodeFrame(kind, 1, 1, parts)),
      fc
        .tuple(fc.constantFrom(...kinds), fc.string({ unit: "binary", maxLength: 60 }))
        .map(
          ([kind, rest]) => kind + encodeNumber(13 + rest.length) + encodeNumber(1) + encodeNumber(1) + rest,
        ),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        expect(outcomeOf(() => parse(text))).toBe("expected");
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["an unknown kind", encodeFrame("Z", 1, 1, [])],
    ["a kind that ends at the executor", encodeFrame(OUT.timerSet, 1, 1, ["5"])],
    ["too few parts", encodeFrame(OUT.result, 1, 200, [""])],
    ["too many parts", encodeFrame(OUT.result, 1, 200, ["", "", ""])],
    [
      "too many arguments",
      encodeFrame(OUT.call, 1, 1, ["kv", "get", ...Array.from({ length: CALL_ARGS_MAX + 1 }, () => "1")]),
    ],
    ["a name that is too long", encodeFrame(OUT.call, 1, 1, ["x".repeat(NAME_CHARS_MAX + 1), "get"])],
    ["a count that is none", encodeFrame(FROM_EXECUTOR.finished, 1, 1, ["-1", "0"])],
    ["a size beyond the text", `r${encodeNumber(100)}${encodeNumber(1)}${encodeNumber(1)}`],
    ["a size below the head", `r${encodeNumber(2)}${encodeNumber(1)}${encodeNumber(1)}`],
    [
      "a part beyond its frame",
      `r${encodeNumber(17)}${encodeNumber(1)}${encodeNumber(1)}${encodeNumber(50)}`,
    ],
  ])("%s is refused", (_, text) => {
    expect(() => parse(text)).toThrow(ProtocolError);
  });

  test("a result is read", () => {
    expect(parse(encodeFrame(OUT.result, 3, 201 | RESULT.bytes | RESULT.done, ["a: b\r\n", "body"]))).toEqual(
      {
        kind: "result",
        status: 201,
        isBytes: true,
        headers: "a: b\r\n",
        body: "body",
      },
    );
  });
});

describe("envelopes", () => {
  test("survive any cutting of the stream, lone surrogates included", () => {
    const text = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) });
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        (texts, cuts) => {
          const stream = Buffer.concat(texts.map((one) => encodeEnvelope(one)));
          const got: string[] = [];
          const reader = new EnvelopeReader((one) => got.push(one));
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = cuts[i % cuts.length] ?? 1;
            reader.read(stream.subarray(at, at + size));
            at += size;
          }
          expect(got).toEqual(texts);
        },
      ),
    );
  });

  test.each([
    ["a size over the bound", [255, 255, 255, 255, 0]],
    ["an unknown flag", [1, 0, 0, 0, 2, 0]],
    ["half a char", [1, 0, 0, 0, 1, 0]],
  ])("%s is refused", (_, bytes) => {
    const reader = new EnvelopeReader(() => undefined);
    expect(() => reader.read(Buffer.from(bytes))).toThrow(ProtocolError);
  });
});
