import { ApiError, UnexpectedAnswerError, UnreachableError } from "@picloud/client";
import { errorCatalogue, PicloudError } from "@picloud/contract/values";
import type { ErrorCode } from "@picloud/contract/values";
import { describe, expect, test } from "vitest";
import { exitCodeOf, failureOf, failureText, usageError } from "./failure.ts";

const context = {
  url: "http://127.0.0.1:8080",
  profileFlag: "",
  listCommand: "pic kv ls c",
  typed: "pic deploy a.ts",
};
const codes = Object.keys(errorCatalogue) as ErrorCode[];
const answered = (code: ErrorCode): ApiError =>
  new ApiError(code, "message", { status: errorCatalogue[code].status, wireCode: code });

test("every code of the catalogue has its exit code", () => {
  const byExit = Object.groupBy(codes, (code) => exitCodeOf(answered(code)));
  expect(byExit).toEqual({
    1: [
      "internal",
      "corrupted",
      "commit_unknown",
      "bad_response",
      "upstream_failed",
      "timeout",
      "cpu_timeout",
      "memory_limit",
      "operations_limit",
      "depth_limit",
      "size_limit",
      "host_calls_limit",
      "lease_lost",
    ],
    3: ["unauthenticated", "forbidden", "csrf"],
    4: ["not_found", "app_gone"],
    5: ["already_exists", "not_empty", "in_use", "last_owner", "stale", "idempotency_in_progress"],
    6: ["rate_limited", "overloaded", "quarantined", "executor_lost", "conflict_retries", "unavailable"],
    7: [
      "malformed_request",
      "target_is_module",
      "input_invalid",
      "method_not_allowed",
      "too_large",
      "range_not_satisfiable",
      "invalid",
      "invalid_cursor",
      "compile_error",
      "script_error",
      "idempotency_key_reused",
      "address_refused",
      "not_configured",
      "unsupported_operator",
      "not_in_transaction",
    ],
  });
});

describe("failureOf", () => {
  test("not logged in: the log-in that mends it", () => {
    expect(failureOf(answered("unauthenticated"), { ...context, profileFlag: " --profile w" })).toMatchObject(
      {
        exitCode: 3,
        fix: "pic login --profile w --url http://127.0.0.1:8080",
      },
    );
  });

  test("not found: the list to look in", () => {
    expect(failureOf(answered("not_found"), context)).toMatchObject({ exitCode: 4, fix: "pic kv ls c" });
  });

  test("fields that the message does not name are the cause", () => {
    const options = { status: 422, wireCode: "invalid" };
    const fields = [{ path: "slug", message: "is a reserved word" }];
    const two = new ApiError("invalid", "2 fields are wrong", { ...options, fields });
    expect(failureOf(two, context).cause).toBe("slug is a reserved word");
    const one = new ApiError("invalid", "slug is a reserved word", { ...options, fields });
    expect(failureOf(one, context).cause).toBeUndefined();
  });

  test("a code of a newer server is shown as it came", () => {
    const error = new ApiError("stale", "m", { status: 409, wireCode: "brand_new" });
    expect(failureOf(error, context)).toMatchObject({ code: "brand_new", exitCode: 5 });
  });

  test("busy: when to try again", () => {
    const options = { status: 503, wireCode: "overloaded", retryAfterMs: 1000 };
    expect(failureOf(new ApiError("overloaded", "m", options), context)).toMatchObject({
      exitCode: 6,
      cause: "try again in 1 s",
      fix: "pic deploy a.ts",
    });
  });

  test("unreachable, here and far away", () => {
    const cause = Object.assign(new Error("x"), { code: "ECONNREFUSED" });
    expect(failureOf(new UnreachableError("http://localhost:8080", cause), context)).toMatchObject({
      exitCode: 6,
      fix: "npm start",
    });
    expect(failureOf(new UnreachableError("https://cloud.example", cause), context)).toMatchObject({
      exitCode: 6,
      cause: "ECONNREFUSED",
    });
  });

  test("something else at the URL", () => {
    const error = new UnexpectedAnswerError("http://h", 200, "content type text/html");
    expect(failureOf(error, context)).toMatchObject({ code: "unexpected_answer", exitCode: 6 });
  });

  test("refused before it was sent", () => {
    expect(failureOf(new PicloudError("invalid", "key must not be empty"), context).exitCode).toBe(7);
  });

  test("anything else is a fault of pic, with its stack", () => {
    const failure = failureOf(new RangeError("oh"), context);
    expect(failure).toMatchObject({ code: "bug_in_pic", message: "oh", exitCode: 1 });
    expect(failure.cause).toContain("failure.test.ts");
  });
});

test("the text has five parts, those that there are", () => {
  const all = {
    code: "compile_error",
    message: "m",
    frame: "  --> a.ts:1:1",
    cause: "c",
    fix: "pic x",
    exitCode: 7,
  } as const;
  expect(failureText(all)).toBe("error[compile_error]: m\n  --> a.ts:1:1\ncause: c\nfix:   pic x\n");
  expect(failureText(usageError("m", "pic --help").failure)).toBe("error[usage]: m\nfix:   pic --help\n");
});
