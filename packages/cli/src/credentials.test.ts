import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  checkedProfileName,
  credentialsPath,
  readProfiles,
  updateProfiles,
  writeProfiles,
} from "./credentials.ts";
import { checkedUrl, resolveSession } from "./session.ts";
import { testIo } from "./test-io.ts";

let homeDir: string;
beforeEach(async () => {
  homeDir = await mkdtemp(join(tmpdir(), "picloud-home-"));
});
afterEach(async () => await rm(homeDir, { recursive: true }));

const profile = { url: "http://127.0.0.1:8080", token: "pics_a", username: "ada" };

describe("the file", () => {
  test("is in the platform's folder", () => {
    expect(credentialsPath(testIo({ homeDir }))).toBe(join(homeDir, ".config/picloud/credentials.toml"));
    const xdg = testIo({ homeDir, env: { XDG_CONFIG_HOME: "/etc/me" } });
    expect(credentialsPath(xdg)).toBe("/etc/me/picloud/credentials.toml");
    const relative = testIo({ homeDir, env: { XDG_CONFIG_HOME: "me" } });
    expect(credentialsPath(relative)).toBe(join(homeDir, ".config/picloud/credentials.toml"));
    const mac = { ...testIo({ homeDir }), platform: "darwin" as const };
    expect(credentialsPath(mac)).toBe(join(homeDir, "Library/Application Support/picloud/credentials.toml"));
  });

  test("gives back what was written, whatever the texts are", async () => {
    const io = testIo({ homeDir });
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,20}$/),
          fc.record({ url: fc.string(), token: fc.string(), username: fc.string() }),
          { minKeys: 1, maxKeys: 3 },
        ),
        async (profiles) => {
          await writeProfiles(io, profiles);
          expect(await readProfiles(io)).toEqual({ ...profiles });
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is readable by its owner alone, in a folder that is too", async () => {
    const io = testIo({ homeDir });
    await writeProfiles(io, { default: profile });
    const path = credentialsPath(io);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  });

  test("is refused, unread, when others may read it", async () => {
    const io = testIo({ homeDir });
    await writeProfiles(io, { default: profile });
    await chmod(credentialsPath(io), 0o640);
    await expect(readProfiles(io)).rejects.toMatchObject({
      failure: { code: "credentials_exposed", exitCode: 3, fix: `chmod 600 '${credentialsPath(io)}'` },
    });
  });

  test("changes made at the same time are all kept, and no lock is left", async () => {
    const io = testIo({ homeDir });
    const names = Array.from({ length: 20 }, (_, i) => `p${i}`);
    await Promise.all(
      names.map(async (name) => await updateProfiles(io, (now) => ({ ...now, [name]: profile }))),
    );
    expect(Object.keys(await readProfiles(io)).toSorted()).toEqual(names.toSorted());
    expect(await readdir(dirname(credentialsPath(io)))).toEqual(["credentials.toml"]);
  });

  test("a lock that was left over is named, with the command that removes it", async () => {
    const io = testIo({ homeDir });
    const lock = `${credentialsPath(io)}.lock`;
    await writeProfiles(io, { default: profile });
    await writeFile(lock, "1\n");
    await expect(updateProfiles(io, () => ({}), 100)).rejects.toMatchObject({
      failure: { code: "credentials_locked", exitCode: 5, fix: `rm '${lock}'` },
    });
    expect(await readProfiles(io)).toEqual({ default: profile });
    expect(await readFile(lock, "utf8")).toBe("1\n");
  });

  test("a folder that can't be made is an error that names the file", async () => {
    const io = testIo({ homeDir: join(homeDir, "file") });
    await writeFile(io.homeDir, "");
    await expect(updateProfiles(io, () => ({ default: profile }))).rejects.toMatchObject({
      failure: { code: "credentials_unwritable", message: `${credentialsPath(io)} can't be written` },
    });
  });

  test("goes with its last profile, and may be gone already", async () => {
    const io = testIo({ homeDir });
    await writeProfiles(io, { default: profile });
    await writeProfiles(io, {});
    await writeProfiles(io, {});
    expect(await readProfiles(io)).toEqual({});
  });

  test.each(["not toml", "[default]\nurl = 1", "default = 1", '[default]\nurl = "x"'])(
    "%j is refused in one sentence and left as it is",
    async (text) => {
      const io = testIo({ homeDir });
      const path = credentialsPath(io);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { mode: 0o600 });
      await expect(readProfiles(io)).rejects.toMatchObject({ failure: { exitCode: 7 } });
      expect(await readFile(path, "utf8")).toBe(text);
    },
  );

  test("a profile's name can be a table of it", () => {
    expect(checkedProfileName("work-2")).toBe("work-2");
    expect(() => checkedProfileName("a.b")).toThrow('"a.b" is not a profile name');
  });
});

