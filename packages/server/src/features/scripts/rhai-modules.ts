/** What a Rhai script imports from modules of its app, and what the body of a module may hold. */
import type { parse } from "@picloud/rhai";
import { scriptNameSchema } from "@picloud/contract";
import type { ModuleImport } from "./module-facts.ts";
import { isReservedModuleName } from "./module-names.ts";
import type { Finding } from "./script-rules.ts";

type Program = ReturnType<typeof parse>["program"];
type Statement = Program["body"][number];
type ImportStatement = Extract<Statement, { kind: "import" }>;

export interface RhaiImports {
  readonly imports: readonly ModuleImport[];
  readonly findings: readonly Finding[];
}

/** Imports in the order of the text, wherever they stand. O(tree). */
export function rhaiImports(source: string, program: Program): RhaiImports {
  const imports: ModuleImport[] = [];
  const findings: Finding[] = [];
  for (const statement of importStatements(program)) {
    const { path } = statement;
    const start = path.at;
    const text = path.kind === "literal" && path.literal.type === "string" ? path.literal.value : undefined;
    const end = text === undefined ? start + 1 : endOfText(source, start);
    const refusal = refusalOf(text);
    if (refusal !== undefined) findings.push({ start, end, ...refusal });
    else if (text !== undefined) imports.push({ module: text, start, end, isEvaluated: true, names: [] });
  }
  return { imports, findings };
}

/** Statements that a module may not have at its top level: it would do something by being imported. */
export function rhaiModuleShape(program: Program): readonly Finding[] {
  return program.body.flatMap((statement) => {
    if (isModuleStatement(statement)) return [];
    const { word, start } = describe(statement);
    const message = `The body of a module has functions, constants and imports only; this is ${word}.`;
    return [{ start, end: start + 1, message, hint: hintOf(statement) }];
  });
}

function isModuleStatement(statement: Statement): boolean {
  if (statement.kind === "let") return statement.isConst;
  return statement.kind === "import" || statement.kind === "export" || statement.kind === "empty";
}

/** Names of statements, as the language's book has them. */
const STATEMENTS: Readonly<Record<Exclude<Statement["kind"], "expression">, string>> = {
  let: "a `let` statement",
  assign: "an assignment",
  return: "a `return` statement",
  throw: "a `throw` statement",
  break: "a `break` statement",
  continue: "a `continue` statement",
  try: "a `try` statement",
  import: "an `import` statement",
  export: "an `export` statement",
  empty: "an empty statement",
};
const EXPRESSIONS: Readonly<Record<string, string>> = {
  if: "an `if` statement",
  switch: "a `switch` statement",
  while: "a `while` loop",
  loop: "a `loop`",
  do: "a `do` loop",
  for: "a `for` loop",
  call: "a function call",
  method: "a method call",
  "block-expression": "a block",
};

function describe(statement: Statement): { readonly word: string; readonly start: number } {
  if (statement.kind !== "expression") return { word: STATEMENTS[statement.kind], start: statement.at };
  const { expression } = statement;
  return { word: EXPRESSIONS[expression.kind] ?? "an expression", start: startOf(expression) };
}

/** Where the first part of an expression stands: that of a method call is its receiver. */
function startOf(expression: object & { readonly at: number }): number {
  let first = expression;
  for (;;) {
    const inner = ["target", "left"]
      .map((key) => (first as unknown as Record<string, unknown>)[key])
      .find(isNode);
    if (inner === undefined || inner.at >= first.at) return first.at;
    first = inner;
  }
}

function isNode(value: unknown): value is object & { readonly at: number } {
  return typeof value === "object" && value !== null && "at" in value && typeof value.at === "number";
}

function hintOf(statement: Statement): string {
  return statement.kind === "let"
    ? "Write `const`, or put it into a function."
    : "Put it into a function that importers call.";
}

function refusalOf(path: string | undefined): Pick<Finding, "message" | "hint"> | undefined {
  if (path === undefined) {
    const hint = 'Write `import "name" as name;`.';
    return {
      message: "The name of a module is a text in quotes, so that it is known when the script is saved.",
      hint,
    };
  }
  if (!scriptNameSchema.safeParse(path).success) {
    const hint =
      "A name starts with a–z and has at most 63 of a–z, 0–9, _ and -; there are no folders and no endings.";
    return { message: `Can't import ${JSON.stringify(path)}: it is not the name of a module.`, hint };
  }
  if (!isReservedModuleName(path)) return undefined;
  const message = `Can't import ${JSON.stringify(path)}: that is the name of a service, and no module can have it.`;
  return { message, hint: `Services are there without an import: \`${path}::…\`.` };
}

/** The offset behind a text in quotes. */
function endOfText(source: string, start: number): number {
  const quote = source.charAt(start);
  for (let at = start + 1; at < source.length; at++) {
    if (source.charAt(at) === "\\") at++;
    else if (source.charAt(at) === quote) return at + 1;
  }
  return source.length;
}

/** In the order of the text. */
function importStatements(program: Program): readonly ImportStatement[] {
  const found: ImportStatement[] = [];
  const queue: object[] = [program];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (isImport(node)) found.push(node);
    for (const child of Object.values(node) as readonly unknown[]) {
      if (typeof child === "object" && child !== null) queue.push(child);
    }
  }
  return found.toSorted((one, other) => one.at - other.at);
}

function isImport(node: object): node is ImportStatement {
  return "kind" in node && node.kind === "import" && "path" in node && "at" in node;
}
