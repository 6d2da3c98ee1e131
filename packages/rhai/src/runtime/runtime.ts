/** Everything that emitted code and the drivers of runs use: what a unit gets as `rt`. */
export * from "./error.ts";
export * from "./json.ts";
export * from "./run.ts";
export * from "./state.ts";
export * from "./value.ts";
