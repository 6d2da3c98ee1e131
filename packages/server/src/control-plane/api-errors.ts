/** Whatever is thrown below the API → one error of the catalogue. */
import { ValidationError } from "@orpc/contract";
import { ORPCError } from "@orpc/server";
import { PicloudError } from "@picloud/contract";
import type { FieldError } from "@picloud/contract";
import type { Context } from "../platform/context.ts";
import {
  isConnectionError,
  isQueryCanceled,
  isSerializationFailure,
} from "../platform/database/pg-errors.ts";

const fieldsShown = 20;

/** Errors of ours as they are; those of oRPC and of the database translated; all else is `internal`, logged here with
 *  its causes and told to nobody. */
export function toPicloudError(error: unknown, log: Context["log"]): PicloudError {
  if (error instanceof PicloudError) return error;
  if (error instanceof ORPCError && error.code === "BAD_REQUEST") {
    if (error.cause instanceof ValidationError) return invalidInput(error.cause.issues);
    return new PicloudError("malformed_request", "The request can't be read.", { cause: error });
  }
  if (isConnectionError(error)) {
    log.warn("database_unavailable", { error });
    return new PicloudError("unavailable", "The database can't be reached; try again.", {
      cause: error,
      retryAfterMs: 1_000,
    });
  }
  if (isQueryCanceled(error) || isSerializationFailure(error)) {
    log.warn("database_busy", { error });
    return new PicloudError("unavailable", "The database is too busy; try again.", {
      cause: error,
      retryAfterMs: 1_000,
    });
  }
  log.error("request_failed", { error });
  return new PicloudError("internal", "Something went wrong in PiCloud. The log has the details.", {
    cause: error,
  });
}

/** Issues of a schema → `invalid` with a field for each. */
export function invalidInput(issues: readonly unknown[]): PicloudError {
  const fields = issues.flatMap(fieldsOf).slice(0, fieldsShown);
  const [first] = fields;
  const message =
    first === undefined ? "The request is not valid." : `${first.path || "body"}: ${first.message}`;
  return new PicloudError("invalid", message, { fields });
}

function fieldsOf(issue: unknown): readonly FieldError[] {
  if (typeof issue !== "object" || issue === null) return [];
  const message = "message" in issue ? String(issue.message) : "is not valid";
  const path = "path" in issue && Array.isArray(issue.path) ? issue.path.map(pathPart) : [];
  if ("code" in issue && issue.code === "unrecognized_keys" && "keys" in issue && Array.isArray(issue.keys)) {
    return issue.keys.map((key) => ({
      path: [...path, String(key)].join("."),
      message: "is not a known field",
    }));
  }
  return [{ path: path.join("."), message }];
}

/** Standard Schema gives keys bare or as `{key}`. */
function pathPart(part: unknown): string {
  return typeof part === "object" && part !== null && "key" in part ? String(part.key) : String(part);
}
