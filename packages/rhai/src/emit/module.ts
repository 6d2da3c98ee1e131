/** `import`, `export`, and names with namespaces. */
import { type Alias, type Binding } from "../analysis/binding.ts";
import { type HostName } from "../analysis/host-names.ts";
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
  const site = frame.output.site(node);
  const waits = site.isDirect || site.isDynamic;
  const callee = frame.rt(waits ? "importModuleA" : "importModule");
  frame.line(`${frame.waited(node.path.at, callee, ["M", path, into], waits)};`);
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
  const text = `${frame.rt("exportVariable")}(G, ${name}, ${frame.rt("copy")}(${value}));`;
  frame.line(text);
  // Importers get what the variable holds at the end.
  if (binding.isAssigned || binding.isShared || frame.isDynamic) frame.exports.push(text);
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
  const known = frame.output.scopes.modules.get(node);
  if (known === undefined) {
    const outside = emitOutside(frame, node);
    if (outside !== undefined) return outside;
  }
  const alias = aliasText(frame, known);
  const path = pathText(frame, node.namespace);
  const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
  // A call is placed at its name, a module that is not there at its own.
  const at = known === undefined ? (node.namespace[0]?.at ?? node.at) : node.at;
  const site = frame.output.site(node);
  const waits = site.isDirect || site.isDynamic;
  const callee = frame.rt(waits ? "callModuleA" : "callModule");
  return effect(frame.waited(at, callee, [alias, path, quote(node.name), `[${args.join(", ")}]`], waits));
}

/** A namespace that no import makes: the host's, or `global`. */
function emitOutside(frame: Frame, node: CallExpression): Code | undefined {
  const path = node.namespace.map((name) => name.text);
  const key = `${node.name}/${node.args.length}`;
  const name = [...path, node.name].join("::");
  const host = frame.output.hostFunction(`${name}/${node.args.length}`);
  if (host !== undefined) return emitHostCall(frame, node, { name, host });
  const own =
    path.length === 1 && path[0] === "global" ? frame.output.scopes.functions.get(key)?.[0] : undefined;
  // It says at run time that there is no such function.
  if (own === undefined)
    return frame.output.isHostSpace(path.join("::"))
      ? emitHostCall(frame, node, { name, host: { suspends: false } })
      : undefined;
  const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
  return effect(frame.callFunction(node.at, own, ["undefined", ...args]));
}

export function emitHostCall(
  frame: Frame,
  node: CallExpression,
  { name, host }: { readonly name: string; readonly host: HostName },
): Code {
  const args = emitArguments(frame, node.args).map((code) => frame.copied(code));
  if (host.suspends) return effect(frame.askHost(node.at, name, args));
  return effect(frame.call(node.at, "callHost", quote(name), `[${args.join(", ")}]`));
}
