/** Makes every continuation of an async function know its run: saves the current run at the start and sets it again
 *  wherever the function goes on after it had let go of the thread. */
import type { MagicString } from "magic-string";
import type { CatchClause, ForOfStatement, Node, Program, Statement, YieldExpression } from "oxc-parser";
import { walk } from "oxc-walker";

/** Names of the helpers in the compiled text, none of which occurs in the source. */
export interface KeepRunNames {
  /** `get()` gives the current run. */
  readonly get: string;
  /** `set(run)` makes it current. */
  readonly set: string;
  /** `resume(run, value)` makes it current and gives the value back. */
  readonly resume: string;
  /** `adopt(value)`: a thenable that is no native promise gets its `then` called with the run set. */
  readonly adopt: string;
  /** `queue()` gives the requests (`next`, `return`, `throw`) of the async generator that starts now. */
  readonly queue: string;
  /** `next(queue, value)` makes the run of the request that is being served current and gives the value back. */
  readonly next: string;
  /** `wait(queue, value)` marks that the generator waits for its next request, and gives the value back. */
  readonly wait: string;
  /** `delegate(queue, iterable)` is what `yield*` goes over: each request sets the run before the inner one gets it. */
  readonly delegate: string;
  /** Variables: the run of the function, the requests of the generator, an element of a loop or a caught error. */
  readonly run: string;
  readonly requests: string;
  readonly element: string;
}

/** What a function is for this pass; `none` is a function that never lets go of the thread. */
type Kind = "none" | "async" | "generator";

/** Edits the module in place. Edits at the start of a node are made on the way in and at its end on the way out, so the
 *  text of an outer node stays outside that of an inner one that starts or ends at the same place. */
export function keepRun(text: MagicString, program: Program, names: KeepRunNames): void {
  const functions: Kind[] = ["async"];
  const labels = new Map<Node, Node>();
  const pass = new Pass(text, names);
  walk(program, {
    enter(node) {
      if (node.type === "LabeledStatement") labels.set(node.body, labels.get(node) ?? node);
      const kind = kindOf(node);
      if (kind !== undefined) {
        functions.push(kind);
        pass.enterFunction(node, kind);
        return;
      }
      const inside = functions.at(-1) ?? "none";
      if (inside !== "none") pass.enter(node, { kind: inside, outermost: labels.get(node) ?? node });
    },
    leave(node) {
      const inside = functions.at(-1) ?? "none";
      if (kindOf(node) !== undefined) {
        pass.leaveFunction(node, inside);
        functions.pop();
        return;
      }
      if (inside !== "none") pass.leave(node, { kind: inside, outermost: labels.get(node) ?? node });
    },
  });
}

function kindOf(node: Node): Kind | undefined {
  // A static block runs at once and can't await, but the variable of a function whose parameters hold it is not there yet.
  if (node.type === "StaticBlock") return "none";
  if (node.type === "ArrowFunctionExpression") return node.async ? "async" : "none";
  if (node.type !== "FunctionDeclaration" && node.type !== "FunctionExpression") return undefined;
  if (!node.async) return "none";
  return node.generator ? "generator" : "async";
}

interface Place {
  readonly kind: Kind;
  /** The node with its labels. */
  readonly outermost: Node;
}

class Pass {
  readonly #text: MagicString;
  readonly #names: KeepRunNames;

  constructor(text: MagicString, names: KeepRunNames) {
    this.#text = text;
    this.#names = names;
  }

  enterFunction(node: Node, kind: Kind): void {
    if (kind === "none" || !isFunction(node) || node.body === null) return;
    const { body } = node;
    if (body.type !== "BlockStatement") {
      this.#open(body.start, `{${this.#save(kind)}return ${this.#names.adopt}(`);
      return;
    }
    const directive = body.body.findLast((statement) => isDirective(statement));
    this.#open(directive?.end ?? body.start + 1, (directive === undefined ? "" : ";") + this.#save(kind));
  }

  leaveFunction(node: Node, kind: Kind): void {
    if (kind === "none" || !isFunction(node) || node.body === null) return;
    if (node.body.type !== "BlockStatement") this.#close(node.body.end, ");}");
  }

  enter(node: Node, place: Place): void {
    if (node.type === "AwaitExpression") {
      this.#open(node.start, this.#resume(place.kind));
      this.#open(node.start + "await".length, ` ${this.#names.adopt}(`);
    } else if (node.type === "YieldExpression" && place.kind === "generator")
      this.#enterYield(node, place.kind);
    else if (node.type === "ReturnStatement" && node.argument !== null && mayBeThenable(node.argument)) {
      const several = node.argument.type === "SequenceExpression";
      this.#open(node.argument.start, `${this.#names.adopt}(${several ? "(" : ""}`);
    } else if (node.type === "CatchClause") this.#enterCatch(node, place.kind);
    else if (node.type === "TryStatement" && node.finalizer !== null) {
      this.#open(node.finalizer.start + 1, this.#restore(place.kind));
    } else if (node.type === "ForOfStatement" && node.await) this.#enterLoop(node, place);
  }

