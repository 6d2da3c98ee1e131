/** The command `rhai`. */
import { parseArgs } from "node:util";
import { benchFiles } from "./bench.ts";
import { checkFiles } from "./check.ts";
import { emitFile } from "./emit.ts";
import { evalJsonl } from "./eval-jsonl.ts";
import { type Io } from "./io.ts";
import { runCode, runFile } from "./run.ts";

const USAGE = `rhai run FILE            runs a script and prints its result
rhai check FILE…         says what is wrong with scripts
rhai emit FILE           prints the JavaScript that a script becomes
rhai eval CODE           runs a text and prints its result
rhai eval --jsonl        reads rows {id, code, …options}, prints {id, ok, …} for each
rhai bench [FILE…]       measures scripts

FILE may be - for the standard input of run, check and emit. Modules are found beside the file that imports them:
import "lib/text" reads lib/text.rhai.
Exit code: 0 fine, 1 the script failed or is wrong, 2 wrong use or no such file.
`;

class UsageError extends Error {}

/** Exit code. `workerUrl`: the module to start a worker with. */
export async function runRhai(io: Io, args: readonly string[], workerUrl: URL): Promise<number> {
  try {
    return await dispatch(io, args, workerUrl);
  } catch (error) {
    if (!(error instanceof UsageError) && !isOperating(error)) throw error;
    io.complain(`rhai: ${error.message}\n`);
    return 2;
  }
}

/** Wrong options, files that can't be read. */
function isOperating(error: unknown): error is Error {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z]/.test(error.code)
  );
}

async function dispatch(io: Io, [command, ...args]: readonly string[], workerUrl: URL): Promise<number> {
  if (command === undefined || command === "help" || command === "--help" || command === "-h") {
    await io.write(USAGE);
    return command === undefined ? 2 : 0;
  }
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { jsonl: { type: "boolean", default: false } },
  });
  if (values.jsonl && command !== "eval") throw new UsageError("--jsonl belongs to rhai eval");
  switch (command) {
    case "run":
      return await runFile(io, one(positionals, "FILE"));
    case "check":
      return await checkFiles(io, some(positionals));
    case "emit":
      return await emitFile(io, one(positionals, "FILE"));
    case "eval":
      if (!values.jsonl) return await runCode(io, one(positionals, "CODE"));
      if (positionals.length > 0) throw new UsageError("rhai eval --jsonl reads its standard input");
      await evalJsonl({ input: io.input, write: async (text) => await io.write(text), workerUrl });
      return 0;
    case "bench":
      return await benchFiles(io, positionals);
    default:
      throw new UsageError(`there is no command ${command}\n\n${USAGE.trimEnd()}`);
  }
}

function one(positionals: readonly string[], what: string): string {
  const [first, ...more] = positionals;
  if (first === undefined || more.length > 0) throw new UsageError(`give one ${what}`);
  return first;
}

function some(positionals: readonly string[]): readonly string[] {
  if (positionals.length === 0) throw new UsageError("give one FILE or more");
  return positionals;
}
