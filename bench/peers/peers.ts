/** Starts what PiCloud is compared with. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { endOf, startChild } from "../../tests/support/child-process.ts";
import { freePort } from "../../tests/support/start-server.ts";
import { waitFor } from "../../tests/support/wait-for.ts";

export interface Peer {
  readonly url: string;
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 5_000;

export async function startRawHttp(): Promise<Peer> {
  return await start(await freePort(), process.execPath, (port) => [
    join(import.meta.dirname, "raw-http.ts"),
    String(port),
  ]);
}

export async function startWorkerd(): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), "picloud-workerd-"));
  const port = await freePort();
  const script = `export default { fetch: () => new Response("Hello\\n") };\n`;
  await writeFile(join(folder, "hello.js"), script);
  await writeFile(join(folder, "config.capnp"), workerdConfig(port));
  const peer = await start(port, workerdBinary(), () => ["serve", join(folder, "config.capnp")]);
  return {
    url: peer.url,
    stop: async () => {
      await peer.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function workerdConfig(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .hello)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const hello :Workerd.Worker = (
  modules = [(name = "hello.js", esModule = embed "hello.js")],
  compatibilityDate = "2026-01-01"
);
`;
}

/** The program itself: the package's wrapper does not pass signals on. */
function workerdBinary(): string {
  const require = createRequire(createRequire(import.meta.url).resolve("workerd/package.json"));
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@cloudflare/workerd-${platform}-${process.arch === "x64" ? "64" : process.arch}`;
  return join(dirname(require.resolve(`${name}/package.json`)), "bin", "workerd");
}

async function start(port: number, program: string, args: (port: number) => string[]): Promise<Peer> {
  const url = `http://127.0.0.1:${port}/`;
  const child = startChild(program, args(port), {
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    cwd: tmpdir(),
  });
  await waitFor(
    `${program} answers`,
    async () =>
      await fetch(url).then(
        async (answer) => (await answer.text()) === "Hello\n",
        () => false,
      ),
  ).catch((error: unknown) => {
    child.signal("SIGKILL");
    throw new Error(`${String(error)}\n${child.stdout()}${child.stderr()}`, { cause: error });
  });
  return {
    url,
    stop: async () => {
      child.signal("SIGTERM");
      await endOf(child, STOP_TIMEOUT_MS);
    },
  };
}
