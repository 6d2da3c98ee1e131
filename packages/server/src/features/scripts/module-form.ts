/** Turns a module into one function expression that gives its exports: `(async function ($p) { …; return { … }; })`. */
import type { MagicString } from "magic-string";
import type { BindingPattern, ImportDeclaration, ModuleExportName, Node, Program } from "oxc-parser";
import type { KeepRunNames } from "./keep-run.ts";

export interface ModuleFormNames extends KeepRunNames {
  /** The parameter: an object with the helpers and `import`. */
  readonly parameter: string;
  /** Variable of the default export. */
  readonly defaultExport: string;
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

/** Edits the module in place: import and export statements become plain ones. The text before and after the module is
 *  returned, to be put around it once all other edits are made. The module imports from "picloud" only. */
export function moduleForm(
  text: MagicString,
  program: Program,
  names: ModuleFormNames,
): { readonly before: string; readonly after: string } {
  let imports = "";
  const exported: [name: string, local: string][] = [];
  if (program.hashbang !== null) text.remove(program.hashbang.start, program.hashbang.end);
  for (const node of program.body) {
    if (node.type === "ImportDeclaration") {
      imports += importText(node, names.parameter);
      text.remove(node.start, node.end);
    } else if (node.type === "ExportDefaultDeclaration") {
      exported.push(["default", exportDefault(text, node, names.defaultExport)]);
    } else if (node.type === "ExportNamedDeclaration") {
      for (const specifier of node.specifiers) {
        exported.push([nameOf(specifier.exported), nameOf(specifier.local)]);
      }
      if (node.declaration === null) text.remove(node.start, node.end);
      else {
        for (const name of declaredNames(node.declaration)) exported.push([name, name]);
        text.remove(node.start, node.declaration.start);
      }
    }
  }
  const helpers = Object.entries(HELPERS).map(
    ([key, member]) => `${member}:${names[key as keyof typeof HELPERS]}`,
  );
  const members = exported.map(([name, local]) => `[${JSON.stringify(name)}]:${local}`);
  return {
    before:
      `(async function (${names.parameter}) {"use strict";const {${helpers.join(",")}}=${names.parameter};` +
      `let ${names.run}=${names.get}();${imports}`,
    after: `\nreturn {__proto__:null,${members.join(",")}};\n})`,
  };
}

function importText(node: ImportDeclaration, parameter: string): string {
  const from = `${parameter}.import(${JSON.stringify(node.source.value)});`;
  let text = "";
  const named: string[] = [];
  for (const specifier of node.specifiers) {
    if (specifier.type === "ImportNamespaceSpecifier") text += `const ${specifier.local.name}=${from}`;
    else if (specifier.type === "ImportSpecifier") {
      named.push(`${JSON.stringify(nameOf(specifier.imported))}:${specifier.local.name}`);
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

function declaredNames(declaration: Node): readonly string[] {
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

function nameOf(name: ModuleExportName): string {
  return name.type === "Literal" ? name.value : name.name;
}
