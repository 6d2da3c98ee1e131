/** What a start prints for the person at the terminal: where things are and the next command. */
import type { Config } from "./config.ts";

/** Where `pic` looks unless it is told. */
const picDefaultUrl = "http://127.0.0.1:8080";

export interface StartedServer {
  readonly url: string;
  readonly setupToken: string | undefined;
}

export function startBanner(
  config: Pick<Config, "dataDir" | "databaseUrl">,
  { url, setupToken }: StartedServer,
): string {
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
