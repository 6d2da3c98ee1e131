/** What the host offers to scripts, as the compiler has to know it. */
import { type ImportStatement } from "../syntax/tree.ts";
import { type Scopes } from "./binding.ts";

export interface HostName {
  /** The script waits for the answer. */
  readonly suspends: boolean;
  /** May answer with a handle. By default those do that answer at once. */
  readonly makesHandle?: boolean;
}

export interface HostNames {
  /** `ns::name/arity`, or `name/arity` without a namespace. */
  readonly functions: ReadonlyMap<string, HostName>;
  /** `name/arity` of methods of handles; the receiver does not count. */
  readonly methods: ReadonlyMap<string, HostName>;
}

export interface ColourOptions {
  readonly host: HostNames;
  /** The module that an `import` loads; "none": there is none, the import fails; undefined: not known when compiled, so it
   *  may wait for anything. */
  readonly moduleOf?: (node: ImportStatement) => Scopes | "none" | undefined;
}

/** Without a host function that suspends, nothing has a colour. */
export function canSuspend(host: HostNames): boolean {
  for (const name of host.functions.values()) if (name.suspends) return true;
  for (const name of host.methods.values()) if (name.suspends) return true;
  return false;
}
