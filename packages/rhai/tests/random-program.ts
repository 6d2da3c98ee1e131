/** Random programs, mostly well-typed, so that most of them run. A program is a function of a list of numbers: each
 *  decision takes the next one, and when there are no more it takes the simplest way, so shorter lists are simpler programs. */

import { depthMax, ExpressionMaker, indent, type Type, type Variable } from "./random-expression.ts";

/** The program that these decisions make. `hasHost`: it may call `kv::get/1`, `kv::set/2`, `kv::incr/2`, `http::fail/1`,
 *  `kv::collection/1`, and `get/1`, `set/2`, `incr/2` of what the last one answers. */
export function programOf(decisions: readonly number[], hasHost = false): string {
  return new ProgramMaker(decisions, hasHost).program();
}

class ProgramMaker extends ExpressionMaker {
  program(): string {
    const functions = this.times(3).map(() => this.functionDeclaration());
    const statements = this.statements(3 + this.pick(6), 0);
    const shown = this.variables.map((variable) => variable.name);
    return [...functions, ...statements, `[${shown.join(", ")}]`].join("\n");
  }

  // ---- functions

  private functionDeclaration(): string {
    const { variables } = this;
    this.inFunction = true;
    this.self = this.isRare() ? this.oneOf("array", "map", "int", "string") : undefined;
    const params = this.times(2).map((): Variable => {
      const type = this.oneOf<Type>("int", "array", "map", "string", "fn", this.hasHost ? "handle" : "int");
      return { name: this.fresh("p"), type, isConst: false };
    });
    const unique = params.filter((one, at) => params.findIndex((other) => other.name === one.name) === at);
    const result = this.oneOf<Type>("int", "array", "map", "string", "bool");
    const made = {
      name: `f${this.functions.length}`,
      params: unique.map((p) => p.type),
      result,
      self: this.self,
    };
    this.variables = [...unique];
    const body = this.statements(1 + this.pick(3), 1);
    const value = this.expression(result, 1);
    const tail = this.isRare() ? `return ${value};` : value;
    this.variables = variables;
    this.inFunction = false;
    this.self = undefined;
    this.functions.push(made);
    return `fn ${made.name}(${unique.map((p) => p.name).join(", ")}) {\n${indent([...body, tail])}\n}`;
  }

  // ---- statements

  protected statements(count: number, depth: number): string[] {
    return Array.from({ length: count }, () => this.statement(depth));
  }

  private block(depth: number): string {
    const { variables } = this;
    const body = this.statements(1 + this.pick(3), depth + 1);
    this.variables = variables;
    return `{\n${indent(body)}\n}`;
  }

  private statement(depth: number): string {
    if (depth >= depthMax) return this.simple(depth);
    switch (this.pick(14)) {
      case 8:
        return `if ${this.expression("bool", depth)} ${this.block(depth)} else ${this.block(depth)}`;
      case 9:
        return this.loop(depth);
      case 10:
        return this.for(depth);
      case 11:
        return this.switch(depth);
      case 12:
        return this.try(depth);
      case 13:
        return this.isRare() ? this.block(depth) : this.counted(depth);
      default:
        return this.simple(depth);
    }
  }

  protected simple(depth: number): string {
    switch (this.pick(10)) {
      case 1:
      case 2:
        return this.assign(depth);
      case 3:
        return `print(${this.expression(this.anyType(), depth)});`;
      case 4:
      case 5:
        return this.change(depth);
      case 6:
        return this.hasHost && this.pick(2) === 1 ? this.store(depth) : this.jump(depth);
      case 7:
        return `debug(${this.expression(this.anyType(), depth)});`;
      default:
        return this.let(depth);
    }
  }

  /** Tells the host something. */
  private store(depth: number): string {
    const handle = this.variable("handle", false)?.name;
    const value = this.expression("int", depth + 1);
    return handle === undefined ? `kv::set("k", ${value});` : `${handle}.set("k", ${value});`;
  }

  private let(depth: number): string {
    const type = this.anyType();
    const value = this.expression(type, depth);
    const isConst = this.isRare();
    const name = this.fresh("v");
    this.variables = [...this.variables.filter((one) => one.name !== name), { name, type, isConst }];
    return `${isConst ? "const" : "let"} ${name} = ${value};`;
  }

  private assign(depth: number): string {
    const type = this.anyType();
    const variable = this.variable(type, true);
    if (variable === undefined) return this.let(depth);
    // A variable may get a value of another type; what is known of types must survive that.
    if (this.isRare() && this.pick(3) === 2) {
      return `${variable.name} = ${this.expression(this.anyType(), depth)};`;
    }
    const operator = this.pick(3) === 0 ? "" : this.assignOperator(type);
    return `${variable.name} ${operator}= ${this.expression(type, depth)};`;
  }

  private assignOperator(type: Type): string {
    if (type === "int") return this.oneOf("+", "-", "*", "/", "%", "<<", "&", "|", "^", "**");
    if (type === "float") return this.oneOf("+", "-", "*", "/", "%");
    return type === "string" || type === "array" || type === "map" ? "+" : "";
  }

