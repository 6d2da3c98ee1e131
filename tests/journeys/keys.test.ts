/** An owner gives a second person one app, who mints a key for a build there; the audit log tells it all, and one by one it is
 *  taken back: by `pic`, on a real server. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loggedInPic, makePic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";

let server: RunningServer;
let project: string;
let owner: Pic;
beforeAll(async () => {
  server = await startServer();
  project = await temporaryFolder();
  owner = await loggedInPic(server);
}, 120_000);
afterAll(async () => {
  await server.stop();
  for (const folder of [server.dataDir, project]) await removeFolder(folder);
}, 60_000);

type Row = Readonly<Record<string, unknown>>;

async function listOf(pic: Pic, args: readonly string[]): Promise<readonly Row[]> {
  return (await pic.json(args)) as readonly Row[];
}

test("invite, add to an app, mint a key, deploy with it, read the log, revoke", async () => {
  const [grace, build] = [await makePic(), await makePic(project)];
  for (const slug of ["shop", "lab"]) await owner.ok(["apps", "create", slug]);
  const invited = (await owner.json(["users", "invite", "grace"])) as Row;
  await grace.ok(
    ["login", "--invite", String(invited["token"]), "--url", server.url],
    "a sentence of grace's own\n",
  );
  expect(await listOf(grace, ["apps", "ls"])).toEqual([]);
  await owner.ok(["members", "add", "grace", "editor", "--app", "shop"]);
  expect(await listOf(grace, ["apps", "ls"])).toMatchObject([{ slug: "shop" }]);
  expect(await listOf(owner, ["members", "ls", "--app", "shop"])).toMatchObject([
    { username: "grace", role: "editor" },
  ]);

  const scopes = "script:read,script:write,route:write";
  const mint = ["api-keys", "mint", "ci", "--scopes", scopes, "--app-id", "shop", "--expires-in", "90d"];
  const key = (await grace.json(mint)) as Row;
  expect((await grace.run([...mint.slice(0, 4), "app:admin", "--app-id", "shop"])).code).toBe(3);
  const listed = await grace.ok(["api-keys", "ls"]);
  expect(listed).toContain(String(key["prefix"]));
  expect(listed).not.toContain(String(key["raw_token"]));

  await build.ok(["login", "--token", "--url", server.url], `${String(key["raw_token"])}\n`);
  expect(await build.json(["whoami"])).toMatchObject({ username: "grace", role: "member" });
  await writeFile(join(project, "ship.ts"), "export default () => 'shipped';\n");
  await build.ok(["deploy", "ship.ts", "--app", "shop", "--route", "GET /ship"]);
  expect(await (await fetch(`${server.url}/a/shop/ship`)).json()).toBe("shipped");
  for (const args of [
    ["deploy", "ship.ts", "--app", "lab"],
    ["logs", "--app", "shop"],
    ["api-keys", "mint", "another", "--scopes", "script:read"],
  ])
    expect([args, (await build.run(args)).code]).toEqual([args, 3]);

  const [deployed, ...before] = await listOf(owner, ["audit", "ls", "--app", "shop"]);
  expect(deployed).toMatchObject({
    action: "deployments.apply",
    principal_kind: "api_key",
    principal_name: "ci",
    remote_addr: "127.0.0.1",
  });
  expect(before.map(({ action, principal_name: name }) => [action, name])).toEqual([
    ["api_keys.create", "grace"],
    ["members.create", "owner"],
    ["apps.create", "owner"],
  ]);
  expect((await grace.run(["audit", "ls", "--app", "shop"])).code).toBe(3);
  expect((await grace.run(["audit", "all"])).code).toBe(3);
  const all = await owner.ok(["audit", "all"]);
  expect(all.split("\n")[0]).toBe(
    "at\tprincipal_name\tprincipal_kind\taction\tresource_kind\tresource_name\tremote_addr\tid\tapp_id",
  );
  expect(all).toContain("users.accept_invite");

  await owner.ok(["members", "set", "grace", "viewer", "--app", "shop"]);
  expect((await build.run(["deploy", "ship.ts", "--app", "shop", "--name", "other"])).code).toBe(3);
  await owner.ok(["members", "rm", "grace", "--app", "shop"]);
  expect(await listOf(grace, ["apps", "ls"])).toEqual([]);
  expect((await build.run(["scripts", "ls", "--app", "shop"])).code).toBe(3);
  await grace.ok(["api-keys", "rm", String(key["id"])]);
  expect((await build.run(["whoami"])).code).toBe(3);
  expect(await listOf(grace, ["api-keys", "ls"])).toEqual([]);
}, 120_000);
