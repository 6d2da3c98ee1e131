import { errorCatalogue } from "@picloud/contract/values";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseErrorEnvelope, UnreachableError } from "./errors.ts";

describe("parseErrorEnvelope", () => {
  test("keeps everything that the envelope says", () => {
    const error = parseErrorEnvelope(
      {
        error: {
          code: "invalid",
          message: "slug must be …",
          request_id: "r1",
          execution_id: "e1",
          fields: [{ path: "slug", message: "must be …" }, "junk"],
          retry_after_ms: 1000,
          details: { a: 1 },
        },
      },
      422,
    );
    expect(error).toMatchObject({
      code: "invalid",
      wireCode: "invalid",
      status: 422,
      message: "slug must be …",
      requestId: "r1",
      executionId: "e1",
      fields: [{ path: "slug", message: "must be …" }],
      retryAfterMs: 1000,
      details: { a: 1 },
      retryable: false,
    });
  });

  test("a code of a newer server keeps its name and gets the nearest known code", () => {
    const error = parseErrorEnvelope({ error: { code: "brand_new", message: "m", request_id: "r" } }, 409);
    expect(error).toMatchObject({ code: "stale", wireCode: "brand_new", status: 409 });
  });

  test("never throws, and finds no error in anything else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 400, max: 599 }), (body, status) => {
        const error = parseErrorEnvelope(body, status);
        expect(error === undefined || error.code in errorCatalogue).toBe(true);
      }),
    );
    expect(parseErrorEnvelope({ error: "text" }, 500)).toBeUndefined();
    expect(parseErrorEnvelope({ error: { code: 1, message: "m" } }, 500)).toBeUndefined();
  });
});

test("UnreachableError finds the system's reason below the causes of fetch", () => {
  const system = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const both = new AggregateError([system], "");
  expect(new UnreachableError("http://x", new TypeError("fetch failed", { cause: both }))).toMatchObject({
    reason: "ECONNREFUSED",
    message: "no answer from http://x (ECONNREFUSED)",
  });
  expect(new UnreachableError("http://x", "odd").reason).toBe("connection failed");
});
