import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readProfiles, writeProfiles } from "./credentials.ts";
import { runPic } from "./program.ts";
import { tableFetch, testIo } from "./test-io.ts";
import type { Answers, TestIoOptions } from "./test-io.ts";

let homeDir: string;
beforeEach(async () => {
  homeDir = await mkdtemp(join(tmpdir(), "picloud-home-"));
});
afterEach(async () => await rm(homeDir, { recursive: true }));

const admin = "/api/v1/admin";
const loggedIn = { PICLOUD_URL: "http://h", PICLOUD_TOKEN: "pic_t" };

async function run(args: readonly string[], answers: Answers = {}, options: TestIoOptions = {}) {
  const { fetch, sent } = tableFetch(answers);
  const io = testIo({ homeDir, cwd: homeDir, fetch, ...options });
  const code = await runPic(io, args);
  return { code, stdout: io.stdout(), stderr: io.stderr(), sent, io };
}

const envelope = (status: number, code: string, more: object = {}): Response =>
  Response.json({ error: { code, message: `it is ${code}`, request_id: "r1", ...more } }, { status });

describe("usage", () => {
  test.each([
    [["frobnicate"], "unknown command 'frobnicate'", "pic --help"],
    [["app", "ls"], "unknown command 'app'", "pic apps ls"],
    [["apps", "lss"], "unknown command 'lss'", "pic apps ls"],
    [["apps", "ls", "--outptu", "json"], "unknown option '--outptu'", "pic apps ls --output json"],
    [["whoami", "--jsn"], "unknown option '--jsn'", "pic whoami --help"],
    [["kv", "get", "c"], "missing required argument 'key'", "pic kv get --help"],
    [["kv", "get", "c", "k", "x"], "too many arguments", "pic kv get --help"],
    [
      ["apps", "ls", "--limit", "ten"],
      "option '--limit <n>' argument 'ten' is invalid",
      "pic apps ls --help",
    ],
    [["apps", "ls", "--output", "xml"], "option '--output <format>' argument 'xml'", "pic apps ls --help"],
    [["logs", "--limit", "0"], '--limit "0" is not a number from 1 to 1000', "pic logs --limit 1000"],
    [["logs", "--since", "soon"], '--since "soon" is neither', "pic logs --since 5m"],
    [["deploy", "a.ts", "--route", "orders"], '"orders" is not a route', "--route 'POST /orders'"],
    [["deploy", "a.ts", "--auth", "member"], "--auth is about the routes", "--route 'GET /path'"],
    [["deploy", "Über Uns.ts"], "is not a name of a script", "--name ber-uns"],
    [["invoke", "a", "-H", "nonsense"], '"nonsense" is not a header', "pic invoke SCRIPT -H"],
    [["whoami", "--url", "h:1"], '"h:1" is not the URL of a server', "pic login --url"],
    [["whoami", "--profile", "a b"], '"a b" is not a profile name', ""],
    [["apps"], "pic apps needs a verb", "pic apps --help"],
  ])("%j is exit 2 and says what to type", async (args, message, fix) => {
    const { code, stdout, stderr, sent } = await run(args);
    expect(stderr).toContain(`error[usage]: `);
    expect(stderr).toContain(message);
    expect(stderr).toContain(fix);
    expect([code, stdout, sent.length]).toEqual([2, "", 0]);
  });

  test("help is on stdout and needs no server", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    expect(stdout).toContain("deploy");
    expect(stdout).toContain("dead-letters");
    expect([code, stderr]).toEqual([0, ""]);
    expect((await run(["deploy", "--help"])).stdout).toContain("--route");
  });
});

