/** Turns every use of a name that is imported from a module of the app into a look at what the module exports now, so that
 *  an export that changes is seen to change, as between modules of the language. */
import type { MagicString } from "magic-string";
import type { Node, Program } from "oxc-parser";
import { ScopeTracker, walk } from "oxc-walker";

/** Edits the module in place. `expressions`: by local name of the import, what takes its place. */
export function rewriteImports(
  text: MagicString,
  program: Program,
  expressions: ReadonlyMap<string, string>,
): void {
  if (expressions.size === 0) return;
  const scopeTracker = new ScopeTracker({ preserveExitedScopes: true });
  // Once to learn every declaration, because functions and `var` count before they stand there.
  walk(program, { scopeTracker });
  scopeTracker.freeze();
  /** Values of `{ name }`, which become `{ name: … }`. */
  const shorthands = new Set<Node>();
  walk(program, {
    scopeTracker,
    enter(node, parent) {
      if (node.type === "Property" && node.shorthand) {
        shorthands.add(node.value.type === "AssignmentPattern" ? node.value.left : node.value);
      }
      if (node.type !== "Identifier" || !isReference(node, parent)) return;
      const expression = expressions.get(node.name);
      if (expression === undefined || scopeTracker.getDeclaration(node.name)?.type !== "Import") return;
      const value = isCalled(node, parent) ? `(0,${expression})` : expression;
      text.update(node.start, node.end, shorthands.has(node) ? `${node.name}: ${value}` : value);
    },
  });
}

/** A function of another module is called without a `this`, though it is reached through an object. */
function isCalled(node: Node, parent: Node | null): boolean {
  return (
    (parent?.type === "CallExpression" && parent.callee === node) ||
    (parent?.type === "TaggedTemplateExpression" && parent.tag === node)
  );
}

/** Parents whose identifiers are names of labels, imports or exports. */
const NAMING: ReadonlySet<string> = new Set([
  "LabeledStatement",
  "BreakStatement",
  "ContinueStatement",
  "MetaProperty",
  "ImportSpecifier",
  "ImportDefaultSpecifier",
  "ImportNamespaceSpecifier",
  "ExportSpecifier",
  "ExportAllDeclaration",
]);

/** Stands for a value: no name of a property, of a label or of an import or export. */
function isReference(node: Node, parent: Node | null): boolean {
  if (parent === null || NAMING.has(parent.type)) return false;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
  if (
    parent.type === "Property" ||
    parent.type === "MethodDefinition" ||
    parent.type === "PropertyDefinition" ||
    parent.type === "AccessorProperty"
  ) {
    return parent.value === node || parent.computed;
  }
  return true;
}
