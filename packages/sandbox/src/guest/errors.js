// PicloudError, and how the parts of any thrown value are read without being hurt by it.
(function (core) {
  "use strict";
  const { freeze, text } = core,
    NativeError = Error,
    Malformed = WeakSet;
  const add = core.uncurry(Malformed.prototype.add),
    has = core.uncurry(Malformed.prototype.has),
    marked = new Malformed();
  const split = core.uncurry(String.prototype.split),
    upper = core.uncurry(String.prototype.toUpperCase),
    cut = core.cut;
  const pascal = (code) => {
    let name = "";
    const words = split(code, "_");
    for (let i = 0; i < words.length; i++) name += upper(cut(words[i], 0, 1)) + cut(words[i], 1);
    return name;
  };
  let codeOf;
  class PicloudError extends NativeError {
    #code;
    constructor(code, message, retryable = false, details = undefined) {
      super(message);
      const own = (name, value) =>
        Object.defineProperty(this, name, {
          __proto__: null,
          value,
          writable: true,
          enumerable: name === "code",
          configurable: true,
        });
      this.#code = `${code}`;
      own("name", pascal(this.#code));
      own("code", this.#code);
      own("retryable", retryable === true);
      if (details !== undefined) own("details", details);
    }
    static {
      codeOf = (e) => (typeof e === "object" && e !== null && #code in e ? e.#code : "");
    }
  }
  freeze(PicloudError.prototype);
  freeze(PicloudError);
  core.PicloudError = PicloudError;
  const find = core.uncurry(String.prototype.indexOf);
  /** The error with the stack that was captured on `place` (as `captureStackTrace` does) where the script called. */
  core.placed = (error, place) => {
    let frames = "";
    try {
      // A `prepareStackTrace` of the script runs here.
      const stack = text(place.stack);
      const end = find(stack, "\n");
      if (end !== -1) frames = cut(stack, end);
    } catch {
      // Its own doing: the error goes on without a place.
    }
    Object.defineProperty(error, "stack", {
      __proto__: null,
      value: `${error.name}: ${error.message}${frames}`,
      writable: true,
      configurable: true,
    });
    return error;
  };
  core.malformed = (error) => {
    if (typeof error === "object" && error !== null) add(marked, error);
    return error;
  };
  /** Name, message, stack and code as primitive strings. Getters of the value run here. */
  core.errorParts = (error) => {
    const result = { __proto__: null, name: "Error", message: "", stack: "", code: "", malformed: false };
    try {
      if (typeof error !== "object" || error === null) {
        result.message = text(error);
        return result;
      }
      result.code = codeOf(error);
      result.malformed = has(marked, error);
      result.message = text(error.message ?? "an object was thrown");
      result.name = text(error.name ?? "Error");
      result.stack = text(error.stack ?? "");
    } catch {
      result.message ||= "[unreadable error]";
    }
    return result;
  };
});
