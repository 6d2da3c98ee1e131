import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRunning } from "./postgres-adoption.ts";
import {
  identify,
  isAlive,
  pingSocket,
  prepareSocketFolder,
  readPidFile,
  SOCKET_NAME,
} from "./postgres-process.ts";

const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "picloud-process-"));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

describe("the socket folder", () => {
  it("is in the data folder, private, and taken again", () => {
    const made = prepareSocketFolder(folder, own);
    expect(made).toBe(path.join(folder, "run"));
    expect(fs.statSync(made).mode & 0o777).toBe(0o700);
    expect(prepareSocketFolder(folder, own)).toBe(made);
  });

  it("moves to the temporary folder where the path of its socket would be too long", () => {
    const deep = path.join(
      folder,
      "x".repeat(106 - Buffer.byteLength(path.join(folder, "run", SOCKET_NAME))),
    );
    fs.mkdirSync(deep);
    expect(Buffer.byteLength(path.join(deep, "run", SOCKET_NAME))).toBe(107);
    expect(prepareSocketFolder(deep, own)).toBe(path.join(deep, "run"));

    const deeper = `${deep}x`;
    fs.mkdirSync(deeper);
    const moved = prepareSocketFolder(deeper, own);
    try {
      expect(moved).toMatch(new RegExp(`^${os.tmpdir()}/picloud-[0-9a-f]{12}$`));
      expect(fs.statSync(moved).mode & 0o777).toBe(0o700);
      expect(prepareSocketFolder(deeper, own)).toBe(moved);
    } finally {
      fs.rmdirSync(moved);
    }
  });

  it("with another mode, or that is a link, is refused", () => {
    const run = path.join(folder, "run");
    fs.mkdirSync(run);
    fs.chmodSync(run, 0o755);
    expect(() => prepareSocketFolder(folder, own)).toThrow(
      /must be a folder of user \d+ with mode 0700 .*mode 755/,
    );
    fs.rmdirSync(run);
    fs.mkdirSync(path.join(folder, "elsewhere"), { mode: 0o700 });
    fs.symlinkSync("elsewhere", run);
    expect(() => prepareSocketFolder(folder, own)).toThrow("must be a folder of user");
  });

  it.runIf(own.uid === 0)("of another owner is refused", () => {
    const run = prepareSocketFolder(folder, { uid: 54_321, gid: 54_321 });
    expect(fs.statSync(run).uid).toBe(54_321);
    expect(() => prepareSocketFolder(folder, { uid: 54_322, gid: 54_322 })).toThrow(
      "it has user 54321, mode 700",
    );
  });
});

describe("a pid file", () => {
  const write = (text: string): void => fs.writeFileSync(path.join(folder, "postmaster.pid"), text);

  it("is read as far as it is written", () => {
    expect(readPidFile(folder)).toBeUndefined();
    write("");
    expect(readPidFile(folder)).toBeUndefined();
    write("123\n/data\n");
    expect(readPidFile(folder)).toEqual({ pid: 123, socketFolder: "", status: "" });
    write("123\n/data\n1\n5432\n/run\n\n1 2\nready   \n");
    expect(readPidFile(folder)).toEqual({ pid: 123, socketFolder: "/run", status: "ready" });
  });

  it("that names an unrelated program is removed, as PostgreSQL would refuse to start", async () => {
    const other = spawn("sleep", ["60"]);
    write(`${other.pid}\n${folder}\n1\n5432\n${folder}\n\n1 2\nready\n`);
    expect(await findRunning(folder, folder)).toBeUndefined();
    expect(readPidFile(folder)).toBeUndefined();
    other.kill();
    await once(other, "exit");
  });

  it("that names a process that has ended stays for PostgreSQL's own recovery", async () => {
    const other = spawn("true");
    await once(other, "exit");
    write(`${other.pid}\n${folder}\n1\n5432\n${folder}\n\n1 2\nready\n`);
    expect(await findRunning(folder, folder)).toBeUndefined();
    expect(readPidFile(folder)?.pid).toBe(other.pid);
  });

  it("of a server that answers but cannot be seen stops the start", async () => {
    const server = net.createServer((connection) => connection.on("data", () => connection.write("N")));
    server.listen(path.join(folder, SOCKET_NAME));
    await once(server, "listening");
    const ended = spawn("true");
    await once(ended, "exit");
    write(`${ended.pid}\n${folder}\n1\n5432\n${folder}\n\n1 2\nready\n`);
    await expect(findRunning(folder, folder)).rejects.toThrow(
      "is in use by a PostgreSQL that this process cannot see",
    );
    server.close();
  });
});

describe("a process", () => {
  it("that has ended is not alive, and one that is no PostgreSQL is told apart", async () => {
    const child = spawn("sleep", ["60"]);
    expect(isAlive(child.pid ?? 0)).toBe(true);
    expect(identify(child.pid ?? 0, folder)).toBe("other");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(isAlive(child.pid ?? 0)).toBe(false);
    expect(identify(child.pid ?? 0, folder)).toBe("unknown");
  });

  it("is ours only with this data folder", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "--", "-D", folder], {
      argv0: "postgres",
    });
    await once(child, "spawn");
    expect(identify(child.pid ?? 0, folder)).toBe("ours");
    expect(identify(child.pid ?? 0, `${folder}x`)).toBe("postgres");
    child.kill("SIGKILL");
    await once(child, "exit");
  });
});

describe("a ping", () => {
  it("fails where nothing listens, and where something else answers or nothing at all", async () => {
    const socket = path.join(folder, "socket");
    expect(await pingSocket(socket)).toBe(false);
    const answers = ["E", undefined];
    const server = net.createServer((connection) => {
      connection.on("error", () => connection.destroy());
      connection.on("data", () => {
        const answer = answers.shift();
        if (answer !== undefined) connection.write(answer);
      });
    });
    server.listen(socket);
    await once(server, "listening");
    expect(await pingSocket(socket, 100)).toBe(false);
    expect(await pingSocket(socket, 100)).toBe(false);
    server.close();
  });
});
