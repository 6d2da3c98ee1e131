import { expect, test } from "vitest";
import { startBanner } from "./start-banner.ts";
import type { Server } from "./server.ts";

const none = {
  dataDir: "/data",
  databaseUrl: undefined,
  publicUrl: undefined,
  defaultAppHosts: undefined,
  adminHost: undefined,
  basePath: "",
} as const;
const server = (url: string): Server => ({
  url,
  setupToken: "setup_x",
  close: async () => await Promise.resolve(),
});

test.each([
  [none, "http://127.0.0.1:8080", "http://127.0.0.1:8080", "setup_x"],
  [none, "http://127.0.0.1:9000", "http://127.0.0.1:9000", "setup_x --url http://127.0.0.1:9000"],
  [
    { ...none, adminHost: "admin.example.org", basePath: "/cloud" },
    "http://127.0.0.1:8080/cloud",
    "http://admin.example.org:8080/cloud",
    "setup_x --url http://admin.example.org:8080/cloud",
  ],
  [
    { ...none, adminHost: "box.example.org", publicUrl: "https://Box.example.org/" },
    "http://127.0.0.1:8080",
    "https://box.example.org",
    "setup_x --url https://box.example.org",
  ],
  [
    { ...none, adminHost: "::1" },
    "http://[::1]:8080",
    "http://[::1]:8080",
    "setup_x --url http://[::1]:8080",
  ],
])("%j at %s: dashboard at %s", (config, url, admin, login) => {
  const text = startBanner(config, server(url));
  expect(text).toContain(`dashboard  ${admin}/dashboard\n`);
  expect(text).toContain(`${admin}/api/v1\n`);
  expect(text).toContain(`--setup ${login}\n`);
  expect(text).toContain(`curl ${url}/hello\n`);
});
