/** Rhai: the public surface. */
export type { Program } from "./syntax/tree.ts";
export type { Value } from "./runtime/value.ts";
