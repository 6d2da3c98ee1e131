/** Random expressions of wanted types. */

export type Type = "int" | "float" | "bool" | "string" | "char" | "array" | "map" | "fn" | "handle";

export interface Variable {
  readonly name: string;
  readonly type: Type;
  readonly isConst: boolean;
}

export interface FunctionMade {
  readonly name: string;
  readonly params: readonly Type[];
  readonly result: Type;
  /** Called as a method of this type. */
  readonly self: Type | undefined;
}

/** What any program may use. */
const types: readonly Type[] = ["int", "float", "bool", "string", "char", "array", "map", "fn"];
export const depthMax = 4;

export abstract class ExpressionMaker {
  protected readonly decisions: readonly number[];
  protected next = 0;
  protected names = 0;
  protected variables: Variable[] = [];
  protected functions: FunctionMade[] = [];
  protected loops = 0;
  protected inFunction = false;
  protected self: Type | undefined;

  /** The program may call its host: `kv` and `http`. */
  protected readonly hasHost: boolean;

  constructor(decisions: readonly number[], hasHost: boolean) {
    this.decisions = decisions;
    this.hasHost = hasHost;
  }

  /** Statements of a closure. */
  protected abstract statements(count: number, depth: number): string[];
  /** A statement without blocks. */
  protected abstract simple(depth: number): string;

  /** A number below `count`; 0 when the decisions are used up. */
  protected pick(count: number): number {
    return (this.decisions[this.next++] ?? 0) % count;
  }

  protected isRare(): boolean {
    return this.pick(8) === 7;
  }

  protected oneOf<T>(first: T, ...others: readonly T[]): T {
    return others[this.pick(others.length + 1) - 1] ?? first;
  }

  /** Makes one of them only, so that the others use up no decisions. */
  protected lazily(ways: readonly (() => string)[]): string {
    return ways[this.pick(ways.length)]?.() ?? "";
  }

  protected times(max: number): undefined[] {
    return Array.from({ length: this.pick(max + 1) });
  }

  protected fresh(prefix: string): string {
    // Names that mean something in JavaScript are ordinary ones here.
    const odd = [
      "then",
      "arguments",
      "constructor",
      "__proto__",
      "await_",
      "rt",
      "S",
      "self",
      "main",
      "r",
      "d",
    ];
    this.names += 1;
    return this.isRare() ? `${odd[this.pick(odd.length)] ?? "x"}${this.pick(2)}` : `${prefix}${this.names}`;
  }

  protected anyType(): Type {
    if (this.hasHost && this.isRare()) return "handle";
    return types[this.pick(types.length)] ?? "int";
  }

  protected variable(type: Type, isMutable: boolean): Variable | undefined {
    const found = this.variables.filter((one) => one.type === type && !(isMutable && one.isConst));
    return found[this.pick(Math.max(1, found.length))];
  }

  /** A variable of the type, `this`, or a temporary. */
  protected place(type: Type): string {
    if (this.self === type && this.pick(2) === 1) return "this";
    return this.variable(type, !this.isRare())?.name ?? this.literal(type);
  }

  protected index(): string {
    return this.oneOf("0", "1", "-1", "2", "(1 + 1)", "-2");
  }

  // ---- expressions

  protected expression(type: Type, depth: number): string {
    if (depth > depthMax + 1) return this.atom(type);
    const kind = this.pick(10);
    if (this.hasHost && type === "int" && this.pick(3) === 2) return this.hostCall(depth + 1);
    if (kind < 3) return this.atom(type);
    if (kind === 9) return this.control(type, depth + 1);
    if (kind === 8) return this.call(type, depth + 1) ?? this.atom(type);
    return this.compound(type, depth + 1);
  }

  private atom(type: Type): string {
    if (this.self === type && this.isRare()) return "this";
    const variable = this.pick(3) === 0 ? undefined : this.variable(type, false);
    return variable?.name ?? this.literal(type);
  }

