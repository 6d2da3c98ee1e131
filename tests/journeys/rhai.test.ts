/** Someone writes in Rhai: a mistake, its place, numbers that stay what they are, errors and limits as a caller sees them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loggedInPic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const NUMBERS = `[4, 4.0, -0.5, 9007199254740993, -9223372036854775808, 1e300, {"four": 4.0}]`;

const files = {
  // Keeps what it is sent, and answers with what is kept then.
  "keep.rhai": `let numbers = kv::collection("numbers");
numbers.set(ctx.request.params.key, ctx.request.body);
#{ kept: numbers.get(ctx.request.params.key), types: ctx.request.body.map(|n| type_of(n)) }
`,
  // Runs on each change of "numbers".
  "mirror.rhai": `let event = ctx.event.kv;
kv::collection("mirror").set(event.key, #{ value: event.value, sum: event.value[3] + 1 });
`,
  "fail.rhai": `fn half(n) {
    if n > 2 { throw \`\${n} is too much\`; }
    n / 0
}

fn all(list) {
    list.map(|n| half(n))
}

all([ctx.request.query.n.parse_int()]);
`,
  "burn.rhai": `fn deep(n) { deep(n + 1) }
let what = ctx.request.query.what;
if what == "loop" { loop {} }
if what == "depth" { deep(0) }
let text = "x";
loop { text += text; }
`,
  "bytes.rhai": `#{ body: ctx.request.body_raw, headers: #{ "x-type": type_of(ctx.request.body) } }\n`,
};

describe("scripts in Rhai", () => {
  let server: RunningServer;
  let folder: string;
  let pic: Pic;

  const write = async (file: string, text: string): Promise<void> =>
    await writeFile(join(folder, file), text);
  const deploy = async (file: string, ...args: string[]): Promise<void> => {
    await pic.ok(["deploy", file, "--app", "default", ...args]);
  };
  const errorOf = async (response: Response): Promise<Record<string, unknown>> =>
    ((await response.json()) as { error: Record<string, unknown> }).error;

  beforeAll(async () => {
    server = await startServer({ env: { PICLOUD_DEV_MODE: "true" } });
    folder = await temporaryFolder("picloud-rhai-");
    for (const [file, text] of Object.entries(files)) await write(file, text);
    pic = await loggedInPic(server, folder);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await removeFolder(server.dataDir);
    await removeFolder(folder);
  }, 60_000);

  test("a mistake is shown in its line before anything is sent", async () => {
    await write("wrong.rhai", 'let name = "é";\nlet x = name +;\n');
    const { code, stderr } = await pic.run(["deploy", "wrong.rhai", "--app", "default"]);
    expect(code).toBe(7);
    expect(stderr).toContain("wrong.rhai:2:15: Unexpected ';'; nothing was sent");
    expect(stderr).toContain(" 2 | let x = name +;\n   |               ^");
  });

  test("numbers stay what they are from the request through kv, events and the API", async () => {
    await deploy("keep.rhai", "--route", "POST /keep/:key");
    await deploy("mirror.rhai");
    await pic.ok("triggers add kv --app default --script mirror --collection-glob numbers".split(" "));
    const response = await fetch(`${server.url}/keep/one`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: NUMBERS,
    });
    const types = `["i64","f64","f64","i64","i64","f64","map"]`;
    expect(await response.text()).toBe(
      `{"kept":${NUMBERS.replaceAll(", ", ",").replace("1e300", "1e+300").replace(": ", ":")},"types":${types}}`,
    );
    const shown = await waitFor("the mirror has it", async () => {
      const { code, stdout } = await pic.run(["kv", "get", "mirror", "one", "--app", "default"]);
      return code === 0 && stdout.trim();
    });
    expect(shown).toBe(
      `{"sum":9007199254740994,"value":[4,4.0,-0.5,9007199254740993,-9223372036854775808,1e+300,{"four":4.0}]}`,
    );
    await pic.ok(["kv", "set", "numbers", "two", `[0, 1.50, 2, 12345678901234567]`, "--app", "default"]);
    expect(await pic.ok(["kv", "get", "numbers", "two", "--app", "default"])).toBe(
      "[0,1.50,2,12345678901234567]\n",
    );
    await waitFor("the mirror has the other", async () => {
      const { stdout } = await pic.run(["kv", "get", "mirror", "two", "--app", "default"]);
      return stdout.includes(`{"sum":12345678901234568,"value":[0,1.5,2,12345678901234567]}`);
    });
  });

  test("an error has its place and its calls, for the caller in dev mode and in the log", async () => {
    await deploy("fail.rhai", "--route", "GET /fail");
    const response = await fetch(`${server.url}/fail?n=1`);
    expect(response.status).toBe(422);
    const error = await errorOf(response);
    expect(error).toMatchObject({
      code: "script_error",
      message: "ErrorArithmetic: Division by zero: 1 / 0",
    });
    const stack =
      "at half (fail.rhai:3:7)\nat closure (fail.rhai:7:18)\nat all (fail.rhai:7:10)\nat fail.rhai:10:1";
    expect(error["details"]).toEqual({ stack });
    expect(await errorOf(await fetch(`${server.url}/fail?n=3`))).toMatchObject({
      message: "ErrorRuntime: Runtime error: 3 is too much",
    });
    const id = response.headers.get("x-picloud-execution") ?? "";
    const shown = await waitFor("the execution is written", async () => {
      const { code, stdout } = await pic.run([
        "executions",
        "show",
        id,
        "--app",
        "default",
        "--output",
        "json",
      ]);
      return code === 0 && stdout.includes("half (fail.rhai") && stdout;
    });
    expect((JSON.parse(shown) as { error: { stack: string } }).error.stack).toBe(stack);
    expect(await pic.ok(["logs", "fail", "--app", "default"])).toContain("Division by zero");
  });

  test("each limit is told apart", async () => {
    await deploy("burn.rhai", "--route", "GET /burn");
    for (const [what, code] of [
      ["loop", "operations_limit"],
      ["depth", "depth_limit"],
      ["text", "size_limit"],
    ] as const) {
      const response = await fetch(`${server.url}/burn?what=${what}`);
      expect([response.status, (await errorOf(response))["code"]]).toEqual([507, code]);
    }
  });

  test("bytes are exact, and a body that is no JSON is 400", async () => {
    await deploy("bytes.rhai", "--route", "POST /bytes");
    const body = new Uint8Array([0, 255, 128, 13, 10, 195]);
    const response = await fetch(`${server.url}/bytes`, { method: "POST", body });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
    expect(response.headers.get("x-type")).toBe("blob");
    const headers = { "content-type": "application/json" };
    const malformed = await fetch(`${server.url}/bytes`, { method: "POST", headers, body: "{" });
    expect([malformed.status, (await errorOf(malformed))["code"]]).toEqual([400, "malformed_request"]);
  });

  test("a script changes its language and goes back", async () => {
    await write("greet.ts", "export default () => 'from TypeScript';\n");
    await write("greet.rhai", '"from Rhai"\n');
    const ask = async (): Promise<unknown> => await (await fetch(`${server.url}/greet`)).json();
    await deploy("greet.ts", "--route", "GET /greet");
    expect(await ask()).toBe("from TypeScript");
    await deploy("greet.rhai");
    expect(await ask()).toBe("from Rhai");
    await pic.ok(["rollback", "greet", "1", "--app", "default"]);
    expect(await ask()).toBe("from TypeScript");
  });
});