describe("logout", () => {
  const revoked: Answers = { [`POST ${admin}/auth/logout`]: Response.json({ revoked: true }) };
  const profile = { url: "http://h", token: "pics_old" };

  test("revokes, forgets, and may be repeated", async () => {
    await writeProfiles(testIo({ homeDir }), { default: profile, work: profile });
    const first = await run(["logout"], revoked);
    expect([first.code, first.stderr]).toEqual([0, "logged out of http://h\n"]);
    expect(first.sent[0]?.headers.get("authorization")).toBe("Bearer pics_old");
    expect(Object.keys(await readProfiles(first.io))).toEqual(["work"]);
    const second = await run(["logout"], revoked);
    expect([second.code, second.stderr, second.sent.length]).toEqual([0, "not logged in\n", 0]);
  });

  test("a session that is gone on the server is logged out too", async () => {
    await writeProfiles(testIo({ homeDir }), { default: profile });
    const { code } = await run(["logout"], {
      [`POST ${admin}/auth/logout`]: envelope(401, "unauthenticated"),
    });
    expect(code).toBe(0);
  });

  test("without the server it is forgotten here, and says that it lives on there", async () => {
    await writeProfiles(testIo({ homeDir }), { default: profile });
    const { code, stderr, io } = await run(["logout"]);
    expect(code).toBe(6);
    expect(stderr).toContain("error[not_revoked]");
    expect(await readProfiles(io)).toEqual({});
  });
});

describe("kv", () => {
  const entry = { collection: "c", key: "k", value: { a: "ä" }, version: 1, expires_at: null };
  const answers: Answers = {
    [`GET ${admin}/apps/default/kv/c/k`]: Response.json(entry),
    [`GET ${admin}/apps/default/kv/c/s`]: Response.json({ ...entry, value: "s3cr3t" }),
    [`PUT ${admin}/apps/default/kv/c/k`]: Response.json({ collection: "c", key: "k", version: 2 }),
  };
  const get = async (...args: string[]) =>
    (await run(["kv", "get", ...args], answers, { env: loggedIn })).stdout;

  test("get prints the value; the entry only if a form is asked for", async () => {
    expect(await get("c", "k")).toBe('{"a":"ä"}\n');
    expect(await get("c", "s", "--raw")).toBe("s3cr3t");
    expect(JSON.parse(await get("c", "k", "--output", "json"))).toEqual(entry);
    expect(await get("c", "k", "--output", "tsv")).toContain("collection\tkey\tvalue");
  });

  test("--raw of what is not a string is 7", async () => {
    const { code, stdout } = await run(["kv", "get", "c", "k", "--raw"], answers, { env: loggedIn });
    expect([code, stdout]).toEqual([7, ""]);
  });

  test.each([
    [["s3cr3t"], { value: "s3cr3t" }],
    [["42"], { value: 42 }],
    [["42", "--string"], { value: "42" }],
    [['{"a":1}', "--ttl", "30m"], { value: { a: 1 }, ttl: "30m" }],
    [["-5"], { value: -5 }],
    [["-"], { value: "from stdin" }],
  ])("set %j sends %j and does not repeat the value", async (args, body) => {
    const { code, sent, stdout, stderr } = await run(["kv", "set", "c", "k", ...args], answers, {
      env: loggedIn,
      stdin: "from stdin\n",
    });
    expect(code).toBe(0);
    expect(JSON.parse(sent[0]?.body ?? "")).toEqual(body);
    expect(stdout).toBe("collection\tkey\tversion\nc\tk\t2\n");
    expect(stderr).not.toContain("s3cr3t");
  });

  test("what looks like JSON and is not is 7, with the place", async () => {
    const { code, stderr, sent } = await run(["kv", "set", "c", "k", '{"a":}'], answers, { env: loggedIn });
    expect([code, sent.length]).toEqual([7, 0]);
    expect(stderr).toContain("--> argument:1:6");
  });
});

