/** What the emitter collects for the whole text: constants, library functions, the functions written so far. */
import { type Binding, type Scopes, type Unit } from "../analysis/binding.ts";
import { type SiteNode } from "../analysis/colour-sites.ts";
import { type Colours, type SiteColour } from "../analysis/colour.ts";
import { type HostName, type HostNames } from "../analysis/host-names.ts";
import { type Types } from "../analysis/infer-types.ts";
import { quote } from "./code.ts";

export interface OutputOptions {
  /** Of a module: appears in errors. */
  readonly path: string;
  /** Modules by path: text of an expression each. */
  readonly modules: ReadonlyMap<string, string>;
  /** The text of an `eval`: main gets the scope of its caller. */
  readonly isEvaluated: boolean;
  /** Code that is not here may be called, or given as a function. */
  readonly isOpen: boolean;
  readonly colours: Colours;
  readonly host: HostNames | undefined;
  /** Turns an offset into line and column, from 1. */
  readonly locate: (at: number) => { readonly line: number; readonly column: number };
  readonly variablesMax: number;
  /** Items of literals are counted one by one, so that an error names the one that is too much. */
  readonly countsItems: boolean;
  readonly types: Types;
  /** Variables that need a tag beside them. */
  readonly tagged: ReadonlySet<Binding>;
}

const never: SiteColour = { isHost: false, isHandle: false, isDirect: false, isDynamic: false };

export class Output {
  readonly scopes: Scopes;
  readonly options: OutputOptions;
  /** Texts of finished functions. */
  readonly functions: string[] = [];
  /** Functions that are called as `name!(…)`: written once more, with the scope of the caller. */
  readonly capturing = new Set<Unit>();
  /** Functions whose name is used as a value. */
  readonly pointed = new Set<Unit>();
  usesEval = false;
  /** The script asks for the names of its functions' parameters. */
  usesMetadata = false;
  /** Texts of loops that are functions of their own. */
  readonly outlined: string[] = [];
  private outlineCount = 0;
  /** Variables with a tag of their own. */
  readonly tagged: ReadonlySet<Binding>;
  /** Constants of the top level are read as `global::NAME`, or may be. */
  readonly needsGlobals: boolean;
  private readonly names = new Set<string>(["Float"]);
  private readonly latePool = new Map<string, string>();
  private readonly pool = new Map<string, string>();

  constructor(scopes: Scopes, options: OutputOptions) {
    this.scopes = scopes;
    this.options = options;
    this.tagged = options.tagged;
    this.needsGlobals =
      scopes.units.some((unit) => unit.isDynamic) ||
      [...scopes.uses.values()].some((use) => use.kind === "global");
  }

  /** What a call may wait for. Texts that are compiled alone don't see what they call. */
  site(node: SiteNode): SiteColour {
    const { colours, isOpen } = this.options;
    const known = colours.sites.get(node) ?? never;
    return isOpen && colours.coloured.size > 0 ? { ...known, isDynamic: true } : known;
  }

  isColoured(unit: Unit): boolean {
    return this.options.colours.coloured.has(unit);
  }

  /** The feature of the host that a call names. `key` is `name/arity`. */
  hostFunction(key: string): HostName | undefined {
    return this.options.host?.functions.get(key);
  }

  /** Has the host any function under this namespace? */
  isHostSpace(space: string): boolean {
    for (const key of this.options.host?.functions.keys() ?? [])
      if (key.startsWith(`${space}::`)) return true;
    return false;
  }

  /** Names of the host as a text, for compiling what `eval` gets. */
  hostNames(): string {
    const { host } = this.options;
    const [functions, methods] = [host?.functions, host?.methods].map((names) =>
      JSON.stringify([...(names ?? [])]),
    );
    return this.constant(`{ functions: ${functions}, methods: ${methods} }`);
  }

  /** Name of the next function that holds a loop. */
  outlineName(): string {
    this.outlineCount++;
    return `o${this.outlineCount}$`;
  }

  /** A name of the runtime: taken out of `rt` once, at the top. */
  rt(name: string): string {
    this.names.add(name);
    return name;
  }

  /** A value made once, when the text is instantiated. Must not be a container. */
  constant(text: string): string {
    let name = this.pool.get(text);
    if (name === undefined) this.pool.set(text, (name = `k${this.pool.size + 1}`));
    return name;
  }

  /** Like `constant`, for texts that use names of the tables. */
  late(text: string): string {
    let name = this.latePool.get(text);
    if (name === undefined) this.latePool.set(text, (name = `l${this.latePool.size + 1}`));
    return name;
  }

  /** A library function in call style. `waits`: its twin for callbacks that wait. */
  native(name: string, arity: number, waits = false): string {
    if (name === "get_fn_metadata_list") this.usesMetadata = true;
    return this.constant(`${this.rt(waits ? "nativeA" : "native")}(${quote(name)}, ${arity})`);
  }

  /** A library function in method style: functions that a map holds come first. `arity` counts the receiver. */
  method(name: string, arity: number, waits = false): string {
    return this.constant(`${this.rt(waits ? "methodA" : "method")}(${quote(name)}, ${arity})`);
  }

  /** Declarations at the top of the text. */
  head(): string[] {
    const names = [...this.names].toSorted();
    const pool = [...this.pool, ...this.latePool].map(([text, name]) => `const ${name} = ${text};`);
    return [`const { ${names.join(", ")} } = rt;`, ...pool];
  }
}
