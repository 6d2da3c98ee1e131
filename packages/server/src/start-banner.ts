/** What a start prints for the person at the terminal: where things are and the next command. */
import type { Config } from "./config.ts";
import type { Server } from "./server.ts";

/** Where `pic` looks unless it is told. */
const picDefaultUrl = "http://127.0.0.1:8080";

export function startBanner(config: Pick<Config, "dataDir" | "databaseUrl">, server: Server): string {
  const { url, setupToken } = server;
  const rows: [string, string][] = [
    ["dashboard", `${url}/dashboard`],
    ["API", `${url}/api/v1`],
    ["data", config.databaseUrl === undefined ? config.dataDir : "the database in DATABASE_URL"],
    ["try", `curl ${url}/hello`],
  ];
  if (setupToken !== undefined) {
    const where = url === picDefaultUrl ? "" : ` --url ${url}`;
    rows.push(["log in", `npx pic login --setup ${setupToken}${where}`]);
  }
  const lines = rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}`);
  return ["", "PiCloud is running.", "", ...lines, ""].join("\n");
}
