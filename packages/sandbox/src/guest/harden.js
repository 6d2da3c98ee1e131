// Freezes the language: no run can change what another run of its app finds. RegExp.prototype stays open (frozen, regular
// expressions are 8 times slower); what the runtime needs of it was captured.
(function (core) {
  "use strict";
  const { global } = core,
    { freeze, getOwnPropertyDescriptor, getPrototypeOf, defineProperty } = Object,
    { ownKeys } = Reflect;
  for (const name of ["WebAssembly", "SharedArrayBuffer", "Atomics", "FinalizationRegistry", "WeakRef"])
    delete global[name];

  // A resizable buffer reserves address space past the memory limit of its isolate, and fills it uncounted.
  const Buffers = ArrayBuffer,
    construct = Reflect.construct;
  const Fixed = {
    ArrayBuffer: function (length, options) {
      if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
      if (typeof options === "object" && options !== null && options.maxByteLength !== undefined)
        throw new RangeError("resizable buffers are not available");
      return construct(Buffers, [length], new.target === Fixed ? Buffers : new.target);
    },
  }.ArrayBuffer;
  for (const key of ownKeys(Buffers)) defineProperty(Fixed, key, getOwnPropertyDescriptor(Buffers, key));
  defineProperty(Buffers.prototype, "constructor", {
    __proto__: null,
    value: Fixed,
    writable: true,
    enumerable: false,
    configurable: true,
  });
  defineProperty(global, "ArrayBuffer", {
    __proto__: null,
    value: Fixed,
    writable: true,
    enumerable: false,
    configurable: true,
  });

  // A frozen prototype would also forbid `error.name = …` on objects that inherit from it. These members, which
  // programs do assign, become accessors that define an own property instead. Not for Promise and Array constructors:
  // V8's fast paths watch them.
  const open = (holder, names) => {
    for (const name of names) {
      const d = getOwnPropertyDescriptor(holder, name);
      if (d === undefined || !("value" in d) || !d.configurable) continue;
      const value = d.value;
      defineProperty(holder, name, {
        __proto__: null,
        enumerable: false,
        configurable: false,
        get: () => value,
        set(v) {
          if (this === holder) throw new TypeError(`Cannot assign to ${name} of a built-in object`);
          defineProperty(this, name, {
            __proto__: null,
            value: v,
            writable: true,
            enumerable: true,
            configurable: true,
          });
        },
      });
    }
  };
  open(Object.prototype, [
    "constructor",
    "toString",
    "toLocaleString",
    "valueOf",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
  ]);
  open(Function.prototype, ["constructor", "toString"]);
  open(Array.prototype, ["toString", "push", "concat", "join"]);
  for (const type of [
    Error,
    AggregateError,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
    SuppressedError,
  ])
    open(type.prototype, ["constructor", "name", "message", "toString"]);
  for (const type of [
    Map,
    Set,
    WeakMap,
    WeakSet,
    Date,
    ArrayBuffer,
    DataView,
    Boolean,
    Number,
    String,
    Symbol,
    BigInt,
  ])
    open(type.prototype, ["constructor", "toString", "valueOf"]);

  const seen = new Set(),
    queue = [];
  const hasOwn = Object.hasOwn;
  const visit = (value) => {
    if (typeof value === "function") {
      // Most of it: a plain built-in function, with nothing but its name and length.
      if (!hasOwn(value, "prototype") && ownKeys(value).length === 2) {
        freeze(value);
        return;
      }
    } else if (typeof value !== "object" || value === null) return;
    if (seen.has(value)) return;
    seen.add(value);
    queue[queue.length] = value;
  };
  seen.add(global);
  for (const key of ownKeys(global)) {
    const d = getOwnPropertyDescriptor(global, key);
    if ("value" in d) visit(d.value);
  }
  // Reached by syntax only.
  for (const hidden of [
    async function () {},
    function* () {},
    async function* () {},
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().values(),
    ""[Symbol.iterator](),
    "".matchAll(/x/g),
    Iterator.from({ next() {} }),
    [].values().map((x) => x),
    (function () {
      return arguments;
    })(),
  ])
    visit(getPrototypeOf(hidden));
  const regexp = RegExp.prototype,
    // Compiled Rhai can't reach it, and its runtime sets how deep stacks are read.
    openToo = core.rhai === null ? regexp : Error;
  const drain = () => {
    while (queue.length > 0) {
      const value = queue.pop();
      if (value !== regexp && value !== openToo) freeze(value);
      visit(getPrototypeOf(value));
      for (const key of ownKeys(value)) {
        const d = getOwnPropertyDescriptor(value, key);
        if ("value" in d) visit(d.value);
        else {
          visit(d.get);
          visit(d.set);
        }
      }
    }
  };
  /** Freezes a value and everything that can be reached from it. */
  core.harden = (value) => {
    visit(value);
    drain();
  };
  drain();
  core.harden(core.log);
  core.harden(core.PicloudError);
  core.harden(core.ctxPrototype);
  for (const key of ownKeys(global)) {
    const d = getOwnPropertyDescriptor(global, key);
    defineProperty(
      global,
      key,
      "value" in d
        ? { __proto__: null, value: d.value, writable: false, enumerable: false, configurable: false }
        : { __proto__: null, enumerable: false, configurable: false },
    );
  }
});
