/** The order of values of all types: missing, null, false, true, numbers by value, texts by code point, then arrays and
 *  objects. Each value is a number and a text, so that an index, a sort and a cursor agree. */

/** Characters of a text that count for its order: entries of an index have a largest size. */
export const sortTextMax = 128;

/** Where a value stands among the numbers; those of documents have at most 400 digits. */
export const rank = {
  missing: "-Infinity",
  null: "-1e403",
  false: "-1e402",
  true: "-1e401",
  text: "Infinity",
  container: "NaN",
} as const;
