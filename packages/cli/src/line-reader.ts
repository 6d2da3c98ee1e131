/** What a person is asked for, one line after another; without a terminal the lines of stdin. */
import { inputError, usageError } from "./failure.ts";
import type { Io } from "./io.ts";

export type LineReader = (question: string, hidden: boolean) => Promise<string>;

/** Asks on a terminal; else takes the next line of stdin. `example` shows how stdin is given. */
export function lineReader(io: Io, example: string): LineReader {
  let rest: string[] | undefined;
  return async (question, hidden) => {
    if (io.input.isTerminal) return await io.input.ask(question, { hidden });
    rest ??= new TextDecoder().decode(await io.input.bytes()).split(/\r?\n/);
    const line = rest.shift();
    if (line !== undefined && line !== "") return line;
    const what = question.replace(": ", "");
    throw usageError(`stdin has no line with the ${what}`, example);
  };
}

/** A password that is not there yet: a person types it twice. */
export async function newPassword(io: Io, lines: LineReader, again: string): Promise<string> {
  const password = await lines("new password: ", true);
  if (io.input.isTerminal && password !== (await lines("new password again: ", true))) {
    throw inputError("the two passwords differ", { fix: again });
  }
  return password;
}
