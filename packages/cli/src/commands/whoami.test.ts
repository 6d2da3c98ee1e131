/** Who is asking, and the keys that they make. */
import { describe, expect, test } from "vitest";
import { runPic } from "../program.ts";
import { tableFetch, testIo } from "../test-io.ts";
import type { Answers, TestIoOptions } from "../test-io.ts";

const admin = "/api/v1/admin";
const owner = { id: "u1", username: "ada", role: "owner" };
const loggedIn = { PICLOUD_URL: "http://h", PICLOUD_TOKEN: "pic_t" };

async function run(args: readonly string[], answers: Answers, options: TestIoOptions = {}) {
  const io = testIo({ fetch: tableFetch(answers).fetch, ...options });
  const code = await runPic(io, args);
  return { code, stdout: io.stdout(), stderr: io.stderr() };
}

const envelope = (status: number, code: string): Response =>
  Response.json({ error: { code, message: `it is ${code}`, request_id: "r1" } }, { status });

describe("whoami", () => {
  test("one row with role, server and profile", async () => {
    const answers = { [`GET ${admin}/auth/me`]: Response.json(owner) };
    const tsv = await run(["whoami"], answers, { env: loggedIn });
    expect(tsv.stdout).toBe("id\tusername\trole\turl\tprofile\nu1\tada\towner\thttp://h\tdefault\n");
    const json = await run(["--output", "json", "whoami"], answers, { env: loggedIn });
    expect(JSON.parse(json.stdout)).toEqual({ ...owner, url: "http://h", profile: "default" });
  });

  test("with a key also its name, its bounds and when it ends", async () => {
    const key = {
      id: "k1",
      name: "ci",
      scopes: ["kv"],
      app_id: null,
      expires_at: "2026-12-01T00:00:00.000Z",
    };
    const answers = { [`GET ${admin}/auth/me`]: Response.json({ ...owner, key }) };
    const { stdout } = await run(["whoami", "--output", "json"], answers, { env: loggedIn });
    expect(JSON.parse(stdout)).toMatchObject({
      ...owner,
      key: "ci",
      scopes: ["kv"],
      expires_at: key.expires_at,
    });
  });

  test("not logged in is 3 with the command that mends it", async () => {
    const answers = { [`GET ${admin}/auth/me`]: envelope(401, "unauthenticated") };
    const { code, stderr } = await run(["whoami", "--url", "http://h"], answers);
    expect([code, stderr]).toEqual([
      3,
      "error[unauthenticated]: it is unauthenticated\nfix:   pic login --url http://h\n",
    ]);
  });
});

describe("api-keys mint", () => {
  test("the token alone is on stdout's row; that it is shown once is said beside it", async () => {
    const key = { id: "k1", name: "ci", prefix: "abcd1234", scopes: ["kv"], raw_token: "pic_abcd1234_x" };
    const answers = { [`POST ${admin}/api_keys`]: Response.json(key, { status: 201 }) };
    const args = ["api-keys", "mint", "ci", "--scopes", "kv", "--output", "json"];
    const { code, stdout, stderr } = await run(args, answers, { env: loggedIn });
    expect([code, JSON.parse(stdout)]).toEqual([0, key]);
    expect(stderr).toContain("can't show it again");
    expect(stderr).not.toContain("pic_abcd1234_x");
  });
});