describe("the session", () => {
  const session = async (env: Record<string, string>, flags = {}) =>
    await resolveSession(testIo({ homeDir, env }), flags);

  beforeEach(
    async () =>
      await writeProfiles(testIo({ homeDir }), { default: profile, work: { ...profile, token: "w" } }),
  );

  test("is the profile's", async () => {
    expect(await session({})).toMatchObject({ url: profile.url, token: "pics_a", profileName: "default" });
    expect(await session({ PIC_PROFILE: "work" })).toMatchObject({ token: "w", profileName: "work" });
    expect(await session({ PIC_PROFILE: "work" }, { profile: "default" })).toMatchObject({ token: "pics_a" });
  });

  test("a profile that was named and is not there is an error; the default one may be missing", async () => {
    const failure = {
      code: "no_profile",
      message: `${credentialsPath(testIo({ homeDir }))} has no profile "wrok"`,
      cause: "it has default, work",
      fix: "pic login --profile wrok --url https://…",
      exitCode: 3,
    };
    await expect(session({}, { profile: "wrok" })).rejects.toMatchObject({ failure });
    await expect(session({ PIC_PROFILE: "wrok" })).rejects.toMatchObject({ failure });
    await expect(session({ PICLOUD_TOKEN: "t", PIC_PROFILE: "wrok" })).rejects.toMatchObject({ failure });
    expect(await session({ PICLOUD_URL: "http://h" }, { profile: "wrok" })).toMatchObject({
      url: "http://h",
      token: undefined,
    });
    await writeProfiles(testIo({ homeDir }), {});
    expect(await session({})).toMatchObject({ url: "http://127.0.0.1:8080", token: undefined });
  });

  test("the environment beats the file", async () => {
    const env = { PICLOUD_URL: "https://cloud.example/", PICLOUD_TOKEN: "pic_env" };
    expect(await session(env)).toMatchObject({ url: "https://cloud.example", token: "pic_env" });
    expect(await session({ PICLOUD_TOKEN: "pic_env" })).toMatchObject({ url: profile.url, token: "pic_env" });
  });

  test("the environment alone is enough, whatever the file is like", async () => {
    await chmod(credentialsPath(testIo({ homeDir })), 0o644);
    const env = { PICLOUD_URL: "https://cloud.example", PICLOUD_TOKEN: "pic_env" };
    expect(await session(env)).toMatchObject({ token: "pic_env" });
  });

  test("a stored token is not sent to another server", async () => {
    expect(await session({ PICLOUD_URL: "http://evil.example" })).toMatchObject({
      url: "http://evil.example",
      token: undefined,
      note: expect.stringContaining("not sent") as string,
    });
    expect(await session({ PICLOUD_URL: "http://127.0.0.1:8080/" })).toMatchObject({ token: "pics_a" });
  });
});

test("a server's URL has one form", () => {
  expect(checkedUrl("HTTP://Host:80/base//")).toBe("http://host/base");
  for (const text of ["host:8080", "ftp://host", "http://u:p@host", ""]) {
    expect(() => checkedUrl(text)).toThrow("is not the URL of a server");
  }
});
