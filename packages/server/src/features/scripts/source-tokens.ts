/** Reads TypeScript text into tokens, as far as it takes to tell code from strings, comments and regular expressions. */

export interface Token {
  /** `end` is a semicolon or comma; `unclear` a slash that may divide or begin a regular expression. */
  readonly kind: "word" | "literal" | "open" | "close" | "operator" | "end" | "unclear";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly afterLineBreak: boolean;
  /** What comes next may continue an expression that ended here. */
  readonly endsExpression: boolean;
  /** An operator or bracket that takes what is left of it: binary operators other than `**`, `.`, calls, indexes. */
  readonly continues: boolean;
  /** A word that is a property's name. */
  readonly isName: boolean;
  /** A word that continues the expression or type to its left. */
  readonly joins: boolean;
  /** A word that an expression, type or statement follows. */
  readonly isPrefix: boolean;
}

const PREFIX_WORDS = new Set(
  (
    "abstract asserts async await case class default delete do else enum export extends for function get if implements " +
    "import in infer instanceof keyof let new of override readonly return satisfies set static throw typeof unique " +
    "using void while with yield as is const var"
  ).split(" "),
);
const JOINING_WORDS = new Set("in of instanceof as satisfies is extends implements else".split(" "));
/** After these a slash begins a regular expression: they are reserved and end no expression. */
const BEFORE_REGEXP = new Set(
  "await case default delete do else extends in instanceof new return throw typeof void yield".split(" "),
);
const HEADER_WORDS = new Set(["if", "for", "while", "with"]);
/** No assignment, no `**`, no `?`, `:` or `=>`: those nest to the right. `<` may open type arguments. */
const LEFT_OPERATORS = new Set("+-*/%.>&|^");

const NESTING_OPERATORS = new Set(["=>", "**"]);
const STEP_OPERATORS = new Set(["++", "--"]);

type Slash = "divides" | "regexp" | "unclear";

/** Lazy: the caller stops at the first place that it refuses. Ends at what is no token of the language. */
export function* tokensOf(source: string): Generator<Token> {
  yield* new Reader(source).tokens();
}

