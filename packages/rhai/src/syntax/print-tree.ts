/** A tree as source text. Parsing the text gives the same tree, but for offsets. */
import { printExpression, quoted } from "./print-expression.ts";
import { isIdentifier, keywords } from "./token.ts";
import {
  type Block,
  type Expression,
  type FunctionDeclaration,
  type Program,
  type Statement,
} from "./tree.ts";

/** Functions first, then the statements. */
export function printTree(program: Program): string {
  const lines = program.functions.map((declaration) => printFunction(declaration));
  for (const statement of program.body) lines.push(printStatement(statement, ""));
  return lines.map((line) => `${line}\n`).join("");
}

function printFunction(declaration: FunctionDeclaration): string {
  const { name, params, thisType, isPrivate, body, doc } = declaration;
  const comment = doc === "" ? "" : `${doc}\n`;
  const type = thisType === undefined ? "" : `${isName(thisType) ? thisType : quoted(thisType, '"')}.`;
  const head = `fn ${type}${name}(${params.map((param) => param.text).join(", ")})`;
  return `${comment}${isPrivate ? "private " : ""}${head} ${printBlock(body, "")}`;
}

function isName(text: string): boolean {
  return isIdentifier(text) && !keywords.has(text);
}

function printBlock(block: Block, indent: string): string {
  if (block.body.length === 0) return "{}";
  const inner = `${indent}  `;
  const lines = block.body.map((statement) => `${inner}${printStatement(statement, inner)}\n`);
  return `{\n${lines.join("")}${indent}}`;
}

/** With the semicolon. */
function printStatement(statement: Statement, indent: string): string {
  if (statement.kind === "empty") return ";";
  return `${bareStatement(statement, indent)};`;
}

/** Without the semicolon: as the body of a closure or of a case. */
function bareStatement(statement: Statement, indent: string): string {
  const show = (expression: Expression): string => printExpression(expression, { indent, nested });
  const after = (word: string, value: Expression | undefined): string =>
    value === undefined ? word : `${word} ${show(value)}`;
  switch (statement.kind) {
    case "let": {
      const word = `${statement.isExported ? "export " : ""}${statement.isConst ? "const" : "let"}`;
      return after(
        `${word} ${statement.name.text}${statement.value === undefined ? "" : " ="}`,
        statement.value,
      );
    }
    case "assign":
      return `${show(statement.target)} ${statement.operator}= ${show(statement.value)}`;
    case "expression":
      return show(statement.expression);
    case "return":
    case "throw":
    case "break":
      return after(statement.kind, statement.value);
    case "continue":
      return "continue";
    case "try": {
      const variable = statement.variable === undefined ? "" : ` (${statement.variable.text})`;
      const handler = printBlock(statement.handler, indent);
      return `try ${printBlock(statement.body, indent)} catch${variable} ${handler}`;
    }
    case "import":
      return `import ${show(statement.path)}${statement.alias === undefined ? "" : ` as ${statement.alias.text}`}`;
    case "export": {
      const alias = statement.alias === undefined ? "" : ` as ${statement.alias.text}`;
      return `export ${statement.name.text}${alias}`;
    }
    case "empty":
      return ";";
    default:
      return statement satisfies never;
  }
}

/** What expressions have inside; handed to them because modules may not import each other in a circle. */
const nested = { block: printBlock, statement: bareStatement };
