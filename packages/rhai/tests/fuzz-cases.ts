/** Hostile and broken scripts, made from a seed: random bytes, random tokens, broken corpus programs, deep nesting, large
 *  inputs. */

export type Kind = "bytes" | "tokens" | "mutated" | "nested" | "large";

export interface FuzzCase {
  readonly kind: Kind;
  readonly code: string;
}

export interface FuzzWork {
  readonly seed: number;
  readonly ms: number;
}

export type FuzzMessage =
  | { readonly type: "case"; readonly fuzzCase: FuzzCase }
  | { readonly type: "wrong"; readonly what: string; readonly fuzzCase: FuzzCase }
  | { readonly type: "end"; readonly cases: number };

const tokens = (
  "let const fn if else while loop for in do until switch case return throw try catch break continue import export as " +
  "private this true false _ print debug Fn call curry eval type_of is_def_var x y f ab 0 1 -1 1.5 0xff 1e9 'c' " +
  '"s" "" ` ${ } { ( ) [ ] #{ () ; , : :: => . ?. ?[ ! + - * / % ** << >> & | ^ && || == != < <= > >= in !in ?? .. ..= = ' +
  "+= -= *= **= \\ @ # $ ~ \n // /* */ /// ++ -- === 9223372036854775807 -9223372036854775808 |x| x.len() [1,2,3] " +
  "#{a:1} a[0] m.a f.call(1) push pad sort map filter reduce split range(0,5) parse_json __proto__ constructor then \u{1F600} é"
).split(" ");

const nests: readonly (readonly [string, string])[] = [
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
  ["#{a:", "}"],
  ["-", ""],
  ["!", ""],
  ["|x|", ""],
  ["f(", ")"],
  ["a[", "]"],
  ["if true {", "}"],
  ["`${", "}`"],
  ["1+", "1"],
  ["2**", "2"],
  ["x.y", ""],
  ["switch 1 { 1 => ", "}"],
  ["while x {", "}"],
  ["try { ", "} catch { }"],
  ["/*", "*/"],
  ["if a { } else ", ""],
  ["fn f() { ", " }"],
  ["a?.b ?? ", ""],
  ['eval("', '")'],
];

const largeMax = 1 << 20;

/** Makes cases. The same seed and programs give the same cases. */
export class CaseMaker {
  private seed: number;
  private readonly programs: readonly string[];

  constructor(seed: number, programs: readonly string[]) {
    this.seed = seed >>> 0;
    this.programs = programs;
  }

  next(): FuzzCase {
    const kind = this.below(100);
    if (kind < 15) return { kind: "bytes", code: this.bytes(1 + this.below(300)) };
    if (kind < 35) return { kind: "tokens", code: this.tokens(1 + this.below(60)) };
    if (kind < 96) return { kind: "mutated", code: this.mutated() };
    if (kind < 99) return { kind: "nested", code: this.nested(this.below(2_000)) };
    return { kind: "large", code: this.large() };
  }

  /** A number below `count`. */
  below(count: number): number {
    // xorshift32: short, and the same everywhere.
    let seed = this.seed || 1;
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    this.seed = seed >>> 0;
    return this.seed % count;
  }

  private pick<T>(list: readonly T[], fallback: T): T {
    return list[this.below(list.length)] ?? fallback;
  }

  private bytes(length: number): string {
    const units = Array.from({ length }, () => {
      const kind = this.below(10);
      if (kind < 7) return 32 + this.below(95);
      return kind < 9 ? this.below(256) : this.below(0x10000);
    });
    return String.fromCharCode(...units);
  }

  private tokens(count: number): string {
    return Array.from(
      { length: count },
      () => this.pick(tokens, "x") + this.pick([" ", " ", " ", ""], " "),
    ).join("");
  }

  private program(): string {
    return this.pick(this.programs, "1");
  }

  /** One to four changes of a program that was right. */
  private mutated(): string {
    let code = this.program();
    for (let count = 1 + this.below(4); count > 0; count--) code = this.changed(code);
    return code;
  }

  private changed(code: string): string {
    const from = this.below(code.length + 1);
    const to = Math.min(code.length, from + this.below(12));
    switch (this.below(8)) {
      case 0:
        return code.slice(0, from) + code.slice(to);
      case 1:
        return code.slice(0, to) + code.slice(from);
      case 2:
        return code.slice(0, from) + this.bytes(1 + this.below(3)) + code.slice(from);
      case 3: {
        const other = this.program();
        return code.slice(0, from) + other.slice(this.below(other.length + 1));
      }
      case 4:
        return `${code}\n${this.program()}`;
      case 5:
        return this.otherNumber(code);
      default:
        return `${code.slice(0, from)} ${this.pick(tokens, "x")} ${code.slice(to)}`;
    }
  }

  /** One number of the program becomes an extreme one. */
  private otherNumber(code: string): string {
    const numbers = [...code.matchAll(/\d+/g)];
    const found = numbers[this.below(Math.max(1, numbers.length))];
    if (found === undefined) return code;
    const extremes = [
      "0",
      "-1",
      "1e308",
      "9223372036854775807",
      "-9223372036854775808",
      "4294967296",
      "65",
      "1.5",
    ];
    return code.slice(0, found.index) + this.pick(extremes, "0") + code.slice(found.index + found[0].length);
  }

  private nested(depth: number): string {
    const [open, close] = this.pick(nests, ["(", ")"]);
    const middle = this.below(2) === 0 ? "1" : this.tokens(3);
    return open.repeat(depth) + middle + (this.below(3) === 0 ? "" : close.repeat(depth));
  }

  /** About a megabyte. */
  private large(): string {
    const [open] = this.pick(nests, ["(", ")"]);
    const statements = [
      "x;",
      "let a = 1;\n",
      "[1, 2, 3],",
      "f(1) + ",
      '"text" + ',
      "// note\n",
      "x.y(1).",
      "'a'",
    ];
    const piece = this.below(2) === 0 ? open : this.pick(statements, "x;");
    return piece.repeat(Math.ceil(largeMax / piece.length)).slice(0, largeMax);
  }
}
