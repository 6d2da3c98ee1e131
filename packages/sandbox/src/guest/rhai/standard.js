// The standard library in Rhai: `namespace::name` functions made from the table `standard-library.ts` (`parts.standard`) and
// from the same files of `std/` as TypeScript's, which are evaluated on the first call.
(function (core, parts) {
  "use strict";
  const rt = core.rhaiRuntime;
  const { Arr, Blob, Char, Dict, Float, toText } = rt;
  const { get } = core;
  const checks = () => get("$checks");
  const isSafe = Number.isSafeInteger;
  // What calls cost in operations, of which a run may spend ten million in some two seconds.
  const WORK_PER_OPERATION = 4,
    ERROR_OPERATIONS = 200;
  /** A call, and how many characters, bytes and items cost one more. */
  const COSTS = {
    __proto__: null,
    regex: [5, 64],
    random: [5, 8],
    time: [10, 8],
    json: [10, 8],
    base64: [5, 64],
    hex: [5, 64],
    url: [10, 8],
    crypto: [40, 4],
  };
  const URL_PARSE_OPERATIONS = 200;

  const textOf = (value) => (value instanceof Char ? value.text : value);
  const fieldText = (name, value) => {
    if (typeof value === "string" || typeof value === "boolean") return `${value}`;
    if (typeof value === "number" || typeof value === "bigint") return `${value}`;
    if (value instanceof Char || value instanceof Float) return toText(value);
    throw checks().invalid(name + ": must be a string, a number, a bool or an array of these");
  };
  const fieldsOf = (name, value) => {
    if (!(value instanceof Dict)) throw checks().invalid(name + ": must be a map");
    const { ITEMS_MAX, tooLarge } = checks(),
      fields = [];
    let room = ITEMS_MAX - value.entries.size;
    for (const [key, given] of value.entries) {
      const list = given instanceof Arr ? given.items : given === undefined ? [] : [given];
      if (given instanceof Arr) room -= list.length;
      if (room < 0) throw tooLarge(name, ITEMS_MAX, "values");
      fields[fields.length] = [
        key,
        list.map((item, i) =>
          fieldText(given instanceof Arr ? `${name}.${key}[${i}]` : `${name}.${key}`, item),
        ),
      ];
    }
    // As everywhere in Rhai: maps are listed in the order of their keys.
    return fields.sort(([a], [b]) => rt.compareText(a, b));
  };
  const bytesOf = (name, value) => {
    const given = textOf(value);
    if (typeof given === "string") return checks().bytes(name, given);
    if (!(given instanceof Blob)) throw checks().invalid(name + ": must be a string or a blob");
    return checks().bytes(name, given.bytes);
  };
  const argument = (type, name, value) => {
    switch (type) {
      case "value":
        return value;
      case "bytes":
        return bytesOf(name, value);
      case "fields":
        return fieldsOf(name, value);
      default:
        return checks()[type](name, textOf(value));
    }
  };
  const listOf = (list) => new Arr(list);
  const dictOf = (map) => new Dict(map);
  const results = {
    __proto__: null,
    texts: listOf,
    "groups?": (list) => (list === undefined ? undefined : listOf(list)),
    named: dictOf,
    "named?": (map) => (map === undefined ? undefined : dictOf(map)),
    listed(map) {
      for (const [key, list] of map) map.set(key, listOf(list));
      return dictOf(map);
    },
    record(record) {
      const entries = new Map();
      for (const name in record) if (record[name] !== undefined) entries.set(name, record[name]);
      return dictOf(entries);
    },
    bytes: (bytes) => new Blob(bytes),
    float: (number) => new Float(number),
    int: (number) => (typeof number === "bigint" && isSafe(Number(number)) ? Number(number) : number),
  };

  /** What only Rhai has: TypeScript has its own JSON. */
  const json = {
    __proto__: null,
    parse(text) {
      try {
        return rt.fromJson(text);
      } catch (error) {
        if (error instanceof rt.JsonError) throw checks().invalid(`text: ${error.message}`);
        throw error;
      }
    },
    stringify(value, indent) {
      const { SIZE_MAX, tooLarge, invalid, checkRange } = checks();
      if (indent !== undefined) checkRange("indent", indent, 1, 10);
      let text;
      try {
        text = rt.toJson(value, "value", SIZE_MAX);
      } catch (error) {
        if (error instanceof rt.JsonTooLong) throw tooLarge("value", SIZE_MAX, "characters of JSON");
        if (error instanceof rt.JsonError) throw invalid(error.message);
        throw error;
      }
      if (text.length > SIZE_MAX) throw tooLarge("value", SIZE_MAX, "characters of JSON");
      return indent === undefined ? text : indented(text, " ".repeat(indent));
    },
  };
  /** JSON text without blanks on many lines, as `JSON.stringify` would make them. */
  const indented = (text, unit) => {
    const { SIZE_MAX, tooLarge } = checks(),
      pieces = [];
    let line = "\n",
      from = 0,
      size = 0;
    const cutAt = (at, more) => {
      pieces[pieces.length] = text.slice(from, at) + more;
      size += at - from + more.length;
      if (size > SIZE_MAX) throw tooLarge("value", SIZE_MAX, "characters of JSON");
      from = at;
    };
    for (let at = 0; at < text.length; at++) {
      const c = text[at];
      if (c === '"') for (at++; text[at] !== '"'; at++) at += text[at] === "\\" ? 1 : 0;
      else if ((c === "{" || c === "[") && text[at + 1] !== (c === "{" ? "}" : "]")) {
        line += unit;
        cutAt(at + 1, line);
      } else if (c === "," || c === ":") cutAt(at + 1, c === "," ? line : " ");
      else if ((c === "}" || c === "]") && text[at - 1] !== (c === "}" ? "{" : "[")) {
        line = line.slice(0, -unit.length);
        cutAt(at, line);
      }
    }
    cutAt(text.length, "");
    return pieces.join("");
  };

  const sizeOf = (value) => {
    if (typeof value === "string") return value.length;
    if (typeof value !== "object" || value === null) return 0;
    if (value instanceof Blob) return value.bytes.length;
    if (value instanceof Arr) return value.items.length;
    return value instanceof Dict ? value.entries.size : 0;
  };
  const functionsOf = (space) => (space === "json" ? json : get(`$${space}`));

  const define = (space, { name, args, result }, arity) => {
    const convert = results[result],
      [call, perOperation] = COSTS[space];
    const once = space === "url" && name === "parse" ? URL_PARSE_OPERATIONS : call;
    rt.defineHost(`${space}::${name}`, arity, (...given) => {
      let size = 0;
      for (let i = 0; i < arity; i++) size += sizeOf(given[i]);
      rt.tick(once + Math.floor(size / perOperation));
      let value;
      try {
        const run = functionsOf(space)[name],
          checked = [];
        for (let i = 0; i < arity; i++) checked[i] = argument(args[i].type, args[i].name, given[i]);
        value = run(...checked);
      } catch (error) {
        const e = core.errorParts(error);
        if (error instanceof rt.RhaiError || e.code === "") throw error;
        rt.tick(ERROR_OPERATIONS);
        rt.runtimeError(core.rhaiErrorMap(e.code, e.message, false, undefined));
      } finally {
        if (space === "regex") rt.tick(Math.floor(get("$regexWork")() / WORK_PER_OPERATION));
      }
      const made = convert === undefined ? value : convert(value);
      rt.tick(Math.floor(sizeOf(made) / perOperation));
      rt.checkSize(made);
      return made;
    });
  };
  for (const space in parts.standard)
    for (const entry of parts.standard[space]) {
      let least = entry.args.length;
      while (least > 0 && entry.args[least - 1].optional) least--;
      for (let arity = least; arity <= entry.args.length; arity++) define(space, entry, arity);
    }
});
