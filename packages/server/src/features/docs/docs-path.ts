/** Conditions on documents → one jsonpath text. The only place where values of callers become a part of a text: as JSON
 *  literals and quoted member names, of which jsonpath knows the same escapes. The text itself is a bound parameter.
 *
 *  Strict mode, because lax mode would compare the items of an array where the array is meant. There a missing field makes
 *  a comparison unknown, not false, so what is negated is "false or unknown". */
import { PicloudError } from "@picloud/contract";
import { isObject, type Field } from "./docs-field.ts";
import type { Condition, Leaf } from "./docs-filter.ts";
import { isNumber } from "./docs-numbers.ts";

/** Whether all of it is about the document, nothing about its envelope. */
export function isOfData(condition: Condition): boolean {
  if (condition.op === "and" || condition.op === "or") return condition.of.every(isOfData);
  if (condition.op === "not") return isOfData(condition.of);
  return condition.field.kind === "data";
}

/** A jsonpath that finds something in the stored object of a document (`{"<scope>": document}`) if the condition holds. */
export function documentPath(scope: string, condition: Condition): string {
  return `strict $.${quoted(scope)} ? (${new Writer().predicate(condition, false)})`;
}

/** Whether the GIN index finds candidates: it knows which values stand at which path, nothing else. */
export function isIndexable(condition: Condition): boolean {
  if (condition.op === "and") return condition.of.some(isIndexable);
  if (condition.op === "or") return condition.of.length > 0 && condition.of.every(isIndexable);
  if (condition.op === "not") return false;
  const { op, value } = condition;
  if (op === "eq" || op === "contains") return hasScalar(value);
  return op === "in" && Array.isArray(value) && value.length > 0 && value.every(hasScalar);
}

function hasScalar(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasScalar);
  return isObject(value) ? Object.values(value).some(hasScalar) : true;
}

// jsonpath has no predicate `true`.
const ALWAYS = "1 == 1";
const NEVER = "1 == 2";

const comparisons = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/** Most characters of the comparisons of one filter: an object to equal repeats the path to each of its members. */
const textMax = 2 * 1_048_576;

class Writer {
  #left = textMax;

  predicate(condition: Condition, isNegated: boolean): string {
    if (condition.op === "not") return this.predicate(condition.of, !isNegated);
    if (condition.op === "and" || condition.op === "or") {
      const isAnd = (condition.op === "and") !== isNegated;
      if (condition.of.length === 0) return isAnd ? ALWAYS : NEVER;
      return condition.of.map((of) => `(${this.predicate(of, isNegated)})`).join(isAnd ? " && " : " || ");
    }
    const text = this.#leaf(condition);
    return isNegated ? `!(${text}) || ((${text}) is unknown)` : text;
  }

  #leaf({ op, field, value }: Leaf): string {
    const at = accessor(field);
    switch (op) {
      case "eq":
        return this.#equal(at, value);
      case "gt":
      case "gte":
      case "lt":
      case "lte":
        return this.#charged(`${at} ${comparisons[op]} ${JSON.stringify(value)}`);
      case "in": {
        const any = (value as readonly unknown[]).map((item) => `(${this.#equal(at, item)})`);
        return any.length === 0 ? NEVER : any.join(" || ");
      }
      case "exists":
        return `exists(${at})`;
      case "contains":
        // Item by item: comparing all at once is unknown when one of them has another type.
        return `exists(${at}[*] ? (${this.#equal("@", value)}))`;
      case "starts_with":
        return this.#charged(`${at} starts with ${JSON.stringify(value)}`);
      default:
        return op satisfies never;
    }
  }

  /** Equal as JSON: numbers by value, members in any order. jsonpath compares scalars only, the rest is spelled out. */
  #equal(at: string, value: unknown): string {
    if (Array.isArray(value)) {
      const items = value.map((item: unknown, i) => ` && (${this.#equal(`${at}[${i}]`, item)})`);
      return this.#charged(`${at}.type() == "array" && ${at}.size() == ${value.length}`) + items.join("");
    }
    if (isObject(value)) {
      const names = Object.keys(value);
      const others = names.map((name) => `@.key != ${quoted(name)}`).join(" && ");
      const surplus = names.length === 0 ? `${at}.keyvalue()` : `${at}.keyvalue() ? (${others})`;
      const head = this.#charged(`${at}.type() == "object" && !exists(${surplus})`);
      const members = Object.entries(value).map(
        ([name, item]) => ` && (${this.#equal(`${at}.${quoted(name)}`, item)})`,
      );
      return head + members.join("");
    }
    return this.#charged(`${at} == ${literal(value)}`);
  }

  #charged(text: string): string {
    this.#left -= text.length;
    if (this.#left >= 0) return text;
    const message = "is too large: its values and the paths to them have more than 2 MiB";
    throw new PicloudError("too_large", `filter ${message}`, { fields: [{ path: "filter", message }] });
  }
}

function accessor(field: Field): string {
  if (field.kind === "column") throw new Error(`${field.name} is not in the document`);
  return `@${field.path.map((name) => `.${quoted(name)}`).join("")}`;
}

function literal(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string" || isNumber(value))
    return JSON.stringify(value);
  throw new Error(`no scalar: ${typeof value}`);
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
