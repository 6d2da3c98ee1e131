/** Pieces of emitted JavaScript with what is known about them. */

/** How the text's value stands: any value; an int that is a number; a float that is NOT boxed; a boolean. */
export type Form = "value" | "int" | "float" | "bool";

export interface Code {
  readonly text: string;
  readonly form: Form;
  /** "constant": the same wherever it stands. "read": depends on a place, changes nothing and can't throw. "effect": the
   *  rest; its order among others matters. */
  readonly weight: "constant" | "read" | "effect";
  /** The value lives in a place (variable, element): a second place must get a copy. */
  readonly isPlace: boolean;
  /** Of a raw float: text of the boxed value, if there is a cheaper one than boxing. */
  readonly box?: string;
}

export function constant(text: string, form: Form = "value"): Code {
  return { text, form, weight: "constant", isPlace: false };
}

export function read(text: string, form: Form = "value"): Code {
  return { text, form, weight: "read", isPlace: form === "value" };
}

export function effect(text: string, form: Form = "value", isPlace = false): Code {
  return { text, form, weight: "effect", isPlace };
}

export const unit: Code = constant("undefined");

/** Text of the value as every part of the runtime knows it. */
export function boxed(code: Code): string {
  return code.form === "float" ? (code.box ?? `new Float(${code.text})`) : code.text;
}

/** A newline that belongs to a place in the source: what throws starts right after it. The assembler turns it into the
 *  table of positions. `others`: of an assignment, the place of its operator, for errors about the
 *  value; then, of an index, its bracket, for containers that have no indexes. */
export function mark(...places: readonly number[]): string {
  return `\n\u0001${places.join(",")}\u0002`;
}

/** A string as a JavaScript literal, in ASCII. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text);
  if (!/[\u007f-\uffff]/.test(quoted)) return quoted;
  return quoted.replaceAll(
    /[\u007f-\uffff]/g,
    (unit_) => `\\u${unit_.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
