/** What the emitter knows while it writes one function. */
import { type SiteNode } from "../analysis/colour-sites.ts";
import { type Binding, type Unit } from "../analysis/binding.ts";
import { ANY, type Type } from "../analysis/type.ts";
import { type Expression, type Statement } from "../syntax/tree.ts";
import { boxed, type Code, mark, quote } from "./code.ts";
import { type Output } from "./output.ts";

/** Where the value of an expression in statement form goes. */
export type Target = { readonly kind: "discard" } | { readonly kind: "store"; readonly name: string };

export const discard: Target = { kind: "discard" };

/** The loop that `break` and `continue` mean. */
export interface Loop {
  /** Gets the value of `break`; undefined: nobody wants it. */
  readonly result: string | undefined;
  /** JavaScript statements for `continue` and `break`. */
  readonly next: string;
  readonly stop: string;
  /** JavaScript label of the loop; set when a jump to it comes from inside another loop. */
  label?: string;
}

/** The chapters of the emitter call each other through this. */
export interface Chapters {
  /** The value; what must happen before it is written to the frame. */
  expression(frame: Frame, node: Expression): Code;
  /** An expression in statement form. */
  into(frame: Frame, node: Expression, target: Target): void;
  /** Statements of a unit or a block; the value of the last one goes to the target. */
  body(frame: Frame, body: readonly Statement[], target: Target): void;
  statement(frame: Frame, node: Statement, target: Target): void;
  /** A condition: JavaScript boolean. */
  condition(frame: Frame, node: Expression): Code;
}

/** Branches that cost less than this more than others are not charged: it would cost more than it tells. */
const CHARGE_MIN = 3;

export class Frame {
  readonly unit: Unit;
  readonly output: Output;
  readonly chapters: Chapters;
  /** All variables are found by name at run time, in the scope `d`. */
  readonly isDynamic: boolean;
  readonly isColoured: boolean;
  lines: string[] = [];
  readonly loops: Loop[] = [];
  /** JavaScript names of the errors caught around this place, innermost last. */
  readonly caught: string[] = [];
  /** How many `try` blocks are open here. */
  tries = 0;
  /** Variables that Rhai's scope holds here: `let`s, parameters. */
  variables = 0;
  /** Statements that export variables once more, on the way out of a module. */
  readonly exports: string[] = [];
  /** Names for values in the middle of an expression, declared at the top of the function. */
  readonly scratches: string[] = [];
  /** Name of the mark that the scope of the caller goes back to at the end. */
  rewindsTo: string | undefined;
  /** Of an outlined part: the statement that leaves the function whose part it is. */
  private leaving = "";
  private count: number;

  constructor(
    unit: Unit,
    output: Output,
    chapters: Chapters,
    form: { readonly isDynamic: boolean; readonly isColoured: boolean },
  ) {
    this.unit = unit;
    this.output = output;
    this.chapters = chapters;
    this.isDynamic = form.isDynamic;
    this.isColoured = form.isColoured;
    this.count = 0;
  }

  /** A plain function beside this one that holds a part of it. `leaving`: what `return` does there. */
  outlined(leaving: string): Frame {
    const form = { isDynamic: false, isColoured: false };
    const inner = new Frame(this.unit, this.output, this.chapters, form);
    inner.leaving = leaving;
    inner.variables = this.variables;
    return inner;
  }

  /** Lines that were collected elsewhere, one by one: what is spread into a call has to fit on the stack. */
  append(lines: readonly string[]): void {
    for (const line of lines) this.lines.push(line);
  }

  line(text: string): void {
    this.lines.push(text);
  }

  /** A fresh local name. */
  temp(): string {
    this.count++;
    return `t${this.count}`;
  }

  scratch(): string {
    const name = `${this.temp()}s`;
    this.scratches.push(name);
    return name;
  }

  /** What is known of an expression's value. */
  type(node: Expression): Type {
    return this.isDynamic ? ANY : this.output.options.types.of(node);
  }

  /** Does the variable hold an unboxed float? */
  isRaw(binding: Binding): boolean {
    if (this.isDynamic || binding.isShared || (binding.kind !== "let" && binding.kind !== "const"))
      return false;
    return this.output.options.types.ofBinding(binding).tag === "float";
  }

  /** Text of a variable's value as every part of the runtime knows it. */
  valueOf(binding: Binding): string {
    return this.isRaw(binding) ? `new ${this.rt("Float")}(${this.name(binding)})` : this.name(binding);
  }

