/** Commands of a page and what they print: every line of its `console` blocks that begins with `$ `, and the lines after. */
export interface ConsoleStep {
  readonly command: string;
  /** What it prints; `…` stands for anything. */
  readonly output: string;
}

export function consoleSteps(page: string): ConsoleStep[] {
  return [...page.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    (block ?? "")
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const end = text.indexOf("\n");
        return { command: text.slice(0, end), output: text.slice(end + 1).trim() };
      }),
  );
}

/** Does the text fit an output in which `…` stands for anything, also for nothing? */
export function fitsOutput(text: string, output: string): boolean {
  const pattern = output
    .split("…")
    .map((part) => RegExp.escape(part))
    .join("[\\s\\S]*");
  return new RegExp(`^${pattern}$`).test(text.trim());
}