  leave(node: Node, place: Place): void {
    if (node.type === "AwaitExpression") this.#close(node.end, "))");
    else if (node.type === "YieldExpression" && place.kind === "generator") {
      this.#close(node.end, node.argument === null ? "))" : node.delegate ? "))" : "))))");
    } else if (node.type === "ReturnStatement" && node.argument !== null && mayBeThenable(node.argument)) {
      this.#close(node.argument.end, node.argument.type === "SequenceExpression" ? "))" : ")");
    } else if (node.type === "CatchClause" && isPattern(node.param)) this.#close(node.end, "}");
    else if (node.type === "ForOfStatement" && node.await) {
      this.#close(node.body.end, "}");
      this.#close(place.outermost.end, `}finally{${this.#restore(place.kind)}}`);
    }
  }

  /** `yield x` awaits x, so it is awaited before, with the run set again: whether x fails or a request arrives is then told
   *  apart by the mark that `wait` sets. */
  #enterYield(node: YieldExpression, kind: Kind): void {
    const { next, wait, requests, adopt, delegate } = this.#names;
    this.#open(node.start, this.#resume(kind));
    if (node.argument === null) this.#close(node.end, ` ${wait}(${requests}`);
    else if (node.delegate) this.#open(node.argument.start, `${delegate}(${requests},`);
    else this.#open(node.argument.start, `${wait}(${requests},${next}(${requests},await ${adopt}(`);
  }

  /** The pattern of a catch clause is evaluated code too, so it moves behind the restore. */
  #enterCatch(node: CatchClause, kind: Kind): void {
    if (!isPattern(node.param)) {
      this.#open(node.body.start + 1, this.#restore(kind));
      return;
    }
    const { start, end } = node.param;
    this.#text.appendLeft(start, this.#names.element);
    this.#text.move(start, end, node.body.start);
    this.#open(start, `{${this.#restore(kind)}let `);
    this.#close(end, `=${this.#names.element};`);
  }

  /** The loop may be left by `break` or `continue` to an outer label after it awaited `return()`: hence the finally. */
  #enterLoop(node: ForOfStatement, place: Place): void {
    this.#open(place.outermost.start, "try{");
    const { left } = node;
    const declared = left.type === "VariableDeclaration";
    const target: Node | undefined = declared ? left.declarations[0]?.id : left;
    if (target === undefined || target.type === "Identifier") {
      this.#open(node.body.start, `{${this.#restore(place.kind)}`);
      return;
    }
    const { start, end } = left;
    this.#text.appendLeft(start, `const ${this.#names.element}`);
    this.#text.move(start, end, node.body.start);
    this.#open(start, `{${this.#restore(place.kind)}${declared ? "" : "("}`);
    this.#close(end, `=${this.#names.element}${declared ? "" : ")"};`);
  }

  #save(kind: Kind): string {
    const { run, get, requests, queue } = this.#names;
    return kind === "generator" ? `let ${requests}=${queue}();` : `let ${run}=${get}();`;
  }

  #restore(kind: Kind): string {
    const { run, set, requests, next } = this.#names;
    return kind === "generator" ? `${next}(${requests});` : `${set}(${run});`;
  }

  #resume(kind: Kind): string {
    const { run, resume, requests, next } = this.#names;
    return kind === "generator" ? `${next}(${requests},` : `${resume}(${run},`;
  }

  #open(at: number, text: string): void {
    this.#text.appendRight(at, text);
  }

  #close(at: number, text: string): void {
    this.#text.appendLeft(at, text);
  }
}

type FunctionNode = Extract<
  Node,
  { type: "ArrowFunctionExpression" | "FunctionDeclaration" | "FunctionExpression" }
>;

function isFunction(node: Node): node is FunctionNode {
  return node.type !== "StaticBlock" && kindOf(node) !== undefined;
}

function isDirective(statement: Statement | Node): boolean {
  return statement.type === "ExpressionStatement" && typeof statement.directive === "string";
}

function isPattern(node: Node | null): node is Node {
  return node !== null && node.type !== "Identifier";
}

/** Values that are surely no thenable are returned as they are. */
function mayBeThenable(node: Node): boolean {
  return node.type !== "Literal" && node.type !== "TemplateLiteral" && node.type !== "AwaitExpression";
}
