/** Which library methods change their receiver, by name: decides whether a chain like `a.b.name()` must be walked for a
 *  change in place (which unshares containers), and whether the receiver is stored back. */

/** Change a container in place, or replace a scalar receiver. */
const mutating = new Set(
  (
    "push append insert pop shift remove clear truncate chop reverse pad splice dedup sort sort_by sort_desc " +
    "drain retain for_each set mixin fill_with crop replace trim make_upper make_lower set_bit set_bits " +
    "write_le write_be write_utf8 write_ascii set_tag take"
  ).split(" "),
);

/** Never change it. */
const pure = new Set(
  (
    "len bytes is_empty contains get keys values " +
    "extract split split_rev zip order order_by order_desc chars to_chars to_blob to_array as_string to_string " +
    "to_debug to_json starts_with ends_with sub_string to_upper to_lower min max to_int to_float to_hex to_octal " +
    "to_binary abs sign is_zero is_odd is_even floor ceiling round int fraction sqrt exp ln log sin cos tan sinh " +
    "cosh tanh asin acos atan asinh acosh atanh hypot to_degrees to_radians is_nan is_finite is_infinite bits " +
    "get_bit get_bits parse_le_int parse_be_int parse_le_float parse_be_float start end is_inclusive is_exclusive " +
    "name is_anonymous curry elapsed type_of is_shared tag"
  ).split(" "),
);

/** Change elements only if their callback does so, to the element that it has as `this`. */
const calling = new Set("map filter reduce reduce_rev some all find find_map index_of".split(" "));

/** Replace a receiver that is a string, char or int (or anything: `take`), leaving the new one in `S.self`. */
const replacing = new Set(
  "crop replace remove pad truncate trim clear pop append make_upper make_lower set set_bit set_bits take".split(
    " ",
  ),
);

/** Does a library method of this name call functions that may change elements of its receiver? */
export function isCalling(name: string): boolean {
  return calling.has(name);
}

/** Only look, but constants refuse them all the same: native does not know that they are pure. */
const refused = new Set("get extract order order_by order_desc split".split(" "));

/** Does a library method of this name ask whether its receiver is a constant, though it does not change it? */
export function isRefused(name: string): boolean {
  return refused.has(name);
}

/** May a method of this name change its receiver? Unknown names may: they can be functions in a map. */
export function mayChange(name: string): boolean {
  return !pure.has(name);
}

/** Is it a library function that changes its receiver? */
export function isMutating(name: string): boolean {
  return mutating.has(name);
}

/** May a library function of this name leave a new receiver in `S.self`? */
export function isReplacing(name: string): boolean {
  return replacing.has(name);
}
