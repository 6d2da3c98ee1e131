/** Memory of an idle server with all its processes. Linux only. */
import { setTimeout as sleep } from "node:timers/promises";
import { removeFolder, startServer } from "../../tests/support/start-server.ts";
import { firstOwner } from "../admin-client.ts";
import { tellRound } from "../bench-case.ts";
import type { BenchCase } from "../bench-case.ts";
import { processTree } from "../process-tree.ts";
import type { ProcessMemory } from "../process-tree.ts";
import { series, sideBySide } from "../side-by-side.ts";
import type { Sample } from "../side-by-side.ts";
import { withSpread } from "../statistics.ts";

const IDLE_MS = 10_000;

function kindOf({ command }: ProcessMemory): string {
  if (command.includes("postgres")) return "PostgreSQL";
  if (command.includes("executor")) return "executors";
  return command.includes("main.ts") ? "server" : "others";
}

async function measure(): Promise<Sample> {
  const server = await startServer();
  try {
    const admin = await firstOwner(server);
    await admin.createApp("bench");
    const source = `export default () => "hello";\n`;
    await admin.deploy("bench", { name: "hello", source, route: "GET /hello" });
    const answer = await fetch(`${server.url}/a/bench/hello`);
    if (!answer.ok) throw new Error(`hello: ${answer.status} ${await answer.text()}`);
    await sleep(IDLE_MS);
    const processes = await processTree(server.pid);
    const sum = (of: (process: ProcessMemory) => number, kind?: string): number =>
      processes
        .filter((process) => kind === undefined || kindOf(process) === kind)
        .reduce((total, process) => total + of(process), 0);
    const kinds = ["server", "executors", "PostgreSQL", "others"];
    return {
      "PSS MB": sum(({ pssMb }) => pssMb),
      "RSS MB": sum(({ rssMb }) => rssMb),
      processes: processes.length,
      ...Object.fromEntries(kinds.map((kind) => [`PSS MB of ${kind}`, sum(({ pssMb }) => pssMb, kind)])),
    };
  } finally {
    await server.stop();
    await removeFolder(server.dataDir);
  }
}

export const memory: BenchCase = {
  name: "memory",
  about: "memory of all processes of an idle server",
  run: async ({ rounds, tell }) => {
    const all = await sideBySide([{ name: "picloud", measure }], Math.min(rounds, 3), tellRound(tell));
    const [first] = all["picloud"] ?? [];
    return {
      rows: Object.keys(first ?? {}).map((number) => ({
        what: number,
        value: withSpread(series(all, "picloud", number)),
      })),
      raw: all,
    };
  },
};
