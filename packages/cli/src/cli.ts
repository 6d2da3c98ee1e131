/** What every command gets: the world, the global flags, and a client made when it is first needed. */
import type { PicloudClient } from "@picloud/client";
import type { FailureContext } from "./failure.ts";
import type { Io } from "./io.ts";
import { say } from "./io.ts";
import type { OutputFormat } from "./output.ts";
import { resolveSession } from "./session.ts";
import type { Session, SessionFlags } from "./session.ts";

export interface GlobalFlags extends SessionFlags {
  readonly output?: OutputFormat | undefined;
  readonly app?: string | undefined;
}

export interface Cli {
  readonly io: Io;
  readonly flags: () => GlobalFlags;
  /** `tsv` unless asked for. */
  readonly format: () => OutputFormat;
  readonly app: () => string;
  readonly session: () => Promise<Session>;
  readonly client: () => Promise<PicloudClient>;
  /** Says what an error of this command should point to. */
  readonly failsWith: (hint: Pick<FailureContext, "listCommand">) => void;
}

/** State of one run: flags are read when commander has parsed them. */
export function createCli(io: Io, flags: () => GlobalFlags, failsWith: Cli["failsWith"]): Cli {
  let session: Promise<Session> | undefined;
  let client: Promise<PicloudClient> | undefined;
  const cli: Cli = {
    io,
    flags,
    format: () => flags().output ?? "tsv",
    app: () => flags().app ?? "default",
    session: async () => await (session ??= resolveSession(io, flags())),
    client: async () => await (client ??= makeClient(cli)),
    failsWith,
  };
  return cli;
}

async function makeClient(cli: Cli): Promise<PicloudClient> {
  const session = await cli.session();
  if (session.note !== undefined) say(cli.io, `note: ${session.note}`);
  return await clientFor(cli.io, session);
}

/** A client for any server and token. The package is loaded here, so that `pic --help` does without. */
export async function clientFor(
  io: Io,
  target: { readonly url: string; readonly token?: string | undefined },
): Promise<PicloudClient> {
  const { createClient } = await import("@picloud/client");
  const send = io.fetch ?? globalThis.fetch;
  return createClient({
    exactNumbers: true,
    ...target,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return await send(request, { ...init, signal: AbortSignal.any([request.signal, io.signal]) });
    },
  });
}
