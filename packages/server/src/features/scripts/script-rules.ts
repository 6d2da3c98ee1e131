/** What a script may not contain although it is good TypeScript, found on the tree of the source itself, and the settings
 *  that a script exports as constants. */
import type {
  ExportNamedDeclaration,
  Expression,
  ImportDeclaration,
  ModuleExportName,
  Node,
  Program,
  StringLiteral,
} from "oxc-parser";
import { walk } from "oxc-walker";
import { readSpecifier } from "./module-names.ts";
import { nearestName, PICLOUD_NAMES } from "./script-imports.ts";

export interface Finding {
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string;
}

export interface ScriptSettings {
  /** `export const transaction = true` */
  readonly transaction: boolean;
  /** `export const fresh = true` */
  readonly fresh: boolean;
  /** Rhai: the script compiles text at run time. */
  readonly eval?: boolean;
}

type Setting = "transaction" | "fresh";

export interface ScriptFacts {
  readonly findings: readonly Finding[];
  readonly settings: ScriptSettings;
  /** Every identifier in the source, escapes decoded. */
  readonly identifiers: ReadonlySet<string>;
}

const SETTINGS: readonly string[] = ["transaction", "fresh"] satisfies readonly Setting[];

const ONLY_PICLOUD = 'only "picloud" and modules of the app ("./name") can be imported';
const EXPORT_FROM = 'only modules of the app ("./name") can be exported from';
const TYPE_HINT = "If it is only a type, write `import type`.";

/** A module needs no default export, and what it exports are no settings. */
export function checkScriptRules(program: Program, kind: "endpoint" | "module"): ScriptFacts {
  const rules = new Rules(kind === "module");
  walk(program, {
    enter: (node, parent) => rules.enter(node, parent),
    leave: (node) => rules.leave(node),
  });
  return rules.facts();
}

class Rules {
  readonly #isModule: boolean;
  readonly #findings: Finding[] = [];
  readonly #identifiers = new Set<string>();
  readonly #settings = { transaction: false, fresh: false };
  readonly #requireCalls: Node[] = [];
  #requireIsDeclared = false;
  #hasDefault = false;
  /** Functions with an `arguments` of their own around the current node. */
  #ownArguments = 0;

  constructor(isModule: boolean) {
    this.#isModule = isModule;
  }

