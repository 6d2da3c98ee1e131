/** `pic login`, by each of its ways. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readProfiles } from "../credentials.ts";
import { runPic } from "../program.ts";
import { tableFetch, testIo } from "../test-io.ts";
import type { Answers, TestIoOptions } from "../test-io.ts";

let homeDir: string;
beforeEach(async () => {
  homeDir = await mkdtemp(join(tmpdir(), "picloud-home-"));
});
afterEach(async () => await rm(homeDir, { recursive: true }));

const admin = "/api/v1/admin";
const owner = { id: "u1", username: "ada", role: "owner" };
const session = { token: "pics_new", expires_at: "2027-01-01T00:00:00.000Z", user: owner };

async function run(args: readonly string[], answers: Answers = {}, options: TestIoOptions = {}) {
  const { fetch, sent } = tableFetch(answers);
  const io = testIo({ homeDir, cwd: homeDir, fetch, ...options });
  const code = await runPic(io, args);
  return { code, stdout: io.stdout(), stderr: io.stderr(), sent, io };
}

const envelope = (status: number, code: string, more: object = {}): Response =>
  Response.json({ error: { code, message: `it is ${code}`, request_id: "r1", ...more } }, { status });

describe("login", () => {
  test("by lines of stdin; the session is stored for its owner alone", async () => {
    const answers = { [`POST ${admin}/auth/login`]: Response.json(session) };
    const { code, stdout, stderr, sent, io } = await run(["login", "--url", "http://h/"], answers, {
      stdin: "ada\npass word\n",
    });
    expect([code, stdout, stderr]).toEqual([0, "", "logged in to http://h as ada (owner)\n"]);
    expect(sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { username: "ada", password: "pass word" },
    ]);
    expect(await readProfiles(io)).toEqual({
      default: { url: "http://h", token: "pics_new", username: "ada" },
    });
  });

  test("by the set-up token, asking twice for the password on a terminal", async () => {
    const answers = { [`POST ${admin}/auth/setup`]: Response.json(session) };
    const { code, sent, stderr } = await run(["login", "--setup", "once"], answers, {
      answers: ["ada", "secret-1", "secret-1"],
    });
    expect(sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { token: "once", username: "ada", password: "secret-1" },
    ]);
    expect(stderr).not.toContain("secret-1");
    expect(code).toBe(0);
  });

  test("by an invitation: a password is all it asks for", async () => {
    const answers = { [`POST ${admin}/auth/invites/accept`]: Response.json(session) };
    const typed = await run(["login", "--invite", "once"], answers, { answers: ["secret-1", "secret-1"] });
    expect(typed.sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { token: "once", password: "secret-1" },
    ]);
    expect([typed.code, typed.stderr.includes("secret-1")]).toEqual([0, false]);
    expect(await readProfiles(typed.io)).toMatchObject({ default: { token: "pics_new" } });
    const both = await run(["login", "--invite", "a", "--reset", "b"], answers);
    expect([both.code, both.sent.length]).toEqual([2, 0]);
  });

  test("by a reset, and by a code of the second factor where the account wants one", async () => {
    const wanted = {
      code: "unauthenticated",
      message: "wants a code",
      request_id: "r",
      details: { reason: "totp_required" },
    };
    const answers: Answers = {
      [`POST ${admin}/auth/password_reset`]: Response.json({ username: "ada" }),
      [`POST ${admin}/auth/login`]: ({ body }) =>
        body.includes("123456") ? Response.json(session) : Response.json({ error: wanted }, { status: 401 }),
    };
    const { code, sent } = await run(["login", "--reset", "once"], answers, {
      answers: ["secret-1", "secret-1", "123456"],
    });
    expect(code).toBe(0);
    expect(sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { token: "once", password: "secret-1" },
      { username: "ada", password: "secret-1" },
      { username: "ada", password: "secret-1", totp: "123456" },
    ]);
    const stdin = { stdin: "ada\nsecret-1\n" };
    expect((await run(["login"], answers, stdin)).code).toBe(2);
    expect((await run(["login", "--totp", "123456"], answers, stdin)).code).toBe(0);
    expect((await run(["login", "--totp", "0"], answers, stdin)).code).toBe(3);
  });

  test("two different passwords make nothing", async () => {
    const { code, sent } = await run(["login", "--setup", "once"], {}, { answers: ["ada", "one", "two"] });
    expect([code, sent.length]).toEqual([7, 0]);
  });

  test.each([
    ["--token", ["login", "--token", "pic_x"], {}],
    ["the environment", ["login"], { PICLOUD_TOKEN: "pic_x" }],
  ])("a token of %s is tried before it is stored", async (_, args, env) => {
    const answers: Answers = {
      [`GET ${admin}/auth/me`]: ({ headers }) =>
        headers.get("authorization") === "Bearer pic_x"
          ? Response.json(owner)
          : envelope(401, "unauthenticated"),
    };
    const { code, io } = await run(args, answers, { env });
    expect(code).toBe(0);
    expect(await readProfiles(io)).toMatchObject({ default: { token: "pic_x", username: "ada" } });
    const refused = await run(["login", "--token", "pic_bad", "--profile", "other"], answers);
    expect(refused.code).toBe(3);
    expect(Object.keys(await readProfiles(refused.io))).toEqual(["default"]);
  });

  test("wrong password is 3, an empty stdin is 2, a server that is away is 6", async () => {
    const wrong = { [`POST ${admin}/auth/login`]: envelope(401, "unauthenticated") };
    expect((await run(["login"], wrong, { stdin: "ada\nno\n" })).code).toBe(3);
    const empty = await run(["login"], wrong);
    expect([empty.code, empty.sent.length]).toEqual([2, 0]);
    expect((await run(["login"], {}, { stdin: "ada\nno\n" })).code).toBe(6);
  });
});