describe("deploy", () => {
  const plan = {
    base: "b1",
    missing: ["hello"],
    changes: [
      { action: "update", kind: "script", name: "hello", detail: "v1 → v2" },
      { action: "create", kind: "route", name: "GET /hello", detail: "" },
      { action: "unchanged", kind: "route", name: "GET /", detail: "" },
    ],
  };
  const applied = { id: "d1", changes: plan.changes, scripts: [{ id: "s1", name: "hello", version: 2 }] };
  const answers: Answers = {
    [`POST ${admin}/apps/default/deployments/plan`]: Response.json(plan),
    [`POST ${admin}/apps/default/deployments`]: Response.json(applied, { status: 201 }),
    [`GET ${admin}/scripts/s1/routes`]: Response.json({
      items: [{ method: "GET", path: "/hello" }],
      next_cursor: null,
    }),
  };
  const source = 'export default () => "é";\nconst x = ;\n';
  const deploy = async (args: readonly string[], more: Answers = {}, options: TestIoOptions = {}) =>
    await run(["deploy", "hello.ts", ...args], { ...answers, ...more }, { env: loggedIn, ...options });

  beforeEach(async () => await writeFile(join(homeDir, "hello.ts"), source));

  test("plans with the hash, applies with the source, shows changes, URL and version", async () => {
    const { code, stdout, stderr, sent } = await deploy(["--route", "get /hello", "-m", "why"]);
    expect(stderr).toBe(
      "~ script hello v1 → v2\n+ route GET /hello\n= route GET / unchanged\nlive in 0 ms\n",
    );
    expect(stdout).toBe("script\tversion\tmethod\turl\nhello\t2\tGET\thttp://h/hello\n");
    expect(code).toBe(0);
    const [first, second] = sent.map(({ body }) => (body === "" ? {} : (JSON.parse(body) as object)));
    const script = {
      name: "hello",
      language: "typescript",
      source_hash: createHash("sha256").update(source).digest("hex"),
      routes: [{ method: "GET", path: "/hello" }],
    };
    expect(first).toEqual({ scripts: [script], prune: false, message: "why" });
    expect(second).toEqual({ scripts: [{ ...script, source }], prune: false, message: "why", base: "b1" });
  });

  test("--dry-run stops after the plan", async () => {
    const { code, stdout, sent } = await deploy(["--dry-run"]);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "action\tkind\tname\tdetail",
      "update\tscript\thello\tv1 → v2",
    ]);
    expect([code, sent.length]).toEqual([0, 1]);
    expect(JSON.parse((await deploy(["--dry-run", "--output", "json"])).stdout)).toEqual(plan);
  });

  test("an app other than the default one is under /a/", async () => {
    const shop = Object.fromEntries(
      Object.entries(answers).map(([key, value]) => [key.replace("/default/", "/shop/"), value]),
    );
    const { stdout } = await deploy(["--app", "shop", "--output", "json"], shop);
    expect(JSON.parse(stdout)).toEqual({
      ...applied,
      urls: [{ method: "GET", url: "http://h/a/shop/hello" }],
    });
  });

  test("a compile error is 7 and shows the place in the file", async () => {
    const details = { line: 2, column: 11, hint: "an expression is missing" };
    const { code, stdout, stderr } = await deploy([], {
      [`POST ${admin}/apps/default/deployments`]: envelope(422, "compile_error", { details }),
    });
    expect([code, stdout]).toEqual([7, ""]);
    expect(stderr).toContain(
      [
        "error[compile_error]: it is compile_error; the live version stays",
        "  --> hello.ts:2:11",
        "   |",
        ' 1 | export default () => "é";',
        " 2 | const x = ;",
        "   |           ^",
        "cause: an expression is missing",
        "fix:   pic deploy hello.ts",
      ].join("\n"),
    );
  });

  test("a change since the plan is 5", async () => {
    const { code, stderr } = await deploy([], {
      [`POST ${admin}/apps/default/deployments`]: envelope(409, "stale"),
    });
    expect(code).toBe(5);
    expect(stderr).toContain("nothing was deployed");
  });

  test("a person is asked before scripts are deleted, a program is not", async () => {
    const deletion = { action: "delete", kind: "script", name: "old", detail: "" };
    const pruned = {
      [`POST ${admin}/apps/default/deployments/plan`]: Response.json({ ...plan, changes: [deletion] }),
    };
    const no = await deploy(["--prune"], pruned, { answers: ["n"] });
    expect([no.code, no.sent.length]).toEqual([7, 1]);
    expect((await deploy(["--prune"], pruned, { answers: ["y"] })).code).toBe(0);
    expect((await deploy(["--prune", "--yes"], pruned, { answers: [] })).code).toBe(0);
    expect((await deploy(["--prune"], pruned)).code).toBe(0);
  });

  test.each([
    ["gone.ts", "gone.ts can't be read"],
    ["bad.rhai", "bad.rhai:2:9: Unexpected ';'; nothing was sent"],
    ["a.py", "a.py is not a script"],
    ["bytes.ts", "bytes.ts is not UTF-8 text"],
  ])("%s is 7: %s", async (file, message) => {
    await writeFile(join(homeDir, "bytes.ts"), new Uint8Array([0xff]));
    await writeFile(join(homeDir, "bad.rhai"), "log::debug(1);\nlet x = ;\n");
    const { code, stderr, sent } = await run(["deploy", file], answers, { env: loggedIn });
    expect([code, sent.length]).toEqual([7, 0]);
    expect(stderr).toContain(message);
  });
});

