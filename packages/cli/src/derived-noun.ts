/** A noun of `pic` as the contracts have it: what `nouns.generated.ts` holds. */

export type FieldKind = "text" | "number" | "boolean" | "list" | "json";

export interface InputField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly isRequired: boolean;
  /** Values of an enumeration, for the help. */
  readonly choices: readonly string[];
  readonly description: string;
}

/** An endpoint with a verb, ready to become a command. */
export interface DerivedVerb {
  readonly feature: string;
  readonly endpoint: string;
  readonly noun: string;
  readonly verb: string;
  readonly summary: string;
  readonly path: string;
  readonly positionals: readonly InputField[];
  readonly flags: readonly InputField[];
  readonly columns: readonly string[];
  readonly isList: boolean;
}

export interface DerivedNoun {
  readonly noun: string;
  readonly summary: string;
  readonly verbs: readonly DerivedVerb[];
}
