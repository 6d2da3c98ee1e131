// Chance and clock: Math.random, rt.random and every "now" are functions of the run's seed and the entry's time.
(function (core) {
  "use strict";
  const Words = Uint32Array,
    Bytes = Uint8Array,
    at = core.uncurry(String.prototype.charCodeAt),
    { freeze } = core;
  const defineProperty = Object.defineProperty;
  const method = (holder, name, value) =>
    defineProperty(holder, name, {
      __proto__: null,
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });

  // ChaCha20 (RFC 8439) keyed by the seed of the run, nonce 0: what a script shows of it tells nothing of the rest.
  class Chance {
    #state = new Words(16);
    #block = new Words(16);
    #next = 16;
    constructor(seed) {
      const s = this.#state;
      s[0] = 0x61707865;
      s[1] = 0x3320646e;
      s[2] = 0x79622d32;
      s[3] = 0x6b206574;
      for (let i = 0; i < 8; i++)
        s[4 + i] =
          at(seed, 4 * i) |
          (at(seed, 4 * i + 1) << 8) |
          (at(seed, 4 * i + 2) << 16) |
          (at(seed, 4 * i + 3) << 24);
    }
    word() {
      if (this.#next === 16) {
        this.#refill();
        this.#next = 0;
      }
      return this.#block[this.#next++];
    }
    #refill() {
      const s = this.#state,
        b = this.#block;
      for (let i = 0; i < 16; i++) b[i] = s[i];
      for (let i = 0; i < 10; i++) {
        quarter(b, 0, 4, 8, 12);
        quarter(b, 1, 5, 9, 13);
        quarter(b, 2, 6, 10, 14);
        quarter(b, 3, 7, 11, 15);
        quarter(b, 0, 5, 10, 15);
        quarter(b, 1, 6, 11, 12);
        quarter(b, 2, 7, 8, 13);
        quarter(b, 3, 4, 9, 14);
      }
      for (let i = 0; i < 16; i++) b[i] += s[i];
      if (++s[12] === 0) s[13]++;
    }
  }
  Object.setPrototypeOf(Chance.prototype, null);
  freeze(Chance.prototype);
  const quarter = (b, x, y, z, w) => {
    let a = b[x],
      c = b[y],
      d = b[z],
      e = b[w];
    a = (a + c) | 0;
    e ^= a;
    e = (e << 16) | (e >>> 16);
    d = (d + e) | 0;
    c ^= d;
    c = (c << 12) | (c >>> 20);
    a = (a + c) | 0;
    e ^= a;
    e = (e << 8) | (e >>> 24);
    d = (d + e) | 0;
    c ^= d;
    c = (c << 7) | (c >>> 25);
    b[x] = a;
    b[y] = c;
    b[z] = d;
    b[w] = e;
  };
  const chanceOf = () => {
    const run = core.current();
    if (run === undefined)
      throw new core.PicloudError("invalid", "chance is available inside a run only", false);
    return (run.chance ??= new Chance(run.seed));
  };
  core.random = (n) => {
    const chance = chanceOf(),
      bytes = new Bytes(n);
    for (let i = 0; i < n; i += 4) {
      const word = chance.word();
      bytes[i] = word;
      if (i + 1 < n) bytes[i + 1] = word >>> 8;
      if (i + 2 < n) bytes[i + 2] = word >>> 16;
      if (i + 3 < n) bytes[i + 3] = word >>> 24;
    }
    return bytes;
  };
  method(
    Math,
    "random",
    {
      random() {
        const chance = chanceOf();
        return ((chance.word() >>> 5) * 67108864 + (chance.word() >>> 6)) / 9007199254740992;
      },
    }.random,
  );

  // Date: the native one with the entry's time for "now".
  const NativeDate = Date,
    construct = Reflect.construct,
    dateText = core.uncurry(NativeDate.prototype.toString);
  const Date_ = {
    Date: function (...args) {
      if (new.target === undefined) return dateText(new NativeDate(core.now()));
      return construct(
        NativeDate,
        args.length === 0 ? [core.now()] : args,
        new.target === Date_ ? NativeDate : new.target,
      );
    },
  }.Date;
  defineProperty(Date_, "length", { __proto__: null, value: 7 });
  defineProperty(Date_, "prototype", { __proto__: null, value: NativeDate.prototype, writable: false });
  method(
    Date_,
    "now",
    {
      now() {
        return core.now();
      },
    }.now,
  );
  method(Date_, "parse", NativeDate.parse);
  method(Date_, "UTC", NativeDate.UTC);
  method(NativeDate.prototype, "constructor", Date_);
  method(core.global, "Date", Date_);

  let origin = 0;
  method(
    core.global,
    "performance",
    freeze({
      __proto__: null,
      now: () => {
        origin ||= core.now();
        return core.now() - origin;
      },
      get timeOrigin() {
        return (origin ||= core.now());
      },
    }),
  );

  if (typeof Temporal === "object") {
    const T = Temporal,
      instant = () => T.Instant.fromEpochMilliseconds(core.now()),
      zoned = (zone) => instant().toZonedDateTimeISO(zone);
    const utc = (zone) => (zone === undefined ? "UTC" : zone);
    method(
      T.Now,
      "instant",
      {
        instant() {
          return instant();
        },
      }.instant,
    );
    method(
      T.Now,
      "timeZoneId",
      {
        timeZoneId() {
          return "UTC";
        },
      }.timeZoneId,
    );
    method(
      T.Now,
      "zonedDateTimeISO",
      {
        zonedDateTimeISO(zone) {
          return zoned(utc(zone));
        },
      }.zonedDateTimeISO,
    );
    method(
      T.Now,
      "plainDateTimeISO",
      {
        plainDateTimeISO(zone) {
          return zoned(utc(zone)).toPlainDateTime();
        },
      }.plainDateTimeISO,
    );
    method(
      T.Now,
      "plainDateISO",
      {
        plainDateISO(zone) {
          return zoned(utc(zone)).toPlainDate();
        },
      }.plainDateISO,
    );
    method(
      T.Now,
      "plainTimeISO",
      {
        plainTimeISO(zone) {
          return zoned(utc(zone)).toPlainTime();
        },
      }.plainTimeISO,
    );
  }
  // Intl formats "now" when it is given nothing.
  const formats = Intl.DateTimeFormat.prototype,
    toParts = core.uncurry(formats.formatToParts);
  const formatOf = core.uncurry(Object.getOwnPropertyDescriptor(formats, "format").get);
  method(
    formats,
    "formatToParts",
    {
      formatToParts(date) {
        return toParts(this, date === undefined ? core.now() : date);
      },
    }.formatToParts,
  );
  defineProperty(formats, "format", {
    __proto__: null,
    configurable: true,
    enumerable: false,
    set: undefined,
    get() {
      const format = formatOf(this);
      return (date) => format(date === undefined ? core.now() : date);
    },
  });
});
