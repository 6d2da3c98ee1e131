/** What a start prints for the person at the terminal: where things are and the next command. */
import type { Config } from "./config.ts";
import { instanceHosts, nameOf } from "./platform/instance-hosts.ts";
import type { HostSettings } from "./platform/instance-hosts.ts";
import type { Server } from "./server.ts";

/** Where `pic` looks unless it is told. */
const picDefaultUrl = "http://127.0.0.1:8080";

export function startBanner(
  config: HostSettings & Pick<Config, "dataDir" | "databaseUrl" | "basePath">,
  server: Server,
): string {
  const { url, setupToken } = server;
  const adminUrl = adminUrlOf(config, url);
  const rows: [string, string][] = [
    ["dashboard", `${adminUrl}/dashboard`],
    ["API", `${adminUrl}/api/v1`],
    ["data", config.databaseUrl === undefined ? config.dataDir : "the database in DATABASE_URL"],
    ["try", `curl ${url}/hello`],
  ];
  if (setupToken !== undefined) {
    const where = adminUrl === picDefaultUrl ? "" : ` --url ${adminUrl}`;
    rows.push(["log in", `npx pic login --setup ${setupToken}${where}`]);
  }
  const lines = rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}`);
  return ["", "PiCloud is running.", "", ...lines, ""].join("\n");
}

/** Where dashboard and admin API answer: with `PICLOUD_ADMIN_HOST` only there. */
function adminUrlOf(config: HostSettings & Pick<Config, "basePath">, url: string): string {
  const { admin } = instanceHosts(config);
  if (admin === undefined) return url;
  const known = config.publicUrl === undefined ? undefined : new URL(config.publicUrl);
  if (known !== undefined && nameOf(known.hostname) === admin) return `${known.origin}${config.basePath}`;
  const { port } = new URL(url);
  return `http://${admin}${port === "" ? "" : `:${port}`}${config.basePath}`;
}
