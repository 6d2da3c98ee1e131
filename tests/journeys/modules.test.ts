/** Someone splits a script into modules, deploys them together, changes one, breaks one, and takes it back. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startExternalPostgres } from "../support/external-postgres.ts";
import type { ExternalPostgres } from "../support/external-postgres.ts";
import { loggedInPic } from "../support/pic.ts";
import type { Pic, PicResult } from "../support/pic.ts";
import { removeFolder, startServer, temporaryFolder } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const files = {
  "price.ts": `import { gross } from "./tax.ts";
import type { Price } from "./shapes.ts";

export default (request: Request): Price => {
  const net = Number(new URL(request.url).searchParams.get("net"));
  return { net, gross: gross(net) };
};
`,
  "tax.ts": `import { rate } from "./rate";

export function gross(net: number): number {
  if (Number.isNaN(net)) throw new RangeError("no price");
  return Math.round(net * (1 + rate));
}
`,
  "rate.ts": "export const rate = 0.19;\n",
  "shapes.ts": "export interface Price { net: number; gross: number }\n",
};

const DUTY = `export const PERCENT = RATE;

fn gross(net) {
    if net < 0 { throw "no price"; }
    net * (100 + global::PERCENT) / 100
}
`;

describe("modules of a project", () => {
  let external: ExternalPostgres;
  let server: RunningServer;
  let second: RunningServer;
  let folder: string;
  let pic: Pic;

  const write = async (file: string, text: string): Promise<void> =>
    await writeFile(join(folder, file), text);
  const ask = async (node: RunningServer, net: string): Promise<unknown> =>
    await (await fetch(`${node.url}/a/shop/price?net=${net}`)).json();
  const deploy = async (...args: string[]): Promise<PicResult> =>
    await pic.run(["deploy", ...args, "--app", "shop"]);

  beforeAll(async () => {
    external = await startExternalPostgres();
    server = await startServer({ env: { DATABASE_URL: external.url, PICLOUD_DEV_MODE: "true" } });
    folder = await temporaryFolder("picloud-shop-");
    for (const [file, text] of Object.entries(files)) await write(file, text);
    pic = await loggedInPic(server, folder);
    second = await startServer({ env: { DATABASE_URL: external.url } });
    await pic.ok(["apps", "create", "shop"]);
  }, 180_000);

  afterAll(async () => {
    await Promise.all([server.stop(), second.stop()]);
    await external.close();
    for (const of of [server.dataDir, second.dataDir, folder]) await removeFolder(of);
  }, 120_000);

  test("the modules of a script come with it", async () => {
    const { code, stdout, stderr } = await deploy("price.ts", "--route", "GET /price");
    expect([code, stderr.split("\n").slice(0, 4)]).toEqual([
      0,
      [
        "+ script price v1",
        "+ script tax v1, module",
        "+ script rate v1, module",
        "+ route GET /price → price, auth public",
      ],
    ]);
    expect(stdout.split("\n").slice(1, -1)).toEqual([
      `price\t1\tGET\t${server.url}/a/shop/price`,
      "tax\t1\t\t",
      "rate\t1\t\t",
    ]);
    expect(await ask(server, "100")).toEqual({ net: 100, gross: 119 });
    expect(await ask(second, "100")).toEqual({ net: 100, gross: 119 });
  });

  test("the graph is seen with pic, from both ends", async () => {
    const names = async (verb: string, script: string): Promise<unknown> =>
      (
        (await pic.json(["scripts", verb, script, "--app", "shop"])) as { name: string; is_direct: boolean }[]
      ).map(({ name, is_direct: isDirect }) => [name, isDirect]);
    expect(await names("imports", "price")).toEqual([
      ["rate", false],
      ["tax", true],
    ]);
    expect(await names("importers", "rate")).toEqual([
      ["price", false],
      ["tax", true],
    ]);
  });

  test("a changed module is live in its endpoints on every node, without a new version of theirs", async () => {
    await write("rate.ts", "export const rate = 0.07;\n");
    const { code, stderr } = await deploy("rate.ts");
    expect(code).toBe(0);
    expect(stderr.split("\n").slice(0, 2)).toEqual([
      "~ script rate v1 → v2",
      "~ script price v1, linked again with rate",
    ]);
    expect(await ask(server, "100")).toEqual({ net: 100, gross: 107 });
    const isNew = async (): Promise<boolean> =>
      JSON.stringify(await ask(second, "100")) === '{"net":100,"gross":107}';
    await waitFor("the second node has the new rate", isNew, 2_000);
    expect(await pic.json(["scripts", "show", "price", "--app", "shop"])).toMatchObject({ version: 1 });
  });

  test("what would break an importer is refused with its line, and nothing changes", async () => {
    await write("rate.ts", "export const rates = [0.07];\n");
    const { code, stderr } = await deploy("rate.ts");
    expect(code).toBe(7);
    expect(stderr).toContain('tax at 1:10: "./rate" has no export "rate"; the live version stays');
    expect(stderr).toContain('1 | import { rate } from "./rate";');
    expect(stderr).toContain("Did you mean rates?");
    expect(await ask(server, "100")).toEqual({ net: 100, gross: 107 });
  });

  test("a module in use is not deleted", async () => {
    const { code, stderr } = await pic.run(["scripts", "delete", "tax", "--app", "shop"]);
    expect(code).toBe(5);
    expect(stderr).toContain("tax is imported by price");
  });

  test("the stack of an error names the module's file and line", async () => {
    const answer = await fetch(`${server.url}/a/shop/price?net=much`);
    expect(answer.status).toBe(422);
    const { error } = (await answer.json()) as { error: { message: string; details: { stack: string } } };
    expect(error.message).toBe("RangeError: no price");
    const lines = error.details.stack.split("\n").map((line) => line.trim());
    expect(lines).toEqual(["at gross (tax.ts:4:32)", "at default (price.ts:6:24)"]);
  });

  test("a module goes back to an old version, with its importers", async () => {
    const { code, stderr } = await pic.run(["rollback", "rate", "1", "--app", "shop"]);
    expect([code, stderr.split("\n")[1]]).toEqual([0, "~ script price v1, linked again with rate"]);
    expect(await ask(server, "100")).toEqual({ net: 100, gross: 119 });
  });

  test("a module gets another name together with those that import it", async () => {
    await write("vat.ts", files["rate.ts"]);
    await write("tax.ts", files["tax.ts"].replace("./rate", "./vat"));
    const { code, stderr } = await deploy("price.ts", "--prune", "--yes");
    expect([code, stderr.split("\n").filter((line) => /rate|vat|tax/.test(line))]).toEqual([
      0,
      [
        "~ script price v1, linked again with rate, tax",
        "~ script tax v1 → v2",
        "+ script vat v1, module",
        "- script rate not in the manifest",
      ],
    ]);
    expect(await ask(server, "200")).toEqual({ net: 200, gross: 238 });
  });

  test("in Rhai: the same, with lines of Rhai", async () => {
    await write(
      "quote.rhai",
      'import "duty" as duty;\n\n#{ gross: duty::gross(parse_int(ctx.request.query.net)) }\n',
    );
    await write("duty.rhai", DUTY.replace("RATE", "19"));
    const { code, stderr } = await deploy("quote.rhai", "--route", "GET /quote");
    expect([code, stderr.split("\n").slice(0, 2)]).toEqual([
      0,
      ["+ script quote v1", "+ script duty v1, module"],
    ]);
    const quote = async (net: string): Promise<{ gross?: unknown; error?: { details: { stack: string } } }> =>
      (await (await fetch(`${server.url}/a/shop/quote?net=${net}`)).json()) as { gross: unknown };
    expect(await quote("200")).toEqual({ gross: 238 });

    await write("duty.rhai", DUTY.replace("RATE", "7"));
    const changed = await deploy("duty.rhai");
    expect([changed.code, changed.stderr.split("\n").slice(0, 2)]).toEqual([
      0,
      ["~ script duty v1 → v2", "~ script quote v1, linked again with duty"],
    ]);
    expect(await quote("200")).toEqual({ gross: 214 });
    const { error } = await quote("-1");
    expect(error?.details.stack.split("\n")).toEqual(["at gross (duty.rhai:4:18)", "at quote.rhai:3:17"]);

    await write("duty.rhai", `${DUTY.replace("RATE", "7")}print("hello");\n`);
    const refused = await deploy("duty.rhai");
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain(
      "duty at 7:1: The body of a module has functions, constants and imports only; this is a function call",
    );
  });

  test("a module in Rhai calls services, in a loop and in a constant, for many requests at a time", async () => {
    await write("visits.rhai", 'import "counter" as counter;\n\ncounter::bump(ctx.request.query.who)\n');
    await write(
      "counter.rhai",
      `const COUNTS = kv::collection("visits");
export const SINCE = COUNTS.get("since");

fn bump(who) {
    let sum = 0;
    for i in 0..3 { sum = global::COUNTS.increment(who); }
    #{ who: who, sum: sum, since: global::SINCE, ok: [1].map(|n| global::COUNTS.has("since")) }
}
`,
    );
    await pic.ok(["kv", "set", "visits", "since", "2026", "--app", "shop"]);
    const { code, stderr } = await deploy("visits.rhai", "--route", "GET /visits");
    expect([code, stderr.split("\n")[1]]).toEqual([0, "+ script counter v1, module"]);
    const people = Array.from({ length: 24 }, (_, i) => `p${i}`);
    const answers = await Promise.all(
      people.map(
        async (who): Promise<unknown> => await (await fetch(`${server.url}/a/shop/visits?who=${who}`)).json(),
      ),
    );
    expect(answers).toEqual(people.map((who) => ({ who, sum: 3, since: 2026, ok: [true] })));
  });
});
