/** What the files of scripts are called, and who made their artifacts. */
import type { Language } from "./scripts.contract.ts";

/** Names what made an artifact, so that a later compiler can tell which to make again. Begins with the language. */
export const compilerNames = { typescript: "typescript-1", rhai: "rhai-2" } as const satisfies Record<
  Language,
  string
>;

const fileExtensions = { typescript: "ts", rhai: "rhai" } as const satisfies Record<Language, string>;

/** The name of a script's file in stack traces and excerpts. */
export function scriptFileName(name: string, language: Language): string {
  return `${name}.${fileExtensions[language]}`;
}
