// regex: the npm package re2js, which finds in a time that grows with the text and the pattern and not with the choices
// in it. `load` evaluates its text, on the first pattern.
//
// What it does not bound is bounded here: the size of patterns, of what they compile to and of what is kept of them, and
// the work of one call. A search may look far ahead for a better match and end at once (`a.*z|a`), so to find all matches
// can take the square of the text's length: every character that is looked at is paid for.
(function (rt, load) {
  "use strict";
  const { SIZE_MAX, ITEMS_MAX, invalid, tooLarge, grouped, checkRange } = rt.get("$checks");
  const PATTERN_MAX = 8192;
  /** Nodes of a pattern with its repetitions written out, characters of its classes, nesting. */
  const NODES_MAX = 10000,
    CLASS_CHARS_MAX = 100000,
    NESTING_MAX = 200;
  /** Of the patterns that are kept compiled. An instruction takes some 200 bytes. */
  const KEPT_MAX = 32,
    KEPT_INSTRUCTIONS_MAX = 20000;
  /** What the library may keep of the states of one pattern, by its own estimate in bytes. */
  const STATES_MAX = 524288;
  /** Units of work of one call, about 50 ns each: half a second to two seconds. */
  const WORK_MAX = 20000000,
    WORK_PER_PATTERN = 1000,
    WORK_PER_SEARCH = 8,
    WORK_PER_PART = 4;

  let library, Input;
  let left = WORK_MAX,
    price = 1;
  const tooCostly = () =>
    new rt.PicloudError(
      "too_large",
      `pattern: matching it against this text takes more than ${grouped(WORK_MAX)} steps`,
    );
  const pay = (work) => {
    if ((left -= work) < 0) throw tooCostly();
  };
  const start = () => {
    library = load();
    const { Parser, RE2, DFA, MachineUTF16Input } = library;
    Parser.MAX_SIZE = NODES_MAX;
    Parser.MAX_RUNES = CLASS_CHARS_MAX;
    Parser.MAX_HEIGHT = NESTING_MAX;
    // The machine that simulates all states at once: a character costs as much as the pattern is long.
    const { doExecuteNFA } = RE2.prototype;
    RE2.prototype.doExecuteNFA = function (...args) {
      price = 1 + (this.prog.numInst() >> 2);
      const found = Reflect.apply(doExecuteNFA, this, args);
      price = 1;
      return found;
    };
    Object.defineProperty(RE2.prototype, "dfa", {
      __proto__: null,
      get() {
        return (this.lazyDFA ??= new DFA(this.prog, STATES_MAX));
      },
    });
    Input = class extends MachineUTF16Input {
      step(at) {
        pay(price);
        return super.step(at);
      }
      index(re2, at) {
        const distance = super.index(re2, at);
        pay((distance < 0 ? this.end - at : distance) >> 6);
        return distance;
      }
    };
  };

  /** Pattern → compiled, the one used last at the end. */
  const kept = new Map();
  let instructions = 0;
  const drop = (pattern) => {
    const old = kept.get(pattern);
    if (old === undefined) return;
    kept.delete(pattern);
    instructions -= old.size;
  };
  const compile = (pattern) => {
    if (pattern.length > PATTERN_MAX) throw tooLarge("pattern", PATTERN_MAX, "characters");
    if (library === undefined) start();
    pay(WORK_PER_PATTERN + pattern.length * 8);
    let re2;
    try {
      re2 = library.RE2.compileImpl(pattern, library.RE2Flags.PERL, false);
    } catch (error) {
      if (error instanceof RangeError) throw invalid("pattern: nests too deeply");
      if (!(error instanceof library.RE2JSException)) throw error;
      const reason = `${error.message}`.replace("error parsing regexp: ", "");
      throw reason.startsWith("expression too large")
        ? new rt.PicloudError("too_large", "pattern: is too large with its repetitions written out")
        : invalid(`pattern: ${reason}`);
    }
    const size = re2.numberOfInstructions(),
      names = [];
    pay(size * 16);
    for (const name of Object.keys(re2.namedGroups)) names[re2.namedGroups[name]] = name;
    const made = {
      __proto__: null,
      re2,
      size,
      names,
      groups: re2.numberOfCapturingGroups(),
      prefilter: re2.prefilter,
    };
    // Asked once a call, and not again at each match.
    re2.prefilter = null;
    return made;
  };
  const compiled = (pattern) => {
    const found = kept.get(pattern) ?? compile(pattern);
    drop(pattern);
    kept.set(pattern, found);
    instructions += found.size;
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_MAX && instructions <= KEPT_INSTRUCTIONS_MAX) break;
      if (oldest === pattern) break;
      drop(oldest);
    }
    return found;
  };

  /** Calls `use` with a search over the text: (from, groups) → places [start, end, …] or null. */
  const searching = (text, pattern, use) => {
    left = WORK_MAX;
    price = 1;
    const regex = compiled(pattern),
      { re2, size, prefilter } = regex;
    const input = new Input(text);
    // One of the library's machines clears a table of so many bits before each search.
    const bits = text.length * size,
      perSearch = WORK_PER_SEARCH + (bits <= 262144 ? bits >> 13 : 0);
    try {
      let isPossible = true;
      if (prefilter !== null) {
        pay(text.length >> 3);
        isPossible = prefilter.eval(input, 0);
      }
      const search = (from, groups) => {
        if (!isPossible) return null;
        pay(perSearch);
        return re2.executeEngine(input, from, 0, groups * 2, null);
      };
      return use(search, regex);
    } catch (error) {
      // Its machines may have been left in the middle of something.
      drop(pattern);
      if (error instanceof RangeError) throw tooCostly();
      throw error;
    }
  };
  /** Where the next search begins after a match, as in JavaScript with the flag `u`. */
  const after = (text, found) =>
    found[1] > found[0] ? found[1] : found[1] + (text.codePointAt(found[1]) > 0xffff ? 2 : 1);
  const group = (text, places, index) =>
    places[2 * index] >= 0 ? text.slice(places[2 * index], places[2 * index + 1]) : undefined;

  /** A replacement as a list of texts and numbers of groups. */
  const template = (replacement, { groups, names }) => {
    const parts = [];
    let plain = "";
    const use = (part) => {
      if (plain !== "") parts[parts.length] = plain;
      plain = "";
      if (part !== undefined) parts[parts.length] = part;
    };
    const digit = (at) => {
      const c = replacement.charCodeAt(at) - 48;
      return c >= 0 && c <= 9 ? c : -1;
    };
    for (let at = 0; at < replacement.length;) {
      const dollar = replacement.indexOf("$", at);
      if (dollar === -1) {
        plain += replacement.slice(at);
        break;
      }
      plain += replacement.slice(at, dollar);
      const next = replacement[dollar + 1],
        one = digit(dollar + 1),
        two = one < 0 || digit(dollar + 2) < 0 ? -1 : one * 10 + digit(dollar + 2);
      at = dollar + 2;
      if (next === "$") plain += "$";
      else if (next === "&") use(0);
      else if (two > 0 && two <= groups) {
        use(two);
        at++;
      } else if (one > 0 && one <= groups) use(one);
      else if (next === "<" && names.length > 0 && replacement.indexOf(">", at) !== -1) {
        const end = replacement.indexOf(">", at),
          index = names.indexOf(replacement.slice(at, end));
        if (index === -1) throw invalid(`replacement: there is no group ${replacement.slice(at, end)}`);
        use(index);
        at = end + 1;
      } else {
        plain += "$";
        at = dollar + 1;
      }
    }
    use(undefined);
    return parts;
  };
  const replaced = (text, pattern, replacement, most) =>
    searching(text, pattern, (search, regex) => {
      const parts = template(replacement, regex),
        groups = parts.some((part) => typeof part === "number" && part > 0) ? regex.groups + 1 : 1;
      const out = new Pieces();
      let end = 0,
        count = 0;
      for (let from = 0; from <= text.length && count < most; count++) {
        const found = search(from, groups);
        if (found === null) break;
        out.add(text.slice(end, found[0]));
        for (const part of parts) {
          pay(WORK_PER_PART);
          out.add(typeof part === "string" ? part : (group(text, found, part) ?? ""));
        }
        end = found[1];
        from = after(text, found);
      }
      if (count === 0) return text;
      out.add(text.slice(end));
      return out.end();
    });
  /** A long text of many short ones: `+=` would make a tree of them, of 32 bytes each. */
  class Pieces {
    #pieces = [];
    #chunks = [];
    #room = SIZE_MAX;
    add(piece) {
      if (piece === "") return;
      if ((this.#room -= piece.length) < 0)
        throw tooLarge("replacement", SIZE_MAX, "characters in the result");
      this.#pieces[this.#pieces.length] = piece;
      if (this.#pieces.length === 4096) this.#join();
    }
    #join() {
      this.#chunks[this.#chunks.length] = this.#pieces.join("");
      this.#pieces = [];
    }
    end() {
      this.#join();
      return this.#chunks.join("");
    }
  }

  const limitOf = (limit) => (limit === undefined ? ITEMS_MAX + 1 : checkRange("limit", limit, 1, ITEMS_MAX));
  const checkCount = (list) => {
    if (list.length > ITEMS_MAX) throw tooLarge("text", ITEMS_MAX, "matches; a limit can be given");
    return list;
  };

  const $regex = {
    __proto__: null,
    is_match: (text, pattern) => searching(text, pattern, (search) => search(0, 0) !== null),
    find: (text, pattern) =>
      searching(text, pattern, (search) => {
        const found = search(0, 1);
        return found === null ? undefined : group(text, found, 0);
      }),
    find_all(text, pattern, limit) {
      const most = limitOf(limit);
      return searching(text, pattern, (search) => {
        const list = [];
        for (let from = 0; from <= text.length && list.length < most;) {
          const found = search(from, 1);
          if (found === null) break;
          list[list.length] = group(text, found, 0);
          from = after(text, found);
        }
        return checkCount(list);
      });
    },
    captures: (text, pattern) =>
      searching(text, pattern, (search, { groups }) => {
        const found = search(0, groups + 1);
        if (found === null) return undefined;
        const list = [];
        for (let i = 0; i <= groups; i++) list[i] = group(text, found, i);
        return list;
      }),
    named_captures: (text, pattern) =>
      searching(text, pattern, (search, { groups, names }) => {
        const found = search(0, groups + 1);
        if (found === null) return undefined;
        const named = new Map();
        for (let i = 1; i <= groups; i++) {
          const value = group(text, found, i);
          if (names[i] !== undefined && value !== undefined) named.set(names[i], value);
        }
        return named;
      }),
    replace: (text, pattern, replacement) => replaced(text, pattern, replacement, 1),
    replace_all: (text, pattern, replacement) => replaced(text, pattern, replacement, Infinity),
    split(text, pattern, limit) {
      const most = limitOf(limit);
      return searching(text, pattern, (search) => {
        const list = [];
        let end = 0;
        for (let from = 0; from < text.length && list.length < most - 1;) {
          const found = search(from, 1);
          // As in JavaScript: an empty match splits neither at the start of a piece nor at the end of the text.
          if (found === null || (found[0] === text.length && found[1] === found[0])) break;
          if (found[1] > end) {
            list[list.length] = text.slice(end, found[0]);
            end = found[1];
          }
          from = after(text, found);
        }
        if (text === "" && most > 1 && search(0, 1) !== null) return list;
        list[list.length] = text.slice(end);
        return checkCount(list);
      });
    },
    escape(text) {
      let out = "";
      for (let i = 0; i < text.length; i++) {
        const c = text[i];
        out += "\\.+*?()|[]{}^$".includes(c) ? "\\" + c : c;
        if (out.length > SIZE_MAX) throw tooLarge("text", SIZE_MAX, "characters when escaped");
      }
      return out;
    },
  };
  return {
    __proto__: null,
    regex: rt.get("$bind")("regex", $regex),
    $regex,
    /** Work of the last call. */
    $regexWork: () => WORK_MAX - (left < 0 ? 0 : left),
  };
});
