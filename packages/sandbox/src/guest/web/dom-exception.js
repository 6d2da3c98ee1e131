// DOMException (Web IDL §2.8.1).
(function (rt) {
  "use strict";
  const CODES = {
    __proto__: null,
    IndexSizeError: 1,
    HierarchyRequestError: 3,
    WrongDocumentError: 4,
    InvalidCharacterError: 5,
    NoModificationAllowedError: 7,
    NotFoundError: 8,
    NotSupportedError: 9,
    InUseAttributeError: 10,
    InvalidStateError: 11,
    SyntaxError: 12,
    InvalidModificationError: 13,
    NamespaceError: 14,
    InvalidAccessError: 15,
    TypeMismatchError: 17,
    SecurityError: 18,
    NetworkError: 19,
    AbortError: 20,
    URLMismatchError: 21,
    QuotaExceededError: 22,
    TimeoutError: 23,
    InvalidNodeTypeError: 24,
    DataCloneError: 25,
  };
  const CONSTANTS = [
    "INDEX_SIZE_ERR",
    "DOMSTRING_SIZE_ERR",
    "HIERARCHY_REQUEST_ERR",
    "WRONG_DOCUMENT_ERR",
    "INVALID_CHARACTER_ERR",
    "NO_DATA_ALLOWED_ERR",
    "NO_MODIFICATION_ALLOWED_ERR",
    "NOT_FOUND_ERR",
    "NOT_SUPPORTED_ERR",
    "INUSE_ATTRIBUTE_ERR",
    "INVALID_STATE_ERR",
    "SYNTAX_ERR",
    "INVALID_MODIFICATION_ERR",
    "NAMESPACE_ERR",
    "INVALID_ACCESS_ERR",
    "VALIDATION_ERR",
    "TYPE_MISMATCH_ERR",
    "SECURITY_ERR",
    "NETWORK_ERR",
    "ABORT_ERR",
    "URL_MISMATCH_ERR",
    "QUOTA_EXCEEDED_ERR",
    "TIMEOUT_ERR",
    "INVALID_NODE_TYPE_ERR",
    "DATA_CLONE_ERR",
  ];
  const define = (target, name, value, enumerable) =>
    Object.defineProperty(target, name, {
      __proto__: null,
      value,
      writable: false,
      enumerable,
      configurable: false,
    });
  class DOMException extends Error {
    #name;
    constructor(message = "", options = undefined) {
      super();
      // Own, as in all engines' errors: the prototype is frozen, so they can't be assigned.
      Object.defineProperty(this, "message", {
        __proto__: null,
        value: `${message}`,
        writable: true,
        enumerable: false,
        configurable: true,
      });
      const isRecord = typeof options === "object" && options !== null;
      const name = isRecord ? options.name : options;
      this.#name = name === undefined ? "Error" : `${name}`;
      if (isRecord && "cause" in options)
        Object.defineProperty(this, "cause", {
          __proto__: null,
          value: options.cause,
          writable: true,
          enumerable: false,
          configurable: true,
        });
      // The stack was written with the class's name before it was known.
      if (typeof this.stack === "string") {
        const line = this.stack.indexOf("\n"),
          head = this.#name + (this.message === "" ? "" : ": " + this.message);
        Object.defineProperty(this, "stack", {
          __proto__: null,
          value: head + (line === -1 ? "" : this.stack.slice(line)),
          writable: true,
          enumerable: false,
          configurable: true,
        });
      }
    }
    get name() {
      return this.#name;
    }
    get code() {
      return CODES[this.#name] ?? 0;
    }
  }
  for (let i = 0; i < CONSTANTS.length; i++) {
    define(DOMException, CONSTANTS[i], i + 1, true);
    define(DOMException.prototype, CONSTANTS[i], i + 1, true);
  }
  Object.defineProperty(DOMException.prototype, Symbol.toStringTag, {
    __proto__: null,
    value: "DOMException",
    writable: false,
    enumerable: false,
    configurable: true,
  });
  return { __proto__: null, DOMException };
});
