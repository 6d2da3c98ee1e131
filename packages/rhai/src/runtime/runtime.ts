/** Everything that emitted code and the drivers of runs use: what a unit gets as `rt`. */
export * from "./assign.ts";
export * from "./caught.ts";
export * from "./compare.ts";
export * from "./error.ts";
export * from "./format.ts";
export * from "./index.ts";
export * from "./json.ts";
export * from "./limits.ts";
export * from "./operators.ts";
export * from "./property.ts";
export * from "./raise.ts";
export * from "./run.ts";
export * from "./state.ts";
export * from "./value.ts";
