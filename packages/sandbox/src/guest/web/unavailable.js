// Names that come later, of the web standards and of "picloud": they exist, and say so when they are used.
(function (rt) {
  "use strict";
  const unavailable = (name) =>
    new (rt.get("DOMException"))(name + " is not available in PiCloud scripts yet", "NotSupportedError");
  const made = { __proto__: null, $unavailable: unavailable };
  const functions = ["fetch"];
  const classes = [
    "ReadableStream",
    "WritableStream",
    "TransformStream",
    "ByteLengthQueuingStrategy",
    "CountQueuingStrategy",
    "TextEncoderStream",
    "TextDecoderStream",
    "CompressionStream",
    "DecompressionStream",
    "Blob",
    "File",
    "FormData",
    "WebSocket",
    "EventSource",
    "MessageChannel",
    "MessagePort",
    "BroadcastChannel",
    "Worker",
  ];
  for (const name of functions)
    made[name] = {
      async [name]() {
        throw unavailable(name);
      },
    }[name];
  // `value instanceof Blob` is asked by many libraries: it is false, and no error.
  for (const name of classes)
    made[name] = {
      [name]: class {
        constructor() {
          throw unavailable(name);
        }
      },
    }[name];
  /** Stands for a whole service: any use of it says so. It can be passed on, shown and asked for a `then`. */
  made.$comingService = (name) =>
    new Proxy(class {}, {
      __proto__: null,
      get(target, key) {
        if (typeof key === "symbol" || key === "then" || key === "prototype" || key === "toJSON")
          return target[key];
        throw unavailable(name + "." + key);
      },
      apply() {
        throw unavailable(name);
      },
      construct() {
        throw unavailable(name);
      },
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
      setPrototypeOf: () => false,
    });
  return made;
});
