/** The system's Chromium, driven by playwright: `PICLOUD_TEST_CHROMIUM`, else `chromium` on the path. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

/** `undefined` where there is none. */
export const chromiumPath: string | undefined = [
  process.env["PICLOUD_TEST_CHROMIUM"] ?? "",
  ...(process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "chromium")),
].find((path) => path !== "" && existsSync(path));

export async function startBrowser(): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error("no Chromium: install it, or name it by PICLOUD_TEST_CHROMIUM");
  return await chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