  facts(): ScriptFacts {
    if (!this.#requireIsDeclared) {
      for (const node of this.#requireCalls) {
        this.#add(node, `There is no require(): ${ONLY_PICLOUD}, with an import statement.`);
      }
    }
    if (!this.#isModule && !this.#hasDefault && this.#findings.length === 0) {
      const hint = "Write `export default async (req) => …`.";
      this.#findings.push({
        start: 0,
        end: 0,
        message: "The script has no default export, so nothing can be called.",
        hint,
      });
    }
    return {
      findings: this.#findings.toSorted((one, other) => one.start - other.start),
      settings: this.#settings,
      identifiers: this.#identifiers,
    };
  }

  enter(node: Node, parent: Node | null): void {
    if (hasOwnArguments(node)) this.#ownArguments++;
    if (isModuleStatement(node) && parent?.type !== "Program" && parent?.type !== "TSModuleBlock") {
      this.#add(node, "import and export stand at the top level of the file only.");
    } else if (node.type === "ImportDeclaration") this.#importDeclaration(node);
    else if (node.type === "ExportNamedDeclaration") this.#exportNamed(node);
    else if (node.type === "ExportAllDeclaration") {
      if (node.exportKind !== "type") this.#exportFrom(node, node.source);
    } else if (node.type === "Identifier") this.#identifier(node, parent);
    else if (node.type === "ExportDefaultDeclaration") {
      if (node.declaration.type !== "TSInterfaceDeclaration") this.#hasDefault = true;
    } else this.#refuse(node);
  }

  leave(node: Node): void {
    if (hasOwnArguments(node)) this.#ownArguments--;
  }

  #refuse(node: Node): void {
    const [message, hint] = refusalOf(node);
    if (message !== undefined) this.#add(node, message, hint);
  }

  #importDeclaration(node: ImportDeclaration): void {
    const erased =
      node.importKind === "type" ||
      (node.specifiers.length > 0 &&
        node.specifiers.every(
          (specifier) => specifier.type === "ImportSpecifier" && specifier.importKind === "type",
        ));
    if (erased) return;
    const from = node.source.value;
    if (from !== "picloud" && !from.startsWith(".")) {
      const isName = /^[a-z][\w-]*$/.test(from);
      const own = isName ? `A module of the app is imported as "./${from}". ` : "";
      this.#add(node.source, `Can't import ${JSON.stringify(from)}: ${ONLY_PICLOUD}.`, own + TYPE_HINT);
      return;
    }
    if (node.phase !== null) this.#add(node, `\`import ${node.phase}\` is not available.`);
    if (node.attributes.length > 0) this.#add(node, "Import attributes are not available.");
    if (from.startsWith(".")) {
      this.#ownModule(node.source, from);
      return;
    }
    for (const specifier of node.specifiers) {
      if (specifier.type === "ImportNamespaceSpecifier") continue;
      if (specifier.type === "ImportDefaultSpecifier") this.#noDefault(specifier, specifier.local.name);
      else if (specifier.importKind !== "type") {
        const { imported } = specifier;
        this.#importedName(specifier, imported.type === "Literal" ? imported.value : imported.name);
      }
    }
  }

  #ownModule(node: Node, specifier: string): void {
    const read = readSpecifier(specifier);
    if (read.module !== undefined) return;
    this.#add(node, `Can't import ${JSON.stringify(specifier)}: ${read.reason}.`, read.hint);
  }

  #exportFrom(node: Node, source: StringLiteral): void {
    const from = source.value;
    if (from.startsWith(".")) {
      this.#ownModule(source, from);
      return;
    }
    const hint = from === "picloud" ? "Import the name, then export it." : undefined;
    this.#add(node, `A script can't export from ${JSON.stringify(from)}: ${EXPORT_FROM}.`, hint);
  }

  #importedName(node: Node, name: string): void {
    if (PICLOUD_NAMES.includes(name)) return;
    if (name === "default") {
      this.#noDefault(node, "kv");
      return;
    }
    const nearest = nearestName(name, PICLOUD_NAMES);
    const hint =
      nearest === undefined ? `There are: ${PICLOUD_NAMES.join(", ")}.` : `Did you mean ${nearest}?`;
    const typeHint = /^[A-Z]/.test(name) && nearest === undefined ? TYPE_HINT : hint;
    this.#add(node, `"picloud" has no ${JSON.stringify(name)}.`, typeHint);
  }

  #noDefault(node: Node, name: string): void {
    this.#add(node, '"picloud" has no default export.', `Write \`import { ${name} } from "picloud"\`.`);
  }

  #exportNamed(node: ExportNamedDeclaration): void {
    if (node.exportKind === "type") return;
    if (node.source !== null) {
      const erased =
        node.specifiers.length > 0 && node.specifiers.every((specifier) => specifier.exportKind === "type");
      if (!erased) this.#exportFrom(node, node.source);
      for (const { exported, exportKind } of node.specifiers) {
        if (exportKind !== "type") this.#exportedName(node, exported);
      }
      return;
    }
    for (const { exported, exportKind } of node.specifiers) {
      if (exportKind === "type") continue;
      this.#exportedName(node, exported);
    }
    this.#exportedSettings(node);
  }

  #exportedName(node: Node, exported: ModuleExportName): void {
    const name = exported.type === "Literal" ? exported.value : exported.name;
    if (name === "default") this.#hasDefault = true;
    if (SETTINGS.includes(name) && !this.#isModule) this.#notConstant(node, name);
  }

  #exportedSettings(node: ExportNamedDeclaration): void {
    const { declaration } = node;
    if (
      this.#isModule ||
      declaration === null ||
      declaration.type !== "VariableDeclaration" ||
      declaration.declare
    )
      return;
    for (const { id, init } of declaration.declarations) {
      if (id.type !== "Identifier" || !SETTINGS.includes(id.name)) continue;
      const value = booleanOf(init);
      if (value === undefined || declaration.kind !== "const") this.#notConstant(node, id.name);
      else this.#settings[id.name as Setting] = value;
    }
  }

  #notConstant(node: Node, name: string): void {
    this.#add(
      node,
      `The export "${name}" is a setting that is read before the script runs.`,
      `Write \`export const ${name} = true\`.`,
    );
  }

  #identifier(node: Extract<Node, { type: "Identifier" }>, parent: Node | null): void {
    this.#identifiers.add(node.name);
    if (node.name === "arguments" && this.#ownArguments === 0 && isReference(node, parent)) {
      this.#add(node, "`arguments` is only available in a function that is no arrow function.");
    }
    if (node.name !== "require" || !isReference(node, parent)) return;
    if (parent?.type === "CallExpression" && parent.callee === node) this.#requireCalls.push(parent);
    else if (parent?.type !== "UnaryExpression") this.#requireIsDeclared = true;
  }

  #add(node: Node, message: string, hint?: string): void {
    this.#findings.push({
      start: node.start,
      end: node.end,
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