describe("apps delete", () => {
  const app = {
    id: "a1",
    slug: "shop",
    name: "Shop",
    state: "deleting",
    created_at: "2026-01-01T00:00:00.000Z",
  };
  const content = { scripts: 1, kv_keys: 1204, deliveries: 2 };
  const refusal = (): Response =>
    Response.json(
      {
        error: {
          code: "not_empty",
          message: "The app shop still holds much.",
          request_id: "r",
          details: content,
        },
      },
      { status: 409 },
    );
  /** Refused without force, as a server does. */
  const remove = async (args: readonly string[], terminal: Parameters<typeof run>[2] = {}) =>
    await run(
      ["apps", "delete", "shop", ...args],
      {
        [`DELETE ${admin}/apps/shop`]: (request) =>
          request.body.includes('"force":true') ? Response.json(app) : refusal(),
      },
      { env: loggedIn, ...terminal },
    );

  test("what is inside stops it, and the fix is the exact command", async () => {
    const { code, stdout, stderr, sent } = await remove([]);
    expect([code, stdout, sent.length]).toEqual([5, "", 1]);
    expect(stderr).toContain(
      "the app shop still holds 1 script, 1204 kv keys, 2 deliveries; nothing was deleted",
    );
    expect(stderr).toContain("fix:   pic apps delete shop --force\n");
    expect((await remove(["--profile", "work"])).stderr).toContain("delete shop --force --profile work");
  });

  test("--force asks a person, with what is inside, unless --yes", async () => {
    const no = await remove(["--force"], { answers: ["n"] });
    expect([no.code, no.sent.length]).toEqual([7, 1]);
    expect(no.stderr).toContain(
      "delete the app shop with 1 script, 1204 kv keys, 2 deliveries, for good? [y/N]",
    );
    const yes = await remove(["--force"], { answers: ["y"] });
    expect([yes.code, yes.sent.length]).toEqual([0, 2]);
    expect(yes.stdout).toContain("shop\tShop\tdeleting");
    const sure = await remove(["--force", "--yes"], { answers: [] });
    expect([sure.code, sure.sent.length]).toEqual([0, 1]);
    const program = await remove(["--force"]);
    expect([program.code, program.sent.length]).toEqual([0, 1]);
  });

  test("an app with nothing inside goes without a question, also as rm", async () => {
    const empty = { [`DELETE ${admin}/apps/shop`]: Response.json(app) };
    const { code, stderr } = await run(["apps", "rm", "shop"], empty, { env: loggedIn, answers: [] });
    expect(code).toBe(0);
    expect(stderr).toContain("pic apps show shop");
  });
});

