// What Rhai scripts call by `namespace::name`: services, made from the same table as TypeScript's, and the log.
(function (core) {
  "use strict";
  const rt = core.rhaiRuntime;
  const { Dict, Handle, toText } = rt;
  const FIELDS_MAX = 16384;
  const LEVELS = ["trace", "debug", "info", "warn", "error"];

  const fieldsText = (fields) => {
    if (fields === undefined) return "";
    if (!(fields instanceof Dict))
      return core.json({ __proto__: null, value: core.cut(rt.displayText(fields), 0, FIELDS_MAX / 2) });
    try {
      return rt.toJson(fields, "fields", FIELDS_MAX);
    } catch (error) {
      // The line is worth more than its fields.
      if (!(error instanceof rt.JsonError)) return '{"truncated":true}';
      return core.json({ __proto__: null, value: core.cut(rt.displayText(fields), 0, FIELDS_MAX / 2) });
    }
  };
  const log = (level, message, fields) => {
    const run = core.current();
    if (run !== undefined && !run.logCut) core.logLine(run, level, toText(message), fieldsText(fields));
    return undefined;
  };
  for (let level = 0; level < LEVELS.length; level++) {
    const name = `log::${LEVELS[level]}`;
    rt.defineHost(name, 1, (message) => log(level, message, undefined));
    rt.defineHost(name, 2, (message, fields) => log(level, message, fields));
  }

  // Native's blocks its thread; here it is a call that waits, which the compiler knows by its name. By a pointer to it the
  // clock would stand still for ever.
  const noSleep = () =>
    rt.runtimeError(
      core.rhaiErrorMap("invalid", "sleep can't be called by a pointer to it", false, undefined),
    );
  rt.define("int", "sleep", (_) => noSleep());
  rt.define("float", "sleep", (_) => noSleep());

  /** What each suspending call becomes on the wire, by `service::method` and for handles `service.method`. */
  core.rhaiServices = (services) => {
    const specs = new Map();
    for (const { service, method, on, bytesArgument = -1, bytesAsText = false } of services) {
      const isHandle = on === "collection";
      const where = `${service}::${method}`;
      const head = core.part(service) + core.part(method);
      specs.set(isHandle ? `${service}.${method}` : where, {
        __proto__: null,
        head,
        where,
        bytesAt: bytesArgument,
        bytesAsText,
      });
      if (isHandle)
        rt.defineHost(`${service}::collection`, 1, (name) => {
          if (typeof name !== "string") rt.functionNotFound(`${service}::collection`, [name]);
          return new Handle(`${service} collection`, { __proto__: null, service, name });
        });
    }
    return specs;
  };
});