  private literal(type: Type): string {
    switch (type) {
      case "int":
        return this.oneOf(
          "0",
          "1",
          "2",
          "7",
          "-3",
          "0xff",
          "9007199254740991",
          "-9223372036854775808",
          "100",
        );
      case "float":
        return this.oneOf("0.0", "1.5", "-2.25", "1e10", "3.0", "0.1", "-0.0");
      case "bool":
        return this.oneOf("true", "false");
      case "string":
        return this.oneOf('""', '"a"', '"abc"', '"äö😀"', "` x\n`", '"a,b"');
      case "char":
        return this.oneOf("'a'", "'b'", "'😀'", "'\\n'");
      case "array":
        return this.oneOf("[]", "[1, 2, 3]", "[3, 1, 2]", "[[1], [2]]");
      case "map":
        return this.oneOf("#{}", "#{a: [1, 2], k0: 1, m: #{n: 2}}", '#{k1: "x", a: []}');
      case "handle":
        return this.hasHost ? this.oneOf('kv::collection("a")', 'kv::collection("b")') : "()";
      case "fn":
        return this.oneOf("|x| x", "|x| x + 1", "|| 7", "|x, y| x + y");
      default:
        return type satisfies never;
    }
  }

  /** A number that the host knows. */
  private hostCall(depth: number): string {
    const key = this.lazily([() => '"k"', () => '"n"', () => this.expression("string", depth + 1)]);
    const handle = this.variable("handle", false)?.name ?? this.literal("handle");
    return this.lazily([
      () => `kv::incr(${key}, ${this.expression("int", depth + 1)})`,
      () => `(kv::get(${key}) ?? ${this.expression("int", depth + 1)})`,
      () => `(${handle}.get(${key}) ?? 0)`,
      () => `#{h: ${handle}}.h.incr(${key}, 1)`,
      () => `http::fail(${this.expression("int", depth + 1)})`,
    ]);
  }

  // oxlint-disable-next-line complexity, max-lines-per-function -- one table of shapes for each type.
  private compound(type: Type, depth: number): string {
    const of = (inner: Type): string => this.expression(inner, depth);
    switch (type) {
      case "int":
        return this.lazily([
          () =>
            `(${of("int")} ${this.oneOf("+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "**")} ${of("int")})`,
          () => `${this.place("array")}.len()`,
          () => `${this.place("string")}.len`,
          () => `${this.place("array")}[${this.index()}]`,
          () => `-(${of("int")})`,
          () => `${this.place("map")}.k${this.pick(3)} ?? ${of("int")}`,
          () => `(${of("float")}).to_int()`,
          () => `(${of("int")}).abs()`,
          () => `(${of("array")}).reduce(|s, x| s + x, 0)`,
        ]);
      case "float":
        return this.lazily([
          () =>
            `(${of("float")} ${this.oneOf("+", "-", "*", "/", "%")} ${of(this.oneOf<Type>("float", "int"))})`,
          () => `(${of("int")}).to_float()`,
          () => `(${of("float")}).${this.oneOf("abs", "floor", "sqrt")}()`,
          () => `-(${of("float")})`,
        ]);
      case "bool":
        return this.lazily([
          () =>
            `(${of("int")} ${this.oneOf("<", "<=", "==", "!=", ">", ">=")} ${of(this.oneOf<Type>("int", "float"))})`,
          () => `(${of("bool")} ${this.oneOf("&&", "||", "&", "^")} ${of("bool")})`,
          () => `!${of("bool")}`,
          () => `(${of("int")} in ${of("array")})`,
          () => `(${of("string")} == ${of("string")})`,
          () => `(${of("array")} == ${of("array")})`,
          () => `(${of("string")} !in ${of("string")})`,
        ]);
      case "string":
        return this.lazily([
          () => `(${of("string")} + ${of(this.anyType())})`,
          () => `\`<\${${of(this.anyType())}}>\``,
          () => `(${of("string")}).${this.oneOf("to_upper()", "sub_string(1)", "trim()")}`,
          () => `(${of("array")}).to_string()`,
          () => `type_of(${of(this.anyType())})`,
        ]);
      case "char":
        return this.lazily([() => `(${of("string")})[${this.index()}]`, () => `(${of("char")}).to_upper()`]);
      case "array":
        return this.lazily([
          () => `[${of("int")}, ${of(this.anyType())}]`,
          () => `(${of("array")} + ${of("array")})`,
          () => `(${of("array")}).map(${of("fn")})`,
          () => `(${of("array")}).filter(|x| x != ${this.outsideLoops(() => of("int"))})`,
          () => `(${of("map")}).keys()`,
          () => `(${of("string")}).split(",")`,
          () => `${this.place("map")}.a`,
          () => `(${of("string")}).to_chars()`,
        ]);
      case "map":
        return this.lazily([
          () => `#{k0: ${of("int")}, a: ${of("array")}, m: ${of("map")}}`,
          () => `(${of("map")} + ${of("map")})`,
          () => `${this.place("map")}.m`,
        ]);
      case "handle":
        return this.atom(type);
      case "fn":
        return this.closure(depth);
      default:
        return type satisfies never;
    }
  }

