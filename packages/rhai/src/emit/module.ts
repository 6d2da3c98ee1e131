/** `import` and `export`. */
import { type Binding } from "../analysis/binding.ts";
import { type ExportStatement, type ImportStatement, type Name } from "../syntax/tree.ts";
import { boxed, quote } from "./code.ts";
import { type Frame } from "./frame.ts";

export function emitImport(frame: Frame, node: ImportStatement): void {
  const path = boxed(frame.expression(node.path));
  const alias = node.alias === undefined ? "undefined" : quote(node.alias.text);
  frame.line(`${frame.call(node.path.at, "importModule", "G", path, alias)};`);
}

type Exported = Pick<ExportStatement, "name" | "alias" | "at"> & { readonly name: Name };

export function emitExport(frame: Frame, node: ExportStatement | Exported, own?: Binding): void {
  const binding = own ?? ("kind" in node ? frame.output.scopes.exported.get(node) : undefined);
  const name = quote((node.alias ?? node.name).text);
  if (binding === undefined) {
    frame.line(`${frame.call(node.name.at, "variableNotFound", quote(node.name.text))};`);
    return;
  }
  const place = binding.isShared ? `${frame.name(binding)}.v` : frame.name(binding);
  const value = frame.isDynamic ? frame.call(node.at, "readName", "d", quote(binding.name), "G") : place;
  frame.line(`${frame.rt("exportVariable")}(G, ${name}, ${frame.rt("copy")}(${value}));`);
}