describe("invoke", () => {
  const url = "POST /api/v1/execute/default/hello";
  const execution = {
    id: "e1",
    status: "failed",
    lines: [{ at: "2026-01-01T00:00:00.000Z", level: "info", message: "hi", fields: { n: 1 } }],
    error: { code: "script_error", message: "boom", stack: "Error: boom\n    at hello.ts:1:7" },
  };
  const log: Answers = { [`GET ${admin}/apps/default/executions/e1`]: Response.json(execution) };
  const ran = { "x-picloud-execution": "e1" };
  const invoke = async (answer: Response, args: readonly string[] = []) =>
    await run(["invoke", "hello", ...args], { [url]: answer, ...log }, { env: loggedIn });

  test("the answer is on stdout as it came, the log on stderr", async () => {
    const { code, stdout, stderr } = await invoke(new Response('{"a": 1}', { headers: ran }));
    expect([code, stdout]).toEqual([0, '{"a": 1}']);
    expect(stderr).toBe('[info] hi {"n":1}\n');
  });

  const failed = (status: number, code: string): Response =>
    Response.json(
      { error: { code, message: "boom", request_id: "r", execution_id: "e1" } },
      { status, headers: ran },
    );

  test.each([
    ["2xx", 0, new Response(null, { status: 204, headers: ran })],
    ["3xx", 0, new Response(null, { status: 302, headers: { ...ran, location: "/x" } })],
    ["the script's 404", 1, new Response("no", { status: 404, headers: ran })],
    ["the script's 500 in JSON", 1, Response.json({ error: "mine" }, { status: 500, headers: ran })],
    ["the script's 503", 1, Response.json({}, { status: 503, headers: ran })],
    ["a throw", 1, failed(422, "script_error")],
    ["a bad response", 1, failed(502, "bad_response")],
    ["a failed upstream", 1, failed(502, "upstream_failed")],
    ["a timeout", 1, failed(504, "timeout")],
    ["memory", 1, failed(507, "memory_limit")],
    ["a fault of ours", 1, failed(500, "internal")],
    ["a lost executor", 6, failed(503, "executor_lost")],
    ["malformed JSON found by the script", 7, failed(400, "malformed_request")],
    ["not logged in", 3, envelope(401, "unauthenticated")],
    ["not allowed", 3, envelope(403, "forbidden")],
    ["no such script", 4, envelope(404, "not_found")],
    ["a module", 7, envelope(400, "target_is_module")],
    ["too large", 7, envelope(413, "too_large")],
    ["overloaded", 6, envelope(503, "overloaded")],
    ["another server", 6, new Response("<h1>404</h1>", { status: 404 })],
  ])("%s is exit %i", async (_, exit, answer) => {
    expect((await invoke(answer)).code).toBe(exit);
  });

  test("a script's message can't drive the terminal", async () => {
    const message = "\u001b[2Jgone";
    const body = { error: { code: "script_error", message, request_id: "r", execution_id: "e1" } };
    const { stderr } = await invoke(Response.json(body, { status: 422, headers: ran }));
    expect(stderr).toContain(String.raw`error[script_error]: \u001b[2Jgone`);
  });

  test("a throw shows where", async () => {
    const { stderr } = await invoke(failed(422, "script_error"));
    expect(stderr).toBe(
      '[info] hi {"n":1}\nerror[script_error]: boom\n  at hello.ts:1:7\nfix:   pic executions show e1 --app default\n',
    );
  });

  test("stdout has only what a script answered", async () => {
    expect((await invoke(failed(422, "script_error"))).stdout).toBe("");
    expect((await invoke(envelope(404, "not_found"))).stdout).toBe("");
    expect((await invoke(new Response("no", { status: 404, headers: ran }))).stdout).toBe("no");
  });

  test.each([
    [["[1]"], "application/json", "[1]"],
    [["hello"], "text/plain; charset=utf-8", "hello"],
    [["{broken", "-H", "Content-Type: application/json"], "application/json", "{broken"],
    [["@@x", "-H", "x-a: 1", "-H", "x-a: 2"], "text/plain; charset=utf-8", "@x"],
  ])("body %j is sent as %s", async (args, type, body) => {
    const { sent } = await invoke(new Response("", { headers: ran }), args);
    expect(sent[0]?.headers.get("content-type")).toBe(type);
    expect(sent[0]?.body).toBe(body);
  });

  test("broken JSON is not sent unless a type says so", async () => {
    const { code, sent } = await invoke(new Response(""), ["{broken"]);
    expect([code, sent.length]).toEqual([7, 0]);
  });

  test("-i shows the head, --no-logs asks for no log", async () => {
    const { stderr, sent } = await invoke(new Response("x", { headers: ran }), ["-i", "--no-logs"]);
    expect(stderr).toContain("HTTP 200");
    expect(stderr).toContain("x-picloud-execution: e1");
    expect(sent.length).toBe(1);
  });

  test("no server is 6", async () => {
    expect((await run(["invoke", "hello"], {}, { env: loggedIn })).code).toBe(6);
  });
});