type Refusal = readonly [message?: string, hint?: string];

const NO_REFUSAL: Refusal = [];
const NO_REQUIRE: Refusal = [`There is no require(): ${ONLY_PICLOUD}, with an import statement.`];

/** Everything that is refused wherever it stands. */
function refusalOf(node: Node): Refusal {
  if (node.type.startsWith("JSX")) return ["JSX is not available."];
  return moduleRefusalOf(node) ?? languageRefusalOf(node) ?? NO_REFUSAL;
}

function moduleRefusalOf(node: Node): Refusal | undefined {
  if (node.type === "ImportExpression") {
    return [`Dynamic import() is not available: ${ONLY_PICLOUD}, with an import statement.`];
  }
  if (node.type === "MetaProperty") {
    return node.meta.name === "import"
      ? ["import.meta is not available: a script has no URL of its own."]
      : NO_REFUSAL;
  }
  if (node.type === "TSImportEqualsDeclaration") {
    const isModule = node.moduleReference.type === "TSExternalModuleReference" && node.importKind !== "type";
    return isModule ? NO_REQUIRE : NO_REFUSAL;
  }
  return undefined;
}

function languageRefusalOf(node: Node): Refusal | undefined {
  if (node.type === "TSExportAssignment") return ["`export =` is not available.", "Write `export default`."];
  if (node.type === "Decorator") return ["Decorators are not available."];
  if (node.type === "AccessorProperty" || node.type === "TSAbstractAccessorProperty") {
    return ["`accessor` fields are not available.", "Write a getter and a setter."];
  }
  if (node.type === "VariableDeclaration" && node.kind === "await using") {
    return ["`await using` is not available.", "Release it in a `finally` block."];
  }
  return undefined;
}

function booleanOf(expression: Expression | null): boolean | undefined {
  if (expression === null) return undefined;
  if (expression.type === "Literal")
    return typeof expression.value === "boolean" ? expression.value : undefined;
  if (
    expression.type === "TSAsExpression" ||
    expression.type === "TSSatisfiesExpression" ||
    expression.type === "ParenthesizedExpression"
  ) {
    return booleanOf(expression.expression);
  }
  return undefined;
}

function isModuleStatement({ type }: Node): boolean {
  return type === "ImportDeclaration" || /^Export.*Declaration$/.test(type);
}

function hasOwnArguments(node: Node): boolean {
  return node.type === "FunctionDeclaration" || node.type === "FunctionExpression";
}

/** Not a property's name: `x.arguments`, `{ arguments: 1 }`, `class { arguments() {} }`. */
function isReference(node: Node, parent: Node | null): boolean {
  if (parent === null) return false;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
  if (parent.type === "Property") return parent.value === node || parent.computed || parent.shorthand;
  if (parent.type === "MethodDefinition" || parent.type === "PropertyDefinition") {
    return parent.value === node || parent.computed;
  }
  if (parent.type === "ExportSpecifier" || parent.type === "ImportSpecifier") return false;
  return !parent.type.startsWith("TS") || "expression" in parent;
}
