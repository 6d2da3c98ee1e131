/** What an error of the database means. Constraints have names, so that a violation can become a code of the API. */
import { postgres } from "./postgres-client.ts";
/** SQLSTATE codes (PostgreSQL manual, appendix A). */
const UNIQUE_VIOLATION = "23505";
const SERIALIZATION_FAILURES = new Set(["40001", "40P01"]);
const QUERY_CANCELED = "57014";
const LOCK_NOT_AVAILABLE = "55P03";

/** Of the client and of the operating system, where there is no SQLSTATE. */
const CONNECTION_CODES = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** A second row with the same key; `constraint` narrows it to one constraint or unique index. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof postgres.PostgresError) || error.code !== UNIQUE_VIOLATION) return false;
  return constraint === undefined || error.constraint_name === constraint;
}

/** The name of the constraint that was violated, whatever its kind. */
export function violatedConstraint(error: unknown): string | undefined {
  if (!(error instanceof postgres.PostgresError) || !error.code.startsWith("23")) return undefined;
  return error.constraint_name;
}

/** The transaction may succeed when it is run again from its start: serialization failure or deadlock. */
export function isSerializationFailure(error: unknown): boolean {
  return SERIALIZATION_FAILURES.has(sqlState(error) ?? "");
}

/** The statement itself cannot be stored or computed: classes 22 (data) and 23 (constraint). Trying again is of no use. */
export function isDataError(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error) ?? "");
}

/** `statement_timeout` or a cancel request. */
export function isQueryCanceled(error: unknown): boolean {
  return sqlState(error) === QUERY_CANCELED;
}

/** `lock_timeout`: another transaction holds what the statement needs. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === LOCK_NOT_AVAILABLE;
}

/**
 * The database could not be reached, went away, or refuses connections for now (classes 08, 53, 57P). Whether a
 * commit that was under way took place is then not known.
 */
export function isConnectionError(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return /^(08|53|57P)/.test(state);
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  return error instanceof Error && "code" in error && CONNECTION_CODES.has(String(error.code));
}

function sqlState(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.code : undefined;
}
