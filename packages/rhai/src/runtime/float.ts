/** Floats as text, and the power function as Rust has it. */

// Native compares with its thresholds rounded to 32 bits.
const TEXT_MAX = 9_999_999_827_968;
const TEXT_MIN = Math.fround(1e-13);

/** As `print` shows a float: `0.1`, `4.0`, `1e300`. */
export function floatText(x: number): string {
  if (x === 0) return "0.0";
  const size = Math.abs(x);
  if (size > TEXT_MAX || size < TEXT_MIN) return scientific(x);
  return decimal(x);
}

/** As `debug` and containers show a float (Rust's `{:?}`): `-0.0`, `1e-5`, `1e16`. */
export function floatDebug(x: number): string {
  if (x === 0) return Object.is(x, -0) ? "-0.0" : "0.0";
  const size = Math.abs(x);
  if (size >= 1e16 || size < 1e-4) return scientific(x);
  return decimal(x);
}

function special(x: number): string | undefined {
  if (Number.isNaN(x)) return "NaN";
  if (x === Infinity) return "inf";
  return x === -Infinity ? "-inf" : undefined;
}

/** Rust's `{:e}`: the shortest digits that read back. */
function scientific(x: number): string {
  return special(x) ?? x.toExponential().replace("e+", "e");
}

/** No exponent, with `.0` on integral values. Below 10^21 in size. */
function decimal(x: number): string {
  const text = special(x) ?? String(x);
  if (text.includes("e-")) return tiny(text);
  return Number.isInteger(x) ? `${text}.0` : text;
}

/** `1.5e-9` → `0.0000000015`. */
function tiny(text: string): string {
  const [mantissa = "", exponent = ""] = text.split("e-");
  const isNegative = mantissa.startsWith("-");
  const digits = mantissa.replace("-", "").replace(".", "");
  return `${isNegative ? "-" : ""}0.${"0".repeat(Number(exponent) - 1)}${digits}`;
}

/** Rust's `powf`: unlike JavaScript's, 1 to any power and -1 to an infinite one are 1. */
export function powFloats(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  return a ** b;
}
