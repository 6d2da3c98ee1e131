import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { peerOf, proxyList } from "./peer.ts";

function addressOf(from: string, forwardedFor: string | undefined, proxies: readonly string[]): string {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: from });
  const request = new IncomingMessage(socket);
  if (forwardedFor !== undefined) request.headers["x-forwarded-for"] = forwardedFor;
  return peerOf(request, proxyList(proxies)).address;
}

test("without trusted proxies, or from another address, the header says nothing", () => {
  expect(addressOf("192.0.2.7", "6.6.6.6", [])).toBe("192.0.2.7");
  expect(addressOf("192.0.2.7", "6.6.6.6", ["10.0.0.0/8"])).toBe("192.0.2.7");
});

test.each([
  ["10.0.0.1", undefined, "10.0.0.1"],
  ["::ffff:10.0.0.1", "203.0.113.5", "203.0.113.5"],
  ["10.0.0.1", "6.6.6.6, 203.0.113.5, 10.0.0.2", "203.0.113.5"],
  ["10.0.0.1", "6.6.6.6, 203.0.113.5:4711", "203.0.113.5"],
  ["10.0.0.1", "6.6.6.6, [2001:db8::1]:4711", "2001:db8::1"],
  ["10.0.0.1", "6.6.6.6, [2001:db8::1]", "2001:db8::1"],
  ["10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
])("behind proxies the client is the nearest hop that is none: %s, %s", (from, forwardedFor, client) => {
  expect(addressOf(from, forwardedFor, ["10.0.0.0/8"])).toBe(client);
});

test.each(["unknown", "_hidden", "203.0.113.5 x", "[2001:db8::1", "999.1.1.1:80"])(
  "what the client wrote does not count because the hop after it is %s",
  (hop) => {
    expect(addressOf("10.0.0.1", `6.6.6.6, ${hop}`, ["10.0.0.0/8"])).toBe("10.0.0.1");
  },
);