class Reader {
  readonly #source: string;
  #at = 0;
  #afterLineBreak = false;
  #previous: Token | undefined;
  /** What a slash means at this place. */
  #slash: Slash = "regexp";
  /** The words before were `if`, `for`, `for await`, `while` or `with`. */
  #headerIsNext = false;
  /** For each open bracket: what a slash means after it, and whether it is the `${` of a template. */
  readonly #open: { readonly slash: Slash; readonly template: boolean }[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  *tokens(): Generator<Token> {
    if (this.#source.startsWith("#!")) this.#skipLine();
    for (;;) {
      this.#skipBlanks();
      if (this.#at >= this.#source.length) return;
      const token = this.#read();
      const isWord = token.kind === "word" && !token.isName;
      this.#headerIsNext =
        isWord && (HEADER_WORDS.has(token.text) || (this.#headerIsNext && token.text === "await"));
      this.#afterLineBreak = false;
      this.#previous = token;
      yield token;
    }
  }

  #read(): Token {
    const start = this.#at;
    const character = this.#source.charAt(start);
    if (isWordPart(character) || character === "#" || character === "@") return this.#word();
    if (character === '"' || character === "'") return this.#string(character);
    if (character === "`") return this.#template();
    if (character === "/") return this.#slashToken();
    if ("([{".includes(character)) return this.#openBracket(character);
    if (")]}".includes(character)) return this.#closeBracket(character);
    this.#at++;
    if (character === ";" || character === ",") return this.#token("end", start, "regexp");
    return this.#operator(start, character);
  }

  #word(): Token {
    const start = this.#at++;
    while (this.#at < this.#source.length && isWordPart(this.#source.charAt(this.#at))) this.#at++;
    const text = this.#source.slice(start, this.#at);
    const isName = this.#previous?.text === "." || this.#previous?.text === "?.";
    if (isDigit(text.charAt(0))) {
      // A number takes its points with it: `1.5`, `1..toFixed()`.
      while (this.#source.charAt(this.#at) === "." || isWordPart(this.#source.charAt(this.#at))) this.#at++;
      return this.#token("literal", start, "divides");
    }
    const isPrefix = !isName && PREFIX_WORDS.has(text);
    const slash: Slash = isName || !isPrefix ? "divides" : BEFORE_REGEXP.has(text) ? "regexp" : "unclear";
    return this.#token("word", start, slash, { isName, isPrefix, joins: !isName && JOINING_WORDS.has(text) });
  }

  #string(quote: string): Token {
    const start = this.#at++;
    while (this.#at < this.#source.length) {
      const character = this.#source.charAt(this.#at);
      if (character === "\n" || character === "\r") break;
      this.#at++;
      if (character === quote) break;
      if (character === "\\") this.#skipEscaped();
    }
    return this.#token("literal", start, "divides");
  }

  /** From the backtick, or from the bracket that closes a `${…}`, to the next `${` or the end. */
  #template(): Token {
    const start = this.#at++;
    while (this.#at < this.#source.length) {
      const character = this.#source.charAt(this.#at++);
      if (character === "`") return this.#token("literal", start, "divides");
      if (character === "\\") this.#at++;
      else if (character === "$" && this.#source.charAt(this.#at) === "{") {
        this.#at++;
        this.#open.push({ slash: "divides", template: true });
        return this.#token("open", start, "regexp");
      }
    }
    return this.#token("literal", start, "divides");
  }

  #slashToken(): Token {
    const start = this.#at;
    if (this.#slash === "unclear") {
      this.#at++;
      return this.#token("unclear", start, "unclear");
    }
    if (this.#slash === "divides") {
      this.#at++;
      return this.#operator(start, "/");
    }
    let inClass = false;
    this.#at++;
    while (this.#at < this.#source.length) {
      const character = this.#source.charAt(this.#at);
      if (isLineBreak(character)) break;
      this.#at++;
      if (character === "\\") this.#skipEscaped();
      else if (character === "[") inClass = true;
      else if (character === "]") inClass = false;
      else if (character === "/" && !inClass) break;
    }
    while (isWordPart(this.#source.charAt(this.#at))) this.#at++;
    return this.#token("literal", start, "divides");
  }

  #openBracket(character: string): Token {
    const start = this.#at++;
    // After a block a regular expression may begin, after an object a division: only the grammar knows.
    const slash: Slash = character === "{" ? "unclear" : this.#headerIsNext ? "regexp" : "divides";
    this.#open.push({ slash, template: false });
    const continues = character !== "{" && this.#previous?.endsExpression === true;
    return this.#token("open", start, "regexp", { continues });
  }

  #closeBracket(character: string): Token {
    const start = this.#at;
    const opened = this.#open.pop();
    if (opened?.template === true && character === "}") {
      const token = this.#template();
      if (token.kind === "literal") return { ...token, kind: "close" };
      // The next `${`: closed and opened again at the same depth.
      return { ...token, kind: "literal" };
    }
    this.#at++;
    return this.#token("close", start, opened?.slash ?? "unclear");
  }

