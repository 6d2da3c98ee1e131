/** Turns a module into one function expression that gives its exports: `(async function ($p) { …; return { … }; })`. */
import type { MagicString } from "magic-string";
import type {
  BindingPattern,
  ExportNamedDeclaration,
  ImportDeclaration,
  ModuleExportName,
  Node,
  Program,
} from "oxc-parser";
import { walk } from "oxc-walker";
import { rewriteImports } from "./import-references.ts";
import type { KeepRunNames } from "./keep-run.ts";
import { moduleOf } from "./module-names.ts";

export interface ModuleFormNames extends KeepRunNames {
  /** The parameter: an object with the helpers and `import`. */
  readonly parameter: string;
  /** Variable of the default export. */
  readonly defaultExport: string;
  /** Variables of imported modules, with a number behind it. */
  readonly namespace: string;
}

/** Members of the parameter, as the guest runtime names them. */
const HELPERS = {
  get: "g",
  set: "s",
  resume: "r",
  adopt: "t",
  queue: "q",
  next: "n",
  wait: "w",
  delegate: "y",
} as const satisfies Partial<Record<keyof KeepRunNames, string>>;

/** Member of the parameter that makes a namespace of exports. */
const MAKE_NAMESPACE = "e";

/** Edits the module in place: import and export statements become plain ones. The text before and after the module is
 *  returned, to be put around it once all other edits are made. A script's exports are read once; those of a module may be
 *  seen to change. */
export function moduleForm(
  text: MagicString,
  program: Program,
  names: ModuleFormNames,
  kind: "endpoint" | "module",
): { readonly before: string; readonly after: string } {
  const form = new Form(text, program, names, kind === "module");
  if (program.hashbang !== null) text.remove(program.hashbang.start, program.hashbang.end);
  for (const node of program.body) if (node.type === "ImportDeclaration") form.import(node);
  for (const node of program.body) form.export(node);
  return form.end();
}

class Form {
  readonly #text: MagicString;
  readonly #program: Program;
  readonly #names: ModuleFormNames;
  readonly #isModule: boolean;
  readonly #assigned: ReadonlySet<string>;
  /** Variable of each module's namespace. */
  readonly #namespaces = new Map<string, string>();
  /** What a name imported from a module of the app stands for. */
  readonly #imported = new Map<string, string>();
  readonly #members: string[] = [];
  readonly #stars: string[] = [];
  #imports = "";

  constructor(text: MagicString, program: Program, names: ModuleFormNames, isModule: boolean) {
    this.#text = text;
    this.#program = program;
    this.#names = names;
    this.#isModule = isModule;
    this.#assigned = isModule ? assignedNames(program) : new Set();
    // In the order of the statements, which is the order in which modules are evaluated.
    for (const node of program.body) {
      if (!("source" in node) || node.source === null) continue;
      const module = moduleOf(node.source.value);
      if (module === undefined || this.#namespaces.has(module)) continue;
      const variable = `${names.namespace}${this.#namespaces.size}`;
      this.#namespaces.set(module, variable);
      this.#imports += `const ${variable}=${names.parameter}.import(${JSON.stringify(`./${module}`)});`;
    }
  }

  import(node: ImportDeclaration): void {
    const namespace = this.#namespaceOf(node.source.value);
    if (namespace === undefined) this.#imports += importText(node, this.#names.parameter);
    else {
      for (const specifier of node.specifiers) {
        if (specifier.type === "ImportNamespaceSpecifier")
          this.#imports += `const ${specifier.local.name}=${namespace};`;
        else {
          const name = specifier.type === "ImportSpecifier" ? textOfName(specifier.imported) : "default";
          this.#imported.set(specifier.local.name, memberText(namespace, name));
        }
      }
    }
    this.#text.remove(node.start, node.end);
  }

  export(node: Node): void {
    if (node.type === "ExportDefaultDeclaration") {
      const variable = exportDefault(this.#text, node, this.#names.defaultExport);
      this.#add("default", variable, this.#assigned.has(variable));
    } else if (node.type === "ExportAllDeclaration") {
      const namespace = this.#namespaceOf(node.source.value) ?? "";
      if (node.exported === null) this.#stars.push(namespace);
      else this.#add(textOfName(node.exported), namespace, false);
      this.#text.remove(node.start, node.end);
    } else if (node.type === "ExportNamedDeclaration") this.#exportNamed(node);
  }

  end(): { before: string; after: string } {
    rewriteImports(this.#text, this.#program, this.#imported);
    const { parameter, run, get } = this.#names;
    const helpers = Object.entries(HELPERS).map(
      ([key, member]) => `${member}:${this.#names[key as keyof typeof HELPERS]}`,
    );
    const own = `{__proto__:null,${this.#members.join(",")}}`;
    const isPlain = !this.#isModule && this.#stars.length === 0;
    return {
      before:
        `(async function (${parameter}) {"use strict";const {${helpers.join(",")}}=${parameter};` +
        `let ${run}=${get}();${this.#imports}`,
      after: isPlain
        ? `\nreturn ${own};\n})`
        : `\nreturn ${parameter}.${MAKE_NAMESPACE}(${own},[${this.#stars.join(",")}]);\n})`,
    };
  }

  #exportNamed(node: ExportNamedDeclaration): void {
    const from = node.source === null ? undefined : this.#namespaceOf(node.source.value);
    for (const { exported, local } of node.specifiers) {
      const name = textOfName(local);
      const imported = from === undefined ? this.#imported.get(name) : memberText(from, name);
      const isLive = imported !== undefined || this.#assigned.has(name);
      this.#add(textOfName(exported), imported ?? name, isLive);
    }
    if (node.declaration === null) this.#text.remove(node.start, node.end);
    else {
      for (const name of declaredNames(node.declaration)) this.#add(name, name, this.#assigned.has(name));
      this.#text.remove(node.start, node.declaration.start);
    }
  }

  #add(name: string, expression: string, mayChange: boolean): void {
    const key = `[${JSON.stringify(name)}]`;
    this.#members.push(
      this.#isModule && mayChange ? `get ${key}(){return ${expression}}` : `${key}:${expression}`,
    );
  }

