import fc from "fast-check";
import { expect, test } from "vitest";
import { withoutCredentials, withoutReservedHeaders } from "./credentials.ts";

test("our tokens and cookies are removed, others stay", () => {
  expect(
    withoutCredentials([
      "Authorization",
      "Bearer pics_abc",
      "authorization",
      "Basic eDp5",
      "Cookie",
      "a=1; picloud_8080=pics_x; b=2",
      "cookie",
      "__Host-picloud=x",
      "accept",
      "*/*",
    ]),
  ).toEqual(["authorization", "Basic eDp5", "Cookie", "a=1; b=2", "accept", "*/*"]);
});

test.each(["pic_12345678_x", "bearer PICS_x", "Bearer  piceu_x", "picrt_x"])(
  "token form %s never passes",
  (value) => {
    expect(withoutCredentials(["authorization", value])).toEqual([]);
  },
);

test("headers without credentials are the same list", () => {
  const headers = ["accept", "*/*", "x-y", "1"];
  expect(withoutCredentials(headers)).toBe(headers);
  expect(withoutReservedHeaders(headers)).toBe(headers);
});

test("no list of cookies lets ours through", () => {
  const cookie = fc.constantFrom(
    "picloud_80=pics_a",
    "__Host-picloud=pics_b",
    "x=1",
    "y=picloud_80",
    "",
    " ",
  );
  fc.assert(
    fc.property(fc.array(cookie), (cookies) => {
      const kept = withoutCredentials(["cookie", cookies.join(";")]).join();
      expect(kept).not.toMatch(/pics_/);
    }),
  );
});

test("a script can't set our cookies", () => {
  expect(
    withoutReservedHeaders([
      "set-cookie",
      "a=1",
      "set-cookie",
      "picloud_80=x",
      "service-worker-allowed",
      "/",
      "x",
      "y",
    ]),
  ).toEqual(["set-cookie", "a=1", "x", "y"]);
});
