/** Someone works with a fresh server from a shell: sets it up, deploys, calls, watches, stores, undoes, and makes mistakes. */
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endOf } from "../support/child-process.ts";
import { makePic } from "../support/pic.ts";
import type { Pic, PicResult } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

/** What a person would type at the questions of `pic login`. */
const owner = "ada\ncorrect horse battery\n";

const orderScript = `import { kv, log } from "picloud";

export default async (request: Request) => {
  const body = await request.text();
  log.info("order", { bytes: body.length });
  if (body === "throw") throw new Error("no stock");
  if (body === "refuse") return new Response("closed", { status: 409, headers: { "x-shop": "main" } });
  await kv.collection("orders").set("last", { body, type: request.headers.get("content-type") });
  return { ok: true };
};
`;

const noteScript = `import { kv } from "picloud";

export default async (event) => {
  await kv.collection("notes").set(event.kv.key, { op: event.op, value: event.kv.value });
};
`;

const tsv = (text: string): readonly Readonly<Record<string, string>>[] => {
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const columns = header.split("\t");
  return lines.map((line) => {
    const cells = line.split("\t");
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ""]));
  });
};

describe("pic against a real server", () => {
  let server: RunningServer;
  let folder: string;
  let pic: Pic;

  const fails = async (args: readonly string[], input?: string): Promise<PicResult> => {
    const result = await pic.run(args, input);
    // Whatever goes wrong, results are not mixed with it.
    expect(result.stdout).toBe("");
    return result;
  };

  beforeAll(async () => {
    server = await startServer();
    folder = await temporaryFolder("picloud-shop-");
    await writeFile(join(folder, "order.ts"), orderScript);
    await writeFile(join(folder, "note.ts"), noteScript);
    pic = await makePic(folder);
    await pic.ok(["login", "--url", server.url, "--setup", server.setupToken ?? ""], owner);
    await pic.ok(["apps", "create", "shop"]);
  }, 120_000);

  afterAll(async () => {
    await server.stop();
    await removeFolder(server.dataDir);
    await removeFolder(folder);
  }, 60_000);

  test("the set-up token works once", async () => {
    const other = await makePic(folder);
    const setup = ["login", "--url", server.url, "--setup", server.setupToken ?? "", "--username", "eve"];
    const { code, stderr } = await other.run(setup, "correct horse\n");
    expect(code).toBe(3);
    expect(stderr).toContain("error[unauthenticated]: This set-up link is not valid");
  });

  test("whoami shows the owner; who is not logged in is told how", async () => {
    const [me] = tsv(await pic.ok(["whoami"]));
    expect(me).toMatchObject({ role: "owner", url: server.url, profile: "default" });
    const stranger = await makePic(folder);
    const { code, stderr } = await stranger.run(["whoami", "--url", server.url]);
    expect(code).toBe(3);
    expect(stderr).toContain(`fix:   pic login --url ${server.url}`);
    const wrong = await stranger.run(["login", "--url", server.url], "nobody\nwrong password\n");
    expect(wrong.code).toBe(3);
  });

  test("apps: 422 is 7, 404 is 4, 409 is 5", async () => {
    expect(tsv(await pic.ok(["apps", "ls"])).map(({ slug }) => slug)).toEqual(["default", "shop"]);
    expect(await pic.json(["apps", "show", "shop"])).toMatchObject({ slug: "shop", state: "active" });
    const reserved = await fails(["apps", "create", "api"]);
    expect(reserved).toMatchObject({ code: 7, stderr: expect.stringContaining("error[invalid]") as string });
    const unknown = await fails(["apps", "show", "nope"]);
    expect(unknown).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("fix:   pic apps ls") as string,
    });
    expect((await fails(["apps", "create", "shop"])).code).toBe(5);
    expect((await fails(["apps", "delete", ".."])).code).toBe(7);
  });

  test("usage is 2, before anything is sent", async () => {
    expect(await fails(["app", "ls"])).toMatchObject({
      code: 2,
      stderr: "error[usage]: unknown command 'app'\ncause: Did you mean apps?\nfix:   pic apps ls\n",
    });
    expect((await fails(["deploy"])).code).toBe(2);
  });

  test("deploy makes a script live at once and says where; the same again changes nothing", async () => {
    const deploy = ["deploy", "order.ts", "--app", "shop", "--route", "POST /orders", "-m", "first"];
    const plan = await pic.run([...deploy, "--dry-run"]);
    expect(plan).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("+ route POST /orders") as string,
    });
    expect(tsv(await pic.ok(["scripts", "ls", "--app", "shop"]))).toEqual([]);

    const url = `${server.url}/a/shop/orders`;
    const first = await pic.run(deploy);
    expect(first.stderr).toMatch(/^\+ script order/m);
    expect(first.stderr).toMatch(/^live in \d+ ms$/m);
    expect(tsv(first.stdout)).toEqual([{ script: "order", version: "1", method: "POST", url }]);
    const answer = await fetch(url, { method: "POST", body: "one" });
    expect(await answer.json()).toEqual({ ok: true });

    const again = await pic.run(["deploy", "order.ts", "--app", "shop"]);
    expect(again.stderr).toMatch(/^= script order/m);
    expect(tsv(again.stdout)).toMatchObject([{ version: "1", url }]);
  });

  test("a script that does not compile is 7 with its place, and the live version stays", async () => {
    const good = await readFile(join(folder, "order.ts"), "utf8");
    await writeFile(join(folder, "order.ts"), good.replace("{ ok: true }", "{ ok: }"));
    const { code, stderr } = await fails(["deploy", "order.ts", "--app", "shop"]);
    await writeFile(join(folder, "order.ts"), good);
    expect(code).toBe(7);
    expect(stderr).toContain("error[compile_error]");
    expect(stderr).toContain("  --> order.ts:9:16");
    expect(stderr).toContain(" 9 |   return { ok: };\n   |                ^");
    const answer = await fetch(`${server.url}/a/shop/orders`, { method: "POST", body: "two" });
    expect(answer.status).toBe(200);
  });

  test("invoke: answer on stdout, log on stderr, outcome as exit code", async () => {
    const invoke = async (...args: string[]): Promise<PicResult> =>
      await pic.run(["invoke", "order", "--app", "shop", ...args]);
    const fine = await invoke('{"n": 1}');
    expect(fine).toEqual({ code: 0, stdout: '{"ok":true}', stderr: '[info] order {"bytes":8}\n' });
    expect(await pic.json(["kv", "get", "orders", "last", "--app", "shop"])).toMatchObject({
      value: { body: '{"n": 1}', type: "application/json" },
    });
    const piped = await pic.run(["invoke", "order", "@-", "--app", "shop"], "from a pipe");
    expect(piped.code).toBe(0);

    const thrown = await invoke("throw");
    expect(thrown).toMatchObject({ code: 1, stdout: "" });
    expect(thrown.stderr).toContain("error[script_error]: ");
    expect(thrown.stderr).toContain("no stock");
    expect(thrown.stderr).toContain("order.ts:6:");

    const refused = await invoke("refuse", "-i");
    expect(refused).toMatchObject({ code: 1, stdout: "closed" });
    expect(refused.stderr).toContain("HTTP 409");
    expect(refused.stderr).toContain("x-shop: main");

    expect((await pic.run(["invoke", "nope", "--app", "shop"])).code).toBe(4);
    expect((await invoke("{broken")).code).toBe(7);
    const stranger = await makePic(folder);
    const anonymous = ["invoke", "order", "--app", "shop", "--url", server.url];
    expect((await stranger.run(anonymous)).code).toBe(3);
  });

  test("kv keeps what was meant", async () => {
    const set = async (...args: string[]): Promise<PicResult> =>
      await pic.run(["kv", "set", "config", ...args]);
    const get = async (key: string, ...more: string[]): Promise<string> =>
      await pic.ok(["kv", "get", "config", key, ...more]);
    expect(await set("secret", "s3cr3t")).toMatchObject({
      code: 0,
      stderr: "config/secret: string of 6 characters\n",
    });
    expect(await get("secret")).toBe('"s3cr3t"\n');
    expect(await get("secret", "--raw")).toBe("s3cr3t");
    await set("pin", "0042");
    await set("count", "42");
    await set("digits", "42", "--string");
    await set("tree", '{"a":[1,null,"ü"]}', "--ttl", "1h");
    const odd = "a/b c?d#e%2F\tü";
    await set(odd, "odd");
    expect(await get("pin")).toBe('"0042"\n');
    expect(await get("count")).toBe("42\n");
    expect(await get("digits")).toBe('"42"\n');
    expect(await get("tree")).toBe('{"a":[1,null,"ü"]}\n');
    expect(await get(odd)).toBe('"odd"\n');
    const entries = tsv(await pic.ok(["kv", "ls", "config"]));
    expect(entries.map(({ key }) => key)).toEqual([
      String.raw`a/b c?d#e%2F\tü`,
      "count",
      "digits",
      "pin",
      "secret",
      "tree",
    ]);
    expect(entries.find(({ key }) => key === "tree")?.["expires_at"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(await pic.json(["kv", "ls", "config", "--limit", "2", "--all"])).toHaveLength(6);
    await pic.ok(["kv", "rm", "config", odd]);
    expect((await fails(["kv", "get", "config", odd])).code).toBe(4);
    expect((await fails(["kv", "set", "config", "x", '{"a":'])).code).toBe(7);
    expect((await fails(["kv", "set", "config", "..", "1"])).code).toBe(7);
  });

  test("a collection of kv goes out as lines and comes back", async () => {
    const line = (n: number): string => `{"key":"k/${String(n).padStart(4, "0")}","value":{"n":${n}.0}}`;
    const lines = Array.from({ length: 1_200 }, (_, n) => line(n)).join("\n");
    await writeFile(join(folder, "kv.ndjson"), `${lines}\n`);
    const imported = await pic.run(["kv", "import", "lines", "kv.ndjson"]);
    expect(imported.stderr).toContain("imported 1,200 entries into lines: 1,200 new, 0 replaced");
    const exported = await pic.run(["kv", "export", "lines"]);
    expect(exported.stderr).toContain("exported 1,200 entries of lines");
    expect(exported.stdout).toBe(`${lines}\n`);
    const again = await pic.run(["kv", "import", "lines", "-"], exported.stdout);
    expect(again.stderr).toContain("0 new, 1,200 replaced");

    const bad = `${lines}\n\n{"key":"last"}\n`;
    const refused = await pic.run(["kv", "import", "bad", "-"], bad);
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain("line 1202: value is required");
    expect(refused.stderr).toContain("stored before it failed: 1,000 entries");
    const gone = await pic.run(
      ["kv", "import", "gone", "-"],
      '{"key":"a","value":1,"expires_at":"2020-01-01T00:00:00Z"}',
    );
    expect(gone.stderr).toContain("imported 0 entries into gone: 0 new, 0 replaced, 1 had expired");
  });

  test("a trigger runs a script on each change, until it is removed", async () => {
    const inShop = ["--app", "shop"];
    await pic.ok(["deploy", "note.ts", ...inShop]);
    const add = ["triggers", "add", "kv", "--script", "note", "--collection-glob", "watched", ...inShop];
    const [trigger] = tsv(await pic.ok(add));
    expect(trigger).toMatchObject({ kind: "kv", runs_on: "watched", script_name: "note" });
    await pic.ok(["kv", "set", "watched", "k", "1", ...inShop]);
    const note = await waitFor("the note is there", async () => {
      const { code, stdout } = await pic.run(["kv", "get", "notes", "k", ...inShop]);
      return code === 0 && stdout;
    });
    expect(note).toBe('{"op":"insert","value":1}\n');
    expect((await fails([...add, "--ops", "explode"])).code).toBe(7);
    expect(tsv(await pic.ok(["triggers", "ls", ...inShop])).map(({ id }) => id)).toEqual([trigger?.["id"]]);
    expect(tsv(await pic.ok(["triggers", "rm", trigger?.["id"] ?? "", ...inShop]))).toMatchObject([
      { id: trigger?.["id"], dropped_deliveries: "0" },
    ]);
    expect((await fails(["triggers", "rm", trigger?.["id"] ?? "", ...inShop])).code).toBe(4);
    expect(await pic.json(["dead-letters", "count", ...inShop])).toEqual({ count: 0 });
    expect(await pic.json(["dead-letters", "ls", ...inShop])).toEqual([]);
  });

  test("logs: oldest first, filtered on the server", async () => {
    const logs = async (...args: string[]): Promise<readonly Readonly<Record<string, string>>[]> =>
      tsv(await pic.ok(["logs", "--app", "shop", ...args]));
    const all = await logs();
    expect(all.length).toBeGreaterThan(5);
    const times = all.map(({ time = "" }) => time);
    expect(times).toEqual(times.toSorted());
    const failed = await logs("order", "--status", "failed");
    expect(failed.map(({ summary }) => summary)).toEqual(["script_error: Error: no stock | order"]);
    expect(await logs("--search", "no stock")).toEqual(failed);
    expect(await logs("--since", "2999-01-01")).toEqual([]);
    expect((await fails(["logs", "nope", "--app", "shop"])).code).toBe(4);
    expect((await fails(["logs", "--status", "odd", "--app", "shop"])).code).toBe(7);
  });

  test("logs --follow shows each run once, also over a restart of the server", async () => {
    const follow = pic.start([
      "logs",
      "order",
      "--follow",
      "--limit",
      "1",
      "--app",
      "shop",
      "--output",
      "json",
    ]);
    const shown = (): readonly string[] =>
      follow
        .stdout()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (JSON.parse(line) as { readonly id: string }).id);
    const run = async (): Promise<string> => {
      const url = `${server.url}/a/shop/orders`;
      const answer = await fetch(url, { method: "POST", body: "followed" });
      return answer.headers.get("x-picloud-execution") ?? "";
    };
    try {
      await waitFor("the newest run is shown", () => shown().length === 1);
      const before = [await run(), await run()];
      await waitFor("the new runs are shown", () => shown().length === 3);
      await server.stop();
      const { dataDir, port } = server;
      server = await startServer({ dataDir, port });
      const after = [await run(), await run()];
      await waitFor("the runs after the restart are shown", () => shown().length >= 5, 30_000);
      expect(shown().slice(1)).toEqual([...before, ...after]);
      expect(follow.stderr()).toContain("connection lost");
    } finally {
      follow.signal("SIGINT");
    }
    expect(await endOf(follow, 10_000)).toEqual({ code: 130, signal: null });
  }, 180_000);

  test("a role that may not is 3; credentials that others can read are refused", async () => {
    const other = await makePic(folder);
    const bad = await other.run(["login", "--url", server.url, "--token", "pics_made_up"]);
    expect(bad.code).toBe(3);
    const path = pic.credentials;
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    const exposed = await fails(["whoami"]);
    expect(exposed).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`chmod 600 '${path}'`) as string,
    });
    await chmod(path, 0o600);
    expect((await pic.run(["whoami"])).code).toBe(0);
  });

  test("an app with something inside is deleted by force only; its slug is free when an admin says so", async () => {
    await pic.ok(["apps", "create", "stall"]);
    await pic.ok(["kv", "set", "goods", "tea", "3", "--app", "stall"]);
    const refused = await fails(["apps", "rm", "stall"]);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain("the app stall still holds 1 kv key; nothing was deleted");
    expect(refused.stderr).toMatch(/^fix: {3}pic apps delete stall --force$/m);
    // No terminal, so nobody can be asked.
    expect(tsv(await pic.ok(["apps", "delete", "stall", "--force"]))[0]).toMatchObject({
      slug: "stall",
      state: "deleting",
    });
    await waitFor("it is gone", async () => (await pic.run(["apps", "show", "stall"])).code === 4);
    const reserved = await fails(["apps", "create", "stall"]);
    expect([reserved.code, reserved.stderr]).toEqual([5, expect.stringContaining("pic apps free stall")]);
    expect(tsv(await pic.ok(["apps", "reserved"]))[0]).toMatchObject({ name: "stall" });
    await pic.ok(["apps", "free", "stall"]);
    await pic.ok(["apps", "create", "stall"]);
  });

  test("logout ends the session on the server, and may be repeated; no server is 6", async () => {
    const other = await makePic(folder);
    expect((await other.run(["login", "--url", server.url], owner)).code).toBe(0);
    const token = /token = "([^"]+)"/.exec(await readFile(other.credentials, "utf8"))?.[1] ?? "";
    expect((await other.run(["logout"])).code).toBe(0);
    expect((await other.run(["logout"])).code).toBe(0);
    const reused = await fetch(`${server.url}/api/v1/admin/auth/me`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(reused.status).toBe(401);
    const away = await other.run(["whoami", "--url", "http://127.0.0.1:9"]);
    expect(away).toMatchObject({ code: 6, stderr: expect.stringContaining("error[unreachable]") as string });
  });
});
