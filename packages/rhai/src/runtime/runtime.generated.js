(function () {
"use strict";
return (function(exports) {
	Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
	var Float = class {
		v;
		constructor(v) {
			this.v = v;
		}
	};
	var Char = class {
		text;
		constructor(text) {
			this.text = text;
		}
	};
	const lowChars = [];
	const highChars = new Map();
	function charOf(text) {
		if (text.length === 1) {
			const code = text.charCodeAt(0);
			return lowChars[code] ??= new Char(text);
		}
		let char = highChars.get(text);
		if (char === void 0) highChars.set(text, char = new Char(text));
		return char;
	}
	var Arr = class {
		items;
		shared;
		constructor(items, shared = false) {
			this.items = items;
			this.shared = shared;
		}
	};
	var Dict = class {
		entries;
		shared;
		constructor(entries, shared = false) {
			this.entries = entries;
			this.shared = shared;
		}
	};
	var Blob = class {
		bytes;
		shared;
		constructor(bytes, shared = false) {
			this.bytes = bytes;
			this.shared = shared;
		}
	};
	var Range = class {
		start;
		end;
		isInclusive;
		constructor(start, end, isInclusive) {
			this.start = start;
			this.end = end;
			this.isInclusive = isInclusive;
		}
	};
	var Cell = class {
		v;
		isLocked = false;
		isShared = false;
		constructor(v) {
			this.v = v;
		}
	};
	var FnPtr = class {
		name;
		compiled;
		cells;
		curry;
		constructor(name, compiled, cells = [], curry = []) {
			this.name = name;
			this.compiled = compiled;
			this.cells = cells;
			this.curry = curry;
		}
	};
	var Timestamp = class {
		ms;
		constructor(ms) {
			this.ms = ms;
		}
	};
	var Sequence = class {
		display;
		values;
		constructor(display, values) {
			this.display = display;
			this.values = values;
		}
	};
	var Handle = class {
		type;
		data;
		constructor(type, data) {
			this.type = type;
			this.data = data;
		}
	};
	function copy(value) {
		if (typeof value !== "object") return value;
		if (value instanceof Arr) {
			value.shared = true;
			return new Arr(value.items, true);
		}
		if (value instanceof Dict) {
			value.shared = true;
			return new Dict(value.entries, true);
		}
		if (value instanceof Blob) {
			value.shared = true;
			return new Blob(value.bytes, true);
		}
		return value;
	}
	function ownItems(array) {
		if (array.shared) {
			array.items = array.items.map((item) => copy(item));
			array.shared = false;
		}
		return array.items;
	}
	function ownEntries(dict) {
		if (dict.shared) {
			const made = new Map();
			for (const [key, value] of dict.entries) made.set(key, copy(value));
			dict.entries = made;
			dict.shared = false;
		}
		return dict.entries;
	}
	function ownBytes(blob) {
		if (blob.shared) {
			blob.bytes = blob.bytes.slice();
			blob.shared = false;
		}
		return blob.bytes;
	}
	var RhaiError = class extends Error {
		variant;
		text;
		fields;
		thrown;
		isPlaceless;
		inner;
		constructor(variant, text, more = {}) {
			super(text);
			this.name = variant;
			this.variant = variant;
			this.text = text;
			this.fields = more.fields ?? {};
			this.thrown = more.thrown;
			this.isPlaceless = more.isPlaceless ?? false;
			this.inner = more.inner;
		}
	};
	const uncatchable = new Set([
		"ErrorParsing",
		"ErrorSystem",
		"ErrorTooManyOperations",
		"ErrorTooManyVariables",
		"ErrorTooManyModules",
		"ErrorStackOverflow",
		"ErrorDataTooLarge",
		"ErrorTerminated",
		"ErrorCustomSyntax"
	]);
	var Exit = class {
		value;
		constructor(value) {
			this.value = value;
		}
	};
	const NESTING_MAX = 128;
	const I64_MAX = 9223372036854775807n;
	const I64_MIN = -9223372036854775808n;
	var JsonError = class extends Error {
		at;
		constructor(message, at = -1, options = {}) {
			super(message, options);
			this.name = "JsonError";
			this.at = at;
		}
	};
	const BLANKS = /[ \t\n\r]*/y;
	const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
	const [QUOTE, BACKSLASH, SPACE] = [
		34,
		92,
		32
	];
	function fromJson(text) {
		const reader = new JsonReader(text);
		const value = reader.value(0);
		reader.end();
		return value;
	}
	var JsonReader = class {
		#text;
		#at = 0;
		constructor(text) {
			this.#text = text;
		}
		value(depth) {
			this.#blanks();
			switch (this.#text[this.#at]) {
				case "{": return this.#object(depth + 1);
				case "[": return this.#array(depth + 1);
				case "\"": return this.#string();
				case "t": return this.#word("true", true);
				case "f": return this.#word("false", false);
				case "n": return this.#word("null", void 0);
				case void 0: return this.#refuse();
				default: return this.#number();
			}
		}
		end() {
			this.#blanks();
			if (this.#at < this.#text.length) this.#refuse();
		}
		#object(depth) {
			const entries = new Map();
			this.#open(depth);
			if (this.#take("}")) return new Dict(entries);
			do {
				this.#blanks();
				const key = this.#string();
				this.#blanks();
				if (!this.#take(":")) this.#refuse();
				entries.set(key, this.value(depth));
				this.#blanks();
			} while (this.#take(","));
			if (!this.#take("}")) this.#refuse();
			return new Dict(entries);
		}
		#array(depth) {
			const items = [];
			this.#open(depth);
			if (this.#take("]")) return new Arr(items);
			do {
				items.push(this.value(depth));
				this.#blanks();
			} while (this.#take(","));
			if (!this.#take("]")) this.#refuse();
			return new Arr(items);
		}
		#open(depth) {
			if (depth > NESTING_MAX) throw new JsonError(`JSON is nested deeper than ${NESTING_MAX}`, this.#at);
			this.#at += 1;
			this.#blanks();
		}
		#string() {
			const start = this.#at;
			if (this.#text.charCodeAt(start) !== QUOTE) return this.#refuse();
			let isPlain = true;
			for (this.#at += 1;; this.#at += 1) {
				const code = this.#text.charCodeAt(this.#at);
				if (code === QUOTE) break;
				if (!(code >= SPACE)) return this.#refuse();
				if (code !== BACKSLASH) continue;
				isPlain = false;
				this.#at += 1;
			}
			this.#at += 1;
			const quoted = this.#text.slice(start, this.#at);
			return (isPlain ? quoted.slice(1, -1) : this.#unescape(quoted, start)).toWellFormed();
		}
		#unescape(quoted, start) {
			try {
				return JSON.parse(quoted);
			} catch (error) {
				throw new JsonError(`JSON has a string with a wrong escape at offset ${start}`, start, { cause: error });
			}
		}
		#number() {
			const match = this.#match(NUMBER);
			if (match === void 0) return this.#refuse();
			if (match[1] !== void 0 || match[2] !== void 0) return new Float(Number(match[0]));
			return intOf(match[0]);
		}
		#word(word, value) {
			if (!this.#text.startsWith(word, this.#at)) this.#refuse();
			this.#at += word.length;
			return value;
		}
		#blanks() {
			if (this.#text.charCodeAt(this.#at) <= SPACE) this.#match(BLANKS);
		}
		#take(symbol) {
			if (this.#text[this.#at] !== symbol) return false;
			this.#at += 1;
			return true;
		}
		#match(pattern) {
			pattern.lastIndex = this.#at;
			const match = pattern.exec(this.#text);
			if (match === null) return void 0;
			this.#at = pattern.lastIndex;
			return match;
		}
		#refuse() {
			if (this.#at >= this.#text.length) throw new JsonError("JSON ends too early", this.#at);
			const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
			throw new JsonError(`JSON has an unexpected ${JSON.stringify(char)} at offset ${this.#at}`, this.#at);
		}
	};
	function intOf(text) {
		const value = Number(text);
		if (Number.isSafeInteger(value)) return value + 0;
		const exact = BigInt(text);
		return exact > I64_MAX || exact < I64_MIN ? new Float(value) : exact;
	}
	function toJson(value, rootName = "value") {
		return write(value, { path: [rootName] });
	}
	function write(value, place) {
		if (value === void 0) return "null";
		if (typeof value === "string") return JSON.stringify(value);
		return typeof value === "object" ? writeObject(value, place) : String(value);
	}
	function writeObject(value, place) {
		if (value instanceof Float) return writeFloat(value.v, place);
		if (value instanceof Char) return JSON.stringify(value.text);
		if (value instanceof Arr) return `[${value.items.map((item, at) => inside(place, at, item)).join(",")}]`;
		if (value instanceof Dict) return `{${[...value.entries.keys()].toSorted(compareCodePoints).map((key) => `${JSON.stringify(key)}:${inside(place, key, value.entries.get(key))}`).join(",")}}`;
		return refuse(`is ${nounOf(value)}, which has no JSON`, place);
	}
	function inside(place, key, value) {
		if (place.path.length > NESTING_MAX) refuse(`is nested deeper than ${NESTING_MAX}`, place);
		place.path.push(key);
		const text = write(value, place);
		place.path.pop();
		return text;
	}
	function writeFloat(value, place) {
		if (!Number.isFinite(value)) return refuse(`is ${value}, which has no JSON`, place);
		if (Object.is(value, -0)) return "-0.0";
		const text = String(value);
		return /[.e]/.test(text) ? text : `${text}.0`;
	}
	function nounOf(value) {
		if (value instanceof Blob) return "a blob";
		if (value instanceof Range) return "a range";
		if (value instanceof FnPtr) return "a function";
		if (value instanceof Timestamp) return "a timestamp";
		if (value instanceof Sequence) return "a sequence";
		return `a ${value.type}`;
	}
	function refuse(what, { path }) {
		const [root, ...keys] = path;
		throw new JsonError(`${root}${keys.map((key) => typeof key === "number" ? `[${key}]` : /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`).join("")} ${what}`);
	}
	function compareCodePoints(a, b) {
		const length = Math.min(a.length, b.length);
		for (let at = 0; at < length; at++) {
			const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
			if (left === right) continue;
			const [isLeftHigh, isRightHigh] = [(left & 63488) === 55296, (right & 63488) === 55296];
			return isLeftHigh === isRightHigh ? left - right : isLeftHigh ? 1 : -1;
		}
		return a.length - b.length;
	}
	const defaultLimits = {
		operations: 0,
		callDepth: 64,
		stringBytes: 0,
		arrayItems: 0,
		mapEntries: 0,
		variables: 0
	};
	const S = {
		fuel: 0,
		rest: 0,
		depth: 0,
		self: void 0,
		limits: defaultLimits,
		output: {
			print: () => {},
			debug: () => {}
		}
	};
	const SLICE = 2 ** 30 - 1;
	const OPERATIONS_MAX = Number.MAX_SAFE_INTEGER;
	const STACK_FRAMES = 1e3;
	const silent = {
		print: () => {},
		debug: () => {}
	};
	var Run = class {
		#unit;
		#scope;
		#operationsMax;
		#state;
		#generator;
		#isInside = false;
		constructor(unit, scope = [], { limits, output = silent } = {}) {
			this.#unit = unit;
			this.#scope = scope;
			const all = {
				...defaultLimits,
				...limits
			};
			this.#operationsMax = all.operations === 0 ? OPERATIONS_MAX : all.operations;
			const fuel = Math.min(SLICE, this.#operationsMax);
			this.#state = {
				fuel,
				rest: this.#operationsMax - fuel,
				depth: 0,
				self: void 0,
				limits: all,
				output
			};
		}
		get operations() {
			return Math.min(this.#operationsMax, this.#operationsMax - this.#state.rest - this.#state.fuel);
		}
		get depth() {
			return this.#state.depth;
		}
		start() {
			return this.#enter(() => {
				const result = this.#unit.main(...this.#scope);
				if (!this.#unit.suspends) return {
					done: true,
					value: result
				};
				this.#generator = result;
				return stepOf(this.#generator.next());
			});
		}
		resume(reply) {
			const generator = this.#generator;
			if (generator === void 0) throw new Error("this run waits for nothing");
			return this.#enter(() => stepOf(generator.next(reply)));
		}
		#enter(body) {
			if (this.#isInside) throw new Error("this run is inside already");
			const outer = { ...S };
			const frames = Error.stackTraceLimit;
			Object.assign(S, this.#state);
			Error.stackTraceLimit = STACK_FRAMES;
			this.#isInside = true;
			try {
				return body();
			} catch (error) {
				if (error instanceof Exit) return {
					done: true,
					value: error.value
				};
				throw asRhaiError(error);
			} finally {
				this.#isInside = false;
				this.#state = { ...S };
				Object.assign(S, outer);
				Error.stackTraceLimit = frames;
			}
		}
	};
	function stepOf({ done, value }) {
		return done === true ? {
			done,
			value
		} : {
			done: false,
			request: value
		};
	}
	function asRhaiError(error) {
		if (!(error instanceof RangeError)) return error;
		const made = error.message.includes("call stack") ? new RhaiError("ErrorStackOverflow", "Stack overflow") : new RhaiError("ErrorDataTooLarge", "Length of string too large");
		made.stack = error.stack ?? made.stack ?? "";
		return made;
	}
	exports.Arr = Arr;
	exports.Blob = Blob;
	exports.Cell = Cell;
	exports.Char = Char;
	exports.Dict = Dict;
	exports.Exit = Exit;
	exports.Float = Float;
	exports.FnPtr = FnPtr;
	exports.Handle = Handle;
	exports.JsonError = JsonError;
	exports.Range = Range;
	exports.RhaiError = RhaiError;
	exports.Run = Run;
	exports.S = S;
	exports.Sequence = Sequence;
	exports.Timestamp = Timestamp;
	exports.charOf = charOf;
	exports.compareCodePoints = compareCodePoints;
	exports.copy = copy;
	exports.defaultLimits = defaultLimits;
	exports.fromJson = fromJson;
	exports.ownBytes = ownBytes;
	exports.ownEntries = ownEntries;
	exports.ownItems = ownItems;
	exports.toJson = toJson;
	exports.uncatchable = uncatchable;
	return exports;
})({});
})
