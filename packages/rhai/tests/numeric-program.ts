/** Random programs about what types are inferred from: numbers at the ends of their ranges, arrays that change, variables
 *  that change their type, parameters, callbacks. A program is a function of its seed. */

type Kind = "int" | "float" | "bool" | "text" | "array" | "map" | "unit";

interface Variable {
  readonly name: string;
  readonly kind: Kind;
}

const kinds: readonly Kind[] = [
  "int",
  "int",
  "int",
  "float",
  "float",
  "bool",
  "text",
  "array",
  "array",
  "map",
  "unit",
];
const literals: Readonly<Record<Kind, readonly string[]>> = {
  int: [
    ..."0 1 2 3 -1 7 100 -5 2147483647 -2147483648 4294967296 3037000500 9007199254740991 9007199254740992".split(
      " ",
    ),
    ..."-9007199254740991 9223372036854775807 -9223372036854775808".split(" "),
  ],
  float: ["0.0", "1.5", "-2.25", "1e10", "0.1", "-0.0", "1e300", "3.0"],
  bool: ["true", "false"],
  text: ['"a"', '""', '"xyz"', "`q${1}`"],
  array: ["[]", "[1, 2, 3]", "[1.5, 2.5]", "[[1.5], [2.5]]", "[true, false]", "[1, 2.5]", '["a"]'],
  map: ["#{a: 1}", "#{b: 1.5, c: [1.5]}"],
  unit: ["()"],
};
const arithmetic = "+ - * / % + - * & | ^ >> << & ^ |".split(" ");
const changes =
  "pop() reverse() insert(0,1.5) pad(4,2.5) clear() sort() shift() truncate(1) for_each(||this=5) take() call(||this=1)".split(
    " ",
  );

export function numericProgram(seed: number): string {
  return new Maker(seed).program();
}

class Maker {
  #state: number;
  #names = 0;
  #variables: Variable[] = [];
  readonly #functions: { readonly name: string; readonly arity: number }[] = [];

  constructor(seed: number) {
    this.#state = seed;
  }

  program(): string {
    const functions = this.#times(this.#below(3), () => this.#function());
    this.#variables = [];
    const body = this.#times(6 + this.#below(10), () => this.#guarded(this.#statement(2)));
    const shown = this.#variables.map(({ name }) => name).join(", ");
    return [...functions, ...body, `[${shown}]`].join("\n");
  }

