(function () {
"use strict";
return (function(exports) {
	Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
	const SLICE = 2 ** 30 - 1;
	function refuel() {
		const left = S.fuel + S.rest;
		if (left < 0) {
			S.fuel = 0;
			S.rest = 0;
			throw new RhaiError("ErrorTooManyOperations", "Too many operations");
		}
		S.fuel = Math.min(left, SLICE);
		S.rest = left - S.fuel;
	}
	function tick(n) {
		if ((S.fuel -= n) < 0) refuel();
	}
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
	function charOfUnit(unit) {
		return lowChars[unit] ??= new Char(String.fromCharCode(unit));
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
	const UNIT = Symbol("()");
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
	let tags;
	function tagOf(container) {
		return tags?.get(container) ?? 0;
	}
	function tagValue(container, tag) {
		(tags ??= new WeakMap()).set(container, tag);
	}
	function withTagOf(source, made) {
		const tag = tags?.get(source);
		if (tag !== void 0) tags?.set(made, tag);
		return made;
	}
	function copy(value) {
		if (typeof value !== "object") return value;
		if (value instanceof Arr) {
			value.shared = true;
			const made = new Arr(value.items, true);
			return tags === void 0 ? made : withTagOf(value, made);
		}
		if (value instanceof Dict) {
			value.shared = true;
			const made = new Dict(value.entries, true);
			return tags === void 0 ? made : withTagOf(value, made);
		}
		if (value instanceof Blob) {
			value.shared = true;
			const made = new Blob(value.bytes, true);
			return tags === void 0 ? made : withTagOf(value, made);
		}
		return value;
	}
	function ownItems(array) {
		if (array.shared) {
			tick(array.items.length);
			array.items = array.items.map((item) => copy(item));
			array.shared = false;
		}
		return array.items;
	}
	function ownEntries(dict) {
		if (dict.shared) {
			tick(dict.entries.size);
			const made = new Map();
			for (const [key, value] of dict.entries) made.set(key, copy(value));
			dict.entries = made;
			dict.shared = false;
		}
		return dict.entries;
	}
	function ownBytes(blob) {
		if (blob.shared) {
			tick(blob.bytes.length >> 4);
			blob.bytes = blob.bytes.slice();
			blob.shared = false;
		}
		return blob.bytes;
	}
	const ERROR_OPERATIONS = 40;
	var RhaiError = class extends Error {
		name;
		variant;
		text;
		fields;
		thrown;
		isPlaceless;
		isAtOperator;
		inner;
		parse;
		constructor(variant, text, more = {}) {
			super(text);
			S.fuel -= ERROR_OPERATIONS;
			this.name = variant;
			this.variant = variant;
			this.text = text;
			this.fields = more.fields ?? {};
			this.thrown = more.thrown;
			this.isPlaceless = more.isPlaceless ?? false;
			this.isAtOperator = more.isAtOperator ?? false;
			this.inner = more.inner;
			this.parse = more.parse;
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
	const TEXT_MAX = 9999999827968;
	const TEXT_MIN = Math.fround(1e-13);
	function floatText(x) {
		if (x === 0) return "0.0";
		const size = Math.abs(x);
		if (size > TEXT_MAX || size < TEXT_MIN) return scientific(x);
		return decimal(x);
	}
	function floatDebug(x) {
		if (x === 0) return Object.is(x, -0) ? "-0.0" : "0.0";
		const size = Math.abs(x);
		if (size >= 0x2386f26fc10000 || size < 1e-4) return scientific(x);
		return decimal(x);
	}
	function special(x) {
		if (Number.isNaN(x)) return "NaN";
		if (x === Infinity) return "inf";
		return x === -Infinity ? "-inf" : void 0;
	}
	function scientific(x) {
		return special(x) ?? x.toExponential().replace("e+", "e");
	}
	function decimal(x) {
		const text = special(x) ?? String(x);
		if (text.includes("e-")) return tiny(text);
		return Number.isInteger(x) ? `${text}.0` : text;
	}
	function tiny(text) {
		const [mantissa = "", exponent = ""] = text.split("e-");
		const isNegative = mantissa.startsWith("-");
		const digits = mantissa.replace("-", "").replace(".", "");
		return `${isNegative ? "-" : ""}0.${"0".repeat(Number(exponent) - 1)}${digits}`;
	}
	function powFloats(a, b) {
		if (a === 1 || a === -1 && (b === Infinity || b === -Infinity)) return 1;
		return a ** b;
	}
	function dataTooLarge(what, isPlaceless = false) {
		throw new RhaiError("ErrorDataTooLarge", `${what} too large`, {
			fields: { type: what },
			isPlaceless
		});
	}
	function toText(value) {
		if (typeof value === "string") return value;
		if (typeof value === "number") return String(value);
		if (value instanceof Float) return floatText(value.v);
		if (value instanceof Char) return value.text;
		if (value === void 0) return "";
		return toDebug(value);
	}
	function toDebug(value) {
		if (typeof value === "string") return quoted(value);
		if (value === void 0) return "()";
		if (typeof value !== "object") return String(value);
		return bounded(() => objectText(value, debugText$1));
	}
	function bounded(make) {
		const outer = room;
		room = S.limits.stringBytes === 0 ? CHARS_MAX$1 : S.limits.stringBytes;
		try {
			return make();
		} catch (error) {
			if (error === tooLong$1) dataTooLarge("Length of string");
			throw error;
		} finally {
			room = outer;
		}
	}
	function debugText$1(value) {
		if (typeof value === "string") return quoted(value);
		if (value === void 0) return "()";
		return typeof value === "object" ? objectText(value, debugText$1) : String(value);
	}
	let room = 0;
	const CHARS_MAX$1 = 268435456;
	const MESSAGE_CHARS_MAX = 65536;
	const tooLong$1 = new Error("too long");
	function spend(chars) {
		room -= chars;
		if (room < 0) throw tooLong$1;
	}
	function displayText(value) {
		if (value === void 0) return "";
		if (typeof value === "string" || value instanceof Char || value instanceof Float || value instanceof FnPtr) return toText(value);
		const outer = room;
		room = MESSAGE_CHARS_MAX;
		try {
			return rustDebug(value);
		} catch (error) {
			if (error === tooLong$1) return typeName(value);
			throw error;
		} finally {
			room = outer;
		}
	}
	function rustDebug(value) {
		if (value instanceof Char) return `'${escaped(value.text, "'")}'`;
		if (value instanceof FnPtr) return `Fn(${[quoted(value.name), ...value.curry.map(rustDebug)].join(", ")})`;
		return typeof value === "object" ? objectText(value, rustDebug) : toDebug(value);
	}
	function objectText(value, inner) {
		if (value instanceof Float) return floatDebug(value.v);
		if (value instanceof Char) return value.text;
		if (value instanceof Arr) return arrayText(value, inner);
		if (value instanceof Dict) return dictText(value, inner);
		if (value instanceof Blob) return blobText(value.bytes);
		if (value instanceof Range) return `${value.start}${value.isInclusive ? "..=" : ".."}${value.end}`;
		if (value instanceof FnPtr) return `Fn(${value.name})`;
		if (value instanceof Timestamp) return "<timestamp>";
		if (value instanceof Sequence) return value.display;
		return value.type;
	}
	function arrayText(array, inner) {
		tick(array.items.length);
		spend(2 * array.items.length);
		return `[${array.items.map((item) => counted$1(inner(item), item)).join(", ")}]`;
	}
	function counted$1(text, item) {
		if (!(item instanceof Arr || item instanceof Dict)) spend(text.length);
		return text;
	}
	function dictText(dict, inner) {
		return `#{${sortedKeys(dict).map((key) => {
			const item = dict.entries.get(key);
			spend(key.length + 4);
			return `${quoted(key)}: ${counted$1(inner(item), item)}`;
		}).join(", ")}}`;
	}
	function blobText(bytes) {
		tick(bytes.length >> 2);
		let text = "[";
		for (let i = 0; i < bytes.length; i++) {
			if (i > 0 && i % 8 === 0) text += " ";
			text += (bytes[i] ?? 0).toString(16).padStart(2, "0");
		}
		return `${text}]`;
	}
	function compareText(a, b) {
		const length = Math.min(a.length, b.length);
		for (let i = 0; i < length; i++) {
			const x = a.charCodeAt(i);
			const y = b.charCodeAt(i);
			if (x !== y) return (x >= 55296 && y >= 55296 ? rotated(x) - rotated(y) : x - y) < 0 ? -1 : 1;
		}
		return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
	}
	function rotated(unit) {
		return unit >= 57344 ? unit - 2048 : unit + 8192;
	}
	const SORT_OPERATIONS = 4;
	function sortedKeys(dict) {
		const keys = [...dict.entries.keys()];
		tick(keys.length * SORT_OPERATIONS);
		if (keys.length > FEW) return keys.toSorted(compareText);
		for (let i = 1; i < keys.length; i++) {
			const key = keys[i] ?? "";
			let at = i;
			for (; at > 0 && compareText(keys[at - 1] ?? "", key) > 0; at--) keys[at] = keys[at - 1] ?? "";
			keys[at] = key;
		}
		return keys;
	}
	const FEW = 12;
	const PLAIN = /^[ !#-[\]-~]*$/;
	function quoted(text) {
		return PLAIN.test(text) ? `"${text}"` : `"${escaped(text, "\"")}"`;
	}
	const SHORT = {
		"	": "\\t",
		"\n": "\\n",
		"\r": "\\r",
		"\0": "\\0",
		"\\": "\\\\"
	};
	const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\p{Grapheme_Extend}]/u;
	function escaped(text, quote) {
		let result = "";
		for (const char of text) {
			const short = SHORT[char];
			if (short !== void 0) result += short;
			else if (char === quote) result += `\\${quote}`;
			else if (char !== " " && UNPRINTABLE.test(char)) result += `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
			else result += char;
		}
		return result;
	}
	function typeName(value) {
		if (typeof value === "object") return objectTypeName(value);
		if (typeof value === "string") return "string";
		if (typeof value === "boolean") return "bool";
		return value === void 0 ? "()" : "i64";
	}
	function objectTypeName(value) {
		if (value instanceof Float) return "f64";
		if (value instanceof Char) return "char";
		if (value instanceof Arr) return "array";
		if (value instanceof Dict) return "map";
		if (value instanceof Blob) return "blob";
		if (value instanceof Range) return value.isInclusive ? "range=" : "range";
		if (value instanceof FnPtr) return "Fn";
		if (value instanceof Timestamp) return "timestamp";
		return value instanceof Handle ? value.type : "range";
	}
	function signatureName(value) {
		return typeof value === "string" ? "&str | ImmutableString | String" : typeName(value);
	}
	function mismatchName(value) {
		if (value instanceof Range) return `core::ops::range::Range${value.isInclusive ? "Inclusive" : ""}<i64>`;
		return typeName(value);
	}
	function raise(variant, text, fields) {
		throw new RhaiError(variant, text, { fields });
	}
	function functionNotFound(name, args) {
		functionNotFoundText(`${name} (${args.map(signatureName).join(", ")})`);
	}
	function functionNotFoundText(signature) {
		raise("ErrorFunctionNotFound", `Function not found: ${signature}`, { function: signature });
	}
	function arithmetic(text, isPlaceless = false) {
		throw new RhaiError("ErrorArithmetic", text, { isPlaceless });
	}
	function mismatch(actual, expected) {
		raise("ErrorMismatchDataType", `Data type incorrect: ${actual} (expecting ${expected})`, {
			requested: expected,
			actual
		});
	}
	function mismatchValue(value, expected) {
		mismatch(mismatchName(value), expected);
	}
	function mismatchAssigned(value, expected) {
		const actual = mismatchName(value);
		throw new RhaiError("ErrorMismatchDataType", `Data type incorrect: ${actual} (expecting ${expected})`, {
			fields: {
				requested: expected,
				actual
			},
			isAtOperator: true
		});
	}
	function mismatchOutput(actual, expected) {
		raise("ErrorMismatchOutputType", `Output type incorrect: ${actual} (expecting ${expected})`, {
			requested: expected,
			actual
		});
	}
	function boundsText(what, where, length, index) {
		const [one, many] = where === "array" ? ["element", "elements"] : ["character", "characters"];
		return `${what} index ${index} out of bounds: ${length === 0 ? `${where} is empty` : `only ${length} ${length === 1 ? one : many} in ${where}`}`;
	}
	function arrayBounds(length, index) {
		raise("ErrorArrayBounds", boundsText("Array", "array", length, index), {
			index,
			length
		});
	}
	function stringBounds(length, index) {
		raise("ErrorStringBounds", boundsText("String", "string", length, index), {
			index,
			length
		});
	}
	function bitBounds(index, length = 64) {
		raise("ErrorBitFieldBounds", `Bit-field index ${index} out of bounds: only ${length} bits in bit-field`, {
			index,
			length
		});
	}
	function variableNotFound(name) {
		raise("ErrorVariableNotFound", `Variable not found: ${name}`, { variable: name });
	}
	function variableExists(name) {
		raise("ErrorVariableExists", `Variable already defined: ${name}`, { variable: name });
	}
	function forbiddenVariable(name) {
		raise("ErrorForbiddenVariable", `Forbidden variable name: ${name}`, { variable: name });
	}
	function propertyNotFound(name) {
		raise("ErrorPropertyNotFound", `Property not found: ${name}`, { variable: name });
	}
	function indexNotFound(index) {
		raise("ErrorIndexNotFound", `Invalid index: ${displayText(index)}`, { index });
	}
	function moduleNotFound(path) {
		raise("ErrorModuleNotFound", `Module not found: ${path}`, { module: path });
	}
	function unboundThis() {
		raise("ErrorUnboundThis", "'this' not bound", {});
	}
	function dotExpr(text) {
		raise("ErrorDotExpr", text, { property: text });
	}
	function unknownProperty(object, name) {
		dotExpr(`Unknown property '${name}' - a getter is not registered for type '${typeName(object)}'`);
	}
	function unwritableProperty(object, name, value) {
		dotExpr(`No writable property '${name}' - a setter is not registered for type '${typeName(object)}' to handle '${typeName(value)}'`);
	}
	function indexingType(object, index) {
		const type = `${typeName(object)} [${typeName(index)}]`;
		raise("ErrorIndexingType", `Indexer unavailable: ${type}`, { type });
	}
	function indexSetType(object, index, value) {
		const type = `${typeName(object)} [${typeName(index)}] = ${typeName(value)}`;
		raise("ErrorIndexingType", `Indexer unavailable: ${type}`, { type });
	}
	function forExpr() {
		raise("ErrorFor", "For loop expects iterable type", {});
	}
	function dataRace(variable) {
		raise("ErrorDataRace", `Data race detected on variable '${variable}'`, { variable });
	}
	function constMethod(name) {
		raise("ErrorNonPureMethodCallOnConstant", `Non-pure method '${name}' cannot be called on constant`, { function: name });
	}
	function constAssign(name) {
		raise("ErrorAssignmentToConstant", `Cannot modify constant ${name}`, { variable: name });
	}
	function runtimeError(value) {
		const text = value === void 0 || value === "" ? "" : displayText(value);
		throw new RhaiError("ErrorRuntime", text === "" ? "Runtime error" : `Runtime error: ${text}`, { thrown: value });
	}
	function tooManyVariables() {
		raise("ErrorTooManyVariables", "Too many variables defined", {});
	}
	function tooManyModules() {
		raise("ErrorTooManyModules", "Too many modules imported", {});
	}
	function stackOverflow() {
		raise("ErrorStackOverflow", "Stack overflow", {});
	}
	function terminated() {
		raise("ErrorTerminated", "Script terminated", {});
	}
	function parsing(text) {
		raise("ErrorParsing", `Syntax error: ${text}`, {});
	}
	function system(text) {
		raise("ErrorSystem", text, {});
	}
	const everywhere = new Map();
	function defineHost(name, arity, fn) {
		everywhere.set(`${name}/${arity}`, fn);
	}
	function findHost(name, arity) {
		const key = `${name}/${arity}`;
		return S.hosts?.get(key) ?? everywhere.get(key);
	}
	function hostCall(fn, args) {
		return {
			fn,
			args
		};
	}
	function handleCall(handle, fn, args) {
		return {
			fn,
			handle,
			args
		};
	}
	function reply(answer) {
		return answer.ok ? answer.value : runtimeError(answer.error);
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
		fuel: 2 ** 30 - 1,
		rest: Number.MAX_SAFE_INTEGER - 2 ** 30 + 1,
		depth: 0,
		self: void 0,
		limits: defaultLimits,
		output: {
			print: () => {},
			debug: () => {}
		},
		failsOnMissing: false,
		hosts: void 0,
		functions: void 0,
		units: void 0,
		load: void 0,
		modules: void 0,
		lookedAt: "",
		isLookedAtPlain: true,
		measured: "",
		measuredBytes: 0
	};
	const NONE = Symbol("no such overload");
	const typeIndexes = {
		int: 0,
		string: 1,
		bool: 2,
		unit: 3,
		array: 4,
		map: 5,
		float: 6,
		char: 7,
		fn: 8,
		range: 9,
		blob: 10,
		sequence: 11,
		timestamp: 12,
		handle: 13
	};
	const typeCount = 14;
	function typeIndex(value) {
		if (typeof value === "object") return objectIndex(value);
		if (typeof value === "number") return 0;
		if (typeof value === "string") return 1;
		if (typeof value === "boolean") return 2;
		return value === void 0 ? 3 : 0;
	}
	function objectIndex(value) {
		if (value instanceof Arr) return 4;
		if (value instanceof Dict) return 5;
		if (value instanceof Float) return 6;
		if (value instanceof Char) return 7;
		if (value instanceof FnPtr) return 8;
		if (value instanceof Range) return 9;
		if (value instanceof Blob) return 10;
		if (value instanceof Sequence) return 11;
		if (value instanceof Timestamp) return 12;
		return 13;
	}
	const entries = new Map();
	const none = () => NONE;
	const noImpls = Array.from({ length: typeCount }, () => none);
	const noEffects = Array.from({ length: typeCount }, () => "pure");
	function entryOf$1(name, arity) {
		if (arity === 0) throw new Error(`${name} takes no receiver`);
		const key = `${name}/${arity}`;
		let entry = entries.get(key);
		if (entry === void 0) {
			entry = {
				name,
				arity,
				impls: noImpls.slice(),
				generators: [],
				effects: noEffects.slice(),
				getters: 0,
				replaces: false,
				known: false
			};
			entries.set(key, entry);
		}
		return entry;
	}
	function define(type, name, impl, effect = "pure") {
		const entry = entryOf$1(name, impl.length);
		const index = typeIndexes[type];
		entry.impls[index] = impl;
		entry.effects[index] = effect;
		if (effect === "replaces") entry.replaces = true;
		entry.known = true;
	}
	const getterEntries = new Map();
	function defineGetter(type, name, impl) {
		define(type, name, impl);
		const entry = entryOf$1(name, 1);
		entry.getters |= 1 << typeIndexes[type];
		getterEntries.set(name, entry);
	}
	function defineAny(name, impl, effect = "pure") {
		const entry = entryOf$1(name, impl.length);
		for (let index = 0; index < typeCount; index++) {
			if (entry.impls[index] !== none) continue;
			entry.impls[index] = impl;
			entry.effects[index] = effect;
		}
		if (effect === "replaces") entry.replaces = true;
		entry.known = true;
	}
	const zeros = new Map();
	function defineNone(name, impl) {
		zeros.set(name, impl);
	}
	function defineGenerator(type, name, impl) {
		entryOf$1(name, impl.length).generators[typeIndexes[type]] = impl;
	}
	const dispatchers = new Map();
	function native(name, arity) {
		const key = `${name}/${arity}`;
		let made = dispatchers.get(key);
		if (made === void 0) dispatchers.set(key, made = makeDispatcher(name, arity));
		return made;
	}
	const typedDispatchers = new Map();
	function nativeOf(type, name, arity) {
		const key = `${type} ${name}/${arity}`;
		let made = typedDispatchers.get(key);
		if (made === void 0) typedDispatchers.set(key, made = makeTyped(type, name, arity));
		return made;
	}
	function makeTyped(type, name, arity) {
		const plain = native(name, arity);
		const entry = entries.get(`${name}/${arity}`);
		const impl = entry?.impls[typeIndexes[type]];
		if (impl === void 0 || entry?.replaces !== false || arity > 3) return plain;
		if (arity === 1) return (a) => {
			const result = impl(a);
			return result === NONE ? plain(a) : result;
		};
		if (arity === 2) return (a, b) => {
			const result = impl(a, b);
			return result === NONE ? plain(a, b) : result;
		};
		return (a, b, c) => {
			const result = impl(a, b, c);
			return result === NONE ? plain(a, b, c) : result;
		};
	}
	function makeDispatcher(name, arity) {
		if (arity === 0) return () => (zeros.get(name) ?? (() => callHost$1(name, [])))();
		const entry = entryOf$1(name, arity);
		if (entry.replaces || !entry.known) return replacing(entry);
		const impls = entry.impls;
		if (arity === 1) return (a) => {
			const impl = impls[typeIndex(a)];
			const result = impl === void 0 ? NONE : impl(a);
			return result === NONE ? callHost$1(name, [a]) : result;
		};
		if (arity === 2) return (a, b) => {
			const impl = impls[typeIndex(a)];
			const result = impl === void 0 ? NONE : impl(a, b);
			return result === NONE ? callHost$1(name, [a, b]) : result;
		};
		if (arity === 3) return (a, b, c) => {
			const impl = impls[typeIndex(a)];
			const result = impl === void 0 ? NONE : impl(a, b, c);
			return result === NONE ? callHost$1(name, [
				a,
				b,
				c
			]) : result;
		};
		return (...args) => {
			const impl = impls[typeIndex(args[0])];
			const result = impl === void 0 ? NONE : impl(...args);
			return result === NONE ? callHost$1(name, args) : result;
		};
	}
	function callHost$1(name, args) {
		const fn = findHost(name, args.length);
		return fn === void 0 ? functionNotFound(name, args) : fn(...args.map(copy));
	}
	function replacing({ name, impls, arity }) {
		if (arity === 1) return (a) => {
			S.self = a;
			const impl = impls[typeIndex(a)];
			const result = impl === void 0 ? NONE : impl(a);
			return result === NONE ? callHost$1(name, [a]) : result;
		};
		if (arity === 2) return (a, b) => {
			S.self = a;
			const impl = impls[typeIndex(a)];
			const result = impl === void 0 ? NONE : impl(a, b);
			return result === NONE ? callHost$1(name, [a, b]) : result;
		};
		return (...args) => {
			S.self = args[0];
			const impl = impls[typeIndex(args[0])];
			const result = impl === void 0 ? NONE : impl(...args);
			return result === NONE ? callHost$1(name, args) : result;
		};
	}
	const generatorDispatchers = new Map();
	function nativeA(name, arity) {
		const key = `${name}/${arity}`;
		let made = generatorDispatchers.get(key);
		if (made === void 0) generatorDispatchers.set(key, made = makeGeneratorDispatcher(name, arity));
		return made;
	}
	function makeGeneratorDispatcher(name, arity) {
		const plain = native(name, arity);
		if (arity === 0) return noWait(plain);
		const { generators } = entryOf$1(name, arity);
		return function* (...args) {
			const impl = generators[typeIndex(args[0])];
			if (impl === void 0) return plain(...args);
			S.self = args[0];
			const result = yield* impl(...args);
			return result === NONE ? callHost$1(name, args) : result;
		};
	}
	function noWait(plain) {
		return function* (...args) {
			return plain(...args);
		};
	}
	function hasNative(name, arity) {
		return (arity === 0 ? zeros.has(name) : entries.get(`${name}/${arity}`)?.known ?? false) || findHost(name, arity) !== void 0;
	}
	function setsSelf(name, arity) {
		return entries.get(`${name}/${arity}`)?.replaces ?? false;
	}
	function isMutator(receiver, name, arity) {
		const effect = entries.get(`${name}/${arity}`)?.effects[typeIndex(receiver)];
		return effect !== void 0 && effect !== "pure";
	}
	function getterOf(receiver, name) {
		const entry = getterEntries.get(name);
		if (entry === void 0) return void 0;
		const index = typeIndex(receiver);
		return (entry.getters & 1 << index) !== 0 ? entry.impls[index] : void 0;
	}
	function nativeNames() {
		return [...entries.keys(), ...[...zeros.keys()].map((name) => `${name}/0`)];
	}
	const SURROGATE = /[\ud800-\udfff]/;
	function isPlain(text) {
		if (text.length < 16) {
			for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 63488) === 55296) return false;
			return true;
		}
		if (text !== S.lookedAt) {
			tick(text.length >> 7);
			S.lookedAt = text;
			S.isLookedAtPlain = !SURROGATE.test(text);
		}
		return S.isLookedAtPlain;
	}
	function charCount(text) {
		if (isPlain(text)) return text.length;
		tick(text.length >> 4);
		let count = 0;
		for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 64512) !== 56320) count++;
		return count;
	}
	function unitOf(text, index) {
		if (isPlain(text)) return Math.min(index, text.length);
		tick(index >> 4);
		let unit = 0;
		for (let left = index; left > 0 && unit < text.length; left--) unit += (text.charCodeAt(unit) & 64512) === 55296 ? 2 : 1;
		return unit;
	}
	function sliceChars(text, start, end) {
		if (start >= end) return "";
		const from = unitOf(text, start);
		return isPlain(text) ? text.slice(from, end) : text.slice(from, from + unitOf(text.slice(from), end - start));
	}
	function charList(text) {
		const chars = [];
		for (let i = 0; i < text.length; i++) {
			const unit = text.charCodeAt(i);
			if ((unit & 63488) === 55296) return Array.from(text, charOf);
			chars.push(charOfUnit(unit));
		}
		return chars;
	}
	const SAFE_MAX = Number.MAX_SAFE_INTEGER;
	const SAFE_MIN = Number.MIN_SAFE_INTEGER;
	const INT_MAX = 2n ** 63n - 1n;
	const INT_MIN = -(2n ** 63n);
	function isInt(value) {
		return typeof value === "number" || typeof value === "bigint";
	}
	function intOf(value) {
		const n = Number(value);
		return n <= SAFE_MAX && n >= SAFE_MIN ? n : value;
	}
	function wrapInt(value) {
		return intOf(BigInt.asIntN(64, value));
	}
	function saturate(float) {
		if (Number.isNaN(float)) return 0;
		const cut = Math.trunc(float);
		if (cut <= SAFE_MAX && cut >= SAFE_MIN) return cut + 0;
		if (cut >= 2 ** 63) return INT_MAX;
		if (cut < -(2 ** 63)) return INT_MIN;
		return intOf(BigInt(cut));
	}
	function checked(result, error) {
		return result > INT_MAX || result < INT_MIN ? error() : intOf(result);
	}
	const SURELY_LARGE = 90072e11;
	const SURELY_FITS = 0x7facf7419d980000;
	function isSurelyLarge(approximate) {
		const size = Math.abs(approximate);
		return size > SURELY_LARGE && size < SURELY_FITS;
	}
	function addInts(a, b, isPlaceless) {
		const result = BigInt(a) + BigInt(b);
		if (isSurelyLarge(Number(a) + Number(b))) return result;
		return checked(result, () => arithmetic(`Addition overflow: ${a} + ${b}`, isPlaceless));
	}
	function subInts(a, b, isPlaceless) {
		const result = BigInt(a) - BigInt(b);
		if (isSurelyLarge(Number(a) - Number(b))) return result;
		return checked(result, () => arithmetic(`Subtraction overflow: ${a} - ${b}`, isPlaceless));
	}
	function mulInts(a, b, isPlaceless) {
		const result = BigInt(a) * BigInt(b);
		if (isSurelyLarge(Number(a) * Number(b))) return result;
		return checked(result, () => arithmetic(`Multiplication overflow: ${a} * ${b}`, isPlaceless));
	}
	function divInts(a, b, isPlaceless) {
		if (b === 0) return arithmetic(`Division by zero: ${a} / ${b}`, isPlaceless);
		return checked(BigInt(a) / BigInt(b), () => arithmetic(`Division overflow: ${a} / ${b}`, isPlaceless));
	}
	function modInts(a, b, isPlaceless) {
		if (b === 0 || b === -1 && a === INT_MIN) return arithmetic(`Modulo division by zero or overflow: ${a} % ${b}`, isPlaceless);
		const rest = BigInt(a) % BigInt(b);
		return typeof b === "number" ? Number(rest) : intOf(rest);
	}
	function powInts(a, b, isPlaceless) {
		if (b < 0) return arithmetic(`Integer raised to a negative power: ${a} ** ${b}`, isPlaceless);
		if (b > 4294967295) return arithmetic(`Exponential overflow: ${a} ** ${b}`, isPlaceless);
		if (a === 0 || a === 1) return b === 0 ? 1 : a;
		if (a === -1) return Number(b) % 2 === 0 ? 1 : -1;
		if (b > 63) return arithmetic(`Exponential overflow: ${a} ** ${b}`, isPlaceless);
		return checked(BigInt(a) ** BigInt(b), () => arithmetic(`Exponential overflow: ${a} ** ${b}`, isPlaceless));
	}
	function negInt(a) {
		if (a === INT_MIN) return arithmetic(`Negation overflow: -${a}`);
		return typeof a === "number" ? 0 - a : intOf(-a);
	}
	function shlInts(a, b) {
		if (b < 0) return shiftRight(a, -BigInt(b));
		return b >= 64 ? 0 : wrapInt(BigInt(a) << BigInt(b));
	}
	function shrInts(a, b) {
		if (b >= 0) return shiftRight(a, BigInt(b));
		return b <= -64 ? 0 : wrapInt(BigInt(a) << -BigInt(b));
	}
	function shiftRight(a, count) {
		if (count >= 64n) return a < 0 ? -1 : 0;
		return intOf(BigInt(a) >> count);
	}
	const LIMB = 4294967296;
	function joined$1(high, low) {
		const n = high * LIMB + (low >>> 0);
		return n < SAFE_MIN ? BigInt(n) : n;
	}
	function andInts(a, b) {
		if (typeof a === "number" && typeof b === "number") return joined$1(Math.floor(a / LIMB) & Math.floor(b / LIMB), a & b);
		return intOf(BigInt(a) & BigInt(b));
	}
	function orInts(a, b) {
		if (typeof a === "number" && typeof b === "number") return joined$1(Math.floor(a / LIMB) | Math.floor(b / LIMB), a | b);
		return intOf(BigInt(a) | BigInt(b));
	}
	function xorInts(a, b) {
		if (typeof a === "number" && typeof b === "number") return joined$1(Math.floor(a / LIMB) ^ Math.floor(b / LIMB), a ^ b);
		return intOf(BigInt(a) ^ BigInt(b));
	}
	function utf8Length(text) {
		let bytes = text.length;
		for (let i = 0; i < text.length; i++) {
			const unit = text.charCodeAt(i);
			if (unit < 128) continue;
			bytes += unit < 2048 || unit >= 55296 && unit < 57344 ? 1 : 2;
		}
		return bytes;
	}
	function checkString(text, isPlaceless = false) {
		const limit = S.limits.stringBytes;
		if (limit !== 0 && text.length * 3 > limit && longLength(text) > limit) dataTooLarge("Length of string", isPlaceless);
		return text;
	}
	function longLength(text) {
		if (text !== S.measured) {
			tick(text.length >> 6);
			S.measuredBytes = utf8Length(text);
			S.measured = text;
		}
		return S.measuredBytes;
	}
	function checkedSum(left, right, isPlaceless = false) {
		const text = left + right;
		const limit = S.limits.stringBytes;
		if (limit === 0 || text.length * 3 <= limit || left.length < right.length) return checkString(text, isPlaceless);
		const bytes = longLength(left) + utf8Length(right);
		if (bytes > limit) dataTooLarge("Length of string", isPlaceless);
		S.measured = text;
		S.measuredBytes = bytes;
		return text;
	}
	function checkStringUnits(units) {
		const limit = S.limits.stringBytes;
		if (limit !== 0 && units > limit) dataTooLarge("Length of string");
	}
	function checkArray(length) {
		const limit = S.limits.arrayItems;
		if (limit !== 0 && length > limit) dataTooLarge("Size of array/BLOB");
	}
	function checkMap(entries) {
		const limit = S.limits.mapEntries;
		if (limit !== 0 && entries > limit) dataTooLarge("Size of object map");
	}
	function checkSize(value) {
		const { stringBytes, arrayItems, mapEntries } = S.limits;
		if (stringBytes === 0 && arrayItems === 0 && mapEntries === 0) return;
		const size = {
			string: 0,
			array: 0,
			map: 0
		};
		measure(value, size);
		checkTotal(size);
	}
	function checkTotal(size) {
		const { stringBytes, arrayItems, mapEntries } = S.limits;
		if (stringBytes !== 0 && size.string > stringBytes) dataTooLarge("Length of string");
		if (arrayItems !== 0 && size.array > arrayItems) dataTooLarge("Size of array/BLOB");
		if (mapEntries !== 0 && size.map > mapEntries) dataTooLarge("Size of object map");
	}
	function sized(size, item) {
		measure(item, size);
		checkTotal(size);
		return item;
	}
	function measure(value, size) {
		const { stringBytes, arrayItems, mapEntries } = S.limits;
		if (typeof value === "string") {
			if (stringBytes !== 0 && size.string <= stringBytes) size.string += utf8Length(value);
		} else if (value instanceof Blob) size.array += value.bytes.length;
		else if (value instanceof Arr) {
			size.array += value.items.length;
			tick(value.items.length);
			if (arrayItems !== 0 && size.array > arrayItems) return;
			for (const item of value.items) if (typeof item === "string" || typeof item === "object") measure(item, size);
		} else if (value instanceof Dict) {
			size.map += value.entries.size;
			tick(value.entries.size);
			if (mapEntries !== 0 && size.map > mapEntries) return;
			for (const item of value.entries.values()) measure(item, size);
		}
	}
	function getTag(value) {
		return value instanceof Arr || value instanceof Blob || value instanceof Dict ? tagOf(value) : 0;
	}
	function checkTag(tag) {
		if (tag > 32767) return arithmetic(`${tag} is too large to fit into a tag (must be between -32768 and 32767)`);
		if (tag < -32768) return arithmetic(`${tag} is too small to fit into a tag (must be between -32768 and 32767)`);
		return Number(tag);
	}
	function setTag(object, tag) {
		const checked = checkTag(tag);
		if (object instanceof Arr || object instanceof Blob || object instanceof Dict) tagValue(object, checked);
		return object;
	}
	let getterOf$1 = () => void 0;
	function setGetters(lookup) {
		getterOf$1 = lookup;
	}
	function getProp(object, name) {
		if (object instanceof Dict) {
			const value = object.entries.get(name);
			if (value !== void 0) return value;
		}
		return getPropSlow(object, name);
	}
	function getPropSlow(object, name) {
		if (object instanceof Dict) return S.failsOnMissing && !object.entries.has(name) ? propertyNotFound(name) : void 0;
		if (name === "len") {
			if (typeof object === "string") return charCount(object);
			if (object instanceof Arr) return object.items.length;
		}
		if (name === "tag") return getTag(object);
		const getter = getterOf$1(object, name);
		return getter === void 0 ? unknownProperty(object, name) : getter(object);
	}
	function getPropElvis(object, name) {
		return object === void 0 ? void 0 : getProp(object, name);
	}
	function setProp(object, name, value) {
		if (object instanceof Dict) {
			const entries = object.shared ? ownEntries(object) : object.entries;
			entries.set(name, value);
			checkMap(entries.size);
			return object;
		}
		if (name === "tag") return setTag(object, isInt(value) ? value : mismatchAssigned(value, "i64"));
		return unwritableProperty(object, name, value);
	}
	function lt(a, b) {
		if (typeof a === "number" && typeof b === "number") return a < b;
		if (a instanceof Float && b instanceof Float) return a.v < b.v;
		return ordered("<", a, b, isLess);
	}
	function le(a, b) {
		if (typeof a === "number" && typeof b === "number") return a <= b;
		if (a instanceof Float && b instanceof Float) return a.v <= b.v;
		return ordered("<=", a, b, isLessOrEqual);
	}
	function gt(a, b) {
		if (typeof a === "number" && typeof b === "number") return a > b;
		if (a instanceof Float && b instanceof Float) return a.v > b.v;
		return ordered(">", a, b, isGreater);
	}
	function ge(a, b) {
		if (typeof a === "number" && typeof b === "number") return a >= b;
		if (a instanceof Float && b instanceof Float) return a.v >= b.v;
		return ordered(">=", a, b, isGreaterOrEqual);
	}
	const isLess = (a, b) => a < b;
	const isLessOrEqual = (a, b) => a <= b;
	const isGreater = (a, b) => a > b;
	const isGreaterOrEqual = (a, b) => a >= b;
	function ordered(name, a, b, test) {
		if (isInt(a) && isInt(b)) return test(a, b);
		const x = floatOf$1(a);
		const y = floatOf$1(b);
		if (x !== void 0 && y !== void 0) return test(x, y);
		const left = textOf$2(a);
		const right = textOf$2(b);
		if (left !== void 0 && right !== void 0) return test(compareText(left, right), 0);
		if (typeof a === "boolean" && typeof b === "boolean") return test(Number(a), Number(b));
		if (a instanceof Timestamp && b instanceof Timestamp) return test(a.ms, b.ms);
		return areIncomparable(a, b) ? functionNotFound(name, [a, b]) : false;
	}
	function floatOf$1(value) {
		if (value instanceof Float) return value.v;
		return isInt(value) ? Number(value) : void 0;
	}
	function textOf$2(value) {
		if (typeof value === "string") return value;
		return value instanceof Char ? value.text : void 0;
	}
	function areIncomparable(a, b) {
		if (a instanceof Blob && b instanceof Char) return true;
		return typeof a === "object" && typeof b === "object" && a.constructor === b.constructor;
	}
	function eq(a, b) {
		if (typeof a === "number" && typeof b === "number") return a === b;
		if (typeof a === "string" && typeof b === "string") return a === b;
		return eqSlow(a, b, "==");
	}
	function ne(a, b) {
		if (typeof a === "number" && typeof b === "number") return a !== b;
		if (typeof a === "string" && typeof b === "string") return a !== b;
		return neSlow(a, b);
	}
	function neSlow(a, b) {
		const x = floatOf$1(a);
		const y = floatOf$1(b);
		if (x !== void 0 && y !== void 0 && !(isInt(a) && isInt(b))) return Math.abs(x - y) > Number.EPSILON;
		if (a instanceof Range && b instanceof Range && a.isInclusive !== b.isInclusive) return true;
		return !eqSlow(a, b, "!=");
	}
	function eqSlow(a, b, name) {
		if (typeof a !== "object" && typeof b !== "object") return a === b;
		if (a instanceof Float) return eqFloat(a.v, b);
		if (b instanceof Float) return eqFloat(b.v, a);
		if (a instanceof Char) return a === b || a.text === b;
		if (b instanceof Char) return a instanceof Blob ? functionNotFound(name, [a, b]) : a === b.text;
		if (typeof a !== "object" || typeof b !== "object") return false;
		return eqObjects(a, b, name);
	}
	function eqFloat(x, b) {
		if (b instanceof Float) return Math.abs(x - b.v) <= Number.EPSILON;
		return isInt(b) && Math.abs(x - Number(b)) <= Number.EPSILON;
	}
	function eqObjects(a, b, name) {
		if (a instanceof Arr && b instanceof Arr) return eqItems(a.items, b.items);
		if (a instanceof Dict && b instanceof Dict) return eqEntries(a.entries, b.entries);
		if (a instanceof Blob && b instanceof Blob) return eqBytes(a.bytes, b.bytes);
		if (a instanceof Timestamp && b instanceof Timestamp) return a.ms === b.ms;
		if (a instanceof Range && b instanceof Range && a.isInclusive === b.isInclusive) return a.start === b.start && a.end === b.end;
		return a.constructor === b.constructor ? functionNotFound(name, [a, b]) : false;
	}
	function eqItems(a, b) {
		if (a.length !== b.length) return false;
		tick(a.length);
		for (let i = 0; i < a.length; i++) if (!eqInner(a[i], b[i])) return false;
		return true;
	}
	function eqEntries(a, b) {
		if (a.size !== b.size) return false;
		tick(a.size);
		for (const key of a.keys()) if (!b.has(key)) return false;
		for (const [key, value] of a) if (!eqInner(value, b.get(key))) return false;
		return true;
	}
	function eqInner(a, b) {
		if (a instanceof Range && b instanceof Range && a.isInclusive !== b.isInclusive) return false;
		if (a instanceof Blob && b instanceof Char) return false;
		return eq(a, b);
	}
	function eqBytes(a, b) {
		if (a.length !== b.length) return false;
		tick(a.length >> 2);
		for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
		return true;
	}
	function hasByte(bytes, item) {
		tick(bytes.length >> 6);
		return bytes.includes(Number(BigInt.asUintN(8, BigInt(item))));
	}
	function contains(container, item) {
		if (container instanceof Dict && typeof item === "string") return container.entries.has(item);
		if (container instanceof Arr) {
			tick(container.items.length);
			return container.items.some((element) => eqInner(item, element));
		}
		const text = textOf$2(item);
		if (typeof container === "string" && text !== void 0) return container.includes(text);
		if (isInt(item)) {
			if (container instanceof Range) return isInRange(container, item);
			if (container instanceof Blob) return hasByte(container.bytes, item);
		}
		return functionNotFound("contains", [container, item]);
	}
	function isInRange(range, value) {
		return value >= range.start && (range.isInclusive ? value <= range.end : value < range.end);
	}
	const top = Number.MAX_SAFE_INTEGER;
	function clamp(value) {
		if (typeof value === "number") return value;
		return value > 0n ? top : -top;
	}
	const nothing$1 = {
		from: 0,
		to: 0
	};
	function portion(length, start, count) {
		let from = clamp(start);
		if (from < 0) from = Math.max(length + from, 0);
		else if (from >= length) return {
			from: length,
			to: length
		};
		const n = clamp(count);
		return {
			from,
			to: n <= 0 ? from : Math.min(length, from + n)
		};
	}
	function rangeStart(range) {
		return Math.max(clamp(range.start), 0);
	}
	function rangeCount(range) {
		const start = rangeStart(range);
		const end = clamp(range.end);
		if (range.isInclusive) return Math.max(end, start) - start + 1;
		return Math.max(end, start) - start;
	}
	function rangePortion(length, range) {
		return portion(length, rangeStart(range), rangeCount(range));
	}
	function position(length, index) {
		const at = clamp(index);
		if (at < 0) return at + length < 0 ? void 0 : at + length;
		return at < length ? at : void 0;
	}
	function clampedPosition(length, index) {
		return portion(length, index, 0).from;
	}
	function portionOf(length, first, second) {
		if (first instanceof Range) return second === void 0 ? rangePortion(length, first) : void 0;
		if (!isInt(first) || !isInt(second)) return void 0;
		return clamp(second) <= 0 ? nothing$1 : portion(length, first, second);
	}
	const itemsMax = 1e8;
	function push$1(array, item) {
		ownItems(array).push(item);
		if (S.limits.arrayItems !== 0) checkArray(array.items.length);
	}
	function append$2(array, more) {
		if (!(more instanceof Arr)) return NONE;
		tick(more.items.length);
		appendItems(array, more);
	}
	function appendItems(array, more) {
		const items = ownItems(array);
		const added = more.items;
		const count = added.length;
		for (let at = 0; at < count; at++) items.push(copy(added[at]));
		checkArray(array.items.length);
	}
	function insert$1(array, index, item) {
		if (!isInt(index)) return NONE;
		const items = ownItems(array);
		tick(items.length >> 4);
		items.splice(clampedPosition(items.length, index), 0, item);
		checkArray(array.items.length);
	}
	function get$3(array, index) {
		if (!isInt(index)) return NONE;
		const { items } = array;
		return copy(items[clampedPosition(items.length, index)]);
	}
	function set$3(array, index, item) {
		if (!isInt(index)) return NONE;
		const items = ownItems(array);
		const at = clampedPosition(items.length, index);
		if (at >= items.length) return void 0;
		items[at] = item;
		checkArray(array.items.length);
	}
	function remove$3(array, index) {
		if (!isInt(index)) return NONE;
		const items = ownItems(array);
		const at = position(items.length, index);
		if (at === void 0) return void 0;
		tick(items.length >> 4);
		return items.splice(at, 1)[0];
	}
	function truncate$2(array, count) {
		if (!isInt(count)) return NONE;
		const items = ownItems(array);
		items.length = Math.min(items.length, Math.max(clamp(count), 0));
	}
	function chop$1(array, count) {
		if (!isInt(count)) return NONE;
		const items = ownItems(array);
		items.splice(0, items.length - Math.max(clamp(count), 0));
	}
	function clear$1(array) {
		array.items = [];
		array.shared = false;
	}
	function reverse(array) {
		tick(array.items.length >> 3);
		ownItems(array).reverse();
	}
	function pad$2(array, count, item) {
		if (!isInt(count)) return NONE;
		const to = clamp(count);
		if (to <= array.items.length) return void 0;
		const max = S.limits.arrayItems;
		if (to > itemsMax || max > 0 && to > max) dataTooLarge("Size of array/BLOB");
		const items = ownItems(array);
		tick(to - items.length);
		while (items.length < to) items.push(copy(item));
		checkArray(array.items.length);
	}
	function copied(items, { from, to }) {
		tick(to - from >> 2);
		const part = [];
		for (let at = from; at < to; at++) part.push(copy(items[at]));
		return new Arr(part);
	}
	function extract(array, start, count) {
		const part = portionOf(array.items.length, start, count);
		return part === void 0 ? NONE : copied(array.items, part);
	}
	function extractFrom$1(array, start) {
		const { length } = array.items;
		if (isInt(start)) return copied(array.items, portion(length, start, length));
		const part = portionOf(length, start);
		return part === void 0 ? NONE : copied(array.items, part);
	}
	function splice$1(array, part, replacement) {
		if (!(replacement instanceof Arr)) return NONE;
		const items = ownItems(array);
		tick(items.length + replacement.items.length);
		const added = replacement.items.map((item) => copy(item));
		const { from, to } = part;
		const tail = items.slice(to);
		items.length = from;
		for (const item of added) items.push(item);
		for (const item of tail) items.push(item);
		checkArray(array.items.length);
	}
	function spliceRange$1(array, range, replacement) {
		const part = portionOf(array.items.length, range);
		return part === void 0 ? NONE : splice$1(array, part, replacement);
	}
	function spliceSpan$1(array, start, count, replacement) {
		if (!isInt(start) || !isInt(count)) return NONE;
		return splice$1(array, portion(array.items.length, start, count), replacement);
	}
	function splitAt$2(array, index) {
		if (!isInt(index)) return NONE;
		const items = ownItems(array);
		tick(items.length >> 3);
		return new Arr(items.splice(clampedPosition(items.length, index)));
	}
	function drainPortion(array, part) {
		const items = ownItems(array);
		tick(items.length >> 3);
		return new Arr(items.splice(part.from, part.to - part.from));
	}
	function drain$3(array, start, count) {
		const part = portionOf(array.items.length, start, count);
		return part === void 0 ? NONE : drainPortion(array, part);
	}
	function retainPortion(array, { from, to }) {
		const items = ownItems(array);
		tick(items.length >> 3);
		array.items = items.slice(from, to);
		return new Arr([...items.slice(0, from), ...items.slice(to)]);
	}
	function retain$3(array, start, count) {
		if (!isInt(start) || !isInt(count)) return NONE;
		if (clamp(count) <= 0) return new Arr([]);
		const part = portion(array.items.length, start, count);
		if (part.from === part.to) return new Arr([]);
		return retainPortion(array, part);
	}
	function contains$3(array, value) {
		return indexFrom(array.items, value, 0) >= 0;
	}
	function indexFrom(items, value, start) {
		tick(items.length - start >> 2);
		for (let at = start; at < items.length; at++) if (eqInner(items[at], value)) return at;
		return -1;
	}
	function defineArrays() {
		defineGetter("array", "len", (array) => array.items.length);
		defineGetter("array", "is_empty", (array) => array.items.length === 0);
		define("array", "get", get$3, "mutates");
		define("array", "set", set$3, "mutates");
		define("array", "push", push$1, "mutates");
		define("array", "append", append$2, "mutates");
		define("array", "insert", insert$1, "mutates");
		define("array", "pop", (array) => ownItems(array).pop(), "mutates");
		define("array", "shift", (array) => ownItems(array).shift(), "mutates");
		define("array", "remove", remove$3, "mutates");
		define("array", "clear", clear$1, "mutates");
		define("array", "truncate", truncate$2, "mutates");
		define("array", "chop", chop$1, "mutates");
		define("array", "reverse", reverse, "mutates");
		define("array", "pad", pad$2, "mutates");
		define("array", "splice", spliceRange$1, "mutates");
		define("array", "splice", spliceSpan$1, "mutates");
		define("array", "extract", extractFrom$1, "mutates");
		define("array", "extract", extract, "mutates");
		define("array", "split", splitAt$2, "mutates");
		define("array", "drain", drain$3, "mutates");
		define("array", "retain", retain$3, "mutates");
		define("array", "contains", contains$3);
	}
	const bitCount = 64;
	function bitAt(index) {
		return position(bitCount, index) ?? bitBounds(index);
	}
	function bitsOf(first, second) {
		if (isInt(first) && isInt(second)) return {
			from: first,
			count: clamp(second)
		};
		if (!(first instanceof Range) || second !== void 0) return void 0;
		const from = Math.max(clamp(first.start), 0);
		if (!first.isInclusive) return {
			from,
			count: Math.max(clamp(first.end), from) - from
		};
		const to = Math.max(clamp(first.end), from - 1);
		if (to >= bitCount) return bitBounds(to);
		return {
			from,
			count: to - from + 1
		};
	}
	function getBits$1(value, first, second) {
		const part = bitsOf(first, second);
		if (part === void 0) return NONE;
		if (part.count <= 0) return 0;
		const from = bitAt(part.from);
		const count = Math.min(part.count, bitCount - from);
		if (count === bitCount) return value;
		return intOf(BigInt.asUintN(count, BigInt(value) >> BigInt(from)));
	}
	function setBits$1(value, first, second, bits) {
		const part = bitsOf(first, second);
		if (part === void 0 || !isInt(bits)) return NONE;
		if (part.count <= 0) return void 0;
		const from = bitAt(part.from);
		const mask = (1n << BigInt(Math.min(part.count, bitCount - from))) - 1n;
		const cleared = BigInt(value) & ~(mask << BigInt(from));
		S.self = wrapInt(cleared | (BigInt(bits) & mask) << BigInt(from));
	}
	function getBit$1(value, index) {
		if (!isInt(index)) return NONE;
		return (BigInt(value) >> BigInt(bitAt(index)) & 1n) === 1n;
	}
	function setBit$1(value, index, bit) {
		if (!isInt(index) || typeof bit !== "boolean") return NONE;
		const mask = 1n << BigInt(bitAt(index));
		S.self = wrapInt(bit ? BigInt(value) | mask : BigInt(value) & ~mask);
	}
	function sequence(value, start, count) {
		const from = bitAt(start);
		const length = Math.max(Math.min(count, bitCount - from), 0);
		const shifted = shrInts(value, from);
		return new Sequence("rhai::packages::iter_basic::BitRange", () => Array.from({ length }, (_, at) => (BigInt(shifted) >> BigInt(at) & 1n) === 1n));
	}
	function bitsFrom(value, first) {
		if (isInt(first)) return sequence(value, first, bitCount);
		if (!(first instanceof Range)) return NONE;
		const from = Math.max(clamp(first.start), 0);
		const end = clamp(first.end) + (first.isInclusive ? 1 : 0);
		return sequence(value, from, Math.max(end, from) - from);
	}
	function bitsSome(value, start, count) {
		return isInt(start) && isInt(count) ? sequence(value, start, clamp(count)) : NONE;
	}
	function defineBits() {
		define("int", "get_bit", getBit$1);
		define("int", "set_bit", setBit$1, "replaces");
		define("int", "get_bits", (value, range) => getBits$1(value, range));
		define("int", "get_bits", (value, start, count) => getBits$1(value, start, count));
		define("int", "set_bits", (value, range, bits) => setBits$1(value, range, void 0, bits), "replaces");
		define("int", "set_bits", setBits$1, "replaces");
		defineGetter("int", "bits", (value) => sequence(value, 0, bitCount));
		define("int", "bits", bitsFrom);
		define("int", "bits", bitsSome);
	}
	function addOther(a, b, isPlaceless) {
		const left = pieceOf(a);
		const right = pieceOf(b);
		if (left !== void 0 && right !== void 0) return checkedSum(left, right, isPlaceless);
		if (typeof b === "string") return checkedSum(concatText(a), b);
		if (typeof a === "string") return checkedSum(a, concatText(b));
		if (a instanceof Arr && b instanceof Arr) {
			checkArray(a.items.length + b.items.length);
			return new Arr([...copies(a.items), ...copies(b.items)]);
		}
		if (a instanceof Dict && b instanceof Dict) return mixed(a, b);
		if (a instanceof Blob && right !== void 0) return new Blob(joined(a.bytes, encodeUtf8(right)));
		if (a instanceof Blob && b instanceof Blob) return new Blob(joined(a.bytes, b.bytes));
		if (a instanceof Timestamp) return shifted(a, b, 1, "+");
		return functionNotFound("+", [a, b]);
	}
	function subOther(a, b) {
		if (a instanceof Timestamp) return b instanceof Timestamp ? new Float((a.ms - b.ms) / 1e3) : shifted(a, b, -1, "-");
		const right = pieceOf(b);
		if (typeof a !== "string" || right === void 0) return functionNotFound("-", [a, b]);
		return right === "" ? a : a.split(right).join("");
	}
	function shifted(timestamp, by, sign, name) {
		if (isInt(by)) return new Timestamp(timestamp.ms + sign * Number(by) * 1e3);
		if (by instanceof Float) return new Timestamp(timestamp.ms + sign * Math.trunc(by.v * 1e3));
		return functionNotFound(name, [timestamp, by]);
	}
	function pieceOf(value) {
		if (typeof value === "string") return value;
		return value instanceof Char ? value.text : void 0;
	}
	function concatText(value) {
		return value instanceof Blob ? decodeUtf8(value.bytes) : toText(value);
	}
	function copies(items) {
		tick(items.length);
		return items.map((item) => copy(item));
	}
	function mixed(a, b) {
		tick(a.entries.size + b.entries.size);
		const entries = new Map();
		for (const [key, value] of a.entries) entries.set(key, copy(value));
		for (const [key, value] of b.entries) entries.set(key, copy(value));
		checkMap(entries.size);
		return new Dict(entries);
	}
	function joined(a, b) {
		tick(a.length + b.length >> 4);
		const bytes = new Uint8Array(a.length + b.length);
		bytes.set(a);
		bytes.set(b, a.length);
		return bytes;
	}
	function encodeUtf8(text) {
		const bytes = [];
		for (const char of text) {
			const code = char.codePointAt(0) ?? 0;
			if (code < 128) bytes.push(code);
			else if (code < 2048) bytes.push(192 | code >> 6, 128 | code & 63);
			else if (code < 65536) bytes.push(224 | code >> 12, 128 | code >> 6 & 63, 128 | code & 63);
			else bytes.push(240 | code >> 18, 128 | code >> 12 & 63, 128 | code >> 6 & 63, 128 | code & 63);
		}
		return Uint8Array.from(bytes);
	}
	function decodeUtf8(bytes) {
		const parts = [];
		let i = 0;
		tick(bytes.length >> 3);
		while (i < bytes.length) {
			const end = endOfAscii(bytes, i);
			if (end > i) {
				parts.push(String.fromCharCode(...bytes.subarray(i, end)));
				i = end;
				continue;
			}
			const length = charLength(bytes, i);
			parts.push(length > 0 ? String.fromCodePoint(charAt$1(bytes, i, length)) : "\ufffd");
			i += Math.abs(length);
		}
		return parts.join("");
	}
	const CHUNK = 4096;
	function endOfAscii(bytes, start) {
		const most = Math.min(bytes.length, start + CHUNK);
		let end = start;
		while (end < most && (bytes[end] ?? 128) < 128) end++;
		return end;
	}
	function charLength(bytes, i) {
		const { length, low, high } = shapeOf(bytes[i] ?? 0);
		for (let k = 1; k < length; k++) {
			const byte = bytes[i + k] ?? 0;
			if (byte < (k === 1 ? low : 128) || byte > (k === 1 ? high : 191)) return -k;
		}
		return length === 0 ? -1 : length;
	}
	function shapeOf(first) {
		if (first < 128) return {
			length: 1,
			low: 128,
			high: 191
		};
		if (first < 194 || first > 244) return {
			length: 0,
			low: 128,
			high: 191
		};
		if (first < 224) return {
			length: 2,
			low: 128,
			high: 191
		};
		if (first < 240) return {
			length: 3,
			low: first === 224 ? 160 : 128,
			high: first === 237 ? 159 : 191
		};
		return {
			length: 4,
			low: first === 240 ? 144 : 128,
			high: first === 244 ? 143 : 191
		};
	}
	function charAt$1(bytes, i, length) {
		const first = bytes[i] ?? 0;
		let code = length === 1 ? first : first & 127 >> length;
		for (let k = 1; k < length; k++) code = code << 6 | (bytes[i + k] ?? 0) & 63;
		return code;
	}
	const numberBytes = 8;
	function view(blob, { from, to }) {
		const bytes = new Uint8Array(numberBytes);
		bytes.set(blob.bytes.subarray(from, Math.min(to, from + numberBytes)));
		return new DataView(bytes.buffer);
	}
	function parseInt64(blob, part, isLittle) {
		return part === void 0 ? NONE : wrapInt(view(blob, part).getBigInt64(0, isLittle));
	}
	function parseFloat64(blob, part, isLittle) {
		return part === void 0 ? NONE : new Float(view(blob, part).getFloat64(0, isLittle));
	}
	function encoded(value, isLittle) {
		const data = new DataView(new ArrayBuffer(numberBytes));
		if (isInt(value)) data.setBigInt64(0, BigInt(value), isLittle);
		else if (value instanceof Float) data.setFloat64(0, value.v, isLittle);
		else return void 0;
		return new Uint8Array(data.buffer);
	}
	function write$1(blob, part, bytes) {
		if (part === void 0 || bytes === void 0) return NONE;
		ownBytes(blob).set(bytes.subarray(0, part.to - part.from), part.from);
	}
	function utf8(value) {
		return typeof value === "string" ? encodeUtf8(value) : void 0;
	}
	function ascii(value) {
		return utf8(value)?.filter((byte) => byte < 128);
	}
	function defineReader(name, read) {
		define("blob", name, (blob, range) => read(blob, portionOf(blob.bytes.length, range)));
		define("blob", name, (blob, start, count) => read(blob, portionOf(blob.bytes.length, start, count)));
	}
	function defineWriter(name, encode) {
		define("blob", name, (blob, range, value) => write$1(blob, portionOf(blob.bytes.length, range), encode(value)), "mutates");
		define("blob", name, (blob, start, count, value) => write$1(blob, portionOf(blob.bytes.length, start, count), encode(value)), "mutates");
	}
	function defineBlobCodecs() {
		defineReader("parse_le_int", (blob, part) => parseInt64(blob, part, true));
		defineReader("parse_be_int", (blob, part) => parseInt64(blob, part, false));
		defineReader("parse_le_float", (blob, part) => parseFloat64(blob, part, true));
		defineReader("parse_be_float", (blob, part) => parseFloat64(blob, part, false));
		defineWriter("write_le", (value) => encoded(value, true));
		defineWriter("write_be", (value) => encoded(value, false));
		defineWriter("write_utf8", utf8);
		defineWriter("write_ascii", ascii);
	}
	function appendBytes(blob, more) {
		const { bytes } = blob;
		const length = bytes.length + more.length;
		tick(more.length >> 6);
		if (!blob.shared && bytes.byteOffset === 0 && bytes.buffer.byteLength >= length) {
			const longer = new Uint8Array(bytes.buffer, 0, length);
			longer.set(more, bytes.length);
			blob.bytes = longer;
			return;
		}
		tick(bytes.length >> 6);
		const made = new Uint8Array(length + (length >> 1) + 8);
		made.set(bytes);
		made.set(more, bytes.length);
		blob.bytes = new Uint8Array(made.buffer, 0, length);
		blob.shared = false;
	}
	const bytesMax = 2 ** 29;
	function byteOf(value) {
		return typeof value === "number" ? (value % 256 + 256) % 256 : Number(BigInt.asUintN(8, value));
	}
	function become$1(blob, bytes) {
		tick(bytes.length >> 6);
		blob.bytes = bytes;
		blob.shared = false;
		checkArray(bytes.length);
	}
	function spliced$1(bytes, { from, to }, middle) {
		const made = new Uint8Array(bytes.length - (to - from) + middle.length);
		made.set(bytes.subarray(0, from));
		made.set(middle, from);
		made.set(bytes.subarray(to), from + middle.length);
		return made;
	}
	const empty = new Uint8Array(0);
	function make(length, value) {
		if (!isInt(value)) return NONE;
		const count = Math.max(clamp(length), 0);
		checkLength(count);
		return new Blob(new Uint8Array(count).fill(byteOf(value)));
	}
	function checkLength(count) {
		const max = S.limits.arrayItems;
		if (count > bytesMax || max > 0 && count > max) dataTooLarge("Size of array/BLOB");
		tick(count >> 6);
	}
	function get$2(blob, index) {
		if (!isInt(index)) return NONE;
		return blob.bytes[clampedPosition(blob.bytes.length, index)] ?? 0;
	}
	function set$2(blob, index, value) {
		if (!isInt(index) || !isInt(value)) return NONE;
		const bytes = ownBytes(blob);
		const at = clampedPosition(bytes.length, index);
		if (at < bytes.length) bytes[at] = byteOf(value);
	}
	function push(blob, value) {
		return isInt(value) ? grow(blob, oneByte(value)) : NONE;
	}
	function grow(blob, more) {
		appendBytes(blob, more);
		checkArray(blob.bytes.length);
	}
	function oneByte(value) {
		return Uint8Array.of(byteOf(value));
	}
	function bytesOf$1(value) {
		if (value instanceof Blob) return value.bytes;
		if (isInt(value)) return oneByte(value);
		if (typeof value === "string") return encodeUtf8(value);
		return value instanceof Char ? encodeUtf8(value.text) : void 0;
	}
	function append$1(blob, value) {
		const more = bytesOf$1(value);
		return more === void 0 ? NONE : grow(blob, more);
	}
	function insert(blob, index, value) {
		if (!isInt(index) || !isInt(value)) return NONE;
		const at = clampedPosition(blob.bytes.length, index);
		return become$1(blob, spliced$1(blob.bytes, {
			from: at,
			to: at
		}, oneByte(value)));
	}
	function pad$1(blob, count, value) {
		if (!isInt(count) || !isInt(value)) return NONE;
		const to = clamp(count);
		const { length } = blob.bytes;
		if (to <= length) return void 0;
		checkLength(to);
		const made = new Uint8Array(to).fill(byteOf(value));
		made.set(blob.bytes);
		return become$1(blob, made);
	}
	function removeAt(blob, at) {
		const byte = at === void 0 ? void 0 : blob.bytes[at];
		if (at === void 0 || byte === void 0) return 0;
		become$1(blob, spliced$1(blob.bytes, {
			from: at,
			to: at + 1
		}, empty));
		return byte;
	}
	function remove$2(blob, index) {
		return isInt(index) ? removeAt(blob, position(blob.bytes.length, index)) : NONE;
	}
	function truncate$1(blob, count) {
		if (!isInt(count)) return NONE;
		return become$1(blob, blob.bytes.slice(0, Math.max(clamp(count), 0)));
	}
	function chop(blob, count) {
		if (!isInt(count)) return NONE;
		const { length } = blob.bytes;
		return become$1(blob, blob.bytes.slice(Math.max(length - Math.max(clamp(count), 0), 0)));
	}
	function splice(blob, part, replacement) {
		if (!(replacement instanceof Blob)) return NONE;
		const { length } = blob.bytes;
		const at = part.from === part.to ? {
			from: length,
			to: length
		} : part;
		return become$1(blob, spliced$1(blob.bytes, at, replacement.bytes));
	}
	function spliceRange(blob, range, replacement) {
		const part = portionOf(blob.bytes.length, range);
		return part === void 0 ? NONE : splice(blob, part, replacement);
	}
	function spliceSpan(blob, start, count, replacement) {
		const part = portionOf(blob.bytes.length, start, count);
		return part === void 0 ? NONE : splice(blob, part, replacement);
	}
	function extractPortion(blob, part) {
		if (part === void 0) return NONE;
		tick(part.to - part.from >> 6);
		return new Blob(blob.bytes.slice(part.from, part.to));
	}
	function extractFrom(blob, start) {
		const { length } = blob.bytes;
		return extractPortion(blob, isInt(start) ? portion(length, start, length) : portionOf(length, start));
	}
	function splitAt$1(blob, index) {
		if (!isInt(index)) return NONE;
		const at = clampedPosition(blob.bytes.length, index);
		const tail = new Blob(blob.bytes.slice(at));
		become$1(blob, blob.bytes.slice(0, at));
		return tail;
	}
	function drain$2(blob, part) {
		if (part === void 0) return NONE;
		const taken = new Blob(blob.bytes.slice(part.from, part.to));
		become$1(blob, spliced$1(blob.bytes, part, empty));
		return taken;
	}
	function retain$2(blob, part) {
		if (part === void 0) return NONE;
		const rest = new Blob(spliced$1(blob.bytes, part, empty));
		become$1(blob, blob.bytes.slice(part.from, part.to));
		return rest;
	}
	function retainSpan(blob, start, count) {
		if (!isInt(start) || !isInt(count)) return NONE;
		if (clamp(count) <= 0) return new Blob(empty);
		return retain$2(blob, portion(blob.bytes.length, start, count));
	}
	function retainRange(blob, range) {
		const part = portionOf(blob.bytes.length, range);
		if (part !== void 0 && part.from === part.to && part.from < blob.bytes.length) return new Blob(empty);
		return retain$2(blob, part);
	}
	function toArray(blob) {
		tick(blob.bytes.length >> 2);
		return new Arr(Array.from(blob.bytes));
	}
	function defineBlobs() {
		defineNone("blob", () => new Blob(new Uint8Array(0)));
		define("int", "blob", (length) => make(length, 0));
		define("int", "blob", (length, value) => make(length, value));
		defineGetter("blob", "len", (blob) => blob.bytes.length);
		defineGetter("blob", "is_empty", (blob) => blob.bytes.length === 0);
		define("blob", "contains", (blob, value) => isInt(value) ? hasByte(blob.bytes, value) : NONE);
		define("blob", "get", get$2);
		define("blob", "set", set$2, "mutates");
		define("blob", "push", push, "mutates");
		define("blob", "append", append$1, "mutates");
		define("blob", "insert", insert, "mutates");
		define("blob", "pad", pad$1, "mutates");
		define("blob", "pop", (blob) => removeAt(blob, blob.bytes.length - 1), "mutates");
		define("blob", "shift", (blob) => removeAt(blob, 0), "mutates");
		define("blob", "remove", remove$2, "mutates");
		define("blob", "clear", (blob) => become$1(blob, new Uint8Array(0)), "mutates");
		define("blob", "truncate", truncate$1, "mutates");
		define("blob", "chop", chop, "mutates");
		define("blob", "reverse", (blob) => become$1(blob, blob.bytes.toReversed()), "mutates");
		definePortions();
		define("blob", "to_array", toArray);
		define("blob", "as_string", (blob) => checkString(decodeUtf8(blob.bytes)));
	}
	function definePortions() {
		define("blob", "splice", spliceRange, "mutates");
		define("blob", "splice", spliceSpan, "mutates");
		define("blob", "extract", extractFrom, "mutates");
		define("blob", "extract", (blob, a, b) => extractPortion(blob, portionOf(blob.bytes.length, a, b)), "mutates");
		define("blob", "split", splitAt$1, "mutates");
		define("blob", "drain", (blob, range) => drain$2(blob, portionOf(blob.bytes.length, range)), "mutates");
		define("blob", "drain", (blob, a, b) => drain$2(blob, portionOf(blob.bytes.length, a, b)), "mutates");
		define("blob", "retain", retainRange, "mutates");
		define("blob", "retain", retainSpan, "mutates");
	}
	const nothing = {
		name: "",
		code: () => void 0,
		arity: -1,
		isColoured: false
	};
	const bare = [];
	const itemForms = [
		"this",
		"item",
		"itemIndex"
	];
	const thisForms = ["this", "thisIndex"];
	const foldForms = [
		void 0,
		"this",
		"item",
		"itemIndex"
	];
	const entryForms = [
		void 0,
		"this",
		"item"
	];
	const pairForms = [
		void 0,
		void 0,
		"item",
		"itemIndex"
	];
	function planOf(fn, caller, forms) {
		const compiled = fn.compiled ?? nothing;
		const form = fn.compiled === void 0 ? "name" : forms[compiled.arity - fn.curry.length] ?? "name";
		const isBare = fn.cells.length === 0 && fn.curry.length === 0;
		return {
			fn,
			form,
			compiled,
			code: compiled.code,
			head: isBare ? bare : [...fn.cells, ...fn.curry],
			caller
		};
	}
	function planItem(fn, caller) {
		return planOf(fn, caller, itemForms);
	}
	function planThis(fn, caller) {
		return planOf(fn, caller, thisForms);
	}
	function planFold(fn, caller) {
		return planOf(fn, caller, foldForms);
	}
	function planEntry(fn, caller) {
		return planOf(fn, caller, entryForms);
	}
	function planPair(fn, caller) {
		return planOf(fn, caller, pairForms);
	}
	function* settle$1(compiled, result) {
		if (compiled.isColoured) return yield* result;
		return result;
	}
	function* callNative$1(name, args) {
		return yield* nativeA(name, args.length)(...args);
	}
	function* callFn$1(fn, self, args) {
		if (!(fn instanceof FnPtr)) return mismatchAssigned(fn, "Fn");
		const { compiled, cells, curry } = fn;
		if (compiled === void 0 || compiled.arity !== curry.length + args.length) return yield* callNamed$1(fn, self === UNIT ? void 0 : self, self !== void 0, args);
		let result;
		if (curry.length === 0 && args.length < 3) result = yield* callShort$1(compiled, cells, self, args);
		else result = yield* settle$1(compiled, compiled.code(self, ...cells, ...curry, ...args));
		if (compiled.setsThis !== true) S.self = self === UNIT ? void 0 : self;
		return result;
	}
	function* callShort$1(compiled, cells, self, args) {
		const { code } = compiled;
		if (cells.length === 0) {
			if (args.length === 0) return yield* settle$1(compiled, code(self));
			if (args.length === 1) return yield* settle$1(compiled, code(self, args[0]));
			return yield* settle$1(compiled, code(self, args[0], args[1]));
		}
		if (cells.length === 1) {
			if (args.length === 0) return yield* settle$1(compiled, code(self, cells[0]));
			if (args.length === 1) return yield* settle$1(compiled, code(self, cells[0], args[0]));
			return yield* settle$1(compiled, code(self, cells[0], args[0], args[1]));
		}
		return yield* settle$1(compiled, code(self, ...cells, ...args));
	}
	function* callMethod$1(target, args) {
		if (target instanceof FnPtr) {
			const result = yield* callFn$1(target, void 0, args);
			S.self = target;
			return result;
		}
		if (args.length === 0) return mismatchValue(target, "Fn");
		return yield* callFn$1(args[0], target ?? UNIT, args.slice(1));
	}
	function* callNamed$1(fn, self, hasSelf, args) {
		const all = [...fn.curry, ...args];
		const script = S.functions?.get(`${fn.name}/${all.length}`);
		if (script !== void 0) {
			const result = yield* settle$1(script, script.code(hasSelf ? self ?? UNIT : void 0, ...all));
			if (script.setsThis !== true) S.self = self;
			return result;
		}
		if (!hasSelf) return yield* callNative$1(fn.name, all);
		const isCopied = fn.curry.length > 0;
		const full = isCopied ? [
			...fn.curry,
			self,
			...args
		] : [self, ...args];
		const result = yield* callNative$1(fn.name, full);
		if (isCopied || !setsSelf(fn.name, full.length)) S.self = self;
		return result;
	}
	function* callByName$1(plan, self, hasSelf, forms) {
		const depth = S.depth;
		for (let at = 0;; at++) {
			const args = forms[at] ?? [];
			const isLast = at === forms.length - 1;
			try {
				const withSelf = hasSelf && at === 0;
				if (!canCall$1(plan.fn, withSelf, args)) functionNotFound(plan.fn.name, [...plan.fn.curry, ...args]);
				return yield* callNamed$1(plan.fn, self, withSelf, args);
			} catch (error) {
				if (!(error instanceof RhaiError)) throw error;
				if (isLast || isScripted$1(plan.fn, args) || !isMissing$1(error, plan.fn.name)) throw inCallOf$1(plan.caller, error);
				S.depth = depth;
			}
		}
	}
	function isScripted$1(fn, args) {
		return S.functions?.has(`${fn.name}/${fn.curry.length + args.length}`) === true;
	}
	function canCall$1(fn, withSelf, args) {
		const count = fn.curry.length + args.length;
		return isScripted$1(fn, args) || hasNative(fn.name, withSelf ? count + 1 : count);
	}
	function isMissing$1(error, name) {
		return error.variant === "ErrorFunctionNotFound" && error.fields.function?.startsWith(`${name} (`) === true;
	}
	function inCallOf$1(caller, inner) {
		if (inner.variant === "ErrorTooManyOperations" || inner.variant === "ErrorStackOverflow") return inner;
		return new RhaiError("ErrorInFunctionCall", `${inner.text}\nin call to function '${caller}'`, {
			fields: {
				function: caller,
				source: ""
			},
			inner
		});
	}
	function* apply0$1(plan, self) {
		const { compiled, code, head } = plan;
		if (head.length === 0) return yield* settle$1(compiled, code(self));
		return yield* settle$1(compiled, code(self, ...head));
	}
	function* apply1$1(plan, self, a) {
		const { compiled, code, head } = plan;
		if (head.length === 0) return yield* settle$1(compiled, code(self, a));
		if (head.length === 1) return yield* settle$1(compiled, code(self, head[0], a));
		return yield* settle$1(compiled, code(self, ...head, a));
	}
	function* apply2$1(plan, a, b) {
		const { compiled, code, head } = plan;
		if (head.length === 0) return yield* settle$1(compiled, code(void 0, a, b));
		if (head.length === 1) return yield* settle$1(compiled, code(void 0, head[0], a, b));
		return yield* settle$1(compiled, code(void 0, ...head, a, b));
	}
	function* apply3$1(plan, a, b, c) {
		const { compiled, code, head } = plan;
		if (head.length === 0) return yield* settle$1(compiled, code(void 0, a, b, c));
		return yield* settle$1(compiled, code(void 0, ...head, a, b, c));
	}
	function* callItem$1(plan, items, at) {
		tick(1);
		switch (plan.form) {
			case "item": return yield* apply1$1(plan, void 0, copy(items[at]));
			case "itemIndex": return yield* apply2$1(plan, copy(items[at]), at);
			case "this":
			case "thisIndex": return yield* callThis$1(plan, items, at);
		}
		const item = items[at];
		const result = yield* callByName$1(plan, item, true, [
			[],
			[copy(item)],
			[copy(item), at]
		]);
		items[at] = S.self;
		return result;
	}
	function* callThis$1(plan, items, at) {
		const self = items[at] ?? UNIT;
		const result = plan.form === "this" ? yield* apply0$1(plan, self) : yield* apply1$1(plan, self, at);
		if (plan.compiled.setsThis === true) items[at] = S.self;
		return result;
	}
	function itemsFor$1(array, plan) {
		return plan.form === "item" || plan.form === "itemIndex" ? array.items : ownItems(array);
	}
	function* map$3(array, fn) {
		const plan = planItem(fn, "map");
		const items = itemsFor$1(array, plan);
		const results = [];
		const count = items.length;
		for (let at = 0; at < count; at++) results.push(yield* callItem$1(plan, items, at));
		return new Arr(results);
	}
	function* filter$3(array, fn) {
		const plan = planItem(fn, "filter");
		const items = itemsFor$1(array, plan);
		const kept = [];
		const count = items.length;
		for (let at = 0; at < count; at++) if ((yield* callItem$1(plan, items, at)) === true) kept.push(copy(items[at]));
		return new Arr(kept);
	}
	function* forEach$3(array, fn) {
		const plan = planThis(fn, "for_each");
		const items = ownItems(array);
		const count = items.length;
		for (let at = 0; at < count; at++) {
			tick(1);
			if (plan.form === "name") {
				yield* callByName$1(plan, items[at], true, [[], [at]]);
				items[at] = S.self;
			} else yield* callThis$1(plan, items, at);
		}
	}
	function* findIndex$1(array, fn, start) {
		const plan = planItem(fn, "index_of");
		const items = itemsFor$1(array, plan);
		const count = items.length;
		for (let at = start; at < count; at++) if ((yield* callItem$1(plan, items, at)) === true) return at;
		return -1;
	}
	function* find$3(array, fn, start) {
		const at = yield* findIndex$1(array, fn, start);
		return at < 0 ? void 0 : copy(array.items[at]);
	}
	function* findMap$3(array, fn, start) {
		const plan = planItem(fn, "find_map");
		const items = itemsFor$1(array, plan);
		const count = items.length;
		for (let at = start; at < count; at++) {
			const result = yield* callItem$1(plan, items, at);
			if (result !== void 0) return result;
		}
	}
	function* some$3(array, fn) {
		const plan = planItem(fn, "some");
		const items = itemsFor$1(array, plan);
		const count = items.length;
		for (let at = 0; at < count; at++) if ((yield* callItem$1(plan, items, at)) === true) return true;
		return false;
	}
	function* all$3(array, fn) {
		const plan = planItem(fn, "all");
		const items = itemsFor$1(array, plan);
		const count = items.length;
		for (let at = 0; at < count; at++) if ((yield* callItem$1(plan, items, at)) !== true) return false;
		return true;
	}
	function* callFold$1(plan, result, items, at) {
		tick(1);
		switch (plan.form) {
			case "item": return yield* apply2$1(plan, result, copy(items[at]));
			case "itemIndex": return yield* apply3$1(plan, result, copy(items[at]), at);
			case "this":
			case "thisIndex": return yield* foldThis$1(plan, result, items, at);
		}
		const item = items[at];
		const next = yield* callByName$1(plan, item, true, [
			[result],
			[copy(result), copy(item)],
			[
				copy(result),
				copy(item),
				at
			]
		]);
		items[at] = S.self;
		return next;
	}
	function* foldThis$1(plan, result, items, at) {
		const next = yield* apply1$1(plan, items[at] ?? UNIT, result);
		if (plan.compiled.setsThis === true) items[at] = S.self;
		return next;
	}
	function* reduce$3(array, fn, initial) {
		const plan = planFold(fn, "reduce");
		const items = itemsFor$1(array, plan);
		let result = initial;
		const count = items.length;
		for (let at = 0; at < count; at++) result = yield* callFold$1(plan, result, items, at);
		return result;
	}
	function* reduceReverse$3(array, fn, initial) {
		const plan = planFold(fn, "reduce_rev");
		const items = itemsFor$1(array, plan);
		let result = initial;
		for (let at = items.length - 1; at >= 0; at--) result = yield* callFold$1(plan, result, items, at);
		return result;
	}
	function* zip$3(array, other, fn) {
		const plan = planPair(fn, "zip");
		const results = [];
		const count = Math.min(array.items.length, other.items.length);
		for (let at = 0; at < count; at++) {
			tick(1);
			const x = copy(array.items[at]);
			const y = copy(other.items[at]);
			if (plan.form === "item") results.push(yield* apply2$1(plan, x, y));
			else if (plan.form === "itemIndex") results.push(yield* apply3$1(plan, x, y, at));
			else results.push(yield* callByName$1(plan, void 0, false, [[x, y], [
				copy(x),
				copy(y),
				at
			]]));
		}
		return new Arr(results);
	}
	function* separate$1(array, fn, wanted) {
		const plan = planItem(fn, wanted ? "drain" : "retain");
		const items = ownItems(array);
		const count = items.length;
		const kept = [];
		const taken = [];
		let at = 0;
		try {
			while (at < count) {
				((yield* callItem$1(plan, items, at)) === true === wanted ? taken : kept).push(items[at]);
				at++;
			}
		} finally {
			array.items = [...kept, ...items.slice(at, count)];
			array.shared = false;
		}
		return new Arr(taken);
	}
	function* dedup$4(array, fn) {
		const plan = planPair(fn, "dedup");
		const items = ownItems(array);
		const kept = [];
		for (const item of items) if (!(kept.length > 0 && (yield* compare$1(plan, kept.at(-1), item)) === true)) kept.push(item);
		array.items = kept;
	}
	function* compare$1(plan, a, b) {
		const depth = S.depth;
		tick(1);
		try {
			if (plan.form === "item") return yield* apply2$1(plan, copy(a), copy(b));
			return yield* callFn$1(plan.fn, void 0, [copy(a), copy(b)]);
		} catch (error) {
			if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
			S.depth = depth;
			return NONE;
		}
	}
	function* isBefore$1(plan, b, a) {
		const result = yield* compare$1(plan, b, a);
		if (typeof result === "number") return result < 0;
		return result === true || typeof result === "bigint" && result < 0n;
	}
	function* sort$4(array, fn) {
		const plan = planPair(fn, "sort");
		let from = ownItems(array).slice();
		let to = from.slice();
		const count = from.length;
		for (let width = 1; width < count; width *= 2) {
			for (let start = 0; start < count; start += 2 * width) {
				const middle = Math.min(start + width, count);
				const end = Math.min(start + 2 * width, count);
				yield* merge$1(plan, from, to, {
					start,
					middle,
					end
				});
			}
			[from, to] = [to, from];
		}
		array.items = from;
		array.shared = false;
	}
	function* merge$1(plan, from, to, { start, middle, end }) {
		let left = start;
		let right = middle;
		let at = start;
		while (left < middle && right < end) {
			const takesRight = yield* isBefore$1(plan, from[right], from[left]);
			to[at++] = takesRight ? from[right++] : from[left++];
		}
		while (left < middle) to[at++] = from[left++];
		while (right < end) to[at++] = from[right++];
	}
	function* callEntry$1(plan, entries, key) {
		tick(1);
		const value = entries.get(key);
		if (plan.form === "item") return yield* apply2$1(plan, key, copy(value));
		if (plan.form === "name") {
			const result = yield* callByName$1(plan, value, true, [
				[key],
				[key, copy(value)],
				[key, copy(value)]
			]);
			entries.set(key, S.self);
			return result;
		}
		const result = yield* apply1$1(plan, value ?? UNIT, key);
		if (plan.compiled.setsThis === true) entries.set(key, S.self);
		return result;
	}
	function entriesFor$1(dict, plan) {
		return plan.form === "item" ? dict.entries : ownEntries(dict);
	}
	function* mapEntries$3(dict, fn) {
		const plan = planEntry(fn, "map");
		const entries = entriesFor$1(dict, plan);
		const results = new Map();
		for (const key of sortedKeys(dict)) results.set(key, yield* callEntry$1(plan, entries, key));
		return new Dict(results);
	}
	function* filterEntries$3(dict, fn) {
		const plan = planEntry(fn, "filter");
		const entries = entriesFor$1(dict, plan);
		const kept = new Map();
		for (const key of sortedKeys(dict)) if ((yield* callEntry$1(plan, entries, key)) === true) kept.set(key, copy(entries.get(key)));
		return new Dict(kept);
	}
	function* separateEntries$1(dict, fn, wanted) {
		const plan = planEntry(fn, wanted ? "drain" : "retain");
		const entries = ownEntries(dict);
		const taken = new Map();
		try {
			for (const key of sortedKeys(dict)) if ((yield* callEntry$1(plan, entries, key)) === true === wanted) taken.set(key, entries.get(key));
		} finally {
			for (const key of taken.keys()) entries.delete(key);
		}
		return new Dict(taken);
	}
	const reserved = new Set(`as break catch const continue do else export false fn for if import in let loop private return switch throw true try until while this Fn call curry debug eval is_def_fn is_def_var is_shared print type_of async await case default go goto is match module new nil null package protected public shared spawn static super sync thread use var void with yield _ global { } ( ) [ ] + - * / % ** << >> & | ^ = += -= *= /= %= **= <<= >>= &= |= ^= == != < <= > >= && || ! ? ?? ?. ?[ . .. ..= , ; : :: => -> <- === !== := :; ::< ~ @ \$ # #! #{ ... (* *) !. <| |> ++ --`.split(" "));
	const identifier = /^_*[A-Za-z][A-Za-z0-9_]*$/;
	function checkFnName(name) {
		if (reserved.has(name)) {
			const message = `'${name}' is a reserved ${identifier.test(name) ? "keyword" : "symbol"}`;
			throw new RhaiError("ErrorParsing", `Syntax error: ${message}`, { parse: {
				code: "Reserved",
				message
			} });
		}
		if (!identifier.test(name)) functionNotFoundText(name);
	}
	function makeFn(name) {
		if (typeof name !== "string") return mismatchValue(name, "string");
		checkFnName(name);
		return new FnPtr(name, void 0);
	}
	function curryFn(fn, values) {
		if (!(fn instanceof FnPtr)) return mismatchValue(fn, "Fn");
		tick(fn.curry.length >> 3);
		return new FnPtr(fn.name, fn.compiled, fn.cells, [...fn.curry, ...values]);
	}
	function fnOf$1(value) {
		if (value instanceof FnPtr) return value;
		if (typeof value !== "string") return void 0;
		checkFnName(value);
		return new FnPtr(value, void 0);
	}
	function* map$2(array, callback) {
		const fn = fnOf$1(callback);
		return fn === void 0 ? NONE : yield* map$3(array, fn);
	}
	function* filter$2(array, callback) {
		const fn = fnOf$1(callback);
		return fn === void 0 ? NONE : yield* filter$3(array, fn);
	}
	function* some$2(array, callback) {
		const fn = fnOf$1(callback);
		return fn === void 0 ? NONE : yield* some$3(array, fn);
	}
	function* all$2(array, callback) {
		const fn = fnOf$1(callback);
		return fn === void 0 ? NONE : yield* all$3(array, fn);
	}
	function* forEach$2(array, callback) {
		return callback instanceof FnPtr ? yield* forEach$3(array, callback) : NONE;
	}
	function* find$2(array, callback) {
		return callback instanceof FnPtr ? yield* find$3(array, callback, 0) : NONE;
	}
	function* findFrom$1(array, callback, start) {
		if (!(callback instanceof FnPtr) || !isInt(start)) return NONE;
		return yield* find$3(array, callback, clampedPosition(array.items.length, start));
	}
	function* findMap$2(array, callback) {
		return callback instanceof FnPtr ? yield* findMap$3(array, callback, 0) : NONE;
	}
	function* findMapFrom$1(array, callback, start) {
		if (!(callback instanceof FnPtr) || !isInt(start)) return NONE;
		return yield* findMap$3(array, callback, clampedPosition(array.items.length, start));
	}
	function* indexOf$2(array, what) {
		return yield* indexOfFrom$2(array, what, 0);
	}
	function* indexOfFrom$2(array, what, start) {
		if (!isInt(start)) return NONE;
		const from = clampedPosition(array.items.length, start);
		if (what instanceof FnPtr) return yield* findIndex$1(array, what, from);
		if (typeof what === "string" && mayBeFn$1(what)) {
			const found = yield* indexByName$1(array, what, from);
			if (found !== NONE) return found;
		}
		return indexFrom(array.items, what, from);
	}
	function mayBeFn$1(name) {
		for (let count = 0; count <= 2; count++) if (S.functions?.has(`${name}/${count}`) === true || hasNative(name, count)) return true;
		return false;
	}
	function* indexByName$1(array, name, from) {
		const depth = S.depth;
		try {
			return yield* findIndex$1(array, new FnPtr(name, void 0), from);
		} catch (error) {
			const cause = error instanceof RhaiError ? error.inner ?? error : void 0;
			if (cause?.variant !== "ErrorFunctionNotFound" || cause.fields.function?.startsWith(name) !== true) throw error;
			S.depth = depth;
			return NONE;
		}
	}
	function* reduce$2(array, callback) {
		return yield* reduceWith$1(array, callback, void 0);
	}
	function* reduceWith$1(array, callback, initial) {
		const fn = fnOf$1(callback);
		return fn === void 0 ? NONE : yield* reduce$3(array, fn, initial);
	}
	function* reduceReverse$2(array, callback) {
		return yield* reduceReverseWith$1(array, callback, void 0);
	}
	function* reduceReverseWith$1(array, callback, initial) {
		const fn = fnOf$1(callback);
		return fn === void 0 ? NONE : yield* reduceReverse$3(array, fn, initial);
	}
	function* zip$2(array, other, callback) {
		if (!(other instanceof Arr) || !(callback instanceof FnPtr)) return NONE;
		return yield* zip$3(array, other, callback);
	}
	function* dedup$3(array, comparer) {
		const fn = fnOf$1(comparer);
		return fn === void 0 ? NONE : yield* dedup$4(array, fn);
	}
	function* sort$3(array, comparer) {
		const fn = fnOf$1(comparer);
		return fn === void 0 ? NONE : yield* sort$4(array, fn);
	}
	function* sortBy$1(array, comparer) {
		return comparer instanceof FnPtr ? yield* sort$4(array, comparer) : NONE;
	}
	function* order$2(array, comparer) {
		if (!(comparer instanceof FnPtr)) return NONE;
		array.shared = true;
		const sorted = new Arr(array.items, true);
		yield* sort$4(sorted, comparer);
		return sorted;
	}
	function* drain$1(array, which) {
		if (which instanceof Range) return drainPortion(array, rangePortion(array.items.length, which));
		const fn = fnOf$1(which);
		return fn === void 0 ? NONE : yield* separate$1(array, fn, true);
	}
	function* retain$1(array, which) {
		if (which instanceof Range) {
			const part = rangePortion(array.items.length, which);
			return part.from === part.to ? new Arr([]) : retainPortion(array, part);
		}
		const fn = fnOf$1(which);
		return fn === void 0 ? NONE : yield* separate$1(array, fn, false);
	}
	function* mapEntries$2(dict, callback) {
		return callback instanceof FnPtr ? yield* mapEntries$3(dict, callback) : NONE;
	}
	function* filterEntries$2(dict, callback) {
		return callback instanceof FnPtr ? yield* filterEntries$3(dict, callback) : NONE;
	}
	function* drainEntries$1(dict, callback) {
		return callback instanceof FnPtr ? yield* separateEntries$1(dict, callback, true) : NONE;
	}
	function* retainEntries$1(dict, callback) {
		return callback instanceof FnPtr ? yield* separateEntries$1(dict, callback, false) : NONE;
	}
	function settle(compiled, result) {
		if (compiled.isColoured) throw new Error(`internal: colour of ${compiled.name}`);
		return result;
	}
	function callNative(name, args) {
		return native(name, args.length)(...args);
	}
	function callFn(fn, self, args) {
		if (!(fn instanceof FnPtr)) return mismatchAssigned(fn, "Fn");
		const { compiled, cells, curry } = fn;
		if (compiled === void 0 || compiled.arity !== curry.length + args.length) return callNamed(fn, self === UNIT ? void 0 : self, self !== void 0, args);
		let result;
		if (curry.length === 0 && args.length < 3) result = callShort(compiled, cells, self, args);
		else result = settle(compiled, compiled.code(self, ...cells, ...curry, ...args));
		if (compiled.setsThis !== true) S.self = self === UNIT ? void 0 : self;
		return result;
	}
	function callShort(compiled, cells, self, args) {
		const { code } = compiled;
		if (cells.length === 0) {
			if (args.length === 0) return settle(compiled, code(self));
			if (args.length === 1) return settle(compiled, code(self, args[0]));
			return settle(compiled, code(self, args[0], args[1]));
		}
		if (cells.length === 1) {
			if (args.length === 0) return settle(compiled, code(self, cells[0]));
			if (args.length === 1) return settle(compiled, code(self, cells[0], args[0]));
			return settle(compiled, code(self, cells[0], args[0], args[1]));
		}
		return settle(compiled, code(self, ...cells, ...args));
	}
	function callMethod(target, args) {
		if (target instanceof FnPtr) {
			const result = callFn(target, void 0, args);
			S.self = target;
			return result;
		}
		if (args.length === 0) return mismatchValue(target, "Fn");
		return callFn(args[0], target ?? UNIT, args.slice(1));
	}
	function callNamed(fn, self, hasSelf, args) {
		const all = [...fn.curry, ...args];
		const script = S.functions?.get(`${fn.name}/${all.length}`);
		if (script !== void 0) {
			const result = settle(script, script.code(hasSelf ? self ?? UNIT : void 0, ...all));
			if (script.setsThis !== true) S.self = self;
			return result;
		}
		if (!hasSelf) return callNative(fn.name, all);
		const isCopied = fn.curry.length > 0;
		const full = isCopied ? [
			...fn.curry,
			self,
			...args
		] : [self, ...args];
		const result = callNative(fn.name, full);
		if (isCopied || !setsSelf(fn.name, full.length)) S.self = self;
		return result;
	}
	function callByName(plan, self, hasSelf, forms) {
		const depth = S.depth;
		for (let at = 0;; at++) {
			const args = forms[at] ?? [];
			const isLast = at === forms.length - 1;
			try {
				const withSelf = hasSelf && at === 0;
				if (!canCall(plan.fn, withSelf, args)) functionNotFound(plan.fn.name, [...plan.fn.curry, ...args]);
				return callNamed(plan.fn, self, withSelf, args);
			} catch (error) {
				if (!(error instanceof RhaiError)) throw error;
				if (isLast || isScripted(plan.fn, args) || !isMissing(error, plan.fn.name)) throw inCallOf(plan.caller, error);
				S.depth = depth;
			}
		}
	}
	function isScripted(fn, args) {
		return S.functions?.has(`${fn.name}/${fn.curry.length + args.length}`) === true;
	}
	function canCall(fn, withSelf, args) {
		const count = fn.curry.length + args.length;
		return isScripted(fn, args) || hasNative(fn.name, withSelf ? count + 1 : count);
	}
	function isMissing(error, name) {
		return error.variant === "ErrorFunctionNotFound" && error.fields.function?.startsWith(`${name} (`) === true;
	}
	function inCallOf(caller, inner) {
		if (inner.variant === "ErrorTooManyOperations" || inner.variant === "ErrorStackOverflow") return inner;
		return new RhaiError("ErrorInFunctionCall", `${inner.text}\nin call to function '${caller}'`, {
			fields: {
				function: caller,
				source: ""
			},
			inner
		});
	}
	function apply0(plan, self) {
		const { compiled, code, head } = plan;
		if (head.length === 0) return settle(compiled, code(self));
		return settle(compiled, code(self, ...head));
	}
	function apply1(plan, self, a) {
		const { compiled, code, head } = plan;
		if (head.length === 0) return settle(compiled, code(self, a));
		if (head.length === 1) return settle(compiled, code(self, head[0], a));
		return settle(compiled, code(self, ...head, a));
	}
	function apply2(plan, a, b) {
		const { compiled, code, head } = plan;
		if (head.length === 0) return settle(compiled, code(void 0, a, b));
		if (head.length === 1) return settle(compiled, code(void 0, head[0], a, b));
		return settle(compiled, code(void 0, ...head, a, b));
	}
	function apply3(plan, a, b, c) {
		const { compiled, code, head } = plan;
		if (head.length === 0) return settle(compiled, code(void 0, a, b, c));
		return settle(compiled, code(void 0, ...head, a, b, c));
	}
	function callItem(plan, items, at) {
		tick(1);
		switch (plan.form) {
			case "item": return apply1(plan, void 0, copy(items[at]));
			case "itemIndex": return apply2(plan, copy(items[at]), at);
			case "this":
			case "thisIndex": return callThis(plan, items, at);
		}
		const item = items[at];
		const result = callByName(plan, item, true, [
			[],
			[copy(item)],
			[copy(item), at]
		]);
		items[at] = S.self;
		return result;
	}
	function callThis(plan, items, at) {
		const self = items[at] ?? UNIT;
		const result = plan.form === "this" ? apply0(plan, self) : apply1(plan, self, at);
		if (plan.compiled.setsThis === true) items[at] = S.self;
		return result;
	}
	function itemsFor(array, plan) {
		return plan.form === "item" || plan.form === "itemIndex" ? array.items : ownItems(array);
	}
	function map$1(array, fn) {
		const plan = planItem(fn, "map");
		const items = itemsFor(array, plan);
		const results = [];
		const count = items.length;
		for (let at = 0; at < count; at++) results.push(callItem(plan, items, at));
		return new Arr(results);
	}
	function filter$1(array, fn) {
		const plan = planItem(fn, "filter");
		const items = itemsFor(array, plan);
		const kept = [];
		const count = items.length;
		for (let at = 0; at < count; at++) if (callItem(plan, items, at) === true) kept.push(copy(items[at]));
		return new Arr(kept);
	}
	function forEach$1(array, fn) {
		const plan = planThis(fn, "for_each");
		const items = ownItems(array);
		const count = items.length;
		for (let at = 0; at < count; at++) {
			tick(1);
			if (plan.form === "name") {
				callByName(plan, items[at], true, [[], [at]]);
				items[at] = S.self;
			} else callThis(plan, items, at);
		}
	}
	function findIndex(array, fn, start) {
		const plan = planItem(fn, "index_of");
		const items = itemsFor(array, plan);
		const count = items.length;
		for (let at = start; at < count; at++) if (callItem(plan, items, at) === true) return at;
		return -1;
	}
	function find$1(array, fn, start) {
		const at = findIndex(array, fn, start);
		return at < 0 ? void 0 : copy(array.items[at]);
	}
	function findMap$1(array, fn, start) {
		const plan = planItem(fn, "find_map");
		const items = itemsFor(array, plan);
		const count = items.length;
		for (let at = start; at < count; at++) {
			const result = callItem(plan, items, at);
			if (result !== void 0) return result;
		}
	}
	function some$1(array, fn) {
		const plan = planItem(fn, "some");
		const items = itemsFor(array, plan);
		const count = items.length;
		for (let at = 0; at < count; at++) if (callItem(plan, items, at) === true) return true;
		return false;
	}
	function all$1(array, fn) {
		const plan = planItem(fn, "all");
		const items = itemsFor(array, plan);
		const count = items.length;
		for (let at = 0; at < count; at++) if (callItem(plan, items, at) !== true) return false;
		return true;
	}
	function callFold(plan, result, items, at) {
		tick(1);
		switch (plan.form) {
			case "item": return apply2(plan, result, copy(items[at]));
			case "itemIndex": return apply3(plan, result, copy(items[at]), at);
			case "this":
			case "thisIndex": return foldThis(plan, result, items, at);
		}
		const item = items[at];
		const next = callByName(plan, item, true, [
			[result],
			[copy(result), copy(item)],
			[
				copy(result),
				copy(item),
				at
			]
		]);
		items[at] = S.self;
		return next;
	}
	function foldThis(plan, result, items, at) {
		const next = apply1(plan, items[at] ?? UNIT, result);
		if (plan.compiled.setsThis === true) items[at] = S.self;
		return next;
	}
	function reduce$1(array, fn, initial) {
		const plan = planFold(fn, "reduce");
		const items = itemsFor(array, plan);
		let result = initial;
		const count = items.length;
		for (let at = 0; at < count; at++) result = callFold(plan, result, items, at);
		return result;
	}
	function reduceReverse$1(array, fn, initial) {
		const plan = planFold(fn, "reduce_rev");
		const items = itemsFor(array, plan);
		let result = initial;
		for (let at = items.length - 1; at >= 0; at--) result = callFold(plan, result, items, at);
		return result;
	}
	function zip$1(array, other, fn) {
		const plan = planPair(fn, "zip");
		const results = [];
		const count = Math.min(array.items.length, other.items.length);
		for (let at = 0; at < count; at++) {
			tick(1);
			const x = copy(array.items[at]);
			const y = copy(other.items[at]);
			if (plan.form === "item") results.push(apply2(plan, x, y));
			else if (plan.form === "itemIndex") results.push(apply3(plan, x, y, at));
			else results.push(callByName(plan, void 0, false, [[x, y], [
				copy(x),
				copy(y),
				at
			]]));
		}
		return new Arr(results);
	}
	function separate(array, fn, wanted) {
		const plan = planItem(fn, wanted ? "drain" : "retain");
		const items = ownItems(array);
		const count = items.length;
		const kept = [];
		const taken = [];
		let at = 0;
		try {
			while (at < count) {
				(callItem(plan, items, at) === true === wanted ? taken : kept).push(items[at]);
				at++;
			}
		} finally {
			array.items = [...kept, ...items.slice(at, count)];
			array.shared = false;
		}
		return new Arr(taken);
	}
	function dedup$2(array, fn) {
		const plan = planPair(fn, "dedup");
		const items = ownItems(array);
		const kept = [];
		for (const item of items) if (!(kept.length > 0 && compare(plan, kept.at(-1), item) === true)) kept.push(item);
		array.items = kept;
	}
	function compare(plan, a, b) {
		const depth = S.depth;
		tick(1);
		try {
			if (plan.form === "item") return apply2(plan, copy(a), copy(b));
			return callFn(plan.fn, void 0, [copy(a), copy(b)]);
		} catch (error) {
			if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
			S.depth = depth;
			return NONE;
		}
	}
	function isBefore(plan, b, a) {
		const result = compare(plan, b, a);
		if (typeof result === "number") return result < 0;
		return result === true || typeof result === "bigint" && result < 0n;
	}
	function sort$2(array, fn) {
		const plan = planPair(fn, "sort");
		let from = ownItems(array).slice();
		let to = from.slice();
		const count = from.length;
		for (let width = 1; width < count; width *= 2) {
			for (let start = 0; start < count; start += 2 * width) {
				const middle = Math.min(start + width, count);
				const end = Math.min(start + 2 * width, count);
				merge(plan, from, to, {
					start,
					middle,
					end
				});
			}
			[from, to] = [to, from];
		}
		array.items = from;
		array.shared = false;
	}
	function merge(plan, from, to, { start, middle, end }) {
		let left = start;
		let right = middle;
		let at = start;
		while (left < middle && right < end) {
			const takesRight = isBefore(plan, from[right], from[left]);
			to[at++] = takesRight ? from[right++] : from[left++];
		}
		while (left < middle) to[at++] = from[left++];
		while (right < end) to[at++] = from[right++];
	}
	function callEntry(plan, entries, key) {
		tick(1);
		const value = entries.get(key);
		if (plan.form === "item") return apply2(plan, key, copy(value));
		if (plan.form === "name") {
			const result = callByName(plan, value, true, [
				[key],
				[key, copy(value)],
				[key, copy(value)]
			]);
			entries.set(key, S.self);
			return result;
		}
		const result = apply1(plan, value ?? UNIT, key);
		if (plan.compiled.setsThis === true) entries.set(key, S.self);
		return result;
	}
	function entriesFor(dict, plan) {
		return plan.form === "item" ? dict.entries : ownEntries(dict);
	}
	function mapEntries$1(dict, fn) {
		const plan = planEntry(fn, "map");
		const entries = entriesFor(dict, plan);
		const results = new Map();
		for (const key of sortedKeys(dict)) results.set(key, callEntry(plan, entries, key));
		return new Dict(results);
	}
	function filterEntries$1(dict, fn) {
		const plan = planEntry(fn, "filter");
		const entries = entriesFor(dict, plan);
		const kept = new Map();
		for (const key of sortedKeys(dict)) if (callEntry(plan, entries, key) === true) kept.set(key, copy(entries.get(key)));
		return new Dict(kept);
	}
	function separateEntries(dict, fn, wanted) {
		const plan = planEntry(fn, wanted ? "drain" : "retain");
		const entries = ownEntries(dict);
		const taken = new Map();
		try {
			for (const key of sortedKeys(dict)) if (callEntry(plan, entries, key) === true === wanted) taken.set(key, entries.get(key));
		} finally {
			for (const key of taken.keys()) entries.delete(key);
		}
		return new Dict(taken);
	}
	function fnOf(value) {
		if (value instanceof FnPtr) return value;
		if (typeof value !== "string") return void 0;
		checkFnName(value);
		return new FnPtr(value, void 0);
	}
	function map(array, callback) {
		const fn = fnOf(callback);
		return fn === void 0 ? NONE : map$1(array, fn);
	}
	function filter(array, callback) {
		const fn = fnOf(callback);
		return fn === void 0 ? NONE : filter$1(array, fn);
	}
	function some(array, callback) {
		const fn = fnOf(callback);
		return fn === void 0 ? NONE : some$1(array, fn);
	}
	function all(array, callback) {
		const fn = fnOf(callback);
		return fn === void 0 ? NONE : all$1(array, fn);
	}
	function forEach(array, callback) {
		return callback instanceof FnPtr ? forEach$1(array, callback) : NONE;
	}
	function find(array, callback) {
		return callback instanceof FnPtr ? find$1(array, callback, 0) : NONE;
	}
	function findFrom(array, callback, start) {
		if (!(callback instanceof FnPtr) || !isInt(start)) return NONE;
		return find$1(array, callback, clampedPosition(array.items.length, start));
	}
	function findMap(array, callback) {
		return callback instanceof FnPtr ? findMap$1(array, callback, 0) : NONE;
	}
	function findMapFrom(array, callback, start) {
		if (!(callback instanceof FnPtr) || !isInt(start)) return NONE;
		return findMap$1(array, callback, clampedPosition(array.items.length, start));
	}
	function indexOf$1(array, what) {
		return indexOfFrom$1(array, what, 0);
	}
	function indexOfFrom$1(array, what, start) {
		if (!isInt(start)) return NONE;
		const from = clampedPosition(array.items.length, start);
		if (what instanceof FnPtr) return findIndex(array, what, from);
		if (typeof what === "string" && mayBeFn(what)) {
			const found = indexByName(array, what, from);
			if (found !== NONE) return found;
		}
		return indexFrom(array.items, what, from);
	}
	function mayBeFn(name) {
		for (let count = 0; count <= 2; count++) if (S.functions?.has(`${name}/${count}`) === true || hasNative(name, count)) return true;
		return false;
	}
	function indexByName(array, name, from) {
		const depth = S.depth;
		try {
			return findIndex(array, new FnPtr(name, void 0), from);
		} catch (error) {
			const cause = error instanceof RhaiError ? error.inner ?? error : void 0;
			if (cause?.variant !== "ErrorFunctionNotFound" || cause.fields.function?.startsWith(name) !== true) throw error;
			S.depth = depth;
			return NONE;
		}
	}
	function reduce(array, callback) {
		return reduceWith(array, callback, void 0);
	}
	function reduceWith(array, callback, initial) {
		const fn = fnOf(callback);
		return fn === void 0 ? NONE : reduce$1(array, fn, initial);
	}
	function reduceReverse(array, callback) {
		return reduceReverseWith(array, callback, void 0);
	}
	function reduceReverseWith(array, callback, initial) {
		const fn = fnOf(callback);
		return fn === void 0 ? NONE : reduceReverse$1(array, fn, initial);
	}
	function zip(array, other, callback) {
		if (!(other instanceof Arr) || !(callback instanceof FnPtr)) return NONE;
		return zip$1(array, other, callback);
	}
	function dedup$1(array, comparer) {
		const fn = fnOf(comparer);
		return fn === void 0 ? NONE : dedup$2(array, fn);
	}
	function sort$1(array, comparer) {
		const fn = fnOf(comparer);
		return fn === void 0 ? NONE : sort$2(array, fn);
	}
	function sortBy(array, comparer) {
		return comparer instanceof FnPtr ? sort$2(array, comparer) : NONE;
	}
	function order$1(array, comparer) {
		if (!(comparer instanceof FnPtr)) return NONE;
		array.shared = true;
		const sorted = new Arr(array.items, true);
		sort$2(sorted, comparer);
		return sorted;
	}
	function drain(array, which) {
		if (which instanceof Range) return drainPortion(array, rangePortion(array.items.length, which));
		const fn = fnOf(which);
		return fn === void 0 ? NONE : separate(array, fn, true);
	}
	function retain(array, which) {
		if (which instanceof Range) {
			const part = rangePortion(array.items.length, which);
			return part.from === part.to ? new Arr([]) : retainPortion(array, part);
		}
		const fn = fnOf(which);
		return fn === void 0 ? NONE : separate(array, fn, false);
	}
	function mapEntries(dict, callback) {
		return callback instanceof FnPtr ? mapEntries$1(dict, callback) : NONE;
	}
	function filterEntries(dict, callback) {
		return callback instanceof FnPtr ? filterEntries$1(dict, callback) : NONE;
	}
	function drainEntries(dict, callback) {
		return callback instanceof FnPtr ? separateEntries(dict, callback, true) : NONE;
	}
	function retainEntries(dict, callback) {
		return callback instanceof FnPtr ? separateEntries(dict, callback, false) : NONE;
	}
	function defineRows(type, rows) {
		for (const [name, effect, plain, waiting] of rows) {
			define(type, name, plain, effect);
			defineGenerator(type, name, waiting);
		}
	}
	function defineCallbacks() {
		defineRows("array", [
			[
				"map",
				"pure",
				map,
				map$2
			],
			[
				"filter",
				"pure",
				filter,
				filter$2
			],
			[
				"some",
				"pure",
				some,
				some$2
			],
			[
				"all",
				"pure",
				all,
				all$2
			],
			[
				"for_each",
				"mutates",
				forEach,
				forEach$2
			],
			[
				"find",
				"pure",
				find,
				find$2
			],
			[
				"find",
				"pure",
				findFrom,
				findFrom$1
			],
			[
				"find_map",
				"pure",
				findMap,
				findMap$2
			],
			[
				"find_map",
				"pure",
				findMapFrom,
				findMapFrom$1
			],
			[
				"index_of",
				"pure",
				indexOf$1,
				indexOf$2
			],
			[
				"index_of",
				"pure",
				indexOfFrom$1,
				indexOfFrom$2
			],
			[
				"reduce",
				"pure",
				reduce,
				reduce$2
			],
			[
				"reduce",
				"pure",
				reduceWith,
				reduceWith$1
			],
			[
				"reduce_rev",
				"pure",
				reduceReverse,
				reduceReverse$2
			],
			[
				"reduce_rev",
				"pure",
				reduceReverseWith,
				reduceReverseWith$1
			],
			[
				"zip",
				"pure",
				zip,
				zip$2
			],
			[
				"dedup",
				"mutates",
				dedup$1,
				dedup$3
			],
			[
				"sort",
				"mutates",
				sort$1,
				sort$3
			],
			[
				"sort_by",
				"mutates",
				sortBy,
				sortBy$1
			],
			[
				"order",
				"mutates",
				order$1,
				order$2
			],
			[
				"order_by",
				"mutates",
				order$1,
				order$2
			],
			[
				"drain",
				"mutates",
				drain,
				drain$1
			],
			[
				"retain",
				"mutates",
				retain,
				retain$1
			]
		]);
		defineRows("map", [
			[
				"map",
				"pure",
				mapEntries,
				mapEntries$2
			],
			[
				"filter",
				"pure",
				filterEntries,
				filterEntries$2
			],
			[
				"drain",
				"mutates",
				drainEntries,
				drainEntries$1
			],
			[
				"retain",
				"mutates",
				retainEntries,
				retainEntries$1
			]
		]);
	}
	const clocks = globalThis;
	function now() {
		return clocks.performance?.now() ?? Date.now();
	}
	function sleepMs(ms) {
		if (clocks.SharedArrayBuffer !== void 0 && clocks.Atomics !== void 0) {
			const cell = new Int32Array(new clocks.SharedArrayBuffer(4));
			clocks.Atomics.wait(cell, 0, 0, ms);
			return;
		}
		const end = now() + ms;
		while (now() < end);
	}
	function print$1(value) {
		S.output.print(checkString(toText(value)));
	}
	function debug$1(text) {
		S.output.debug(checkString(text), 0, 0);
	}
	function take(value) {
		S.self = void 0;
		return value;
	}
	function exit$1(value) {
		throw new Exit(value);
	}
	function elapsed(timestamp) {
		const ms = now() - timestamp.ms;
		return ms < 0 ? arithmetic("Time-stamp is later than now") : new Float(ms / 1e3);
	}
	const OPERATIONS_PER_MS = 1e4;
	const NAP_MS = 20;
	function sleep(seconds) {
		for (let left = seconds * 1e3; left > 0; left -= NAP_MS) {
			const ms = Math.min(left, NAP_MS);
			tick(Math.ceil(ms * OPERATIONS_PER_MS));
			sleepMs(ms);
		}
	}
	function writeTag$1(value, tag) {
		if (!isInt(tag)) return NONE;
		S.self = setTag(value, tag);
	}
	function metadata(name, arity) {
		const found = [];
		for (const fn of S.functions?.values() ?? []) {
			if (name !== void 0 && fn.name !== name || arity !== void 0 && BigInt(arity) !== BigInt(fn.arity)) continue;
			tick(1);
			const entries = new Map([
				["name", fn.name],
				["access", fn.isPrivate === true ? "private" : "public"],
				["is_anonymous", false],
				["params", new Arr([...fn.params ?? []])]
			]);
			found.push(new Dict(entries));
		}
		return new Arr(found);
	}
	function defineCore() {
		defineAny("print", print$1);
		defineNone("print", () => print$1(""));
		defineAny("debug", (value) => debug$1(toDebug(value)));
		defineNone("debug", () => debug$1(""));
		defineAny("to_string", (value) => checkString(toText(value)));
		defineAny("to_debug", (value) => checkString(toDebug(value)));
		defineAny("type_of", (value) => typeName(value));
		defineAny("is_shared", (_value) => false);
		defineAny("take", take, "replaces");
		defineAny("exit", exit$1);
		defineNone("exit", () => exit$1(void 0));
		defineAny("tag", (value) => getTag(value));
		defineAny("set_tag", writeTag$1, "replaces");
		defineNone("timestamp", () => new Timestamp(now()));
		defineGetter("timestamp", "elapsed", elapsed);
		define("int", "sleep", (seconds) => sleep(Number(seconds)));
		define("float", "sleep", (seconds) => sleep(Number.isNaN(seconds.v) ? 0 : seconds.v));
		defineNone("get_fn_metadata_list", () => metadata());
		define("string", "get_fn_metadata_list", (name) => metadata(name));
		define("string", "get_fn_metadata_list", (name, arity) => isInt(arity) ? metadata(name, arity) : NONE);
		defineFns();
	}
	function defineFns() {
		defineGetter("fn", "name", (fn) => fn.name);
		defineGetter("fn", "is_anonymous", (fn) => fn.name.startsWith("anon$"));
		define("fn", "curry", (fn, a) => curryFn(fn, [a]));
		define("fn", "curry", (fn, a, b) => curryFn(fn, [a, b]));
	}
	function unitToChar(text, unit) {
		return isPlain(text) ? unit : charCount(text.slice(0, unit));
	}
	function charsOf(text) {
		return isPlain(text) ? text.split("") : Array.from(text);
	}
	const leading = /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
	const spaces = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
	function isSpace(unit) {
		if (unit <= 32) return unit === 32 || unit >= 9 && unit <= 13;
		return unit >= 133 && leading.test(String.fromCharCode(unit));
	}
	function trimText(text) {
		let from = 0;
		let to = text.length;
		tick(to >> 5);
		while (from < to && isSpace(text.charCodeAt(from))) from++;
		while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
		return text.slice(from, to);
	}
	function wordsOf(text) {
		const trimmed = trimText(text);
		return trimmed === "" ? [] : trimmed.split(spaces);
	}
	function round(x) {
		const whole = Math.trunc(x);
		return Math.abs(x - whole) >= .5 ? whole + Math.sign(x) : whole;
	}
	function sign$1(x) {
		if (Number.isNaN(x)) return arithmetic("Sign of NaN is undefined");
		return x > 0 ? 1 : x < 0 ? -1 : 0;
	}
	function plainDigits(x) {
		if (Number.isNaN(x)) return "NaN";
		if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
		const [mantissa = "", exponent = "0"] = x.toExponential().split("e");
		const [whole = "", fraction = ""] = mantissa.split(".");
		return whole + fraction.padEnd(Number(exponent), "0");
	}
	function toInt(x) {
		if (x > 2 ** 63 || x < -(2 ** 63)) return arithmetic(`Integer overflow: to_int(${plainDigits(x)})`);
		return saturate(x);
	}
	const floatForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
	const specialForm = /^[+-]?(?:inf|infinity|nan)$/i;
	function parseFloatText(text) {
		const trimmed = trimText(text);
		tick(text.length >> 2);
		if (floatForm.test(trimmed)) return new Float(Number(trimmed));
		const reason = trimmed === "" ? "cannot parse float from empty string" : "invalid float literal";
		if (!specialForm.test(trimmed)) return arithmetic(`Error parsing floating-point number '${text}': ${reason}`);
		if (/nan$/i.test(trimmed)) return new Float(NaN);
		return new Float(trimmed.startsWith("-") ? -Infinity : Infinity);
	}
	function asinh(x) {
		const size = Math.abs(x);
		const inverse = 1 / size;
		const result = Math.log1p(size + size / (Math.hypot(1, inverse) + inverse));
		return x < 0 || Object.is(x, -0) ? -result : result;
	}
	function acosh(x) {
		return x < 1 ? NaN : Math.log(x + Math.sqrt(x - 1) * Math.sqrt(x + 1));
	}
	function atanh(x) {
		return .5 * Math.log1p(2 * x / (1 - x));
	}
	const degreesPerRadian = 57.29577951308232;
	const unary = {
		sin: Math.sin,
		cos: Math.cos,
		tan: Math.tan,
		sinh: Math.sinh,
		cosh: Math.cosh,
		tanh: Math.tanh,
		asin: Math.asin,
		acos: Math.acos,
		atan: Math.atan,
		asinh,
		acosh,
		atanh,
		sqrt: Math.sqrt,
		exp: Math.exp,
		ln: Math.log,
		log: Math.log10,
		abs: Math.abs,
		to_degrees: (x) => x * degreesPerRadian,
		to_radians: (x) => x * (Math.PI / 180)
	};
	const unaryGetters = {
		floor: Math.floor,
		ceiling: Math.ceil,
		round,
		int: Math.trunc,
		fraction: (x) => x - Math.trunc(x)
	};
	const tests = {
		is_nan: Number.isNaN,
		is_finite: Number.isFinite,
		is_infinite: (x) => Math.abs(x) === Infinity,
		is_zero: (x) => x === 0
	};
	function binary(compute) {
		return (x, y) => y instanceof Float ? new Float(compute(x.v, y.v)) : NONE;
	}
	function numberOf(value) {
		if (value instanceof Float) return value.v;
		return isInt(value) ? Number(value) : void 0;
	}
	function max$1(x, other) {
		const y = numberOf(other);
		if (y === void 0) return NONE;
		return x.v >= y ? x : new Float(y);
	}
	function min$1(x, other) {
		const y = numberOf(other);
		if (y === void 0) return NONE;
		return x.v <= y ? x : new Float(y);
	}
	function defineFloats() {
		for (const [name, compute] of Object.entries(unary)) define("float", name, (x) => new Float(compute(x.v)));
		for (const [name, compute] of Object.entries(unaryGetters)) defineGetter("float", name, (x) => new Float(compute(x.v)));
		for (const [name, test] of Object.entries(tests)) defineGetter("float", name, (x) => test(x.v));
		define("float", "atan", binary(Math.atan2));
		define("float", "hypot", binary(Math.hypot));
		define("float", "log", binary((x, base) => Math.log(x) / Math.log(base)));
		define("float", "max", max$1);
		define("float", "min", min$1);
		define("float", "sign", (x) => sign$1(x.v));
		define("float", "to_int", (x) => toInt(x.v));
		define("float", "to_float", (x) => x);
		define("string", "parse_float", parseFloatText);
		defineNone("PI", () => new Float(Math.PI));
		defineNone("E", () => new Float(Math.E));
	}
	function isOdd(value) {
		return typeof value === "number" ? value % 2 !== 0 : value % 2n !== 0n;
	}
	function sign(value) {
		return value > 0 ? 1 : value < 0 ? -1 : 0;
	}
	function digits(value, radix) {
		if (value >= 0) return value.toString(radix);
		return BigInt.asUintN(64, BigInt(value)).toString(radix);
	}
	function digitOf(unit) {
		if (unit >= 48 && unit <= 57) return unit - 48;
		if (unit >= 97 && unit <= 122) return unit - 87;
		return unit >= 65 && unit <= 90 ? unit - 55 : 99;
	}
	const smallMax = 2 ** 46;
	function readInt(text, radix) {
		if (text === "") return "cannot parse integer from empty string";
		const isNegative = text.startsWith("-");
		const start = isNegative || text.startsWith("+") ? 1 : 0;
		if (start === text.length) return "invalid digit found in string";
		let small = 0;
		for (let at = start; at < text.length; at++) {
			const digit = digitOf(text.charCodeAt(at));
			if (digit >= radix) return "invalid digit found in string";
			if (small > smallMax) return readLarge(text, at, radix, isNegative ? -small : small);
			small = small * radix + digit;
		}
		return isNegative ? 0 - small : small;
	}
	function readLarge(text, start, radix, soFar) {
		let value = BigInt(soFar);
		const unit = soFar < 0 ? -1n : 1n;
		for (let at = start; at < text.length; at++) {
			const digit = digitOf(text.charCodeAt(at));
			if (digit >= radix) return "invalid digit found in string";
			value = value * BigInt(radix) + unit * BigInt(digit);
			if (value < INT_MIN) return "number too small to fit in target type";
			if (value > INT_MAX) return "number too large to fit in target type";
		}
		return intOf(value);
	}
	function parseIntRadix(text, radix) {
		if (!isInt(radix)) return NONE;
		const base = clamp(radix);
		if (base < 2 || base > 36) return arithmetic(`Invalid radix: '${radix}'`);
		tick(text.length >> 2);
		const read = readInt(trimText(text), base);
		if (typeof read === "string") return arithmetic(`Error parsing integer number '${text}': ${read}`);
		return read;
	}
	function max(a, b) {
		if (isInt(b)) return a >= b ? a : b;
		if (b instanceof Float) return Number(a) >= b.v ? new Float(Number(a)) : b;
		return NONE;
	}
	function min(a, b) {
		if (isInt(b)) return a <= b ? a : b;
		if (b instanceof Float) return Number(a) <= b.v ? new Float(Number(a)) : b;
		return NONE;
	}
	function defineInts() {
		define("int", "abs", (value) => value < 0 ? negInt(value) : value);
		define("int", "sign", sign);
		defineGetter("int", "is_zero", (value) => value === 0);
		defineGetter("int", "is_odd", isOdd);
		defineGetter("int", "is_even", (value) => !isOdd(value));
		define("int", "to_int", (value) => value);
		define("int", "to_float", (value) => new Float(Number(value)));
		define("int", "to_hex", (value) => digits(value, 16));
		define("int", "to_octal", (value) => digits(value, 8));
		define("int", "to_binary", (value) => digits(value, 2));
		define("int", "max", max);
		define("int", "min", min);
		define("string", "parse_int", (text) => parseIntRadix(text, 10));
		define("string", "parse_int", parseIntRadix);
	}
	function zeroStep() {
		const inner = new RhaiError("ErrorArithmetic", "step value cannot be zero", { isPlaceless: true });
		throw new RhaiError("ErrorInFunctionCall", `${inner.text}\nin call to function 'range'`, {
			fields: {
				function: "range",
				source: ""
			},
			inner
		});
	}
	function added(a, b) {
		if (typeof a === "number" && typeof b === "number") {
			const sum = a + b;
			if (Number.isSafeInteger(sum)) return sum;
		}
		const sum = BigInt(a) + BigInt(b);
		return sum > INT_MAX || sum < INT_MIN ? void 0 : intOf(sum);
	}
	function* steps(from, to, step) {
		for (let at = from; step > 0 ? at < to : at > to;) {
			const next = added(at, step);
			if (next === void 0) return;
			yield at;
			at = next;
		}
	}
	function intSteps(from, to, step) {
		if (step === 0) zeroStep();
		return new Sequence("rhai::packages::iter_basic::StepRange<i64>", () => steps(from, to, step));
	}
	function* floatSteps(from, to, step) {
		for (let at = from; step > 0 ? at < to : at > to; at += step) {
			yield new Float(at);
			if (at + step === at) return;
		}
	}
	function rangeOfFloats(from, to, step) {
		if (!(to instanceof Float) || !(step instanceof Float)) return NONE;
		if (from.v + step.v === from.v) zeroStep();
		return new Sequence("rhai::packages::iter_basic::StepRange<f64>", () => floatSteps(from.v, to.v, step.v));
	}
	function allChars(text) {
		tick(text.length >> 4);
		return new Sequence("rhai::packages::iter_basic::CharsStream", () => charList(text));
	}
	function charsSequence(text, start, count) {
		const n = clamp(count);
		const { from, to } = n <= 0 ? {
			from: 0,
			to: 0
		} : portion(charCount(text), start, n);
		return allChars(sliceChars(text, from, to));
	}
	function charsFrom(text, first) {
		if (isInt(first)) return charsSequence(text, first, text.length);
		if (!(first instanceof Range)) return NONE;
		const start = rangeStart(first);
		return charsSequence(text, start, first.isInclusive && clamp(first.end) < start ? 0 : rangeCount(first));
	}
	function defineIterators() {
		define("int", "range", (from, to) => isInt(to) ? new Range(from, to, false) : NONE);
		define("int", "range", (from, to, step) => isInt(to) && isInt(step) ? intSteps(from, to, step) : NONE);
		define("float", "range", rangeOfFloats);
		define("range", "range", (range, step) => isInt(step) && !range.isInclusive ? intSteps(range.start, range.end, step) : NONE);
		defineGetter("string", "chars", allChars);
		define("string", "chars", charsFrom);
		define("string", "chars", (text, start, count) => isInt(start) && isInt(count) ? charsSequence(text, start, count) : NONE);
		defineGetter("range", "start", (range) => range.start);
		defineGetter("range", "end", (range) => range.end);
		defineGetter("range", "is_inclusive", (range) => range.isInclusive);
		defineGetter("range", "is_exclusive", (range) => !range.isInclusive);
		defineGetter("range", "is_empty", (range) => !isInRange(range, range.start));
		define("range", "contains", (range, value) => isInt(value) ? isInRange(range, value) : NONE);
	}
	function contains$2(map, key) {
		return typeof key === "string" ? map.entries.has(key) : NONE;
	}
	function get$1(map, key) {
		return typeof key === "string" ? copy(map.entries.get(key)) : NONE;
	}
	function set$1(map, key, value) {
		if (typeof key !== "string") return NONE;
		ownEntries(map).set(key, value);
		checkMap(map.entries.size);
	}
	function remove$1(map, key) {
		if (typeof key !== "string") return NONE;
		const entries = ownEntries(map);
		const value = entries.get(key);
		entries.delete(key);
		return value;
	}
	function clear(map) {
		map.entries = new Map();
		map.shared = false;
	}
	function mixinEntries(map, more) {
		tick(more.entries.size);
		const entries = ownEntries(map);
		for (const [key, value] of more.entries) entries.set(key, copy(value));
		checkMap(map.entries.size);
	}
	function mixin(map, more) {
		if (!(more instanceof Dict)) return NONE;
		mixinEntries(map, more);
	}
	function fillWith(map, more) {
		if (!(more instanceof Dict)) return NONE;
		tick(more.entries.size);
		const entries = ownEntries(map);
		for (const [key, value] of more.entries) if (!entries.has(key)) entries.set(key, copy(value));
		checkMap(map.entries.size);
	}
	function keys(map) {
		tick(map.entries.size);
		return new Arr(sortedKeys(map));
	}
	function values(map) {
		tick(map.entries.size);
		return new Arr(sortedKeys(map).map((key) => copy(map.entries.get(key))));
	}
	function charDebug(char) {
		if (char.text === "'") return "'\\''";
		if (char.text === "\"") return `'"'`;
		return `'${toDebug(char.text).slice(1, -1)}'`;
	}
	function toJson$1(value) {
		return bounded(() => jsonText(value));
	}
	function jsonText(value) {
		tick(4);
		if (value === void 0) return spent("null");
		if (value instanceof Dict) return `{${sortedKeys(value).map((key) => `${spent(toDebug(key))}:${jsonText(value.entries.get(key))}`).join(",")}}`;
		if (value instanceof Arr) return `[${value.items.map((item) => jsonText(item)).join(",")}]`;
		return spent(value instanceof Char ? charDebug(value) : toDebug(value));
	}
	function spent(text) {
		spend(text.length + 1);
		return text;
	}
	function defineMaps() {
		define("map", "len", (map) => map.entries.size);
		define("map", "is_empty", (map) => map.entries.size === 0);
		define("map", "contains", contains$2);
		define("map", "get", get$1);
		define("map", "set", set$1, "mutates");
		define("map", "remove", remove$1, "mutates");
		define("map", "clear", clear, "mutates");
		define("map", "mixin", mixin, "mutates");
		define("map", "fill_with", fillWith, "mutates");
		define("map", "keys", keys);
		define("map", "values", values);
		define("map", "to_json", (map) => toJson$1(map));
	}
	const nestingMax = 64;
	const blanks = /[ \t\n\r]*/y;
	const number = /-?\d[\d_]*(\.\d[\d_]*)?([eE][+-]?\d+)?/y;
	const string = /"(?:[^"\\\n]|\\.)*"/y;
	const escapes = {
		"\"": "\"",
		"\\": "\\",
		"/": "/",
		"'": "'",
		b: "\b",
		f: "\f",
		n: "\n",
		r: "\r",
		t: "	"
	};
	var Reader = class {
		#text;
		#at = 0;
		constructor(text) {
			this.#text = text;
		}
		document() {
			this.#skip();
			if (this.#text[this.#at] !== "{") {
				const place = {
					line: 1,
					column: this.#text.length - this.#text.trimStart().length + 1
				};
				return this.#fail("MissingToken", "Expecting '{' to start a JSON object hash", { place });
			}
			const value = this.#object(1);
			this.#skip();
			if (this.#at < this.#text.length) this.#unexpected();
			return value;
		}
		#value(depth) {
			this.#skip();
			tick(1);
			if (depth > nestingMax) this.#fail("ExprTooDeep", "Expression exceeds maximum complexity");
			const char = this.#text[this.#at] ?? "";
			if (char === "{") return this.#object(depth);
			if (char === "[") return this.#array(depth);
			if (char === "\"") return this.#string();
			if (/[-\d]/.test(char)) return this.#number();
			if (this.#take("true")) return true;
			if (this.#take("false")) return false;
			if (this.#take("null")) return void 0;
			if (char === "") return this.#fail("UnexpectedEOF", "Script is incomplete");
			return this.#unexpected();
		}
		#object(depth) {
			const entries = new Map();
			this.#at++;
			for (;;) {
				this.#skip();
				if (this.#take("}")) return new Dict(entries);
				if (this.#at >= this.#text.length) this.#endOfObject();
				if (this.#text[this.#at] !== "\"") this.#fail("PropertyExpected", "Expecting name of a property");
				const start = this.#at;
				const key = this.#string();
				if (entries.has(key)) {
					this.#at = start;
					this.#fail("DuplicatedProperty", `Duplicated property for object map literal: ${key}`);
				}
				this.#skip();
				if (!this.#take(":")) this.#fail("MissingToken", `Expecting ':' to follow the property '${key}' in this object map literal`);
				entries.set(key, this.#value(depth + 1));
				this.#skip();
				if (this.#take("}")) return new Dict(entries);
				if (!this.#take(",")) {
					if (this.#at >= this.#text.length) this.#endOfObject();
					this.#fail("MissingToken", "Expecting ',' to separate the items of this object map literal");
				}
			}
		}
		#endOfObject() {
			this.#fail("MissingToken", "Expecting '}' to end this object map literal");
		}
		#array(depth) {
			const items = [];
			this.#at++;
			for (;;) {
				this.#skip();
				if (this.#take("]")) return new Arr(items);
				if (this.#at >= this.#text.length) this.#endOfArray();
				items.push(this.#value(depth + 1));
				this.#skip();
				if (this.#take("]")) return new Arr(items);
				if (!this.#take(",")) {
					if (this.#at >= this.#text.length) this.#endOfArray();
					this.#fail("MissingToken", "Expecting ',' to separate the items of this array literal");
				}
			}
		}
		#endOfArray() {
			this.#fail("MissingToken", "Expecting ']' to end this array literal");
		}
		#string() {
			const text = this.#match(string)?.[0];
			if (text === void 0) return this.#fail("BadInput", "Open string is not terminated", { lex: "UnterminatedString" });
			tick(text.length >> 3);
			const inner = text.slice(1, -1);
			if (!inner.includes("\\")) return inner;
			return inner.replaceAll(/\\(?:u([\da-fA-F]{4})|(.))/gs, (all, hex, short) => {
				if (hex !== void 0) return String.fromCharCode(Number.parseInt(hex, 16));
				return escapes[short ?? ""] ?? this.#badEscape(all);
			}).toWellFormed();
		}
		#badEscape(sequence) {
			this.#fail("BadInput", `Invalid escape sequence: '${sequence}'`, { lex: "MalformedEscapeSequence" });
		}
		#number() {
			const match = this.#match(number);
			if (match === void 0) return this.#unexpected();
			const digits = match[0].replaceAll("_", "");
			if (match[1] !== void 0 || match[2] !== void 0 || digits.length > 20) return new Float(Number(digits));
			const value = BigInt(digits);
			return value > INT_MAX || value < INT_MIN ? new Float(Number(digits)) : intOf(value);
		}
		#skip() {
			this.#match(blanks);
		}
		#take(word) {
			if (!this.#text.startsWith(word, this.#at)) return false;
			this.#at += word.length;
			return true;
		}
		#match(pattern) {
			pattern.lastIndex = this.#at;
			const match = pattern.exec(this.#text);
			if (match === null) return void 0;
			this.#at = pattern.lastIndex;
			return match;
		}
		#unexpected() {
			const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
			this.#fail("BadInput", `Unexpected '${char}'`, { lex: "UnexpectedInput" });
		}
		#fail(code, message, { lex, place = this.#place() } = {}) {
			throw new RhaiError("ErrorParsing", `Syntax error: ${message}`, { parse: {
				code,
				message,
				place,
				...lex === void 0 ? {} : { lex }
			} });
		}
		#place() {
			const before = this.#text.slice(0, this.#at).split("\n");
			return {
				line: before.length,
				column: charCount(before.at(-1) ?? "") + 1
			};
		}
	};
	function parseJson(text) {
		tick(text.length >> 4);
		const value = new Reader(trimText(text) === "" ? "" : text).document();
		checkSize(value);
		return value;
	}
	function defineJson() {
		define("string", "parse_json", (text) => parseJson(text));
	}
	function compareNumbers(a, b) {
		if (!isInt(a) || !isInt(b)) return 0;
		return a < b ? -1 : a > b ? 1 : 0;
	}
	function compareFloats(a, b) {
		if (!(a instanceof Float) || !(b instanceof Float)) return 0;
		return a.v < b.v ? -1 : a.v > b.v ? 1 : 0;
	}
	function compareStrings(a, b) {
		return typeof a === "string" && typeof b === "string" ? compareText(a, b) : 0;
	}
	function comparePlainStrings(a, b) {
		if (typeof a !== "string" || typeof b !== "string") return 0;
		return a < b ? -1 : a > b ? 1 : 0;
	}
	function compareChars(a, b) {
		return a instanceof Char && b instanceof Char ? compareText(a.text, b.text) : 0;
	}
	function comparisonOf(items) {
		const first = items[0];
		const type = mismatchName(first);
		if (!items.every((item) => mismatchName(item) === type)) return functionNotFoundText("elements of different types cannot be sorted");
		if (isInt(first)) return compareNumbers;
		if (first instanceof Float) return compareFloats;
		if (typeof first === "string") return items.every((item) => typeof item === "string" && isPlain(item)) ? comparePlainStrings : compareStrings;
		if (first instanceof Char) return compareChars;
		if (typeof first === "boolean") return (a, b) => Number(a) - Number(b);
		if (first === void 0) return () => 0;
		return functionNotFoundText(`elements of ${type} cannot be sorted`);
	}
	function isNumbers(items) {
		return items.every((item) => typeof item === "number");
	}
	function sortedNumbers(items) {
		let low = Infinity;
		let high = -Infinity;
		for (const item of items) {
			if (item < low) low = item;
			if (item > high) high = item;
		}
		const width = high - low + 1;
		if (width > items.length * 2) return Array.from(Float64Array.from(items).toSorted());
		const counts = new Uint32Array(width);
		for (const item of items) counts[item - low] = (counts[item - low] ?? 0) + 1;
		const sorted = [];
		for (let at = 0; at < width; at++) for (let left = counts[at] ?? 0; left > 0; left--) sorted.push(low + at);
		return sorted;
	}
	function sortedItems(items, isDescending) {
		tick(items.length * Math.ceil(Math.log2(items.length + 1)));
		if (isNumbers(items)) {
			const sorted = sortedNumbers(items);
			return isDescending ? sorted.toReversed() : sorted;
		}
		const compare = comparisonOf(items);
		return items.toSorted(isDescending ? (a, b) => compare(b, a) : compare);
	}
	function sort(array, isDescending) {
		if (array.items.length > 1) array.items = sortedItems(ownItems(array), isDescending);
	}
	function order(array, isDescending) {
		array.shared = true;
		const sorted = new Arr(array.items, true);
		sort(sorted, isDescending);
		return sorted;
	}
	function isSame(a, b) {
		try {
			return eqInner(a, b);
		} catch (error) {
			if (error instanceof RhaiError && error.variant === "ErrorFunctionNotFound") return false;
			throw error;
		}
	}
	function dedup(array) {
		const items = ownItems(array);
		tick(items.length);
		const kept = [];
		for (const item of items) if (kept.length === 0 || !isSame(kept.at(-1), item)) kept.push(item);
		array.items = kept;
	}
	function defineSorts() {
		define("array", "sort", (array) => sort(array, false), "mutates");
		define("array", "sort_desc", (array) => sort(array, true), "mutates");
		define("array", "order", (array) => order(array, false), "mutates");
		define("array", "order_desc", (array) => order(array, true), "mutates");
		define("array", "dedup", dedup, "mutates");
	}
	function textOf$1(value) {
		if (typeof value === "string") return value;
		return value instanceof Char ? value.text : void 0;
	}
	function indexOf(text, what, from) {
		const find = textOf$1(what);
		if (find === void 0) return NONE;
		if (text === "") return -1;
		tick(text.length >> 4);
		const unit = text.indexOf(find, from);
		return unit < 0 ? -1 : unitToChar(text, unit);
	}
	function indexOfFrom(text, what, start) {
		if (!isInt(start)) return NONE;
		const at = clamp(start);
		const length = charCount(text);
		if (at >= length && at > 0) return textOf$1(what) === void 0 ? NONE : -1;
		return indexOf(text, what, unitOf(text, at < 0 ? Math.max(length + at, 0) : at));
	}
	function contains$1(text, what) {
		const find = textOf$1(what);
		if (find === void 0) return NONE;
		tick(text.length >> 4);
		return text.includes(find);
	}
	function startsWith(text, what) {
		const find = textOf$1(what);
		return find === void 0 ? NONE : text.startsWith(find);
	}
	function endsWith(text, what) {
		const find = textOf$1(what);
		return find === void 0 ? NONE : text.endsWith(find);
	}
	function subText(text, start, count) {
		tick(text.length >> 4);
		if (typeof start === "number" && typeof count === "number" && isPlain(text)) {
			const from = start < 0 ? Math.max(text.length + start, 0) : start;
			return count <= 0 ? "" : text.slice(from, from + count);
		}
		if (text === "" || clamp(count) <= 0) return "";
		const { from, to } = portion(charCount(text), start, count);
		return sliceChars(text, from, to);
	}
	function subString(text, first, count) {
		return isInt(first) && isInt(count) ? subText(text, first, count) : NONE;
	}
	function subStringFrom(text, first) {
		if (first instanceof Range) return subText(text, rangeStart(first), rangeCount(first));
		return isInt(first) ? subText(text, first, text.length) : NONE;
	}
	function charAt(text, index) {
		if (isPlain(text)) {
			const at = position(text.length, index);
			return at === void 0 ? void 0 : charOf(text.charAt(at));
		}
		tick(text.length >> 4);
		const at = position(charCount(text), index);
		if (at === void 0) return void 0;
		const unit = unitOf(text, at);
		return charOf(String.fromCodePoint(text.codePointAt(unit) ?? 0));
	}
	function get(text, index) {
		return isInt(index) ? charAt(text, index) : NONE;
	}
	function larger(a, b) {
		if (typeof b !== "string") return NONE;
		return compareText(a, b) >= 0 ? a : b;
	}
	function smaller(a, b) {
		if (typeof b !== "string") return NONE;
		return compareText(a, b) <= 0 ? a : b;
	}
	function toUpper(text) {
		tick(text.length >> 4);
		return checkString(text.toUpperCase());
	}
	function toLower(text) {
		tick(text.length >> 4);
		return checkString(text.toLowerCase());
	}
	function toChars(text) {
		tick(text.length);
		const array = new Arr(charList(text));
		checkArray(array.items.length);
		return array;
	}
	function toBlob(text) {
		tick(text.length);
		return new Blob(encodeUtf8(text));
	}
	function upperChar(char) {
		return oneChar(char, char.text.toUpperCase());
	}
	function lowerChar(char) {
		return oneChar(char, char.text.toLowerCase());
	}
	function oneChar(char, text) {
		return charCount(text) === 1 ? charOf(text) : char;
	}
	function defineStrings() {
		defineGetter("string", "len", (text) => charCount(text));
		defineGetter("string", "is_empty", (text) => text === "");
		defineGetter("string", "bytes", (text) => utf8Length(text));
		define("string", "contains", contains$1);
		define("string", "starts_with", startsWith);
		define("string", "ends_with", endsWith);
		define("string", "index_of", (text, what) => indexOf(text, what, 0));
		define("string", "index_of", indexOfFrom);
		define("string", "get", get);
		define("string", "sub_string", subStringFrom);
		define("string", "sub_string", subString);
		define("string", "to_upper", toUpper);
		define("string", "to_lower", toLower);
		define("string", "to_chars", toChars);
		define("string", "to_blob", toBlob);
		define("string", "max", larger);
		define("string", "min", smaller);
		defineChars();
	}
	function defineChars() {
		define("char", "to_upper", (char) => upperChar(char));
		define("char", "to_lower", (char) => lowerChar(char));
		define("char", "to_int", (char) => char.text.codePointAt(0));
		define("char", "max", (a, b) => b instanceof Char ? compareText(a.text, b.text) >= 0 ? a : b : NONE);
		define("char", "min", (a, b) => b instanceof Char ? compareText(a.text, b.text) <= 0 ? a : b : NONE);
	}
	function become(text) {
		S.self = text;
	}
	function replaceAll(text, find, substitute) {
		tick(text.length + substitute.length >> 3);
		if (text === "") return "";
		const parts = find === "" ? [
			"",
			...charsOf(text),
			""
		] : text.split(find);
		tick(parts.length);
		if (parts.length === 1) return text;
		growth(text.length + (parts.length - 1) * substitute.length);
		return checkString(parts.join(substitute));
	}
	function growth(length) {
		const max = S.limits.stringBytes;
		if (length > stringLengthMax || max > 0 && length > max * 2) dataTooLarge("Length of string");
	}
	const stringLengthMax = 536870888;
	function replace(text, find, substitute) {
		const from = textOf$1(find);
		const to = textOf$1(substitute);
		if (from === void 0 || to === void 0) return NONE;
		return become(replaceAll(text, from, to));
	}
	function remove(text, what) {
		const find = textOf$1(what);
		if (find === void 0) return NONE;
		return become(find === "" ? text : replaceAll(text, find, ""));
	}
	function truncate(text, count) {
		return isInt(count) ? become(sliceChars(text, 0, Math.max(clamp(count), 0))) : NONE;
	}
	function pop(text) {
		if (text === "") return void 0;
		const unit = text.charCodeAt(text.length - 1);
		const last = text.length - (unit >= 56320 && unit < 57344 ? 2 : 1);
		S.self = text.slice(0, last);
		return charOf(text.slice(last));
	}
	function popSome(text, count) {
		if (!isInt(count)) return NONE;
		const n = clamp(count);
		if (text === "" || n <= 0) return "";
		const at = unitOf(text, Math.max(charCount(text) - n, 0));
		S.self = text.slice(0, at);
		return text.slice(at);
	}
	function set(text, index, char) {
		if (!isInt(index) || !(char instanceof Char)) return NONE;
		const at = position(charCount(text), index);
		if (at === void 0) return void 0;
		const unit = unitOf(text, at);
		const rest = text.slice(unit + ((text.codePointAt(unit) ?? 0) > 65535 ? 2 : 1));
		return become(checkString(text.slice(0, unit) + char.text + rest));
	}
	function crop(text, start, count) {
		return isInt(start) && isInt(count) ? become(subText(text, start, count)) : NONE;
	}
	function cropFrom(text, start) {
		if (start instanceof Range) return become(subText(text, rangeStart(start), rangeCount(start)));
		return isInt(start) ? become(subText(text, start, text.length)) : NONE;
	}
	function pad(text, count, padding) {
		const unit = textOf$1(padding);
		if (!isInt(count) || unit === void 0) return NONE;
		const to = clamp(count);
		const max = S.limits.stringBytes;
		if (to > stringLengthMax || max > 0 && to > max) dataTooLarge("Length of string");
		const missing = to - charCount(text);
		if (missing <= 0 || unit === "") return void 0;
		tick(missing);
		const length = charCount(unit);
		return become(checkString(text + unit.repeat(Math.floor(missing / length)) + sliceChars(unit, 0, missing % length)));
	}
	function append(text, value) {
		const more = value instanceof Blob ? decodeUtf8(value.bytes) : toText(value);
		return become(more === "" ? text : checkString(text + more));
	}
	function defineStringEdits() {
		define("string", "clear", (_text) => become(""), "replaces");
		define("string", "trim", (text) => become(trimText(text)), "replaces");
		define("string", "truncate", truncate, "replaces");
		define("string", "pop", pop, "replaces");
		define("string", "pop", popSome, "replaces");
		define("string", "remove", remove, "replaces");
		define("string", "replace", replace, "replaces");
		define("string", "set", set, "replaces");
		define("string", "crop", cropFrom, "replaces");
		define("string", "crop", crop, "replaces");
		define("string", "pad", pad, "replaces");
		define("string", "append", append, "replaces");
		define("string", "make_upper", (text) => become(checkString(text.toUpperCase())), "replaces");
		define("string", "make_lower", (text) => become(checkString(text.toLowerCase())), "replaces");
		define("char", "make_upper", (char) => void (S.self = upperChar(char)), "replaces");
		define("char", "make_lower", (char) => void (S.self = lowerChar(char)), "replaces");
	}
	function arrayOf(parts) {
		tick(parts.length);
		const array = new Arr(parts);
		checkArray(array.items.length);
		return array;
	}
	function delimiterOf(value) {
		if (typeof value === "string") return value;
		return value instanceof Char ? value.text : void 0;
	}
	function splitAt(text, index) {
		const length = charCount(text);
		const unit = unitOf(text, index > 0 ? index : Math.max(length + index, 0));
		return new Arr([text.slice(0, unit), text.slice(unit)]);
	}
	function split(text, by) {
		tick(text.length >> 3);
		if (isInt(by)) return splitAt(text, clamp(by));
		const delimiter = delimiterOf(by);
		if (delimiter === void 0) return NONE;
		if (text === "") return new Arr([text]);
		return arrayOf(delimiter === "" ? [
			"",
			...charsOf(text),
			""
		] : text.split(delimiter));
	}
	function splitSome(text, by, count) {
		const delimiter = delimiterOf(by);
		if (delimiter === void 0 || !isInt(count)) return NONE;
		tick(text.length >> 3);
		const most = clamp(count);
		if (most <= 1 || text === "") return new Arr([text]);
		if (delimiter === "") return arrayOf(firstParts([
			"",
			...charsOf(text),
			""
		], most));
		const parts = [];
		let from = 0;
		while (parts.length < most - 1) {
			const at = text.indexOf(delimiter, from);
			if (at < 0) break;
			parts.push(text.slice(from, at));
			from = at + delimiter.length;
		}
		parts.push(text.slice(from));
		return arrayOf(parts);
	}
	function firstParts(parts, most) {
		if (parts.length <= most) return parts;
		return [...parts.slice(0, most - 1), parts.slice(most - 1).join("")];
	}
	function splitReverse(text, by) {
		return splitReverseSome(text, by, Number.MAX_SAFE_INTEGER);
	}
	function splitReverseSome(text, by, count) {
		const delimiter = delimiterOf(by);
		if (delimiter === void 0 || !isInt(count)) return NONE;
		tick(text.length >> 3);
		const most = clamp(count);
		if (most <= 1 || text === "") return new Arr([text]);
		if (delimiter === "") return arrayOf(lastParts([
			"",
			...charsOf(text),
			""
		], most));
		const parts = [];
		let to = text.length;
		while (parts.length < most - 1 && to >= delimiter.length) {
			const at = text.lastIndexOf(delimiter, to - delimiter.length);
			if (at < 0) break;
			parts.push(text.slice(at + delimiter.length, to));
			to = at;
		}
		parts.push(text.slice(0, to));
		return arrayOf(parts);
	}
	function lastParts(parts, most) {
		const reversed = parts.toReversed();
		if (reversed.length <= most) return reversed;
		const rest = parts.slice(0, parts.length - most + 1);
		return [...reversed.slice(0, most - 1), rest.join("")];
	}
	function splitWords(text) {
		tick(text.length >> 3);
		return text === "" ? new Arr([text]) : arrayOf(wordsOf(text));
	}
	function defineStringSplits() {
		define("string", "split", splitWords);
		define("string", "split", split);
		define("string", "split", splitSome);
		define("string", "split_rev", splitReverse);
		define("string", "split_rev", splitReverseSome);
	}
	let isDefined = false;
	function defineLibrary() {
		if (isDefined) return;
		isDefined = true;
		setGetters(getterOf);
		defineCore();
		defineInts();
		defineBits();
		defineFloats();
		defineStrings();
		defineStringEdits();
		defineStringSplits();
		defineArrays();
		defineSorts();
		defineMaps();
		defineJson();
		defineBlobs();
		defineBlobCodecs();
		defineIterators();
		defineCallbacks();
	}
	function add(a, b) {
		if (typeof a === "number" && typeof b === "number") {
			const r = a + b;
			if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
		} else if (a instanceof Float && b instanceof Float) return new Float(a.v + b.v);
		return addSlow(a, b, true);
	}
	function sub(a, b) {
		if (typeof a === "number" && typeof b === "number") {
			const r = a - b;
			if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
		} else if (a instanceof Float && b instanceof Float) return new Float(a.v - b.v);
		return subSlow(a, b, true);
	}
	function mul(a, b) {
		if (typeof a === "number" && typeof b === "number") {
			const r = a * b;
			if (r <= SAFE_MAX && r >= SAFE_MIN) return r + 0;
		} else if (a instanceof Float && b instanceof Float) return new Float(a.v * b.v);
		return mulSlow(a, b, true);
	}
	function div(a, b) {
		if (typeof a === "number" && typeof b === "number" && b !== 0) return Math.trunc(a / b) + 0;
		if (a instanceof Float && b instanceof Float) return new Float(a.v / b.v);
		return divSlow(a, b, true);
	}
	function mod(a, b) {
		if (typeof a === "number" && typeof b === "number" && b !== 0) return a % b + 0;
		if (a instanceof Float && b instanceof Float) return new Float(a.v % b.v);
		return modSlow(a, b, true);
	}
	function pow(a, b) {
		return powSlow(a, b, true);
	}
	function floatOf(value) {
		if (value instanceof Float) return value.v;
		return isInt(value) ? Number(value) : void 0;
	}
	function floats(a, b, f) {
		const x = floatOf(a);
		const y = floatOf(b);
		return x === void 0 || y === void 0 ? void 0 : new Float(f(x, y));
	}
	function addSlow(a, b, isPlaceless) {
		if (typeof a === "string") {
			if (typeof b === "string") return checkedSum(a, b, isPlaceless);
			if (b instanceof Char) return checkedSum(a, b.text, isPlaceless);
			return addOther(a, b, isPlaceless);
		}
		if (typeof b === "string" && a instanceof Char) return checkedSum(a.text, b, isPlaceless);
		if (isInt(a) && isInt(b)) return addInts(a, b, isPlaceless);
		return floats(a, b, (x, y) => x + y) ?? addOther(a, b, isPlaceless);
	}
	function subSlow(a, b, isPlaceless) {
		if (isInt(a) && isInt(b)) return subInts(a, b, isPlaceless);
		return floats(a, b, (x, y) => x - y) ?? subOther(a, b);
	}
	function mulSlow(a, b, isPlaceless) {
		if (isInt(a) && isInt(b)) return mulInts(a, b, isPlaceless);
		return floats(a, b, (x, y) => x * y) ?? functionNotFound("*", [a, b]);
	}
	function divSlow(a, b, isPlaceless) {
		if (isInt(a) && isInt(b)) return divInts(a, b, isPlaceless);
		return floats(a, b, (x, y) => x / y) ?? functionNotFound("/", [a, b]);
	}
	function modSlow(a, b, isPlaceless) {
		if (isInt(a) && isInt(b)) return modInts(a, b, isPlaceless);
		return floats(a, b, (x, y) => x % y) ?? functionNotFound("%", [a, b]);
	}
	function powSlow(a, b, isPlaceless) {
		if (isInt(a) && isInt(b)) return powInts(a, b, isPlaceless);
		return floats(a, b, powFloats) ?? functionNotFound("**", [a, b]);
	}
	function shl(a, b) {
		if (typeof a === "number" && typeof b === "number" && b >= 0 && b < 32) {
			const r = a * 2 ** b;
			if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
		}
		return isInt(a) && isInt(b) ? shlInts(a, b) : functionNotFound("<<", [a, b]);
	}
	function shr(a, b) {
		if (typeof a === "number" && typeof b === "number" && b >= 0 && b < 64) return Math.floor(a / 2 ** b);
		return isInt(a) && isInt(b) ? shrInts(a, b) : functionNotFound(">>", [a, b]);
	}
	function areSmall(a, b) {
		return typeof a === "number" && typeof b === "number" && (a | 0) === a && (b | 0) === b;
	}
	function bitAnd(a, b) {
		if (areSmall(a, b)) return a & b;
		return bits("&", a, b, andInts);
	}
	function bitOr(a, b) {
		if (areSmall(a, b)) return a | b;
		return bits("|", a, b, orInts);
	}
	function bitXor(a, b) {
		if (areSmall(a, b)) return a ^ b;
		return bits("^", a, b, xorInts);
	}
	function bits(name, a, b, f) {
		if (isInt(a) && isInt(b)) return f(a, b);
		if (typeof a !== "boolean" || typeof b !== "boolean") return functionNotFound(name, [a, b]);
		return name === "&" ? a && b : name === "|" ? a || b : a !== b;
	}
	function neg(a) {
		if (typeof a === "number") return 0 - a;
		if (a instanceof Float) return new Float(-a.v);
		return typeof a === "bigint" ? negInt(a) : functionNotFound("-", [a]);
	}
	function plus(a) {
		return isInt(a) || a instanceof Float ? a : functionNotFound("+", [a]);
	}
	function not(a) {
		return typeof a === "boolean" ? !a : functionNotFound("!", [a]);
	}
	function bool(value) {
		return typeof value === "boolean" ? value : mismatchValue(value, "bool");
	}
	function range(a, b, isInclusive) {
		if (isInt(a) && isInt(b)) return new Range(a, b, isInclusive);
		return functionNotFound(isInclusive ? "..=" : "..", [a, b]);
	}
	function addAssign(a, b) {
		if (typeof a === "number" && typeof b === "number") {
			const r = a + b;
			if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
		} else if (a instanceof Float && b instanceof Float) return new Float(a.v + b.v);
		return addAssignSlow(a, b);
	}
	function addAssignSlow(a, b) {
		if (typeof a !== "object") return addSlow(a, b, false);
		if (a instanceof Arr) return extend(a, b);
		if (a instanceof Dict && b instanceof Dict) return mixIn(a, b);
		if (a instanceof Blob) return extendBlob(a, b) ?? addSlow(a, b, false);
		return addSlow(a, b, false);
	}
	function extend(a, b) {
		checkArray(a.items.length);
		const items = ownItems(a);
		if (b instanceof Arr) tick(b.items.length);
		if (!(b instanceof Arr)) items.push(b);
		else for (let i = 0, n = b.items.length; i < n; i++) items.push(copy(b.items[i]));
		return a;
	}
	function mixIn(a, b) {
		const entries = ownEntries(a);
		tick(b.entries.size);
		checkMap(entries.size);
		for (const [key, value] of b.entries) entries.set(key, copy(value));
		return a;
	}
	function extendBlob(a, b) {
		const more = bytesOf(b);
		if (more === void 0) return void 0;
		checkArray(a.bytes.length);
		appendBytes(a, more);
		return a;
	}
	function bytesOf(value) {
		if (value instanceof Blob) return value.bytes;
		if (isInt(value)) return Uint8Array.of(Number(BigInt.asUintN(8, BigInt(value))));
		const text = pieceOf(value);
		return text === void 0 ? void 0 : encodeUtf8(text);
	}
	function subAssign(a, b) {
		if (typeof a === "number" && typeof b === "number") {
			const r = a - b;
			if (r <= SAFE_MAX && r >= SAFE_MIN) return r;
		} else if (a instanceof Float && b instanceof Float) return new Float(a.v - b.v);
		return subSlow(a, b, false);
	}
	function mulAssign(a, b) {
		if (typeof a === "number" && typeof b === "number") {
			const r = a * b;
			if (r <= SAFE_MAX && r >= SAFE_MIN) return r + 0;
		} else if (a instanceof Float && b instanceof Float) return new Float(a.v * b.v);
		return mulSlow(a, b, false);
	}
	function divAssign(a, b) {
		if (typeof a === "number" && typeof b === "number" && b !== 0) return Math.trunc(a / b) + 0;
		if (a instanceof Float && b instanceof Float) return new Float(a.v / b.v);
		return divSlow(a, b, false);
	}
	function modAssign(a, b) {
		if (typeof a === "number" && typeof b === "number" && b !== 0) return a % b + 0;
		if (a instanceof Float && b instanceof Float) return new Float(a.v % b.v);
		return modSlow(a, b, false);
	}
	function powAssign(a, b) {
		return powSlow(a, b, false);
	}
	const shlAssign = shl;
	const shrAssign = shr;
	const bitAndAssign = bitAnd;
	const bitOrAssign = bitOr;
	const bitXorAssign = bitXor;
	const BITS = 64;
	function bitOf(index) {
		if (index >= BITS || index < -64) return bitBounds(index);
		return BigInt(index < 0 ? Number(index) + BITS : index);
	}
	function getBit(value, index) {
		const bit = bitOf(index);
		return (BigInt(value) >> bit & 1n) === 1n;
	}
	function setBit(value, index, isOn) {
		const mask = 1n << bitOf(index);
		return wrapInt(isOn ? BigInt(value) | mask : BigInt(value) & ~mask);
	}
	function spanOf({ start, end, isInclusive }) {
		if (start < 0 || start > BITS) return bitBounds(start);
		if (end < 0 || end > (isInclusive ? 63 : BITS)) return bitBounds(end);
		const count = BigInt(end) - BigInt(start) + (isInclusive ? 1n : 0n);
		return {
			start: BigInt(start),
			count: count < 0n ? 0n : count
		};
	}
	function getBitRange(value, range) {
		const { start, count } = spanOf(range);
		return wrapInt(BigInt.asUintN(Number(count), BigInt(value) >> start));
	}
	function setBitRange(value, range, bits) {
		const { start, count } = spanOf(range);
		const mask = (1n << count) - 1n << start;
		return wrapInt(BigInt(value) & ~mask | BigInt(bits) << start & mask);
	}
	function makeArray(items) {
		const made = new Arr(items);
		checkSize(made);
		return made;
	}
	function makeMap(keys, values) {
		const entries = new Map();
		for (let i = 0; i < keys.length; i++) entries.set(keys[i] ?? "", values[i]);
		const made = new Dict(entries);
		checkSize(made);
		return made;
	}
	function closure(compiled, ...cells) {
		for (const cell of cells) cell.isShared = true;
		return new FnPtr(compiled.name, compiled, cells);
	}
	function print(value) {
		S.output.print(checkString(toText(value)));
	}
	function debug(value, line, column) {
		debugText(toDebug(value), line, column);
	}
	function debugText(text, line, column) {
		S.output.debug(checkString(text), line, column);
	}
	function exit(value) {
		throw new Exit(value);
	}
	function checkConstant(value, name, arity) {
		if (isMutator(value, name, arity)) constMethod(name);
		return value;
	}
	function functionIn(value, name) {
		if (!(value instanceof Dict)) return void 0;
		const held = value.entries.get(name);
		return held instanceof FnPtr ? held : void 0;
	}
	function thrownBy(error) {
		let inner = error;
		while (inner !== void 0 && inner.variant !== "ErrorRuntime") inner = inner.inner;
		return inner;
	}
	function caughtValue(error, place) {
		const thrown = thrownBy(error);
		return thrown === void 0 ? errorMap(error, place) : thrown.thrown;
	}
	function errorMap(error, place) {
		const entries = new Map([["error", error.variant], ["message", error.text]]);
		for (const [name, value] of Object.entries(error.fields)) entries.set(name, value);
		if (place !== void 0) {
			entries.set("line", place.line);
			entries.set("position", place.column);
		}
		return new Dict(entries);
	}
	function asRhaiError(error) {
		if (!(error instanceof RangeError)) return error;
		const made = error.message.includes("call stack") ? new RhaiError("ErrorStackOverflow", "Stack overflow") : new RhaiError("ErrorDataTooLarge", "Length of string too large");
		made.stack = error.stack ?? made.stack ?? "";
		return made;
	}
	function keptFrames() {
		return Error.stackTraceLimit ?? 0;
	}
	function keepFrames(frames) {
		if (keptFrames() !== frames) Reflect.set(Error, "stackTraceLimit", frames);
	}
	const Weak = WeakRef;
	const sources = new Map();
	const dropped = new FinalizationRegistry((name) => {
		if (sources.get(name)?.deref() === void 0) sources.delete(name);
	});
	function callingLine() {
		const match = /rhai:([\w-]+):(\d+)/.exec(new Error("where").stack ?? "");
		return {
			name: match?.[1] ?? "",
			line: Number(match?.[2] ?? 0)
		};
	}
	function newUnit(path) {
		const { name, line } = callingLine();
		let source = sources.get(name)?.deref();
		if (source === void 0) {
			source = { tables: [] };
			sources.set(name, new Weak(source));
			dropped.register(source, name);
		}
		const table = {
			path,
			firstLine: line,
			lastLine: Infinity,
			positions: "",
			functions: "",
			source
		};
		const at = source.tables.findIndex((other) => other.firstLine === line);
		source.tables.splice(at === -1 ? source.tables.length : at, at === -1 ? 0 : 1, table);
		return table;
	}
	function tableOf(name, line) {
		const tables = sources.get(name)?.deref()?.tables ?? [];
		let found;
		for (const table of tables) if (table.firstLine <= line && line <= table.lastLine && table.firstLine >= (found?.firstLine ?? 0)) found = table;
		return found;
	}
	function finishUnit(table, parts) {
		table.positions = parts.positions;
		table.functions = parts.lines;
		table.lastLine = callingLine().line;
		const { main, suspends, functions } = parts;
		return {
			main,
			suspends,
			functions,
			table
		};
	}
	function stateOf(table) {
		S.units ??= new Map();
		let state = S.units.get(table);
		if (state === void 0) {
			state = {
				constants: new Map(),
				exports: new Map(),
				imports: new Map(),
				inner: new Map()
			};
			S.units.set(table, state);
		}
		return state;
	}
	function setGlobal(table, name, value) {
		stateOf(table).constants.set(name, value);
	}
	function globalConstant(table, name) {
		const { constants } = stateOf(table);
		const value = constants.get(name);
		return value === void 0 && !constants.has(name) ? variableNotFound(`global::${name}`) : copy(value);
	}
	function traceOf(error, calls = Infinity) {
		const frames = framesOf(error);
		if (uncatchable.has(error.variant)) return {
			error,
			place: error.isPlaceless ? void 0 : frames.at(-1)?.place,
			inner: innerOf(error)
		};
		const [first] = frames;
		const place = placeFor(error, first);
		let trace = innermost(error, error.isPlaceless ? void 0 : place);
		for (let i = 0; i < Math.min(calls, frames.length - 1); i++) {
			const { label, path } = frames[i] ?? {
				label: "",
				path: ""
			};
			if (label === "") break;
			trace = {
				error: wrapped(trace, label, path),
				place: frames[i + 1]?.place,
				inner: trace
			};
		}
		return trace;
	}
	function placeFor(error, frame) {
		const { others = [], place } = frame ?? {};
		if (error.isAtOperator) return others[0] ?? place;
		return error.variant === "ErrorIndexingType" ? others.at(-1) ?? place : place;
	}
	function innermost(error, place) {
		const { inner } = error;
		if (inner === void 0 || inner.isPlaceless || inner.parse !== void 0 || !error.text.startsWith(`${inner.text}\n`)) return {
			error,
			place,
			inner: innerOf(error)
		};
		const calls = framesOf(inner).length - framesOf(error).length;
		const inside = calls > 0 ? traceOf(inner, calls) : innermost(inner, place);
		return {
			error: withText(error, textOf(inside) + error.text.slice(inner.text.length)),
			place,
			inner: inside
		};
	}
	function withText({ variant, fields, thrown, inner }, text) {
		return stackless(() => new RhaiError(variant, text, {
			fields,
			thrown,
			...inner === void 0 ? {} : { inner }
		}));
	}
	function stackless(make) {
		const limit = keptFrames();
		keepFrames(0);
		const error = make();
		keepFrames(limit);
		return error;
	}
	function innerOf({ inner }) {
		return inner === void 0 ? void 0 : {
			error: inner,
			place: void 0,
			inner: innerOf(inner)
		};
	}
	function textOf({ error, place }) {
		return place === void 0 ? error.text : `${error.text} (line ${place.line}, position ${place.column})`;
	}
	function wrapped(inner, label, path) {
		const isClosure = label.startsWith("anon$");
		const text = `${textOf(inner)}\n${isClosure ? "in closure call" : `in call to function '${label}'`}${path === "" ? "" : ` @ '${path}'`}`;
		const fields = {
			function: label,
			source: path
		};
		return stackless(() => new RhaiError("ErrorInFunctionCall", text, {
			fields,
			inner: inner.error
		}));
	}
	function framesOf(error) {
		const frames = [];
		for (const line of (error.stack ?? "").split("\n")) {
			const match = /rhai:([\w-]+):(\d+):\d+\)?$/.exec(line);
			const jsLine = Number(match?.[2] ?? 0);
			const table = tableOf(match?.[1] ?? "", jsLine);
			if (table === void 0) continue;
			const frame = frameAt(table, jsLine - table.firstLine + 3);
			const last = frames.at(-1);
			if (last?.label === OUTLINED) frames[frames.length - 1] = {
				...last,
				label: frame.label
			};
			else frames.push(frame);
		}
		return frames;
	}
	const OUTLINED = "^";
	const decoded = new WeakMap();
	function decode(table) {
		const known = decoded.get(table);
		if (known !== void 0) return known;
		const made = {
			lines: [],
			places: [],
			others: new Map(),
			starts: [],
			labels: []
		};
		let js = 0;
		let line = 0;
		let column = 0;
		for (const entry of table.positions === "" ? [] : table.positions.split(";")) {
			const [a = 0, b = 0, c = 0, ...others] = entry.split(",").map((part) => Number.parseInt(part, 36));
			js += a;
			line += b;
			column += c;
			made.lines.push(js);
			made.places.push({
				line,
				column
			});
			if (others.length > 0) made.others.set(js, othersOf({
				line,
				column
			}, others));
		}
		for (const entry of table.functions.split(";")) {
			const [start = "", label = ""] = entry.split(":");
			made.starts.push(Number(start));
			made.labels.push(label);
		}
		decoded.set(table, made);
		return made;
	}
	function othersOf({ line, column }, numbers) {
		const places = [];
		for (let i = 0; i + 1 < numbers.length; i += 2) places.push({
			line: line + (numbers[i] ?? 0),
			column: column + (numbers[i + 1] ?? 0)
		});
		return places;
	}
	function frameAt(table, line) {
		const { lines, places, others, starts, labels } = decode(table);
		const owner = lastUpTo(starts, line);
		const at = lastUpTo(lines, line);
		return {
			place: (lines[at] ?? 0) >= (starts[owner] ?? 0) ? places[at] : void 0,
			others: others.get(lines[at] ?? 0) ?? [],
			label: labels[owner] ?? "",
			path: table.path
		};
	}
	function lastUpTo(sorted, limit) {
		let low = 0;
		let high = sorted.length;
		while (low < high) {
			const middle = low + high >> 1;
			if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
			else high = middle;
		}
		return low - 1;
	}
	const depths = new WeakMap();
	function caught(thrown, depth) {
		const error = asRhaiError(thrown);
		if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
		depths.set(error, {
			thrown: depths.get(error)?.thrown ?? S.depth,
			caught: depth
		});
		S.depth = depth;
		return error;
	}
	function rethrow(error) {
		if (!error.isPlaceless) throw error;
		const { variant, text, fields, thrown } = error;
		throw new RhaiError(variant, text, {
			fields,
			thrown
		});
	}
	function caughtValueOf(error) {
		if (error.variant === "ErrorRuntime") return error.thrown;
		const { thrown = 0, caught: here = 0 } = depths.get(error) ?? {};
		const trace = traceOf(error, thrown - here);
		return caughtValue(trace.error, trace.place);
	}
	let evaluator;
	function setEvaluator(compile) {
		evaluator = compile;
	}
	function getEvaluator() {
		return evaluator;
	}
	var Scope = class {
		names = [];
		cells = [];
		constants = [];
	};
	function declareName(scope, name, value, isConst) {
		const cell = value instanceof Cell ? value : new Cell(value);
		scope.names.push(name);
		scope.cells.push(cell);
		scope.constants.push(isConst);
		return cell;
	}
	function rewindScope(scope, length) {
		scope.names.length = length;
		scope.cells.length = length;
		scope.constants.length = length;
	}
	function readName(scope, name) {
		const index = scope.names.lastIndexOf(name);
		const cell = scope.cells[index];
		if (cell !== void 0) return cell.v;
		if (S.functions?.keys().some((key) => key.startsWith(`${name}/`)) === true) return new FnPtr(name, void 0);
		return variableNotFound(name);
	}
	function writeName(scope, name, value) {
		const index = scope.names.lastIndexOf(name);
		const cell = scope.cells[index];
		if (cell === void 0) return variableNotFound(name);
		if (scope.constants[index] === true) constAssign(name);
		cell.v = value;
	}
	function shareName(scope, name) {
		const index = scope.names.lastIndexOf(name);
		const cell = scope.cells[index];
		if (cell === void 0) return variableNotFound(name);
		return scope.constants[index] === true ? new Cell(cell.v) : cell;
	}
	function isDefinedName(scope, name) {
		return isDefinedVariable(name, scope.names);
	}
	function isDefinedVariable(name, names) {
		return typeof name === "string" ? names.includes(name) : mismatchValue(name, "string");
	}
	function isSharedName(scope, name) {
		return scope.cells[scope.names.lastIndexOf(name)]?.isShared ?? false;
	}
	function isDefinedFunction(name, arity) {
		if (typeof name !== "string") return mismatchValue(name, "string");
		if (typeof arity !== "number") return mismatchValue(arity, "i64");
		return S.functions?.has(`${name}/${arity}`) ?? false;
	}
	const EVAL_OPERATIONS$1 = 5e3;
	const CHAR_OPERATIONS$1 = 20;
	function* evaluate$1(source, scope, host) {
		if (typeof source !== "string") return mismatchValue(source, "string");
		const evaluator = getEvaluator();
		if (evaluator === void 0) return system("eval is not available here");
		tick(EVAL_OPERATIONS$1 + source.length * CHAR_OPERATIONS$1);
		const made = evaluator(source, host);
		if (!made.ok) {
			const { fault } = made;
			const { message, place } = fault;
			const text = `Syntax error: ${message}${place === void 0 ? "" : ` (line ${place.line}, position ${place.column})`}`;
			return inEval$1(text, new RhaiError("ErrorParsing", text, { parse: fault }));
		}
		if (++S.depth > S.limits.callDepth) return stackOverflow();
		const { depth, functions } = S;
		try {
			const main = made.main;
			const value = yield* settle$1({
				name: "eval",
				code: () => void 0,
				arity: 0,
				isColoured: made.suspends ?? false
			}, main(scope));
			S.depth--;
			return value;
		} catch (thrown) {
			const error = asRhaiError(thrown);
			if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
			const trace = traceOf(error, S.depth - depth);
			S.depth = depth;
			return inEval$1(textOf(trace), trace.error);
		} finally {
			S.functions = functions;
		}
	}
	function inEval$1(text, inner) {
		throw new RhaiError("ErrorInFunctionCall", `${text}\nin call to function 'eval'`, {
			fields: {
				function: "eval",
				source: ""
			},
			inner
		});
	}
	const EVAL_OPERATIONS = 5e3;
	const CHAR_OPERATIONS = 20;
	function evaluate(source, scope, host) {
		if (typeof source !== "string") return mismatchValue(source, "string");
		const evaluator = getEvaluator();
		if (evaluator === void 0) return system("eval is not available here");
		tick(EVAL_OPERATIONS + source.length * CHAR_OPERATIONS);
		const made = evaluator(source, host);
		if (!made.ok) {
			const { fault } = made;
			const { message, place } = fault;
			const text = `Syntax error: ${message}${place === void 0 ? "" : ` (line ${place.line}, position ${place.column})`}`;
			return inEval(text, new RhaiError("ErrorParsing", text, { parse: fault }));
		}
		if (++S.depth > S.limits.callDepth) return stackOverflow();
		const { depth, functions } = S;
		try {
			const main = made.main;
			const value = settle({
				name: "eval",
				code: () => void 0,
				arity: 0,
				isColoured: made.suspends ?? false
			}, main(scope));
			S.depth--;
			return value;
		} catch (thrown) {
			const error = asRhaiError(thrown);
			if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
			const trace = traceOf(error, S.depth - depth);
			S.depth = depth;
			return inEval(textOf(trace), trace.error);
		} finally {
			S.functions = functions;
		}
	}
	function inEval(text, inner) {
		throw new RhaiError("ErrorInFunctionCall", `${text}\nin call to function 'eval'`, {
			fields: {
				function: "eval",
				source: ""
			},
			inner
		});
	}
	function getIndex(object, index) {
		if (object instanceof Arr && typeof index === "number") {
			const items = object.items;
			if (index >= 0 && index < items.length) return items[index];
		}
		return getIndexSlow(object, index);
	}
	function getIndexSlow(object, index) {
		if (object instanceof Arr) return object.items[arrayAt(object.items.length, index)];
		if (object instanceof Dict) return getEntry(object, index);
		if (typeof object === "string") return getChars(object, index);
		if (isInt(object)) return getBits(object, index);
		if (object instanceof Blob) return object.bytes[arrayAt(object.bytes.length, index)];
		return indexingType(object, index);
	}
	function getIndexElvis(object, index) {
		return object === void 0 ? void 0 : getIndex(object, index);
	}
	function arrayAt(length, index) {
		if (!isInt(index)) return mismatchValue(index, "i64");
		const at = Number(index) + (index < 0 ? length : 0);
		return at >= 0 && at < length ? at : arrayBounds(length, index);
	}
	function keyOf(index) {
		return typeof index === "string" ? index : mismatchValue(index, "string");
	}
	function getEntry(dict, index) {
		const key = keyOf(index);
		const value = dict.entries.get(key);
		if (value === void 0 && S.failsOnMissing && !dict.entries.has(key)) return propertyNotFound(key);
		return value;
	}
	function getChars(text, index) {
		if (index instanceof Range) {
			const { start, end } = sliceOf(text, index);
			return sliceChars(text, start, end);
		}
		if (!isInt(index)) return mismatchValue(index, "i64");
		if (isPlain(text)) {
			const at = Number(index) + (index < 0 ? text.length : 0);
			return at >= 0 && at < text.length ? charOfUnit(text.charCodeAt(at)) : stringBounds(text.length, index);
		}
		const count = charCount(text);
		const at = Number(index) + (index < 0 ? count : 0);
		if (at < 0 || at >= count) return stringBounds(count, index);
		return charOf(String.fromCodePoint(text.codePointAt(unitOf(text, at)) ?? 0));
	}
	function sliceOf(text, range) {
		const count = charCount(text);
		const from = Number(range.start);
		const start = Math.min(from < 0 ? Math.max(count + from, 0) : from, count);
		const to = Number(range.end);
		const end = (to < 0 ? count + to : to) + (range.isInclusive ? 1 : 0);
		return {
			start,
			end: Math.min(Math.max(end, start), count)
		};
	}
	function getBits(value, index) {
		if (isInt(index)) return getBit(value, index);
		return index instanceof Range ? getBitRange(value, index) : mismatchValue(index, "i64");
	}
	function setIndex(object, index, value) {
		if (object instanceof Arr && typeof index === "number" && !object.shared) {
			const items = object.items;
			if (index >= 0 && index < items.length) {
				items[index] = value;
				return object;
			}
		}
		return setIndexSlow(object, index, value);
	}
	function setIndexSlow(object, index, value) {
		if (object instanceof Arr) {
			const at = arrayAt(object.items.length, index);
			ownItems(object)[at] = value;
			return object;
		}
		if (object instanceof Dict) {
			const key = keyOf(index);
			const entries = ownEntries(object);
			entries.set(key, value);
			checkMap(entries.size);
			return object;
		}
		if (typeof object === "string") return setChars(object, index, value);
		if (isInt(object)) return setBits(object, index, value);
		if (object instanceof Blob) {
			const at = arrayAt(object.bytes.length, index);
			if (!isInt(value)) return mismatchAssigned(value, "INT");
			ownBytes(object)[at] = Number(BigInt.asUintN(8, BigInt(value)));
			return object;
		}
		return indexSetType(object, index, value);
	}
	function setChars(text, index, value) {
		if (index instanceof Range) {
			const { start, end } = sliceOf(text, index);
			if (typeof value !== "string") return mismatchAssigned(value, "string");
			return spliced(text, start, end, value);
		}
		getChars(text, index);
		if (!(value instanceof Char)) return mismatchAssigned(value, "char");
		const at = Math.abs(Number(index));
		return at < charCount(text) ? spliced(text, at, at + 1, value.text) : text;
	}
	function spliced(text, start, end, piece) {
		tick(text.length >> 7);
		return checkString(text.slice(0, unitOf(text, start)) + piece + text.slice(unitOf(text, end)));
	}
	function setBits(object, index, value) {
		if (index instanceof Range) {
			getBitRange(object, index);
			return isInt(value) ? setBitRange(object, index, value) : mismatchAssigned(value, "i64");
		}
		if (!isInt(index)) return mismatchValue(index, "i64");
		getBit(object, index);
		return typeof value === "boolean" ? setBit(object, index, value) : mismatchAssigned(value, "bool");
	}
	function getIndexRef(object, index) {
		if (object instanceof Arr) {
			const items = object.shared ? ownItems(object) : object.items;
			if (typeof index === "number" && index >= 0 && index < items.length) return items[index];
		} else if (object instanceof Dict && object.shared) ownEntries(object);
		return getIndex(object, index);
	}
	function entryOf(dict, key) {
		return dict.entries.get(key) ?? getEntry(dict, key);
	}
	function entryRef(dict, key) {
		if (dict.shared) ownEntries(dict);
		return dict.entries.get(key) ?? getEntry(dict, key);
	}
	function setEntry(dict, key, value) {
		const entries = dict.shared ? ownEntries(dict) : dict.entries;
		entries.set(key, value);
		checkMap(entries.size);
	}
	function getPropRef(object, name) {
		if (object instanceof Dict && object.shared) ownEntries(object);
		return getProp(object, name);
	}
	const NESTING_MAX = 128;
	const I64_MAX = 9223372036854775807n;
	const I64_MIN = -9223372036854775808n;
	var JsonError = class extends Error {
		name = "JsonError";
		at;
		constructor(message, at = -1, options = {}) {
			super(message, options);
			this.at = at;
		}
	};
	var JsonTooLong = class extends Error {
		name = "JsonTooLong";
		constructor(what, charsMax) {
			super(`${what} is longer than ${charsMax} characters of JSON`);
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
			return intOf$1(match[0]);
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
	function intOf$1(text) {
		const value = Number(text);
		if (Number.isSafeInteger(value)) return value + 0;
		const exact = BigInt(text);
		return exact > I64_MAX || exact < I64_MIN ? new Float(value) : exact;
	}
	function toJson(value, rootName = "value", charsMax = CHARS_MAX, blobText) {
		const place = {
			path: [rootName],
			charsLeft: charsMax,
			blobText
		};
		try {
			return write(value, place);
		} catch (error) {
			if (error === tooLong) throw new JsonTooLong(rootName, charsMax);
			throw error;
		}
	}
	const CHARS_MAX = 268435456;
	const tooLong = new Error("too long");
	function write(value, place) {
		if (typeof value === "string") return writeString(value, place);
		if (typeof value === "object") return writeObject(value, place);
		return counted(value === void 0 ? "null" : String(value), place);
	}
	function writeString(value, place) {
		counted(value, place);
		return JSON.stringify(value);
	}
	function counted(text, place, more = 1) {
		place.charsLeft -= text.length + more;
		if (place.charsLeft < 0) throw tooLong;
		return text;
	}
	function writeObject(value, place) {
		if (value instanceof Float) return writeFloat(value.v, place);
		if (value instanceof Char) return writeString(value.text, place);
		if (value instanceof Blob && place.blobText !== void 0) return writeString(place.blobText(value.bytes), place);
		counted("", place, 3);
		if (value instanceof Arr) {
			tick(value.items.length);
			return `[${value.items.map((item, at) => inside(place, at, item)).join(",")}]`;
		}
		if (value instanceof Dict) return `{${sortedKeys(value).map((key) => `${writeString(key, place)}:${inside(place, key, value.entries.get(key))}`).join(",")}}`;
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
		if (Object.is(value, -0)) return counted("-0.0", place);
		const text = String(value);
		return counted(/[.e]/.test(text) ? text : `${text}.0`, place);
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
	const PIECE = 64;
	function iterate(value) {
		if (value instanceof Arr) {
			value.shared = true;
			return value;
		}
		if (typeof value === "string") return { items: charList(value) };
		if (value instanceof Range) return rangePieces(value);
		if (value instanceof Sequence) {
			const values = value.values();
			return "next" in values ? pieces(values) : { items: values };
		}
		if (value instanceof Blob) return { items: Array.from(value.bytes) };
		return forExpr();
	}
	function pieces(values) {
		return {
			items: [],
			more: () => {
				const items = [];
				while (items.length < PIECE) {
					const { done, value } = values.next();
					if (done === true) break;
					items.push(value);
				}
				return items;
			}
		};
	}
	function rangePieces({ start, end, isInclusive }) {
		if (typeof start !== "number" || typeof end !== "number") return pieces(rangeValues(start, end, isInclusive));
		const last = isInclusive ? end : end - 1;
		let at = start;
		return {
			items: [],
			more: () => {
				const items = [];
				const to = Math.min(at + PIECE - 1, last);
				while (at <= to) items.push(at++);
				return items;
			}
		};
	}
	function* rangeValues(start, end, isInclusive) {
		const low = BigInt(start);
		const high = BigInt(end) + (isInclusive ? 1n : 0n);
		for (let i = low; i < high; i++) yield intOf(i);
	}
	function wideRange(from, to, isInclusive) {
		if (!isInt(from) || !isInt(to)) {
			range(from, to, isInclusive);
			return forExpr();
		}
		const low = BigInt(from);
		return {
			count: Number(BigInt(to) - low),
			at: (index) => intOf(low + BigInt(index))
		};
	}
	function isInCase(value, from, to, isInclusive) {
		if (typeof value === "number") return value >= from && (isInclusive ? value <= to : value < to);
		if (value instanceof Float) return value.v >= from && (isInclusive ? value.v <= to : value.v < to);
		return typeof value === "bigint" && isInRange(new Range(from, to, isInclusive), value);
	}
	function isSameCase(value, literal) {
		if (value instanceof Float) return literal instanceof Float && value.v === literal.v;
		if (value instanceof Arr) return literal instanceof Arr && value.items.length === literal.items.length && value.items.every((item, index) => isSameCase(item, literal.items[index]));
		if (value instanceof Dict) {
			if (!(literal instanceof Dict) || value.entries.size !== literal.entries.size) return false;
			return [...value.entries].every(([key, item]) => literal.entries.has(key) && isSameCase(item, literal.entries.get(key)));
		}
		if (value instanceof Range) return literal instanceof Range && value.start === literal.start && value.end === literal.end && value.isInclusive === literal.isInclusive;
		return value === literal;
	}
	function held(receiver, name) {
		if (!(receiver instanceof Dict)) return void 0;
		const value = receiver.entries.get(name);
		return value instanceof FnPtr ? value : void 0;
	}
	function method(name, arity) {
		const plain = native(name, arity);
		if (arity === 1) return (self) => {
			if (self instanceof Dict) {
				const fn = held(self, name);
				if (fn !== void 0) return callFn(fn, self, []);
			}
			return plain(self);
		};
		if (arity === 2) return (self, a) => {
			if (self instanceof Dict) {
				const fn = held(self, name);
				if (fn !== void 0) return callFn(fn, self, [a]);
			}
			return plain(self, a);
		};
		if (arity === 3) return (self, a, b) => {
			if (self instanceof Dict) {
				const fn = held(self, name);
				if (fn !== void 0) return callFn(fn, self, [a, b]);
			}
			return plain(self, a, b);
		};
		return (...args) => {
			const fn = held(args[0], name);
			return fn === void 0 ? plain(...args) : callFn(fn, args[0], args.slice(1));
		};
	}
	function methodA(name, arity) {
		const plain = nativeA(name, arity);
		return function* (...args) {
			const fn = held(args[0], name);
			return fn === void 0 ? yield* plain(...args) : yield* callFn$1(fn, args[0], args.slice(1));
		};
	}
	function checkRace(cell, fn) {
		if (!(fn instanceof FnPtr)) return;
		const at = fn.cells.indexOf(cell);
		if (at >= 0) dataRace(`argument #${at + 1} of function '${fn.name}'`);
	}
	function exportVariable(table, name, value) {
		stateOf(table).exports.set(name, value);
	}
	function parseText({ message, place }) {
		return `Syntax error: ${message}${place === void 0 ? "" : ` (line ${place.line}, position ${place.column})`}`;
	}
	function inModule(path, text, inner) {
		throw new RhaiError("ErrorInModule", `${text}\nin module '${path}'`, {
			fields: { module: path },
			inner
		});
	}
	function findModule({ table, id }, path) {
		let module = stateOf(table).imports.get(id);
		for (const name of path.slice(1)) module = module?.state.inner.get(name);
		return module ?? moduleNotFound(path.join("::"));
	}
	function moduleVariable(alias, path, name) {
		const { exports } = findModule(alias, path).state;
		const value = exports.get(name);
		return value === void 0 && !exports.has(name) ? variableNotFound([...path, name].join("::")) : copy(value);
	}
	function functionOf({ functions }, qualified, args) {
		const name = qualified.slice(qualified.lastIndexOf("::") + 2);
		const compiled = functions.get(`${name}/${args.length}`);
		return compiled === void 0 || compiled.isPrivate === true ? functionNotFound(qualified, args) : compiled;
	}
	function callHost(name, args) {
		const host = findHost(name, args.length);
		return host === void 0 ? functionNotFound(name, args) : host(...args);
	}
	function* importModule$1(modules, path, into) {
		if (typeof path !== "string") return mismatchValue(path, "string");
		if (!S.modules?.has(path)) yield* evaluateModule$1(modules, path);
		const module = S.modules?.get(path);
		if (module === void 0) return moduleNotFound(path);
		const state = stateOf(into.table);
		state.imports.set(into.id, module);
		if (into.name !== void 0) state.inner.set(into.name, module);
	}
	function* evaluateModule$1(modules, path) {
		const unit = modules.get(path) ?? S.load?.(path);
		if (unit === void 0) return moduleNotFound(path);
		if (!("main" in unit)) {
			const text = parseText(unit);
			return inModule(path, text, new RhaiError("ErrorParsing", text, { parse: unit }));
		}
		S.modules ??= new Map();
		S.modules.set(path, void 0);
		const { functions, depth } = S;
		try {
			const { main, suspends } = unit;
			yield* settle$1({
				name: path,
				code: () => void 0,
				arity: 0,
				isColoured: suspends
			}, main());
			S.modules.set(path, {
				functions: unit.functions,
				state: stateOf(unit.table)
			});
		} catch (thrown) {
			S.modules.delete(path);
			const error = asRhaiError(thrown);
			if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
			const trace = traceOf(error, S.depth - depth);
			S.depth = depth;
			inModule(path, textOf(trace), trace.error);
		} finally {
			S.functions = functions;
		}
	}
	function* callModule$1(alias, path, name, args) {
		if (alias.id === -1) {
			const host = findHost([...path, name].join("::"), args.length);
			if (host !== void 0) return host(...args);
		}
		const module = findModule(alias, path);
		const compiled = functionOf(module, [...path, name].join("::"), args);
		const outer = S.functions;
		S.functions = module.functions;
		try {
			return yield* settle$1(compiled, compiled.code(void 0, ...args));
		} finally {
			S.functions = outer;
		}
	}
	function importModule(modules, path, into) {
		if (typeof path !== "string") return mismatchValue(path, "string");
		if (!S.modules?.has(path)) evaluateModule(modules, path);
		const module = S.modules?.get(path);
		if (module === void 0) return moduleNotFound(path);
		const state = stateOf(into.table);
		state.imports.set(into.id, module);
		if (into.name !== void 0) state.inner.set(into.name, module);
	}
	function evaluateModule(modules, path) {
		const unit = modules.get(path) ?? S.load?.(path);
		if (unit === void 0) return moduleNotFound(path);
		if (!("main" in unit)) {
			const text = parseText(unit);
			return inModule(path, text, new RhaiError("ErrorParsing", text, { parse: unit }));
		}
		S.modules ??= new Map();
		S.modules.set(path, void 0);
		const { functions, depth } = S;
		try {
			const { main, suspends } = unit;
			settle({
				name: path,
				code: () => void 0,
				arity: 0,
				isColoured: suspends
			}, main());
			S.modules.set(path, {
				functions: unit.functions,
				state: stateOf(unit.table)
			});
		} catch (thrown) {
			S.modules.delete(path);
			const error = asRhaiError(thrown);
			if (!(error instanceof RhaiError) || uncatchable.has(error.variant)) throw error;
			const trace = traceOf(error, S.depth - depth);
			S.depth = depth;
			inModule(path, textOf(trace), trace.error);
		} finally {
			S.functions = functions;
		}
	}
	function callModule(alias, path, name, args) {
		if (alias.id === -1) {
			const host = findHost([...path, name].join("::"), args.length);
			if (host !== void 0) return host(...args);
		}
		const module = findModule(alias, path);
		const compiled = functionOf(module, [...path, name].join("::"), args);
		const outer = S.functions;
		S.functions = module.functions;
		try {
			return settle(compiled, compiled.code(void 0, ...args));
		} finally {
			S.functions = outer;
		}
	}
	const HALF = 65536;
	const MODULUS_MAX = 2 ** 31;
	const SUM_MAX = 2 ** 62;
	function mulAddMod(a, b, c, m) {
		if (typeof a !== "number" || typeof b !== "number" || typeof c !== "number" || typeof m !== "number") return exact(a, b, c, m);
		if (!(a >= 0 && b >= 0 && c >= 0 && m > 0)) return exact(a, b, c, m);
		const sum = a * b + c;
		if (sum <= SAFE_MAX) return rest(sum, m);
		if (m > MODULUS_MAX || sum > SUM_MAX) return exact(a, b, c, m);
		const x = rest(a, m);
		const y = rest(b, m);
		return rest(rest((x >>> 16) * y, m) * HALF + (x & 65535) * y + rest(c, m), m);
	}
	function rest(value, m) {
		const left = value - Math.floor(value / m) * m;
		return left < 0 ? left + m : left >= m ? left - m : left;
	}
	function exact(a, b, c, m) {
		return modInts(addInts(mulInts(a, b, true), c, true), m, true);
	}
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
		constructor(unit, scope = [], options = {}) {
			const { limits, output = silent, failsOnMissing = false, hosts, load } = options;
			this.#unit = unit;
			this.#scope = scope;
			const given = {
				...defaultLimits,
				...limits
			};
			const all = {
				...given,
				callDepth: given.callDepth === 0 ? Infinity : given.callDepth
			};
			this.#operationsMax = all.operations === 0 ? OPERATIONS_MAX : all.operations;
			const fuel = Math.min(SLICE, this.#operationsMax);
			this.#state = {
				fuel,
				rest: this.#operationsMax - fuel,
				depth: 0,
				self: void 0,
				limits: all,
				output,
				failsOnMissing,
				functions: void 0,
				units: void 0,
				load,
				modules: void 0,
				lookedAt: "",
				isLookedAtPlain: true,
				measured: "",
				measuredBytes: 0,
				hosts
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
			const frames = keptFrames();
			Object.assign(S, this.#state);
			keepFrames(STACK_FRAMES);
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
				keepFrames(frames);
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
	function readTag(value, own) {
		return hasIdentity(value) ? getProp(value, "tag") : own;
	}
	function writeTag(value, own, tag) {
		if (hasIdentity(value)) {
			setProp(value, "tag", tag);
			return own;
		}
		return isInt(tag) ? checkTag(tag) : mismatchValue(tag, "i64");
	}
	function hasIdentity(value) {
		return value instanceof Arr || value instanceof Blob || value instanceof Dict;
	}
	defineLibrary();
	exports.Arr = Arr;
	exports.Blob = Blob;
	exports.Cell = Cell;
	exports.Char = Char;
	exports.Dict = Dict;
	exports.Exit = Exit;
	exports.Float = Float;
	exports.FnPtr = FnPtr;
	exports.Handle = Handle;
	exports.INT_MAX = INT_MAX;
	exports.INT_MIN = INT_MIN;
	exports.JsonError = JsonError;
	exports.JsonTooLong = JsonTooLong;
	exports.NONE = NONE;
	exports.Range = Range;
	exports.RhaiError = RhaiError;
	exports.Run = Run;
	exports.S = S;
	exports.SAFE_MAX = SAFE_MAX;
	exports.SAFE_MIN = SAFE_MIN;
	exports.SLICE = SLICE;
	exports.Scope = Scope;
	exports.Sequence = Sequence;
	exports.Timestamp = Timestamp;
	exports.UNIT = UNIT;
	exports.add = add;
	exports.addAssign = addAssign;
	exports.addInts = addInts;
	exports.addOther = addOther;
	exports.addSlow = addSlow;
	exports.andInts = andInts;
	exports.arithmetic = arithmetic;
	exports.arrayBounds = arrayBounds;
	exports.asRhaiError = asRhaiError;
	exports.bitAnd = bitAnd;
	exports.bitAndAssign = bitAndAssign;
	exports.bitBounds = bitBounds;
	exports.bitOr = bitOr;
	exports.bitOrAssign = bitOrAssign;
	exports.bitXor = bitXor;
	exports.bitXorAssign = bitXorAssign;
	exports.bool = bool;
	exports.bounded = bounded;
	exports.callFn = callFn;
	exports.callFnA = callFn$1;
	exports.callHost = callHost;
	exports.callMethod = callMethod;
	exports.callMethodA = callMethod$1;
	exports.callModule = callModule;
	exports.callModuleA = callModule$1;
	exports.caught = caught;
	exports.caughtValue = caughtValue;
	exports.caughtValueOf = caughtValueOf;
	exports.charCount = charCount;
	exports.charList = charList;
	exports.charOf = charOf;
	exports.charOfUnit = charOfUnit;
	exports.checkArray = checkArray;
	exports.checkConstant = checkConstant;
	exports.checkFnName = checkFnName;
	exports.checkMap = checkMap;
	exports.checkRace = checkRace;
	exports.checkSize = checkSize;
	exports.checkString = checkString;
	exports.checkStringUnits = checkStringUnits;
	exports.checkTag = checkTag;
	exports.checkedSum = checkedSum;
	exports.closure = closure;
	exports.compareText = compareText;
	exports.concatText = concatText;
	exports.constAssign = constAssign;
	exports.constMethod = constMethod;
	exports.contains = contains;
	exports.copy = copy;
	exports.curryFn = curryFn;
	exports.dataRace = dataRace;
	exports.dataTooLarge = dataTooLarge;
	exports.debug = debug;
	exports.debugText = debugText;
	exports.declareName = declareName;
	exports.decodeUtf8 = decodeUtf8;
	exports.defaultLimits = defaultLimits;
	exports.define = define;
	exports.defineAny = defineAny;
	exports.defineGenerator = defineGenerator;
	exports.defineGetter = defineGetter;
	exports.defineHost = defineHost;
	exports.defineNone = defineNone;
	exports.displayText = displayText;
	exports.div = div;
	exports.divAssign = divAssign;
	exports.divInts = divInts;
	exports.divSlow = divSlow;
	exports.dotExpr = dotExpr;
	exports.encodeUtf8 = encodeUtf8;
	exports.entryOf = entryOf;
	exports.entryRef = entryRef;
	exports.eq = eq;
	exports.eqInner = eqInner;
	exports.errorMap = errorMap;
	exports.evaluate = evaluate;
	exports.evaluateA = evaluate$1;
	exports.exit = exit;
	exports.exportVariable = exportVariable;
	exports.findHost = findHost;
	exports.findModule = findModule;
	exports.finishUnit = finishUnit;
	exports.floatDebug = floatDebug;
	exports.floatText = floatText;
	exports.forExpr = forExpr;
	exports.forbiddenVariable = forbiddenVariable;
	exports.framesOf = framesOf;
	exports.fromJson = fromJson;
	exports.functionIn = functionIn;
	exports.functionNotFound = functionNotFound;
	exports.functionNotFoundText = functionNotFoundText;
	exports.functionOf = functionOf;
	exports.ge = ge;
	exports.getBit = getBit;
	exports.getBitRange = getBitRange;
	exports.getEvaluator = getEvaluator;
	exports.getIndex = getIndex;
	exports.getIndexElvis = getIndexElvis;
	exports.getIndexRef = getIndexRef;
	exports.getProp = getProp;
	exports.getPropElvis = getPropElvis;
	exports.getPropRef = getPropRef;
	exports.getTag = getTag;
	exports.getterOf = getterOf;
	exports.globalConstant = globalConstant;
	exports.gt = gt;
	exports.handleCall = handleCall;
	exports.hasByte = hasByte;
	exports.hasNative = hasNative;
	exports.hostCall = hostCall;
	exports.importModule = importModule;
	exports.importModuleA = importModule$1;
	exports.inModule = inModule;
	exports.indexNotFound = indexNotFound;
	exports.indexSetType = indexSetType;
	exports.indexingType = indexingType;
	exports.intOf = intOf;
	exports.isDefinedFunction = isDefinedFunction;
	exports.isDefinedName = isDefinedName;
	exports.isDefinedVariable = isDefinedVariable;
	exports.isInCase = isInCase;
	exports.isInRange = isInRange;
	exports.isInt = isInt;
	exports.isMutator = isMutator;
	exports.isPlain = isPlain;
	exports.isSameCase = isSameCase;
	exports.isSharedName = isSharedName;
	exports.iterate = iterate;
	exports.joined = joined;
	exports.le = le;
	exports.lt = lt;
	exports.makeArray = makeArray;
	exports.makeFn = makeFn;
	exports.makeMap = makeMap;
	exports.method = method;
	exports.methodA = methodA;
	exports.mismatch = mismatch;
	exports.mismatchAssigned = mismatchAssigned;
	exports.mismatchName = mismatchName;
	exports.mismatchOutput = mismatchOutput;
	exports.mismatchValue = mismatchValue;
	exports.mod = mod;
	exports.modAssign = modAssign;
	exports.modInts = modInts;
	exports.modSlow = modSlow;
	exports.moduleNotFound = moduleNotFound;
	exports.moduleVariable = moduleVariable;
	exports.mul = mul;
	exports.mulAddMod = mulAddMod;
	exports.mulAssign = mulAssign;
	exports.mulInts = mulInts;
	exports.mulSlow = mulSlow;
	exports.native = native;
	exports.nativeA = nativeA;
	exports.nativeNames = nativeNames;
	exports.nativeOf = nativeOf;
	exports.ne = ne;
	exports.neg = neg;
	exports.negInt = negInt;
	exports.newUnit = newUnit;
	exports.not = not;
	exports.orInts = orInts;
	exports.ownBytes = ownBytes;
	exports.ownEntries = ownEntries;
	exports.ownItems = ownItems;
	exports.parseText = parseText;
	exports.parsing = parsing;
	exports.pieceOf = pieceOf;
	exports.plus = plus;
	exports.pow = pow;
	exports.powAssign = powAssign;
	exports.powFloats = powFloats;
	exports.powInts = powInts;
	exports.powSlow = powSlow;
	exports.print = print;
	exports.propertyNotFound = propertyNotFound;
	exports.quoted = quoted;
	exports.range = range;
	exports.readName = readName;
	exports.readTag = readTag;
	exports.refuel = refuel;
	exports.reply = reply;
	exports.rethrow = rethrow;
	exports.rewindScope = rewindScope;
	exports.runtimeError = runtimeError;
	exports.saturate = saturate;
	exports.setBit = setBit;
	exports.setBitRange = setBitRange;
	exports.setEntry = setEntry;
	exports.setEvaluator = setEvaluator;
	exports.setGetters = setGetters;
	exports.setGlobal = setGlobal;
	exports.setIndex = setIndex;
	exports.setProp = setProp;
	exports.setTag = setTag;
	exports.setsSelf = setsSelf;
	exports.shareName = shareName;
	exports.shl = shl;
	exports.shlAssign = shlAssign;
	exports.shlInts = shlInts;
	exports.shr = shr;
	exports.shrAssign = shrAssign;
	exports.shrInts = shrInts;
	exports.signatureName = signatureName;
	exports.sized = sized;
	exports.sliceChars = sliceChars;
	exports.sortedKeys = sortedKeys;
	exports.spend = spend;
	exports.stackOverflow = stackOverflow;
	exports.stateOf = stateOf;
	exports.stringBounds = stringBounds;
	exports.sub = sub;
	exports.subAssign = subAssign;
	exports.subInts = subInts;
	exports.subOther = subOther;
	exports.subSlow = subSlow;
	exports.system = system;
	exports.tableOf = tableOf;
	exports.tagOf = tagOf;
	exports.tagValue = tagValue;
	exports.terminated = terminated;
	exports.textOf = textOf;
	exports.tick = tick;
	exports.toDebug = toDebug;
	exports.toJson = toJson;
	exports.toText = toText;
	exports.tooManyModules = tooManyModules;
	exports.tooManyVariables = tooManyVariables;
	exports.traceOf = traceOf;
	exports.typeIndex = typeIndex;
	exports.typeName = typeName;
	exports.unboundThis = unboundThis;
	exports.uncatchable = uncatchable;
	exports.unitOf = unitOf;
	exports.unknownProperty = unknownProperty;
	exports.unwritableProperty = unwritableProperty;
	exports.utf8Length = utf8Length;
	exports.variableExists = variableExists;
	exports.variableNotFound = variableNotFound;
	exports.wideRange = wideRange;
	exports.wrapInt = wrapInt;
	exports.writeName = writeName;
	exports.writeTag = writeTag;
	exports.xorInts = xorInts;
	return exports;
})({});
})
