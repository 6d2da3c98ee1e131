/** Scripts by name or id. */
import { uuidPattern } from "@picloud/contract/values";
import type { Cli } from "./cli.ts";
import { CliError, exitCodes } from "./failure.ts";

/** The id of a script given by name (in `--app`) or by id. */
export async function findScriptId(cli: Cli, reference: string): Promise<string> {
  if (uuidPattern.test(reference)) return reference;
  const app = cli.app();
  const { items } = await (await cli.client()).api.scripts.list({ app, name: reference, limit: 2 });
  const script = items.find((item) => item.name === reference);
  if (script !== undefined) return script.id;
  throw new CliError({
    code: "not_found",
    message: `app ${app} has no script ${reference}`,
    fix: `pic scripts ls --app ${app}`,
    exitCode: exitCodes.notFound,
  });
}