  /** mulberry32. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #one<T>(...choices: readonly [T, ...T[]]): T {
    return choices[this.#below(choices.length)] ?? choices[0];
  }

  #of<T>(choices: readonly T[], otherwise: T): T {
    return choices[this.#below(choices.length)] ?? otherwise;
  }

  #times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }

  #name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  #literal(kind: Kind): string {
    return this.#of(literals[kind], "0");
  }

  /** Most often of that kind. */
  #variable(kind: Kind): string | undefined {
    const fitting = this.#variables.filter((one) => one.kind === kind || this.#random() < 0.1);
    return this.#of<Variable | undefined>(fitting, undefined)?.name;
  }

  #array(): string {
    return this.#variable("array") ?? "[1, 2.5]";
  }

  #kind(): Kind {
    return this.#of(kinds, "int");
  }

  #expression(kind: Kind, depth: number): string {
    if (depth <= 0 || this.#random() < 0.25) {
      return (this.#random() < 0.7 ? this.#variable(kind) : undefined) ?? this.#literal(kind);
    }
    switch (kind) {
      case "int":
        return this.#int(depth - 1);
      case "float":
        return this.#float(depth - 1);
      case "bool":
        return this.#bool(depth - 1);
      case "text":
        return this.#one(
          `(${this.#expression("text", depth - 1)} + ${this.#expression(this.#kind(), depth - 1)})`,
          `\`<\${${this.#expression(this.#kind(), depth - 1)}}>\``,
        );
      case "array":
        return this.#arrayValue(depth - 1);
      case "map":
        return `#{a: ${this.#expression(this.#kind(), depth - 1)}}`;
      case "unit":
        return "()";
      default:
        return kind satisfies never;
    }
  }

  #int(depth: number): string {
    const part = (): string => this.#expression("int", depth);
    const binary = (): string => `(${part()} ${this.#of(arithmetic, "+")} ${part()})`;
    const method = (): string =>
      `(${part()}).${this.#one("abs()", "to_float()", "sign()", "min(3)", "max(5)", "to_string().len")}`;
    const call = (): string => {
      const callee = this.#of<{ name: string; arity: number } | undefined>(this.#functions, undefined);
      if (callee === undefined) return binary();
      const args = this.#times(callee.arity, () => this.#expression(this.#one("int", "int", "float"), depth));
      return `${callee.name}(${args.join(", ")})`;
    };
    const choices = [
      binary,
      binary,
      binary,
      binary,
      () => `-(${part()})`,
      () => `${this.#array()}[${this.#one("0", "1", "-1", `0 + ${part()}`)}]`,
      () => `${this.#array()}.len()`,
      () => `(if ${this.#expression("bool", depth)} { ${part()} } else { ${part()} })`,
      call,
      method,
    ];
    return this.#of(choices, binary)();
  }

  #float(depth: number): string {
    const part = this.#expression("float", depth);
    const other = this.#expression(this.#one("float", "int"), depth);
    return this.#one(
      `(${other} ${this.#one("+", "-", "*", "/", "%")} ${part})`,
      `(${part} ${this.#one("+", "-", "*", "/", "%")} ${other})`,
      `(${this.#expression("int", depth)}).to_float()`,
      `${this.#array()}[${this.#one("0", "1")}]`,
      `-(${part})`,
    );
  }

  #bool(depth: number): string {
    const kind = this.#one<Kind>("int", "float", "bool", "text");
    const other = this.#one<Kind>(kind, kind, kind, "int", "float");
    const operator = this.#one("<", "<=", ">", ">=", "==", "!=");
    return this.#one(
      `(${this.#expression(kind, depth)} ${operator} ${this.#expression(other, depth)})`,
      `!(${this.#expression("bool", depth)})`,
      `(${this.#expression("bool", depth)} ${this.#one("&&", "||")} ${this.#expression("bool", depth)})`,
      `(${this.#expression("int", depth)} in ${this.#array()})`,
    );
  }

  #arrayValue(depth: number): string {
    const items = this.#times(this.#below(3), () =>
      this.#expression(this.#one("int", "float", "bool", "array"), depth),
    );
    return this.#one(
      `[${items.join(", ")}]`,
      `(${this.#expression("array", depth)} + ${this.#expression("array", depth)})`,
      this.#array(),
      this.#withCallback(depth),
    );
  }

  #withCallback(depth: number): string {
    const { length } = this.#variables;
    this.#variables.push({ name: "x", kind: this.#one("int", "float") }, { name: "y", kind: "int" });
    const body = this.#expression(this.#one("int", "float", "bool"), depth);
    this.#variables.length = length;
    const start = this.#expression(this.#one("int", "float"), depth);
    const call = this.#one(
      `map(|x| ${body})`,
      `map(|x, y| ${body})`,
      `filter(|x| ${body} == 1)`,
      `reduce(|x, y| ${body}, ${start})`,
      `reduce(|x, y| ${body})`,
      `order(|x, y| x < y)`,
      `find(|x| x > 1)`,
      "map(|| this)",
    );
    return `${this.#array()}.${call}`;
  }

  #function(): string {
    const arity = 1 + this.#below(2);
    const name = this.#name("f");
    this.#variables = [
      { name: "p", kind: this.#one<Kind>("int", "float", "array") },
      { name: "q", kind: "int" as const },
    ].slice(0, arity);
    const params = this.#variables.map((one) => one.name).join(", ");
    const body = this.#block(1);
    const result = this.#expression(this.#one("int", "float", "bool"), 2);
    this.#functions.push({ name, arity });
    return `fn ${name}(${params}) {\n${body}\n${result}\n}`;
  }

  #block(depth: number): string {
    const { length } = this.#variables;
    const body = this.#times(1 + this.#below(3), () => this.#statement(depth)).join("\n");
    this.#variables.length = Math.min(length, this.#variables.length);
    return body;
  }

  /** So that most programs get further than to their first error. */
  #guarded(statement: string): string {
    return statement.startsWith("let ") ? statement : `try { ${statement} } catch (e) { print(e); }`;
  }

  #statement(depth: number): string {
    const choice = this.#below(depth > 0 ? 20 : 14);
    if (choice < 5) return this.#let();
    if (choice < 11) return this.#assign();
    if (choice < 13) return this.#change();
    if (choice < 14) return `print(${this.#expression(this.#kind(), 3)});`;
    if (choice < 16) return this.#for(depth - 1);
    if (choice < 17) return this.#while(depth - 1);
    if (choice < 19) {
      const condition = this.#expression("bool", 2);
      return `if ${condition} {\n${this.#block(depth - 1)}\n} else {\n${this.#block(depth - 1)}\n}`;
    }
    return this.#capture();
  }

  #let(): string {
    const kind = this.#kind();
    const value = this.#expression(kind, 3);
    const name = this.#random() < 0.15 ? (this.#variable(kind) ?? this.#name("v")) : this.#name("v");
    this.#variables.push({ name, kind });
    return `let ${name} = ${value};`;
  }

  #assign(): string {
    const target = this.#of<Variable | undefined>(this.#variables, undefined);
    if (target === undefined) return "print(0);";
    const { name, kind } = target;
    if (this.#random() < 0.5)
      return `${name} = ${this.#expression(this.#random() < 0.9 ? kind : this.#kind(), 3)};`;
    const operand = kind === "array" ? this.#one<Kind>("int", "float", "array") : kind;
    return `${name} ${this.#one("+=", "-=", "*=", "+=", "/=", "%=")} ${this.#expression(operand, 2)};`;
  }

  #change(): string {
    const array = this.#variable("array");
    if (array === undefined) return "print(1);";
    const value = this.#expression(this.#one("int", "float", "bool", "array"), 2);
    return this.#one(
      `${array}.push(${value});`,
      `${array}[0 + ${this.#expression("int", 1)}] = ${value};`,
      `${array}[0] += ${value};`,
      `${array}[0][0] = ${value};`,
      `${array}.${this.#of(changes, "pop()")};`,
    );
  }

  #for(depth: number): string {
    const name = this.#name("i");
    const range = `${this.#one("0", "1", "-2", this.#expression("int", 1))}${this.#one("..", "..=")}${this.#one("3", "5", `${this.#array()}.len()`)}`;
    const iterable = this.#random() < 0.8 ? range : this.#array();
    const { length } = this.#variables;
    this.#variables.push({ name, kind: "int" });
    const body = this.#block(depth);
    this.#variables.length = length;
    return `for ${name} in ${iterable} {\n${body}\n}`;
  }

  #while(depth: number): string {
    const name = this.#name("n");
    const condition = this.#expression("bool", 2);
    return `{ let ${name} = 0;\nwhile ${name} < 4 && ${condition} {\n${name} += 1;\n${this.#block(depth)}\n} }`;
  }

  #capture(): string {
    const target = this.#of<Variable | undefined>(this.#variables, undefined);
    if (target === undefined) return "print(2);";
    const name = this.#name("c");
    return `{ let ${name} = |q| { ${target.name} = q; ${target.name} };\nprint(${name}.call(${this.#expression(this.#kind(), 1)})); }`;
  }
}
