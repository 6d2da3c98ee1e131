/** Finds SQL text in TypeScript: string literals that begin like a statement, and templates tagged with a pool or transaction. */
import { parseSync } from "oxc-parser";
import type { SourceFile } from "./source-files.ts";

export interface SqlText {
  readonly line: number;
  readonly text: string;
}

/** Statements, not sentences: "Select an app" and "Update the script" are prose. */
const STATEMENT = new RegExp(
  [
    String.raw`select\s+(.+\s+from\s+["\w]|pg_|current_|\$\d|\d+\s*(;|$)|exists\s*\(|now\s*\()`,
    String.raw`insert\s+into\s+["\w]`,
    String.raw`update\s+\S+\s+(\w+\s+)?set\s`,
    String.raw`delete\s+from\s+["\w]`,
    String.raw`with\s+(recursive\s+)?\w+\s+as\s*(\w+\s*)?\(`,
    String.raw`(create|alter|drop)\s+(or\s+replace\s+)?(table|index|unique\s+index|role|user|database|function|view|schema)\s`,
    String.raw`truncate\s+(table\s+)?\w+\s*(,|;|$|cascade)`,
    String.raw`(listen|notify|vacuum|analyze)\s+["\w]+\s*;`,
    String.raw`(begin|commit|rollback)\s*(;|transaction|isolation)`,
    String.raw`lock\s+table\s`,
  ]
    .map((form) => `^\\s*${form}`)
    .join("|"),
  "is",
);

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

export function findSql({ path, text }: SourceFile): SqlText[] {
  const found: SqlText[] = [];
  const add = (node: Node, sql: string): void => {
    found.push({ line: text.slice(0, node.start).split("\n").length, text: sql });
  };
  const seen = new Set<unknown>();
  visit(parseSync(path, text).program, (node) => {
    if (node.type === "TaggedTemplateExpression" && isSqlTag(node["tag"])) {
      seen.add(node["quasi"]);
      add(node, textOf(node["quasi"]));
    }
    if (node.type === "TemplateLiteral" && !seen.has(node) && STATEMENT.test(textOf(node)))
      add(node, textOf(node));
    if (node.type === "Literal" && typeof node["value"] === "string" && STATEMENT.test(node["value"]))
      add(node, node["value"]);
  });
  return found;
}

function isSqlTag(tag: unknown): boolean {
  if (!isNode(tag)) return false;
  if (tag.type === "TSInstantiationExpression") return isSqlTag(tag["expression"]);
  return tag.type === "Identifier" && /^(sql|tx|db)$/.test(String(tag["name"]));
}

/** Text of a template with `$1` in the place of each expression. */
function textOf(template: unknown): string {
  if (!isNode(template) || !Array.isArray(template["quasis"])) return "";
  return template["quasis"]
    .map((quasi: { value: { cooked?: string | null; raw: string } }) => quasi.value.cooked ?? quasi.value.raw)
    .join("$1");
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (isNode(value)) see(value);
  for (const child of Object.values(value)) visit(child, see);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
