/** Everything that emitted code and the drivers of runs use: what a unit gets as `rt`. */
import { defineLibrary } from "./std/all.ts";

// Units look functions up when they are instantiated: the tables are filled before.
defineLibrary();

export { callFn as callFnA, callMethod as callMethodA } from "./call.co.ts";
export { callFn, callMethod } from "./call.sync.ts";
export * from "./assign.ts";
export * from "./bit-field.ts";
export * from "./build.ts";
export * from "./catch.ts";
export * from "./caught.ts";
export * from "./chars.ts";
export * from "./compare.ts";
export * from "./error.ts";
export { evaluate as evaluateA } from "./evaluate.co.ts";
export * from "./evaluate.sync.ts";
export * from "./evaluator.ts";
export * from "./float.ts";
export * from "./fn-name.ts";
export * from "./format.ts";
export * from "./host.ts";
export * from "./indexing.ts";
export * from "./integer.ts";
export * from "./json.ts";
export * from "./fuel.ts";
export * from "./limits.ts";
export * from "./loop.ts";
export * from "./method.ts";
export { callModule as callModuleA, importModule as importModuleA } from "./module.co.ts";
export * from "./module.sync.ts";
export * from "./modular.ts";
export * from "./module.ts";
export * from "./native.ts";
export * from "./operators.ts";
export * from "./overflow.ts";
export * from "./position.ts";
export * from "./property.ts";
export * from "./raise.ts";
export * from "./run.ts";
export * from "./scope.ts";
export * from "./state.ts";
export * from "./tag.ts";
export * from "./text-operators.ts";
export * from "./too-large.ts";
export * from "./unit.ts";
export * from "./value.ts";
export * from "./variable-tag.ts";