describe("rollback", () => {
  const uuid = "01930000-0000-7000-8000-000000000001";
  const script = (version: number): object => ({ id: uuid, name: "hello", version, updated_at: "t" });
  const answers = (version: number): Answers => ({
    [`GET ${admin}/scripts/${uuid}`]: Response.json(script(version)),
    [`POST ${admin}/scripts/${uuid}/rollback`]: Response.json(script(version + 1)),
  });

  test.each([
    [["rollback", uuid], 2],
    [["rollback", uuid, "1"], 1],
  ])("%j goes back to version %i", async (args, version) => {
    const { code, stdout, stderr, sent } = await run(args, answers(3), { env: loggedIn });
    expect(JSON.parse(sent.at(-1)?.body ?? "")).toEqual({ version });
    expect(stderr).toContain(`~ script hello v3 → v4 (the source of v${version})`);
    expect([code, stdout]).toEqual([0, `name\tversion\tid\tupdated_at\nhello\t4\t${uuid}\tt\n`]);
  });

  test("the first version has nothing before it, and a word is no version", async () => {
    expect((await run(["rollback", uuid], answers(1), { env: loggedIn })).code).toBe(7);
    expect((await run(["rollback", uuid, "one"], answers(3), { env: loggedIn })).code).toBe(2);
  });
});

test("scripts diff prints the diff as it is", async () => {
  const id = "01930000-0000-7000-8000-000000000001";
  const diff = "--- v1\n+++ v2\n@@ -1 +1 @@\n-a\n+b\n";
  const answers = { [`GET ${admin}/scripts/${id}/diff`]: Response.json({ from: 1, to: 2, diff }) };
  const plain = await run(["scripts", "diff", id, "1", "2"], answers, { env: loggedIn });
  expect([plain.code, plain.stdout]).toEqual([0, diff]);
  const json = await run(["scripts", "diff", id, "1", "2", "--output", "json"], answers, { env: loggedIn });
  expect(JSON.parse(json.stdout)).toEqual({ from: 1, to: 2, diff });
  expect((await run(["scripts", "diff", id, "1", "new"], answers, { env: loggedIn })).code).toBe(2);
});

test("version shows the own one also without a server", async () => {
  const { code, stdout, stderr } = await run(["version", "--output", "json"]);
  expect(JSON.parse(stdout)).toMatchObject({ pic: expect.stringMatching(/^\d+\.\d+\.\d+/) as string });
  expect(stderr).toContain("the server's version is unknown");
  expect(code).toBe(0);
});
