/** `import`, `export`, and names with namespaces. */
import { type Alias, type Binding } from "../analysis/binding.ts";
import {
  type CallExpression,
  type ExportStatement,
  type ImportStatement,
  type Name,
  type VariableExpression,
} from "../syntax/tree.ts";
import { boxed, type Code, effect, quote } from "./code.ts";
import { type Frame } from "./frame.ts";
import { emitArguments } from "./operands.ts";

export function emitImport(frame: Frame, node: ImportStatement): void {
  const path = boxed(frame.expression(node.path));
  const alias = frame.output.scopes.aliases.get(node);
  const name = alias?.isTop === true ? quote(alias.name) : "undefined";
  const into = `{ table: G, id: ${alias?.id ?? -1}, name: ${name} }`;
  frame.line(`${frame.call(node.path.at, "importModule", "M", path, into)};`);
}

type Exported = Pick<ExportStatement, "name" | "alias" | "at"> & { readonly name: Name };

export function emitExport(frame: Frame, node: ExportStatement | Exported, own?: Binding): void {
  const binding = own ?? ("kind" in node ? frame.output.scopes.exported.get(node) : undefined);
  const name = quote((node.alias ?? node.name).text);
  if (binding === undefined) {
    frame.line(`${frame.call(node.name.at, "variableNotFound", quote(node.name.text))};`);
    return;
  }
  const place = binding.isShared ? `${frame.name(binding)}.v` : frame.valueOf(binding);
  const value = frame.isDynamic ? frame.call(node.at, "readName", "d", quote(binding.name)) : place;
  frame.line(`${frame.rt("exportVariable")}(G, ${name}, ${frame.rt("copy")}(${value}));`);
}

function aliasText(frame: Frame, alias: Alias | undefined): string {
  return frame.output.late(`{ table: G, id: ${alias?.id ?? -1} }`);
}

function pathText(frame: Frame, namespace: readonly Name[]): string {
  return frame.output.constant(`[${namespace.map((name) => quote(name.text)).join(", ")}]`);
}

/** `alias::NAME`. */
export function emitModuleVariable(frame: Frame, node: VariableExpression): Code {
  const use = frame.output.scopes.uses.get(node);
  const alias = use?.kind === "module" ? use.alias : undefined;
  const path = pathText(frame, node.namespace);
  const at = node.namespace[0]?.at ?? node.at;
  const text = frame.call(at, "moduleVariable", aliasText(frame, alias), path, quote(node.name));
  return effect(text, "value", true);
}

/** `alias::name(…)`. */
export function emitModuleCall(frame: Frame, node: CallExpression): Code {
  const alias = aliasText(frame, frame.output.scopes.modules.get(node));
  const path = pathText(frame, node.namespace);
  const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
  const at = node.namespace[0]?.at ?? node.at;
  return effect(frame.call(at, "callModule", alias, path, quote(node.name), `[${args.join(", ")}]`));
}
