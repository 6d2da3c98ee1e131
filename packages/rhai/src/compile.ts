/** From source to JavaScript. */
import { type Scopes } from "./analysis/binding.ts";
import { analyseColours, type Colours } from "./analysis/colour.ts";
import { canSuspend, type HostNames } from "./analysis/host-names.ts";
import { analyseScopes } from "./analysis/scope.ts";
import { taggedBindings } from "./analysis/tags.ts";
import { inferTypes, untyped } from "./analysis/infer-types.ts";
import { type Diagnostic } from "./diagnostics.ts";
import { importsOf } from "./analysis/imports.ts";
import { quote } from "./emit/code.ts";
import { type Emitted, emitProgram } from "./emit/program.ts";
import { type ParseOptions } from "./syntax/parse-options.ts";
import { parse } from "./syntax/parser.ts";
import { locatorOf } from "./syntax/source.ts";

export type { HostName, HostNames } from "./analysis/host-names.ts";

export interface CompileOptions extends Omit<ParseOptions, "scope"> {
  /** Names of variables given from outside: parameters of main, in this order. */
  readonly scope?: readonly string[];
  /** What the script may call of its host. */
  readonly host?: HostNames;
  /** Source of the module that `import "path"` names; undefined: there is none. */
  readonly resolve?: (path: string) => string | undefined;
  /** The source is the module of this path, compiled alone: nobody has looked at its importers. */
  readonly path?: string;
  /** Name of the text in stacks; letters, digits, `_` and `-`. By default a hash of the source. */
  readonly name?: string;
  /** Variables that a scope may hold at a time. 0: no limit. */
  readonly variablesMax?: number;
  /** The text of an `eval`: main takes the scope of its caller. */
  readonly isEvaluated?: boolean;
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
  const { scope = [], isEvaluated = false } = options;
  const { diagnostics, program } = parse(source, options);
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  if (isEvaluated && program.functions.length > 0) return { ok: false, diagnostics: [functionInside] };
  const scopes = analyseScopes(program, { given: scope, isDynamic: isEvaluated });
  const imports = importsOf(program);
  const { modules, faults } = parseModules(imports, options);
  const colours = coloursOf([scopes, ...modules.map((module) => module.scopes)], modules, options);
  const texts = new Map<string, string>(faults);
  let usesEval = false;
  for (const module of modules) {
    const emitted = emitText(module, options, { colours, texts: new Map() });
    texts.set(module.path, `\n${emitted.code}\n(rt, M)`);
    usesEval ||= emitted.usesEval;
  }
  const emitted = emitText({ path: options.path ?? "", source, scopes }, options, { colours, texts });
  const name = options.name ?? hashOf(source + [...texts.values()].join("\n"));
  return {
    ok: true,
    code: `${emitted.code}\n//# sourceURL=rhai:${name}`,
    suspends: emitted.suspends,
    usesEval: emitted.usesEval || usesEval,
    imports,
  };
}

interface Source {
  /** Of a module; "" of the script. */
  readonly path: string;
  readonly source: string;
  readonly scopes: Scopes;
}

/** Everything that is imported by a literal path, directly or not. What has no source is an error at run time; so is what
 *  is no script: `faults` has a text for each that says why. */
function parseModules(
  imports: readonly string[],
  options: CompileOptions,
): { readonly modules: readonly Source[]; readonly faults: ReadonlyMap<string, string> } {
  const modules: Source[] = [];
  const faults = new Map<string, string>();
  const seen = new Set<string>();
  const { resolve, isEvaluated: _, scope: __, path: ___, ...parsing } = options;
  const queue = [...imports];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const source = resolve?.(path);
    if (source === undefined) continue;
    const { program, diagnostics } = parse(source, parsing);
    const [fault] = diagnostics;
    if (fault !== undefined) {
      faults.set(path, faultText(fault));
      continue;
    }
    modules.push({ path, source, scopes: analyseScopes(program) });
    queue.push(...importsOf(program));
  }
  return { modules, faults };
}

function faultText({ code, message, line, column, lex }: Diagnostic): string {
  const fault = { code, message, place: { line, column }, ...(lex === undefined ? {} : { lex }) };
  return `JSON.parse(${quote(JSON.stringify(fault))})`;
}

function coloursOf(
  programs: readonly Scopes[],
  modules: readonly Source[],
  { host, isEvaluated, path: own }: CompileOptions,
): Colours {
  if (host === undefined) return { coloured: new Map(), sites: new Map() };
  const byPath = new Map(modules.map((module) => [module.path, module.scopes]));
  const colours = analyseColours(programs, {
    host,
    moduleOf: ({ path: name }) =>
      name.kind === "literal" && name.literal.type === "string" ? byPath.get(name.literal.value) : undefined,
  });
  const [main] = programs;
  const isOpen = isEvaluated === true || own !== undefined;
  if (!isOpen || main === undefined || !canSuspend(host)) return colours;
  // It may call, or be given, any function of a script that is not here.
  return { ...colours, coloured: new Map(main.units.map((unit) => [unit, anything])) };
}

const anything = { text: "may call anything", at: 0 };

function emitText(
  { path, source, scopes }: Source,
  options: CompileOptions,
  { colours, texts }: { readonly colours: Colours; readonly texts: ReadonlyMap<string, string> },
): Emitted {
  const { variablesMax = 0, limits = {}, host } = options;
  const hasCallers = path !== "";
  return emitProgram(scopes, {
    path,
    modules: texts,
    locate: locatorOf(source),
    variablesMax,
    countsItems: (limits.str ?? 0) + (limits.arr ?? 0) + (limits.map ?? 0) > 0,
    isEvaluated: options.isEvaluated === true && path === "",
    isOpen: options.isEvaluated === true || options.path !== undefined,
    colours,
    host,
    // Few scripts have any: most are spared the walk.
    tagged: source.includes("tag") ? taggedBindings(scopes) : new Set(),
    types:
      options.optimise === false
        ? untyped
        : inferTypes(scopes, { hasCallers, isHost: (key) => host?.functions.has(key) ?? false }),
  });
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
