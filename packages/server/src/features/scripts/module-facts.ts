/** What a TypeScript source imports from modules of its app and what it exports, read from its tree before types go. */
import type { ExportNamedDeclaration, ImportDeclaration, Node, Program } from "oxc-parser";
import { declaredNames, textOfName } from "./module-form.ts";
import { moduleOf } from "./module-names.ts";

export interface ModuleFacts {
  /** In the order of the statements; statements that import types only are not here. */
  readonly imports: readonly ModuleImport[];
  readonly exports: readonly ModuleExport[];
  /** Modules of `export * from`. */
  readonly stars: readonly string[];
}

export interface ModuleImport {
  readonly module: string;
  /** Of the text in quotes. */
  readonly start: number;
  readonly end: number;
  /** The statement is there when types are gone, so the module is evaluated. */
  readonly isEvaluated: boolean;
  readonly names: readonly ImportedName[];
}

export interface ImportedName {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Used as a value; any other may be a type. */
  readonly isValue: boolean;
}

export interface ModuleExport {
  readonly name: string;
  /** Types are gone when the module runs. */
  readonly isType: boolean;
  /** For a name that comes from another module. */
  readonly from?: Origin;
}

export interface Origin {
  readonly module: string;
  readonly name: string;
}

/** What is left when types are gone. */
export interface ValueNames {
  /** Local names of imports. */
  readonly imported: ReadonlySet<string>;
  /** Modules with a statement that is left. */
  readonly modules: ReadonlySet<string>;
  /** Names of exports. */
  readonly exported: ReadonlySet<string>;
}

/** `source` is the tree with types, `stripped` the one without. O(statements). */
export function moduleFacts(source: Program, stripped: Program): ModuleFacts {
  const facts = new Facts(valueNames(stripped), importedNames(source));
  for (const node of source.body) facts.add(node);
  return facts.done();
}

function valueNames(program: Program): ValueNames {
  const imported = new Set<string>();
  const modules = new Set<string>();
  const exported = new Set<string>();
  for (const node of program.body) {
    if ("source" in node && node.source !== null) {
      const module = moduleOf(node.source.value);
      if (module !== undefined) modules.add(module);
    }
    if (node.type === "ImportDeclaration") for (const { local } of node.specifiers) imported.add(local.name);
    else if (node.type === "ExportDefaultDeclaration") exported.add("default");
    else if (node.type === "ExportNamedDeclaration") {
      for (const specifier of node.specifiers) exported.add(textOfName(specifier.exported));
      if (node.declaration !== null) for (const name of declaredNames(node.declaration)) exported.add(name);
    }
  }
  return { imported, modules, exported };
}

/** Local names that stand for a name of another module; imports may come after what uses them. */
function importedNames(program: Program): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const node of program.body) {
    const module = node.type === "ImportDeclaration" ? moduleOf(node.source.value) : undefined;
    if (node.type !== "ImportDeclaration" || module === undefined) continue;
    for (const specifier of node.specifiers) {
      if (specifier.type === "ImportNamespaceSpecifier") continue;
      const name = specifier.type === "ImportSpecifier" ? textOfName(specifier.imported) : "default";
      origins.set(specifier.local.name, { module, name });
    }
  }
  return origins;
}

class Facts {
  readonly #values: ValueNames;
  readonly #imports: ModuleImport[] = [];
  readonly #exports: ModuleExport[] = [];
  readonly #stars: string[] = [];
  readonly #origins: ReadonlyMap<string, Origin>;

  constructor(values: ValueNames, origins: ReadonlyMap<string, Origin>) {
    this.#values = values;
    this.#origins = origins;
  }

  add(node: Node): void {
    if (node.type === "ImportDeclaration") this.#import(node);
    else if (node.type === "ExportNamedDeclaration") this.#exportNamed(node);
    else if (node.type === "ExportAllDeclaration" && node.exportKind !== "type") {
      const module = moduleOf(node.source.value);
      if (module === undefined) return;
      this.#addImport(module, node.source, []);
      if (node.exported === null) this.#stars.push(module);
      else this.#exports.push({ name: textOfName(node.exported), isType: false });
    } else if (node.type === "ExportDefaultDeclaration") {
      this.#exports.push({ name: "default", isType: !this.#values.exported.has("default") });
    }
  }

  done(): ModuleFacts {
    return { imports: this.#imports, exports: this.#exports, stars: this.#stars };
  }

  #addImport(
    module: string,
    { start, end }: { readonly start: number; readonly end: number },
    names: readonly ImportedName[],
  ): void {
    this.#imports.push({ module, start, end, isEvaluated: this.#values.modules.has(module), names });
  }

  #import(node: ImportDeclaration): void {
    const module = moduleOf(node.source.value);
    if (module === undefined || node.importKind === "type") return;
    const names: ImportedName[] = [];
    for (const specifier of node.specifiers) {
      if (specifier.type === "ImportNamespaceSpecifier") continue;
      if (specifier.type === "ImportSpecifier" && specifier.importKind === "type") continue;
      const name = specifier.type === "ImportSpecifier" ? textOfName(specifier.imported) : "default";
      const { start, end } = specifier;
      names.push({ name, start, end, isValue: this.#values.imported.has(specifier.local.name) });
    }
    const isOnlyTypes = node.specifiers.length > 0 && names.length === 0 && !hasNamespace(node);
    if (!isOnlyTypes) this.#addImport(module, node.source, names);
  }

  #exportNamed(node: ExportNamedDeclaration): void {
    if (node.source !== null) {
      this.#exportFrom(node, node.source);
      return;
    }
    for (const specifier of node.specifiers) {
      const name = textOfName(specifier.exported);
      const origin = this.#origins.get(textOfName(specifier.local));
      const isType =
        node.exportKind === "type" || specifier.exportKind === "type" || !this.#values.exported.has(name);
      this.#exports.push({ name, isType, ...(origin === undefined ? {} : { from: origin }) });
    }
    if (node.declaration === null) return;
    for (const name of [...declaredNames(node.declaration), ...typeNames(node.declaration)]) {
      this.#exports.push({ name, isType: !this.#values.exported.has(name) });
    }
  }

  #exportFrom(node: ExportNamedDeclaration, source: { value: string; start: number; end: number }): void {
    const module = moduleOf(source.value);
    if (module === undefined) return;
    const names: ImportedName[] = [];
    for (const specifier of node.specifiers) {
      const name = textOfName(specifier.local);
      const isType = node.exportKind === "type" || specifier.exportKind === "type";
      this.#exports.push({ name: textOfName(specifier.exported), isType, from: { module, name } });
      const { start, end } = specifier;
      if (!isType) names.push({ name, start, end, isValue: true });
    }
    if (node.exportKind !== "type" && (names.length > 0 || node.specifiers.length === 0))
      this.#addImport(module, source, names);
  }
}

function hasNamespace(node: ImportDeclaration): boolean {
  return node.specifiers.some(({ type }) => type === "ImportNamespaceSpecifier");
}

/** Names that only the tree with types declares. */
function typeNames(declaration: Node): readonly string[] {
  if (
    declaration.type === "TSInterfaceDeclaration" ||
    declaration.type === "TSTypeAliasDeclaration" ||
    declaration.type === "TSEnumDeclaration" ||
    declaration.type === "TSDeclareFunction"
  ) {
    return declaration.id === null ? [] : [declaration.id.name];
  }
  if (declaration.type === "TSModuleDeclaration" && declaration.id.type === "Identifier")
    return [declaration.id.name];
  return [];
}
