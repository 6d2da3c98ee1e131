/** From source to JavaScript. */
import { analyseScopes } from "./analysis/scope.ts";
import { inferTypes, untyped } from "./analysis/types.ts";
import { type Diagnostic } from "./diagnostics.ts";
import { importsOf } from "./analysis/imports.ts";
import { quote } from "./emit/code.ts";
import { type Emitted, emitProgram } from "./emit/program.ts";
import { type ParseOptions } from "./syntax/parse-options.ts";
import { parse } from "./syntax/parser.ts";
import { type Program } from "./syntax/tree.ts";
import { lineStarts, placeIn } from "./syntax/source.ts";

/** Functions and methods of the host by `<name>/<number of arguments>`; a name may have a namespace: `kv::get/1`. Methods are
 *  those of handles, their arguments count without the receiver. */
export interface HostNames {
  readonly functions: ReadonlyMap<string, HostFeature>;
  readonly methods: ReadonlyMap<string, HostFeature>;
}

export interface HostFeature {
  /** The script waits for its answer. */
  readonly suspends: boolean;
}

export interface CompileOptions extends Omit<ParseOptions, "scope"> {
  /** Names of variables given from outside: parameters of main, in this order. */
  readonly scope?: readonly string[];
  /** What the script may call of its host. */
  readonly host?: HostNames;
  /** Source of the module that `import "path"` names; undefined: there is none. */
  readonly resolve?: (path: string) => string | undefined;
  /** Name of the text in stacks; letters, digits, `_` and `-`. By default a hash of the source. */
  readonly name?: string;
  /** Variables that a scope may hold at a time. 0: no limit. */
  readonly variablesMax?: number;
  /** The text of an `eval`: main takes the scope of its caller. */
  readonly isEvaluated?: boolean;
  /** The text of a module: its functions have callers that are not seen. */
  readonly isModule?: boolean;
  /** Use what is known of types. Both ways give the same answers. */
  readonly optimise?: boolean;
}

export type Compiled =
  | {
      readonly ok: true;
      /** An expression text: `(function (rt) { … })`, in ASCII. */
      readonly code: string;
      /** Main is a generator function. */
      readonly suspends: boolean;
      readonly usesEval: boolean;
      /** Literal paths that the script itself imports. */
      readonly imports: readonly string[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Compiles a script, and the modules that it imports. Never throws for any source. */
export function compile(source: string, options: CompileOptions = {}): Compiled {
  const parsed = parse(source, options);
  const { diagnostics, program } = parsed;
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  if (options.isEvaluated === true && program.functions.length > 0)
    return { ok: false, diagnostics: [functionInside] };
  const imports = importsOf(program);
  const linked = linkModules(imports, options);
  const emitted = emitText({ source, program }, options, linked.texts);
  const name = options.name ?? hashOf(source + [...linked.texts.keys()].join("\n"));
  return {
    ok: true,
    code: `${emitted.code}\n//# sourceURL=rhai:${name}`,
    suspends: emitted.suspends,
    usesEval: emitted.usesEval || linked.usesEval,
    imports,
  };
}

interface Parsed {
  readonly source: string;
  readonly program: Program;
  /** Of a module. */
  readonly path?: string;
}

function emitText(
  { source, program, path = "" }: Parsed,
  options: CompileOptions,
  modules: ReadonlyMap<string, string>,
): Emitted {
  const { scope = [], variablesMax = 0, isEvaluated = false, isModule = false, limits = {} } = options;
  const starts = lineStarts(source);
  const scopes = analyseScopes(program, { given: scope, isDynamic: isEvaluated });
  return emitProgram(scopes, {
    path,
    modules,
    locate: (at) => placeIn(source, starts, at),
    variablesMax,
    countsItems: (limits.str ?? 0) + (limits.arr ?? 0) + (limits.map ?? 0) > 0,
    isEvaluated,
    types: options.optimise === false ? untyped : inferTypes(scopes, { hasCallers: isModule }),
  });
}

interface Linked {
  /** Path → text of an expression that gives the unit, or why there is none. */
  readonly texts: ReadonlyMap<string, string>;
  readonly usesEval: boolean;
}

/** Compiles everything that is imported by a literal path, directly or not. What has no source is an error at run time. */
function linkModules(imports: readonly string[], options: CompileOptions): Linked {
  const texts = new Map<string, string>();
  const { resolve } = options;
  let usesEval = false;
  const queue = [...imports];
  for (let path = queue.shift(); path !== undefined && resolve !== undefined; path = queue.shift()) {
    const source = texts.has(path) ? undefined : resolve(path);
    if (source === undefined) continue;
    const { program, diagnostics } = parse(source, options);
    const [fault] = diagnostics;
    if (fault !== undefined) {
      const { code, message, line, column, lex } = fault;
      texts.set(
        path,
        quote(JSON.stringify({ code, message, lex, place: { line, column } }))
          .replace(/^"/, 'JSON.parse("')
          .concat(")"),
      );
      continue;
    }
    const emitted = emitText({ source, program, path }, { ...options, scope: [], isModule: true }, new Map());
    texts.set(path, `\n${emitted.code}\n(rt, M)`);
    usesEval ||= emitted.usesEval;
    queue.push(...importsOf(program));
  }
  return { texts, usesEval };
}

/** Native gives it no place. */
const functionInside: Diagnostic = {
  code: "WrongFnDefinition",
  message: "Function definitions must be at global level and cannot be inside a block or another function",
  start: 0,
  end: 0,
  line: 0,
  column: 0,
  severity: "error",
};

/** Two FNV-1a hashes of 32 bits: names texts in stacks, nothing else. */
function hashOf(source: string): string {
  let a = 0x811c9dc5;
  let b = 0x2b3e1f57;
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x01000193) + i;
  }
  return [a, b].map((part) => (part >>> 0).toString(36)).join("-");
}
