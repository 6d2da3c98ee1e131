import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeProfiles } from "./credentials.ts";
import { runPic } from "./program.ts";
import { tableFetch, testIo } from "./test-io.ts";

const admin = "/api/v1/admin";
const page = (items: readonly object[]): Response => Response.json({ items, next_cursor: null });
const answers = {
  [`GET ${admin}/apps`]: page([{ slug: "default" }, { slug: "shop" }, { slug: "$(reboot) x" }]),
  [`GET ${admin}/apps/shop/scripts`]: page([{ name: "ship" }, { name: "shape" }, { name: "track" }]),
  [`GET ${admin}/users`]: page([{ username: "ada" }, { username: "grace" }]),
  [`GET ${admin}/apps/default/kv`]: page([{ collection: "orders", count: 1 }]),
};
const folder = await mkdtemp(join(tmpdir(), "picloud-complete-"));
afterAll(async () => await rm(folder, { recursive: true }));

async function complete(...words: string[]): Promise<readonly string[]> {
  const env = { PICLOUD_URL: "http://h", PICLOUD_TOKEN: "pic_t", XDG_CONFIG_HOME: folder };
  const io = testIo({ env, fetch: tableFetch(answers).fetch });
  expect(await runPic(io, ["__complete", ...words])).toBe(0);
  expect(io.stderr()).toBe("");
  return io.stdout().split("\n").slice(0, -1);
}

test("words of pic itself", async () => {
  expect(await complete("")).toEqual(expect.arrayContaining(["deploy", "apps", "api-keys"]));
  expect((await complete("ap")).toSorted()).toEqual(["api-keys", "apps"]);
  expect(await complete("apps", "sh")).toEqual(["show"]);
  expect(await complete("--output", "")).toEqual(["tsv", "json"]);
  expect(await complete("deploy", "--dry")).toEqual(["--dry-run"]);
  expect(await complete("users", "set", "ada", "--role", "")).toEqual(["owner", "admin", "member"]);
  expect(await complete("members", "add", "ada", "e")).toEqual(["editor"]);
  expect(await complete("nothing", "like", "")).toEqual([]);
});

test("names come from the server, in the app that the line names; what is no plain word is left out", async () => {
  expect(await complete("apps", "show", "")).toEqual(["default", "shop"]);
  expect(await complete("deploy", "--app", "s")).toEqual(["shop"]);
  expect(await complete("invoke", "--app", "shop", "sh")).toEqual(["ship", "shape"]);
  expect(await complete("scripts", "show", "--app", "shop", "t")).toEqual(["track"]);
  expect(await complete("members", "add", "")).toEqual(["ada", "grace"]);
  expect(await complete("kv", "ls", "")).toEqual(["orders"]);
  expect(await complete("apps", "create", "")).toEqual([]);
});

test("a server that refuses or is away offers nothing", async () => {
  expect(await complete("domains", "rm", "")).toEqual([]);
});

test("a server that does not answer is not waited for", async () => {
  const env = { PICLOUD_URL: "http://h", PICLOUD_TOKEN: "pic_t" };
  const hanging = async (_: unknown, init?: RequestInit): Promise<Response> =>
    await new Promise((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    });
  const io = testIo({ env, fetch: hanging });
  expect([await runPic(io, ["__complete", "apps", "show", ""]), io.stdout(), io.stderr()]).toEqual([
    0,
    "",
    "",
  ]);
});

test("profiles come from the file", async () => {
  const io = testIo({ env: { XDG_CONFIG_HOME: folder } });
  await writeProfiles(io, { work: { url: "http://w", token: "t" }, home: { url: "http://h", token: "t" } });
  expect((await complete("--profile", "")).toSorted()).toEqual(["home", "work"]);
});
