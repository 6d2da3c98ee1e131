// Loads the script of a context: makes its imports, evaluates it, and takes its exports.
(function (core) {
  "use strict";
  const NAME_MAX = 100,
    MESSAGE_MAX = 2000,
    STACK_MAX = 8000,
    FRESH = 1,
    TRANSACTION = 2;
  const { part, emit, enc, cut, rawThen, freeze, errorParts } = core,
    jsonParse = JSON.parse,
    indirectEval = eval,
    NativeTypeError = TypeError;
  const failLoad = (error) => {
    const e = errorParts(error);
    emit(
      "y",
      enc(0),
      0,
      part(cut(e.name, 0, NAME_MAX)) +
        part(cut(e.message, 0, MESSAGE_MAX)) +
        part(cut(e.stack, 0, STACK_MAX)),
    );
  };
  /** `p`: parts of the frame. `ready` gets the handler. Whatever goes wrong is a frame. */
  core.load = (p, helpers, run, ready) => {
    const [services, name, code] = p;
    core.addServices(jsonParse(services));
    core.addComing();
    freeze(core.namespace);
    const take = (exports) => {
      try {
        const made = exports.default;
        const isFetcher = typeof made === "object" && made !== null && typeof made.fetch === "function";
        if (typeof made !== "function" && !isFetcher)
          throw new NativeTypeError(
            "the script has no default export that is a function or has a fetch function",
          );
        ready(made, isFetcher);
        emit(
          "x",
          enc(0),
          (exports.fresh === true ? FRESH : 0) | (exports.transaction === true ? TRANSACTION : 0),
          "",
        );
      } catch (error) {
        failLoad(error);
      }
    };
    try {
      const module = indirectEval(`${code}\n//# sourceURL=${name}`);
      core.setCurrent(run);
      rawThen(module(helpers), take, failLoad);
    } catch (error) {
      failLoad(error);
    }
  };
});
