// random: from the generator of the run.
(function (rt) {
  "use strict";
  const { checkRange, invalid } = rt.get("$checks");
  const COUNT_MAX = 65536,
    WORD = 0x100000000;
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const isSafe = Number.isSafeInteger;

  const word = () => {
    const b = rt.random(4);
    return ((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]) >>> 0;
  };
  /** Below `count`, at most 2^53; draws again what would make some results likelier. */
  const below = (count) => {
    if (count <= WORD) {
      const top = WORD - (WORD % count);
      for (;;) {
        const drawn = word();
        if (drawn < top) return drawn % count;
      }
    }
    const top = 9007199254740992 - (9007199254740992 % count);
    for (;;) {
      const drawn = (word() >>> 11) * WORD + word();
      if (drawn < top) return drawn % count;
    }
  };
  /** Below `count`, at most 2^64. */
  const belowBig = (count) => {
    const all = 1n << 64n,
      top = all - (all % count);
    for (;;) {
      const drawn = (BigInt(word()) << 32n) | BigInt(word());
      if (drawn < top) return drawn % count;
    }
  };
  const count = (n) => checkRange("n", n, 0, COUNT_MAX);

  const $random = {
    __proto__: null,
    int(min, max) {
      if (max < min) throw invalid("max: is less than min");
      const isBig = typeof min === "bigint" || typeof max === "bigint";
      if (!isBig && isSafe(max - min + 1)) return min + below(max - min + 1);
      const drawn = BigInt(min) + belowBig(BigInt(max) - BigInt(min) + 1n);
      return isBig ? drawn : Number(drawn);
    },
    float: () => ((word() >>> 5) * 67108864 + (word() >>> 6)) / 9007199254740992,
    bool: () => (rt.random(1)[0] & 1) === 1,
    bytes: (n) => rt.random(count(n)),
    string(n) {
      let text = "";
      count(n);
      while (text.length < n) {
        const bytes = rt.random(n - text.length);
        // 4 × 62 = 248: the rest would make the first letters likelier.
        for (let i = 0; i < bytes.length; i++) if (bytes[i] < 248) text += LETTERS[bytes[i] % 62];
      }
      return text;
    },
    uuid: () => rt.get("crypto").randomUUID(),
  };
  return { __proto__: null, random: rt.get("$bind")("random", $random), $random };
});
