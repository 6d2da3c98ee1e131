/** Rhai: the public surface. */
export type { Program } from "./syntax/tree.ts";
export type { Value } from "./runtime/value.ts";
export { type ParseResult, parse } from "./syntax/parser.ts";
export { type ParseLimits, type ParseOptions } from "./syntax/parse-options.ts";
export { type Diagnostic, type DiagnosticCode, type LexCode, showDiagnostic } from "./diagnostics.ts";
export { type FramePlace, codeFrame } from "./code-frame.ts";
export { printTree } from "./syntax/print-tree.ts";
export { type CompileOptions, type Compiled, type HostName, type HostNames, compile } from "./compile.ts";
