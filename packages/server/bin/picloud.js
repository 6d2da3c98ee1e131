#!/usr/bin/env node
/** The command `picloud`: the server under the Node that is pinned with it, whatever Node started this file. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;
const here = dirname(fileURLToPath(import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR_MIN) {
  // `main.ts` reads its arguments at the same place as if it had been started itself.
  await import("../src/main.ts");
} else {
  const pinned = findPinnedNode(here);
  if (pinned === undefined) {
    console.error(
      `picloud: Node ${process.versions.node} is too old and Node 26 is not installed with PiCloud; ` +
        "install it with optional dependencies (npm ci --include=optional), or start it with Node 26",
    );
    process.exit(1);
  }
  const child = spawn(pinned, [join(here, "..", "src", "main.ts"), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`picloud: ${pinned} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** npm puts the program of the pinned Node beside the other programs of an installation. */
function findPinnedNode(from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(
      folder,
      "node_modules",
      ".bin",
      process.platform === "win32" ? "node.exe" : "node",
    );
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}
