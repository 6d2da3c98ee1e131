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

const token = `pics_${"aB3-".repeat(10)}xyz`;
test.each([
  `Token ${token}`,
  `Bearer:${token}`,
  `"Bearer ${token}"`,
  `Digest a, Bearer ${token}`,
  `Basic ${Buffer.from(`user:${token}`).toString("base64")}`,
])("a token of ours behind another scheme passes as little: %s", (value) => {
  expect(withoutCredentials(["authorization", value, "Proxy-Authorization", value])).toEqual([]);
});

test.each(["Bearer topic_aaaaaaaaaaaaaaaaaaaa", "Basic dXNlcjpwYXNzd29yZA==", "Bearer abc.def.ghi"])(
  "what is not ours passes: %s",
  (value) => {
    expect(withoutCredentials(["authorization", value])).toEqual(["authorization", value]);
  },
);

test("headers without credentials are the same list", () => {
  const headers = ["accept", "*/*", "x-y", "1"];
  expect(withoutCredentials(headers)).toBe(headers);
  expect(withoutReservedHeaders(headers, true)).toBe(headers);
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

test.each(["picloud_80=x", " __Host-picloud=x", "=picloud_80=x", " = picloud_80=x", "\tpicloud_80=x"])(
  "a script can't set our cookies: %j",
  (value) => {
    const headers = ["set-cookie", "a=1", "set-cookie", value, "x", "picloud_80=x"];
    for (const isShared of [true, false])
      expect(withoutReservedHeaders(headers, isShared)).toEqual(["set-cookie", "a=1", "x", "picloud_80=x"]);
  },
);

test.each(["service-worker-allowed", "clear-site-data", "strict-transport-security", "nel", "alt-svc"])(
  "a script speaks for an origin by %s only where the origin is its own",
  (name) => {
    const headers = ["x", "y", name, "/"];
    expect(withoutReservedHeaders(headers, true)).toEqual(["x", "y"]);
    expect(withoutReservedHeaders(headers, false)).toEqual(headers);
  },
);
