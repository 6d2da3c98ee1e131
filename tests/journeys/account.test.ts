/** Someone looks after an account of their own with `pic`: profiles, password, second factor, completion in a shell. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { totpCode } from "../../packages/server/src/features/users/totp.ts";
import { decodeBase32 } from "../support/base32.ts";
import { endOf, startChild } from "../support/child-process.ts";
import { loggedInPic } from "../support/pic.ts";
import type { Pic } from "../support/pic.ts";
import { removeFolder, repositoryRoot, startServer, temporaryFolder } from "../support/start-server.ts";
import type { RunningServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const picFile = join(repositoryRoot, "packages", "cli", "bin", "pic.js");
const passwords = ["a long password", "a longer password", "the longest password"] as const;

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

function isInstalled(shell: Shell): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, shell)));
}

let server: RunningServer;
let pic: Pic;
beforeAll(async () => {
  server = await startServer({ env: { PICLOUD_SECRET_KEY: Buffer.alloc(32, 1).toString("base64") } });
  pic = await loggedInPic(server);
}, 120_000);
afterAll(async () => {
  await server.stop();
  await removeFolder(server.dataDir);
}, 60_000);

test("a second profile beside the first; a changed password ends its session", async () => {
  await pic.ok(["login", "--profile", "work", "--url", server.url], `owner\n${passwords[0]}\n`);
  const profiles = await pic.json(["profiles"]);
  expect(profiles).toMatchObject([
    { name: "default", current: true, username: "owner", url: server.url },
    { name: "work", current: false, username: "owner" },
  ]);
  const wrong = await pic.run(["password"], `wrong\n${passwords[1]}\n`);
  expect(wrong.code).not.toBe(0);
  expect(await pic.json(["whoami", "--profile", "work"])).toMatchObject({ profile: "work" });

  const changed = await pic.run(["password", "--output", "json"], `${passwords[0]}\n${passwords[1]}\n`);
  expect([changed.code, JSON.parse(changed.stdout)]).toEqual([0, { revoked_sessions: 1 }]);
  expect((await pic.run(["whoami", "--profile", "work"])).code).toBe(3);
  expect(await pic.json(["whoami"])).toMatchObject({ username: "owner", profile: "default" });
});

test("a user with a password; too short a one is refused by name", async () => {
  const short = await pic.run(["users", "create", "grace"], "short\n");
  expect([short.code, short.stderr]).toEqual([7, expect.stringContaining("password")]);
  expect(await pic.ok(["users", "create", "grace", "--role", "admin"], `${passwords[2]}\n`)).toContain(
    "grace\tadmin\tactive",
  );
});

test("log-ins at the same moment are all remembered", async () => {
  const names = ["p1", "p2", "p3", "p4"];
  const [, token = ""] = /token = "([^"]+)"/.exec(await readFile(pic.credentials, "utf8")) ?? [];
  const runs = names.map(
    async (name) => await pic.run(["login", "--token", "--profile", name, "--url", server.url], `${token}\n`),
  );
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  const remembered = (await pic.json(["profiles"])) as readonly { readonly name: string }[];
  expect(remembered.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});

describe("completion in a real shell", () => {
  let bin: string;
  beforeAll(async () => {
    bin = await temporaryFolder("picloud-bin-");
    await symlink(picFile, join(bin, "pic"));
  });
  afterAll(async () => await removeFolder(bin));

  /** The lines that a shell prints for this script. */
  const linesOf = async (shell: Shell, script: string): Promise<readonly string[]> => {
    const config = join(pic.credentials, "..", "..");
    const child = startChild(shell, ["-c", script], {
      cwd: bin,
      env: { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: config, XDG_CONFIG_HOME: config },
    });
    expect([(await endOf(child, 30_000)).code, child.stderr()]).toEqual([0, ""]);
    return child.stdout().trimEnd().split("\n");
  };
  const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");
  /** How each shell asks, and shows what it was offered. zsh's own `compadd` works on a live line only. */
  const scripts: Readonly<Record<Shell, (words: readonly string[]) => string>> = {
    bash: (words) => `source <(pic completion bash)
      COMP_WORDS=(pic ${quoted(words)}); COMP_CWORD=${words.length}; _pic; printf '%s\\n' "\${COMPREPLY[@]}"`,
    zsh: (words) => `compdef() { :; }; compadd() { print -l -- "\${(@P)2}"; }; _files() { print files; }
      source <(pic completion zsh); words=(pic ${quoted(words)}); CURRENT=${words.length + 1}; _pic`,
    fish: (words) => `pic completion fish | source; complete -C "pic ${words.join(" ")}" ; true`,
  };

  for (const shell of shells) {
    // bash is everywhere that the tests run; the others are tried where they are.
    test.skipIf(shell !== "bash" && !isInstalled(shell))(
      `${shell}: commands and the server's names`,
      async () => {
        const complete = async (...words: string[]): Promise<readonly string[]> =>
          await linesOf(shell, scripts[shell](words));
        expect(await complete("prof")).toEqual(["profiles"]);
        expect(await complete("users", "show", "gr")).toEqual(["grace"]);
        expect(await complete("invoke", "--app", "default", "h")).toEqual(["hello"]);
      },
      60_000,
    );
  }
});

test("a second factor is turned on at a terminal, and off again", async () => {
  const noTerminal = await pic.run(["totp", "on"], `${passwords[1]}\n`);
  expect([noTerminal.code, noTerminal.stderr]).toEqual([7, expect.stringContaining("at a terminal")]);

  const config = join(pic.credentials, "..", "..");
  const env = { PATH: process.env["PATH"] ?? "", HOME: config, XDG_CONFIG_HOME: config, TERM: "dumb" };
  const shown = { text: "" };
  const command = `'${process.execPath}' '${picFile}' totp on`;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], { env });
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => void (shown.text += text));
  const ended = new Promise<number | null>((resolve) => terminal.once("close", resolve));
  await waitFor("the question", () => shown.text.includes("password: "), 20_000);
  terminal.stdin.write(`${passwords[1]}\n`);
  await waitFor("the secret", () => shown.text.includes("code that it shows: "), 20_000);
  const [, secret = ""] = /type its secret there: ([A-Z2-7]+)/.exec(shown.text) ?? [];
  terminal.stdin.write(`${totpCode(decodeBase32(secret), Math.floor(Date.now() / 30_000))}\n`);
  expect(await ended).toBe(0);
  const codes = shown.text.slice(shown.text.indexOf("recovery_code\r\n")).trim().split("\r\n").slice(1);
  expect(codes.length).toBeGreaterThanOrEqual(8);
  expect(shown.text).not.toContain(passwords[1]);

  const login = ["login", "--url", server.url, "--profile", "second"];
  const refused = await pic.run(login, `owner\n${passwords[1]}\n`);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("--totp")]);
  await pic.ok([...login, "--totp", codes[0] ?? ""], `owner\n${passwords[1]}\n`);
  await pic.ok(["totp", "off", "--totp", codes[1] ?? ""], `${passwords[1]}\n`);
  await pic.ok(login, `owner\n${passwords[1]}\n`);
}, 90_000);
