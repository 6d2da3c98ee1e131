import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { httpLoad, parseWrk } from "./http-load.ts";

test("what wrk prints is read with its units and errors", () => {
  const text = `Running 1s test @ http://127.0.0.1:1/
  1 threads and 16 connections
  Latency Distribution
     50%  512.00us
     99%    1.25ms
  18112 requests in 1.10s, 3.03MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 7
Requests/sec:  16465.90
`;
  expect(parseWrk(text)).toEqual({
    requestsPerSecond: 16465.9,
    p50Ms: 0.512,
    p99Ms: 1.25,
    requests: 18112,
    failures: 10,
  });
});

test("the own generator counts answers and failures of a real server", async () => {
  let served = 0;
  const server = createServer((request, response) => {
    served++;
    response.statusCode = request.url === "/bad" ? 500 : 200;
    // With and without a length: keep-alive must hold for both.
    if (served % 2 === 0) response.setHeader("content-length", 2);
    response.write("o");
    response.end("k");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const good = await httpLoad("own", { url: `http://127.0.0.1:${port}/`, connections: 4, seconds: 0.3 });
    expect(good.requests).toBe(served);
    expect(good.failures).toBe(0);
    expect(good.p99Ms).toBeGreaterThanOrEqual(good.p50Ms);
    const bad = await httpLoad("own", { url: `http://127.0.0.1:${port}/bad`, connections: 1, seconds: 0.1 });
    expect(bad.failures).toBe(bad.requests);
  } finally {
    server.close();
  }
});
