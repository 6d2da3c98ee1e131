/** Source text to tree and diagnostics. Never throws; bounded in source, tokens and nesting. */
import { type Diagnostic, diagnosticOf } from "../diagnostics.ts";
import { ParseFailure } from "./parser-base.ts";
import { type ParseOptions } from "./parse-options.ts";
import { StatementParser } from "./parser-statement.ts";
import * as t from "./token.ts";
import { type Program, type Statement } from "./tree.ts";

export interface ParseResult {
  /** What could be read, also with errors. */
  readonly program: Program;
  /** In the order they were found; the first is what native Rhai reports. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Longest source by default. */
const sourceMaxDefault = 1 << 20;

/** Parses a script. Offsets in the tree are UTF-16 units of `source`. */
export function parse(source: string, options: ParseOptions = {}): ParseResult {
  const max = options.sourceMax ?? sourceMaxDefault;
  if (source.length > max) {
    const message = `Script of ${source.length} characters is longer than ${max}`;
    const finding = { code: "SourceTooLarge", message, start: 0, end: 0 } as const;
    return { program: { body: [], functions: [] }, diagnostics: [diagnosticOf(source, finding)] };
  }
  // Strings in Rhai are well-formed: half a surrogate pair becomes U+FFFD, of the same length.
  const text = source.isWellFormed() ? source : source.toWellFormed();
  const parser = new ProgramParser(text, options);
  const program = parser.program(options.shebang ?? false);
  const diagnostics = parser.findings.map((finding) => diagnosticOf(text, finding));
  return { program, diagnostics };
}

class ProgramParser extends StatementParser {
  program(allowsShebang: boolean): Program {
    const body: Statement[] = [];
    try {
      if (allowsShebang && this.source.startsWith("#!")) {
        const newline = this.source.indexOf("\n");
        this.pos = newline === -1 ? this.source.length : newline;
      }
      this.next();
      while (this.kind !== t.eof) this.statementInto(body, 0);
    } catch (error) {
      if (error instanceof ParseFailure) return { body, functions: this.functions };
      // A small stack ends before the levels do.
      if (!(error instanceof RangeError)) throw error;
      this.findings.push({
        code: "ExprTooDeep",
        message: "Expression exceeds maximum complexity",
        start: this.start,
        end: this.end,
      });
    }
    return { body, functions: this.functions };
  }
}
