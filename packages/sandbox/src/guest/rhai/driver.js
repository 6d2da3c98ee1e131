// Runs Rhai scripts: the compiled text is instantiated once, each run starts it from the top with a state of its own.
// Runs take turns at host calls only: a script that may wait is a generator, and each `next` gives the next call.
//
// No value of a script is an object that its code could reach into: emitted code names members of the Rhai runtime and its
// own functions, nothing else. So this file needs no captured methods; all intrinsics are frozen before a script runs.
(function (core, parts) {
  "use strict";
  // Positions of errors are read from stacks: deep enough for the deepest Rhai call, generators count twice.
  Error.stackTraceLimit = 1000; // as the runtime's own driver has it, which can't change what is frozen
  const rt = parts.rhaiRuntime();
  const { Blob, Dict, Handle, RhaiError, Run } = rt;
  const { part, enc, emit, cut, json } = core;
  const SCRIPT_ERROR = 0,
    MALFORMED = 2,
    BAD_RESPONSE = 3,
    SIZE = 4;
  const INFO = 2,
    DEBUG = 1;
  const NAME_MAX = 100,
    MESSAGE_MAX = 2000,
    STACK_MAX = 8000,
    ARGUMENTS_CHARS_MAX = 16 * 1048576;

  /** Scripts by number: compiled text, limits, file name, and what the log and an answer may have. */
  const units = new Map();
  let specs = null,
    hasCompiler = false;

  // What a script prints goes into its execution's log.
  const output = {
    __proto__: null,
    print: (text) => write(INFO, text),
    debug: (text, line, column) => write(DEBUG, line > 0 ? `${line}:${column} | ${text}` : text),
  };
  const write = (level, text) => {
    const run = core.current();
    if (run !== undefined) core.logLine(run, level, text, "");
  };

  /** Code of a limit that ended the run; empty for errors of the script itself. */
  const limitOf = (variant) => {
    switch (variant) {
      case "ErrorTooManyOperations":
        return "operations_limit";
      case "ErrorStackOverflow":
        return "depth_limit";
      case "ErrorDataTooLarge":
      case "ErrorTooManyVariables":
      case "ErrorTooManyModules":
        return "size_limit";
      default:
        return "";
    }
  };
  const innermost = (error) => {
    let at = error;
    while (at.inner !== undefined) at = at.inner;
    return at;
  };
  const textIn = (map, key) => {
    const value = map.entries.get(key);
    return typeof value === "string" ? value : undefined;
  };
  /** An error that no one caught, as name, message and code. A thrown map with a code is an error of a service. */
  const partsOf = (error) => {
    if (error instanceof RhaiError) {
      const { variant, text, thrown } = innermost(error);
      if (thrown instanceof Dict && textIn(thrown, "code") !== undefined)
        return {
          __proto__: null,
          name: textIn(thrown, "name") ?? variant,
          message: textIn(thrown, "message") ?? text,
          code: textIn(thrown, "code"),
        };
      return { __proto__: null, name: variant, message: text, code: limitOf(variant) };
    }
    const e = core.errorParts(error);
    return {
      __proto__: null,
      name: e.code === "" ? "InternalError" : e.name,
      message: e.message,
      code: e.code === "" ? "internal" : e.code,
    };
  };
  /** `at f (file.rhai:3:9)` for the place and each call around it. */
  const stackOf = (error, file) => {
    if (!(error instanceof RhaiError)) return "";
    let made = "";
    for (const { place, label, path } of rt.framesOf(innermost(error))) {
      const source = path === "" ? file : `${path}.rhai`;
      const where = place === undefined ? source : `${source}:${place.line}:${place.column}`;
      const name = label.startsWith("anon$") ? "closure" : label;
      made += `${made === "" ? "" : "\n"}at ${name === "" ? where : `${name} (${where})`}`;
      if (made.length > STACK_MAX) break;
    }
    return made;
  };
  const failed = (run, error) => {
    const e = partsOf(error);
    core.failWith(run, SCRIPT_ERROR, e.name, e.message, stackOf(error, run.file), e.code);
  };

  const finish = (run, value) => {
    if (run.isEvent) {
      core.answer(run, 200, "", "", false);
      return;
    }
    let made;
    try {
      made = core.rhaiAnswer(value, run.bodyMax);
    } catch (error) {
      const e = core.errorParts(error);
      if (e.code === "size_limit") core.failWith(run, SIZE, "SizeLimit", e.message, "", "");
      else core.failWith(run, BAD_RESPONSE, e.name, e.message, "", e.code);
      return;
    }
    core.answer(run, made.status, made.headerBlock, made.body, made.bodyIsBytes);
  };

  /** Lets the run go on until it waits or ends: from its start, or with the answer to what it asked for. */
  const enter = (run, answer) => {
    do {
      let step;
      try {
        step = answer === undefined ? run.rhai.start() : run.rhai.resume(answer);
      } catch (error) {
        failed(run, error);
        return;
      }
      if (step.done) {
        finish(run, step.value);
        return;
      }
      answer = request(run, step.request);
    } while (answer !== undefined);
  };

  const errorMap = (code, message, isRetryable, details) => {
    const entries = new Map();
    entries.set("code", code);
    entries.set("message", message);
    entries.set("name", new core.PicloudError(code, message, false).name);
    entries.set("retryable", isRetryable);
    if (details !== undefined) entries.set("details", details);
    return new Dict(entries);
  };
  const refusal = (error) => ({ __proto__: null, ok: false, error });

  const done = { __proto__: null, ok: true, value: undefined };
  /** Native blocks its thread for so many seconds; here the run waits and others go on. */
  const sleep = (run, time) => {
    const seconds = time instanceof rt.Float ? time.v : Number(time);
    if (!(seconds > 0)) return done;
    core.inRun(run, () => core.setTimer(() => enter(run, done), seconds * 1000));
    return undefined;
  };

  const toBase64 = (bytes) => bytes.toBase64();
  class DataTooLong extends Error {}
  /** As for TypeScript: the part for the bytes of an argument's member `data`, and the argument without it. */
  const takeBytes = (given, where) => {
    const data = given instanceof Dict ? given.entries.get("data") : undefined;
    if (data === undefined) return { __proto__: null, rest: given, part: "" };
    const isBytes = data instanceof Blob;
    if (!isBytes && typeof data !== "string")
      throw new rt.JsonError(`${where}: data must be a string or a blob`);
    if ((isBytes ? data.bytes : data).length > core.DATA_MAX)
      throw new DataTooLong(`${where}: data has more than ${core.DATA_MAX} bytes`);
    const entries = new Map(given.entries);
    entries.delete("data");
    const made = isBytes ? `\u0001${core.bytesText(data.bytes)}` : `\u0002${data}`;
    return { __proto__: null, rest: new Dict(entries), part: part(made) };
  };

  /** Sends what the run asked for; gives the answer if nothing can be sent: what is wrong with an argument is the script's
   *  error, where it called. */
  const request = (run, { fn, handle, args }) => {
    if (fn === "sleep") return sleep(run, args[0]);
    const isMethod = handle instanceof Handle;
    const spec = isMethod ? specs.get(`${handle.data.service}.${fn}`) : specs.get(fn);
    if (spec === undefined) return refusal(errorMap("invalid", `there is no ${fn}`, false, undefined));
    let body = spec.head;
    try {
      if (isMethod) body += part(json(handle.data.name));
      let tail = "";
      for (let i = 0; i < args.length; i++) {
        let value = args[i];
        if (i === spec.bytesAt) {
          const taken = takeBytes(value, spec.where);
          value = taken.rest;
          tail = taken.part;
        }
        const where = `${spec.where}: argument ${i + 1}`;
        const blobText = spec.bytesAsText ? toBase64 : undefined;
        body += part(rt.toJson(value, where, ARGUMENTS_CHARS_MAX, blobText));
      }
      body += tail;
    } catch (error) {
      const code = error instanceof rt.JsonTooLong || error instanceof DataTooLong ? "too_large" : "invalid";
      return refusal(errorMap(code, core.errorParts(error).message, false, undefined));
    }
    core.sendCall(run, body, { __proto__: null, size: 0 });
    return undefined;
  };

  /** `eval`: the text is compiled here and becomes a unit like the script itself. */
  const useCompiler = ({ compileEval }) => {
    rt.setEvaluator((source, host) => {
      const made = compileEval(source, host);
      if (!made.ok) return made;
      const { main, suspends } = (0, eval)(made.code)(rt);
      return { ok: true, main, suspends };
    });
  };
  const load = (p) => {
    const [services, file, code, , logMax, bodyMax, settings, compiler] = p;
    try {
      const limits = settings === "" ? { ...rt.defaultLimits, callDepth: 0 } : JSON.parse(settings);
      specs ??= core.rhaiServices(JSON.parse(services));
      if (compiler !== undefined && !hasCompiler) {
        useCompiler((0, eval)(compiler)());
        hasCompiler = true;
      }
      const unit = (0, eval)(code)(rt);
      units.set(core.unit, { __proto__: null, unit, limits, file, logMax: +logMax, bodyMax: +bodyMax });
    } catch (error) {
      const e = core.errorParts(error);
      const text = [cut(e.name, 0, NAME_MAX), cut(e.message, 0, MESSAGE_MAX), cut(e.stack, 0, STACK_MAX)];
      emit("y", enc(0), 0, part(text[0]) + part(text[1]) + part(text[2]));
      return;
    }
    emit("x", enc(0), 0, "");
  };
  const drop = (number) => void units.delete(number);
  const start = (run, p, isBytes) => {
    const { unit, limits, file, logMax, bodyMax } = units.get(core.unit);
    run.file = file;
    run.logMax = logMax;
    run.bodyMax = bodyMax;
    let ctx;
    try {
      ctx = core.rhaiCtx(run, p, isBytes);
    } catch (error) {
      const e = core.errorParts(error);
      core.failWith(run, MALFORMED, e.name, e.message, "", "malformed_request");
      return;
    }
    run.rhai = new Run(unit, [ctx], { limits, output });
    enter(run, undefined);
  };
  const reply = (run, text, bytes) => {
    const value = text === undefined ? undefined : rt.fromJson(text);
    if (bytes !== undefined) value.entries.set("data", new Blob(core.bytesFromText(bytes)));
    enter(run, { __proto__: null, ok: true, value });
  };
  const refuse = (run, p) => {
    const details = p[3] === "" ? undefined : rt.fromJson(p[3]);
    enter(run, refusal(errorMap(p[0], p[1], p[2] === "1", details)));
  };
  core.rhaiRuntime = rt;
  core.rhaiErrorMap = errorMap;
  core.rhai = { __proto__: null, load, drop, start, reply, refuse };
  parts.rhaiCtx(core);
  parts.rhaiAnswer(core);
  parts.rhaiHost(core);
  parts.rhaiStandard(core, parts);
});
