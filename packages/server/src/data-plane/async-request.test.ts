import { expect, test } from "vitest";
import { requestPayload, storedRequest } from "./async-request.ts";
import type { AsyncRequest } from "./async-request.ts";

const request = (changes: Partial<AsyncRequest["input"]> = {}): AsyncRequest => ({
  input: {
    kind: "http",
    method: "POST",
    url: "http://localhost/orders/caf%C3%A9/x%2Fy?a=1&a=2",
    headers: ["Host", "localhost", "X-Twice", "1", "x-twice", "2"],
    body: Buffer.from(`{"total":4.0}`),
    ...changes,
  },
  route: { id: "r", path: "/orders/:name/*rest" },
  remoteAddr: "::1",
});

test("a request comes back as it was, with the parameters of its route", () => {
  const given = request();
  const { params, input, ...rest } = storedRequest(requestPayload(given));
  expect({ ...input, body: Buffer.from(input.body).toString() }).toEqual({
    ...given.input,
    body: `{"total":4.0}`,
  });
  expect(rest).toEqual({ route: given.route, remoteAddr: "::1" });
  expect(params).toEqual({ name: "café", rest: "x/y" });
});

test("any bytes come back, and the text of the payload has no U+0000", () => {
  for (const body of [
    Buffer.alloc(0),
    Buffer.from("\u0000"),
    Buffer.from("\ufeffé😀"),
    Buffer.from([0xff, 0xfe, 0, 1]),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  ]) {
    const payload = requestPayload(request({ body }));
    expect(payload).not.toContain("\\u0000");
    expect(Buffer.from(storedRequest(payload).input.body).equals(body)).toBe(true);
  }
});

test("credentials are left out, whoever's they are; the caller is kept by name", () => {
  const headers = ["Authorization", "Basic x", "cookie", "a=b", "Proxy-Authorization", "y", "x-a", "1"];
  const caller = { kind: "api_key", id: "k", name: "ci", owner: { secret: true } } as const;
  const payload = requestPayload({ ...request({ headers }), caller });
  expect(payload).not.toMatch(/Basic|a=b|"y"|secret/);
  expect(storedRequest(payload)).toMatchObject({
    input: { headers: ["x-a", "1"] },
    caller: { kind: "api_key", id: "k", name: "ci" },
  });
});
