/** `compare_and_set` → `compareAndSet`: names in TypeScript are those of the API in camelCase. */
export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `dead_letter` → `DeadLetter`. */
export function pascalCase(name: string): string {
  return camelCase(name).replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