  /** Changes something inside a container, or calls a method for its effect. */
  private change(depth: number): string {
    const array = this.kept("array");
    const map = this.kept("map");
    const text = this.kept("string");
    if (array === undefined || map === undefined || text === undefined) return this.let(depth);
    const int = (): string => this.expression("int", depth + 1);
    switch (this.pick(10)) {
      case 0:
        return `${array}.push(${this.expression(this.anyType(), depth)});`;
      case 1:
        return `${array}[${this.index()}] = ${int()};`;
      case 2:
        return `${array}[${this.index()}] ${this.assignOperator("int")}= ${int()};`;
      case 3:
        return `${map}.k${this.pick(3)} = ${this.expression(this.anyType(), depth)};`;
      case 4:
        return `${map}["k${this.pick(3)}"] = ${int()};`;
      case 5:
        return `${map}.a[${this.index()}] += ${int()};`;
      case 6:
        return `${map}.a.push(${int()});`;
      case 7:
        return `${array}.${this.oneOf("reverse()", "pop()", "shift()", "clear()", "truncate(2)", "insert(1, 9)", "sort()")};`;
      case 8:
        return `${map}.m.n = ${int()};`;
      default:
        return `${text}.${this.oneOf("trim()", "make_upper()", "pad(6, '.')", "crop(1)", 'replace("a", "bb")')};`;
    }
  }

  /** A variable of the type, or `this`. */
  private kept(type: Type): string | undefined {
    if (this.self === type && this.pick(2) === 1) return "this";
    return this.variable(type, !this.isRare())?.name;
  }

  private jump(depth: number): string {
    if (this.loops > 0 && this.pick(2) === 0) {
      const word = this.lazily([
        () => "break",
        () => "continue",
        () => `break ${this.expression("int", depth + 1)}`,
      ]);
      return `if ${this.expression("bool", depth + 1)} { ${word}; }`;
    }
    if (this.inFunction)
      return `if ${this.expression("bool", depth + 1)} { return ${this.expression("int", depth + 1)}; }`;
    return this.let(depth);
  }

  private loop(depth: number): string {
    const count = this.fresh("n");
    this.loops += 1;
    const body = this.block(depth);
    this.loops -= 1;
    const limit = 1 + this.pick(4);
    const guard = `${count} += 1; if ${count} > ${limit} { break; }`;
    switch (this.pick(3)) {
      case 0:
        return `let ${count} = 0;\nwhile ${count} < 9 {\n${indent([guard, body])}\n}`;
      case 1:
        return `let ${count} = 0;\nloop {\n${indent([guard, body])}\n}`;
      default:
        return `let ${count} = 0;\ndo {\n${indent([guard, body])}\n} until ${count} >= 3;`;
    }
  }

  /** A number loop of the kind that is worth being fast. */
  private counted(depth: number): string {
    const variable = this.variable(this.oneOf<Type>("int", "float"), true);
    if (variable === undefined) return this.let(depth);
    const other = this.expression(variable.type, depth + 2);
    const operator = this.oneOf("+", "-", "*");
    return `for i${depth} in 0..${1 + this.pick(5)} { ${variable.name} ${operator}= ${other}; }`;
  }

  private for(depth: number): string {
    const name = this.fresh("i");
    const kind = this.pick(4);
    const iterable = [
      `${this.pick(3)}..${this.pick(6)}`,
      this.expression("array", depth + 1),
      `${this.pick(2)}..=${this.pick(4)}`,
      this.expression("string", depth + 1),
    ][kind];
    const { variables } = this;
    const type: Type = kind === 3 ? "char" : "int";
    const counter = this.isRare() ? this.fresh("c") : name;
    this.variables = [...variables.filter((one) => one.name !== name), { name, type, isConst: false }];
    this.loops += 1;
    const body = this.block(depth);
    this.loops -= 1;
    this.variables = variables;
    return `for ${counter === name ? name : `(${name}, ${counter})`} in ${iterable} ${body}`;
  }

  private switch(depth: number): string {
    const isInt = this.pick(3) !== 2;
    const value = this.expression(
      isInt ? "int" : this.oneOf<Type>("string", "char", "bool", "float"),
      depth + 1,
    );
    const arms = isInt
      ? [
          `0 => ${this.armBody(depth)}`,
          `1 | 2 if ${this.expression("bool", depth + 2)} => ${this.armBody(depth)}`,
          `3..=5 => ${this.armBody(depth)}`,
        ]
      : [
          `"a" | 'b' => ${this.armBody(depth)}`,
          `true => ${this.armBody(depth)}`,
          `1.5 => ${this.armBody(depth)}`,
        ];
    if (this.pick(2) === 0) arms.push(`_ => ${this.armBody(depth)}`);
    return `switch ${value} {\n${arms.map((arm) => indent([`${arm},`])).join("\n")}\n}`;
  }

  private armBody(depth: number): string {
    return this.pick(2) === 0 ? this.expression("int", depth + 1) : this.block(depth + 1);
  }

  private try(depth: number): string {
    const name = this.fresh("e");
    const thrown = this.expression(this.oneOf<Type>("int", "map", "string"), depth + 1);
    const body = this.pick(2) === 0 ? `{ throw ${thrown}; }` : this.block(depth);
    const shown =
      this.pick(2) === 0
        ? `print(\`\${${name}}\`);`
        : `if type_of(${name}) == "map" { print(${name}.error); }`;
    return `try ${body} catch (${name}) { ${shown} }`;
  }
}
