/** `pic version`: of this program, and of the server if it answers. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { printRow } from "../output.ts";
import type { Row } from "../output.ts";
import { say } from "../io.ts";

export function defineVersion(command: Command, cli: Cli): void {
  command.action(async () => {
    const own = { pic: await ownVersion(), node: process.versions.node };
    printRow(cli.io, cli.format(), { ...own, ...(await serverVersion(cli)) });
  });
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}

/** A server that is away is worth a note, not a failure: the question was also about this program. */
async function serverVersion(cli: Cli): Promise<Row> {
  const client = await cli.client();
  try {
    const answer = await client.read("/api/v1/version");
    return typeof answer === "object" && answer !== null ? { url: client.url, ...answer } : {};
  } catch (error) {
    say(cli.io, `the server's version is unknown: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}
