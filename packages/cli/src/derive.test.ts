import { contracts } from "@picloud/server/contract";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createCli } from "./cli.ts";
import { handMadeCommands } from "./commands.ts";
import { defineNoun } from "./derive.ts";
import { nouns } from "./nouns.generated.ts";
import { runPic } from "./program.ts";
import { tableFetch, testIo } from "./test-io.ts";
import type { Answers } from "./test-io.ts";

describe("derivation", () => {
  test("every endpoint with a verb has a command, and a command has one endpoint", () => {
    const expected = Object.values(contracts).flatMap((contract) =>
      Object.values(contract.endpoints).filter((one) => one["~orpc"].meta.cli !== undefined),
    );
    const verbs = nouns.flatMap((noun) => noun.verbs);
    expect(verbs.length).toBe(expected.length);
    const names = verbs.map(({ noun, verb }) => `${noun} ${verb}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("what is made by hand for a noun replaces or adds to it", () => {
    const known = new Set(nouns.map(({ noun }) => noun));
    const twoWords = handMadeCommands.filter(({ path }) => path.includes(" "));
    expect(twoWords.length).toBeGreaterThan(0);
    for (const { path } of twoWords) expect(known).toContain(path.split(" ")[0]);
  });

  test.each(nouns.map((noun) => [noun.noun, noun] as const))("pic %s builds", (_, noun) => {
    const program = new Command();
    const cli = createCli(
      testIo(),
      () => ({}),
      () => undefined,
    );
    const command = defineNoun(program, cli, noun, new Set());
    expect(command.commands.map((one) => one.name())).toEqual(noun.verbs.map(({ verb }) => verb));
  });

  test("flags of a verb are the input fields that are not positional", () => {
    const verb = nouns
      .flatMap((noun) => noun.verbs)
      .find((one) => one.noun === "triggers" && one.verb === "add");
    expect(verb?.positionals.map(({ name }) => name)).toEqual(["kind"]);
    expect(verb?.flags.map(({ name, kind }) => [name, kind])).toEqual([
      ["script_id", "text"],
      ["script", "text"],
      ["collection_glob", "text"],
      ["ops", "list"],
      ["topic_pattern", "text"],
      ["queue", "text"],
      ["batch_size", "number"],
      ["schedule", "text"],
      ["timezone", "text"],
      ["overlap", "text"],
      ["source_filter", "text"],
      ["trigger_id_filter", "text"],
      ["script_id_filter", "text"],
      ["enabled", "boolean"],
      ["max_attempts", "number"],
      ["backoff", "text"],
      ["base_ms", "number"],
      ["max_ms", "number"],
      ["jitter_pct", "number"],
    ]);
  });
});

const admin = "/api/v1/admin";
const uuid = "01930000-0000-7000-8000-000000000001";

async function run(line: string, answers: Answers) {
  const { fetch, sent } = tableFetch(answers);
  const env = { PICLOUD_URL: "http://h", PICLOUD_TOKEN: "pic_t" };
  const io = testIo({ env, fetch });
  const code = await runPic(io, line.split(" "));
  return { code, stdout: io.stdout(), stderr: io.stderr(), sent };
}

describe("derived commands", () => {
  test("a list is a table with a header; a next page is announced", async () => {
    const items = [
      {
        slug: "default",
        name: "Default\tapp",
        state: "active",
        id: uuid,
        created_at: "2026-01-01T00:00:00.000Z",
      },
    ];
    const answers = { [`GET ${admin}/apps`]: Response.json({ items, next_cursor: "c1" }) };
    const { code, stdout, stderr } = await run("apps ls --limit 1", answers);
    expect(stdout).toBe(
      `slug\tname\tstate\tid\tcreated_at\ndefault\tDefault\\tapp\tactive\t${uuid}\t2026-01-01T00:00:00.000Z\n`,
    );
    expect(stderr).toBe("more rows: --cursor c1 for the next page, --all for all\n");
    expect(code).toBe(0);
  });

  test("--all asks for every page and prints one array", async () => {
    const { code, stdout, sent } = await run("kv ls orders --all --output json", {
      [`GET ${admin}/apps/default/kv/orders`]: ({ path }) =>
        Response.json(
          path.includes("cursor=2")
            ? { items: [{ key: "b" }], next_cursor: null }
            : { items: [{ key: "a" }], next_cursor: "2" },
        ),
    });
    expect(JSON.parse(stdout)).toEqual([{ key: "a" }, { key: "b" }]);
    expect(sent.length).toBe(2);
    expect(code).toBe(0);
  });

  test("flags become fields: numbers, lists, switches", async () => {
    const line = "triggers add kv --script sum --collection-glob a:* --ops insert,update --ops delete";
    const { code, sent } = await run(`${line} --max-attempts 3 --no-enabled --app shop`, {
      [`POST ${admin}/apps/shop/triggers/kv`]: Response.json({ id: uuid }, { status: 201 }),
    });
    expect(JSON.parse(sent[0]?.body ?? "")).toEqual({
      script: "sum",
      collection_glob: "a:*",
      ops: ["insert", "update", "delete"],
      max_attempts: 3,
      enabled: false,
    });
    expect(code).toBe(0);
  });

  test("what the server warns of is said after the row", async () => {
    const warnings = ["it may run itself", "twice"];
    const { code, stdout, stderr } = await run("triggers set x --max-attempts 3", {
      [`PATCH ${admin}/apps/default/triggers/x`]: Response.json({ id: uuid, warnings }),
    });
    expect([code, stdout.split("\n").length]).toEqual([0, 3]);
    expect(stderr).toBe("warning: it may run itself\nwarning: twice\n");
  });

  test("create and add, delete and rm are the same", async () => {
    const deleted = new Response(null, { status: 204 });
    const { code, stdout, stderr } = await run("kv delete c k", {
      [`DELETE ${admin}/apps/default/kv/c/k`]: deleted,
    });
    expect([code, stdout, stderr]).toEqual([0, "", "kv rm: done\n"]);
  });

  test("a script is found by its name", async () => {
    const answers = {
      [`GET ${admin}/apps/default/scripts`]: Response.json({
        items: [{ id: uuid, name: "hello" }],
        next_cursor: null,
      }),
      [`DELETE ${admin}/scripts/${uuid}`]: Response.json({ id: uuid, routes_deleted: 1 }),
    };
    const found = await run("scripts delete hello", answers);
    expect(found).toMatchObject({ code: 0, stdout: `id\troutes_deleted\n${uuid}\t1\n` });
    const absent = await run("scripts delete nope", answers);
    expect(absent.code).toBe(4);
    expect(absent.stderr).toBe(
      "error[not_found]: app default has no script nope\nfix:   pic scripts ls --app default\n",
    );
  });

  test("a refusal keeps stdout empty and names the list", async () => {
    const envelope = { error: { code: "not_found", message: "There is no such entry.", request_id: "r" } };
    const { code, stdout, stderr } = await run("triggers show x", {
      [`GET ${admin}/apps/default/triggers/x`]: Response.json(envelope, { status: 404 }),
    });
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toBe("error[not_found]: There is no such entry.\nfix:   pic triggers ls --app default\n");
  });
});
