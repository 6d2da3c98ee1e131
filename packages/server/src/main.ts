/** The process: settings, start, signals, exit code. 2 for settings, 1 for anything else that stops the start. */
import { CHAOS_USAGE, chaosCommand } from "./chaos/chaos-command.ts";
import { ConfigError, loadConfig, type Config } from "./config.ts";
import { StartError } from "./platform/start-error.ts";
import { startServer } from "./server.ts";
import { startBanner } from "./start-banner.ts";

/** `npm` passes a signal on that the terminal has sent to everyone: two within this time are one. */
const SAME_SIGNAL_MS = 1_000;

const [command = "serve", ...rest] = process.argv.slice(2);
if (command === "chaos") await chaos();
else if (rest.length > 0 || !["serve", "check-config"].includes(command)) {
  console.error(`usage: picloud [serve] | check-config\n       ${CHAOS_USAGE}`);
  process.exit(2);
} else if (command === "check-config") {
  readConfig();
  console.log("The settings are valid.");
} else await serve(readConfig());

/** Takes no settings: it works on an instance of its own. */
async function chaos(): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stopping.abort());
  try {
    process.exitCode = await chaosCommand(rest, (line) => console.log(line), stopping.signal);
  } catch (error) {
    fail(error);
  }
}

function readConfig(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (error instanceof ConfigError) fail(error);
    throw error;
  }
}

async function serve(settings: Config): Promise<void> {
  let firstSignalAt: number | undefined;
  const starting = startServer(settings);
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstSignalAt !== undefined) {
      // The watchdog then stops PostgreSQL.
      if (now - firstSignalAt > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    firstSignalAt = now;
    console.error(`${signal}: stopping; send it again to stop at once`);
    starting.then(async (server) => await server.close()).then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  try {
    console.log(startBanner(settings, await starting));
  } catch (error) {
    fail(error);
  }
}

/** One line for a person; the stack only of what nobody expected. */
function fail(error: unknown): never {
  console.error(
    error instanceof StartError ? `picloud: ${error.message.replaceAll("\n", "\npicloud: ")}` : error,
  );
  process.exit(error instanceof StartError ? error.exitCode : 1);
}
