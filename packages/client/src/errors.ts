/** What can go wrong between a client and PiCloud: it refused, it is not there, or something else answered. */
import { isErrorCode, PicloudError } from "@picloud/contract/values";
import type { ErrorCode, FieldError, PicloudErrorOptions } from "@picloud/contract/values";

interface ApiErrorPlace {
  readonly status: number;
  /** The code as the server wrote it; differs from `code` when the server is newer than this client. */
  readonly wireCode: string;
  readonly requestId?: string | undefined;
  readonly executionId?: string | undefined;
}

/** An error answer of PiCloud (`api.md` §5). */
export class ApiError extends PicloudError {
  readonly status: number;
  readonly wireCode: string;
  readonly requestId: string | undefined;
  readonly executionId: string | undefined;

  constructor(code: ErrorCode, message: string, options: PicloudErrorOptions & ApiErrorPlace) {
    super(code, message, options);
    this.status = options.status;
    this.wireCode = options.wireCode;
    this.requestId = options.requestId;
    this.executionId = options.executionId;
  }
}

/** No answer: nothing listens there, the name is unknown, the connection broke. `reason` is the system's word for it. */
export class UnreachableError extends Error {
  readonly url: string;
  readonly reason: string;

  constructor(url: string, cause: unknown) {
    const reason = reasonOf(cause);
    super(`no answer from ${url} (${reason})`, { cause });
    this.name = "UnreachableError";
    this.url = url;
    this.reason = reason;
  }
}

/** An answer that PiCloud would not give: another program listens at the URL, or a proxy answered in its place. */
export class UnexpectedAnswerError extends Error {
  readonly url: string;
  readonly status: number;

  constructor(url: string, status: number, what: string) {
    super(`${url} does not answer like PiCloud: status ${status}, ${what}`);
    this.name = "UnexpectedAnswerError";
    this.url = url;
    this.status = status;
  }
}

/** The error in an answer's body, or `undefined` when the body is not an error envelope. */
export function parseErrorEnvelope(body: unknown, status: number): ApiError | undefined {
  if (!isRecord(body) || !isRecord(body["error"])) return undefined;
  const { code, message, ...rest } = body["error"];
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  const retryAfterMs = rest["retry_after_ms"];
  const retryable = rest["retryable"];
  const fields = parseFields(rest["fields"]);
  return new ApiError(isErrorCode(code) ? code : codeOfStatus(status), message, {
    status,
    wireCode: code,
    requestId: textOf(rest["request_id"]),
    executionId: textOf(rest["execution_id"]),
    details: rest["details"],
    ...(fields === undefined ? {} : { fields }),
    ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}),
    ...(typeof retryable === "boolean" ? { retryable } : {}),
  });
}

function parseFields(value: unknown): readonly FieldError[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((field: unknown) =>
    isRecord(field) && typeof field["path"] === "string" && typeof field["message"] === "string"
      ? [{ path: field["path"], message: field["message"] }]
      : [],
  );
}

/** Nearest known code for one that this client has not heard of. */
function codeOfStatus(status: number): ErrorCode {
  const known: Readonly<Record<number, ErrorCode>> = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "stale",
    410: "app_gone",
    413: "too_large",
    422: "invalid",
    429: "rate_limited",
    503: "unavailable",
  };
  return known[status] ?? (status >= 500 ? "internal" : "malformed_request");
}

/** `fetch` hides the system's reason in a chain of causes; the innermost code is what helps. */
function reasonOf(cause: unknown): string {
  let reason = "connection failed";
  let error: unknown = cause;
  for (let depth = 0; depth < 8 && error instanceof Error; depth++) {
    reason = "code" in error && typeof error.code === "string" ? error.code : error.message || reason;
    error = error instanceof AggregateError ? error.errors[0] : error.cause;
  }
  return reason;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
