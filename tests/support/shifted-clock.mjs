/** Preload (`NODE_OPTIONS=--import=…`): this process's clock is `TEST_CLOCK_SHIFT_MS` ahead. */
const shiftMs = Number(process.env["TEST_CLOCK_SHIFT_MS"] ?? 0);
const Real = Date;
const now = () => Real.now() + shiftMs;

globalThis.Date = class Date extends Real {
  constructor(...args) {
    if (args.length === 0) super(now());
    else super(...args);
  }
  static now() {
    return now();
  }
};
