import fc from "fast-check";
import { expect, test } from "vitest";
import { base32, findTotpStep, newTotpSecret, totpCode, totpUri } from "./totp.ts";

/** The key of RFC 6238, appendix B. */
const rfcSecret = Buffer.from("12345678901234567890");

test.each([
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
])("RFC 6238, appendix B: at %i s the code is %s", (seconds, code) => {
  expect(totpCode(rfcSecret, Math.floor(seconds / 30))).toBe(code);
  expect(findTotpStep(rfcSecret, code, { seconds, lastStep: 0 })).toBe(Math.floor(seconds / 30));
});

test("a code is good in its step and the ones beside it, and not again", () => {
  const step = 50_000_000;
  const code = totpCode(rfcSecret, step);
  const find = (offset: number, lastStep = 0): number | undefined =>
    findTotpStep(rfcSecret, code, { seconds: (step + offset) * 30 + 29, lastStep });
  expect([-2, -1, 0, 1, 2].map((offset) => find(offset))).toEqual([undefined, step, step, step, undefined]);
  expect(find(0, step)).toBeUndefined();
  expect(find(0, step + 1)).toBeUndefined();
  expect(find(0, step - 1)).toBe(step);
});

test("whatever else is given is no code and no fault", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      fc.pre(!/^\d{6}$/.test(text));
      expect(findTotpStep(rfcSecret, text, { seconds: 1_700_000_000, lastStep: 0 })).toBeUndefined();
    }),
  );
});

/** RFC 4648, section 10. */
test.each([
  ["", ""],
  ["f", "MY"],
  ["fo", "MZXQ"],
  ["foo", "MZXW6"],
  ["foob", "MZXW6YQ"],
  ["fooba", "MZXW6YTB"],
  ["foobar", "MZXW6YTBOI"],
])("base32 of %j is %j", (text, coded) => {
  expect(base32(Buffer.from(text))).toBe(coded);
});

test("a secret has 160 bits, and its address names account and issuer", () => {
  const secret = newTotpSecret();
  expect(secret).toHaveLength(20);
  expect(totpUri(rfcSecret, "ada@x")).toBe(
    "otpauth://totp/PiCloud:ada%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=PiCloud&algorithm=SHA1&digits=6&period=30",
  );
});
