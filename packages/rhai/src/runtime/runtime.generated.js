(function () {
"use strict";
return (function(exports) {
	Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
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
		isAtOperator;
		inner;
		constructor(variant, text, more = {}) {
			super(text);
			this.name = variant;
			this.variant = variant;
			this.text = text;
			this.fields = more.fields ?? {};
			this.thrown = more.thrown;
			this.isPlaceless = more.isPlaceless ?? false;
			this.isAtOperator = more.isAtOperator ?? false;
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
		return typeof value === "object" ? objectText(value, toDebug) : String(value);
	}
	function displayText(value) {
		if (value === void 0) return "";
		return typeof value === "string" || value instanceof Char || value instanceof Float || value instanceof FnPtr ? toText(value) : rustDebug(value);
	}
	function rustDebug(value) {
		if (value instanceof Char) return `'${escaped(value.text, "'")}'`;
		if (value instanceof FnPtr) return `Fn(${[quoted(value.name), ...value.curry.map(rustDebug)].join(", ")})`;
		return typeof value === "object" ? objectText(value, rustDebug) : toDebug(value);
	}
	function objectText(value, inner) {
		if (value instanceof Float) return floatDebug(value.v);
		if (value instanceof Char) return value.text;
		if (value instanceof Arr) return `[${value.items.map(inner).join(", ")}]`;
		if (value instanceof Dict) return dictText(value, inner);
		if (value instanceof Blob) return blobText(value.bytes);
		if (value instanceof Range) return `${value.start}${value.isInclusive ? "..=" : ".."}${value.end}`;
		if (value instanceof FnPtr) return `Fn(${value.name})`;
		if (value instanceof Timestamp) return "<timestamp>";
		if (value instanceof Sequence) return value.display;
		return value.type;
	}
	function dictText(dict, inner) {
		return `#{${sortedKeys(dict).map((key) => `${quoted(key)}: ${inner(dict.entries.get(key))}`).join(", ")}}`;
	}
	function blobText(bytes) {
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
	function sortedKeys(dict) {
		const keys = [...dict.entries.keys()];
		return keys.length < 2 ? keys : keys.toSorted(compareText);
	}
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
	function dataTooLarge(what, isPlaceless = false) {
		throw new RhaiError("ErrorDataTooLarge", `${what} too large`, {
			fields: { type: what },
			isPlaceless
		});
	}
	function tooManyOperations() {
		raise("ErrorTooManyOperations", "Too many operations", {});
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
	function addInts(a, b, isPlaceless) {
		return checked(BigInt(a) + BigInt(b), () => arithmetic(`Addition overflow: ${a} + ${b}`, isPlaceless));
	}
	function subInts(a, b, isPlaceless) {
		return checked(BigInt(a) - BigInt(b), () => arithmetic(`Subtraction overflow: ${a} - ${b}`, isPlaceless));
	}
	function mulInts(a, b, isPlaceless) {
		return checked(BigInt(a) * BigInt(b), () => arithmetic(`Multiplication overflow: ${a} * ${b}`, isPlaceless));
	}
	function divInts(a, b, isPlaceless) {
		if (b === 0) return arithmetic(`Division by zero: ${a} / ${b}`, isPlaceless);
		return checked(BigInt(a) / BigInt(b), () => arithmetic(`Division overflow: ${a} / ${b}`, isPlaceless));
	}
	function modInts(a, b, isPlaceless) {
		if (b === 0 || b === -1 && a === INT_MIN) return arithmetic(`Modulo division by zero or overflow: ${a} % ${b}`, isPlaceless);
		return intOf(BigInt(a) % BigInt(b));
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
		hosts: void 0
	};
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
		if (limit !== 0 && text.length * 3 > limit && utf8Length(text) > limit) dataTooLarge("Length of string", isPlaceless);
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
		if (stringBytes !== 0 && size.string > stringBytes) dataTooLarge("Length of string");
		if (arrayItems !== 0 && size.array > arrayItems) dataTooLarge("Size of array/BLOB");
		if (mapEntries !== 0 && size.map > mapEntries) dataTooLarge("Size of object map");
	}
	function measure(value, size) {
		if (typeof value === "string") size.string += utf8Length(value);
		else if (value instanceof Blob) size.array += value.bytes.length;
		else if (value instanceof Arr) {
			size.array += value.items.length;
			for (const item of value.items) if (typeof item === "string" || typeof item === "object") measure(item, size);
		} else if (value instanceof Dict) {
			size.map += value.entries.size;
			for (const item of value.entries.values()) measure(item, size);
		}
	}
	const SLICE = 2 ** 30 - 1;
	function refuel() {
		const left = S.fuel + S.rest;
		if (left < 0) {
			S.fuel = 0;
			S.rest = 0;
			tooManyOperations();
		}
		S.fuel = Math.min(left, SLICE);
		S.rest = left - S.fuel;
	}
	function tick(n) {
		if ((S.fuel -= n) < 0) refuel();
	}
	function addOther(a, b, isPlaceless) {
		const left = pieceOf(a);
		const right = pieceOf(b);
		if (left !== void 0 && right !== void 0) return checkString(left + right, isPlaceless);
		if (typeof b === "string") return checkString(concatText(a) + b);
		if (typeof a === "string") return checkString(a + concatText(b));
		if (a instanceof Arr && b instanceof Arr) return new Arr([...copies(a.items), ...copies(b.items)]);
		if (a instanceof Dict && b instanceof Dict) return mixed(a, b);
		if (a instanceof Blob && right !== void 0) return new Blob(joined(a.bytes, encodeUtf8(right)));
		if (a instanceof Blob && b instanceof Blob) return new Blob(joined(a.bytes, b.bytes));
		return functionNotFound("+", [a, b]);
	}
	function subOther(a, b) {
		const right = pieceOf(b);
		if (typeof a !== "string" || right === void 0) return functionNotFound("-", [a, b]);
		return right === "" ? a : a.split(right).join("");
	}
	function pieceOf(value) {
		if (typeof value === "string") return value;
		return value instanceof Char ? value.text : void 0;
	}
	function concatText(value) {
		return value instanceof Blob ? decodeUtf8(value.bytes) : toText(value);
	}
	function copies(items) {
		return items.map((item) => copy(item));
	}
	function mixed(a, b) {
		const entries = new Map();
		for (const [key, value] of a.entries) entries.set(key, copy(value));
		for (const [key, value] of b.entries) entries.set(key, copy(value));
		return new Dict(entries);
	}
	function joined(a, b) {
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
		while (i < bytes.length) {
			const length = charLength(bytes, i);
			parts.push(length > 0 ? String.fromCodePoint(charAt(bytes, i, length)) : "\ufffd");
			i += Math.abs(length);
		}
		return parts.join("");
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
	function charAt(bytes, i, length) {
		const first = bytes[i] ?? 0;
		let code = length === 1 ? first : first & 127 >> length;
		for (let k = 1; k < length; k++) code = code << 6 | (bytes[i + k] ?? 0) & 63;
		return code;
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
	function floatOf$1(value) {
		if (value instanceof Float) return value.v;
		return isInt(value) ? Number(value) : void 0;
	}
	function floats(a, b, f) {
		const x = floatOf$1(a);
		const y = floatOf$1(b);
		return x === void 0 || y === void 0 ? void 0 : new Float(f(x, y));
	}
	function addSlow(a, b, isPlaceless) {
		if (typeof a === "string" && typeof b === "string") return checkString(a + b, isPlaceless);
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
		const items = ownItems(a);
		if (!(b instanceof Arr)) items.push(b);
		else for (let i = 0, n = b.items.length; i < n; i++) items.push(copy(b.items[i]));
		return a;
	}
	function mixIn(a, b) {
		const entries = ownEntries(a);
		for (const [key, value] of b.entries) entries.set(key, copy(value));
		return a;
	}
	function extendBlob(a, b) {
		const more = bytesOf(b);
		if (more === void 0) return void 0;
		a.bytes = joined(a.bytes, more);
		a.shared = false;
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
	const SURROGATE = /[\ud800-\udfff]/;
	let lastText = "";
	let isLastPlain = true;
	function isPlain(text) {
		if (text.length < 16) return !SURROGATE.test(text);
		if (text !== lastText) {
			lastText = text;
			isLastPlain = !SURROGATE.test(text);
		}
		return isLastPlain;
	}
	function charCount(text) {
		if (isPlain(text)) return text.length;
		let count = 0;
		for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 64512) !== 56320) count++;
		return count;
	}
	function unitOf(text, index) {
		if (isPlain(text)) return Math.min(index, text.length);
		let unit = 0;
		for (let left = index; left > 0 && unit < text.length; left--) unit += (text.charCodeAt(unit) & 64512) === 55296 ? 2 : 1;
		return unit;
	}
	function sliceChars(text, start, end) {
		if (start >= end) return "";
		const from = unitOf(text, start);
		return isPlain(text) ? text.slice(from, end) : text.slice(from, from + unitOf(text.slice(from), end - start));
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
		const x = floatOf(a);
		const y = floatOf(b);
		if (x !== void 0 && y !== void 0) return test(x, y);
		const left = textOf(a);
		const right = textOf(b);
		if (left !== void 0 && right !== void 0) return test(compareText(left, right), 0);
		if (typeof a === "boolean" && typeof b === "boolean") return test(Number(a), Number(b));
		if (a instanceof Timestamp && b instanceof Timestamp) return test(a.ms, b.ms);
		return areIncomparable(a, b) ? functionNotFound(name, [a, b]) : false;
	}
	function floatOf(value) {
		if (value instanceof Float) return value.v;
		return isInt(value) ? Number(value) : void 0;
	}
	function textOf(value) {
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
		const x = floatOf(a);
		const y = floatOf(b);
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
		return a.length === b.length && a.every((byte, i) => byte === b[i]);
	}
	function contains(container, item) {
		if (container instanceof Dict && typeof item === "string") return container.entries.has(item);
		if (container instanceof Arr) {
			tick(container.items.length);
			return container.items.some((element) => eqInner(item, element));
		}
		const text = textOf(item);
		if (typeof container === "string" && text !== void 0) return container.includes(text);
		if (isInt(item)) {
			if (container instanceof Range) return isInRange(container, item);
			if (container instanceof Blob) return container.bytes.includes(Number(BigInt.asUintN(8, BigInt(item))));
		}
		return functionNotFound("contains", [container, item]);
	}
	function isInRange(range, value) {
		return value >= range.start && (range.isInclusive ? value <= range.end : value < range.end);
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
	let getterOf = () => void 0;
	function setGetters(lookup) {
		getterOf = lookup;
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
		if (name === "tag") return getTag(object);
		const getter = getterOf(object, name);
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
	function getPropRef(object, name) {
		if (object instanceof Dict && object.shared) ownEntries(object);
		return getProp(object, name);
	}
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
	var JsonTooLong = class extends Error {
		constructor(what, charsMax) {
			super(`${what} is longer than ${charsMax} characters of JSON`);
			this.name = "JsonTooLong";
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
	function toJson(value, rootName = "value", charsMax = CHARS_MAX) {
		const place = {
			path: [rootName],
			charsLeft: charsMax
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
	function counted(text, place) {
		place.charsLeft -= text.length + 1;
		if (place.charsLeft < 0) throw tooLong;
		return text;
	}
	function writeObject(value, place) {
		if (value instanceof Float) return writeFloat(value.v, place);
		if (value instanceof Char) return writeString(value.text, place);
		counted("", place);
		if (value instanceof Arr) return `[${value.items.map((item, at) => inside(place, at, item)).join(",")}]`;
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
	const SLICE$1 = 2 ** 30 - 1;
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
			const { limits, output = silent, failsOnMissing = false, hosts } = options;
			this.#unit = unit;
			this.#scope = scope;
			const all = {
				...defaultLimits,
				...limits
			};
			this.#operationsMax = all.operations === 0 ? OPERATIONS_MAX : all.operations;
			const fuel = Math.min(SLICE$1, this.#operationsMax);
			this.#state = {
				fuel,
				rest: this.#operationsMax - fuel,
				depth: 0,
				self: void 0,
				limits: all,
				output,
				failsOnMissing,
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
				const result = this.#unit.main(void 0, ...this.#scope);
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
	function keepFrames(frames) {
		if (Error.stackTraceLimit !== frames) Error.stackTraceLimit = frames;
	}
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
	exports.INT_MAX = INT_MAX;
	exports.INT_MIN = INT_MIN;
	exports.JsonError = JsonError;
	exports.JsonTooLong = JsonTooLong;
	exports.Range = Range;
	exports.RhaiError = RhaiError;
	exports.Run = Run;
	exports.S = S;
	exports.SAFE_MAX = SAFE_MAX;
	exports.SAFE_MIN = SAFE_MIN;
	exports.SLICE = SLICE;
	exports.Sequence = Sequence;
	exports.Timestamp = Timestamp;
	exports.add = add;
	exports.addAssign = addAssign;
	exports.addInts = addInts;
	exports.addOther = addOther;
	exports.addSlow = addSlow;
	exports.andInts = andInts;
	exports.arithmetic = arithmetic;
	exports.arrayBounds = arrayBounds;
	exports.bitAnd = bitAnd;
	exports.bitAndAssign = bitAndAssign;
	exports.bitBounds = bitBounds;
	exports.bitOr = bitOr;
	exports.bitOrAssign = bitOrAssign;
	exports.bitXor = bitXor;
	exports.bitXorAssign = bitXorAssign;
	exports.bool = bool;
	exports.caughtValue = caughtValue;
	exports.charCount = charCount;
	exports.charOf = charOf;
	exports.charOfUnit = charOfUnit;
	exports.checkArray = checkArray;
	exports.checkMap = checkMap;
	exports.checkSize = checkSize;
	exports.checkString = checkString;
	exports.checkStringUnits = checkStringUnits;
	exports.checkTag = checkTag;
	exports.compareText = compareText;
	exports.concatText = concatText;
	exports.constAssign = constAssign;
	exports.constMethod = constMethod;
	exports.contains = contains;
	exports.copy = copy;
	exports.dataRace = dataRace;
	exports.dataTooLarge = dataTooLarge;
	exports.decodeUtf8 = decodeUtf8;
	exports.defaultLimits = defaultLimits;
	exports.defineHost = defineHost;
	exports.displayText = displayText;
	exports.div = div;
	exports.divAssign = divAssign;
	exports.divInts = divInts;
	exports.divSlow = divSlow;
	exports.dotExpr = dotExpr;
	exports.encodeUtf8 = encodeUtf8;
	exports.eq = eq;
	exports.eqInner = eqInner;
	exports.errorMap = errorMap;
	exports.findHost = findHost;
	exports.floatDebug = floatDebug;
	exports.floatText = floatText;
	exports.forExpr = forExpr;
	exports.forbiddenVariable = forbiddenVariable;
	exports.fromJson = fromJson;
	exports.functionNotFound = functionNotFound;
	exports.functionNotFoundText = functionNotFoundText;
	exports.ge = ge;
	exports.getBit = getBit;
	exports.getBitRange = getBitRange;
	exports.getIndex = getIndex;
	exports.getIndexElvis = getIndexElvis;
	exports.getIndexRef = getIndexRef;
	exports.getProp = getProp;
	exports.getPropElvis = getPropElvis;
	exports.getPropRef = getPropRef;
	exports.getTag = getTag;
	exports.gt = gt;
	exports.handleCall = handleCall;
	exports.hostCall = hostCall;
	exports.indexNotFound = indexNotFound;
	exports.indexSetType = indexSetType;
	exports.indexingType = indexingType;
	exports.intOf = intOf;
	exports.isInRange = isInRange;
	exports.isInt = isInt;
	exports.isPlain = isPlain;
	exports.joined = joined;
	exports.le = le;
	exports.lt = lt;
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
	exports.mul = mul;
	exports.mulAssign = mulAssign;
	exports.mulInts = mulInts;
	exports.mulSlow = mulSlow;
	exports.ne = ne;
	exports.neg = neg;
	exports.negInt = negInt;
	exports.not = not;
	exports.orInts = orInts;
	exports.ownBytes = ownBytes;
	exports.ownEntries = ownEntries;
	exports.ownItems = ownItems;
	exports.parsing = parsing;
	exports.pieceOf = pieceOf;
	exports.plus = plus;
	exports.pow = pow;
	exports.powAssign = powAssign;
	exports.powFloats = powFloats;
	exports.powInts = powInts;
	exports.powSlow = powSlow;
	exports.propertyNotFound = propertyNotFound;
	exports.quoted = quoted;
	exports.range = range;
	exports.refuel = refuel;
	exports.reply = reply;
	exports.runtimeError = runtimeError;
	exports.saturate = saturate;
	exports.setBit = setBit;
	exports.setBitRange = setBitRange;
	exports.setGetters = setGetters;
	exports.setIndex = setIndex;
	exports.setProp = setProp;
	exports.setTag = setTag;
	exports.shl = shl;
	exports.shlAssign = shlAssign;
	exports.shlInts = shlInts;
	exports.shr = shr;
	exports.shrAssign = shrAssign;
	exports.shrInts = shrInts;
	exports.signatureName = signatureName;
	exports.sliceChars = sliceChars;
	exports.sortedKeys = sortedKeys;
	exports.stackOverflow = stackOverflow;
	exports.stringBounds = stringBounds;
	exports.sub = sub;
	exports.subAssign = subAssign;
	exports.subInts = subInts;
	exports.subOther = subOther;
	exports.subSlow = subSlow;
	exports.system = system;
	exports.tagOf = tagOf;
	exports.tagValue = tagValue;
	exports.terminated = terminated;
	exports.tick = tick;
	exports.toDebug = toDebug;
	exports.toJson = toJson;
	exports.toText = toText;
	exports.tooManyModules = tooManyModules;
	exports.tooManyOperations = tooManyOperations;
	exports.tooManyVariables = tooManyVariables;
	exports.typeName = typeName;
	exports.unboundThis = unboundThis;
	exports.uncatchable = uncatchable;
	exports.unitOf = unitOf;
	exports.unknownProperty = unknownProperty;
	exports.unwritableProperty = unwritableProperty;
	exports.utf8Length = utf8Length;
	exports.variableExists = variableExists;
	exports.variableNotFound = variableNotFound;
	exports.wrapInt = wrapInt;
	exports.xorInts = xorInts;
	return exports;
})({});
})
