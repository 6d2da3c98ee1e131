/** What scripts can call, as the compiler of Rhai needs it. */
import type { FeatureContract } from "@picloud/contract";
import { rhaiFunctionNames, rhaiWaitingFunctionNames } from "@picloud/sandbox";

/** `namespace::name/arity` or `name/arity`; a method's arity is without its receiver. Plain lists, so that they can travel to
 *  the process that compiles. */
export interface ScriptHost {
  /** Functions that give their result at once. */
  readonly plain: readonly string[];
  /** Functions that wait for the server. */
  readonly suspending: readonly string[];
  /** Methods of handles; all wait for the server. */
  readonly methods: readonly string[];
}

/** The same table that TypeScript's bindings come from, with every number of arguments that a method takes. */
export function scriptHostOf(contracts: Readonly<Record<string, FeatureContract>>): ScriptHost {
  const plain = new Set(rhaiFunctionNames());
  const suspending = new Set(rhaiWaitingFunctionNames);
  const methods = new Set<string>();
  for (const [service, contract] of Object.entries(contracts)) {
    for (const [name, { on, args }] of Object.entries(contract.methods)) {
      const least = args.findIndex(({ optional }) => optional === true);
      for (let arity = least === -1 ? args.length : least; arity <= args.length; arity++) {
        if (on === "collection") methods.add(`${name}/${arity}`);
        else suspending.add(`${service}::${name}/${arity}`);
      }
      if (on === "collection") plain.add(`${service}::collection/1`);
    }
  }
  return { plain: [...plain], suspending: [...suspending], methods: [...methods] };
}
