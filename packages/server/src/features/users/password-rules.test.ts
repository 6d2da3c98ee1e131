import { expect, test } from "vitest";
import { checkPassword, passwordProblem } from "./password-rules.ts";

test.each([
  "password",
  "PassWord1",
  "12345678",
  "iloveyou",
  "qwertyuiop",
  "trustno1",
  "aaaaaaaaaaaaaaaa",
  "ababababab",
  "picloud!",
  "PiCloud-2026",
  "grace123",
  "gracegrace",
  "Grace.2026!",
])("%j is refused for grace", async (password) => {
  await expect(checkPassword(password, "grace")).rejects.toMatchObject({
    code: "invalid",
    fields: [{ path: "password", message: expect.stringMatching(/^(is|has) /) }],
  });
});

test.each([
  "correct horse battery",
  "long enough",
  "gracehopper was here",
  "パスワードは長い方が良い",
  "password\nqwertyuiop",
  "tr0ub4dor&3",
])("%j is not", async (password) => {
  expect(await passwordProblem(password, "grace")).toBeUndefined();
});