  /** Loops around a closure are none of its own. */
  private outsideLoops(make: () => string): string {
    const { loops } = this;
    this.loops = 0;
    const text = make();
    this.loops = loops;
    return text;
  }

  private closure(depth: number): string {
    const { variables, loops } = this;
    const name = this.fresh("x");
    this.loops = 0;
    this.variables = [
      ...variables.filter((one) => one.name !== name),
      { name, type: this.oneOf<Type>("int", "array"), isConst: false },
    ];
    const body =
      this.pick(2) === 0
        ? this.expression("int", depth + 1)
        : `{\n${indent([...this.statements(1, depth + 1), this.expression("int", depth + 1)])}\n}`;
    this.variables = variables;
    this.loops = loops;
    return `|${name}| ${body}`;
  }

  private call(type: Type, depth: number): string | undefined {
    if (type === "int" && this.isRare()) return this.roundabout(depth);
    if (type === "int" && this.pick(2) === 0) {
      const argument = this.isRare() ? "float" : "int";
      return `(${this.expression("fn", depth)}).call(${this.expression(argument, depth)})`;
    }
    const found = this.functions.filter((one) => one.result === type);
    const made = found[this.pick(Math.max(1, found.length))];
    if (made === undefined) return undefined;
    const typed = (param: Type): Type => (this.isRare() ? this.oneOf<Type>("float", "int", "string") : param);
    const args = made.params.map((param) => this.expression(typed(param), depth)).join(", ");
    if (made.self !== undefined && !this.isRare()) return `${this.place(made.self)}.${made.name}(${args})`;
    return `${made.name}(${args})`;
  }

  /** A number by way of a function value. */
  private roundabout(depth: number): string {
    const int = (): string => this.expression("int", depth + 1);
    const fn = (): string => this.expression("fn", depth + 1);
    const known = this.functions[this.pick(Math.max(1, this.functions.length))];
    const args = (): string =>
      (known?.params ?? []).map((param) => this.expression(param, depth + 1)).join(", ");
    const asks = this.hasHost ? "kv::incr(`k`, 1)" : "3";
    return this.lazily([
      () => `(|x, y| x + y).curry(${int()}).call(${int()})`,
      () => `#{f: ${fn()}, k0: 1}.f(${int()})`,
      () => `[${fn()}][0].call(${int()})`,
      () => `#{k0: ${int()}}.call(|| this.k0)`,
      () => (known === undefined ? int() : `Fn("${known.name}").call(${args()})`),
      () => (known === undefined ? int() : `${known.name}!(${args()})`),
      () => (known === undefined ? int() : `[${int()}].map("${known.name}")[0]`),
      () => `[${int()}, ${int()}].map(${fn()})[1]`,
      () => `eval("${this.variable("int", false)?.name ?? "1"} + 1")`,
      () => `eval("let q = ${asks}; type_of(q); q")`,
    ]);
  }

  private control(type: Type, depth: number): string {
    const value = (): string => this.expression(type, depth + 1);
    switch (this.pick(5)) {
      case 0:
        return `(if ${this.expression("bool", depth)} { ${value()} } else { ${value()} })`;
      case 1:
        return `({ ${this.inner(depth, value)} })`;
      case 2:
        return `(switch ${this.expression("int", depth)} { 0 => ${value()}, 1..4 => ${value()}, _ => ${value()} })`;
      case 3:
        return `(loop { break ${value()}; })`;
      default:
        return `(() ?? ${value()})`;
    }
  }

  /** A statement and a value, in a block of their own. */
  private inner(depth: number, value: () => string): string {
    const { variables } = this;
    const text = `${this.simple(depth + 1)} ${value()}`;
    this.variables = variables;
    return text;
  }
}
export function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`).join("\n");
}
