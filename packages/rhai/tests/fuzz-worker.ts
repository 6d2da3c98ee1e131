/** Runs cases until it is told to stop. The parent hears of each case before it runs, and of everything that is wrong. */
import { parentPort, workerData } from "node:worker_threads";
import { evaluateRow } from "../src/cli/evaluate-row.ts";
import { compile } from "../src/compile.ts";
import { type Diagnostic } from "../src/diagnostics.ts";
import { parse } from "../src/syntax/parser.ts";
import { printTree } from "../src/syntax/print-tree.ts";
import { type Program } from "../src/syntax/tree.ts";
import { bareTree } from "./bare-tree.ts";
import { readRows } from "./corpus-rows.ts";
import { CaseMaker, type FuzzCase, type FuzzMessage, type FuzzWork } from "./fuzz-cases.ts";

/** A case that takes longer is wrong. Limits on operations end rows after much less. */
const slowMs = 15_000;

function check(fuzzCase: FuzzCase): string | undefined {
  const { code, kind } = fuzzCase;
  const { program, diagnostics } = parse(code);
  const isAccepted = diagnostics.length === 0;
  const misplaced = diagnostics.find((one) => !isPlaced(one, code));
  if (misplaced !== undefined) return `a diagnostic at ${misplaced.start}-${misplaced.end}`;
  const printed = isAccepted && kind !== "large" ? checkPrinted(program) : undefined;
  if (printed !== undefined) return printed;
  const compiled = compile(code, { optimise: code.length % 2 === 0 });
  if (compiled.ok && !isAccepted) return "the compiler takes what the parser refuses";
  return checkAnswer(code);
}

function isPlaced({ start, end, line, column }: Diagnostic, code: string): boolean {
  return start >= 0 && start <= end && end <= code.length + 2 && line >= 1 && column >= 1;
}

function checkPrinted(program: Program): string | undefined {
  const again = parse(printTree(program), { limits: { expr: 0, fn_expr: 0 } });
  const [fault] = again.diagnostics;
  if (fault?.code === "ExprTooDeep") return undefined;
  if (fault !== undefined) return `printed, it does not parse: ${fault.message}`;
  return treeText(again.program) === treeText(program) ? undefined : "printed, it is another tree";
}

function treeText(program: Program): string {
  return JSON.stringify(bareTree(program), (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );
}

function checkAnswer(code: string): string | undefined {
  const limits = { ops: 200_000, str: 1_000_000, arr: 100_000, map: 100_000 };
  const answer = evaluateRow({ id: "fuzz", code, limits });
  JSON.stringify(answer);
  if (answer.ok || answer.error.kind !== "row" || answer.error.variant === "TooLarge") return undefined;
  return answer.error.msg;
}

function run({ seed, ms }: FuzzWork): void {
  const programs = readRows().map((row) => row.code);
  const maker = new CaseMaker(seed, programs);
  const end = performance.now() + ms;
  let cases = 0;
  for (; performance.now() < end; cases++) {
    const fuzzCase = maker.next();
    send({ type: "case", fuzzCase });
    const before = performance.now();
    let what: string | undefined;
    try {
      what = check(fuzzCase);
    } catch (error) {
      what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const took = performance.now() - before;
    what ??= took > slowMs ? `took ${took.toFixed(0)} ms` : undefined;
    if (what !== undefined) send({ type: "wrong", what, fuzzCase });
  }
  send({ type: "end", cases });
}

function send(message: FuzzMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
  parentPort?.postMessage(message);
}

run(workerData as FuzzWork);
