// Names of web standards that come later: they exist, and say so when they are used.
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
  return made;
});
