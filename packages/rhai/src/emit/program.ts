/** The whole text: constants, functions, tables, and where each line comes from. */
import { type Scopes, type Unit } from "../analysis/binding.ts";
import { type FunctionDeclaration } from "../syntax/tree.ts";
import { quote } from "./code.ts";
import { emitFunction } from "./function.ts";
import { OUTLINED } from "./outline.ts";
import { Output, type OutputOptions } from "./output.ts";
import { assemble } from "./positions.ts";

export interface Emitted {
  /** `(function (rt) { … })`: gives the unit. */
  readonly code: string;
  readonly suspends: boolean;
  readonly usesEval: boolean;
}

export function emitProgram(scopes: Scopes, options: OutputOptions): Emitted {
  const output = new Output(scopes, options);
  const suspends = output.isColoured(scopes.main);
  const parts: { readonly label: string; readonly text: string }[] = [];
  for (const unit of scopes.units) parts.push({ label: labelOf(unit), text: emitFunction(output, unit) });
  for (const unit of output.capturing)
    parts.push({ label: labelOf(unit), text: emitFunction(output, unit, true) });
  for (const loop of output.outlined) parts.push({ label: OUTLINED, text: loop });
  const tables = emitTables(output);
  const start = `(function (rt, modules) {\n"use strict";\nconst G = rt.newUnit(${quote(options.path)}), M = modules ?? new Map();`;
  const { text, positions, functions } = assemble(
    [...output.head(), ...tables].join("\n"),
    parts,
    options.locate,
  );
  const modules = [...options.modules].map(([path, unit]) => `M.set(${quote(path)}, ${unit});`);
  const end =
    `return rt.finishUnit(G, { main, suspends: ${String(suspends)}, functions: T, positions: ${quote(positions)}, ` +
    `lines: ${quote(functions)} });\n})`;
  return { code: [start, text, ...modules, end].join("\n"), suspends, usesEval: output.usesEval };
}

function isPrivate(unit: Unit): boolean {
  return unit.kind === "function" && (unit.node as FunctionDeclaration).isPrivate;
}

/** How a function is named in errors: "" is main. */
function labelOf(unit: Unit): string {
  return unit.kind === "closure" ? `anon$${unit.id.toString(16).padStart(16, "0")}` : unit.name;
}

/** One object for each function, as values and calls see them. */
function emitTables(output: Output): string[] {
  const lines: string[] = [];
  const entries: string[] = [];
  for (const unit of output.scopes.units) {
    if (unit.kind === "main") continue;
    const name = labelOf(unit);
    const params = unit.params.length;
    lines.push(
      `const F${unit.id} = { name: ${quote(name)}, code: f$${unit.name}$${unit.id}, arity: ${params}, ` +
        `isColoured: ${String(output.isColoured(unit))}, setsThis: ${String(unit.changesThis)}${isPrivate(unit) ? ", isPrivate: true" : ""}` +
        `${output.usesMetadata ? `, params: [${unit.params.map((one) => quote(one.name)).join(", ")}]` : ""} };`,
    );
    const isFixed = unit.kind === "closure" && unit.captures.length === 0 && unit.missing.length === 0;
    if (isFixed || output.pointed.has(unit))
      lines.push(`const F${unit.id}p = new ${output.rt("FnPtr")}(${quote(name)}, F${unit.id});`);
    if (unit.kind === "function" && (unit.node as FunctionDeclaration).thisType === undefined)
      entries.push(`[${quote(`${unit.name}/${params}`)}, F${unit.id}]`);
  }
  lines.push(`const T = new Map([${entries.join(", ")}]);`);
  return lines;
}
