/** The real `pic`, with credentials of its own. */
import { join } from "node:path";
import { endOf, startChild } from "./child-process.ts";
import type { RunningChild } from "./child-process.ts";
import { repositoryRoot, temporaryFolder } from "./start-server.ts";
import type { RunningServer } from "./start-server.ts";

export interface PicResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Pic {
  /** Runs `pic …args`; the caller looks at the exit code. */
  run(args: readonly string[], input?: string): Promise<PicResult>;
  /** Runs `pic …args` and throws unless it exits with 0; gives its standard output. */
  ok(args: readonly string[], input?: string): Promise<string>;
  /** Runs `pic …args --output json` and gives what it printed, parsed. */
  json(args: readonly string[]): Promise<unknown>;
  /** Starts a `pic` that goes on by itself, such as `logs --follow`. */
  start(args: readonly string[]): RunningChild;
  /** Where its log-ins are kept. */
  readonly credentials: string;
}

const PIC_TIMEOUT_MS = 60_000;

/** A user with a configuration folder of their own, who works in `cwd`. */
export async function makePic(cwd: string = repositoryRoot): Promise<Pic> {
  const config = await temporaryFolder("picloud-pic-");
  const start = (args: readonly string[], input?: string): RunningChild =>
    startChild(process.execPath, [join(repositoryRoot, "packages", "cli", "bin", "pic.js"), ...args], {
      cwd,
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: config, XDG_CONFIG_HOME: config },
      ...(input === undefined ? {} : { input }),
    });
  const run = async (args: readonly string[], input?: string): Promise<PicResult> => {
    const child = start(args, input);
    const { code } = await endOf(child, PIC_TIMEOUT_MS);
    return { code, stdout: child.stdout(), stderr: child.stderr() };
  };
  const ok = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await run(args, input);
    if (code !== 0) throw new Error(`pic ${args.join(" ")}: exit code ${code}\n${stdout}\n${stderr}`);
    return stdout;
  };
  return {
    run,
    ok,
    json: async (args) => JSON.parse(await ok([...args, "--output", "json"])) as unknown,
    start,
    credentials: join(config, "picloud", "credentials.toml"),
  };
}

/** A `pic` that is logged in as the owner of a fresh server. */
export async function loggedInPic(server: RunningServer, cwd: string = repositoryRoot): Promise<Pic> {
  if (server.setupToken === undefined) throw new Error(`no set-up token was printed:\n${server.output()}`);
  const pic = await makePic(cwd);
  await pic.ok(["login", "--url", server.url, "--setup", server.setupToken], "owner\na long password\n");
  return pic;
}
