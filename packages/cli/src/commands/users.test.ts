import { expect, test } from "vitest";
import { runPic } from "../program.ts";
import { tableFetch, testIo } from "../test-io.ts";

const env = { PICLOUD_URL: "http://h", PICLOUD_TOKEN: "pic_t" };

test.each([
  ["disable", true, "disabled"],
  ["enable", false, "active"],
])("users %s sends disabled %j and shows the user", async (verb, disabled, state) => {
  const user = { id: "u1", username: "grace", role: "member", state };
  const { fetch, sent } = tableFetch({ "PATCH /api/v1/admin/users/grace": Response.json(user) });
  const io = testIo({ fetch, env });
  expect(await runPic(io, ["users", verb, "grace"])).toBe(0);
  expect(sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ disabled }]);
  expect(io.stdout()).toBe(`username\trole\tstate\tid\ngrace\tmember\t${state}\tu1\n`);
});

test("a user who is not there is 4, with the command that lists them", async () => {
  const { fetch } = tableFetch({
    "PATCH /api/v1/admin/users/nobody": Response.json(
      { error: { code: "not_found", message: "no such user", request_id: "r" } },
      { status: 404 },
    ),
  });
  const io = testIo({ fetch, env });
  expect(await runPic(io, ["users", "disable", "nobody"])).toBe(4);
  expect(io.stderr()).toContain("fix:   pic users ls\n");
});
