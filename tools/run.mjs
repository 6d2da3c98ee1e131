/**
 * `npm start`, `npm test` and `npm run bench` on a fresh clone: installs what is missing and goes on under the Node
 * that is pinned as a dependency. Runs under any Node from 20.19 before anything is installed, so it is plain
 * JavaScript without imports from packages.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MIN = [20, 19];
const NPM_MAJOR_MIN = 10;
const PINNED_MAJOR = 26;
const PARENT_POLL_MS = 500;

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const lockFile = join(root, "package-lock.json");
const modules = join(root, "node_modules");
/** Holds the hash of the lock file that `node_modules` was installed from, and which part: `all` or `server`. */
const marker = join(modules, ".picloud-lock");

/** A server needs half of what tests and benchmarks need, so that a first start is quick. */
const COMMANDS = {
  start: { file: "packages/server/src/main.ts", env: { PICLOUD_DEV_MODE: "true" }, needs: "server" },
  test: { file: "tools/test.ts", env: {}, needs: "all" },
  bench: { file: "bench/run.ts", env: {}, needs: "all" },
};
/** A development dependency: where it is, all are. */
const DEV_PACKAGE = join(modules, "vitest");

const [name = "", ...args] = process.argv.slice(2);
const command = COMMANDS[name];
if (command === undefined) fail(`usage: node tools/run.mjs ${Object.keys(COMMANDS).join("|")}`);
checkVersions();
installIfNeeded(command.needs);
run(findNode(), [join(root, command.file), ...args], { ...defaults(command.env), ...process.env });

/** Without what `.env` sets: the server reads that file itself, and the environment would go before it. */
function defaults(env) {
  const file = join(root, ".env");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const isSet = (variable) => new RegExp(`^\\s*(?:export\\s+)?${variable}\\s*=`, "m").test(text);
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !isSet(variable)));
}

function checkVersions() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
    fail(
      `Node ${process.versions.node} is too old to install PiCloud; use Node ${NODE_MIN.join(".")} or newer`,
    );
  }
  // `npm/10.8.2 node/v20.19.0 linux x64 …`; absent when this file was started without npm.
  const npm = /^npm\/(\d+)\./.exec(process.env.npm_config_user_agent ?? "")?.[1];
  if (npm !== undefined && Number(npm) < NPM_MAJOR_MIN) {
    fail(
      `npm ${npm} is too old to install PiCloud; use npm ${NPM_MAJOR_MIN} or newer (npm install -g npm@${NPM_MAJOR_MIN})`,
    );
  }
}

function installIfNeeded(needs) {
  const hash = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  if (isInstalled(hash, needs)) return;
  console.error(
    `Installing dependencies of the ${needs === "all" ? "tests" : "server"} (npm ci); this happens once.`,
  );
  const part = needs === "all" ? "--include=dev" : "--omit=dev";
  // Where only the development dependencies are missing they are added: `npm ci` would first remove what a running
  // server stands on. Without saving npm leaves the lock file as it is.
  const verb = isCurrent(hash) ? ["install", "--no-save"] : ["ci"];
  const npmArgs = [...verb, part, "--no-audit", "--no-fund", "--loglevel=error"];
  const npmScript = process.env.npm_execpath;
  const isScript = npmScript !== undefined && /\.[cm]?js$/.test(npmScript);
  const done = isScript
    ? spawnSync(process.execPath, [npmScript, ...npmArgs], { cwd: root, stdio: ["ignore", 2, 2] })
    : spawnSync("npm", npmArgs, { cwd: root, stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  if (done.error !== undefined)
    fail(`npm could not be started (${done.error.message}); install npm, or run: npm ci`);
  if (done.status !== 0) fail("npm failed; its reason is above. Run it again when that is mended: npm ci");
  writeFileSync(marker, `${hash} ${needs}\n`);
}

function isInstalled(hash, needs) {
  if (needs === "all" && !existsSync(DEV_PACKAGE)) return false;
  if (existsSync(marker)) return isCurrent(hash);
  // Someone ran `npm ci` by hand: npm's own record of it is then newer than the lock file.
  const record = join(modules, ".package-lock.json");
  if (!existsSync(record) || statSync(record).mtimeMs < statSync(lockFile).mtimeMs) return false;
  writeFileSync(marker, `${hash} ${existsSync(DEV_PACKAGE) ? "all" : "server"}\n`);
  return true;
}

/** Whether what is installed comes from this lock file. */
function isCurrent(hash) {
  return existsSync(marker) && readFileSync(marker, "utf8").startsWith(hash);
}

function findNode() {
  const pinned = join(modules, ".bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(pinned)) return pinned;
  if (Number.parseInt(process.versions.node, 10) >= PINNED_MAJOR) return process.execPath;
  return fail(
    `PiCloud runs on Node ${PINNED_MAJOR}, which comes as an optional dependency and is not installed here. ` +
      `Install it with: npm ci --include=optional (without omit=optional in .npmrc or NPM_CONFIG_OMIT), ` +
      `or start with Node ${PINNED_MAJOR} itself; this is Node ${process.versions.node}`,
  );
}

/** Runs the program in the foreground: signals go to it, and its end is the end of this process. */
function run(node, nodeArgs, env) {
  const child = spawn(node, nodeArgs, { cwd: root, stdio: "inherit", env });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  stopWithNpm(child);
  child.on("error", (error) => fail(`${node} could not be started (${error.message}); run: npm ci`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // Ends the same way, so that whoever waits sees the same.
    for (const each of signals) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

/**
 * npm runs this file through a shell, and a SIGTERM for npm ends that shell and goes no further: the program would
 * stay behind without anyone who knows of it.
 */
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill("SIGTERM");
  }, PARENT_POLL_MS);
}

function fail(message) {
  console.error(`picloud: ${message}`);
  process.exit(1);
}
