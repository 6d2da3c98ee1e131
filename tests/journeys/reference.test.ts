/** A reader copies the `curl` examples of the reference, all of them, into a shell that knows the server and a token. */
import { readFile, writeFile } from "node:fs/promises";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endOf, startChild } from "../support/child-process.ts";
import { loggedInPic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const hasCurl = spawnSync("curl", ["--version"]).error === undefined;

let server: RunningServer;
let pic: Pic;
let home: string;
beforeAll(async () => {
  server = await startServer({ env: { PICLOUD_DEV_MODE: "true" } });
  pic = await loggedInPic(server);
  home = await temporaryFolder("picloud-curl-");
  // A stream never ends by itself.
  await writeFile(join(home, ".curlrc"), 'silent\nmax-time = 10\nwrite-out = "\\n%{http_code}"\n');
}, 120_000);
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
  await removeFolder(home);
}, 60_000);

interface Example {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly success: string;
  readonly curl: string;
}

async function examples(): Promise<readonly Example[]> {
  const document = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Record<string, unknown>>>;
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const [sample] = operation["x-codeSamples"] as readonly { source: string }[];
      const [success = ""] = Object.keys(operation["responses"] as object);
      return { id: String(operation["operationId"]), method, path, success, curl: sample?.source ?? "" };
    }),
  );
}

async function shell(
  curl: string,
  variables: Readonly<Record<string, string>>,
): Promise<readonly [string, string]> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, PICLOUD_URL: server.url, ...variables };
  const child = startChild("bash", ["-c", curl], { cwd: home, env });
  await endOf(child, 30_000);
  expect(child.stderr()).toBe("");
  const [, body = "", status = ""] = /^([\s\S]*)\n(\d+)$/.exec(child.stdout()) ?? [];
  return [status, body];
}

/** These end the session that the examples are tried with, or go on for ever. */
const leftOut: ReadonlySet<string> = new Set(["users.logout", "executions.tail", "executions.tailOfScript"]);

/** What an example can't have: a link's token, the reader's own password, a hash of the moment, something that went wrong
 *  before, a second version, what a later example makes, a trigger of cron beside the one that there is. */
const wanting = [
  "users.login: 401 unauthenticated",
  "users.setup: 401 unauthenticated",
  "users.accept_invite: 401 unauthenticated",
  "users.reset_password: 401 unauthenticated",
  "users.change_password: 422 invalid",
  "users.begin_totp: 422 invalid",
  "users.confirm_totp: 404 not_found",
  "users.remove_totp: 422 invalid",
  "users.invite: 409 already_exists",
  "sessions.delete: 404 not_found",
  "scripts.diff: 404 not_found",
  "deployments.apply: 409 stale",
  "triggers.get: 404 not_found",
  "triggers.update: 404 not_found",
  "cron.ledger: 422 invalid",
  "cron.nextRuns: 422 invalid",
  "docs.delete_index: 404 not_found",
  "dead_letters.get: 404 not_found",
  "dead_letters.replay: 404 not_found",
  "dead_letters.resolve: 404 not_found",
  "domains.free: 404 not_found",
  "apps.free: 404 not_found",
];

const unknownId = "0190a0a0-0000-7000-8000-00000000abcd";

/** An id for `/apps/{app}/routes/{id}`: the newest of the list that the path goes on from. */
async function idOf(path: string, token: string): Promise<string> {
  if (path.startsWith("/users/")) return "grace";
  const list = path
    .slice(0, path.indexOf("/{id}"))
    .replace("{collection}", "orders")
    .replace("{app}", "shop")
    .replace(/^\/scripts/, "/apps/shop/scripts")
    .replace("/executions", "/logs");
  const headers = { authorization: `Bearer ${token}` };
  const find = async (): Promise<string | undefined> => {
    const answer = await fetch(`${server.url}/api/v1/admin${list}`, { headers });
    const { items = [] } = (await answer.json()) as { items?: { id: string; current?: boolean }[] };
    return items.find(({ current }) => current !== true)?.id;
  };
  // A trigger was run by hand in an example before.
  if (path.includes("/executions/")) return await waitFor("the run of the trigger is there", find);
  return (await find()) ?? unknownId;
}

test.skipIf(!hasCurl)(
  "where curl is installed: each example is understood, and works where what it names is there",
  async () => {
    const [, token = ""] = /token = "([^"]+)"/.exec(await readFile(pic.credentials, "utf8")) ?? [];
    const all = (await examples()).filter(({ id }) => !leftOut.has(id));
    // What takes away comes last, the youngest first.
    const [others, deletions] = [false, true].map((is) =>
      all.filter(({ method }) => (method === "delete") === is),
    );
    const failures: string[] = [];
    for (const { id, path, curl, success } of [...(others ?? []), ...(deletions ?? []).toReversed()]) {
      const ID = path.includes("/{id}") ? await idOf(path, token) : unknownId;
      const [status, body] = await shell(curl, { PICLOUD_TOKEN: token, APP: "shop", ID, USER_ID: "grace" });
      if (status !== success) failures.push(`${id}: ${status} ${codeOf(body)}`);
    }
    expect(failures.toSorted()).toEqual(wanting.toSorted());
  },
);

function codeOf(body: string): string {
  return (JSON.parse(body) as { error: { code: string } }).error.code;
}