  expression(node: Expression): Code {
    return this.chapters.expression(this, node);
  }

  /** Runs `write` and gives back what it wrote instead of keeping it. */
  collect<T>(write: () => T): { readonly lines: string[]; readonly result: T } {
    const outer = this.lines;
    this.lines = [];
    const result = write();
    const { lines } = this;
    this.lines = outer;
    return { lines, result };
  }

  /** Evaluates a value here and now. */
  hold(code: Code, isCopy = false): Code {
    if (code.weight === "constant") return code;
    const name = this.temp();
    const text = isCopy && code.isPlace ? this.copied(code) : code.text;
    this.line(`const ${name} = ${text};`);
    return { text: name, form: code.form, weight: "constant", isPlace: code.isPlace && !isCopy };
  }

  /** Copies a value that lives in a place, here and now. Copies share content: one that is made after a walk to an element
   *  would see what is changed there. */
  copyNow(code: Code): Code {
    return code.isPlace
      ? this.hold({ ...code, text: this.copied(code), weight: "effect", isPlace: false })
      : code;
  }

  /** A value for a second place: a copy if it lives in one. */
  copied(code: Code): string {
    return code.isPlace ? `${this.rt("copy")}(${code.text})` : boxed(code);
  }

  /** A name of the runtime. */
  rt(name: string): string {
    return this.output.rt(name);
  }

  /** A call that may throw, at a place of the source. */
  call(at: number, name: string, ...args: readonly string[]): string {
    return `${mark(at)}${this.rt(name)}(${args.join(", ")})`;
  }

  /** A direct call of a compiled function. The first argument is `this`. */
  callFunction(at: number, callee: Unit, args: readonly string[]): string {
    return this.waited(at, this.functionName(callee), args, this.output.isColoured(callee));
  }

  /** A call of a function pointer. */
  callPointer(node: SiteNode, pointer: string, self: string, args: readonly string[]): string {
    return this.callTwin(node, "callFn", [pointer, self, `[${args.join(", ")}]`]);
  }

  /** A call of a runtime function that has a twin (`…A`) for callees that wait. */
  callTwin(node: SiteNode, name: string, args: readonly string[], at: readonly number[] = [node.at]): string {
    const { isDynamic, isDirect } = this.output.site(node);
    const waits = isDynamic || isDirect;
    return this.waited(at, this.rt(waits ? `${name}A` : name), args, waits);
  }

  /** A call that may throw; of a generator function if it waits. */
  waited(at: number | readonly number[], callee: string, args: readonly string[], waits: boolean): string {
    const text = `${callee}(${args.join(", ")})`;
    const start = typeof at === "number" ? mark(at) : mark(...at);
    return waits ? `(${start}yield* ${text})` : `${start}${text}`;
  }

  /** A call of a host function that the script waits for. */
  askHost(at: number, name: string, args: readonly string[]): string {
    return this.call(at, "reply", `yield ${this.rt("hostCall")}(${quote(name)}, [${args.join(", ")}])`);
  }

  functionName(callee: Unit): string {
    return `f$${callee.name}$${callee.id}`;
  }

  /** The JavaScript name of a variable. */
  name(binding: Binding): string {
    return `${binding.name}$${binding.id}`;
  }

  /** Pays for operations. */
  pay(cost: number, at: number): void {
    this.line(`if ((${this.rt("S")}.fuel -= ${cost}) < 0) ${this.call(at, "refuel")};`);
  }

  /** Operations of a branch beyond what was paid around it. The next payment sees if they were too many. */
  charge(extra: number): void {
    if (extra >= CHARGE_MIN) this.line(`${this.rt("S")}.fuel -= ${extra};`);
  }

  /** Start of a block in a dynamic scope: the name of a mark. */
  markScope(): string | undefined {
    if (!this.isDynamic) return undefined;
    const name = this.temp();
    this.line(`const ${name} = d.names.length;`);
    return name;
  }

  /** Forgets the variables declared since the mark. */
  rewindScope(mark_: string | undefined): void {
    if (mark_ !== undefined) this.line(`${this.rt("rewindScope")}(d, ${mark_});`);
  }

  /** One more variable in the scope. */
  checkVariables(at: number): void {
    const max = this.output.options.variablesMax;
    if (max !== 0 && this.variables >= max) this.line(`${this.call(at, "tooManyVariables")};`);
    this.variables++;
  }

  /** Leaves the function with the value of `r`. */
  leave(): void {
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
}
