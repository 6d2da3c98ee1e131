/** Bounds how deep the parser can recurse, before it runs: it is native code, and 10,000 open brackets end the process on
 *  its stack. So the text is read here token by token, with the little grammar that this takes. */
import type { Finding } from "./script-rules.ts";
import { type Token, tokensOf } from "./source-tokens.ts";

/** Every construct passes the parser, the transform and the code generator at 3,000 levels on a stack of 8 MB, the
 *  default of the main thread; 30,000 end the process.
 *  Some take time by the square of the levels: 0.8 s at 1,000. */
const NESTING_MAX = 500;
/** Left-associative operators and member or call chains are loops in the parser and recursion only in later passes. */
const CHAIN_WEIGHT = 0.25;

/** Words after which a parenthesis is a header: what follows it is a statement, nested without any bracket. */
const HEADERS = new Set(["if", "for", "while", "with"]);

/** A bracket that is open, and how deep the statement or element inside may be nested by what was read of it so far. */
interface Level {
  depth: number;
  /** Depth of the statement that ended last: an `else` goes on with it. */
  ended: number;
  readonly isHeader: boolean;
}

/** A finding if the source is nested too deeply, or can't be read without knowing more grammar. O(source). */
export function measureNesting(source: string): Finding | undefined {
  const nesting = new Nesting();
  for (const token of tokensOf(source)) {
    if (token.kind === "unclear") {
      return {
        start: token.start,
        end: token.end,
        message: "It is not clear whether this / divides or begins a regular expression.",
        hint: "Put the regular expression in parentheses, or a semicolon before it.",
      };
    }
    nesting.read(token);
    if (nesting.total > NESTING_MAX) {
      const message = `The source is nested more than ${NESTING_MAX} levels deep here.`;
      return { start: token.start, end: token.end, message };
    }
  }
  return undefined;
}

class Nesting {
  /** Sum of the depths of all open levels. */
  total = 0;
  readonly #levels: Level[] = [];
  #level: Level = { depth: 0, ended: 0, isHeader: false };
  #previous: Token | undefined;
  #headerIsNext = false;

  read(token: Token): void {
    if (token.kind === "open") this.#open(token);
    else if (token.kind === "close") this.#close();
    else {
      if (endsStatement(token, this.#previous)) {
        this.#level.ended = this.#level.depth;
        this.#add(-this.#level.depth);
      }
      this.#add(weightOf(token, this.#level, this.#previous));
    }
    this.#headerIsNext = isHeaderWord(token) || (this.#headerIsNext && token.text === "await");
    this.#previous = token;
  }

  #add(depth: number): void {
    this.#level.depth += depth;
    this.total += depth;
  }

  #open(token: Token): void {
    if (token.continues) this.#add(CHAIN_WEIGHT);
    this.#levels.push(this.#level);
    this.#level = { depth: 0, ended: 0, isHeader: this.#headerIsNext };
    this.#add(1);
  }

  #close(): void {
    const outer = this.#levels.pop();
    if (outer === undefined) return;
    const { isHeader, depth } = this.#level;
    this.#add(-depth);
    this.#level = outer;
    // The statement behind a header is one level down.
    if (isHeader) this.#add(1);
  }
}

function isHeaderWord(token: Token): boolean {
  return token.kind === "word" && !token.isName && HEADERS.has(token.text);
}

/** A semicolon or comma, or a line break between two tokens that can't belong to one expression. */
function endsStatement(token: Token, previous: Token | undefined): boolean {
  if (token.kind === "end") return true;
  if (previous === undefined || !token.afterLineBreak || !previous.endsExpression) return false;
  return token.kind === "word" && !token.joins;
}

function weightOf(token: Token, level: Level, previous: Token | undefined): number {
  if (token.kind === "word" && token.text === "else" && previous?.kind === "end") return level.ended + 1;
  if (token.kind === "word") return token.joins || token.isPrefix || isHeaderWord(token) ? 1 : 0;
  if (token.kind !== "operator") return 0;
  return token.continues ? CHAIN_WEIGHT : 1;
}
