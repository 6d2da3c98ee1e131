/** A visitor is logged in to PiCloud, or holds a key: no script of either language gets to see that token (INS-7). */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loggedInPic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";

/** Each tells all it knows of its caller: in the answer, in its log, in an error. */
const scripts = {
  "tell.ts": `export default async (request: Request, ctx: unknown) => {
  const all = JSON.stringify([[...request.headers], request.url, ctx, await request.text()]);
  console.log(all);
  if (request.url.includes("throw")) throw new Error(all);
  return new Response(all);
};
`,
  "spill.rhai": `let all = ctx.to_json();
print(all);
if ctx.request.path.contains("throw") { throw all; }
all
`,
};

let server: RunningServer;
let pic: Pic;
let folder: string;
let session: string;
let key: string;
beforeAll(async () => {
  server = await startServer();
  folder = await temporaryFolder("picloud-visitor-");
  pic = await loggedInPic(server, folder);
  [, session = ""] = /token = "([^"]+)"/.exec(await readFile(pic.credentials, "utf8")) ?? [];
  const minted = await pic.json(["api-keys", "mint", "ci", "--scopes", "script:read"]);
  key = (minted as { raw_token: string }).raw_token;
  for (const [file, text] of Object.entries(scripts)) {
    await writeFile(join(folder, file), text);
    const name = file.split(".")[0] ?? "";
    await pic.ok(["deploy", file, "--route", `POST /${name}`, "--route", `POST /${name}/throw`]);
  }
}, 180_000);
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
  await removeFolder(folder);
}, 60_000);

describe.each(["tell", "spill"])("%s", (name) => {
  test("gets neither cookie nor token, in whatever header it comes", async () => {
    const cookie = `a=1; picloud_${server.port}=${session}; b=2`;
    const ways: readonly Readonly<Record<string, string>>[] = [
      { cookie, "sec-fetch-site": "same-origin" },
      { cookie, "sec-fetch-site": "cross-site" },
      { cookie: `__Host-picloud=${session}` },
      { authorization: `Bearer ${session}` },
      { authorization: `Bearer ${key}` },
      { authorization: `bearer ${key}x` },
      { authorization: `Basic ${Buffer.from(`ci:${key}`).toString("base64")}` },
      { "proxy-authorization": `Bearer ${key}` },
    ];
    for (const headers of ways) {
      for (const path of [`/${name}`, `/${name}/throw`]) {
        const answer = await fetch(server.url + path, {
          method: "POST",
          headers: { "x-own": "kept", ...headers },
          body: "{}",
        });
        const text = await answer.text();
        expect(answer.status).toBe(path.endsWith("throw") ? 422 : 200);
        expect(text).toContain("kept");
        for (const token of [session, key, Buffer.from(`ci:${key}`).toString("base64")])
          expect(text).not.toContain(token);
        expect(text.includes("a=1; b=2")).toBe(headers["cookie"] === cookie);
      }
    }
    const logs = await pic.ok(["logs", name, "--limit", "100", "--output", "json"]);
    expect(logs).toContain("kept");
    for (const token of [session, key]) {
      expect(logs).not.toContain(token);
      expect(server.output()).not.toContain(token);
    }
  });
});
