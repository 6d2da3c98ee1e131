/** Types of library methods whose results matter for speed, and what methods do to the type of their receiver. */
import {
  ANY,
  array,
  BLOB,
  BOOL,
  CHAR,
  COUNT,
  FLOAT,
  INT,
  int,
  join,
  NEVER,
  STRING,
  type Type,
} from "./type.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));

const floatToFloat = words(
  "sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh sqrt exp ln log floor ceiling round int fraction abs " +
    "to_degrees to_radians hypot to_float",
);
const toBool = words(
  "is_empty is_nan is_finite is_infinite is_zero is_odd is_even starts_with ends_with is_inclusive is_exclusive",
);
const stringToString = words("to_upper to_lower sub_string to_string to_debug");
/** Give an array of the same items. */
const arrayToArray = words("filter extract order order_by order_desc");

/** Result of a library function with this receiver. `any` if it is not worth knowing. */
export function methodType(receiver: Type, name: string, args: readonly Type[]): Type {
  if (receiver.tag === "never") return NEVER;
  if (receiver.tag === "int") return intMethod(name, receiver, args);
  if (receiver.tag === "string") return stringMethod(name, args);
  if (receiver.tag === "array") return arrayMethod(name, receiver);
  if (receiver.tag === "float") {
    if (floatToFloat.has(name)) return FLOAT;
    return name === "to_int" ? INT : common(name);
  }
  if (receiver.tag === "char") {
    if (name === "to_int") return int(0, 0x10_ffff);
    return name === "to_upper" || name === "to_lower" ? CHAR : common(name);
  }
  if (receiver.tag === "blob") return name === "len" ? COUNT : common(name);
  return ANY;
}

/** Of every type but maps, whose properties may be functions. */
function common(name: string): Type {
  if (toBool.has(name)) return BOOL;
  return name === "to_string" || name === "to_debug" || name === "type_of" ? STRING : ANY;
}

function intMethod(name: string, { lo, hi }: Type & { tag: "int" }, args: readonly Type[]): Type {
  const [other] = args;
  switch (name) {
    case "to_float":
      return FLOAT;
    case "to_int":
      return int(lo, hi);
    case "abs":
      return int(lo > 0 ? lo : 0, Math.max(Math.abs(lo), Math.abs(hi)));
    case "sign":
      return int(-1, 1);
    case "min":
      return other?.tag === "int" ? int(Math.min(lo, other.lo), Math.min(hi, other.hi)) : ANY;
    case "max":
      return other?.tag === "int" ? int(Math.max(lo, other.lo), Math.max(hi, other.hi)) : ANY;
    default:
      return common(name);
  }
}

function arrayMethod(name: string, receiver: Type): Type {
  if (name === "len") return COUNT;
  if (name === "index_of") return int(-1, Number.MAX_SAFE_INTEGER);
  return arrayToArray.has(name) ? receiver : common(name);
}

function stringMethod(name: string, args: readonly Type[]): Type {
  if (name === "len" || name === "bytes") return COUNT;
  if (name === "index_of") return int(-1, Number.MAX_SAFE_INTEGER);
  if (name === "contains") return BOOL;
  if (name === "split" && args.length === 1 && args[0]?.tag === "string") return array(STRING);
  if (name === "to_blob") return BLOB;
  return stringToString.has(name) ? STRING : common(name);
}

const getters = words("len bytes is_empty floor ceiling round int fraction is_nan is_finite is_infinite");

/** `receiver.name`. */
export function propertyType(receiver: Type, name: string): Type {
  if (receiver.tag === "never") return NEVER;
  if (receiver.tag === "int")
    return name === "is_odd" || name === "is_even" || name === "is_zero" ? BOOL : ANY;
  return getters.has(name) ? methodType(receiver, name, []) : ANY;
}

/** Change the number or the order of the items only. */
const keepsItems = words(
  "pop shift remove clear truncate chop reverse dedup sort sort_by sort_desc drain take split",
);

/** The receiver after a library method that may change it. */
export function changedType(receiver: Type, name: string, args: readonly Type[]): Type {
  // `x.call(f)` gives `x` to a function as `this`.
  if (name === "take" || name === "call") return ANY;
  if (receiver.tag === "array") return changedArray(receiver, name, args);
  if (receiver.tag === "int") return INT;
  // Other names may be those of functions that the map holds.
  if (receiver.tag === "map" && !mapChanges.has(name)) return ANY;
  return keepsType.has(receiver.tag) ? receiver : ANY;
}

const mapChanges = words("clear remove mixin fill_with set drain retain set_tag");
const keepsType: ReadonlySet<string> = new Set(["never", "float", "string", "char", "map", "blob"]);

function changedArray(receiver: Type & { tag: "array" }, name: string, args: readonly Type[]): Type {
  if (keepsItems.has(name)) return receiver;
  const [first = ANY, second = ANY, third = ANY] = args;
  switch (name) {
    case "push":
      return array(join(receiver.item, first));
    case "insert":
    case "pad":
    case "set":
      return array(join(receiver.item, second));
    case "append":
      return array(join(receiver.item, itemOf(first)));
    case "splice":
      return array(join(receiver.item, itemOf(args.length === 2 ? second : third)));
    default:
      return array(ANY);
  }
}

function itemOf(type: Type): Type {
  return type.tag === "array" ? type.item : type.tag === "never" ? NEVER : ANY;
}
