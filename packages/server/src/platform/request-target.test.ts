import net from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PicloudError } from "@picloud/contract";
import { sendError } from "./error-answer.ts";
import { openHttpServer, type HttpServer } from "./http-server.ts";

let server: HttpServer;
beforeAll(async () => {
  server = await openHttpServer({ host: "127.0.0.1", port: 0 }, (request, response) => {
    if (request.method === "POST") {
      sendError(response, new PicloudError("not_found", "Nobody wants this body."), { requestId: "r" });
      return;
    }
    response.end(`<${request.url} ${request.headers.host ?? "no host"}>`);
  });
});
afterAll(async () => await server.close(0));

/** All that the server answers to these bytes. */
async function send(text: string, end = true): Promise<string> {
  const socket = net.connect(Number(new URL(server.url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (answer += chunk));
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject).on("close", () => resolve());
    if (end) socket.end(text, "latin1");
    else socket.write(text, "latin1");
  });
  return answer;
}

function envelopeOf(answer: string): { status: number; code: string } {
  const { error } = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)) as { error: { code: string } };
  return { status: Number(answer.slice(9, 12)), code: error.code };
}

describe("targets", () => {
  test.each([
    ["/x?y", "<//x?y", false],
    ["http://Other:81/x?y#z", "</x?y#z Other:81>", true],
    ["HTTPS://other", "</ other>", true],
    ["http://other?y", "</?y other>", true],
  ])("%s", async (target, expected, isAbsolute) => {
    const answer = await send(`GET ${target} HTTP/1.1\r\nHost: first\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain(isAbsolute ? expected : "</x?y first>");
  });

  test("HTTP/1.0 needs no Host", async () => {
    expect(await send("GET / HTTP/1.0\r\n\r\n")).toContain("</ no host>");
  });

  test.each([
    ["no Host", "GET / HTTP/1.1\r\n\r\n"],
    ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n"],
    ["a Host that is none", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"],
    ["a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
    ["a target with a user", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["no HTTP at all", "\x16\x03\x01\x02\x00"],
    ["a method that is none", "FOO / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["two lengths", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
  ])("%s is 400 in the form of every error", async (_, text) => {
    expect(envelopeOf(await send(text))).toEqual({ status: 400, code: "malformed_request" });
  });

  test("headers that are too large are 431, whatever the client goes on sending", async () => {
    const answer = await send(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(2_000_000)}`);
    expect(envelopeOf(answer)).toEqual({ status: 431, code: "too_large" });
  });
});

describe("a body that nobody wants", () => {
  const body = "x".repeat(20_000_000);

  test("is read to its end, so that the client sees the answer; the connection goes on", async () => {
    const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answer = await send(`${post}GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain("</after a>");
  });

  test("holds its connection only for some seconds", { timeout: 15_000 }, async () => {
    const started = performance.now();
    const answer = await send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", false);
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(performance.now() - started).toBeLessThan(12_000);
  });

  test("fetch is told, every time", { timeout: 30_000 }, async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) {
      const answer = await fetch(server.url, { method: "POST", body });
      await answer.arrayBuffer();
      statuses.push(answer.status);
    }
    expect(statuses).toEqual(Array(10).fill(404));
  });
});
