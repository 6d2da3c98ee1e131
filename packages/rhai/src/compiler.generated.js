(function () {
"use strict";
return (function(exports) {
	Object.defineProperty(exports, Symbol.toStringTag, { value: "Module" });
	function rootOf$1(binding) {
		let root = binding;
		while (root.outer !== void 0) root = root.outer;
		return root;
	}
	function canSuspend(host) {
		for (const name of host.functions.values()) if (name.suspends) return true;
		for (const name of host.methods.values()) if (name.suspends) return true;
		return false;
	}
	var FlowNode = class {
		tokens = new Set();
		to = new Set();
		watchers = [];
	};
	var Flow = class {
		nodes = [];
		waiting = [];
		add(node, token) {
			if (node.tokens.has(token)) return;
			node.tokens.add(token);
			this.nodes.push(node);
			this.waiting.push(token);
		}
		edge(from, to) {
			if (from === void 0 || from === to || from.to.has(to)) return;
			from.to.add(to);
			for (const token of from.tokens) this.add(to, token);
		}
		watch(node, watcher) {
			if (node === void 0) return;
			node.watchers.push(watcher);
			for (const token of node.tokens) watcher.arrives(token);
		}
		join(parts) {
			const some = parts.filter((part) => part !== void 0);
			if (some.length < 2) return some[0];
			const joined = new FlowNode();
			for (const part of some) this.edge(part, joined);
			return joined;
		}
		solve() {
			for (;;) {
				const node = this.nodes.pop();
				const token = this.waiting.pop();
				if (node === void 0 || token === void 0) return;
				for (const next of node.to) this.add(next, token);
				for (const watcher of node.watchers) watcher.arrives(token);
			}
		}
	};
	function link(linker, unit, call) {
		const { flow } = linker;
		const params = linker.parameters(unit);
		for (const [at, param] of params.entries()) {
			flow.edge(call.args[at], param);
			if (linker.mixesArguments) for (const arg of call.args) flow.edge(arg, param);
		}
		const self = linker.self(unit);
		if (call.self !== void 0) {
			flow.edge(call.self, self);
			flow.edge(self, call.self);
		}
		flow.edge(linker.result(unit), call.result);
	}
	var CalleeWatcher = class {
		linker;
		site;
		call;
		onNative;
		constructor(linker, site, call, onNative) {
			this.linker = linker;
			this.site = site;
			this.call = call;
			this.onNative = onNative;
		}
		arrives(token) {
			if (token === "native") this.onNative?.();
			if (typeof token === "string" || this.site.dynamic.has(token)) return;
			this.site.dynamic.add(token);
			link(this.linker, token, this.call);
		}
	};
	var ParameterWatcher = class {
		linker;
		args;
		constructor(linker, args) {
			this.linker = linker;
			this.args = args;
		}
		arrives(token) {
			if (typeof token === "string") return;
			for (const param of this.linker.parameters(token)) for (const arg of this.args) this.linker.flow.edge(arg, param);
		}
	};
	var NameWatcher = class {
		flow;
		functions;
		to;
		constructor(flow, functions, to) {
			this.flow = flow;
			this.functions = functions;
			this.to = to;
		}
		arrives(token) {
			if (token !== "text") {
				this.flow.add(this.to, token);
				return;
			}
			for (const unit of this.functions) this.flow.add(this.to, unit);
			this.flow.add(this.to, "native");
		}
	};
	var HandleWatcher = class {
		flow;
		site;
		method;
		result;
		constructor(flow, site, method, result) {
			this.flow = flow;
			this.site = site;
			this.method = method;
			this.result = result;
		}
		arrives(token) {
			if (token !== "handle") return;
			if (this.method.suspends) this.site.isHandle = true;
			if (this.method.makesHandle) this.flow.add(this.result, "handle");
		}
	};
	const mutating = new Set("push append insert pop shift remove clear truncate chop reverse pad splice dedup sort sort_by sort_desc drain retain for_each set mixin fill_with crop replace trim make_upper make_lower set_bit set_bits write_le write_be write_utf8 write_ascii set_tag take".split(" "));
	const pure$1 = new Set("len bytes is_empty contains get keys values extract split split_rev zip order order_by order_desc chars to_chars to_blob to_array as_string to_string to_debug to_json starts_with ends_with sub_string to_upper to_lower min max to_int to_float to_hex to_octal to_binary abs sign is_zero is_odd is_even floor ceiling round int fraction sqrt exp ln log sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh hypot to_degrees to_radians is_nan is_finite is_infinite bits get_bit get_bits parse_le_int parse_be_int parse_le_float parse_be_float start end is_inclusive is_exclusive name is_anonymous curry elapsed type_of is_shared tag".split(" "));
	const calling = new Set("map filter reduce reduce_rev some all find find_map index_of".split(" "));
	const replacing = new Set("crop replace remove pad truncate trim clear pop append make_upper make_lower set set_bit set_bits take".split(" "));
	function isCalling(name) {
		return calling.has(name);
	}
	const refused = new Set("get extract order order_by order_desc split".split(" "));
	function isRefused(name) {
		return refused.has(name);
	}
	function mayChange(name) {
		return !pure$1.has(name);
	}
	function isMutating(name) {
		return mutating.has(name);
	}
	function isReplacing(name) {
		return replacing.has(name);
	}
	var ColourNodes = class {
		flow = new Flow();
		mixesArguments;
		heap = new FlowNode();
		text = new FlowNode();
		anyKey = new FlowNode();
		named = [];
		byName = new Map();
		bindings = new Map();
		selfs = new Map();
		results = new Map();
		params = new Map();
		keys = new Map();
		reads = new Map();
		constructor(programs, mixesArguments) {
			this.mixesArguments = mixesArguments;
			this.flow.add(this.text, "text");
			this.flow.add(this.heap, "text");
			this.flow.edge(this.anyKey, this.heap);
			for (const scopes of programs) {
				for (const unit of scopes.units) {
					if (unit.kind !== "function") continue;
					this.named.push(unit);
					const list = this.byName.get(unit.name);
					if (list === void 0) this.byName.set(unit.name, [unit]);
					else list.push(unit);
				}
				for (const given of scopes.given) this.flow.edge(this.text, this.binding(given));
			}
		}
		binding(binding) {
			return lookUp$1(this.bindings, rootOf$1(binding));
		}
		self(unit) {
			return lookUp$1(this.selfs, unit);
		}
		result(unit) {
			return lookUp$1(this.results, unit);
		}
		parameters(unit) {
			let nodes = this.params.get(unit);
			if (nodes === void 0) {
				nodes = unit.params.map((binding) => this.binding(binding));
				this.params.set(unit, nodes);
			}
			return nodes;
		}
		key(key) {
			const known = this.keys.get(key);
			if (known !== void 0) return known;
			const node = lookUp$1(this.keys, key);
			this.flow.edge(node, this.heap);
			return node;
		}
		read(key) {
			const known = this.reads.get(key);
			if (known !== void 0) return known;
			const node = lookUp$1(this.reads, key);
			this.flow.edge(this.key(key), node);
			if (!isLibraryName(key)) this.flow.edge(this.anyKey, node);
			this.flow.edge(this.text, node);
			return node;
		}
		functionsNamed(name) {
			return this.byName.get(name) ?? [];
		}
		functionsNode(units) {
			if (units.length === 0) return void 0;
			const node = new FlowNode();
			for (const unit of units) this.flow.add(node, unit);
			return node;
		}
		callable(value) {
			if (value === void 0) return void 0;
			const node = new FlowNode();
			this.flow.watch(value, new NameWatcher(this.flow, this.named, node));
			return node;
		}
	};
	function isLibraryName(name) {
		return isMutating(name) || isCalling(name) || !mayChange(name);
	}
	function lookUp$1(nodes, key) {
		let node = nodes.get(key);
		if (node === void 0) nodes.set(key, node = new FlowNode());
		return node;
	}
	const callbackTakers = new Set("map filter some all for_each find find_map index_of reduce reduce_rev zip dedup sort sort_by order order_by drain retain".split(" "));
	function callbackAt(name) {
		return name === "zip" ? 1 : 0;
	}
	const looking = new Set("print debug type_of is_shared is_def_var is_def_fn to_string to_debug len is_empty".split(" "));
	var ColourCalls = class {
		sites = [];
		programs;
		nodes;
		scopes;
		unit;
		isOpen;
		options;
		constructor(programs, options) {
			const [first] = programs;
			if (first === void 0) throw new Error("colours of no program");
			this.programs = programs;
			this.options = options;
			this.scopes = first;
			this.unit = first.main;
			this.isOpen = programs.some((scopes) => scopes.units.some((unit) => unit.isDynamic));
			const mixes = programs.some((scopes) => [...scopes.owner.keys()].some((node) => node.name === "curry"));
			this.nodes = new ColourNodes(programs, mixes);
		}
		site(node) {
			const site = {
				node,
				unit: this.unit,
				isHost: false,
				isHandle: false,
				isUnknown: false,
				direct: new Set(),
				dynamic: new Set()
			};
			this.sites.push(site);
			return site;
		}
		named(text) {
			return this.nodes.functionsNode(this.nodes.functionsNamed(text));
		}
		call(node) {
			const args = node.args.map((arg) => this.value(arg));
			if (node.namespace.length > 0) return this.qualified(node, args);
			const own = this.scopes.functions.get(`${node.name}/${args.length}`);
			if (own !== void 0) return this.direct(this.site(node), own, void 0, args);
			const host = this.options.host.functions.get(`${node.name}/${args.length}`);
			if (host !== void 0) return this.hostCall(node, host, args);
			const [first, ...rest] = args;
			switch (node.name) {
				case "eval":
					this.site(node).isUnknown = true;
					return this.nodes.heap;
				case "Fn": return this.pointer(node, first);
				case "call": return this.callValue(node, first, rest);
				case "curry": return this.curry(first, rest);
				default:
					if (node.isCapturing) return this.nodes.heap;
					return this.library(node, first, rest);
			}
		}
		pointer(node, name) {
			const [arg] = node.args;
			if (!(arg?.kind === "literal" && arg.literal.type === "string")) return this.nodes.callable(name);
			if (name !== void 0) return name;
			const native = new FlowNode();
			this.nodes.flow.add(native, "native");
			return native;
		}
		curry(fn, args) {
			const { flow, heap } = this.nodes;
			for (const arg of args) flow.edge(arg, heap);
			flow.watch(fn, new ParameterWatcher(this.nodes, args));
			return fn;
		}
		direct(site, units, self, args) {
			const result = new FlowNode();
			for (const unit of units) {
				site.direct.add(unit);
				link(this.nodes, unit, {
					self,
					args,
					result
				});
			}
			return result;
		}
		hostCall(node, host, args) {
			const { flow, heap } = this.nodes;
			if (host.suspends) this.site(node).isHost = true;
			for (const arg of args) flow.edge(arg, heap);
			if (!(host.makesHandle ?? !host.suspends)) return heap;
			const result = new FlowNode();
			flow.edge(heap, result);
			flow.add(result, "handle");
			return result;
		}
		qualified(node, args) {
			const path = node.namespace.map((part) => part.text);
			const key = `${node.name}/${args.length}`;
			const alias = this.scopes.modules.get(node);
			if (alias !== void 0) return this.moduleCall(node, this.moduleAt(alias, path.slice(1)), args);
			const host = this.options.host.functions.get(`${path.join("::")}::${key}`);
			if (host !== void 0) return this.hostCall(node, host, args);
			const own = path[0] === "global" ? this.scopes.functions.get(key) : void 0;
			return own === void 0 ? void 0 : this.direct(this.site(node), own, void 0, args);
		}
		moduleAt(alias, path) {
			let module = this.options.moduleOf?.(alias.node);
			for (const name of path) {
				if (module === void 0 || module === "none") return module;
				const inner = [...module.aliases.values()].find((one) => one.name === name);
				module = inner === void 0 ? "none" : this.options.moduleOf?.(inner.node);
			}
			return module;
		}
		moduleCall(node, module, args) {
			if (module === "none") return void 0;
			const { flow, heap } = this.nodes;
			const units = module?.functions.get(`${node.name}/${args.length}`);
			if (units !== void 0) return this.direct(this.site(node), units, void 0, args);
			for (const arg of args) flow.edge(arg, heap);
			if (module === void 0) this.site(node).isUnknown = true;
			return heap;
		}
		importModule(node) {
			const module = this.options.moduleOf?.(node);
			if (module === "none") return;
			const site = this.site(node);
			if (module === void 0) site.isUnknown = true;
			else site.direct.add(module.main);
		}
		contains(node, container, item) {
			const own = this.scopes.functions.get("contains/2");
			if (own !== void 0) this.direct(this.site(node), own, void 0, [container, item]);
		}
		method(node) {
			const receiver = this.value(node.target);
			const args = node.args.map((arg) => this.value(arg));
			if (node.name === "call") return this.callValue(node, receiver, args);
			if (node.name === "curry") return this.curry(receiver, args);
			const results = [this.inMap(node, args)];
			const handle = this.options.host.methods.get(`${node.name}/${args.length}`);
			if (handle !== void 0) results.push(this.handleCall(node, handle, receiver, args));
			const own = this.scopes.functions.get(`${node.name}/${args.length}`);
			if (own !== void 0) results.push(this.direct(this.site(node), own, receiver, args));
			const host = this.options.host.functions.get(`${node.name}/${args.length + 1}`);
			if (own === void 0 && host !== void 0) results.push(this.hostCall(node, host, [receiver, ...args]));
			results.push(this.library(node, receiver, args));
			return this.nodes.flow.join(results);
		}
		inMap(node, args) {
			const result = new FlowNode();
			const site = this.site(node);
			if (this.isOpen && !isLibraryName(node.name)) site.isUnknown = true;
			const call = {
				self: void 0,
				args,
				result
			};
			this.nodes.flow.watch(this.nodes.read(node.name), new CalleeWatcher(this.nodes, site, call));
			return result;
		}
		handleCall(node, method, receiver, args) {
			const { flow, heap } = this.nodes;
			const result = new FlowNode();
			const site = this.site(node);
			const makesHandle = method.makesHandle ?? !method.suspends;
			flow.watch(receiver, new HandleWatcher(flow, site, {
				suspends: method.suspends,
				makesHandle
			}, result));
			if (this.isOpen && method.suspends) site.isHandle = true;
			for (const arg of args) flow.edge(arg, heap);
			return result;
		}
		callValue(node, fn, args) {
			const { flow } = this.nodes;
			const result = new FlowNode();
			const site = this.site(node);
			if (this.isOpen) site.isUnknown = true;
			const [first, ...rest] = args;
			const onNative = () => this.callbacks(site, args, result);
			flow.watch(fn, new CalleeWatcher(this.nodes, site, {
				self: void 0,
				args,
				result
			}, onNative));
			flow.watch(first, new CalleeWatcher(this.nodes, site, {
				self: fn,
				args: rest,
				result
			}, onNative));
			flow.edge(this.nodes.heap, result);
			return result;
		}
		library(node, receiver, args) {
			const { flow, heap, anyKey } = this.nodes;
			if (looking.has(node.name)) return this.nodes.text;
			if (callbackTakers.has(node.name)) {
				const site = this.site(node);
				const isLiteral = node.kind === "method" && node.args.every((arg) => arg.kind === "closure");
				if (this.isOpen && !isLiteral) site.isUnknown = true;
				this.callbacks(site, args, heap);
			}
			for (const [at, arg] of args.entries()) {
				if (!callbackTakers.has(node.name) || at !== callbackAt(node.name)) flow.edge(arg, heap);
				if (node.name === "set") flow.edge(arg, anyKey);
			}
			if (receiver === void 0) return heap;
			const result = new FlowNode();
			flow.edge(receiver, result);
			flow.edge(heap, result);
			return result;
		}
		callbacks(site, args, result) {
			const { flow, heap, anyKey } = this.nodes;
			for (const arg of args) {
				const callable = this.nodes.callable(arg);
				if (callable === void 0) continue;
				const answer = new FlowNode();
				flow.edge(answer, heap);
				flow.edge(answer, anyKey);
				flow.edge(answer, result);
				const call = {
					self: heap,
					args: [
						heap,
						heap,
						heap
					],
					result: answer
				};
				flow.watch(callable, new CalleeWatcher(this.nodes, site, call));
			}
		}
	};
	function operands(node) {
		switch (node.kind) {
			case "interpolation": return node.parts;
			case "array": return node.items;
			case "map": return node.entries.map((entry) => entry.value);
			case "call": return node.args;
			case "method": return [node.target, ...node.args];
			case "property": return [node.target];
			case "index": return [node.target, node.index];
			case "unary": return [node.operand];
			case "binary": return [node.left, node.right];
			case "if":
			case "while":
			case "do": return [node.condition];
			case "switch": return [node.value];
			case "for": return [node.iterable];
			case "literal":
			case "variable":
			case "this":
			case "closure":
			case "block-expression":
			case "loop": return [];
		}
	}
	function blocksOf(node) {
		switch (node.kind) {
			case "if": return node.otherwise === void 0 ? [node.then] : [node.then, node.otherwise];
			case "while":
			case "do":
			case "loop":
			case "for": return [node.body];
			case "block-expression": return [node.block];
			case "literal":
			case "interpolation":
			case "array":
			case "map":
			case "variable":
			case "this":
			case "call":
			case "method":
			case "property":
			case "index":
			case "unary":
			case "binary":
			case "closure":
			case "switch": return [];
		}
	}
	function expressionsOf(node) {
		switch (node.kind) {
			case "let":
			case "return":
			case "throw":
			case "break": return node.value === void 0 ? [] : [node.value];
			case "assign": return [node.value, node.target];
			case "expression": return [node.expression];
			case "import": return [node.path];
			case "continue":
			case "try":
			case "export":
			case "empty": return [];
		}
	}
	function armStatement(arm) {
		const body = arm.body;
		return isStatement(body) ? body : {
			kind: "expression",
			expression: body,
			at: body.at,
			start: body.start,
			end: body.end
		};
	}
	const statementKinds = new Set([
		"let",
		"assign",
		"expression",
		"return",
		"throw",
		"break",
		"continue",
		"try",
		"import",
		"export",
		"empty"
	]);
	function isStatement(node) {
		return statementKinds.has(node.kind);
	}
	var ColourWalk = class extends ColourCalls {
		breaks = [];
		run() {
			for (const scopes of this.programs) {
				this.scopes = scopes;
				for (const unit of scopes.units) if (unit.kind !== "closure") this.unitBody(unit);
			}
			this.nodes.flow.solve();
		}
		unitBody(unit) {
			const { unit: outer, breaks } = this;
			this.unit = unit;
			this.breaks = [];
			const value = this.body(unit.body);
			this.nodes.flow.edge(value, this.nodes.result(unit));
			this.unit = outer;
			this.breaks = breaks;
		}
		body(statements) {
			let value;
			for (const statement of statements) value = this.statement(statement);
			return value;
		}
		block(block) {
			return this.body(block.body);
		}
		statement(node) {
			const { flow, heap } = this.nodes;
			switch (node.kind) {
				case "expression": return this.value(node.expression);
				case "let": {
					const value = node.value === void 0 ? void 0 : this.value(node.value);
					const binding = this.scopes.declared.get(node);
					if (binding !== void 0) flow.edge(value, this.nodes.binding(binding));
					if (node.isExported) flow.edge(value, heap);
					return;
				}
				case "assign":
					this.assign(node);
					return;
				case "return":
					if (node.value !== void 0) flow.edge(this.value(node.value), this.nodes.result(this.unit));
					return;
				case "throw":
					if (node.value !== void 0) flow.edge(this.value(node.value), heap);
					return;
				case "break":
					if (node.value !== void 0) this.breaks.at(-1)?.push(this.value(node.value));
					return;
				case "try": {
					this.block(node.body);
					const binding = this.scopes.declared.get(node);
					if (binding !== void 0) flow.edge(heap, this.nodes.binding(binding));
					this.block(node.handler);
					return;
				}
				case "import":
					this.value(node.path);
					this.importModule(node);
					return;
				case "export": {
					const binding = this.scopes.exported.get(node);
					if (binding !== void 0) flow.edge(this.nodes.binding(binding), heap);
					return;
				}
				case "continue":
				case "empty": return;
				default: return node;
			}
		}
		assign(node) {
			const { flow, heap, text } = this.nodes;
			const value = this.value(node.value);
			const { target } = node;
			if (node.operator !== "") flow.edge(value, heap);
			const stored = node.operator === "" ? value : text;
			const place = this.value(target);
			if (target.kind === "property") flow.edge(stored, this.nodes.key(target.name));
			else if (target.kind === "index") {
				const key = textOf(target.index);
				flow.edge(stored, key === void 0 ? this.nodes.anyKey : this.nodes.key(key));
			} else flow.edge(stored, place ?? heap);
		}
		value(node) {
			const { flow, heap, text } = this.nodes;
			switch (node.kind) {
				case "literal": return node.literal.type === "string" ? this.named(node.literal.value) : void 0;
				case "interpolation":
					for (const part of node.parts) this.value(part);
					return text;
				case "array":
					for (const item of node.items) flow.edge(this.value(item), heap);
					return;
				case "map":
					for (const { key, value } of node.entries) flow.edge(this.value(value), this.nodes.key(key.text));
					return;
				case "variable": return this.variable(node);
				case "this": return this.nodes.self(this.unit);
				case "call": return this.call(node);
				case "method": return this.method(node);
				case "property":
					this.value(node.target);
					return this.nodes.read(node.name);
				case "index": {
					this.value(node.target);
					this.value(node.index);
					const key = textOf(node.index);
					return key === void 0 ? heap : this.nodes.read(key);
				}
				case "unary":
					this.value(node.operand);
					return;
				case "binary": {
					const left = this.value(node.left);
					const right = this.value(node.right);
					if (node.operator === "??") return flow.join([left, right]);
					if (node.operator === "in" || node.operator === "!in") this.contains(node, right, left);
					return node.operator === "+" ? text : void 0;
				}
				case "closure": {
					const unit = this.scopes.unitOf.get(node);
					if (unit === void 0) return void 0;
					this.unitBody(unit);
					return this.nodes.functionsNode([unit]);
				}
				case "block-expression": return this.block(node.block);
				case "if": {
					this.value(node.condition);
					const then = this.block(node.then);
					return flow.join([then, node.otherwise === void 0 ? void 0 : this.block(node.otherwise)]);
				}
				case "switch": {
					this.value(node.value);
					const values = node.arms.map((arm) => {
						if (arm.guard !== void 0) this.value(arm.guard);
						return this.statement(armStatement(arm));
					});
					return flow.join(values);
				}
				case "while":
				case "do":
					this.value(node.condition);
					return this.loop(node.body);
				case "loop": return this.loop(node.body);
				case "for": return this.for(node);
				default: return node;
			}
		}
		loop(body) {
			const values = [];
			this.breaks.push(values);
			this.block(body);
			this.breaks.pop();
			return this.nodes.flow.join(values);
		}
		for(node) {
			this.value(node.iterable);
			const isRange = node.iterable.kind === "binary" && (node.iterable.operator === ".." || node.iterable.operator === "..=");
			const binding = this.scopes.declared.get(node);
			if (binding !== void 0 && !isRange) this.nodes.flow.edge(this.nodes.heap, this.nodes.binding(binding));
			return this.loop(node.body);
		}
		variable(node) {
			const use = this.scopes.uses.get(node);
			if (use?.kind === "binding") return this.nodes.binding(use.binding);
			if (use?.kind === "function") return this.nodes.functionsNode(use.units);
			if (use?.kind === "module") return this.nodes.heap;
			if (use?.kind === "global") {
				const globals = this.scopes.main.bindings.filter((one) => one.isGlobal && one.name === use.name);
				return this.nodes.flow.join(globals.map((binding) => this.nodes.binding(binding)));
			}
			return this.isOpen ? this.nodes.heap : void 0;
		}
	};
	function textOf(node) {
		return node.kind === "literal" && node.literal.type === "string" ? node.literal.value : void 0;
	}
	const nothing = {
		coloured: new Map(),
		sites: new Map()
	};
	function analyseColours(programs, options) {
		if (!canSuspend(options.host)) return nothing;
		const walk = new ColourWalk(programs, options);
		walk.run();
		return settleColours(walk.sites);
	}
	function settleColours(sites) {
		const callers = new Map();
		for (const site of sites) for (const callees of [site.direct, site.dynamic]) for (const unit of callees) {
			const list = callers.get(unit);
			if (list === void 0) callers.set(unit, [site]);
			else list.push(site);
		}
		const coloured = new Map();
		const waiting = [];
		const colour = (unit, text, at) => {
			if (coloured.has(unit)) return;
			coloured.set(unit, {
				text,
				at
			});
			waiting.push(unit);
		};
		for (const site of sites) if (site.isHost || site.isHandle || site.isUnknown) colour(site.unit, reasonOf(site), site.node.at);
		for (let unit = waiting.pop(); unit !== void 0; unit = waiting.pop()) for (const site of callers.get(unit) ?? []) {
			const how = site.direct.has(unit) ? "calls" : `${nameOf$2(site.node)} may call`;
			colour(site.unit, `${how} ${unitName(unit)}`, site.node.at);
		}
		return {
			coloured,
			sites: siteColours(sites, coloured)
		};
	}
	function siteColours(sites, coloured) {
		const found = new Map();
		for (const { node, isHost, isHandle, isUnknown, direct, dynamic } of sites) {
			const isDirect = hasColour(direct, coloured);
			const isDynamic = isUnknown || hasColour(dynamic, coloured);
			if (isHost || isHandle || isDirect || isDynamic) found.set(node, {
				isHost,
				isHandle,
				isDirect,
				isDynamic
			});
		}
		return found;
	}
	function hasColour(units, coloured) {
		for (const unit of units) if (coloured.has(unit)) return true;
		return false;
	}
	function reasonOf({ node, isHost, isHandle }) {
		if (isHost) return `calls ${nameOf$2(node)} of the host`;
		if (isHandle) return `calls .${nameOf$2(node)} of a handle`;
		return `${nameOf$2(node)} may call anything`;
	}
	function nameOf$2(node) {
		if (node.kind === "import") return "import";
		if (node.kind === "binary") return node.operator;
		if (node.kind === "method") return node.name;
		return [...node.namespace.map((part) => part.text), node.name].join("::");
	}
	function unitName(unit) {
		return unit.kind === "function" ? `${unit.name}/${unit.params.length}` : `a ${unit.kind}`;
	}
	function analyseScopes(program, options = {}) {
		return new Resolver(program).run(options);
	}
	var Resolver = class {
		program;
		units = [];
		functions = new Map();
		byName = new Map();
		unitOf = new Map();
		uses = new Map();
		declared = new Map();
		counters = new Map();
		exported = new Map();
		aliases = new Map();
		modules = new Map();
		visible = new Map();
		owner = new Map();
		bindingCount = 0;
		topAliases = [];
		constructor(program) {
			this.program = program;
		}
		run(options) {
			const main = this.unit("main", "", this.program, void 0);
			main.isDynamic = options.isDynamic ?? false;
			for (const node of this.program.functions) this.function(node);
			const frame = {
				unit: main,
				variables: [],
				named: new Map(),
				aliases: [],
				parent: void 0,
				level: 0
			};
			const given = (options.given ?? []).map((name) => this.declare(frame, {
				text: name,
				at: 0
			}, "given"));
			this.statements(this.program.body, frame);
			for (const node of this.program.functions) this.functionBody(node);
			return {
				units: this.units,
				main,
				functions: this.functions,
				unitOf: this.unitOf,
				uses: this.uses,
				declared: this.declared,
				counters: this.counters,
				exported: this.exported,
				aliases: this.aliases,
				modules: this.modules,
				visible: this.visible,
				owner: this.owner,
				given
			};
		}
		unit(kind, name, node, parent) {
			const body = "functions" in node ? node.body : node.body.body;
			const unit = {
				id: this.units.length,
				kind,
				name,
				node,
				body,
				parent,
				params: [],
				captures: [],
				missing: [],
				bindings: [],
				isDynamic: false,
				changesThis: false
			};
			this.units.push(unit);
			return unit;
		}
		function(node) {
			const unit = this.unit("function", node.name, node, void 0);
			this.unitOf.set(node, unit);
			const key = `${node.name}/${node.params.length}`;
			this.functions.set(key, [...this.functions.get(key) ?? [], unit]);
			this.byName.set(node.name, [...this.byName.get(node.name) ?? [], unit]);
		}
		functionBody(node) {
			const unit = this.unitOf.get(node);
			if (unit === void 0) return;
			const frame = {
				unit,
				variables: [],
				named: new Map(),
				aliases: [...this.topAliases],
				parent: void 0,
				level: 0
			};
			for (const name of node.params) unit.params.push(this.declare(frame, name, "param"));
			this.statements(node.body.body, frame);
		}
		declare(frame, name, kind, outer) {
			const { unit } = frame;
			const binding = {
				id: this.bindingCount++,
				name: name.text,
				kind,
				isConst: kind === "const",
				unit,
				at: name.at,
				outer,
				isGlobal: unit.kind === "main" && frame.level === 0,
				isShared: kind === "capture",
				isAssigned: false
			};
			unit.bindings.push(binding);
			frame.variables.push(binding);
			const others = frame.named.get(name.text);
			if (others === void 0) frame.named.set(name.text, [binding]);
			else others.push(binding);
			return binding;
		}
		forget(frame, length) {
			while (frame.variables.length > length) {
				const binding = frame.variables.pop();
				if (binding !== void 0) frame.named.get(binding.name)?.pop();
			}
		}
		block(node, frame) {
			this.scoped(frame, () => this.statements(node.body, frame));
		}
		scoped(frame, inside) {
			const { length } = frame.variables;
			const aliasCount = frame.aliases.length;
			frame.level++;
			inside();
			frame.level--;
			this.forget(frame, length);
			frame.aliases.length = aliasCount;
		}
		statements(body, frame) {
			for (const node of body) this.statement(node, frame);
		}
		statement(node, frame) {
			for (const expression of expressionsOf(node)) this.expression(expression, frame);
			switch (node.kind) {
				case "let":
					this.declared.set(node, this.declare(frame, node.name, node.isConst ? "const" : "let"));
					return;
				case "assign":
					this.assign(node, frame);
					return;
				case "try":
					this.try(node, frame);
					return;
				case "import":
					this.import(node, frame);
					return;
				case "export": {
					const binding = this.find(node.name.text, frame);
					if (binding !== void 0) this.exported.set(node, binding);
					return;
				}
			}
		}
		assign(node, frame) {
			this.changes(node.target, frame);
		}
		changes(place, frame) {
			const base = baseOf(place);
			if (base.kind === "this") frame.unit.changesThis = true;
			if (base.kind !== "variable") return;
			const use = this.uses.get(base);
			if (use?.kind !== "binding") return;
			for (let b = use.binding; b !== void 0; b = b.outer) b.isAssigned = true;
		}
		try(node, frame) {
			this.block(node.body, frame);
			this.scoped(frame, () => {
				if (node.variable !== void 0) this.declared.set(node, this.declare(frame, node.variable, "catch"));
				this.block(node.handler, frame);
			});
		}
		import(node, frame) {
			if (node.alias === void 0) return;
			const isTop = frame.unit.kind === "main" && frame.level === 0;
			const alias = {
				id: this.aliases.size,
				name: node.alias.text,
				node,
				unit: frame.unit,
				isTop
			};
			this.aliases.set(node, alias);
			frame.aliases.push(alias);
			if (isTop) this.topAliases.push(alias);
		}
		expression(node, frame) {
			for (const operand of operands(node)) this.expression(operand, frame);
			switch (node.kind) {
				case "variable":
					this.uses.set(node, this.use(node, frame));
					return;
				case "call":
					this.call(node, frame);
					return;
				case "method":
					this.owner.set(node, frame.unit);
					if (mayChange(node.name) || this.functions.has(`${node.name}/${node.args.length}`)) this.changes(node.target, frame);
					return;
				case "closure":
					this.closure(node, frame);
					return;
				case "switch":
					this.switch(node, frame);
					return;
				case "for":
					this.for(node, frame);
					return;
				case "if":
				case "while":
				case "loop":
				case "do":
				case "block-expression":
					for (const block of blocksOf(node)) this.block(block, frame);
					return;
			}
		}
		call(node, frame) {
			this.owner.set(node, frame.unit);
			const [first] = node.args;
			if (first !== void 0 && isMutating(node.name)) this.changes(first, frame);
			const [root] = node.namespace;
			if (root !== void 0) {
				const alias = frame.aliases.findLast((one) => one.name === root.text);
				if (alias !== void 0) this.modules.set(node, alias);
				return;
			}
			if (node.name === "eval" || node.isCapturing) frame.unit.isDynamic = true;
			if (node.name === "is_def_var" || node.isCapturing) this.visible.set(node, [...frame.variables]);
		}
		closure(node, frame) {
			const unit = this.unit("closure", "", node, frame.unit);
			this.unitOf.set(node, unit);
			const inner = {
				unit,
				variables: [],
				named: new Map(),
				aliases: [...frame.aliases],
				parent: frame,
				level: 0
			};
			for (const name of node.params) unit.params.push(this.declare(inner, name, "param"));
			this.statements(node.body.body, inner);
		}
		switch(node, frame) {
			for (const arm of node.arms) this.scoped(frame, () => {
				for (const pattern of arm.patterns) if (pattern.kind === "value") this.expression(pattern.value, frame);
				if (arm.guard !== void 0) this.expression(arm.guard, frame);
				this.statement(armStatement(arm), frame);
			});
		}
		for(node, frame) {
			this.scoped(frame, () => {
				if (node.counter !== void 0) this.counters.set(node, this.declare(frame, node.counter, "counter"));
				this.declared.set(node, this.declare(frame, node.variable, "loop"));
				this.block(node.body, frame);
			});
		}
		use(node, frame) {
			const [root] = node.namespace;
			if (root !== void 0) {
				const alias = frame.aliases.findLast((one) => one.name === root.text);
				if (alias !== void 0) return {
					kind: "module",
					alias
				};
				if (root.text === "global") return {
					kind: "global",
					name: node.name
				};
				return { kind: "missing" };
			}
			const binding = this.find(node.name, frame);
			if (binding !== void 0) return {
				kind: "binding",
				binding
			};
			const units = this.byName.get(node.name);
			if (units !== void 0) return {
				kind: "function",
				units
			};
			const late = this.captureLate(node, frame);
			if (late !== void 0) return {
				kind: "binding",
				binding: late
			};
			this.miss(node, frame);
			return { kind: "missing" };
		}
		find(name, frame) {
			const { unit } = frame;
			const own = frame.named.get(name)?.at(-1) ?? unit.captures.find((one) => one.name === name);
			if (own !== void 0 || frame.parent === void 0) return own;
			const outer = this.find(name, frame.parent);
			if (outer === void 0) return void 0;
			const capture = this.declare(frame, {
				text: name,
				at: outer.at
			}, "capture", outer);
			this.forget(frame, frame.variables.length - 1);
			unit.captures.push(capture);
			if (!outer.isConst) outer.isShared = true;
			return capture;
		}
		captureLate(node, frame) {
			const { parent, unit } = frame;
			if (parent === void 0) return void 0;
			const outer = this.captureLate(node, parent);
			if (outer === void 0 && !parent.unit.isDynamic) return void 0;
			const capture = this.declare(frame, {
				text: node.name,
				at: node.at
			}, "capture", outer);
			this.forget(frame, frame.variables.length - 1);
			unit.captures.push(capture);
			return capture;
		}
		miss(node, frame) {
			for (let f = frame; f !== void 0 && f.unit.kind === "closure"; f = f.parent) if (!f.unit.missing.some((name) => name.text === node.name)) f.unit.missing.push({
				text: node.name,
				at: node.at
			});
		}
	};
	function baseOf(place) {
		let base = place;
		while (base.kind === "property" || base.kind === "index") base = base.target;
		return base;
	}
	function some(piece, test) {
		if (test(piece)) return true;
		return children(piece).some((child) => some(child, test));
	}
	function children(piece) {
		switch (piece.kind) {
			case "expression":
			case "let":
			case "assign":
			case "return":
			case "throw":
			case "break":
			case "continue":
			case "import":
			case "export":
			case "empty": return expressionsOf(piece);
			case "try": return [...piece.body.body, ...piece.handler.body];
			case "switch": return [piece.value, ...piece.arms.flatMap((arm) => [...arm.guard === void 0 ? [] : [arm.guard], armStatement(arm)])];
			default: {
				const blocks = blocksOf(piece);
				return blocks.length === 0 ? operands(piece) : [...operands(piece), ...blocks.flatMap((block) => block.body)];
			}
		}
	}
	const known$1 = new WeakMap();
	function hasEffects(piece) {
		switch (piece.kind) {
			case "call":
			case "method":
			case "assign": return true;
			case "literal":
			case "variable":
			case "this":
			case "closure": return false;
			default: {
				let answer = known$1.get(piece);
				if (answer === void 0) known$1.set(piece, answer = children(piece).some(hasEffects));
				return answer;
			}
		}
	}
	function mayTouch(node, binding, uses) {
		if (!hasEffects(node)) return false;
		if (binding.isShared) return true;
		return some(node, (piece) => {
			const place = changedPlace(piece);
			if (place === void 0) return false;
			const base = baseOf(place);
			if (base.kind !== "variable") return false;
			const use = uses.get(base);
			return use?.kind === "binding" && use.binding === binding;
		});
	}
	function changedPlace(piece) {
		if (piece.kind === "assign" || piece.kind === "method") return piece.target;
		return piece.kind === "call" ? piece.args[0] : void 0;
	}
	function taggedBindings(scopes) {
		const tagged = new Set();
		walk$1(scopes, (piece) => {
			const target = piece.kind === "assign" || isSetTag(piece) ? piece.target : void 0;
			const place = target?.kind === "property" && target.name === "tag" ? target.target : target;
			if (target === void 0 || piece.kind === "assign" && place === target) return;
			add(scopes, tagged, place);
		});
		if (tagged.size > 0) spread(scopes, tagged);
		return tagged;
	}
	function isSetTag(piece) {
		return piece.kind === "method" && piece.name === "set_tag";
	}
	function walk$1(scopes, visit) {
		const look = (piece) => {
			visit(piece);
			return false;
		};
		for (const unit of scopes.units) for (const statement of unit.body) some(statement, look);
	}
	function bindingOf$1(scopes, node) {
		if (node?.kind !== "variable") return void 0;
		const use = scopes.uses.get(node);
		return use?.kind === "binding" ? use.binding : void 0;
	}
	function add(scopes, tagged, place) {
		const binding = bindingOf$1(scopes, place);
		if (binding !== void 0 && !binding.isShared && !binding.unit.isDynamic && (binding.kind === "let" || binding.kind === "const" || binding.kind === "param")) tagged.add(binding);
	}
	function spread(scopes, tagged) {
		let before;
		do {
			before = tagged.size;
			walk$1(scopes, (piece) => {
				if (piece.kind === "let") {
					if (!has(scopes, tagged, piece.value)) return;
					const binding = scopes.declared.get(piece);
					if (binding !== void 0 && !binding.isShared) tagged.add(binding);
				} else if (piece.kind === "assign" && has(scopes, tagged, piece.value)) add(scopes, tagged, piece.target);
			});
		} while (tagged.size > before);
	}
	function has(scopes, tagged, node) {
		const binding = bindingOf$1(scopes, node);
		return binding !== void 0 && tagged.has(binding);
	}
	const NEVER = { tag: "never" };
	const ANY = { tag: "any" };
	const FLOAT = { tag: "float" };
	const BOOL = { tag: "bool" };
	const STRING = { tag: "string" };
	const CHAR = { tag: "char" };
	const UNIT = { tag: "unit" };
	const MAP = { tag: "map" };
	const FN = { tag: "fn" };
	const BLOB = { tag: "blob" };
	const INT = {
		tag: "int",
		lo: -Infinity,
		hi: Infinity
	};
	const COUNT = {
		tag: "int",
		lo: 0,
		hi: Number.MAX_SAFE_INTEGER
	};
	const DEPTH_MAX = 3;
	function int$1(lo, hi) {
		return {
			tag: "int",
			lo: lo < Number.MIN_SAFE_INTEGER ? -Infinity : lo,
			hi: hi > Number.MAX_SAFE_INTEGER ? Infinity : hi
		};
	}
	function array(item) {
		return {
			tag: "array",
			item: depthOf(item) >= DEPTH_MAX ? ANY : item
		};
	}
	function depthOf(type) {
		return type.tag === "array" ? 1 + depthOf(type.item) : 0;
	}
	function isSafe(type) {
		return type.tag === "int" && Number.isFinite(type.lo) && Number.isFinite(type.hi);
	}
	function join(a, b) {
		if (a === b || b.tag === "never") return a;
		if (a.tag === "never") return b;
		if (a.tag === "int" && b.tag === "int") return int$1(Math.min(a.lo, b.lo), Math.max(a.hi, b.hi));
		if (a.tag === "range" && b.tag === "range") return {
			tag: "range",
			lo: Math.min(a.lo, b.lo),
			hi: Math.max(a.hi, b.hi)
		};
		if (a.tag === "array" && b.tag === "array") return array(join(a.item, b.item));
		return a.tag === b.tag ? a : ANY;
	}
	function isSame(a, b) {
		if (a === b) return true;
		if (a.tag === "array" && b.tag === "array") return isSame(a.item, b.item);
		if ((a.tag === "int" || a.tag === "range") && a.tag === b.tag) return a.lo === b.lo && a.hi === b.hi;
		return a.tag === b.tag && a.tag !== "array";
	}
	function widen(last, next) {
		if (last.tag === "array" && next.tag === "array") return array(widen(last.item, next.item));
		if (next.tag !== "int" && next.tag !== "range" || last.tag !== next.tag) return next;
		const lo = next.lo < last.lo ? floorStep(next.lo) : next.lo;
		const hi = next.hi > last.hi ? ceilStep(next.hi) : next.hi;
		return {
			tag: next.tag,
			lo,
			hi
		};
	}
	const STEPS = [
		0,
		1,
		2 ** 31 - 1,
		Number.MAX_SAFE_INTEGER
	];
	function ceilStep(x) {
		return STEPS.find((step) => x <= step) ?? Infinity;
	}
	function floorStep(x) {
		const step = STEPS.find((bound) => x >= -bound);
		return step === void 0 ? -Infinity : 0 - step;
	}
	const words$2 = (text) => new Set(text.split(" "));
	const perItem = words$2("map filter find find_map some all index_of");
	const perPair = words$2("sort sort_by order order_by");
	const folds = words$2("reduce reduce_rev");
	function callbackParams(name, count, item, folded) {
		if (perItem.has(name) && (count === 1 || count === 2)) return [item, COUNT].slice(0, count);
		if (perPair.has(name) && count === 2) return [item, item];
		if (folds.has(name) && (count === 2 || count === 3)) return [
			folded,
			item,
			COUNT
		].slice(0, count);
	}
	function callbackResult(name, result, initial) {
		if (name === "map") return array(result);
		if (folds.has(name)) return join(initial, result);
		return name === "some" || name === "all" ? BOOL : void 0;
	}
	const words$1 = (text) => new Set(text.split(" "));
	const floatToFloat = words$1("sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh sqrt exp ln log floor ceiling round int fraction abs to_degrees to_radians hypot to_float");
	const toBool$1 = words$1("is_empty is_nan is_finite is_infinite is_zero is_odd is_even starts_with ends_with is_inclusive is_exclusive");
	const stringToString = words$1("to_upper to_lower sub_string to_string to_debug");
	const arrayToArray = words$1("filter extract order order_by order_desc");
	function methodType(receiver, name, args) {
		if (receiver.tag === "never") return NEVER;
		if (receiver.tag === "int") return intMethod(name, receiver, args);
		if (receiver.tag === "string") return stringMethod(name, args);
		if (receiver.tag === "array") return arrayMethod(name, receiver);
		if (receiver.tag === "float") {
			if (floatToFloat.has(name)) return FLOAT;
			return name === "to_int" ? INT : common(name);
		}
		if (receiver.tag === "char") {
			if (name === "to_int") return int$1(0, 1114111);
			return name === "to_upper" || name === "to_lower" ? CHAR : common(name);
		}
		if (receiver.tag === "blob") return name === "len" ? COUNT : common(name);
		return ANY;
	}
	function common(name) {
		if (toBool$1.has(name)) return BOOL;
		return name === "to_string" || name === "to_debug" || name === "type_of" ? STRING : ANY;
	}
	function intMethod(name, { lo, hi }, args) {
		const [other] = args;
		switch (name) {
			case "to_float": return FLOAT;
			case "to_int": return int$1(lo, hi);
			case "abs": return int$1(lo > 0 ? lo : 0, Math.max(Math.abs(lo), Math.abs(hi)));
			case "sign": return int$1(-1, 1);
			case "min": return other?.tag === "int" ? int$1(Math.min(lo, other.lo), Math.min(hi, other.hi)) : ANY;
			case "max": return other?.tag === "int" ? int$1(Math.max(lo, other.lo), Math.max(hi, other.hi)) : ANY;
			default: return common(name);
		}
	}
	function arrayMethod(name, receiver) {
		if (name === "len") return COUNT;
		if (name === "index_of") return int$1(-1, Number.MAX_SAFE_INTEGER);
		return arrayToArray.has(name) ? receiver : common(name);
	}
	function stringMethod(name, args) {
		if (name === "len" || name === "bytes") return COUNT;
		if (name === "index_of") return int$1(-1, Number.MAX_SAFE_INTEGER);
		if (name === "contains") return BOOL;
		if (name === "split" && args.length === 1 && args[0]?.tag === "string") return array(STRING);
		if (name === "to_blob") return BLOB;
		return stringToString.has(name) ? STRING : common(name);
	}
	const getters = words$1("len bytes is_empty floor ceiling round int fraction is_nan is_finite is_infinite");
	function propertyType(receiver, name) {
		if (receiver.tag === "never") return NEVER;
		if (receiver.tag === "int") return name === "is_odd" || name === "is_even" || name === "is_zero" ? BOOL : ANY;
		return getters.has(name) ? methodType(receiver, name, []) : ANY;
	}
	const keepsItems = words$1("pop shift remove clear truncate chop reverse dedup sort sort_by sort_desc drain take split");
	function changedType(receiver, name, args) {
		if (name === "take" || name === "call") return ANY;
		if (receiver.tag === "array") return changedArray(receiver, name, args);
		if (receiver.tag === "int") return INT;
		if (receiver.tag === "map" && !mapChanges.has(name)) return ANY;
		return keepsType.has(receiver.tag) ? receiver : ANY;
	}
	const mapChanges = words$1("clear remove mixin fill_with set drain retain set_tag");
	const keepsType = new Set([
		"never",
		"float",
		"string",
		"char",
		"map",
		"blob"
	]);
	function changedArray(receiver, name, args) {
		if (keepsItems.has(name)) return receiver;
		const [first = ANY, second = ANY, third = ANY] = args;
		switch (name) {
			case "push": return array(join(receiver.item, first));
			case "insert":
			case "pad":
			case "set": return array(join(receiver.item, second));
			case "append": return array(join(receiver.item, itemOf(first)));
			case "splice": return array(join(receiver.item, itemOf(args.length === 2 ? second : third)));
			default: return array(ANY);
		}
	}
	function itemOf(type) {
		return type.tag === "array" ? type.item : type.tag === "never" ? NEVER : ANY;
	}
	function openUnits(scopes) {
		if (scopes.aliases.size > 0 || scopes.units.some((unit) => unit.isDynamic)) return "all";
		return [...scopes.functions.values()].filter((units) => units.length > 1).flat();
	}
	function namedUnits(scopes, node) {
		if (node.kind === "literal") return node.literal.type === "string" ? unitsOf(scopes, node.literal.value) : [];
		if (node.kind !== "variable") return [];
		const use = scopes.uses.get(node);
		return use?.kind === "function" ? use.units : [];
	}
	const byName = new WeakMap();
	function unitsOf(scopes, name) {
		let names = byName.get(scopes);
		if (names === void 0) {
			const made = new Map();
			for (const units of scopes.functions.values()) for (const unit of units) made.set(unit.name, [...made.get(unit.name) ?? [], unit]);
			names = made;
			byName.set(scopes, names);
		}
		return names.get(name) ?? [];
	}
	const callers = new Set("Fn call curry map filter reduce reduce_rev some all find find_map for_each index_of sort sort_by order order_by dedup drain retain zip".split(" "));
	function opensAll(scopes, node) {
		return callers.has(node.name) && node.args.some((arg) => !isHarmless(scopes, arg));
	}
	function isHarmless(scopes, arg) {
		if (arg.kind === "closure" || arg.kind === "literal") return true;
		return arg.kind === "variable" && scopes.uses.get(arg)?.kind === "function";
	}
	const toBool = new Set([
		"==",
		"!=",
		"<",
		"<=",
		">",
		">=",
		"&&",
		"||",
		"in",
		"!in"
	]);
	const arithmetic$1 = new Set([
		"+",
		"-",
		"*",
		"/",
		"%",
		"**"
	]);
	function binaryType(operator, a, b) {
		if (toBool.has(operator)) return BOOL;
		if (operator === "??") return coalesced(a, b);
		if (a.tag === "never" || b.tag === "never") return NEVER;
		if (operator === ".." || operator === "..=") return rangeType(a, b, operator === "..=");
		if (a.tag === "int" && b.tag === "int") return intTypes.get(operator)?.(a, b) ?? INT;
		return otherType(operator, a, b);
	}
	function rangeType(a, b, isInclusive) {
		if (a.tag !== "int" || b.tag !== "int") return {
			tag: "range",
			lo: -Infinity,
			hi: Infinity
		};
		return {
			tag: "range",
			lo: a.lo,
			hi: isInclusive ? b.hi : b.hi - 1
		};
	}
	function coalesced(a, b) {
		if (a.tag === "unit") return b;
		return a.tag === "any" ? ANY : a;
	}
	function isNumber$1(type) {
		return type.tag === "int" || type.tag === "float";
	}
	function isText$1(type) {
		return type.tag === "string" || type.tag === "char";
	}
	function otherType(operator, a, b) {
		if (isNumber$1(a) && isNumber$1(b) && arithmetic$1.has(operator)) return FLOAT;
		if (operator === "+") return sumType(a, b);
		if (operator === "-" && a.tag === "string") return STRING;
		if (a.tag === "bool" && b.tag === "bool") return BOOL;
		return ANY;
	}
	function sumType(a, b) {
		if (a.tag === "string" || b.tag === "string") return STRING;
		if (isText$1(a) && isText$1(b)) return STRING;
		if (a.tag === "array" && b.tag === "array") return array(join(a.item, b.item));
		return a.tag === "map" && b.tag === "map" ? a : ANY;
	}
	function times(x, y) {
		return x === 0 || y === 0 ? 0 : x * y;
	}
	function productType(a, b) {
		const corners = [
			times(a.lo, b.lo),
			times(a.lo, b.hi),
			times(a.hi, b.lo),
			times(a.hi, b.hi)
		];
		return int$1(Math.min(...corners), Math.max(...corners));
	}
	function quotientType(a, b) {
		const size = Math.max(Math.abs(a.lo), Math.abs(a.hi));
		if (b.lo > 0) return int$1(Math.min(a.lo, 0), Math.max(a.hi, 0));
		return int$1(-size, size);
	}
	function remainderType(a, b) {
		const size = Math.max(Math.abs(b.lo), Math.abs(b.hi), 1) - 1;
		return int$1(a.lo < 0 ? Math.max(a.lo, -size) : 0, a.hi > 0 ? Math.min(a.hi, size) : 0);
	}
	function bitsType(a, b) {
		if (a.lo >= 0 && b.lo >= 0) return int$1(0, allBits(Math.max(a.hi, b.hi)));
		const size = Math.max(a.hi, b.hi, -1 - a.lo, -1 - b.lo);
		return int$1(-1 - allBits(size), allBits(size));
	}
	function allBits(x) {
		return 2 ** Math.ceil(Math.log2(x + 1)) - 1;
	}
	function leftShiftType(a, b) {
		if (b.lo < 0 || b.hi > 62) return INT;
		const [lo, hi] = [Math.min(a.lo * 2 ** b.hi, a.lo), Math.max(a.hi * 2 ** b.hi, a.hi)];
		return lo < -(2 ** 62) || hi > 2 ** 62 ? INT : int$1(lo, hi);
	}
	function maskType(a, b) {
		const hi = Math.min(a.lo >= 0 ? a.hi : Infinity, b.lo >= 0 ? b.hi : Infinity);
		return a.lo >= 0 || b.lo >= 0 ? int$1(0, hi) : bitsType(a, b);
	}
	const intTypes = new Map([
		["+", (a, b) => int$1(a.lo + b.lo, a.hi + b.hi)],
		["-", (a, b) => int$1(a.lo - b.hi, a.hi - b.lo)],
		["*", productType],
		["/", quotientType],
		["%", remainderType],
		["&", maskType],
		["|", bitsType],
		["^", bitsType],
		["<<", leftShiftType],
		[">>", (a, b) => b.lo >= 0 ? int$1(Math.min(a.lo, 0), Math.max(a.hi, 0)) : INT]
	]);
	function unaryType(operator, a) {
		if (operator === "!") return BOOL;
		if (a.tag === "never" || a.tag === "float") return a;
		if (a.tag !== "int") return ANY;
		return operator === "+" ? a : int$1(0 - a.hi, 0 - a.lo);
	}
	function indexType(container, index) {
		if (container.tag === "never") return NEVER;
		if (container.tag === "array") return container.item;
		if (container.tag === "blob") return int$1(0, 255);
		if (index.tag === "int") return container.tag === "string" ? CHAR : container.tag === "int" ? BOOL : ANY;
		if (index.tag === "range") return container.tag === "string" ? STRING : container.tag === "int" ? INT : ANY;
		return ANY;
	}
	function elementType(iterable) {
		if (iterable.tag === "never") return NEVER;
		if (iterable.tag === "array") return iterable.item;
		if (iterable.tag === "string") return CHAR;
		if (iterable.tag === "blob") return int$1(0, 255);
		if (iterable.tag !== "range") return ANY;
		return Number.isFinite(iterable.lo) ? int$1(iterable.lo, Math.min(iterable.hi, Number.MAX_SAFE_INTEGER)) : INT;
	}
	const untyped = {
		of: () => ANY,
		ofBinding: () => ANY
	};
	function inferTypes(scopes, options) {
		const inference = new Inference(scopes, options);
		inference.run();
		return {
			of: (node) => known(inference.expressions.get(node)),
			ofBinding: (binding) => known(inference.bindings.get(binding))
		};
	}
	function known(type) {
		return type === void 0 || type.tag === "never" ? ANY : type;
	}
	const PASSES_EXACT = 3;
	const PASSES_MAX = 40;
	var Inference = class {
		scopes;
		bindings = new Map();
		results = new Map();
		expressions = new Map();
		hasCallers;
		isHost;
		unit;
		breaks = [];
		pass = 0;
		hasChanged = false;
		constructor(scopes, options) {
			this.scopes = scopes;
			this.unit = scopes.main;
			this.hasCallers = options.hasCallers;
			this.isHost = options.isHost ?? (() => false);
		}
		run() {
			for (const unit of this.scopes.units) this.start(unit);
			const open = this.hasCallers ? "all" : openUnits(this.scopes);
			this.openAll(open === "all" ? this.scopes.units : open);
			do {
				this.hasChanged = false;
				this.pass++;
				for (const unit of this.scopes.units) {
					this.unit = unit;
					this.result(unit, this.body(unit.body));
				}
			} while (this.hasChanged && this.pass < PASSES_MAX);
			if (!this.hasChanged) return;
			this.bindings.clear();
			this.expressions.clear();
		}
		start(unit) {
			for (const binding of unit.bindings) if (unit.isDynamic || binding.isShared || binding.kind === "given" || binding.kind === "capture" || binding.kind === "catch") this.bindings.set(binding, ANY);
		}
		openAll(units) {
			for (const unit of units) for (const param of unit.params) this.give(param, ANY);
		}
		give(binding, type) {
			const last = this.bindings.get(binding) ?? NEVER;
			const next = this.grown(last, type);
			if (next !== last) this.bindings.set(binding, next);
		}
		result(unit, type) {
			const last = this.results.get(unit) ?? NEVER;
			const next = this.grown(last, type);
			if (next !== last) this.results.set(unit, next);
		}
		grown(last, type) {
			const joined = join(last, type);
			if (isSame(joined, last)) return last;
			this.hasChanged = true;
			return this.pass > PASSES_EXACT ? widen(last, joined) : joined;
		}
		body(body) {
			let type = UNIT;
			for (const statement of body) if (statement.kind !== "empty") type = this.statement(statement);
			return type;
		}
		block(node) {
			return node === void 0 ? UNIT : this.body(node.body);
		}
		statement(node) {
			switch (node.kind) {
				case "let": {
					const type = node.value === void 0 ? UNIT : this.expression(node.value);
					const binding = this.scopes.declared.get(node);
					if (binding !== void 0) this.give(binding, type);
					return UNIT;
				}
				case "assign":
					this.assign(node);
					return UNIT;
				case "expression": return this.expression(node.expression);
				case "return":
					this.result(this.unit, node.value === void 0 ? UNIT : this.expression(node.value));
					return NEVER;
				case "throw":
					if (node.value !== void 0) this.expression(node.value);
					return NEVER;
				case "break":
					this.break(node.value === void 0 ? UNIT : this.expression(node.value));
					return NEVER;
				case "continue": return NEVER;
				case "try":
					this.block(node.body);
					this.block(node.handler);
					return UNIT;
				case "import":
					this.expression(node.path);
					return UNIT;
				case "export": return UNIT;
				case "empty": return UNIT;
				default: return node;
			}
		}
		break(type) {
			const last = this.breaks.pop();
			if (last !== void 0) this.breaks.push(join(last, type));
		}
		assign(node) {
			const value = this.expression(node.value);
			const target = this.expression(node.target);
			const type = node.operator === "" ? value : this.operated(node, target, value);
			this.store(node.target, () => type);
		}
		operated(node, target, value) {
			if (node.operator === "") return value;
			if (node.operator === "+" && target.tag === "array") return array(join(target.item, value.tag === "array" ? value.item : value));
			return binaryType(node.operator, target, value);
		}
		store(place, change) {
			const base = baseOf(place);
			if (base.kind !== "variable") return;
			const use = this.scopes.uses.get(base);
			if (use?.kind !== "binding") return;
			const type = this.bindings.get(use.binding) ?? NEVER;
			this.give(use.binding, this.stored(place, type, change));
		}
		stored(place, base, change) {
			if (place.kind === "property" || place.kind === "index") return this.stored(place.target, base, (old) => inside(place, old, change));
			return change(base);
		}
		expression(node) {
			const type = this.evaluate(node);
			this.expressions.set(node, type);
			return type;
		}
		evaluate(node) {
			switch (node.kind) {
				case "literal":
					this.openAll(namedUnits(this.scopes, node));
					return literalType(node);
				case "interpolation":
					for (const part of node.parts) this.expression(part);
					return STRING;
				case "array": return array(node.items.reduce((type, item) => join(type, this.expression(item)), NEVER));
				case "map":
					for (const { value } of node.entries) this.expression(value);
					return MAP;
				case "variable": return this.variable(node);
				case "this": return ANY;
				case "call": return this.call(node);
				case "method": return this.method(node);
				case "property": return this.elvis(node, propertyType(this.expression(node.target), node.name));
				case "index": return this.elvis(node, indexType(this.expression(node.target), this.expression(node.index)));
				case "unary": return unaryType(node.operator, this.expression(node.operand));
				case "binary": return binaryType(node.operator, this.expression(node.left), this.expression(node.right));
				case "closure":
					this.openAll(this.closure(node));
					return FN;
				case "block-expression": return this.block(node.block);
				case "if":
					this.expression(node.condition);
					return join(this.block(node.then), this.block(node.otherwise));
				case "switch": return this.switch(node);
				case "while":
				case "do":
					this.expression(node.condition);
					return this.loop(node.body);
				case "loop": return this.loop(node.body);
				case "for": return this.for(node);
				default: return node;
			}
		}
		elvis(node, type) {
			return node.isElvis ? ANY : type;
		}
		variable(node) {
			const use = this.scopes.uses.get(node);
			this.openAll(namedUnits(this.scopes, node));
			if (this.unit.isDynamic || use?.kind !== "binding") return use?.kind === "function" ? FN : ANY;
			return this.bindings.get(use.binding) ?? NEVER;
		}
		loop(body) {
			this.breaks.push(UNIT);
			this.block(body);
			return this.breaks.pop() ?? ANY;
		}
		for(node) {
			const iterable = this.expression(node.iterable);
			const variable = this.scopes.declared.get(node);
			if (variable !== void 0) this.give(variable, elementType(iterable));
			const counter = this.scopes.counters.get(node);
			if (counter !== void 0) this.give(counter, COUNT);
			return this.loop(node.body);
		}
		switch(node) {
			this.expression(node.value);
			let type = node.arms.some((arm) => arm.patterns.length === 0) ? NEVER : UNIT;
			for (const arm of node.arms) {
				for (const pattern of arm.patterns) if (pattern.kind === "value") this.expression(pattern.value);
				if (arm.guard !== void 0) this.expression(arm.guard);
				type = join(type, this.statement(armStatement(arm)));
			}
			return type;
		}
		call(node) {
			const args = node.args.map((arg) => this.expression(arg));
			if (opensAll(this.scopes, node)) this.openAll(this.scopes.units);
			if (node.namespace.length > 0 || node.isCapturing) return ANY;
			const own = this.scopes.functions.get(`${node.name}/${node.args.length}`);
			if (own !== void 0) return this.callOwn(own, args);
			const [first] = node.args;
			const [type, ...others] = args;
			if (first === void 0 || type === void 0) return ANY;
			if (changes(node.name)) this.store(first, (old) => changedType(old, node.name, others));
			if (this.isHost(`${node.name}/${args.length}`)) return ANY;
			return node.name === "range" ? libraryRange(args) : methodType(type, node.name, others);
		}
		callOwn(units, args) {
			let type = NEVER;
			for (const unit of units) {
				unit.params.forEach((param, index) => this.give(param, args[index] ?? ANY));
				type = join(type, this.results.get(unit) ?? NEVER);
			}
			return type;
		}
		method(node) {
			const target = this.expression(node.target);
			const own = this.scopes.functions.get(`${node.name}/${node.args.length}`);
			const [callback, initial] = node.args;
			if (own === void 0 && callback?.kind === "closure") return this.higher(node, target, callback, initial);
			const args = node.args.map((arg) => this.expression(arg));
			if (opensAll(this.scopes, node)) this.openAll(this.scopes.units);
			if (own !== void 0) {
				this.callOwn(own, args);
				if (own.some((unit) => unit.changesThis)) this.store(node.target, () => ANY);
				return ANY;
			}
			return this.library(node, target, args);
		}
		library(node, target, args) {
			if (changes(node.name)) this.store(node.target, (old) => changedType(old, node.name, args));
			if (this.isHost(`${node.name}/${args.length + 1}`)) return ANY;
			return this.elvis(node, methodType(target, node.name, args));
		}
		higher(node, target, callback, initial) {
			const rest = node.args.slice(1).map((arg) => this.expression(arg));
			const units = this.closure(callback);
			this.expressions.set(callback, FN);
			const start = initial === void 0 ? UNIT : rest[0] ?? UNIT;
			const result = units.reduce((type, unit) => join(type, this.results.get(unit) ?? NEVER), NEVER);
			if (target.tag === "never") return NEVER;
			const isHost = this.isHost(`${node.name}/${node.args.length + 1}`);
			const item = target.tag === "array" && !isHost ? target.item : void 0;
			for (const unit of units) {
				const count = unit.params.length;
				const folded = join(start, result);
				const types = item === void 0 ? void 0 : callbackParams(node.name, count, item, folded);
				if (types === void 0) this.openAll([unit]);
				else unit.params.forEach((param, index) => this.give(param, types[index] ?? ANY));
			}
			const type = this.library(node, target, [FN, ...rest]);
			return item === void 0 || node.isElvis ? type : callbackResult(node.name, result, start) ?? type;
		}
		closure(node) {
			const unit = this.scopes.unitOf.get(node);
			return unit === void 0 ? [] : [unit];
		}
	};
	function inside(place, container, change) {
		if (place.kind === "property" || container.tag !== "array") return container.tag === "int" ? INT : container;
		return array(join(container.item, change(container.item)));
	}
	function literalType(node) {
		const { literal } = node;
		switch (literal.type) {
			case "unit": return UNIT;
			case "bool": return BOOL;
			case "int": return typeof literal.value === "number" ? int$1(literal.value, literal.value) : INT;
			case "float": return FLOAT;
			case "char": return CHAR;
			case "string": return STRING;
			default: return literal;
		}
	}
	function libraryRange(args) {
		const [a, b] = args;
		return args.length === 2 && a?.tag === "int" && b?.tag === "int" ? binaryType("..", a, b) : ANY;
	}
	const harmless = new Set("len bytes is_empty contains get keys values map filter reduce reduce_rev some all find find_map index_of extract zip order order_by order_desc chars to_chars to_blob to_string to_debug to_json starts_with ends_with sub_string to_upper to_lower min max to_int to_float abs sign floor ceiling round int fraction sqrt exp ln log sin cos tan type_of is_shared bits get_bit get_bits".split(" "));
	function changes(name) {
		return !harmless.has(name);
	}
	function placeOf$1(source, offset) {
		let line = 1;
		let lineStart = 0;
		for (let at = source.indexOf("\n"); at !== -1 && at < offset; at = source.indexOf("\n", at + 1)) {
			line += 1;
			lineStart = at + 1;
		}
		return {
			line,
			column: columnOf(source, lineStart, offset)
		};
	}
	function locatorOf(source) {
		const starts = [0];
		for (let at = source.indexOf("\n"); at !== -1; at = source.indexOf("\n", at + 1)) starts.push(at + 1);
		const low = Array.from(source.matchAll(/[\udc00-\udfff]/g), ({ index }) => index);
		return (offset) => {
			const line = countBelow(starts, offset + 1);
			const start = starts[line - 1] ?? 0;
			return {
				line,
				column: 1 + offset - start - (countBelow(low, offset) - countBelow(low, start))
			};
		};
	}
	function countBelow(sorted, end) {
		let [from, to] = [0, sorted.length];
		while (from < to) {
			const middle = from + to >> 1;
			if ((sorted[middle] ?? 0) < end) from = middle + 1;
			else to = middle;
		}
		return from;
	}
	function columnOf(source, lineStart, offset) {
		let column = 1;
		for (let i = lineStart; i < offset; i++) {
			const code = source.charCodeAt(i);
			if (code < 56320 || code > 57343) column += 1;
		}
		return column;
	}
	function diagnosticOf(source, finding) {
		const { line, column } = placeOf$1(source, finding.start);
		return {
			code: finding.code,
			...finding.lex === void 0 ? {} : { lex: finding.lex },
			message: finding.message,
			start: finding.start,
			end: Math.max(finding.start, finding.end),
			line,
			column,
			severity: "error",
			...hintOf(finding)
		};
	}
	function hintOf({ code, message, hint }) {
		const text = hint ?? hintFor(code, message);
		return text === void 0 ? {} : { hint: text };
	}
	function hintFor(code, message) {
		if (code === "UnknownOperator") {
			if (message.includes("++")) return "write `x += 1`";
			return message.includes("--") ? "write `x -= 1`" : void 0;
		}
		if (code === "Reserved" && !message.includes("keyword")) return void 0;
		if (code === "MissingToken" && !message.startsWith("Expecting ';'")) return void 0;
		return hints[code];
	}
	const hints = {
		Reserved: "take another name; as a property it has to be quoted: `m[\"name\"]`, `#{\"name\": 1}`",
		PropertyExpected: "a word of the language has to be quoted: `m[\"fn\"]`; a number needs digits after its point: `5.0`",
		AssignmentToConstant: "declare it with `let` to change it",
		LoopBreak: "`break` and `continue` belong to `while`, `loop`, `do` and `for`; `return` leaves a function",
		WrongFnDefinition: "define it at the top of the script, or write a closure: `let f = |x| x + 1;`, called by `f.call(1)`",
		ExprTooDeep: "put parts of it into variables or functions",
		WrongSwitchIntegerCase: "put single numbers before ranges",
		WrongSwitchCaseCondition: "`_` takes all that is left: ask inside its block",
		VariableUndefined: "functions see their parameters only, not the variables of the script",
		MissingToken: "an assignment has no value, so it can't stand inside another statement or an expression"
	};
	function importsOf(program) {
		const paths = new Set();
		const pieces = [...program.body, ...program.functions.flatMap((one) => one.body.body)];
		pieces.reverse();
		for (let piece = pieces.pop(); piece !== void 0; piece = pieces.pop()) {
			const path = pathOf(piece);
			if (path !== void 0) paths.add(path);
			for (const inside of insideOf(piece).toReversed()) pieces.push(inside);
		}
		return [...paths];
	}
	function pathOf(piece) {
		if (piece.kind !== "import" || piece.path.kind !== "literal") return void 0;
		const { literal } = piece.path;
		return literal.type === "string" ? literal.value : void 0;
	}
	function insideOf(piece) {
		return piece.kind === "closure" ? piece.body.body : children(piece);
	}
	function constant(text, form = "value") {
		return {
			text,
			form,
			weight: "constant",
			isPlace: false
		};
	}
	function read(text, form = "value") {
		return {
			text,
			form,
			weight: "read",
			isPlace: form === "value"
		};
	}
	function effect(text, form = "value", isPlace = false) {
		return {
			text,
			form,
			weight: "effect",
			isPlace
		};
	}
	const unit$1 = constant("undefined");
	function boxed(code) {
		return code.form === "float" ? code.box ?? `new Float(${code.text})` : code.text;
	}
	function mark(...places) {
		return `\n\u0001${places.join(",")}\u0002`;
	}
	function quote(text) {
		const quoted = JSON.stringify(text);
		if (!/[\u007f-\uffff]/.test(quoted)) return quoted;
		return quoted.replaceAll(/[\u007f-\uffff]/g, (unit_) => `\\u${unit_.charCodeAt(0).toString(16).padStart(4, "0")}`);
	}
	function costOf(body) {
		let sum = 0;
		for (const statement of body) sum += cost(statement);
		return sum;
	}
	function costOfLoop(condition, block) {
		return 1 + (condition === void 0 ? 0 : cost(condition)) + costOf(block.body);
	}
	function extraOfBranches({ then, otherwise }) {
		const costs = [costOf(then.body), otherwise === void 0 ? 0 : costOf(otherwise.body)];
		const least = Math.min(...costs);
		return [costs[0] - least, costs[1] - least];
	}
	function extraOfArms(node) {
		const costs = node.arms.map((arm) => cost(armStatement(arm)));
		const least = leastOfArms(node, costs);
		return costs.map((one) => one - least);
	}
	function leastOfArms({ arms }, costs) {
		return arms.some((arm) => arm.patterns.length === 0) ? Math.min(...costs) : 0;
	}
	function cost(piece) {
		switch (piece.kind) {
			case "expression": return (isCounted(piece.expression) ? 0 : 1) + cost(piece.expression);
			case "assign": return 1 + cost(piece.value) + (piece.target.kind === "variable" ? 0 : cost(piece.target));
			case "try": return 1 + costOf(piece.body.body);
			case "if": {
				const { then, otherwise } = piece;
				const least = otherwise === void 0 ? 0 : Math.min(costOf(then.body), costOf(otherwise.body));
				return 1 + cost(piece.condition) + least;
			}
			case "switch": {
				const costs = piece.arms.map((arm) => cost(armStatement(arm)));
				return 1 + cost(piece.value) + leastOfArms(piece, costs);
			}
			case "while":
			case "do":
			case "loop":
			case "for": return sumOf(operands(piece));
			default: return sumOf(children(piece));
		}
	}
	function sumOf(pieces) {
		let sum = 1;
		for (const piece of pieces) sum += cost(piece);
		return sum;
	}
	function isCounted({ kind }) {
		return kind === "if" || kind === "switch" || kind === "while" || kind === "do" || kind === "loop" || kind === "for" || kind === "block-expression";
	}
	const never = {
		isHost: false,
		isHandle: false,
		isDirect: false,
		isDynamic: false
	};
	var Output = class {
		scopes;
		options;
		functions = [];
		capturing = new Set();
		pointed = new Set();
		usesEval = false;
		usesMetadata = false;
		outlined = [];
		outlineCount = 0;
		tagged;
		needsGlobals;
		names = new Set(["Float"]);
		latePool = new Map();
		pool = new Map();
		constructor(scopes, options) {
			this.scopes = scopes;
			this.options = options;
			this.tagged = options.tagged;
			this.needsGlobals = scopes.units.some((unit) => unit.isDynamic) || [...scopes.uses.values()].some((use) => use.kind === "global");
		}
		site(node) {
			const { colours, isOpen } = this.options;
			const known = colours.sites.get(node) ?? never;
			return isOpen && colours.coloured.size > 0 ? {
				...known,
				isDynamic: true
			} : known;
		}
		isColoured(unit) {
			return this.options.colours.coloured.has(unit);
		}
		hostFunction(key) {
			return this.options.host?.functions.get(key);
		}
		isHostSpace(space) {
			for (const key of this.options.host?.functions.keys() ?? []) if (key.startsWith(`${space}::`)) return true;
			return false;
		}
		hostNames() {
			const { host } = this.options;
			const [functions, methods] = [host?.functions, host?.methods].map((names) => JSON.stringify([...names ?? []]));
			return this.constant(`{ functions: ${functions}, methods: ${methods} }`);
		}
		outlineName() {
			this.outlineCount++;
			return `o${this.outlineCount}$`;
		}
		rt(name) {
			this.names.add(name);
			return name;
		}
		constant(text) {
			let name = this.pool.get(text);
			if (name === void 0) this.pool.set(text, name = `k${this.pool.size + 1}`);
			return name;
		}
		late(text) {
			let name = this.latePool.get(text);
			if (name === void 0) this.latePool.set(text, name = `l${this.latePool.size + 1}`);
			return name;
		}
		native(name, arity, waits = false) {
			if (name === "get_fn_metadata_list") this.usesMetadata = true;
			return this.constant(`${this.rt(waits ? "nativeA" : "native")}(${quote(name)}, ${arity})`);
		}
		method(name, arity, waits = false) {
			return this.constant(`${this.rt(waits ? "methodA" : "method")}(${quote(name)}, ${arity})`);
		}
		head() {
			const names = [...this.names].toSorted();
			const pool = [...this.pool, ...this.latePool].map(([text, name]) => `const ${name} = ${text};`);
			return [`const { ${names.join(", ")} } = rt;`, ...pool];
		}
	};
	const discard = { kind: "discard" };
	const CHARGE_MIN = 3;
	var Frame = class Frame {
		unit;
		output;
		chapters;
		isDynamic;
		isColoured;
		lines = [];
		loops = [];
		caught = [];
		tries = 0;
		variables = 0;
		exports = [];
		scratches = [];
		rewindsTo;
		leaving = "";
		count;
		constructor(unit, output, chapters, form) {
			this.unit = unit;
			this.output = output;
			this.chapters = chapters;
			this.isDynamic = form.isDynamic;
			this.isColoured = form.isColoured;
			this.count = 0;
		}
		outlined(leaving) {
			const inner = new Frame(this.unit, this.output, this.chapters, {
				isDynamic: false,
				isColoured: false
			});
			inner.leaving = leaving;
			inner.variables = this.variables;
			return inner;
		}
		append(lines) {
			for (const line of lines) this.lines.push(line);
		}
		line(text) {
			this.lines.push(text);
		}
		temp() {
			this.count++;
			return `t${this.count}`;
		}
		scratch() {
			const name = `${this.temp()}s`;
			this.scratches.push(name);
			return name;
		}
		type(node) {
			return this.isDynamic ? ANY : this.output.options.types.of(node);
		}
		isRaw(binding) {
			if (this.isDynamic || binding.isShared || binding.kind !== "let" && binding.kind !== "const") return false;
			return this.output.options.types.ofBinding(binding).tag === "float";
		}
		valueOf(binding) {
			return this.isRaw(binding) ? `new ${this.rt("Float")}(${this.name(binding)})` : this.name(binding);
		}
		expression(node) {
			return this.chapters.expression(this, node);
		}
		collect(write) {
			const outer = this.lines;
			this.lines = [];
			const result = write();
			const { lines } = this;
			this.lines = outer;
			return {
				lines,
				result
			};
		}
		hold(code, isCopy = false) {
			if (code.weight === "constant") return code;
			const name = this.temp();
			const text = isCopy && code.isPlace ? this.copied(code) : code.text;
			this.line(`const ${name} = ${text};`);
			return {
				text: name,
				form: code.form,
				weight: "constant",
				isPlace: code.isPlace && !isCopy
			};
		}
		copyNow(code) {
			return code.isPlace ? this.hold({
				...code,
				text: this.copied(code),
				weight: "effect",
				isPlace: false
			}) : code;
		}
		copied(code) {
			return code.isPlace ? `${this.rt("copy")}(${code.text})` : boxed(code);
		}
		rt(name) {
			return this.output.rt(name);
		}
		call(at, name, ...args) {
			return `${mark(at)}${this.rt(name)}(${args.join(", ")})`;
		}
		callFunction(at, callee, args) {
			return this.waited(at, this.functionName(callee), args, this.output.isColoured(callee));
		}
		callPointer(node, pointer, self, args) {
			return this.callTwin(node, "callFn", [
				pointer,
				self,
				`[${args.join(", ")}]`
			]);
		}
		callTwin(node, name, args, at = [node.at]) {
			const { isDynamic, isDirect } = this.output.site(node);
			const waits = isDynamic || isDirect;
			return this.waited(at, this.rt(waits ? `${name}A` : name), args, waits);
		}
		waited(at, callee, args, waits) {
			const text = `${callee}(${args.join(", ")})`;
			const start = typeof at === "number" ? mark(at) : mark(...at);
			return waits ? `(${start}yield* ${text})` : `${start}${text}`;
		}
		askHost(at, name, args) {
			return this.call(at, "reply", `yield ${this.rt("hostCall")}(${quote(name)}, [${args.join(", ")}])`);
		}
		functionName(callee) {
			return `f$${callee.name}$${callee.id}`;
		}
		name(binding) {
			return `${binding.name}$${binding.id}`;
		}
		pay(cost, at) {
			this.line(`if ((${this.rt("S")}.fuel -= ${cost}) < 0) ${this.call(at, "refuel")};`);
		}
		charge(extra) {
			if (extra >= CHARGE_MIN) this.line(`${this.rt("S")}.fuel -= ${extra};`);
		}
		markScope() {
			if (!this.isDynamic) return void 0;
			const name = this.temp();
			this.line(`const ${name} = d.names.length;`);
			return name;
		}
		rewindScope(mark_) {
			if (mark_ !== void 0) this.line(`${this.rt("rewindScope")}(d, ${mark_});`);
		}
		checkVariables(at) {
			const max = this.output.options.variablesMax;
			if (max !== 0 && this.variables >= max) this.line(`${this.call(at, "tooManyVariables")};`);
			this.variables++;
		}
		leave() {
			if (this.leaving !== "") {
				this.line(this.leaving);
				return;
			}
			this.rewindScope(this.rewindsTo);
			for (const text of this.exports) this.line(text);
			const { kind, changesThis } = this.unit;
			if (changesThis && kind !== "main") this.line(`${this.rt("S")}.self = self;`);
			if (kind !== "main") this.line(`${this.rt("S")}.depth--;`);
			this.line("return r;");
		}
	};
	function emitBlock(frame, block, target) {
		const scope = frame.markScope();
		const { variables } = frame;
		frame.chapters.body(frame, block.body, target);
		frame.variables = variables;
		frame.rewindScope(scope);
	}
	function emitPass(frame, block, pass) {
		frame.pay(pass.cost, firstPlace(block));
		const scope = frame.markScope();
		const loop = {
			result: pass.target.kind === "store" ? pass.target.name : void 0,
			next: pass.next ?? "continue;",
			stop: "break;"
		};
		frame.loops.push(loop);
		const { variables } = frame;
		if (scope !== void 0) frame.rewindScope(scope);
		frame.chapters.body(frame, block.body, discard);
		frame.variables = variables;
		frame.loops.pop();
		if (loop.label !== void 0) frame.lines[pass.header] = `${loop.label}: ${frame.lines[pass.header] ?? ""}`;
	}
	function emitLoopCondition(frame, node) {
		const outer = frame.loops.at(-1);
		if (outer === void 0 || !hasJump(node)) return frame.chapters.condition(frame, node);
		outer.label ??= `${frame.temp()}J`;
		const next = outer.next === "continue;" ? `continue ${outer.label};` : outer.next;
		frame.loops.push({
			...outer,
			next,
			stop: `break ${outer.label};`
		});
		const code = frame.chapters.condition(frame, node);
		frame.loops.pop();
		return code;
	}
	function hasJump(node) {
		return some(node, (piece) => piece.kind === "break" || piece.kind === "continue");
	}
	function firstPlace(block) {
		const [first] = block.body;
		return first === void 0 ? block.at : placeOf(first);
	}
	function placeOf(node) {
		if (node.kind === "assign") return node.value.at;
		return node.at;
	}
	const PAIRS_MAX = 64;
	function emitOperands(frame, nodes, forced = -1) {
		const parts = nodes.map((node) => frame.collect(() => frame.expression(node)));
		const lastEffect = nodes.findLastIndex((node) => hasEffects(node));
		const touched = nodes.map((node, index) => {
			if (index >= lastEffect || parts[index]?.result.isPlace !== true) return false;
			if (nodes.length > PAIRS_MAX) return true;
			return nodes.slice(index + 1, lastEffect + 1).some((later) => touches(frame, later, node));
		});
		const last = parts.findLastIndex((part) => part.lines.length > 0);
		const held = Math.max(last - 1, forced, touched.lastIndexOf(true));
		return parts.map(({ lines, result }, index) => {
			for (const line of lines) frame.line(line);
			if (index > held || result.weight === "constant" && !result.isPlace) return result;
			return frame.hold(result, touched[index]);
		});
	}
	function emitArguments(frame, nodes) {
		const [first, ...others] = nodes;
		if (first?.kind !== "variable" || !others.some((other) => touches(frame, other, first))) return emitOperands(frame, nodes);
		const rest = emitOperands(frame, others).map((code) => frame.hold(code));
		return [frame.expression(first), ...rest];
	}
	function touches(frame, later, place) {
		const base = baseOf(place);
		if (base.kind === "this") return hasEffects(later);
		if (base.kind !== "variable") return false;
		if (frame.isDynamic) return hasEffects(later);
		const { uses } = frame.output.scopes;
		const use = uses.get(base);
		return use?.kind === "binding" && mayTouch(later, use.binding, uses);
	}
	const scalars = new Set([
		"int",
		"float",
		"bool",
		"string",
		"char",
		"unit"
	]);
	function emitFor(frame, node, target) {
		const scope = frame.markScope();
		frame.line("{");
		const { iterable } = node;
		const value = iterable.kind === "binary" && (iterable.operator === ".." || iterable.operator === "..=") ? startRange(frame, iterable) : startItems(frame, node);
		const item = frame.output.scopes.declared.get(node);
		const counter = frame.output.scopes.counters.get(node);
		const count = counter === void 0 ? void 0 : frame.temp();
		const before = frame.lines.pop() ?? "";
		if (count !== void 0) frame.line(`let ${count} = 0;`);
		const { variables } = frame;
		const counts = counter === void 0 || count === void 0 ? void 0 : openVariable(frame, counter);
		const items = item === void 0 ? void 0 : openVariable(frame, item);
		frame.variables += counter === void 0 ? 1 : 2;
		const header = frame.lines.length;
		frame.line(before);
		if (counts !== void 0) counts(`${count}++`);
		items?.(value);
		emitPass(frame, node.body, {
			cost: costOfLoop(void 0, node.body),
			target,
			header
		});
		frame.line("}");
		frame.line("}");
		frame.variables = variables;
		frame.rewindScope(scope);
	}
	function openVariable(frame, binding) {
		if (frame.isDynamic) {
			const cell = frame.temp();
			frame.line(`const ${cell} = ${frame.rt("declareName")}(d, ${quote(binding.name)}, undefined, ${String(binding.isConst)});`);
			return (text) => frame.line(`${cell}.v = ${text};`);
		}
		const name = frame.name(binding);
		if (binding.isShared) {
			frame.line(`const ${name} = new ${frame.rt("Cell")}(undefined);`);
			return (text) => frame.line(`${name}.v = ${text};`);
		}
		return (text) => frame.line(`${binding.isAssigned ? "let" : "const"} ${name} = ${text};`);
	}
	function startRange(frame, node) {
		const [from, to] = emitOperands(frame, [node.left, node.right]);
		const low = boxed(from ?? constant("undefined"));
		const high = boxed(to ?? constant("undefined"));
		const isInclusive = node.operator === "..=";
		const i = frame.temp();
		const end = frame.temp();
		frame.line(`let ${i} = ${low}, ${end} = ${high};`);
		const isLess = `${i} <${isInclusive ? "=" : ""} ${end}`;
		if (from?.form === "int" && to?.form === "int") {
			frame.line(`for (; ${isLess}; ${i}++) {`);
			return i;
		}
		const wide = frame.temp();
		const made = frame.call(node.at, "wideRange", i, end, String(isInclusive));
		frame.line(`const ${wide} = typeof ${i} === "number" && typeof ${end} === "number" ? undefined : ${made};`);
		frame.line(`if (${wide} !== undefined) { ${i} = 0; ${end} = ${wide}.count; }`);
		frame.line(`for (; ${isLess}; ${i}++) {`);
		return `${wide} === undefined ? ${i} : ${wide}.at(${i})`;
	}
	function startItems(frame, node) {
		const code = frame.expression(node.iterable);
		const loop = frame.temp();
		const items = frame.temp();
		const i = frame.temp();
		frame.line(`const ${loop} = ${frame.call(node.iterable.at, "iterate", boxed(code))};`);
		frame.line(`let ${items} = ${loop}.items;`);
		const more = `${loop}.more !== undefined && (${items} = ${loop}.more(), ${i} = 0, ${items}.length > 0)`;
		frame.line(`for (let ${i} = 0; ${i} < ${items}.length || (${more}); ${i}++) {`);
		const { tag } = elementType(frame.type(node.iterable));
		return scalars.has(tag) ? `${items}[${i}]` : `${frame.rt("copy")}(${items}[${i}])`;
	}
	function canOutline(frame, node) {
		if (!frame.isColoured || frame.isDynamic || frame.output.tagged.size > 0) return false;
		if (operands(node).some(hasJump)) return false;
		if (frame.tries > 0 && liveIn(frame, node).changed.length > 0) return false;
		return !some(node, (piece) => {
			if (piece.kind === "this") return frame.unit.changesThis;
			if (piece.kind === "throw") return piece.value === void 0 && frame.caught.length > 0;
			return waits(frame, piece);
		});
	}
	function waits(frame, piece) {
		switch (piece.kind) {
			case "call":
			case "method":
			case "binary":
			case "import": {
				const { isHost, isHandle, isDirect, isDynamic } = frame.output.site(piece);
				return isHost || isHandle || isDirect || isDynamic;
			}
			default: return false;
		}
	}
	function emitOutlined(frame, node, target, write) {
		const live = liveIn(frame, node);
		const results = live.changed.map((binding) => frame.name(binding));
		if (target.kind === "store") results.push("v");
		const name = frame.output.outlineName();
		const numbers = live.changed.filter((binding) => isMaybeWide(frame, binding));
		const write1 = (suffix, narrowed) => {
			const inner = frame.outlined(live.returns ? `return [${[
				"true",
				"r",
				...results
			].join(", ")}];` : "");
			inner.line(`function ${name}${suffix}(${parameters$1(frame, live).join(", ")}) {`);
			const top = inner.lines.push("") - 1;
			for (const binding of narrowed) inner.line(`${frame.name(binding)} = +${frame.name(binding)};`);
			write(inner, target.kind === "store" ? {
				kind: "store",
				name: "v"
			} : target);
			inner.line(resultLine(live, results));
			inner.line("}");
			inner.lines[top] = `let ${[
				"r",
				"v",
				...inner.scratches
			].join(", ")};`;
			frame.output.outlined.push(inner.lines.join("\n"));
		};
		write1("", [...numbers, ...live.changed.filter((binding) => isNarrow(frame, binding))]);
		if (numbers.length > 0) write1("w", []);
		emitUse(frame, {
			name,
			numbers,
			live,
			results,
			target
		});
	}
	function resultLine(live, results) {
		if (live.returns) return `return [${[
			"false",
			"undefined",
			...results
		].join(", ")}];`;
		return results.length === 1 ? `return ${results[0] ?? ""};` : `return [${results.join(", ")}];`;
	}
	function emitUse(frame, { name, numbers, live, results, target }) {
		const args = parameters$1(frame, live).join(", ");
		const test = numbers.map((binding) => `typeof ${frame.name(binding)} === "number"`).join(" && ");
		const call = test === "" ? `${name}(${args})` : `(${test} ? ${name}(${args}) : ${name}w(${args}))`;
		const places = results.map((result) => result === "v" && target.kind === "store" ? target.name : result);
		if (!live.returns) {
			if (places.length === 0) frame.line(`${call};`);
			else frame.line(`${places.length === 1 ? places[0] : `[${places.join(", ")}]`} = ${call};`);
			return;
		}
		const done = frame.temp();
		frame.line(`let ${done};`);
		frame.line(`[${[
			done,
			"r",
			...places
		].join(", ")}] = ${call};`);
		frame.line(`if (${done}) {`);
		frame.leave();
		frame.line("}");
	}
	function parameters$1(frame, live) {
		const names = live.read.map((binding) => frame.name(binding));
		return live.usesThis ? [
			"self",
			"hasThis",
			...names
		] : names;
	}
	function isMaybeWide(frame, binding) {
		const type = frame.output.options.types.ofBinding(binding);
		return !binding.isShared && type.tag === "int" && !isSafe(type);
	}
	function isNarrow(frame, binding) {
		return frame.isRaw(binding) || !binding.isShared && isSafe(frame.output.options.types.ofBinding(binding));
	}
	function liveIn(frame, node) {
		const read = new Set();
		const changed = new Set();
		const inside = new Set();
		const { scopes } = frame.output;
		let usesThis = false;
		let returns = false;
		const use = (place, into) => {
			const base = place === void 0 ? void 0 : baseOf(place);
			const found = base?.kind === "variable" ? scopes.uses.get(base) : void 0;
			if (found?.kind === "binding") into.add(found.binding);
		};
		some(node, (piece) => {
			usesThis ||= piece.kind === "this";
			returns ||= piece.kind === "return";
			for (const binding of declaredBy(frame, piece)) inside.add(binding);
			if (piece.kind === "variable") use(piece, read);
			if (piece.kind === "export") {
				const binding = scopes.exported.get(piece);
				if (binding !== void 0) read.add(binding);
			}
			if (piece.kind === "assign" || piece.kind === "method") use(piece.target, changed);
			if (piece.kind === "call") use(piece.args[0], changed);
			if (piece.kind === "closure") {
				for (const { outer } of scopes.unitOf.get(piece)?.captures ?? []) if (outer !== void 0) read.add(outer);
			}
			return false;
		});
		const isOuter = (binding) => !inside.has(binding);
		return {
			read: [...read].filter(isOuter),
			changed: [...changed].filter((one) => isOuter(one) && !one.isShared && one.isAssigned && !one.isConst),
			usesThis,
			returns
		};
	}
	function declaredBy(frame, piece) {
		const { declared, counters } = frame.output.scopes;
		if (piece.kind !== "let" && piece.kind !== "for" && piece.kind !== "try") return [];
		const counter = piece.kind === "for" ? counters.get(piece) : void 0;
		return [declared.get(piece), counter].filter((binding) => binding !== void 0);
	}
	function settle(frame, code, target) {
		if (target.kind === "store") {
			frame.line(`${target.name} = ${frame.copied(code)};`);
			return;
		}
		if (code.weight === "effect") frame.line(`${code.text};`);
	}
	function declareVariable(frame, binding, text) {
		if (frame.isDynamic) {
			frame.line(`${frame.rt("declareName")}(d, ${quote(binding.name)}, ${text}, ${String(binding.isConst)});`);
			return;
		}
		if (binding.isShared) {
			frame.line(`const ${frame.name(binding)} = new ${frame.rt("Cell")}(${text});`);
			return;
		}
		frame.line(`${binding.isAssigned ? "let" : "const"} ${frame.name(binding)} = ${text};`);
	}
	function emitSwitch(frame, node, target) {
		const code = frame.expression(node.value);
		const value = frame.hold({
			...code,
			text: boxed(code),
			form: "value"
		}).text;
		if (node.arms.some(isMixed)) {
			emitMixed(frame, node, value, target);
			return;
		}
		const label = `${frame.temp()}L`;
		frame.line(`${label}: {`);
		const extras = extraOfArms(node);
		for (const kind of ["value", "range"]) node.arms.forEach((arm, index) => {
			const test = testsOf(frame, value, arm, kind);
			if (test !== void 0) emitArm(frame, arm, {
				test,
				label,
				target,
				extra: extras[index] ?? 0
			});
		});
		node.arms.forEach((arm, index) => {
			if (arm.patterns.length === 0) emitArm(frame, arm, {
				test: void 0,
				label,
				target,
				extra: extras[index] ?? 0
			});
		});
		frame.line("}");
	}
	function isMixed({ patterns }) {
		return new Set(patterns.map((pattern) => pattern.kind)).size > 1;
	}
	function emitMixed(frame, node, value, target) {
		const found = frame.temp();
		const round = frame.temp();
		const label = `${frame.temp()}L`;
		frame.line(`let ${found} = -1;`);
		frame.line(`${label}: for (let ${round} = 0; ${round} < 2; ${round}++) {`);
		node.arms.forEach((arm, index) => {
			if (arm.patterns.length === 0) return;
			const [first, second] = ["value", "range"].map((kind) => testsOf(frame, value, arm, kind) ?? "false");
			frame.line(`if (${round} === 0 ? ${first} : ${second}) {`);
			const scope = frame.markScope();
			const guard = arm.guard === void 0 ? "true" : frame.chapters.condition(frame, arm.guard).text;
			frame.line(`if (${guard}) { ${found} = ${index}; break ${label}; }`);
			frame.rewindScope(scope);
			frame.line("}");
		});
		frame.line("}");
		const extras = extraOfArms(node);
		node.arms.forEach((arm, index) => {
			const test = arm.patterns.length === 0 ? `${found} === -1` : `${found} === ${index}`;
			frame.line(`if (${test}) {`);
			const scope = frame.markScope();
			frame.charge(extras[index] ?? 0);
			frame.chapters.statement(frame, armStatement(arm), target);
			frame.rewindScope(scope);
			frame.line("}");
		});
	}
	function testsOf(frame, value, arm, kind) {
		const tests = arm.patterns.filter((pattern) => pattern.kind === kind).map((pattern) => testOf(frame, value, pattern));
		return tests.length === 0 ? void 0 : tests.join(" || ");
	}
	function emitArm(frame, arm, { test, label, target, extra }) {
		frame.line(test === void 0 ? "{" : `if (${test}) {`);
		const scope = frame.markScope();
		if (arm.guard !== void 0) frame.line(`if (${frame.chapters.condition(frame, arm.guard).text}) {`);
		frame.charge(extra);
		frame.chapters.statement(frame, armStatement(arm), target);
		frame.rewindScope(scope);
		frame.line(`break ${label};`);
		if (arm.guard !== void 0) frame.line("}");
		frame.line("}");
	}
	function testOf(frame, value, pattern) {
		if (pattern.kind === "range") {
			const ends = [pattern.from, pattern.to].map((end) => typeof end === "bigint" ? `${end}n` : String(end));
			return `${frame.rt("isInCase")}(${value}, ${ends.join(", ")}, ${String(pattern.isInclusive)})`;
		}
		const literal = pattern.value;
		const { lines, result } = frame.collect(() => frame.expression(literal));
		frame.append(lines);
		return isIdentical(literal) ? `${value} === ${result.text}` : `${frame.rt("isSameCase")}(${value}, ${boxed(result)})`;
	}
	function isIdentical(literal) {
		return literal.kind === "literal" && literal.literal.type !== "float";
	}
	function emitInto(frame, node, target) {
		switch (node.kind) {
			case "block-expression":
				frame.line("{");
				emitBlock(frame, node.block, target);
				frame.line("}");
				return;
			case "if":
				emitIf(frame, node, target);
				return;
			case "switch":
				emitSwitch(frame, node, target);
				return;
			case "while":
			case "loop":
			case "do":
			case "for":
				if (canOutline(frame, node)) emitOutlined(frame, node, target, (inner, into) => emitLoopHere(inner, node, into));
				else emitLoopHere(frame, node, target);
				return;
			default: settle(frame, frame.expression(node), target);
		}
	}
	function emitLoopHere(frame, node, target) {
		switch (node.kind) {
			case "while":
				emitWhile(frame, node, target);
				return;
			case "loop":
				emitLoop(frame, node, target);
				return;
			case "do":
				emitDo(frame, node, target);
				return;
			case "for": emitFor(frame, node, target);
		}
	}
	function emitIf(frame, node, target) {
		const condition = frame.chapters.condition(frame, node.condition);
		const [then, otherwise] = extraOfBranches(node);
		frame.line(`if (${condition.text}) {`);
		frame.charge(then);
		emitBlock(frame, node.then, target);
		if (node.otherwise !== void 0) {
			frame.line("} else {");
			frame.charge(otherwise);
			emitBlock(frame, node.otherwise, target);
		}
		frame.line("}");
	}
	function emitWhile(frame, node, target) {
		const scope = frame.markScope();
		const header = frame.lines.length;
		const { lines, result } = frame.collect(() => emitLoopCondition(frame, node.condition));
		if (lines.length === 0) frame.line(`while (${result.text}) {`);
		else {
			frame.line("for (;;) {");
			frame.append(lines);
			frame.line(`if (!(${result.text})) break;`);
		}
		emitPass(frame, node.body, {
			cost: costOfLoop(node.condition, node.body),
			target,
			header
		});
		frame.line("}");
		frame.rewindScope(scope);
	}
	function emitLoop(frame, node, target) {
		const scope = frame.markScope();
		const header = frame.lines.length;
		frame.line("for (;;) {");
		emitPass(frame, node.body, {
			cost: costOfLoop(void 0, node.body),
			target,
			header
		});
		frame.line("}");
		frame.rewindScope(scope);
	}
	function emitDo(frame, node, target) {
		const scope = frame.markScope();
		const label = `${frame.temp()}L`;
		const header = frame.lines.length;
		frame.line("for (;;) {");
		frame.line(`${label}: {`);
		emitPass(frame, node.body, {
			cost: costOfLoop(node.condition, node.body),
			target,
			header,
			next: `break ${label};`
		});
		frame.line("}");
		frame.rewindScope(scope);
		const condition = emitLoopCondition(frame, node.condition);
		frame.line(`if (${node.isUntil ? "" : "!"}(${condition.text})) break;`);
		frame.line("}");
		frame.rewindScope(scope);
	}
	function emitImport(frame, node) {
		const path = boxed(frame.expression(node.path));
		const alias = frame.output.scopes.aliases.get(node);
		const name = alias?.isTop === true ? quote(alias.name) : "undefined";
		const into = `{ table: G, id: ${alias?.id ?? -1}, name: ${name} }`;
		const site = frame.output.site(node);
		const waits = site.isDirect || site.isDynamic;
		const callee = frame.rt(waits ? "importModuleA" : "importModule");
		frame.line(`${frame.waited(node.path.at, callee, [
			"M",
			path,
			into
		], waits)};`);
	}
	function emitExport(frame, node, own) {
		const binding = own ?? ("kind" in node ? frame.output.scopes.exported.get(node) : void 0);
		const name = quote((node.alias ?? node.name).text);
		if (binding === void 0) {
			frame.line(`${frame.call(node.name.at, "variableNotFound", quote(node.name.text))};`);
			return;
		}
		const place = binding.isShared ? `${frame.name(binding)}.v` : frame.valueOf(binding);
		const value = frame.isDynamic ? frame.call(node.at, "readName", "d", quote(binding.name)) : place;
		const text = `${frame.rt("exportVariable")}(G, ${name}, ${frame.rt("copy")}(${value}));`;
		frame.line(text);
		if (binding.isAssigned || binding.isShared || frame.isDynamic) frame.exports.push(text);
	}
	function aliasText(frame, alias) {
		return frame.output.late(`{ table: G, id: ${alias?.id ?? -1} }`);
	}
	function pathText(frame, namespace) {
		return frame.output.constant(`[${namespace.map((name) => quote(name.text)).join(", ")}]`);
	}
	function emitModuleVariable(frame, node) {
		const use = frame.output.scopes.uses.get(node);
		const alias = use?.kind === "module" ? use.alias : void 0;
		const path = pathText(frame, node.namespace);
		const at = node.namespace[0]?.at ?? node.at;
		return effect(frame.call(at, "moduleVariable", aliasText(frame, alias), path, quote(node.name)), "value", true);
	}
	function emitModuleCall(frame, node) {
		const known = frame.output.scopes.modules.get(node);
		if (known === void 0) {
			const outside = emitOutside(frame, node);
			if (outside !== void 0) return outside;
		}
		const alias = aliasText(frame, known);
		const path = pathText(frame, node.namespace);
		const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
		const at = known === void 0 ? node.namespace[0]?.at ?? node.at : node.at;
		const site = frame.output.site(node);
		const waits = site.isDirect || site.isDynamic;
		const callee = frame.rt(waits ? "callModuleA" : "callModule");
		return effect(frame.waited(at, callee, [
			alias,
			path,
			quote(node.name),
			`[${args.join(", ")}]`
		], waits));
	}
	function emitOutside(frame, node) {
		const path = node.namespace.map((name) => name.text);
		const key = `${node.name}/${node.args.length}`;
		const name = [...path, node.name].join("::");
		const host = frame.output.hostFunction(`${name}/${node.args.length}`);
		if (host !== void 0) return emitHostCall(frame, node, {
			name,
			host
		});
		const own = path.length === 1 && path[0] === "global" ? frame.output.scopes.functions.get(key)?.[0] : void 0;
		if (own === void 0) return frame.output.isHostSpace(path.join("::")) ? emitHostCall(frame, node, {
			name,
			host: { suspends: false }
		}) : void 0;
		const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
		return effect(frame.callFunction(node.at, own, ["undefined", ...args]));
	}
	function emitHostCall(frame, node, { name, host }) {
		const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
		if (host.suspends) return effect(frame.askHost(node.at, name, args));
		return effect(frame.call(node.at, "callHost", quote(name), `[${args.join(", ")}]`));
	}
	const bitwise = new Set([
		"&",
		"|",
		"^"
	]);
	function isWithin(type, lo, hi) {
		return type.tag === "int" && type.lo >= lo && type.hi <= hi;
	}
	const INT_32 = [-(2 ** 31), 2 ** 31 - 1];
	function bitOperation(operator, a, b) {
		if (operator === "<<" || operator === ">>") return shift(operator, a, b);
		if (!bitwise.has(operator) || !isSafe(a.type) || !isSafe(b.type)) return void 0;
		const text = `${a.text} ${operator} ${b.text}`;
		if (isWithin(a.type, ...INT_32) && isWithin(b.type, ...INT_32)) return `(${text})`;
		const isMask = isWithin(a.type, 0, 2 ** 31 - 1) || isWithin(b.type, 0, 2 ** 31 - 1);
		if (operator === "&" && isMask) return `(${text})`;
		return isWithin(a.type, 0, 2 ** 32 - 1) && isWithin(b.type, 0, 2 ** 32 - 1) ? `((${text}) >>> 0)` : void 0;
	}
	function shift(operator, a, b) {
		if (!isSafe(a.type) || b.type.tag !== "int" || b.type.lo < 0 || b.type.hi > 31) return void 0;
		if (operator === ">>" && isWithin(a.type, ...INT_32)) return `(${a.text} >> ${b.text})`;
		if (!/^\d+$/.test(b.text) || a.type.tag !== "int") return void 0;
		const factor = 2 ** b.type.lo;
		if (operator === ">>") return `Math.floor(${a.text} / ${factor})`;
		return a.type.lo * factor >= Number.MIN_SAFE_INTEGER && a.type.hi * factor <= Number.MAX_SAFE_INTEGER ? `(${a.text} * ${factor})` : void 0;
	}
	function refined(code, type) {
		if (code.form !== "value") return code;
		const { tag } = type;
		if (tag === "float") return {
			...code,
			text: `${atom(code.text)}.v`,
			form: "float",
			isPlace: false,
			box: code.text
		};
		if (tag === "bool") return {
			...code,
			form: "bool",
			isPlace: false
		};
		if (tag === "int") return {
			...code,
			form: isSafe(type) ? "int" : "value",
			isPlace: false
		};
		return tag === "string" || tag === "char" || tag === "unit" ? {
			...code,
			isPlace: false
		} : code;
	}
	const NAME = /^[\w$]+(\.v)?$/;
	const SIMPLE = /^([\w$]+(\.v)?|\(-\d+\))$/;
	function atom(text) {
		return NAME.test(text) ? text : `(${text})`;
	}
	function twice(frame, text) {
		if (SIMPLE.test(text)) return {
			first: "",
			name: text
		};
		const name = frame.scratch();
		return {
			first: `${name} = ${text}, `,
			name
		};
	}
	function numberOf({ code, type }) {
		if (code.form === "float" || code.form === "int") return code.text;
		return type.tag === "float" ? `${atom(code.text)}.v` : `Number(${code.text})`;
	}
	function rawFloat(code) {
		return code.form === "float" ? code.text : `${atom(code.text)}.v`;
	}
	function isNumeric(type) {
		return type.tag === "int" || type.tag === "float";
	}
	function typedOperation(frame, operation, a, b) {
		if (isNumeric(a.type) && isNumeric(b.type)) {
			if (a.type.tag === "int" && b.type.tag === "int") return intOperation(frame, operation, a, b);
			return floatOperation(frame, operation, a, b);
		}
		const { operator } = operation;
		if (operator === "+") return concatenation(frame, operation, a, b);
		if (a.type.tag !== b.type.tag) return void 0;
		if (a.type.tag === "string" || a.type.tag === "bool") {
			if (operator === "==") return pure(`(${a.code.text} === ${b.code.text})`, "bool", a, b);
			if (operator === "!=") return pure(`(${a.code.text} !== ${b.code.text})`, "bool", a, b);
		}
	}
	function concatenation(frame, { at, isAssignment }, a, b) {
		if (a.type.tag !== "string" && b.type.tag !== "string") return void 0;
		const left = pieceText(a);
		const right = pieceText(b);
		if (left === void 0 || right === void 0) return void 0;
		const isPlaceless = !isAssignment && isText(a.type) && isText(b.type);
		const args = [`${left} + ${right}`, ...isPlaceless ? ["true"] : []];
		return {
			...constant(frame.call(at, "checkString", ...args)),
			weight: "effect"
		};
	}
	function isText(type) {
		return type.tag === "string" || type.tag === "char";
	}
	function pieceText({ code, type }) {
		if (type.tag === "char") return `${atom(code.text)}.text`;
		return type.tag === "string" || type.tag === "int" || type.tag === "bool" ? code.text : void 0;
	}
	function pure(text, form, a, b) {
		const weights = [a.code.weight, b.code.weight];
		const weight = weights.includes("effect") ? "effect" : weights.includes("read") ? "read" : "constant";
		return {
			...constant(text, form),
			weight
		};
	}
	const comparisons$1 = new Set([
		"<",
		"<=",
		">",
		">="
	]);
	const arithmetic = new Set([
		"+",
		"-",
		"*",
		"/",
		"%"
	]);
	function floatOperation(frame, { operator }, a, b) {
		const x = numberOf(a);
		const y = numberOf(b);
		if (operator === "**") return pure(`${frame.rt("powFloats")}(${x}, ${y})`, "float", a, b);
		if (arithmetic.has(operator)) return pure(`(${x} ${operator} ${y})`, "float", a, b);
		if (comparisons$1.has(operator)) return pure(`(${x} ${operator} ${y})`, "bool", a, b);
		const distance = `Math.abs(${x} - ${y})`;
		if (operator === "==") return pure(`(${distance} <= 2.220446049250313e-16)`, "bool", a, b);
		return operator === "!=" ? pure(`(${distance} > 2.220446049250313e-16)`, "bool", a, b) : void 0;
	}
	function typedNegation(operator, operand, result) {
		if (operator !== "-") return void 0;
		if (operand.form === "float") return {
			...constant(`(-${operand.text})`, "float"),
			weight: operand.weight
		};
		if (operand.form === "int" && isSafe(result)) return {
			...operand,
			text: `(0 - ${operand.text})`
		};
	}
	function intOf$1(type) {
		return type.tag === "int" ? type : INT;
	}
	const slow = {
		"+": "addSlow",
		"-": "subSlow",
		"*": "mulSlow",
		"/": "divSlow",
		"%": "modSlow"
	};
	function intOperation(frame, operation, a, b) {
		const { operator } = operation;
		const [x, y] = [a.code.text, b.code.text];
		if (comparisons$1.has(operator)) return pure(`(${x} ${operator} ${y})`, "bool", a, b);
		if (operator === "==" || operator === "!=") return pure(`(${x} ${operator}= ${y})`, "bool", a, b);
		if (operator === "+" || operator === "-" || operator === "*") return checkedOperation(frame, operation, a, b);
		if (operator === "/" || operator === "%") return quotient(frame, operation, a, b);
		const bits = bitOperation(operator, {
			text: x,
			type: a.type
		}, {
			text: y,
			type: b.type
		});
		return bits === void 0 ? void 0 : pure(bits, "int", a, b);
	}
	function isNumberForm({ code, type }) {
		return code.form === "int" || isSafe(type);
	}
	function mayBeMinusZero(a, b) {
		return a.lo < 0 && b.lo <= 0 && b.hi >= 0 || b.lo < 0 && a.lo <= 0 && a.hi >= 0;
	}
	function checkedOperation(frame, operation, a, b) {
		const { operator, result } = operation;
		const plus = operator === "*" && mayBeMinusZero(intOf$1(a.type), intOf$1(b.type)) ? " + 0" : "";
		const compute = (x, y) => `${x} ${operator} ${y}${plus}`;
		if (isSafe(result) && isNumberForm(a) && isNumberForm(b)) return pure(`(${compute(a.code.text, b.code.text)})`, "int", a, b);
		const x = twice(frame, a.code.text);
		const y = twice(frame, b.code.text);
		const sum = frame.scratch();
		const { lo, hi } = intOf$1(result);
		const guards = [...guardOf(a, x.name), ...guardOf(b, y.name)];
		const bounds = [];
		const assigned = `(${sum} = ${compute(x.name, y.name)})`;
		if (!Number.isFinite(hi)) bounds.push(`${assigned} <= 9007199254740991`);
		if (!Number.isFinite(lo)) bounds.push(`${bounds.length === 0 ? assigned : sum} >= -9007199254740991`);
		if (bounds.length === 0) bounds.push(`(${assigned}, true)`);
		return whole(frame, operation, {
			first: x.first + y.first,
			test: [...guards, ...bounds],
			value: sum
		}, [x.name, y.name]);
	}
	function guardOf(operand, name) {
		return isNumberForm(operand) ? [] : [`typeof ${name} === "number"`];
	}
	function whole(frame, operation, fast, names) {
		const helper = frame.call(operation.at, slow[operation.operator] ?? "", ...names, String(!operation.isAssignment));
		return {
			...constant(`(${fast.first}${fast.test.join(" && ")} ? ${fast.value} : ${helper})`, isSafe(operation.result) ? "int" : "value"),
			weight: "effect"
		};
	}
	function quotient(frame, operation, a, b) {
		const { operator, result } = operation;
		const divisor = intOf$1(b.type);
		const plus = intOf$1(a.type).lo < 0 || operator === "/" && divisor.lo < 0 ? " + 0" : "";
		const compute = (x, y) => operator === "/" ? `Math.trunc(${x} / ${y})${plus}` : `${x} % ${y}${plus}`;
		const isNonzero = divisor.lo > 0 || divisor.hi < 0;
		if (isNonzero && isNumberForm(a) && isNumberForm(b)) return pure(`(${compute(a.code.text, b.code.text)})`, isSafe(result) ? "int" : "value", a, b);
		const x = twice(frame, a.code.text);
		const y = twice(frame, b.code.text);
		const test = [
			...guardOf(a, x.name),
			...guardOf(b, y.name),
			...isNonzero ? [] : [`${y.name} !== 0`]
		];
		return whole(frame, operation, {
			first: x.first + y.first,
			test,
			value: compute(x.name, y.name)
		}, [x.name, y.name]);
	}
	const floatFunctions = {
		sqrt: "Math.sqrt",
		floor: "Math.floor",
		ceiling: "Math.ceil",
		abs: "Math.abs",
		sin: "Math.sin",
		cos: "Math.cos",
		exp: "Math.exp",
		ln: "Math.log"
	};
	function emitIntrinsic(frame, node, receiver) {
		if (node.args.length > 0) return void 0;
		const type = frame.type(node.target);
		const { name } = node;
		if (name === "to_float" && type.tag === "int") return {
			...constant(numberOf({
				code: receiver,
				type
			}), "float"),
			weight: receiver.weight
		};
		const js = type.tag === "float" ? floatFunctions[name] : void 0;
		if (js !== void 0) return {
			...constant(`${js}(${rawFloat(receiver)})`, "float"),
			weight: receiver.weight
		};
		return emitProperty(frame, type, name, receiver);
	}
	function emitProperty(frame, type, name, object) {
		const text = propertyText(frame, type, name, object);
		return text === void 0 ? void 0 : {
			...text,
			weight: "effect",
			isPlace: false
		};
	}
	function propertyText(frame, type, name, object) {
		const text = boxed(object);
		if (type.tag === "string") {
			if (name === "len") return constant(`${frame.rt("charCount")}(${text})`, "int");
			return name === "is_empty" ? constant(`(${text} === "")`, "bool") : void 0;
		}
		if (type.tag !== "array") return void 0;
		if (name === "len") return constant(`${atom(text)}.items.length`, "int");
		return name === "is_empty" ? constant(`(${atom(text)}.items.length === 0)`, "bool") : void 0;
	}
	const receivers = {
		int: "int",
		float: "float",
		bool: "bool",
		string: "string",
		char: "char",
		array: "array",
		blob: "blob",
		range: "range"
	};
	function typedFunction(frame, type, name, arity) {
		const receiver = receivers[type.tag];
		if (receiver === void 0) return void 0;
		return frame.output.constant(`${frame.rt("nativeOf")}("${receiver}", ${JSON.stringify(name)}, ${arity})`);
	}
	const INT_END = 2 ** 63;
	function emitLowBits(frame, node) {
		const { left, right } = node;
		if (node.operator !== "%" || left.kind !== "binary" || isSafe(frame.type(left))) return void 0;
		const divisor = right.kind === "literal" && right.literal.type === "int" ? Number(right.literal.value) : 0;
		if (divisor < 2 || divisor > 2 ** 32 || !Number.isInteger(Math.log2(divisor))) return void 0;
		if (!(bound(frame, left) < INT_END)) return void 0;
		const { lines, result } = frame.collect(() => low(frame, left));
		return lines.length > 0 ? void 0 : {
			...constant(masked(result, divisor), "int"),
			weight: "effect"
		};
	}
	function masked(text, divisor) {
		return divisor === 2 ** 32 ? `(${text} >>> 0)` : `(${text} & ${divisor - 1})`;
	}
	function bound(frame, node) {
		const type = frame.type(node);
		if (type.tag !== "int" || type.lo < 0) return Infinity;
		if (isSafe(type)) return type.hi;
		if (node.kind !== "binary" || node.operator !== "+" && node.operator !== "*") return Infinity;
		const [a, b] = [bound(frame, node.left), bound(frame, node.right)];
		return node.operator === "+" ? a + b : a * b;
	}
	function low(frame, node) {
		if (node.kind !== "binary" || isSafe(frame.type(node))) return frame.expression(node).text;
		const [a, b] = [low(frame, node.left), low(frame, node.right)];
		return node.operator === "*" ? `Math.imul(${a}, ${b})` : `((${a} | 0) + (${b} | 0) | 0)`;
	}
	const helpers = {
		"+": "add",
		"-": "sub",
		"*": "mul",
		"/": "div",
		"%": "mod",
		"**": "pow",
		"<<": "shl",
		">>": "shr",
		"&": "bitAnd",
		"|": "bitOr",
		"^": "bitXor",
		"==": "eq",
		"!=": "ne",
		"<": "lt",
		"<=": "le",
		">": "gt",
		">=": "ge"
	};
	const comparisons = new Set([
		"==",
		"!=",
		"<",
		"<=",
		">",
		">="
	]);
	function emitUnary(frame, node) {
		const operand = frame.expression(node.operand);
		const typed = typedNegation(node.operator, operand, frame.type(node));
		if (typed !== void 0) return typed;
		if (node.operator === "!") {
			if (operand.form === "bool") return {
				...operand,
				text: `!${operand.text}`
			};
			return effect(frame.call(node.at, "not", boxed(operand)), "bool");
		}
		return effect(frame.call(node.at, node.operator === "-" ? "neg" : "plus", boxed(operand)));
	}
	function emitBinary(frame, node) {
		const { operator } = node;
		switch (operator) {
			case "&&":
			case "||": return emitLogic(frame, node, operator);
			case "??": return emitCoalesce(frame, node);
			case "in":
			case "!in": return emitIn(frame, node);
			case "..":
			case "..=": {
				const [from, to] = pair(frame, node.left, node.right);
				return effect(frame.call(node.at, "range", boxed(from), boxed(to), String(operator === "..=")));
			}
			default: {
				const fused = emitLowBits(frame, node) ?? emitModular(frame, node);
				if (fused !== void 0) return fused;
				const [left, right] = pair(frame, node.left, node.right);
				const a = {
					code: left,
					type: frame.type(node.left)
				};
				const b = {
					code: right,
					type: frame.type(node.right)
				};
				const typed = typedOperation(frame, {
					operator,
					at: node.at,
					isAssignment: false,
					result: frame.type(node)
				}, a, b);
				if (typed !== void 0) return typed;
				return effect(frame.call(node.at, helpers[operator], boxed(left), boxed(right)), comparisons.has(operator) ? "bool" : "value");
			}
		}
	}
	function emitModular(frame, { operator, left, right, at }) {
		if (operator !== "%" || left.kind !== "binary") return void 0;
		const product = left.operator === "+" ? left.left : left;
		if (product.kind !== "binary" || product.operator !== "*" || isSafe(frame.type(product))) return void 0;
		const nodes = [
			product.left,
			product.right,
			...product === left ? [] : [left.right],
			right
		];
		if (!nodes.every((node) => frame.type(node).tag === "int")) return void 0;
		const [a = "", b = "", ...rest] = emitOperands(frame, nodes).map(boxed);
		const [c, m = ""] = product === left ? ["0", rest[0]] : rest;
		return effect(frame.call(at, "mulAddMod", a, b, c ?? "", m));
	}
	function emitOperation(frame, node, place, value) {
		const operator = node.operator;
		const a = {
			code: place,
			type: frame.type(node.target)
		};
		const b = {
			code: value,
			type: frame.type(node.value)
		};
		const result = binaryType(operator, a.type, b.type);
		const typed = typedOperation(frame, {
			operator,
			at: node.operatorAt,
			isAssignment: true,
			result
		}, a, b);
		if (typed !== void 0) return typed;
		return refined(effect(frame.call(node.operatorAt, `${helpers[operator]}Assign`, boxed(place), boxed(value))), result);
	}
	function pair(frame, first, second) {
		const [a, b] = emitOperands(frame, [first, second]);
		if (a === void 0 || b === void 0) throw new Error("an operator without operands");
		return [a, b];
	}
	function emitCondition(frame, node) {
		const code = frame.expression(node);
		return code.form === "bool" ? code : effect(frame.call(node.at, "bool", boxed(code)), "bool");
	}
	function emitLogic(frame, node, operator) {
		const left = frame.chapters.condition(frame, node.left);
		const right = frame.collect(() => frame.chapters.condition(frame, node.right));
		if (right.lines.length === 0) return effect(`(${left.text} ${operator} ${right.result.text})`, "bool");
		const name = frame.temp();
		frame.line(`let ${name} = ${left.text};`);
		frame.line(`if (${operator === "&&" ? "" : "!"}${name}) {`);
		frame.append(right.lines);
		frame.line(`${name} = ${right.result.text};`);
		frame.line("}");
		return constant(name, "bool");
	}
	function emitCoalesce(frame, node) {
		const left = frame.expression(node.left);
		if (left.form !== "value") return left;
		const right = frame.collect(() => frame.expression(node.right));
		const isPlace = left.isPlace || right.result.isPlace;
		if (right.lines.length === 0) return effect(`(${left.text} ?? ${boxed(right.result)})`, "value", isPlace);
		const name = frame.temp();
		frame.line(`let ${name} = ${left.text};`);
		frame.line(`if (${name} === undefined) {`);
		frame.append(right.lines);
		frame.line(`${name} = ${boxed(right.result)};`);
		frame.line("}");
		return {
			...constant(name),
			isPlace
		};
	}
	function emitIn(frame, node) {
		const [container, item] = pair(frame, node.right, node.left);
		const own = frame.output.scopes.functions.get("contains/2")?.[0];
		let text;
		if (own === void 0) {
			text = frame.type(node.right).tag === "map" && frame.type(node.left).tag === "string" ? `${atom(boxed(container))}.entries.has(${boxed(item)})` : frame.call(node.at, "contains", boxed(container), boxed(item));
			return effect(node.operator === "in" ? text : `!${text}`, "bool");
		}
		const args = [
			"undefined",
			frame.copied(container),
			frame.copied(item)
		];
		text = frame.callFunction(node.at, own, args);
		return node.operator === "in" ? effect(text) : effect(frame.call(node.at, "not", text), "bool");
	}
	function nameOf$1(frame, binding) {
		if (binding === void 0 || frame.isDynamic || !frame.output.tagged.has(binding)) return void 0;
		const name = `${frame.name(binding)}T`;
		const declaration = `${name} = 0`;
		if (!frame.scratches.includes(declaration)) frame.scratches.push(declaration);
		return name;
	}
	function tagName(frame, node) {
		return nameOf$1(frame, bindingOf$1(frame.output.scopes, node));
	}
	function emitTag(frame, base, value, at) {
		const name = tagName(frame, base);
		return name === void 0 ? void 0 : effect(frame.call(at, "readTag", boxed(value), name));
	}
	function assignTag(frame, node, value) {
		const { target } = node;
		if (target.kind !== "property" || target.name !== "tag") return false;
		const name = tagName(frame, target.target);
		if (name === void 0) return false;
		const object = frame.expression(target.target);
		const old = effect(frame.call(target.at, "readTag", boxed(object), name));
		const tag = node.operator === "" ? value : emitOperation(frame, node, old, value);
		frame.line(`${name} = ${frame.call(target.at, "writeTag", boxed(object), name, boxed(tag))};`);
		return true;
	}
	function emitSetTag(frame, target, tag, at) {
		const name = tagName(frame, target);
		if (name === void 0) return void 0;
		frame.line(`${name} = ${frame.call(at, "writeTag", boxed(frame.expression(target)), name, boxed(tag))};`);
		return {
			text: "undefined",
			form: "value",
			weight: "constant",
			isPlace: false
		};
	}
	function carryTag(frame, binding, value) {
		const name = nameOf$1(frame, binding);
		if (name !== void 0) frame.line(`${name} = ${tagName(frame, value) ?? "0"};`);
	}
	function emitMethod(frame, node, receiver, args) {
		if (node.name === "call") return emitCallMethod(frame, node, receiver, args);
		if (frame.output.site(node).isHandle) return emitHandleMethod(frame, node, receiver, args);
		return emitPlainMethod(frame, node, receiver, args);
	}
	function emitHandleMethod(frame, node, receiver, args) {
		const target = held(frame, receiver.code);
		const texts = args.map((code) => held(frame, {
			...code,
			text: frame.copied(code),
			form: "value"
		}));
		const result = frame.temp();
		const asked = `yield ${frame.rt("handleCall")}(${target.text}, ${quote(node.name)}, [${texts.map((code) => code.text).join(", ")}])`;
		frame.line(`let ${result};`);
		frame.line(`if (${target.text} instanceof ${frame.rt("Handle")}) ${result} = ${frame.call(node.at, "reply", asked)};`);
		frame.line("else {");
		const plain = emitPlainMethod(frame, node, {
			...receiver,
			code: target
		}, texts);
		frame.line(`${result} = ${boxed(plain)};`);
		frame.line("}");
		return constant(result);
	}
	function emitPlainMethod(frame, node, receiver, args) {
		const own = frame.output.scopes.functions.get(`${node.name}/${args.length}`);
		const [first] = args;
		const tagged = own === void 0 && node.name === "set_tag" && first !== void 0 ? emitSetTag(frame, node.target, first, node.at) : void 0;
		if (tagged !== void 0) return tagged;
		if (own !== void 0) return emitOwn(frame, node, {
			receiver,
			own
		}, args);
		if (node.name === "is_shared" && args.length === 0) {
			const binding = bindingOf$1(frame.output.scopes, node.target);
			if (binding?.isShared === true) return effect(`${frame.name(binding)}.isShared`, "bool");
		}
		const key = `${node.name}/${args.length + 1}`;
		const host = frame.output.hostFunction(key);
		if (host !== void 0) {
			const texts = [receiver.code, ...args].map((code) => frame.copied(code));
			if (host.suspends) return effect(frame.askHost(node.at, node.name, texts));
			return effect(frame.call(node.at, "callHost", quote(node.name), `[${texts.join(", ")}]`));
		}
		if (frame.output.options.isEvaluated) return emitByName$1(frame, node, receiver, args);
		return emitLibrary(frame, node, receiver, args);
	}
	function libraryArguments(frame, name, args) {
		const looks = name === "contains" || name === "index_of" || name === "join" || name === "elapsed";
		return args.map((code) => looks ? boxed(code) : frame.copied(code));
	}
	function emitByName$1(frame, node, receiver, args) {
		const self = held(frame, receiver.code);
		const texts = args.map((code) => held(frame, {
			...code,
			text: frame.copied(code),
			form: "value"
		}));
		const result = frame.temp();
		const pointer = `new ${frame.rt("FnPtr")}(${quote(node.name)}, undefined)`;
		const key = quote(`${node.name}/${args.length}`);
		frame.line(`let ${result};`);
		frame.line(`if (${frame.rt("S")}.functions?.has(${key}) === true) {`);
		const own = texts.map((code) => code.text);
		frame.line(`${result} = ${frame.callPointer(node, pointer, self.text, own)};`);
		receiver.write?.(constant("S.self"));
		frame.line("} else {");
		const plain = emitLibrary(frame, node, {
			...receiver,
			code: self
		}, texts);
		frame.line(`${result} = ${boxed(plain)};`);
		frame.line("}");
		return constant(result);
	}
	function emitLibrary(frame, node, receiver, args) {
		const { isDynamic } = frame.output.site(node);
		const intrinsic = isDynamic ? void 0 : emitIntrinsic(frame, node, receiver.code);
		if (intrinsic !== void 0) return intrinsic;
		const type = frame.type(node.target);
		const name = (isDynamic ? void 0 : typedFunction(frame, type, node.name, args.length + 1)) ?? frame.output.method(node.name, args.length + 1, isDynamic);
		const all = [boxed(receiver.code), ...libraryArguments(frame, node.name, args)];
		const text = frame.waited(node.at, name, all, isDynamic);
		const isInPlace = type.tag === "array" || type.tag === "blob";
		if (receiver.write === void 0 || isInPlace || !isReplacing(node.name)) return effect(text);
		return storedBack(frame, text, receiver.write);
	}
	function storedBack(frame, text, write) {
		const result = frame.hold(effect(text));
		write(constant(`${frame.rt("S")}.self`));
		return result;
	}
	function emitCallMethod(frame, node, receiver, args) {
		const target = args.length === 0 ? receiver.code : held(frame, receiver.code);
		const texts = args.map((code) => frame.copied(code));
		const binding = bindingOf$1(frame.output.scopes, baseOf(node.target));
		if (binding?.isShared === true && texts[0] !== void 0 && !frame.isDynamic) {
			texts[0] = frame.hold(effect(texts[0])).text;
			frame.line(`${frame.call(node.at - 1, "checkRace", frame.name(binding), texts[0])};`);
		}
		const at = [node.at, node.args[0]?.at ?? node.at];
		const text = frame.callTwin(node, "callMethod", [boxed(target), `[${texts.join(", ")}]`], at);
		if (receiver.write === void 0 || args.length === 0) return effect(text);
		const result = frame.hold(effect(text));
		frame.line(`if (!(${target.text} instanceof ${frame.rt("FnPtr")})) {`);
		receiver.write(constant(`${frame.rt("S")}.self`));
		frame.line("}");
		return result;
	}
	function held(frame, code) {
		return frame.hold({
			...code,
			text: boxed(code),
			form: "value"
		});
	}
	function emitOwn(frame, node, { receiver, own }, args) {
		const texts = args.map((code) => held(frame, {
			...code,
			text: frame.copied(code),
			form: "value"
		}).text);
		const self = held(frame, receiver.code).text;
		const inMap = frame.temp();
		const result = frame.temp();
		frame.line(`const ${inMap} = ${frame.rt("functionIn")}(${self}, ${quote(node.name)});`);
		frame.line(`let ${result};`);
		const branches = [`if (${inMap} !== undefined) ${result} = ${frame.callPointer(node, inMap, self, texts)};`, ...typed(own).map(({ unit, type }) => `else if (${frame.rt("typeName")}(${self}) === ${quote(type)}) ${result} = ${frame.callFunction(node.at, unit, [`${self} ?? ${frame.rt("UNIT")}`, ...texts])};`)];
		const plain = own.find((unit) => thisType(unit) === void 0);
		if (plain === void 0) {
			const { isDynamic } = frame.output.site(node);
			const native = frame.output.native(node.name, args.length + 1, isDynamic);
			branches.push(`else ${result} = ${frame.waited(node.at, native, [self, ...texts], isDynamic)};`);
		} else {
			const all = [`${self} ?? ${frame.rt("UNIT")}`, ...texts];
			branches.push(`else ${result} = ${frame.callFunction(node.at, plain, all)};`);
		}
		for (const branch of branches) frame.line(branch);
		if (receiver.write !== void 0 && own.some((unit) => unit.changesThis)) {
			const after = frame.temp();
			frame.line(`const ${after} = ${frame.rt("S")}.self;`);
			frame.line(`if (${after} !== ${self}) {`);
			receiver.write(constant(after));
			frame.line("}");
		}
		return constant(result);
	}
	function typed(own) {
		return own.flatMap((unit) => {
			const type = thisType(unit);
			return type === void 0 ? [] : [{
				unit,
				type
			}];
		});
	}
	function thisType(unit) {
		return unit.kind === "function" ? unit.node.thisType : void 0;
	}
	function indexAt(node) {
		return node.kind === "index" ? node.index.at : node.at;
	}
	function within(type, key, object) {
		return `${type.tag === "int" && type.lo >= 0 ? "" : `${key} >= 0 && `}${key} < ${object}.items.length`;
	}
	function isItem(frame, { node, key }) {
		if (node.kind !== "index" || key === void 0) return false;
		return frame.type(node.target).tag === "array" && frame.type(node.index).tag === "int";
	}
	function entryKey(frame, { node, key }) {
		if (node.isElvis || frame.type(node.target).tag !== "map") return void 0;
		if (node.kind === "property") return quote(node.name);
		return frame.type(node.index).tag === "string" ? key : void 0;
	}
	function readEntry(frame, object, step, way) {
		const key = entryKey(frame, step);
		if (key === void 0) return void 0;
		const place = mark(indexAt(step.node), step.node.at);
		if (way === "Ref") return `${place}${frame.rt("entryRef")}(${object}, ${key})`;
		const o = twice(frame, object);
		const k = SIMPLE_KEY.test(key) ? {
			first: "",
			name: key
		} : twice(frame, key);
		const helper = `${place}${frame.rt("entryOf")}(${o.name}, ${k.name})`;
		return `(${o.first}${k.first}${o.name}.entries.get(${k.name}) ?? ${helper})`;
	}
	const SIMPLE_KEY = /^"[^"\\]*"$/;
	function readItem(frame, object, step, way) {
		const { node, key } = step;
		if (node.kind !== "index" || key === void 0 || !isItem(frame, step)) return void 0;
		const o = twice(frame, object);
		const k = twice(frame, key);
		const isOwn = way === "Ref" ? `!${o.name}.shared && ` : "";
		const helper = `${mark(indexAt(node), node.at)}${frame.rt(`getIndex${way}`)}(${o.name}, ${k.name})`;
		const test = within(frame.type(node.index), k.name, o.name);
		return `(${o.first}${k.first}${isOwn}${test} ? ${o.name}.items[${k.name}] : ${helper})`;
	}
	function storeItem(frame, object, step, value) {
		const { node, key } = step;
		const place = mark(indexAt(node), value.operatorAt ?? node.at, node.at);
		const entry = entryKey(frame, step);
		if (entry !== void 0) {
			frame.line(`${place}${frame.rt("setEntry")}(${object}, ${entry}, ${boxed(value.code)});`);
			return true;
		}
		if (node.kind !== "index" || key === void 0 || !isItem(frame, step)) return false;
		const o = twice(frame, object);
		const k = twice(frame, key);
		const v = twice(frame, boxed(value.code));
		const first = o.first + k.first + v.first;
		if (first !== "") frame.line(`${first.slice(0, -2)};`);
		const test = within(frame.type(node.index), k.name, o.name);
		frame.line(`if (!${o.name}.shared && ${test}) ${o.name}.items[${k.name}] = ${v.name};`);
		frame.line(`else ${place}${frame.rt("setIndex")}(${o.name}, ${k.name}, ${v.name});`);
		return true;
	}
	function rootOf(frame, node) {
		if (node.kind === "this") return {
			code: frame.expression(node),
			write: (value) => frame.line(`self = ${boxed(value)};`),
			constant: void 0,
			isShared: false
		};
		if (node.kind !== "variable") return void 0;
		const code = frame.expression(node);
		const use = frame.output.scopes.uses.get(node);
		if (node.namespace.length > 0) return {
			code,
			write: () => {},
			constant: node.name,
			isShared: false
		};
		if (frame.isDynamic) {
			const write = (value) => frame.line(`${frame.call(node.at, "writeName", "d", quote(node.name), boxed(value))};`);
			return {
				code,
				write,
				constant: void 0,
				isShared: false
			};
		}
		if (use?.kind !== "binding") return void 0;
		const { binding } = use;
		return {
			code,
			write: (value) => frame.line(`${placeText(frame, binding)} = ${frame.isRaw(binding) ? rawFloat(value) : boxed(value)};`),
			constant: binding.isConst ? binding.name : void 0,
			isShared: binding.isShared
		};
	}
	function placeText(frame, binding) {
		return binding.isShared ? `${frame.name(binding)}.v` : frame.name(binding);
	}
	function readStep(frame, object, { node, key }, way = "") {
		const entry = way === "Elvis" ? void 0 : readEntry(frame, object, {
			node,
			key
		}, way);
		if (entry !== void 0) return entry;
		if (node.kind === "property" && way === "") {
			const inline = emitProperty(frame, frame.type(node.target), node.name, constant(object));
			if (inline !== void 0) return inline.text;
		}
		if (key === void 0) return frame.call(node.at, `getProp${way}`, object, quote(nameOf(node)));
		return (way === "Elvis" ? void 0 : readItem(frame, object, {
			node,
			key
		}, way)) ?? `${mark(indexAt(node), node.at)}${frame.rt(`getIndex${way}`)}(${object}, ${key})`;
	}
	function writeStep(frame, object, { node, key }, value) {
		const [name, by] = key === void 0 ? ["setProp", quote(nameOf(node))] : ["setIndex", key];
		return `${mark(indexAt(node), value.operatorAt ?? node.at, node.at)}${frame.rt(name)}(${object}, ${by}, ${boxed(value.code)})`;
	}
	function nameOf(node) {
		return node.kind === "property" ? node.name : "";
	}
	function reach(frame, start, steps) {
		let { write } = start;
		let text = hold(frame, start.code);
		for (const step of steps) {
			const object = text;
			start.check?.(step.node, object);
			const outer = write;
			text = frame.hold(effect(readStep(frame, object, step, "Ref"))).text;
			if (outer !== void 0) write = (value) => store(frame, {
				object,
				outer
			}, step, { code: value });
		}
		return {
			text,
			write: write ?? (() => {})
		};
	}
	function store(frame, container, step, value) {
		const { object, outer } = container;
		if (storeItem(frame, object, step, value)) return;
		const text = writeStep(frame, object, step, value);
		if (outer === void 0) {
			frame.line(`${text};`);
			return;
		}
		const made = frame.temp();
		frame.line(`const ${made} = ${text};`);
		frame.line(`if (${made} !== ${object}) {`);
		outer(constant(made));
		frame.line("}");
	}
	function hold(frame, code) {
		const text = boxed(code);
		return /^[\w$]+(\.v)?$/.test(text) ? text : frame.hold({
			...code,
			form: "value",
			text
		}).text;
	}
	function emitCall(frame, node) {
		if (node.namespace.length > 0) return emitModuleCall(frame, node);
		const special = specials.get(`${node.name}/${node.args.length}`);
		const own = frame.output.scopes.functions.get(`${node.name}/${node.args.length}`)?.find((unit) => thisType(unit) === void 0);
		if (own === void 0 && special !== void 0) return special(frame, node);
		if (node.isCapturing) return emitCapturing(frame, node);
		if (node.name === "call" && node.args.length > 0) return emitPointerCall(frame, node);
		if (own !== void 0) {
			const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
			return effect(frame.callFunction(node.at, own, ["undefined", ...args]));
		}
		const host = frame.output.hostFunction(`${node.name}/${node.args.length}`);
		if (host !== void 0) return emitHostCall(frame, node, {
			name: node.name,
			host
		});
		if (frame.output.options.isEvaluated) return emitByName(frame, node);
		return emitNative(frame, node, emitArguments(frame, node.args));
	}
	function emitPointerCall(frame, node) {
		const [pointer = "", ...args] = emitArguments(frame, node.args).map((code) => frame.copied(code));
		const at = [node.at, node.args[0]?.at ?? node.at];
		return effect(frame.callTwin(node, "callFn", [
			pointer,
			"undefined",
			`[${args.join(", ")}]`
		], at));
	}
	function emitByName(frame, node) {
		const key = quote(`${node.name}/${node.args.length}`);
		const codes = emitArguments(frame, node.args).map((code) => frame.hold(code));
		const result = frame.temp();
		frame.line(`let ${result};`);
		frame.line(`if (${frame.rt("S")}.functions?.has(${key}) === true) {`);
		const args = codes.map((code) => frame.copied(code));
		const pointer = `new ${frame.rt("FnPtr")}(${quote(node.name)}, undefined)`;
		frame.line(`${result} = ${frame.callPointer(node, pointer, "undefined", args)};`);
		frame.line("} else {");
		const plain = emitNative(frame, node, codes);
		frame.line(`${result} = ${boxed(plain)};`);
		frame.line("}");
		return constant(result);
	}
	function emitNative(frame, node, codes) {
		const [first] = node.args;
		const [receiver] = codes;
		const { isDynamic } = frame.output.site(node);
		const name = frame.output.native(node.name, node.args.length, isDynamic);
		if (receiver === void 0 || first === void 0) return effect(frame.waited(node.at, name, [], isDynamic));
		const rest = libraryArguments(frame, node.name, codes.slice(1));
		const root = first.kind === "variable" && isMutating(node.name) ? rootOf(frame, first) : void 0;
		const isOwnCopy = isMutating(node.name) && (root === void 0 || root.isShared || root.constant !== void 0);
		const self = isOwnCopy ? frame.copied(receiver) : boxed(receiver);
		const text = frame.waited(node.at, name, [self, ...rest], isDynamic);
		if (root === void 0 || isOwnCopy || !isReplacing(node.name)) return effect(text);
		const result = frame.hold(effect(text));
		root.write(constant(`${frame.rt("S")}.self`));
		return result;
	}
	function emitCapturing(frame, node) {
		const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
		const own = frame.output.scopes.functions.get(`${node.name}/${node.args.length}`)?.[0];
		if (own === void 0) return effect(frame.call(node.at, "functionNotFound", quote(node.name), `[${args.join(", ")}]`));
		frame.output.capturing.add(own);
		const callee = `${frame.functionName(own)}D`;
		return effect(frame.waited(node.at, callee, [
			"undefined",
			"d",
			...args
		], frame.output.isColoured(own)));
	}
	const specials = new Map([
		["print/1", (frame, node) => effect(frame.call(node.at, "print", values(frame, node)))],
		["print/0", (frame, node) => effect(frame.call(node.at, "print", "\"\""))],
		["debug/1", (frame, node) => {
			const { line, column } = frame.output.options.locate(node.at);
			return effect(frame.call(node.at, "debug", values(frame, node), String(line), String(column)));
		}],
		["debug/0", (frame, node) => {
			const { line, column } = frame.output.options.locate(node.at);
			return effect(frame.call(node.at, "debugText", "\"\"", String(line), String(column)));
		}],
		["type_of/1", (frame, node) => effect(`${frame.rt("typeName")}(${values(frame, node)})`)],
		["Fn/1", (frame, node) => effect(frame.call(node.args[0]?.at ?? node.at, "makeFn", values(frame, node)))],
		["exit/0", (frame, node) => effect(frame.call(node.at, "exit", "undefined"))],
		["exit/1", (frame, node) => {
			const code = emitArguments(frame, node.args)[0] ?? constant("undefined");
			return effect(frame.call(node.at, "exit", frame.copied(code)));
		}],
		["is_shared/1", emitIsShared],
		["is_def_var/1", emitIsDefinedVariable],
		["is_def_fn/2", (frame, node) => effect(frame.call(node.at, "isDefinedFunction", values(frame, node)), "bool")],
		["eval/1", emitEval]
	]);
	function values(frame, node) {
		return emitArguments(frame, node.args).map(boxed).join(", ");
	}
	function emitIsShared(frame, node) {
		const [first] = node.args;
		const binding = first === void 0 ? void 0 : bindingOf(frame, first);
		if (binding === void 0 || !binding.isShared) return effect(`(${values(frame, node)}, false)`, "bool");
		return effect(`${frame.name(binding)}.isShared`, "bool");
	}
	function bindingOf(frame, node) {
		return node.kind === "variable" ? lookUp(frame, node) : void 0;
	}
	function lookUp(frame, node) {
		const use = frame.output.scopes.uses.get(node);
		return use?.kind === "binding" ? use.binding : void 0;
	}
	function emitIsDefinedVariable(frame, node) {
		const [first] = node.args;
		const text = values(frame, node);
		if (frame.isDynamic) return effect(frame.call(node.at, "isDefinedName", "d", text), "bool");
		const names = new Set((frame.output.scopes.visible.get(node) ?? []).map((binding) => binding.name));
		if (first?.kind === "literal" && first.literal.type === "string") return constant(String(names.has(first.literal.value)), "bool");
		const list = [...names].map(quote).join(", ");
		return effect(frame.call(node.at, "isDefinedVariable", text, `[${list}]`), "bool");
	}
	function emitEval(frame, node) {
		const at = node.args[0]?.at ?? node.at;
		frame.output.usesEval = true;
		const waits = frame.output.site(node).isDynamic;
		const args = [
			values(frame, node),
			"d",
			...waits ? [frame.output.hostNames()] : []
		];
		return effect(frame.waited(at, frame.rt(waits ? "evaluateA" : "evaluate"), args, waits));
	}
	function emitChain(frame, node) {
		const { base, links } = flatten(node);
		const values = emitValues(frame, base, links);
		const elvis = elvisOf(links);
		if (!links.some((link, index) => elvis.has(link) && !(index === links.length - 1 && isStep(link)))) return walk(frame, base, links, {
			values,
			elvis,
			leave: void 0
		});
		const name = frame.temp();
		frame.line(`let ${name};`);
		frame.line(`${name}L: {`);
		const result = walk(frame, base, links, {
			values,
			elvis,
			leave: `break ${name}L;`
		});
		frame.line(`${name} = ${boxed(result)};`);
		frame.line("}");
		return {
			...constant(name),
			isPlace: result.isPlace
		};
	}
	function elvisOf(links) {
		const found = new Set();
		let run = [];
		for (const link of links) {
			if (link.kind === "index") {
				run.push(link);
				continue;
			}
			if (link.isElvis || run.some((index) => index.isElvis)) found.add(link);
			run = [];
		}
		for (const index of run) if (index.isElvis) found.add(index);
		return found;
	}
	function flatten(node) {
		const links = [];
		let base = node;
		while (base.kind === "method" || base.kind === "property" || base.kind === "index") {
			links.unshift(base);
			base = base.target;
		}
		return {
			base,
			links
		};
	}
	function emitValues(frame, base, links) {
		const nodes = [];
		let forced = -1;
		let isLate = hasEffects(base);
		for (const link of links) {
			const own = link.kind === "property" ? [] : link.kind === "index" ? [link.index] : link.args;
			for (const node of own) {
				nodes.push(node);
				if (hasEffects(node) && (isLate || touches(frame, node, base))) forced = nodes.length - 1;
			}
			if (link.kind === "method") isLate = true;
		}
		const codes = emitOperands(frame, nodes, forced);
		const values = new Map();
		nodes.forEach((node, index) => {
			const code = codes[index];
			if (code !== void 0) values.set(node, code);
		});
		return values;
	}
	function walk(frame, base, links, how) {
		const root = rootOf(frame, base);
		let current = root?.code ?? frame.expression(base);
		let rest = links;
		let start = root;
		const [head] = links;
		const tag = head?.kind === "property" && head.name === "tag" ? emitTag(frame, base, current, head.at) : void 0;
		if (tag !== void 0) {
			current = tag;
			start = void 0;
			rest = links.slice(1);
		}
		while (rest.length > 0) {
			const count = rest.findIndex((link) => link.kind === "method");
			const link = count === -1 ? void 0 : rest[count];
			if (link?.kind !== "method") return readAll(frame, current, rest, how);
			const steps = rest.slice(0, count);
			current = methodAt(frame, {
				root: start,
				current,
				steps
			}, link, how);
			start = void 0;
			rest = rest.slice(count + 1);
		}
		return current;
	}
	function readAll(frame, from, links, how) {
		let current = from;
		links.forEach((link, index) => {
			if (link.kind === "method") return;
			const isLast = index === links.length - 1;
			if (how.elvis.has(link) && !isLast) current = leaveIfUnit(frame, current, how);
			const way = how.elvis.has(link) && isLast ? "Elvis" : "";
			current = effect(readStep(frame, boxed(current), stepOf(link, how.values), way), "value", true);
		});
		return current;
	}
	function stepOf(link, values) {
		const key = link.kind === "index" ? values.get(link.index) : void 0;
		return {
			node: link,
			key: key === void 0 ? void 0 : boxed(key)
		};
	}
	function heldStep(frame, link, values) {
		const key = link.kind === "index" ? values.get(link.index) : void 0;
		if (key === void 0) return {
			node: link,
			key: void 0
		};
		return {
			node: link,
			key: key.weight === "constant" || /^[\w$]+$/.test(key.text) ? boxed(key) : frame.hold({
				...key,
				form: "value",
				text: boxed(key)
			}).text
		};
	}
	function isStep(link) {
		return link.kind !== "method";
	}
	function leaveIfUnit(frame, code, how) {
		if (how.leave === void 0) return code;
		const held = {
			...frame.hold({
				...code,
				text: boxed(code),
				form: "value"
			}),
			isPlace: code.isPlace
		};
		frame.line(`if (${held.text} === undefined) ${how.leave}`);
		return held;
	}
	function methodAt(frame, from, link, how) {
		const args = link.args.map((node) => how.values.get(node) ?? constant("undefined"));
		const { root, current, steps } = from;
		if (!changesReceiver(frame, link, root)) {
			let receiver = readAll(frame, current, steps, how);
			if (how.elvis.has(link)) receiver = leaveIfUnit(frame, receiver, how);
			return emitMethod(frame, link, {
				code: receiver,
				write: steps.length === 0 ? root?.write : void 0
			}, args);
		}
		if (root?.constant !== void 0) {
			let receiver = readAll(frame, current, steps, how);
			if (how.elvis.has(link)) receiver = leaveIfUnit(frame, receiver, how);
			return onConstant(frame, receiver, link, args);
		}
		return onPlace(frame, from, link, {
			how,
			args
		});
	}
	function onPlace(frame, { root, current, steps }, link, { how, args }) {
		const held = steps.filter(isStep).map((step) => heldStep(frame, step, how.values));
		if (held.length === 0) return emitMethod(frame, link, {
			code: how.elvis.has(link) ? leaveIfUnit(frame, current, how) : current,
			write: root?.write
		}, args);
		const check = (node, text) => {
			if (how.elvis.has(node) && how.leave !== void 0) frame.line(`if (${text} === undefined) ${how.leave}`);
		};
		const own = args.map((code) => frame.copyNow(code));
		const reached = reach(frame, {
			code: current,
			write: root?.write,
			check
		}, held);
		check(link, reached.text);
		return emitMethod(frame, link, {
			code: {
				...constant(reached.text),
				weight: "read"
			},
			write: root === void 0 ? void 0 : reached.write
		}, own);
	}
	function changesReceiver(frame, link, root) {
		if (root?.constant !== void 0 && isRefused(link.name)) return true;
		const own = frame.output.scopes.functions.get(`${link.name}/${link.args.length}`);
		if (own !== void 0) return own.some((unit) => unit.changesThis);
		if (isCalling(link.name)) return link.args.some(mayUseThis);
		return mayChange(link.name);
	}
	function mayUseThis(argument) {
		if (argument.kind !== "closure") return argument.kind !== "literal" || argument.literal.type === "string";
		return argument.body.body.some((statement) => some(statement, (piece) => piece.kind === "this"));
	}
	function onConstant(frame, receiver, link, args) {
		const text = boxed(receiver);
		const isOwn = frame.output.scopes.functions.has(`${link.name}/${link.args.length}`);
		const name = JSON.stringify(link.name);
		const checked = isOwn ? text : frame.call(link.at, "checkConstant", text, name, String(args.length + 1));
		return emitMethod(frame, link, {
			code: effect(`${frame.rt("copy")}(${checked})`),
			write: void 0
		}, args);
	}
	function emitExpression(frame, node) {
		return refined(emitAny(frame, node), frame.type(node));
	}
	function emitAny(frame, node) {
		switch (node.kind) {
			case "literal": return emitLiteral(frame, node.literal);
			case "interpolation": return emitInterpolation(frame, node);
			case "array": return emitArray(frame, node);
			case "map": return emitMap(frame, node);
			case "variable": return emitVariable(frame, node);
			case "this": return emitThis(frame, node);
			case "call": return emitCall(frame, node);
			case "method":
			case "property":
			case "index": return emitChain(frame, node);
			case "unary": return emitUnary(frame, node);
			case "binary": return emitBinary(frame, node);
			case "closure": return emitClosure(frame, node);
			case "block-expression":
			case "if":
			case "switch":
			case "while":
			case "loop":
			case "do":
			case "for": {
				const name = frame.temp();
				frame.line(`let ${name};`);
				frame.chapters.into(frame, node, {
					kind: "store",
					name
				});
				return constant(name);
			}
		}
	}
	function emitLiteral(frame, literal) {
		switch (literal.type) {
			case "unit": return unit$1;
			case "bool": return constant(String(literal.value), "bool");
			case "int": {
				const { value } = literal;
				if (typeof value === "bigint") return constant(frame.output.constant(value < 0n ? `(${value}n)` : `${value}n`));
				return constant(value < 0 ? `(${value})` : String(value), "int");
			}
			case "float": {
				const text = floatText(literal.value);
				return {
					...constant(text, "float"),
					box: frame.output.constant(`new ${frame.rt("Float")}(${text})`)
				};
			}
			case "char": return constant(frame.output.constant(`${frame.rt("charOf")}(${quote(literal.value)})`));
			case "string": return constant(quote(literal.value));
		}
	}
	function floatText(value) {
		if (Object.is(value, -0)) return "(-0)";
		return value < 0 ? `(${value})` : String(value);
	}
	const PIECES_NESTED = 64;
	function emitInterpolation(frame, node) {
		const codes = emitOperands(frame, node.parts);
		let text = "";
		codes.forEach((code, index) => {
			const part = node.parts[index];
			if (part === void 0) return;
			const known = pieceText({
				code,
				type: frame.type(part)
			});
			const piece = known ?? `${frame.rt("toText")}(${boxed(code)})`;
			const first = known === void 0 || frame.type(part).tag === "string" || frame.type(part).tag === "char" ? piece : `"" + ${piece}`;
			text = text === "" ? first : frame.call(part.at, "checkString", `${text} + ${piece}`);
			if (index % PIECES_NESTED === 63) text = frame.hold(effect(text)).text;
		});
		return effect(text === "" ? "\"\"" : text);
	}
	function emitArray(frame, node) {
		const items = emitItems(frame, node.items);
		return effect(frame.call(node.at, "makeArray", `[${items.join(", ")}]`));
	}
	function emitItems(frame, nodes) {
		const items = emitOperands(frame, nodes).map((code) => frame.copied(code));
		if (!frame.output.options.countsItems || nodes.length < 2) return items;
		const size = frame.temp();
		frame.line(`const ${size} = { string: 0, array: 0, map: 0 };`);
		return items.map((item, index) => frame.call(nodes[index]?.at ?? 0, "sized", size, item));
	}
	function emitMap(frame, node) {
		const values = emitItems(frame, node.entries.map((entry) => entry.value));
		const keys = frame.output.constant(`[${node.entries.map((entry) => quote(entry.key.text)).join(", ")}]`);
		return effect(frame.call(node.at, "makeMap", keys, `[${values.join(", ")}]`));
	}
	function emitVariable(frame, node) {
		const use = frame.output.scopes.uses.get(node);
		if (use?.kind === "global") return effect(frame.call(node.at, "globalConstant", "G", quote(use.name)), "value", true);
		if (node.namespace.length > 0) return emitModuleVariable(frame, node);
		if (frame.isDynamic) return effect(frame.call(node.at, "readName", "d", quote(node.name), "G"), "value", true);
		if (use?.kind === "binding") {
			const { binding } = use;
			const name = frame.name(binding);
			if (binding.isShared) return read(`${name}.v`);
			if (frame.isRaw(binding)) return read(name, "float");
			if (!binding.isAssigned && binding.isConst) return {
				...read(name),
				weight: "constant"
			};
			return read(name);
		}
		if (use?.kind === "function") return constant(functionValue(frame, node.name));
		return effect(frame.call(node.at, "variableNotFound", quote(node.name)));
	}
	function functionValue(frame, name) {
		const { output } = frame;
		const found = [...output.scopes.functions.values()].flat().filter((one) => one.name === name);
		const [only] = found;
		if (found.length !== 1 || only === void 0 || thisType(only) !== void 0) return output.constant(`new ${frame.rt("FnPtr")}(${quote(name)}, undefined)`);
		output.pointed.add(only);
		return `F${only.id}p`;
	}
	function emitThis(frame, node) {
		return effect(`(hasThis ? self : ${frame.call(node.at, "unboundThis")})`, "value", true);
	}
	function emitClosure(frame, node) {
		const { scopes } = frame.output;
		const made = scopes.unitOf.get(node);
		if (made === void 0) throw new Error("a closure without a unit");
		const cells = made.captures.map(({ outer, name, at }) => {
			if (frame.isDynamic) return frame.call(at, "shareName", "d", quote(name));
			if (outer === void 0) throw new Error("a capture of nothing");
			const outerName = frame.name(outer);
			return outer.isShared ? outerName : `new ${frame.rt("Cell")}(${frame.rt("copy")}(${frame.valueOf(outer)}))`;
		});
		const missing = made.missing.map((name) => frame.call(name.at, "variableNotFound", quote(name.text)));
		const table = `F${made.id}`;
		if (cells.length === 0 && missing.length === 0) return constant(`${table}p`);
		return effect(`${frame.rt("closure")}(${[
			table,
			...missing,
			...cells
		].join(", ")})`);
	}
	function emitTry(frame, node) {
		const depth = frame.temp();
		const error = frame.temp();
		frame.line(`const ${depth} = ${frame.rt("S")}.depth;`);
		const mark = frame.markScope();
		frame.line("try {");
		frame.tries++;
		frame.chapters.body(frame, node.body.body, discard);
		frame.tries--;
		frame.rewindScope(mark);
		frame.line(`} catch (${error}x) {`);
		frame.line(`const ${error} = ${frame.rt("caught")}(${error}x, ${depth});`);
		frame.rewindScope(mark);
		const binding = frame.output.scopes.declared.get(node);
		if (binding !== void 0) declareVariable(frame, binding, `${frame.rt("caughtValueOf")}(${error})`);
		frame.charge(costOf(node.handler.body));
		frame.caught.push(error);
		frame.chapters.body(frame, node.handler.body, discard);
		frame.caught.pop();
		frame.rewindScope(mark);
		frame.line("}");
	}
	function emitThrow(frame, node) {
		const caught = frame.caught.at(-1);
		if (node.value === void 0 && caught !== void 0) {
			frame.line(`${frame.call(node.at, "rethrow", caught)};`);
			return;
		}
		const text = node.value === void 0 ? "undefined" : frame.copied(frame.expression(node.value));
		frame.line(`${frame.call(node.at, "runtimeError", text)};`);
	}
	function emitBody(frame, body, target) {
		const real = body.filter((node) => node.kind !== "empty");
		real.forEach((node, index) => {
			frame.chapters.statement(frame, node, index === real.length - 1 ? target : discard);
		});
	}
	function emitStatement(frame, node, target) {
		switch (node.kind) {
			case "expression":
				frame.chapters.into(frame, node.expression, target);
				return;
			case "let":
				emitLet(frame, node);
				return;
			case "assign":
				emitAssign(frame, node);
				return;
			case "return":
				emitReturn(frame, node.value);
				return;
			case "throw":
				emitThrow(frame, node);
				return;
			case "break":
				emitBreak(frame, node.value);
				return;
			case "continue":
				frame.line(frame.loops.at(-1)?.next ?? "");
				return;
			case "try":
				emitTry(frame, node);
				return;
			case "import":
				emitImport(frame, node);
				return;
			case "export":
				emitExport(frame, node);
				return;
		}
	}
	function emitLet(frame, node) {
		const binding = frame.output.scopes.declared.get(node);
		const code = node.value === void 0 ? void 0 : frame.expression(node.value);
		if (binding === void 0) return;
		const text = code === void 0 ? "undefined" : frame.isRaw(binding) ? rawFloat(code) : frame.copied(code);
		frame.checkVariables(node.at);
		declareVariable(frame, binding, text);
		carryTag(frame, binding, node.value);
		if (node.isConst && binding.isGlobal && frame.output.needsGlobals) {
			const value = frame.isDynamic ? frame.call(node.at, "readName", "d", quote(binding.name), "G") : frame.valueOf(binding);
			frame.line(`${frame.rt("setGlobal")}(G, ${quote(binding.name)}, ${frame.rt("copy")}(${value}));`);
		}
		if (node.isExported) emitExport(frame, {
			name: node.name,
			alias: void 0,
			at: node.at
		}, binding);
	}
	function emitReturn(frame, value) {
		const code = value === void 0 ? void 0 : frame.expression(value);
		frame.line(`r = ${code === void 0 ? "undefined" : frame.copied(code)};`);
		frame.leave();
	}
	function emitBreak(frame, value) {
		const loop = frame.loops.at(-1);
		if (value !== void 0) settle(frame, frame.expression(value), loop?.result === void 0 ? discard : {
			kind: "store",
			name: loop.result
		});
		frame.line(loop?.stop ?? "");
	}
	function emitAssign(frame, node) {
		const { base, links } = flatten(node.target);
		const steps = links.filter(isStep);
		const value = frame.expression(node.value);
		const code = {
			...value,
			text: value.form === "float" ? value.text : frame.copied(value),
			isPlace: false
		};
		if (steps.length === 0) {
			assignRoot(frame, node, node.operator !== "" && touches(frame, node.value, node.target) ? frame.hold(code) : code);
			return;
		}
		const held = steps.length > 1 || node.operator !== "" && value.isPlace || steps.some((step) => step.kind === "index" && step.index.kind !== "literal") || touches(frame, node.value, base) ? frame.hold(code) : code;
		const values = emitValues(frame, base, steps);
		const walked = steps.map((step) => heldStep(frame, step, values));
		assignElement(frame, node, {
			base,
			root: rootOf(frame, base),
			steps: walked
		}, held);
	}
	function assignRoot(frame, node, value) {
		const { target } = node;
		const root = rootOf(frame, target);
		if (root === void 0 || root.constant !== void 0) {
			frame.line(`${boxed(value)};`);
			frame.line(`${refusal(frame, target, root)};`);
			return;
		}
		if (node.operator === "") {
			if (target.kind === "this") frame.line(`${root.code.text};`);
			root.write(value);
			carryTag(frame, bindingOf$1(frame.output.scopes, target), node.value);
			return;
		}
		root.write(emitOperation(frame, node, root.code, value));
	}
	function refusal(frame, target, root) {
		if (root?.constant !== void 0) return frame.call(target.at, "constAssign", quote(root.constant));
		if (target.kind !== "variable") return frame.call(target.at, "constAssign", "\"\"");
		const use = frame.output.scopes.uses.get(target);
		return frame.call(target.at, use?.kind === "function" ? "constAssign" : "variableNotFound", quote(target.name));
	}
	function assignElement(frame, node, { base, root, steps }, value) {
		const last = steps.at(-1);
		if (last === void 0 || assignTag(frame, node, value)) return;
		const stored = (code) => ({
			code,
			operatorAt: node.operatorAt
		});
		const own = root?.code ?? frame.expression(base);
		if (root?.constant !== void 0) {
			const copied = steps.slice(0, -1).reduce((text, step) => readStep(frame, text, step), frame.copied(own));
			store(frame, {
				object: `${frame.rt("copy")}(${copied})`,
				outer: void 0
			}, last, stored(value));
			frame.line(`${refusal(frame, base, root)};`);
			return;
		}
		const reached = reach(frame, {
			code: own,
			write: root?.write
		}, steps.slice(0, -1));
		const container = {
			object: reached.text,
			outer: root === void 0 ? void 0 : reached.write
		};
		if (node.operator === "") {
			store(frame, container, last, stored(value));
			return;
		}
		store(frame, container, last, stored(emitOperation(frame, node, refined(effect(readStep(frame, reached.text, last, "Ref")), frame.type(node.target)), value)));
	}
	const chapters = {
		expression: emitExpression,
		into: emitInto,
		body: emitBody,
		statement: emitStatement,
		condition: emitCondition
	};
	function emitFunction(output, unit, isCapturing = false) {
		const isDynamic = unit.isDynamic || isCapturing;
		const frame = new Frame(unit, output, chapters, {
			isDynamic,
			isColoured: output.isColoured(unit)
		});
		frame.variables = unit.params.length + unit.captures.length;
		const isMain = unit.kind === "main";
		const hasScope = isCapturing || isMain && output.options.isEvaluated;
		const name = isMain ? "main" : frame.functionName(unit) + (isCapturing ? "D" : "");
		frame.line(`function${frame.isColoured ? "*" : ""} ${name}(${parameters(frame, hasScope).join(", ")}) {`);
		frame.pay(costOf(unit.body), startOf(unit));
		if (!isMain) enter(frame);
		else if (!hasScope) frame.line(`${frame.rt("S")}.functions = T;`);
		openScope(frame, unit, hasScope);
		if (isCapturing) frame.rewindsTo = "before";
		const top = frame.lines.push("") - 1;
		frame.chapters.body(frame, unit.body, unit.body.length > 0 ? {
			kind: "store",
			name: "r"
		} : discard);
		frame.leave();
		frame.lines[top] = `let ${["r", ...frame.scratches].join(", ")};`;
		frame.line("}");
		return frame.lines.join("\n");
	}
	function parameters(frame, hasScope) {
		const { unit } = frame;
		return [
			...unit.kind === "main" ? [] : ["self"],
			...hasScope ? ["d"] : [],
			...unit.captures.map((binding) => frame.name(binding)),
			...[...unit.params, ...given(frame)].map((binding) => parameter(frame, binding))
		];
	}
	function enter(frame) {
		const { unit } = frame;
		const tooDeep = frame.call(startOf(unit), "stackOverflow");
		frame.line(`if (++${frame.rt("S")}.depth > S.limits.callDepth) ${tooDeep};`);
		if (!usesThis(unit)) return;
		frame.line("const hasThis = self !== undefined;");
		frame.line(`if (self === ${frame.rt("UNIT")}) self = undefined;`);
	}
	function startOf(unit) {
		return "at" in unit.node ? unit.node.at : 0;
	}
	function usesThis(unit) {
		return unit.kind !== "main" && unit.body.some((statement) => some(statement, (piece) => piece.kind === "this"));
	}
	function parameter(frame, binding) {
		return binding.isShared && !frame.isDynamic ? `${frame.name(binding)}p` : frame.name(binding);
	}
	function given({ unit, output }) {
		return unit.kind === "main" ? output.scopes.given : [];
	}
	function openScope(frame, unit, hasScope) {
		const values = [...unit.params, ...given(frame)];
		if (!frame.isDynamic) {
			for (const binding of values) if (binding.isShared) frame.line(`const ${frame.name(binding)} = new ${frame.rt("Cell")}(${frame.name(binding)}p);`);
			return;
		}
		if (!hasScope) frame.line(`const d = new ${frame.rt("Scope")}();`);
		else if (unit.kind !== "main") frame.line("const before = d.names.length;");
		const declare = frame.rt("declareName");
		for (const binding of unit.captures) frame.line(`${declare}(d, ${JSON.stringify(binding.name)}, ${frame.name(binding)}, false);`);
		for (const binding of values) frame.line(`${declare}(d, ${JSON.stringify(binding.name)}, ${frame.name(binding)}, false);`);
	}
	const HEAD_LINES = 3;
	const MARK = 1;
	const MARK_END = "\u0002";
	function assemble(head, parts, locate) {
		const lines = head.split("\n");
		const functions = [];
		let positions = "";
		let last = {
			js: 0,
			line: 0,
			column: 0
		};
		for (const { label, text } of parts) {
			functions.push(`${HEAD_LINES + lines.length + 1}:${label}`);
			for (const line of text.split("\n")) {
				if (line.charCodeAt(0) !== MARK) {
					lines.push(line);
					continue;
				}
				const end = line.indexOf(MARK_END);
				lines.push(line.slice(end + 1));
				const offsets = line.slice(1, end);
				const comma = offsets.indexOf(",");
				const { line: row, column } = locate(Number(comma === -1 ? offsets : offsets.slice(0, comma)));
				const js = HEAD_LINES + lines.length;
				if (positions !== "") positions += ";";
				positions += `${base36(js - last.js)},${base36(row - last.line)},${base36(column - last.column)}`;
				if (comma !== -1) for (const offset of offsets.slice(comma + 1).split(",")) {
					const other = locate(Number(offset));
					positions += `,${base36(other.line - row)},${base36(other.column - column)}`;
				}
				last = {
					js,
					line: row,
					column
				};
			}
		}
		return {
			text: lines.join("\n"),
			positions,
			functions: functions.join(";")
		};
	}
	function base36(value) {
		return value.toString(36);
	}
	function emitProgram(scopes, options) {
		const output = new Output(scopes, options);
		const suspends = output.isColoured(scopes.main);
		const parts = [];
		for (const unit of scopes.units) parts.push({
			label: labelOf(unit),
			text: emitFunction(output, unit)
		});
		for (const unit of output.capturing) parts.push({
			label: labelOf(unit),
			text: emitFunction(output, unit, true)
		});
		for (const loop of output.outlined) parts.push({
			label: "^",
			text: loop
		});
		const tables = emitTables(output);
		const start = `(function (rt, modules) {\n"use strict";\nconst G = rt.newUnit(${quote(options.path)}), M = modules ?? new Map();`;
		const { text, positions, functions } = assemble([...output.head(), ...tables].join("\n"), parts, options.locate);
		const modules = [...options.modules].map(([path, unit]) => `M.set(${quote(path)}, ${unit});`);
		const end = `return rt.finishUnit(G, { main, suspends: ${String(suspends)}, functions: T, positions: ${quote(positions)}, lines: ${quote(functions)} });\n})`;
		return {
			code: [
				start,
				text,
				...modules,
				end
			].join("\n"),
			suspends,
			usesEval: output.usesEval
		};
	}
	function isPrivate(unit) {
		return unit.kind === "function" && unit.node.isPrivate;
	}
	function labelOf(unit) {
		return unit.kind === "closure" ? `anon$${unit.id.toString(16).padStart(16, "0")}` : unit.name;
	}
	function emitTables(output) {
		const lines = [];
		const entries = [];
		for (const unit of output.scopes.units) {
			if (unit.kind === "main") continue;
			const name = labelOf(unit);
			const params = unit.params.length;
			lines.push(`const F${unit.id} = { name: ${quote(name)}, code: f$${unit.name}$${unit.id}, arity: ${params}, isColoured: ${String(output.isColoured(unit))}, setsThis: ${String(unit.changesThis)}${isPrivate(unit) ? ", isPrivate: true" : ""}${output.usesMetadata ? `, params: [${unit.params.map((one) => quote(one.name)).join(", ")}]` : ""} };`);
			if (unit.kind === "closure" && unit.captures.length === 0 && unit.missing.length === 0 || output.pointed.has(unit)) lines.push(`const F${unit.id}p = new ${output.rt("FnPtr")}(${quote(name)}, F${unit.id});`);
			if (unit.kind === "function" && unit.node.thisType === void 0) entries.push(`[${quote(`${unit.name}/${params}`)}, F${unit.id}]`);
		}
		lines.push(`const T = new Map([${entries.join(", ")}]);`);
		return lines;
	}
	const defaultLimits = {
		expr: 64,
		fn_expr: 32,
		fns: 0,
		str: 0,
		arr: 0,
		map: 0
	};
	const words = [
		["as", 80],
		["break", 81],
		["catch", 82],
		["const", 83],
		["continue", 84],
		["do", 85],
		["else", 86],
		["export", 87],
		["false", 88],
		["fn", 89],
		["for", 90],
		["if", 91],
		["import", 92],
		["in", 49],
		["let", 93],
		["loop", 94],
		["private", 95],
		["return", 96],
		["switch", 97],
		["throw", 98],
		["true", 99],
		["try", 100],
		["until", 101],
		["while", 102]
	];
	const symbols = [
		["{", 10],
		["}", 11],
		["(", 12],
		[")", 13],
		["[", 14],
		["]", 15],
		["()", 16],
		["#{", 17],
		[";", 18],
		[",", 19],
		[":", 20],
		["::", 21],
		["=>", 22],
		[".", 23],
		["?.", 24],
		["?[", 25],
		["!", 26],
		["_", 27],
		["+", 30],
		["-", 31],
		["*", 32],
		["/", 33],
		["%", 34],
		["**", 35],
		["<<", 36],
		[">>", 37],
		["&", 38],
		["|", 39],
		["^", 40],
		["&&", 41],
		["||", 42],
		["==", 43],
		["!=", 44],
		["<", 45],
		["<=", 46],
		[">", 47],
		[">=", 48],
		["!in", 50],
		["??", 51],
		["..", 52],
		["..=", 53],
		["=", 59],
		["+=", 60],
		["-=", 61],
		["*=", 62],
		["/=", 63],
		["%=", 64],
		["**=", 65],
		["<<=", 66],
		[">>=", 67],
		["&=", 68],
		["|=", 69],
		["^=", 70]
	];
	const keywords = new Map([...words, ..."async await case default go goto is match module new nil null package protected public shared spawn static super sync thread use var void with yield this Fn call curry debug eval is_def_fn is_def_var is_shared print type_of".split(" ").map((word) => [word, 8])]);
	const texts = (() => {
		const list = Array.from({ length: 103 }, () => "");
		for (const [text, kind] of words) list[kind] = text;
		for (const [text, kind] of symbols) list[kind] = text;
		return list;
	})();
	const precedence = (() => {
		const table = new Uint8Array(103);
		table[36] = table[37] = 210;
		table[35] = 190;
		table[32] = table[33] = table[34] = 180;
		table[30] = table[31] = 150;
		table[52] = table[53] = 140;
		table[51] = 135;
		table[45] = table[46] = table[47] = table[48] = 130;
		table[49] = table[50] = 110;
		table[43] = table[44] = 90;
		table[41] = table[38] = 60;
		table[42] = table[39] = table[40] = 30;
		return table;
	})();
	function endsOperand(kind) {
		switch (kind) {
			case 2:
			case 3:
			case 4:
			case 5:
			case 7:
			case 8:
			case 11:
			case 13:
			case 15:
			case 16:
			case 99:
			case 88: return true;
			default: return false;
		}
	}
	function isIdentifier(text) {
		let seen = false;
		for (let i = 0; i < text.length; i++) {
			const code = text.charCodeAt(i);
			if (code === 95) continue;
			if (!((code | 32) >= 97 && (code | 32) <= 122) && !(seen && code >= 48 && code <= 57)) return false;
			seen = true;
		}
		return seen;
	}
	function isCallable(word) {
		switch (word) {
			case "print":
			case "debug":
			case "Fn":
			case "eval":
			case "is_def_var":
			case "is_def_fn": return true;
			default: return isMethod(word);
		}
	}
	function isMethod(word) {
		return word === "type_of" || word === "call" || word === "curry" || word === "is_shared";
	}
	const intMin = -(2n ** 63n);
	const intMax = 2n ** 63n - 1n;
	function readNumber(lexer, isNegative) {
		const { source } = lexer;
		const from = lexer.pos + (isNegative ? 1 : 0);
		if (source.charCodeAt(from) === 48) {
			const radix = radixOf(source.charCodeAt(from + 1));
			if (radix !== 0) return readRadix(lexer, from + 2, radix, isNegative);
		}
		let i = from;
		let code = source.charCodeAt(i);
		while (code >= 48 && code <= 57 || code === 95) code = source.charCodeAt(++i);
		if (!(code === 46 && takesPoint(source, i + 1)) && (code | 32) !== 101) return finishInt(lexer, i, isNegative);
		readFloat(lexer, i, isNegative);
	}
	function takesPoint(source, at) {
		const code = source.charCodeAt(at);
		if (code >= 48 && code <= 57) return true;
		return !(Number.isNaN(code) || code === 95 || code === 46 || (code | 32) >= 97 && (code | 32) <= 122);
	}
	function finishInt(lexer, end, isNegative) {
		const digits = plain(lexer.source.slice(lexer.pos, end));
		lexer.pos = end;
		const value = Number(digits);
		lexer.kind = 3;
		if (Number.isSafeInteger(value)) {
			lexer.num = value + 0;
			return;
		}
		const exact = BigInt(digits);
		if (isNegative ? exact >= intMin : exact <= intMax) {
			lexer.num = exact;
			return;
		}
		lexer.kind = 4;
		lexer.num = value;
	}
	function readFloat(lexer, at, isNegative) {
		const { source } = lexer;
		let i = at;
		const isPoint = source.charCodeAt(i) === 46;
		if (isPoint) i = digitsEnd(source, i + 1);
		let isFloat = isPoint;
		if ((source.charCodeAt(i) | 32) === 101) {
			const sign = source.charCodeAt(i + 1);
			const first = sign === 43 || sign === 45 ? i + 2 : i + 1;
			const code = source.charCodeAt(first);
			if (first === i + 2 || code >= 48 && code <= 57) {
				isFloat = true;
				i = digitsEnd(source, first);
			}
		}
		if (!isFloat) return finishInt(lexer, i, isNegative);
		const text = plain(source.slice(lexer.pos, i));
		lexer.pos = i;
		const value = Number(text);
		if (Number.isNaN(value)) return lexer.bad("MalformedNumber", `Invalid number: '${text}'`, lexer.start);
		lexer.kind = 4;
		lexer.num = value;
	}
	function digitsEnd(source, from) {
		let i = from;
		let code = source.charCodeAt(i);
		while (code >= 48 && code <= 57 || code === 95) code = source.charCodeAt(++i);
		return i;
	}
	function plain(text) {
		return text.includes("_") ? text.replaceAll("_", "") : text;
	}
	function radixOf(code) {
		switch (code | 32) {
			case 120: return 16;
			case 111: return 8;
			case 98: return 2;
			default: return 0;
		}
	}
	function digitOf(code) {
		if (code >= 48 && code <= 57) return code - 48;
		const letter = code | 32;
		return letter >= 97 && letter <= 102 ? letter - 87 : 99;
	}
	function readRadix(lexer, from, radix, isNegative) {
		const { source } = lexer;
		let i = from;
		while (digitOf(source.charCodeAt(i)) < radix || source.charCodeAt(i) === 95) i += 1;
		const digits = plain(source.slice(from, i));
		lexer.pos = i;
		const bits = digits === "" ? -1n : BigInt(source.slice(from - 2, from).toLowerCase() + digits);
		if (bits < 0n || bits >= 2n ** 64n) return lexer.bad("MalformedNumber", `Invalid number: '${digits}'`, lexer.start);
		const value = BigInt.asIntN(64, isNegative ? -BigInt.asIntN(64, bits) : bits);
		lexer.kind = 3;
		const small = Number(value);
		lexer.num = Number.isSafeInteger(small) ? small : value;
	}
	const newline = 10;
	const carriageReturn = 13;
	const quoteChar = 39;
	const backslash = 92;
	const backTick = 96;
	function readString(lexer, quote) {
		const { source } = lexer;
		const from = lexer.pos + 1;
		if (quote === backTick) {
			let first = from;
			if (source.charCodeAt(first) === carriageReturn) first += 1;
			if (source.charCodeAt(first) === newline) first += 1;
			readText(lexer, first);
			return;
		}
		if (quote === quoteChar && source.charCodeAt(from) === quoteChar) {
			lexer.pos = from + 1;
			lexer.bad("MalformedChar", "Invalid character: ''", lexer.start);
			return;
		}
		let i = from;
		while (isPlain(source.charCodeAt(i), quote)) i += 1;
		if (source.charCodeAt(i) === quote && source.charCodeAt(i + 1) !== quote) {
			lexer.kind = 5;
			lexer.text = source.slice(from, i);
			lexer.pos = i + 1;
		} else if (!new Quoted(lexer, quote).read(from, i)) return;
		if (quote === quoteChar) finishChar(lexer);
		else finishString(lexer);
	}
	function isPlain(code, quote) {
		return code !== quote && code !== backslash && code !== newline && code !== carriageReturn && !Number.isNaN(code);
	}
	function finishChar(lexer) {
		const { text } = lexer;
		if (text.length === 1 || text.length === 2 && (text.codePointAt(0) ?? 0) > 65535) lexer.kind = 7;
		else lexer.bad("MalformedChar", `Invalid character: '${text}'`, lexer.start);
	}
	function finishString(lexer) {
		const max = lexer.stringBytesMax;
		if (max > 0 && bytesOf(lexer.text) > max) lexer.bad("StringTooLong", `Length of string literal exceeds the maximum limit (${max})`, lexer.start);
	}
	function bytesOf(text) {
		let bytes = text.length;
		for (let i = 0; i < text.length; i++) {
			const code = text.charCodeAt(i);
			if (code > 2047) bytes += code >= 55296 && code <= 57343 ? 1 : 2;
			else if (code > 127) bytes += 1;
		}
		return bytes;
	}
	function readText(lexer, from) {
		const { source } = lexer;
		let done = "";
		let piece = from;
		for (let i = from; i < source.length; i++) {
			const code = source.charCodeAt(i);
			if (code === 36 && source.charCodeAt(i + 1) === 123) {
				lexer.kind = 6;
				lexer.text = done + source.slice(piece, i);
				lexer.pos = i + 1;
				return finishString(lexer);
			}
			if (code === backTick) {
				if (source.charCodeAt(i + 1) !== backTick) {
					lexer.kind = 5;
					lexer.text = done + source.slice(piece, i);
					lexer.pos = i + 1;
					return finishString(lexer);
				}
				done += source.slice(piece, i + 1);
				piece = i + 2;
				i += 1;
			} else if (code === carriageReturn && source.charCodeAt(i + 1) === newline) {
				done += source.slice(piece, i);
				piece = i + 1;
			}
		}
		unterminated(lexer, source.length);
	}
	function unterminated(lexer, end) {
		lexer.pos = end;
		lexer.bad("UnterminatedString", "Open string is not terminated", lexer.start);
	}
	function readRawString(lexer) {
		const { source } = lexer;
		let i = lexer.pos;
		while (source.charCodeAt(i) === 35) i += 1;
		const hashes = i - lexer.pos;
		if (i >= source.length) return unterminated(lexer, i);
		if (source.charCodeAt(i) !== 34) {
			const text = String.fromCodePoint(source.codePointAt(i) ?? 0);
			lexer.pos = i;
			return lexer.bad("UnexpectedInput", `Unexpected '${text}'`, i);
		}
		const close = source.indexOf(`"${"#".repeat(hashes)}`, i + 1);
		if (close === -1) return unterminated(lexer, source.length);
		lexer.kind = 5;
		lexer.text = source.slice(i + 1, close);
		lexer.pos = close + 1 + hashes;
		finishString(lexer);
	}
	var Quoted = class {
		lexer;
		quote;
		text = "";
		constructor(lexer, quote) {
			this.lexer = lexer;
			this.quote = quote;
		}
		read(from, plain) {
			const { source } = this.lexer;
			this.text = source.slice(from, plain);
			let i = plain;
			while (i < source.length) {
				const code = source.charCodeAt(i);
				if (code === this.quote) {
					if (source.charCodeAt(i + 1) !== this.quote) return this.finish(i + 1);
					this.text += source.charAt(i);
					i += 2;
				} else if (code === backslash) {
					i = this.escape(i);
					if (i < 0) return false;
				} else if (code === newline) {
					unterminated(this.lexer, i);
					return false;
				} else {
					if (code !== carriageReturn || source.charCodeAt(i + 1) !== newline) this.text += source.charAt(i);
					i += 1;
				}
			}
			unterminated(this.lexer, source.length);
			return false;
		}
		finish(end) {
			this.lexer.kind = 5;
			this.lexer.text = this.text;
			this.lexer.pos = end;
			return true;
		}
		escape(at) {
			const { source } = this.lexer;
			const code = source.charCodeAt(at + 1);
			if (code === this.quote) return this.put(source.charAt(at + 1), at + 2);
			switch (code) {
				case backslash: return this.put("\\", at + 2);
				case 116: return this.put("	", at + 2);
				case 110: return this.put("\n", at + 2);
				case 114: return this.put("\r", at + 2);
				case 120: return this.code(at, 2);
				case 117: return this.code(at, 4);
				case 85: return this.code(at, 8);
				default: return this.continued(at);
			}
		}
		put(text, end) {
			this.text += text;
			return end;
		}
		malformed(at, end) {
			const text = this.lexer.source.slice(at, end);
			this.lexer.pos = end;
			const place = (this.lexer.source.codePointAt(end - 2) ?? 0) > 65535 ? end - 2 : end - 1;
			this.lexer.bad("MalformedEscapeSequence", `Invalid escape sequence: '${text}'`, place);
			return -1;
		}
		code(at, length) {
			const { source } = this.lexer;
			let value = 0;
			for (let i = at + 2; i < at + 2 + length; i++) {
				if (i >= source.length) return this.malformed(at, i);
				const digit = hexDigit(source.charCodeAt(i));
				if (digit < 0) return this.malformed(at, i + ((source.codePointAt(i) ?? 0) > 65535 ? 2 : 1));
				value = value * 16 + digit;
			}
			const end = at + 2 + length;
			if (value > 1114111 || value >= 55296 && value <= 57343) return this.malformed(at, end);
			return this.put(String.fromCodePoint(value), end);
		}
		continued(at) {
			const { source, start } = this.lexer;
			if (at + 1 >= source.length) {
				unterminated(this.lexer, source.length);
				return -1;
			}
			const end = source.charCodeAt(at + 1) === carriageReturn ? at + 2 : at + 1;
			if (source.charCodeAt(end) !== newline || this.quote === quoteChar) return this.malformed(at, at + 1 + ((source.codePointAt(at + 1) ?? 0) > 65535 ? 2 : 1));
			const column = start - source.lastIndexOf("\n", start - 1);
			let i = end + 1;
			while (i <= end + column && (source.charCodeAt(i) === 32 || source.charCodeAt(i) === 9)) i += 1;
			return i;
		}
	};
	function hexDigit(code) {
		if (code >= 48 && code <= 57) return code - 48;
		const letter = code | 32;
		return letter >= 97 && letter <= 102 ? letter - 87 : -1;
	}
	var Lexer = class {
		source;
		stringBytesMax;
		pos = 0;
		kind = 0;
		start = 0;
		end = 0;
		text = "";
		num = 0;
		lastEnd = 0;
		lexCode = "UnexpectedInput";
		lexMessage = "";
		docStart = -1;
		docEnd = -1;
		tokens = 0;
		constructor(source, stringBytesMax) {
			this.source = source;
			this.stringBytesMax = stringBytesMax;
		}
		bad(code, message, at) {
			this.kind = 1;
			this.lexCode = code;
			this.lexMessage = message;
			this.start = at;
		}
		resumeText() {
			this.start = this.pos;
			readText(this, this.pos);
			this.end = this.pos;
			this.tokens += 1;
		}
		next() {
			const afterOperand = endsOperand(this.kind);
			this.lastEnd = this.end;
			this.tokens += 1;
			this.skipBlanks();
			const at = this.pos;
			this.start = at;
			if (at >= this.source.length) {
				this.kind = 0;
				this.end = at;
				return;
			}
			const code = this.source.charCodeAt(at);
			if ((code | 32) >= 97 && (code | 32) <= 122 || code === 95) this.word(at);
			else if (code >= 48 && code <= 57) readNumber(this, false);
			else this.symbol(code, afterOperand);
			this.end = this.pos;
		}
		skipBlanks() {
			const source = this.source;
			this.docStart = -1;
			for (;;) {
				const code = source.charCodeAt(this.pos);
				if (code === 32 || code >= 9 && code <= 13) this.pos += 1;
				else if (code === 47 && source.charCodeAt(this.pos + 1) === 47) this.lineComment();
				else if (code === 47 && source.charCodeAt(this.pos + 1) === 42) this.blockComment();
				else if (code > 127 && isBlank(code)) this.pos += 1;
				else return;
			}
		}
		lineComment() {
			const { source } = this;
			const from = this.pos;
			const newline = source.indexOf("\n", from);
			this.pos = newline === -1 ? source.length : newline;
			if (source.charCodeAt(from + 2) === 47 && source.charCodeAt(from + 3) !== 47) this.noteDoc(from);
		}
		blockComment() {
			const { source } = this;
			const from = this.pos;
			let depth = 1;
			let i = from + 2;
			while (depth > 0 && i < source.length) {
				const code = source.charCodeAt(i);
				const pair = code === 42 || code === 47 ? source.charCodeAt(i + 1) : 0;
				if (code === 42 && pair === 47) depth -= 1;
				else if (code === 47 && pair === 42) depth += 1;
				else {
					i += 1;
					continue;
				}
				i += 2;
			}
			this.pos = depth > 0 ? source.length : i;
			if (source.charCodeAt(from + 2) === 42 && source.charCodeAt(from + 3) !== 42 && this.pos > from + 4) this.noteDoc(from);
		}
		noteDoc(from) {
			if (this.docStart === -1) this.docStart = from;
			this.docEnd = this.pos;
		}
		word(at) {
			const { source } = this;
			let i = at + 1;
			for (;;) {
				const code = source.charCodeAt(i);
				if (!((code | 32) >= 97 && (code | 32) <= 122) && !(code >= 48 && code <= 57) && code !== 95) break;
				i += 1;
			}
			this.pos = i;
			const text = source.slice(at, i);
			this.text = text;
			const keyword = keywords.get(text);
			if (keyword !== void 0) this.kind = keyword;
			else if (source.charCodeAt(at) !== 95 || isIdentifier(text)) this.kind = 2;
			else if (text === "_") this.kind = 27;
			else this.bad("MalformedIdentifier", `Variable name is not proper: '${text}'`, at);
		}
		take(kind, length) {
			this.kind = kind;
			this.pos += length;
		}
		reserve(length) {
			this.text = this.source.slice(this.pos, this.pos + length);
			this.pos += length;
			this.kind = 8;
			const message = improper(this.text);
			if (message !== void 0) this.bad("ImproperSymbol", message, this.start);
		}
		operator(kind, next) {
			if (next === 61) this.take(kind + 30, 2);
			else this.take(kind, 1);
		}
		symbol(code, afterOperand) {
			const next = this.source.charCodeAt(this.pos + 1);
			switch (code) {
				case 34: return readString(this, 34);
				case 39: return readString(this, 39);
				case 96: return readString(this, 96);
				case 123: return this.take(10, 1);
				case 125: return this.take(11, 1);
				case 40:
					if (next === 41) return this.take(16, 2);
					return next === 42 ? this.reserve(2) : this.take(12, 1);
				case 41: return this.take(13, 1);
				case 91: return this.take(14, 1);
				case 93: return this.take(15, 1);
				case 59: return this.take(18, 1);
				case 44: return this.take(19, 1);
				case 46: return this.dot(next);
				case 58: return this.colon(next);
				case 61:
					if (next === 61) return this.third(61) ? this.reserve(3) : this.take(43, 2);
					return next === 62 ? this.take(22, 2) : this.take(59, 1);
				case 43: return next === 43 ? this.reserve(2) : this.operator(30, next);
				case 45:
					if (next >= 48 && next <= 57 && !afterOperand) return readNumber(this, true);
					return next === 45 || next === 62 ? this.reserve(2) : this.operator(31, next);
				case 42:
					if (next === 41) return this.reserve(2);
					if (next !== 42) return this.operator(32, next);
					return this.third(61) ? this.take(65, 3) : this.take(35, 2);
				case 47: return this.operator(33, next);
				case 37: return this.operator(34, next);
				case 94: return this.operator(40, next);
				case 60:
					if (next === 60) return this.third(61) ? this.take(66, 3) : this.take(36, 2);
					if (next === 45 || next === 124) return this.reserve(2);
					return next === 61 ? this.take(46, 2) : this.take(45, 1);
				case 62:
					if (next === 62) return this.third(61) ? this.take(67, 3) : this.take(37, 2);
					return next === 61 ? this.take(48, 2) : this.take(47, 1);
				case 33: return this.exclamation(next);
				case 124:
					if (next === 124) return this.take(42, 2);
					return next === 62 ? this.reserve(2) : this.operator(39, next);
				case 38: return next === 38 ? this.take(41, 2) : this.operator(38, next);
				case 35: return this.hash(next);
				case 63:
					if (next === 63) return this.take(51, 2);
					if (next === 46) return this.take(24, 2);
					return next === 91 ? this.take(25, 2) : this.reserve(1);
				case 126:
				case 64:
				case 36: return this.reserve(1);
				default: return this.unexpected();
			}
		}
		third(code) {
			return this.source.charCodeAt(this.pos + 2) === code;
		}
		dot(next) {
			if (next !== 46) return this.take(23, 1);
			if (this.third(46)) return this.reserve(3);
			return this.third(61) ? this.take(53, 3) : this.take(52, 2);
		}
		colon(next) {
			if (next === 58) return this.third(60) ? this.reserve(3) : this.take(21, 2);
			return next === 61 || next === 59 ? this.reserve(2) : this.take(20, 1);
		}
		exclamation(next) {
			if (next === 61) return this.third(61) ? this.reserve(3) : this.take(44, 2);
			if (next === 46) return this.reserve(2);
			if (next === 105 && this.third(110) && !isWordCode(this.source.charCodeAt(this.pos + 3))) return this.take(50, 3);
			return this.take(26, 1);
		}
		hash(next) {
			if (next === 123) return this.take(17, 2);
			if (next === 33) return this.reserve(2);
			return next === 34 || next === 35 ? readRawString(this) : this.reserve(1);
		}
		unexpected() {
			const text = String.fromCodePoint(this.source.codePointAt(this.pos) ?? 0);
			this.pos += text.length;
			this.bad("UnexpectedInput", `Unexpected '${text}'`, this.start);
		}
	};
	function isWordCode(code) {
		return (code | 32) >= 97 && (code | 32) <= 122 || code >= 48 && code <= 57 || code === 95;
	}
	function isBlank(code) {
		return code === 133 || code === 160 || code === 5760 || code >= 8192 && code <= 8202 || code === 8232 || code === 8233 || code === 8239 || code === 8287 || code === 12288;
	}
	function improper(symbol) {
		switch (symbol) {
			case "===": return "'===' is not a valid operator. This is not JavaScript! Should it be '=='?";
			case "!==": return "'!==' is not a valid operator. This is not JavaScript! Should it be '!='?";
			case "->": return "'->' is not a valid symbol. This is not C or C++!";
			case "<-": return "'<-' is not a valid symbol. This is not Go! Should it be '<='?";
			case ":=": return "':=' is not a valid assignment operator. This is not Go or Pascal! Should it be simply '='?";
			case ":;": return "':;' is not a valid symbol. Should it be '::'?";
			case "::<": return "'::<>' is not a valid symbol. This is not Rust! Should it be '::'?";
			case "(*":
			case "*)": return "'(* .. *)' is not a valid comment format. This is not Pascal! Should it be '/* .. */'?";
			default: return;
		}
	}
	var ParseFailure = class extends Error {
		isFinal;
		constructor(isFinal) {
			super("parse failure");
			this.isFinal = isFinal;
		}
	};
	const closureDepthMax = 24;
	const levelBound = 128;
	function bounded(limit) {
		return limit === 0 ? levelBound : Math.min(limit, levelBound);
	}
	var ParserBase = class extends Lexer {
		limits;
		strict;
		shadowing;
		looping;
		qualifiedWords;
		findings = [];
		findingsMax;
		tokensMax;
		outside;
		modules;
		names = [];
		places = new Map();
		constants = [];
		scopeBase = 0;
		isFunction = false;
		isClosure = false;
		isBreakable = false;
		isGlobal = true;
		levelMax;
		external = [];
		closureDepth = 0;
		constructor(source, options) {
			const limits = {
				...defaultLimits,
				...options.limits
			};
			super(source, limits.str);
			this.limits = limits;
			this.strict = options.strict ?? false;
			this.shadowing = options.shadowing ?? true;
			this.looping = options.looping ?? true;
			this.qualifiedWords = new Set(options.qualifiedWords);
			this.findingsMax = options.diagnosticsMax ?? 20;
			this.tokensMax = options.tokensMax ?? 5e5;
			this.outside = new Set(options.scope);
			this.modules = [...options.modules ?? []];
			this.levelMax = bounded(limits.expr);
		}
		fail(code, message, at, end = at + 1) {
			this.report({
				code,
				message,
				start: at,
				end
			});
			throw new ParseFailure(code === "ExprTooDeep" || code === "TooManyTokens");
		}
		failLex(lex, message, at, end = at + 1) {
			this.report({
				code: "BadInput",
				lex,
				message,
				start: at,
				end
			});
			throw new ParseFailure(false);
		}
		failHere(code, message) {
			this.fail(code, message, this.start, this.end);
		}
		failToken() {
			this.failLex(this.lexCode, this.lexMessage, this.start, this.end);
		}
		report(finding) {
			if (this.findings.length < this.findingsMax) this.findings.push(finding);
		}
		missing(token, purpose, isLexFirst) {
			if (isLexFirst && this.kind === 1) this.failToken();
			this.failHere("MissingToken", `Expecting '${token}' ${purpose}`);
		}
		eat(kind) {
			if (this.kind !== kind) return false;
			this.next();
			return true;
		}
		variableName() {
			if (this.kind === 2) {
				const name = {
					text: this.text,
					at: this.start
				};
				this.next();
				return name;
			}
			if (this.kind === 8 && isIdentifier(this.text)) this.failReserved();
			if (this.kind === 1) this.failToken();
			return this.failHere("VariableExpected", "Expecting name of a variable");
		}
		failReserved() {
			const sort = isIdentifier(this.text) ? "keyword" : "symbol";
			this.failHere("Reserved", `'${this.text}' is a reserved ${sort}`);
		}
		failUnexpected() {
			this.failLex("UnexpectedInput", `Unexpected '${texts[this.kind] ?? ""}'`, this.start, this.end);
		}
		deeper(level, at) {
			if (this.tokens > this.tokensMax) this.fail("TooManyTokens", `Script has more than ${this.tokensMax} tokens`, at);
			if (level >= this.levelMax) this.fail("ExprTooDeep", "Expression exceeds maximum complexity", at);
			return level + 1;
		}
		snapshot() {
			const { scopeBase, isFunction, isClosure, isBreakable, isGlobal, levelMax, closureDepth, external } = this;
			return {
				scopeBase,
				isFunction,
				isClosure,
				isBreakable,
				isGlobal,
				levelMax,
				closureDepth,
				external
			};
		}
		enterFunction(isClosure, at) {
			const state = this.snapshot();
			if (isClosure && this.closureDepth >= closureDepthMax) this.fail("ExprTooDeep", "Expression exceeds maximum complexity", at);
			this.closureDepth += 1;
			this.scopeBase = this.names.length;
			this.isFunction = true;
			this.isClosure = isClosure;
			this.isBreakable = false;
			this.isGlobal = false;
			this.levelMax = bounded(this.limits.fn_expr);
			this.external = [];
			return state;
		}
		leaveFunction(state) {
			this.truncate(this.scopeBase);
			this.restore(state);
		}
		restore(state) {
			this.scopeBase = state.scopeBase;
			this.isFunction = state.isFunction;
			this.isClosure = state.isClosure;
			this.isBreakable = state.isBreakable;
			this.isGlobal = state.isGlobal;
			this.levelMax = state.levelMax;
			this.closureDepth = state.closureDepth;
			this.external = state.external;
		}
		define(name, isConst) {
			const places = this.places.get(name);
			if (places === void 0) this.places.set(name, [this.names.length]);
			else places.push(this.names.length);
			this.names.push(name);
			this.constants.push(isConst);
		}
		truncate(length) {
			while (this.names.length < length) this.define("", false);
			while (this.names.length > length) this.places.get(this.names.pop() ?? "")?.pop();
			this.constants.length = length;
		}
		find(name) {
			const place = this.places.get(name)?.at(-1) ?? -1;
			return place >= this.scopeBase ? place : -1;
		}
	};
	const sorts = {
		unit: "()",
		bool: "a boolean",
		int: "a number",
		float: "a floating-point number",
		char: "a character",
		string: "a string"
	};
	function literalSort(expression) {
		if (expression.kind === "literal") return sorts[expression.literal.type];
		if (expression.kind === "interpolation") return "a string";
		if (expression.kind === "array") return "an array";
		return expression.kind === "map" ? "an object map" : "";
	}
	function isConstant(expression) {
		if (expression.kind === "literal") return true;
		if (expression.kind === "array") return expression.items.every(isConstant);
		return expression.kind === "map" && expression.entries.every((entry) => isConstant(entry.value));
	}
	var LiteralParser = class extends ParserBase {
		arrayLiteral(level) {
			const at = this.start;
			const items = [];
			const max = this.limits.arr;
			this.next();
			for (;;) {
				if (max > 0 && items.length >= max) this.failHere("LiteralTooLarge", `Size of array literal exceeds the maximum limit (${max})`);
				if (this.eat(15)) break;
				if (this.kind === 0) this.missing("]", "to end this array literal", false);
				items.push(this.expression(this.deeper(level, at)));
				if (this.eat(19) || this.kind === 15) continue;
				if (this.kind === 0) this.missing("]", "to end this array literal", false);
				this.missing(",", "to separate the items of this array literal", true);
			}
			return {
				kind: "array",
				start: at,
				end: this.lastEnd,
				at,
				items
			};
		}
		mapLiteral(level) {
			const at = this.start;
			const entries = [];
			const keys = new Set();
			const max = this.limits.map;
			this.next();
			while (!this.eat(11)) {
				const key = this.mapKey(entries.length === 0);
				if (keys.has(key.text)) this.fail("DuplicatedProperty", `Duplicated property for object map literal: ${key.text}`, key.at, this.lastEnd);
				keys.add(key.text);
				if (!this.eat(20)) this.missing(":", `to follow the property '${key.text}' in this object map literal`, true);
				if (max > 0 && entries.length >= max) {
					const message = `Number of properties in object map literal exceeds the maximum limit (${max})`;
					this.failHere("LiteralTooLarge", message);
				}
				entries.push({
					key,
					value: this.expression(this.deeper(level, at))
				});
				if (this.eat(19) || this.kind === 11) continue;
				if (this.kind === 2) this.missing(",", "to separate the items of this object map literal", false);
				this.missing("}", "to end this object map literal", true);
			}
			return {
				kind: "map",
				start: at,
				end: this.lastEnd,
				at,
				entries
			};
		}
		mapKey(isFirst) {
			if (this.kind === 2 || this.kind === 5) {
				const key = {
					text: this.text,
					at: this.start
				};
				this.next();
				return key;
			}
			if (this.kind === 8 && isIdentifier(this.text)) this.failReserved();
			if (this.kind === 1) this.failToken();
			if (this.kind === 0 || isFirst && this.kind !== 6) this.missing("}", "to end this object map literal", false);
			return this.failHere("PropertyExpected", "Expecting name of a property");
		}
		interpolation(outer) {
			const at = this.start;
			const level = this.deeper(outer, at);
			const parts = [];
			this.textPart(parts);
			while (this.kind === 6) {
				this.next();
				const block = this.block(level, true);
				parts.push({
					kind: "block-expression",
					start: block.start,
					end: block.end,
					at: block.at,
					block
				});
				this.resumeText();
				if (this.kind === 1) this.failToken();
				this.textPart(parts);
			}
			const end = this.end;
			this.next();
			return {
				kind: "interpolation",
				start: at,
				end,
				at,
				parts
			};
		}
		textPart(parts) {
			const { text, start, end } = this;
			if (text !== "") parts.push({
				kind: "literal",
				start,
				end,
				at: start,
				literal: {
					type: "string",
					value: text
				}
			});
		}
		closure() {
			const at = this.start;
			const state = this.enterFunction(true, at);
			const level = this.deeper(0, at);
			const params = [];
			if (this.kind === 42) this.next();
			else {
				this.next();
				if (!this.eat(39)) this.closureParams(params);
			}
			const body = this.closureBody(level);
			const { external } = this;
			this.leaveFunction(state);
			if (this.strict) for (const { text, at: place } of external) this.checkKnown(text, place);
			return {
				kind: "closure",
				start: at,
				end: this.lastEnd,
				at,
				params,
				body
			};
		}
		closureParams(params) {
			for (;;) {
				if (this.kind === 39) {
					this.next();
					return;
				}
				if (this.kind !== 2) this.missing("|", "to close the parameters list of anonymous function or closure", true);
				this.addParam(params, "");
				if (this.eat(39)) return;
				if (!this.eat(19)) this.missing(",", "to separate the parameters of anonymous function", true);
			}
		}
		addParam(params, functionName) {
			const { text, start } = this;
			if (this.isParam(params, text)) this.failHere("FnDuplicatedParam", `Duplicated parameter ${text} for function ${functionName}`);
			params.push({
				text,
				at: start
			});
			this.define(text, false);
			this.next();
		}
		longParams;
		isParam(params, text) {
			if (params.length < 16) return params.some((param) => param.text === text);
			const names = this.longParams?.list === params ? this.longParams.names.add(params.at(-1)?.text ?? "") : new Set(params.map((param) => param.text));
			this.longParams = {
				list: params,
				names
			};
			return names.has(text);
		}
		closureBody(level) {
			const statement = this.statement(level);
			if (statement.kind === "expression" && statement.expression.kind === "block-expression") return statement.expression.block;
			const { start, end, at } = statement;
			return {
				kind: "block",
				start,
				end,
				at,
				close: end,
				body: statement.kind === "empty" ? [] : [statement]
			};
		}
	};
	const freeIndices = 16;
	var PrimaryParser = class extends LiteralParser {
		primary(level) {
			return this.postfix(level, this.operand(level));
		}
		operand(level) {
			switch (this.kind) {
				case 2: return this.variableOrCall(level);
				case 3: return this.literal({
					type: "int",
					value: this.num
				});
				case 4: return this.literal({
					type: "float",
					value: Number(this.num)
				});
				case 5: return this.literal({
					type: "string",
					value: this.text
				});
				case 7: return this.literal({
					type: "char",
					value: this.text
				});
				case 99: return this.literal({
					type: "bool",
					value: true
				});
				case 88: return this.literal({
					type: "bool",
					value: false
				});
				case 16: return this.literal({ type: "unit" });
				case 6: return this.interpolation(level);
				case 12: return this.parenthesis(this.deeper(level, this.start));
				case 14: return this.arrayLiteral(this.deeper(level, this.start));
				case 17: return this.mapLiteral(this.deeper(level, this.start));
				case 39:
				case 42: return this.closure();
				case 8: return this.reservedOperand(level);
				case 1: return this.failToken();
				case 0: return this.failHere("UnexpectedEOF", "Script is incomplete");
				default: return this.control(level) ?? this.failUnexpected();
			}
		}
		literal(literal) {
			const { start, end } = this;
			this.next();
			return {
				kind: "literal",
				start,
				end,
				at: start,
				literal
			};
		}
		parenthesis(level) {
			this.next();
			const inner = this.expression(level);
			if (!this.eat(13)) this.missing(")", "for a matching ( in this expression", true);
			return inner;
		}
		reservedOperand(level) {
			const { text, start, end } = this;
			if (this.callFollows() && isCallable(text)) {
				this.next();
				return this.callOf({
					text,
					at: start
				}, [], level);
			}
			if (text !== "this") this.failReserved();
			if (!this.isFunction) this.failLex("ImproperSymbol", "'this' can only be used in functions", start, end);
			this.next();
			return {
				kind: "this",
				start,
				end,
				at: start
			};
		}
		callFollows() {
			const { source } = this;
			let i = this.end;
			while (source.charCodeAt(i) === 32) i += 1;
			const code = source.charCodeAt(i);
			if (code === 40) return source.charCodeAt(i + 1) !== 42;
			return code === 33 || code < 32 || code === 47 ? this.slowCallFollows() : false;
		}
		slowCallFollows() {
			const { pos, kind, start, end, text, num, lastEnd, tokens, docStart, docEnd } = this;
			this.next();
			const isCalled = this.kind === 12 || this.kind === 16 || this.kind === 26;
			Object.assign(this, {
				pos,
				kind,
				start,
				end,
				text,
				num,
				lastEnd,
				tokens,
				docStart,
				docEnd
			});
			return isCalled;
		}
		variableOrCall(level) {
			const { start, end, text } = this;
			this.next();
			switch (this.kind) {
				case 12:
				case 16:
				case 26: return this.callOf({
					text,
					at: start
				}, [], level);
				case 21: return this.qualified({
					text,
					at: start
				}, level);
				default:
					if (this.strict) this.checkVariable(text, start);
					return {
						kind: "variable",
						start,
						end,
						at: start,
						name: text,
						namespace: []
					};
			}
		}
		qualified(first, level) {
			const namespace = [];
			let name = first;
			while (this.eat(21)) {
				namespace.push(name);
				name = this.qualifiedName();
			}
			if (this.kind === 12 || this.kind === 16 || this.kind === 26) return this.callOf(name, namespace, level);
			this.checkModule(namespace);
			return {
				kind: "variable",
				start: first.at,
				end: this.lastEnd,
				at: first.at,
				name: name.text,
				namespace
			};
		}
		qualifiedName() {
			if (this.kind !== 8 || !this.qualifiedWords.has(this.text)) return this.variableName();
			const name = {
				text: this.text,
				at: this.start
			};
			this.next();
			return name;
		}
		callOf(name, namespace, level) {
			let isCapturing = false;
			if (this.kind === 26) {
				const bang = this.start;
				this.next();
				const isCall = this.kind === 12 || this.kind === 16;
				if (namespace.length > 0) {
					if (isCall) this.failLex("UnexpectedInput", "Unexpected '!'", bang);
					this.failLex("ImproperSymbol", "'!' cannot be used to call module functions", bang);
				}
				if (!isCall) this.missing("(", "to start arguments list of function call", false);
				isCapturing = true;
			}
			const args = this.arguments(name.text, level, name.at);
			this.checkModule(namespace);
			return {
				kind: "call",
				start: namespace[0]?.at ?? name.at,
				end: this.lastEnd,
				at: name.at,
				name: name.text,
				namespace,
				args,
				isCapturing
			};
		}
		arguments(name, outer, at) {
			const args = [];
			if (this.eat(16)) return args;
			this.next();
			if (this.kind === 0) this.missing(")", `to close the arguments list of this function call '${name}'`, false);
			if (this.kind === 1) this.failToken();
			if (this.eat(13)) return args;
			const level = this.deeper(outer, at);
			for (;;) {
				if (this.kind !== 13) args.push(this.expression(level));
				if (this.eat(13)) return args;
				if (this.eat(19)) continue;
				if (this.kind === 0) this.missing(")", `to close the arguments list of this function call '${name}'`, false);
				this.missing(",", `to separate the arguments to function call '${name}'`, true);
			}
		}
		postfix(outer, operand) {
			let level = outer;
			let expression = operand;
			let indices = 0;
			for (;;) switch (this.kind) {
				case 23:
				case 24:
					level = this.deeper(level, this.start);
					expression = this.member(expression, level);
					break;
				case 14:
				case 25: {
					const inner = this.deeper(level, this.start);
					expression = this.index(expression, inner);
					if (++indices > freeIndices) level = inner;
					break;
				}
				case 12:
				case 16:
					if (expression.kind !== "variable" || expression.namespace.length > 0) return expression;
					expression = this.callOf({
						text: expression.name,
						at: expression.at
					}, [], level);
					break;
				default: return expression;
			}
		}
		member(target, level) {
			const isElvis = this.kind === 24;
			const dotAt = this.start;
			this.next();
			const { text, start: at, kind } = this;
			if (kind === 8) {
				if (!isMethod(text) || !this.callFollows()) this.failReserved();
			} else if (kind !== 2) this.failHere("PropertyExpected", "Expecting name of a property");
			this.next();
			if (this.kind === 21) this.failLex("ImproperSymbol", "Invalid symbol encountered: '::'", this.start, this.end);
			const isCapturing = this.eat(26);
			if (this.kind !== 12 && this.kind !== 16) {
				if (isCapturing) this.missing("(", "to start arguments list of function call", false);
				const { start } = target;
				return {
					kind: "property",
					start,
					end: this.lastEnd,
					at,
					target,
					name: text,
					isElvis,
					dotAt
				};
			}
			const args = this.arguments(text, level, at);
			if (isCapturing) this.fail("MalformedCapture", "method-call style does not support running within the caller's scope", at, at + text.length);
			return {
				kind: "method",
				start: target.start,
				end: this.lastEnd,
				at,
				target,
				name: text,
				args,
				isElvis,
				dotAt
			};
		}
		index(target, level) {
			const at = this.start;
			const isElvis = this.kind === 25;
			this.next();
			const index = this.expression(level);
			if (target.kind !== "index") this.checkIndex(target, index);
			if (!this.eat(15)) this.missing("]", "for a matching [ in this index expression", true);
			return {
				kind: "index",
				start: target.start,
				end: this.lastEnd,
				at,
				target,
				index,
				isElvis
			};
		}
		checkIndex(target, index) {
			const found = indexSort(index);
			if (found === "") return;
			let message;
			if (target.kind === "map") {
				if (found === "a string") return;
				message = `Object map expects string index, not ${found}`;
			} else if (target.kind === "array" || target.kind === "interpolation" || target.kind === "literal" && (target.literal.type === "int" || target.literal.type === "string")) {
				if (found === "a number") return;
				message = `Array, string or bit-field expects ${found === "a string" ? "numeric" : "integer"} index, not ${found}`;
			} else return;
			const at = startPosition(index);
			this.fail("MalformedIndexExpr", message, at, index.end);
		}
		checkVariable(name, at) {
			if (this.isClosure && this.find(name) === -1) {
				this.external.push({
					text: name,
					at
				});
				return;
			}
			this.checkKnown(name, at);
		}
		checkKnown(name, at) {
			if (this.find(name) !== -1 || this.isFunctionName(name) || this.outside.has(name)) return;
			if (this.isClosure) this.external.push({
				text: name,
				at
			});
			else this.fail("VariableUndefined", `Undefined variable: ${name}`, at, at + name.length);
		}
		checkModule(namespace) {
			const root = namespace[0];
			if (!this.strict || root === void 0 || root.text === "global" || this.modules.includes(root.text)) return;
			this.fail("ModuleUndefined", `Undefined module: ${root.text}`, root.at, root.at + root.text.length);
		}
	};
	function indexSort(index) {
		if (index.kind === "array" || index.kind === "map") return "";
		if (index.kind === "binary") return index.operator === "&&" || index.operator === "||" ? "a boolean" : "";
		return literalSort(index);
	}
	function startPosition(expression) {
		const { kind, at } = expression;
		if (kind === "binary") return isShortCircuit(expression.operator) ? startPosition(expression.left) : at;
		return kind === "index" || kind === "method" || kind === "property" ? startPosition(expression.target) : at;
	}
	function isShortCircuit(operator) {
		return operator === "&&" || operator === "||" || operator === "??";
	}
	const lowest = 1;
	const rightDepthMax = 200;
	var ExpressionParser = class extends PrimaryParser {
		allowsPipe = true;
		rightDepth = 0;
		expression(outer) {
			const level = this.deeper(outer, this.start);
			return this.binary(level, lowest, this.unary(level));
		}
		unary(level) {
			const at = this.start;
			switch (this.kind) {
				case 31: {
					this.next();
					const operand = this.unary(this.deeper(level, at));
					return negated(operand, at) ?? this.unaryOf("-", at, operand);
				}
				case 30: {
					this.next();
					const operand = this.unary(this.deeper(level, at));
					return operand.kind === "literal" && (operand.literal.type === "int" || operand.literal.type === "float") ? operand : this.unaryOf("+", at, operand);
				}
				case 26:
					this.next();
					return this.unaryOf("!", at, this.unary(this.deeper(level, at)));
				default: return this.primary(level);
			}
		}
		unaryOf(operator, at, operand) {
			return {
				kind: "unary",
				start: at,
				end: this.lastEnd,
				at,
				operator,
				operand
			};
		}
		binary(outer, parent, left) {
			let level = outer;
			let root = left;
			let place = left.at;
			for (;;) {
				const { kind, start: at } = this;
				const strength = this.strength();
				if (strength < parent || strength === parent && kind !== 35 || strength === 0) return root;
				this.next();
				let right = this.openEnd(kind, at) ?? this.unary(level);
				const next = this.strength();
				if (next > strength || next === strength && kind === 35) right = this.rightSide(level, strength, right);
				level = this.deeper(level, place);
				place = at;
				const operator = texts[kind];
				if (operator === "&&" || operator === "||") {
					this.checkBoolean(right);
					this.checkBoolean(root);
				}
				root = {
					kind: "binary",
					start: root.start,
					end: this.lastEnd,
					at,
					operator,
					left: root,
					right
				};
			}
		}
		rightSide(level, strength, left) {
			if (this.rightDepth >= rightDepthMax) this.fail("ExprTooDeep", "Expression exceeds maximum complexity", left.at);
			this.rightDepth += 1;
			const right = this.binary(level, strength, left);
			this.rightDepth -= 1;
			return right;
		}
		openEnd(operator, at) {
			if (operator !== 52) return void 0;
			if (this.kind !== 15 && this.kind !== 13 && this.kind !== 19) return void 0;
			return {
				kind: "literal",
				start: at,
				end: at,
				at,
				literal: {
					type: "int",
					value: 2n ** 63n - 1n
				}
			};
		}
		strength() {
			const { kind } = this;
			if (kind === 8 && !isIdentifier(this.text)) this.failHere("UnknownOperator", `Unknown operator: '${this.text}'`);
			if (kind === 39 && !this.allowsPipe) return 0;
			return precedence[kind] ?? 0;
		}
		checkBoolean(expression) {
			const found = literalSort(expression);
			if (found === "" || found === "a boolean") return;
			this.mismatched("a boolean expression", found, expression);
		}
		checkIterable(expression) {
			const found = literalSort(expression);
			if (found === "" || found === "a string" || found === "an array") return;
			this.mismatched("an iterable value", found, expression);
		}
		mismatched(wanted, found, expression) {
			const at = startPosition(expression);
			this.fail("MismatchedType", `Expecting ${wanted}, not ${found}`, at, expression.end);
		}
	};
	function negated(operand, at) {
		if (operand.kind !== "literal") return void 0;
		const { literal, end } = operand;
		if (literal.type === "float") return {
			kind: "literal",
			start: at,
			end,
			at,
			literal: {
				type: "float",
				value: -literal.value
			}
		};
		if (literal.type !== "int") return void 0;
		if (literal.value === -(2n ** 63n)) return {
			kind: "literal",
			start: at,
			end,
			at,
			literal: {
				type: "float",
				value: 2 ** 63
			}
		};
		return {
			kind: "literal",
			start: at,
			end,
			at,
			literal: {
				type: "int",
				value: typeof literal.value === "bigint" ? -literal.value : 0 - literal.value
			}
		};
	}
	var SwitchCases = class {
		hasRange = false;
		add(value) {
			if (value.kind === "binary" && (value.operator === ".." || value.operator === "..=")) {
				const from = intOf(value.left);
				const to = intOf(value.right);
				if (from === void 0 || to === void 0) return "literal";
				const isInclusive = value.operator === "..=";
				if (isInclusive ? from <= to : from < to) this.hasRange = true;
				return {
					kind: "range",
					from,
					to,
					isInclusive
				};
			}
			if (!isConstant(value)) return "literal";
			if (this.hasRange && isNumber(value)) return "order";
			return {
				kind: "value",
				value
			};
		}
	};
	function intOf(expression) {
		return expression.kind === "literal" && expression.literal.type === "int" ? expression.literal.value : void 0;
	}
	function isNumber(expression) {
		return expression.kind === "literal" && (expression.literal.type === "int" || expression.literal.type === "float");
	}
	const elseIfMax = 500;
	var ControlParser = class extends ExpressionParser {
		isSelfTerminated = false;
		control(level) {
			switch (this.kind) {
				case 10: {
					const block = this.block(this.deeper(level, this.start));
					return {
						kind: "block-expression",
						start: block.start,
						end: block.end,
						at: block.at,
						block
					};
				}
				case 91: return this.ifExpression(this.deeper(level, this.start));
				case 97: return this.switchExpression(this.deeper(level, this.start));
				case 102:
				case 94:
				case 85:
				case 90: return this.looping ? this.loop(this.deeper(level, this.start)) : void 0;
				default: return;
			}
		}
		loop(level) {
			switch (this.kind) {
				case 102: return this.whileLoop(level);
				case 94: return this.plainLoop(level);
				case 85: return this.doLoop(level);
				default: return this.forLoop(level);
			}
		}
		condition(level) {
			this.refuseBlock();
			const condition = this.expression(level);
			this.checkBoolean(condition);
			if (this.kind === 59) this.failLex("ImproperSymbol", "Possibly a typo of '=='?", this.start, this.end);
			if (this.kind >= 60 && this.kind <= 70) this.failLex("ImproperSymbol", "Expecting a boolean expression, not an assignment", this.start, this.end);
			return condition;
		}
		refuseBlock() {
			if (this.kind === 10) this.failHere("ExprExpected", "Expecting a boolean expression");
		}
		ifExpression(level) {
			const branches = [];
			let otherwise;
			for (;;) {
				const at = this.start;
				this.next();
				const condition = this.condition(level);
				branches.push({
					at,
					condition,
					body: this.block(level)
				});
				if (!this.eat(86)) break;
				if (this.kind !== 91) {
					otherwise = this.block(level);
					break;
				}
				if (branches.length > elseIfMax) this.fail("ExprTooDeep", "Expression exceeds maximum complexity", this.start);
			}
			const end = this.lastEnd;
			let made;
			for (let branch = branches.pop(); branch !== void 0; branch = branches.pop()) {
				const { at, condition, body } = branch;
				if (made !== void 0) otherwise = blockAround(made);
				made = {
					kind: "if",
					start: at,
					end,
					at,
					condition,
					then: body,
					otherwise
				};
			}
			return made;
		}
		loopBody(level) {
			const wasBreakable = this.isBreakable;
			this.isBreakable = true;
			const body = this.block(level);
			this.isBreakable = wasBreakable;
			return body;
		}
		whileLoop(level) {
			const at = this.start;
			this.next();
			const condition = this.condition(level);
			const body = this.loopBody(level);
			return {
				kind: "while",
				start: at,
				end: this.lastEnd,
				at,
				condition,
				body
			};
		}
		plainLoop(level) {
			const at = this.start;
			this.next();
			const body = this.loopBody(level);
			return {
				kind: "loop",
				start: at,
				end: this.lastEnd,
				at,
				body
			};
		}
		doLoop(level) {
			const at = this.start;
			this.next();
			const body = this.loopBody(level);
			const isUntil = this.kind === 101;
			if (!isUntil && this.kind !== 102) this.missing("while", "for the do statement", false);
			this.next();
			const condition = this.condition(level);
			return {
				kind: "do",
				start: at,
				end: this.lastEnd,
				at,
				body,
				condition,
				isUntil
			};
		}
		forLoop(level) {
			const at = this.start;
			this.next();
			let variable;
			let counter;
			if (this.eat(12)) {
				variable = this.variableName();
				if (!this.eat(19)) this.missing(",", "after the iteration variable name", false);
				counter = this.variableName();
				if (counter.text === variable.text) {
					const message = `Duplicated variable name: ${counter.text}`;
					this.fail("DuplicatedVariable", message, counter.at, this.lastEnd);
				}
				if (!this.eat(13)) this.missing(")", "to close the iteration variable", false);
			} else variable = this.variableName();
			if (!this.eat(49)) this.missing("in", "after the iteration variable", true);
			this.refuseBlock();
			const iterable = this.expression(level);
			this.checkIterable(iterable);
			const scope = this.names.length;
			if (counter !== void 0) this.define(counter.text, false);
			this.define(variable.text, false);
			const body = this.loopBody(level);
			this.truncate(scope);
			return {
				kind: "for",
				start: at,
				end: this.lastEnd,
				at,
				variable,
				counter,
				iterable,
				body
			};
		}
		switchExpression(level) {
			const at = this.start;
			this.next();
			const value = this.expression(level);
			if (!this.eat(10)) this.missing("{", "to start a switch block", true);
			const arms = [];
			const cases = new SwitchCases();
			let defaultAt = -1;
			while (!this.eat(11)) {
				if (this.kind === 0) this.missing("}", "to end this switch block", false);
				if (defaultAt !== -1) this.fail("WrongSwitchDefaultCase", "Default switch case must be the last", defaultAt, defaultAt + 1);
				if (this.kind === 27) defaultAt = this.start;
				const arm = this.arm(level, cases);
				arms.push(arm);
				if (this.eat(19) || this.kind === 11) continue;
				if (this.kind === 0) this.missing("}", "to end this switch block", false);
				if (this.kind === 1) this.failToken();
				if (!this.isSelfTerminated) this.missing(",", "to separate the items in this switch block", false);
			}
			return {
				kind: "switch",
				start: at,
				end: this.lastEnd,
				at,
				value,
				arms
			};
		}
		arm(level, cases) {
			const { start } = this;
			let values = [];
			let guard;
			if (this.eat(27)) {
				if (this.kind === 91) this.failHere("WrongSwitchCaseCondition", "This switch case cannot have a condition");
			} else {
				values = this.caseValues(level);
				if (this.eat(91)) guard = this.condition(level);
			}
			if (!this.eat(22)) this.missing("=>", "in this switch case", true);
			const statement = this.statement(this.deeper(level, this.start));
			const body = statement.kind === "expression" ? statement.expression : statement;
			const patterns = [];
			for (const value of values) {
				const pattern = cases.add(value);
				if (typeof pattern === "object") {
					patterns.push(pattern);
					continue;
				}
				const at = startPosition(value);
				if (pattern === "literal") this.fail("ExprExpected", "Expecting a literal expression", at, value.end);
				this.fail("WrongSwitchIntegerCase", "Numeric switch case cannot follow a range case", at, value.end);
			}
			return {
				start,
				end: this.lastEnd,
				patterns,
				guard,
				body
			};
		}
		caseValues(level) {
			const values = [];
			do
				values.push(this.caseValue(level));
			while (this.eat(39));
			return values;
		}
		caseValue(level) {
			const { allowsPipe } = this;
			const known = this.findings.length;
			this.allowsPipe = false;
			try {
				return this.expression(level);
			} catch (error) {
				const finding = this.findings[known];
				if (finding !== void 0 && finding.code !== "ExprTooDeep") {
					this.findings.length = known;
					this.findings.push({
						code: "ExprExpected",
						message: "Expecting literal expression",
						start: finding.start,
						end: finding.end
					});
				}
				throw error;
			} finally {
				this.allowsPipe = allowsPipe;
			}
		}
	};
	function blockAround(inner) {
		const { start, end, at } = inner;
		return {
			kind: "block",
			start,
			end,
			at,
			close: end,
			body: [{
				kind: "expression",
				start,
				end,
				at,
				expression: inner
			}]
		};
	}
	function assignmentProblem(target, isPlain) {
		if (target.kind === "this" || target.kind === "variable") return void 0;
		if (target.kind === "property" || target.kind === "index" || target.kind === "method") return chainProblem(target);
		if (isConstant(target)) return {
			code: "AssignmentToConstant",
			message: "Cannot assign to a constant value",
			at: startPosition(target)
		};
		if (target.kind === "binary" && (target.operator === "&&" || target.operator === "||" || target.operator === "??") && isPlain) return {
			code: "BadInput",
			lex: "ImproperSymbol",
			message: "Possibly a typo of '=='?",
			at: target.at
		};
		return invalid(target.at);
	}
	function chainProblem(target) {
		let call = -1;
		let link = target;
		while (link.kind === "property" || link.kind === "index" || link.kind === "method") {
			if (link.kind === "method") call = link.at;
			link = link.target;
		}
		if (call !== -1) return invalid(call);
		return link.kind === "variable" || link.kind === "this" ? void 0 : invalid(link.at);
	}
	function invalid(at) {
		return {
			code: "AssignmentToInvalidLHS",
			message: "Expression cannot be assigned to",
			at
		};
	}
	var StatementParser = class extends ControlParser {
		functions = [];
		functionKeys = new Set();
		functionNames = new Set();
		isFunctionName(name) {
			return this.functionNames.has(name);
		}
		block(outer, isOpen = false) {
			const at = this.start;
			if (this.kind !== 10) this.missing("{", "to start a statement block", true);
			this.next();
			const level = this.deeper(outer, at);
			const scope = this.names.length;
			const modules = this.modules.length;
			const wasGlobal = this.isGlobal;
			this.isGlobal = false;
			const body = [];
			while (this.kind !== 11) {
				if (this.kind === 0) this.missing("}", "to terminate this block", false);
				this.statementInto(body, this.deeper(level, at));
			}
			const close = this.start;
			const end = this.end;
			this.isGlobal = wasGlobal;
			this.truncate(scope);
			this.modules.length = modules;
			if (!isOpen) this.next();
			return {
				kind: "block",
				start: at,
				end,
				at,
				body,
				close
			};
		}
		statementInto(body, level) {
			const state = this.snapshot();
			const { allowsPipe, rightDepth } = this;
			const scope = this.names.length;
			try {
				const statement = this.statement(level);
				if (statement.kind === "empty") return;
				body.push(statement);
				if (this.eat(18) || this.isSelfTerminated) return;
				if (this.kind === 0 ? this.isGlobal : this.kind === 11 && !this.isGlobal) return;
				this.missing(";", "to terminate this statement", true);
			} catch (error) {
				const isEnough = this.findings.length >= this.findingsMax;
				if (!(error instanceof ParseFailure) || error.isFinal || isEnough) throw error;
				this.recover(state, scope);
				this.allowsPipe = allowsPipe;
				this.rightDepth = rightDepth;
			}
		}
		recover(state, scope) {
			this.restore(state);
			if (this.names.length < scope) this.truncate(scope);
			let depth = 0;
			for (; this.kind !== 0; this.next()) switch (this.kind) {
				case 10:
				case 17:
					depth += 1;
					break;
				case 11:
					if (depth > 0) depth -= 1;
					else if (!this.isGlobal) return;
					break;
				case 18:
					if (depth > 0) break;
					this.next();
					return;
				case 93:
				case 83:
				case 89: if (depth === 0 && this.startsLine()) return;
			}
		}
		startsLine() {
			let i = this.start - 1;
			while (this.source.charCodeAt(i) === 32 || this.source.charCodeAt(i) === 9) i -= 1;
			return i < 0 || this.source.charCodeAt(i) === 10;
		}
		statement(level) {
			const at = this.start;
			switch (this.kind) {
				case 18:
					this.next();
					return this.plain({
						kind: "empty",
						start: at,
						end: this.lastEnd,
						at
					});
				case 0: return this.plain({
					kind: "empty",
					start: at,
					end: at,
					at
				});
				case 89:
				case 95: return this.functionStatement();
				case 10:
				case 91:
				case 97:
				case 102:
				case 94:
				case 85:
				case 90: return this.controlStatement(level);
				case 81:
				case 84: return this.plain(this.breakStatement(level));
				case 96:
				case 98: return this.plain(this.returnStatement(level));
				case 100: {
					const made = this.tryStatement(this.deeper(level, at));
					this.isSelfTerminated = true;
					return made;
				}
				case 93:
				case 83: return this.plain(this.letStatement(this.deeper(level, at), at, false));
				case 92: return this.plain(this.importStatement(this.deeper(level, at)));
				case 87: return this.plain(this.exportStatement(level));
				default: return this.plain(this.expressionStatement(level));
			}
		}
		plain(statement) {
			this.isSelfTerminated = false;
			return statement;
		}
		controlStatement(level) {
			const at = this.start;
			const isBlock = this.kind === 10;
			const isDo = this.kind === 85;
			const expression = isBlock ? this.blockExpression(level) : this.control(level);
			if (expression === void 0) return this.failUnexpected();
			this.isSelfTerminated = !isDo;
			return {
				kind: "expression",
				start: at,
				end: this.lastEnd,
				at,
				expression
			};
		}
		blockExpression(level) {
			const block = this.block(level);
			return {
				kind: "block-expression",
				start: block.start,
				end: block.end,
				at: block.at,
				block
			};
		}
		expressionStatement(outer) {
			const at = this.start;
			const level = this.deeper(outer, at);
			const target = this.expression(level);
			if (!(this.kind >= 59 && this.kind <= 70)) return {
				kind: "expression",
				start: at,
				end: this.lastEnd,
				at: target.at,
				expression: target
			};
			const operatorAt = this.start;
			const operator = this.kind === 59 ? "" : (texts[this.kind] ?? "").slice(0, -1);
			this.next();
			const value = this.expression(level);
			this.checkTarget(target, operator, operatorAt);
			return {
				kind: "assign",
				start: at,
				end: this.lastEnd,
				at: operatorAt,
				target,
				operator,
				operatorAt,
				value
			};
		}
		checkTarget(target, operator, operatorAt) {
			if (target.kind === "variable" && target.namespace.length === 0) {
				const index = this.find(target.name);
				if (index === -1 || this.constants[index] !== true) return;
				const message = `Cannot assign to constant ${target.name}`;
				this.fail("AssignmentToConstant", message, target.at, target.end);
			}
			const problem = assignmentProblem(target, operator === "");
			if (problem === void 0) return;
			if (problem.lex === void 0) this.fail(problem.code, problem.message, problem.at);
			this.failLex(problem.lex, problem.message, operatorAt);
		}
		breakStatement(level) {
			const at = this.start;
			const isBreak = this.kind === 81;
			if (!this.looping) this.failUnexpected();
			if (!this.isBreakable) this.failHere("LoopBreak", "Break statement should only be used inside a loop");
			this.next();
			if (!isBreak) return {
				kind: "continue",
				start: at,
				end: this.lastEnd,
				at
			};
			const value = this.kind === 0 || this.kind === 11 || this.endsValue() ? void 0 : this.expression(this.deeper(level, at));
			return {
				kind: "break",
				start: at,
				end: this.lastEnd,
				at,
				value
			};
		}
		endsValue() {
			switch (this.kind) {
				case 18:
				case 19:
				case 81:
				case 84:
				case 96:
				case 98: return true;
				default: return false;
			}
		}
		returnStatement(level) {
			const at = this.start;
			const kind = this.kind === 96 ? "return" : "throw";
			this.next();
			const value = this.kind === 0 || this.kind === 11 && !this.isGlobal || this.endsValue() ? void 0 : this.expression(this.deeper(level, at));
			return {
				kind,
				start: at,
				end: this.lastEnd,
				at,
				value
			};
		}
		tryStatement(level) {
			const at = this.start;
			this.next();
			const body = this.block(level);
			if (!this.eat(82)) this.missing("catch", "for the 'try' statement", false);
			const scope = this.names.length;
			let variable;
			if (this.eat(12)) {
				variable = this.variableName();
				if (!this.eat(13)) this.missing(")", "to enclose the catch variable", false);
				this.define(variable.text, false);
			}
			const handler = this.block(level);
			this.truncate(scope);
			return {
				kind: "try",
				start: at,
				end: this.lastEnd,
				at,
				body,
				variable,
				handler
			};
		}
		letStatement(level, at, isExported) {
			const place = this.start;
			const isConst = this.kind === 83;
			this.next();
			const name = this.variableName();
			if (!this.shadowing && this.find(name.text) !== -1) {
				const message = `Variable already defined: ${name.text}`;
				this.fail("VariableExists", message, name.at, this.lastEnd);
			}
			const value = this.eat(59) ? this.expression(level) : void 0;
			this.define(name.text, isConst);
			return {
				kind: "let",
				start: at,
				end: this.lastEnd,
				at: place,
				name,
				isConst,
				isExported,
				value
			};
		}
		importStatement(level) {
			const at = this.start;
			this.next();
			const path = this.expression(level);
			const alias = this.eat(80) ? this.variableName() : void 0;
			if (alias !== void 0) this.modules.push(alias.text);
			return {
				kind: "import",
				start: at,
				end: this.lastEnd,
				at,
				path,
				alias
			};
		}
		exportStatement(outer) {
			const at = this.start;
			if (!this.isGlobal) this.failHere("WrongExport", "Export statement can only appear at global level");
			const level = this.deeper(outer, at);
			this.next();
			if (this.kind === 93 || this.kind === 83) return this.letStatement(this.deeper(level, this.start), at, true);
			const name = this.variableName();
			const alias = this.eat(80) ? this.variableName() : void 0;
			return {
				kind: "export",
				start: at,
				end: this.lastEnd,
				at,
				name,
				alias
			};
		}
		functionStatement() {
			const first = this.start;
			const { docStart, docEnd } = this;
			const isPrivate = this.kind === 95;
			if (!isPrivate && !this.isGlobal) this.wrongFunction();
			if (isPrivate) {
				if (!this.isGlobal) this.failUnexpected();
				this.next();
			}
			const at = this.start;
			if (this.kind !== 89) this.missing("fn", "following 'private'", false);
			if (this.limits.fns > 0 && this.functions.length >= this.limits.fns) this.failHere("TooManyFunctions", "Number of functions defined exceeds maximum limit");
			const doc = docStart === -1 ? "" : this.source.slice(docStart, docEnd);
			const made = this.functionDeclaration(first, at, isPrivate, doc);
			const key = `${made.thisType ?? ""}.${made.name}/${made.params.length}`;
			if (this.functionKeys.has(key)) this.duplicatedFunction(made);
			this.functionKeys.add(key);
			this.functionNames.add(made.name);
			this.functions.push(made);
			return this.plain({
				kind: "empty",
				start: first,
				end: this.lastEnd,
				at
			});
		}
		wrongFunction() {
			this.failHere("WrongFnDefinition", "Function definitions must be at global level and cannot be inside a block or another function");
		}
		duplicatedFunction(made) {
			const count = made.params.length;
			const params = count === 0 ? "no parameters" : count === 1 ? "1 parameter" : `${count} parameters`;
			const message = `Function ${made.name} with ${params} already exists`;
			this.fail("FnDuplicatedDefinition", message, made.at, made.at + 2);
		}
		functionDeclaration(start, at, isPrivate, doc) {
			this.next();
			const state = this.enterFunction(false, at);
			const thisType = this.thisType();
			const { text: name, start: nameAt } = this;
			if (this.kind === 8) this.failReserved();
			if (this.kind !== 2) this.failHere("FnMissingName", "Expecting function name in function declaration");
			this.next();
			const params = this.functionParams(name);
			if (this.kind !== 10) this.failHere("FnMissingBody", `Expecting body statement block for function ${name}`);
			const body = this.block(0);
			this.leaveFunction(state);
			return {
				kind: "function",
				start,
				end: this.lastEnd,
				at,
				name,
				nameAt,
				params,
				thisType,
				isPrivate,
				body,
				doc
			};
		}
		thisType() {
			const { text, kind } = this;
			if (kind === 5) {
				this.next();
				if (!this.eat(23)) this.missing(".", "after the type name for 'this'", false);
				return typeNamed(text);
			}
			if (kind !== 2 || !this.periodFollows()) return void 0;
			this.next();
			this.next();
			return typeNamed(text);
		}
		periodFollows() {
			let i = this.end;
			while (this.source.charCodeAt(i) <= 32) i += 1;
			return this.source.charCodeAt(i) === 46;
		}
		functionParams(name) {
			const params = [];
			if (this.eat(16)) return params;
			if (this.kind !== 12) this.failHere("FnMissingParams", `Expecting parameters for function ${name}`);
			this.next();
			for (;;) {
				if (this.eat(13)) return params;
				if (this.kind === 8 && isIdentifier(this.text)) this.failReserved();
				if (this.kind >= 80 || this.kind === 49) this.failHere("VariableExpected", "Expecting name of a variable");
				if (this.kind !== 2) this.missing(")", `to close the parameters list of function '${name}'`, true);
				this.addParam(params, name);
				if (this.eat(13)) return params;
				if (!this.eat(19)) this.missing(",", `to separate the parameters of function '${name}'`, true);
			}
		}
	};
	function typeNamed(name) {
		if (name === "int") return "i64";
		return name === "float" ? "f64" : name;
	}
	const sourceMaxDefault = 1 << 20;
	function parse(source, options = {}) {
		const max = options.sourceMax ?? sourceMaxDefault;
		if (source.length > max) return {
			program: {
				body: [],
				functions: []
			},
			diagnostics: [diagnosticOf(source, {
				code: "SourceTooLarge",
				message: `Script of ${source.length} characters is longer than ${max}`,
				start: 0,
				end: 0
			})]
		};
		const text = source.isWellFormed() ? source : source.toWellFormed();
		const parser = new ProgramParser(text, options);
		return {
			program: parser.program(options.shebang ?? false),
			diagnostics: parser.findings.map((finding) => diagnosticOf(text, finding))
		};
	}
	var ProgramParser = class extends StatementParser {
		program(allowsShebang) {
			const body = [];
			try {
				if (allowsShebang && this.source.startsWith("#!")) {
					const newline = this.source.indexOf("\n");
					this.pos = newline === -1 ? this.source.length : newline;
				}
				this.next();
				while (this.kind !== 0) this.statementInto(body, 0);
			} catch (error) {
				if (error instanceof ParseFailure) return {
					body,
					functions: this.functions
				};
				if (!(error instanceof RangeError)) throw error;
				this.findings.push({
					code: "ExprTooDeep",
					message: "Expression exceeds maximum complexity",
					start: this.start,
					end: this.end
				});
			}
			return {
				body,
				functions: this.functions
			};
		}
	};
	function compile(source, options = {}) {
		const { scope = [], isEvaluated = false } = options;
		const { diagnostics, program } = parse(source, options);
		if (diagnostics.length > 0) return {
			ok: false,
			diagnostics
		};
		if (isEvaluated && program.functions.length > 0) return {
			ok: false,
			diagnostics: [functionInside]
		};
		const scopes = analyseScopes(program, {
			given: scope,
			isDynamic: isEvaluated
		});
		const imports = importsOf(program);
		const { modules, faults } = parseModules(imports, options);
		const colours = coloursOf([scopes, ...modules.map((module) => module.scopes)], modules, options);
		const texts = new Map(faults);
		let usesEval = false;
		for (const module of modules) {
			const emitted = emitText(module, options, {
				colours,
				texts: new Map()
			});
			texts.set(module.path, `\n${emitted.code}\n(rt, M)`);
			usesEval ||= emitted.usesEval;
		}
		const emitted = emitText({
			path: options.path ?? "",
			source,
			scopes
		}, options, {
			colours,
			texts
		});
		const name = options.name ?? hashOf(source + [...texts.values()].join("\n"));
		return {
			ok: true,
			code: `${emitted.code}\n//# sourceURL=rhai:${name}`,
			suspends: emitted.suspends,
			usesEval: emitted.usesEval || usesEval,
			imports
		};
	}
	function parseModules(imports, options) {
		const modules = [];
		const faults = new Map();
		const seen = new Set();
		const { resolve, isEvaluated: _, scope: __, path: ___, ...parsing } = options;
		const queue = [...imports];
		for (let path = queue.shift(); path !== void 0; path = queue.shift()) {
			if (seen.has(path)) continue;
			seen.add(path);
			const source = resolve?.(path);
			if (source === void 0) continue;
			const { program, diagnostics } = parse(source, parsing);
			const [fault] = diagnostics;
			if (fault !== void 0) {
				faults.set(path, faultText(fault));
				continue;
			}
			modules.push({
				path,
				source,
				scopes: analyseScopes(program)
			});
			queue.push(...importsOf(program));
		}
		return {
			modules,
			faults
		};
	}
	function faultText({ code, message, line, column, lex }) {
		const fault = {
			code,
			message,
			place: {
				line,
				column
			},
			...lex === void 0 ? {} : { lex }
		};
		return `JSON.parse(${quote(JSON.stringify(fault))})`;
	}
	function coloursOf(programs, modules, { host, isEvaluated, path: own }) {
		if (host === void 0) return {
			coloured: new Map(),
			sites: new Map()
		};
		const byPath = new Map(modules.map((module) => [module.path, module.scopes]));
		const colours = analyseColours(programs, {
			host,
			moduleOf: ({ path: name }) => name.kind === "literal" && name.literal.type === "string" ? byPath.get(name.literal.value) : void 0
		});
		const [main] = programs;
		if (!(isEvaluated === true || own !== void 0) || main === void 0 || !canSuspend(host)) return colours;
		return {
			...colours,
			coloured: new Map(main.units.map((unit) => [unit, anything]))
		};
	}
	const anything = {
		text: "may call anything",
		at: 0
	};
	function emitText({ path, source, scopes }, options, { colours, texts }) {
		const { variablesMax = 0, limits = {}, host } = options;
		const hasCallers = path !== "";
		return emitProgram(scopes, {
			path,
			modules: texts,
			locate: locatorOf(source),
			variablesMax,
			countsItems: (limits.str ?? 0) + (limits.arr ?? 0) + (limits.map ?? 0) > 0,
			isEvaluated: options.isEvaluated === true && path === "",
			isOpen: options.isEvaluated === true || options.path !== void 0,
			colours,
			host,
			tagged: source.includes("tag") ? taggedBindings(scopes) : new Set(),
			types: options.optimise === false ? untyped : inferTypes(scopes, {
				hasCallers,
				isHost: (key) => host?.functions.has(key) ?? false
			})
		});
	}
	const functionInside = {
		code: "WrongFnDefinition",
		message: "Function definitions must be at global level and cannot be inside a block or another function",
		start: 0,
		end: 0,
		line: 0,
		column: 0,
		severity: "error"
	};
	function hashOf(source) {
		let a = 2166136261;
		let b = 725491543;
		for (let i = 0; i < source.length; i++) {
			const unit = source.charCodeAt(i);
			a = Math.imul(a ^ unit, 16777619);
			b = Math.imul(b ^ unit, 16777619) + i;
		}
		return [a, b].map((part) => (part >>> 0).toString(36)).join("-");
	}
	function compileEval(source, host) {
		const compiled = compile(source, {
			isEvaluated: true,
			...host === void 0 ? {} : { host: {
				functions: new Map(host.functions),
				methods: new Map(host.methods)
			} }
		});
		if (compiled.ok) return {
			ok: true,
			code: compiled.code,
			suspends: compiled.suspends
		};
		const [first] = compiled.diagnostics;
		if (first === void 0) throw new Error("a text was refused without a reason");
		const { code, lex, message, line, column } = first;
		const place = code === "WrongFnDefinition" ? {} : { place: {
			line,
			column
		} };
		return {
			ok: false,
			fault: {
				code,
				message,
				...lex === void 0 ? {} : { lex },
				...place
			}
		};
	}
	exports.compileEval = compileEval;
	return exports;
})({});
})