  #namespaceOf(specifier: string): string | undefined {
    return this.#namespaces.get(moduleOf(specifier) ?? "");
  }
}

/** Names that anything is assigned to after their declaration, whatever they mean there: too many do no harm. */
function assignedNames(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (target: Node): void => {
    walk(target, {
      enter(node) {
        if (node.type === "Identifier") names.add(node.name);
      },
    });
  };
  walk(program, {
    enter(node) {
      if (node.type === "AssignmentExpression") add(node.left);
      else if (node.type === "UpdateExpression") add(node.argument);
      else if (node.type === "ForInStatement" || node.type === "ForOfStatement") add(node.left);
      // A `var` may be declared again with another value.
      else if (node.type === "VariableDeclaration" && node.kind === "var")
        for (const { id } of node.declarations) add(id);
    },
  });
  return names;
}

function memberText(namespace: string, name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `${namespace}.${name}` : `${namespace}[${JSON.stringify(name)}]`;
}

/** The import of "picloud". */
function importText(node: ImportDeclaration, parameter: string): string {
  const from = `${parameter}.import(${JSON.stringify(node.source.value)});`;
  let text = "";
  const named: string[] = [];
  for (const specifier of node.specifiers) {
    if (specifier.type === "ImportNamespaceSpecifier") text += `const ${specifier.local.name}=${from}`;
    else if (specifier.type === "ImportSpecifier") {
      named.push(`${JSON.stringify(textOfName(specifier.imported))}:${specifier.local.name}`);
    }
  }
  if (named.length > 0) text += `const {${named.join(",")}}=${from}`;
  return text;
}

/** Gives the variable that holds the default export. */
function exportDefault(
  text: MagicString,
  node: Extract<Node, { type: "ExportDefaultDeclaration" }>,
  variable: string,
): string {
  const { declaration } = node;
  const isDeclaration = declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration";
  if (isDeclaration && declaration.id !== null) {
    text.remove(node.start, declaration.start);
    return declaration.id.name;
  }
  // As a property's value an anonymous function or class gets the name "default", as it would in a module.
  text.update(node.start, declaration.start, `const ${variable}={default:`);
  text.appendLeft(declaration.end, isDeclaration ? "}.default;" : "}.default");
  return variable;
}

/** Names that a declaration makes as values. */
export function declaredNames(declaration: Node): readonly string[] {
  if (declaration.type === "VariableDeclaration")
    return declaration.declarations.flatMap(({ id }) => boundNames(id));
  if (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") {
    return declaration.id === null ? [] : [declaration.id.name];
  }
  return [];
}

function boundNames(pattern: BindingPattern): readonly string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => {
        if (element === null) return [];
        return boundNames(element.type === "RestElement" ? element.argument : element);
      });
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "RestElement" ? property.argument : property.value),
      );
    default:
      return pattern satisfies never;
  }
}

export function textOfName(name: ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}