  /** From behind its first character. */
  #operator(start: number, first: string): Token {
    const source = this.#source;
    const next = source.charAt(this.#at);
    if (first === "." && source.startsWith("..", this.#at)) return this.#nesting(start, 2);
    if (first === "?" && next === "." && !isDigit(source.charAt(this.#at + 1))) return this.#chain(start, 1);
    if (NESTING_OPERATORS.has(first + next)) return this.#nesting(start, 1);
    const ended = this.#previous?.endsExpression === true;
    const postfix = ended && !this.#afterLineBreak ? this.#postfix(start, first + next) : undefined;
    if (postfix !== undefined) return postfix;
    return this.#binary(start, first, ended);
  }

  /** An operator between or before operands, from behind its first character. */
  #binary(start: number, first: string, ended: boolean): Token {
    const next = this.#source.charAt(this.#at);
    // `++ /x/` is neither; `a<b>/c/d` is type arguments and a division, or a comparison with a regular expression.
    const isStep = STEP_OPERATORS.has(first + next);
    const isUnclear = isStep || (first === ">" && next !== "=");
    if (isStep) this.#at++;
    if (isUnclear) return this.#token("operator", start, "unclear", { continues: ended && !isStep });
    const continues = ended && LEFT_OPERATORS.has(first) && next !== "=";
    return this.#token("operator", start, "regexp", { continues });
  }

  #postfix(start: number, pair: string): Token | undefined {
    if (STEP_OPERATORS.has(pair)) {
      this.#at++;
      return this.#token("operator", start, "divides", { continues: true });
    }
    // `x!` of TypeScript; after a block it may be a new statement `!x`, so what a slash means stays as it was.
    if (!pair.startsWith("!") || pair === "!=") return undefined;
    return this.#token("operator", start, this.#slash, { continues: true });
  }

  #nesting(start: number, more: number): Token {
    this.#at += more;
    return this.#token("operator", start, "regexp");
  }

  #chain(start: number, more: number): Token {
    this.#at += more;
    return this.#token("operator", start, "regexp", { continues: true });
  }

  #token(kind: Token["kind"], start: number, slash: Slash, flags: Partial<Token> = {}): Token {
    this.#slash = slash;
    const text = this.#source.slice(start, Math.min(this.#at, start + 16));
    const postfix = kind === "operator" && slash !== "regexp" && flags.continues === true && text !== ">";
    const endsExpression =
      kind === "literal" || kind === "close" || postfix || (kind === "word" && flags.isPrefix !== true);
    return {
      kind,
      text,
      start,
      end: this.#at,
      afterLineBreak: this.#afterLineBreak,
      endsExpression: endsExpression && !(kind === "close" && slash === "regexp"),
      continues: false,
      isName: false,
      joins: false,
      isPrefix: false,
      ...flags,
    };
  }

  #skipEscaped(): void {
    const isCrLf = this.#source.charAt(this.#at) === "\r" && this.#source.charAt(this.#at + 1) === "\n";
    this.#at += isCrLf ? 2 : 1;
  }

  #skipLine(): void {
    while (this.#at < this.#source.length && !isLineBreak(this.#source.charAt(this.#at))) this.#at++;
  }

  #skipBlanks(): void {
    const source = this.#source;
    for (;;) {
      const character = source.charAt(this.#at);
      if (isLineBreak(character)) this.#afterLineBreak = true;
      else if (character === "/" && source.charAt(this.#at + 1) === "/") {
        this.#skipLine();
        continue;
      } else if (character === "/" && source.charAt(this.#at + 1) === "*") {
        const end = source.indexOf("*/", this.#at + 2);
        const until = end === -1 ? source.length : end + 2;
        if (/[\n\r\u2028\u2029]/.test(source.slice(this.#at, until))) this.#afterLineBreak = true;
        this.#at = until;
        continue;
      } else if (!isBlank(character)) return;
      this.#at++;
    }
  }
}

function isLineBreak(character: string): boolean {
  return character === "\n" || character === "\r" || character === "\u2028" || character === "\u2029";
}

function isBlank(character: string): boolean {
  return character === " " || character === "\t" || (character !== "" && character.trim() === "");
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9";
}

/** Letters, digits, `_ $ \` and all that is not ASCII and no blank. */
function isWordPart(character: string): boolean {
  if (character === "") return false;
  const unit = character.charCodeAt(0);
  if (unit > 127) return !isBlank(character);
  return (
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    (unit >= 48 && unit <= 57) ||
    unit === 95 ||
    unit === 36 ||
    unit === 92
  );
}
