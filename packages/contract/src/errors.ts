/** The error catalogue: the only place where a code gets its HTTP status. Codes are API: never renamed or reused. */

interface ErrorEntry {
  readonly status: number;
  /** Who has to act: the caller, the author of the script, or whoever runs the system. */
  readonly blame: "caller" | "script" | "system";
  readonly retryable: boolean;
  readonly meaning: string;
}

export const errorCatalogue = {
  malformed_request: {
    status: 400,
    blame: "caller",
    retryable: false,
    meaning: "The body is not JSON, or a header, path or query is malformed.",
  },
  target_is_module: {
    status: 400,
    blame: "caller",
    retryable: false,
    meaning: "A route or trigger points at a module; only endpoints can run.",
  },
  input_invalid: {
    status: 400,
    blame: "caller",
    retryable: false,
    meaning: "The request does not fit the script's own input schema.",
  },
  unauthenticated: {
    status: 401,
    blame: "caller",
    retryable: false,
    meaning: "No credentials, or they are not valid (any more).",
  },
  forbidden: {
    status: 403,
    blame: "caller",
    retryable: false,
    meaning: "The principal is known and lacks the capability.",
  },
  csrf: {
    status: 403,
    blame: "caller",
    retryable: false,
    meaning: "A request with the session cookie lacks the proof that it comes from the same origin.",
  },
  not_found: {
    status: 404,
    blame: "caller",
    retryable: false,
    meaning: "Nothing has this path, id or name here.",
  },
  method_not_allowed: {
    status: 405,
    blame: "caller",
    retryable: false,
    meaning: "The path exists, but not for this method.",
  },
  app_gone: { status: 410, blame: "caller", retryable: false, meaning: "The app is being deleted." },
  already_exists: {
    status: 409,
    blame: "caller",
    retryable: false,
    meaning: "Something with this name exists already.",
  },
  not_empty: {
    status: 409,
    blame: "caller",
    retryable: false,
    meaning: "What is to be deleted still has content.",
  },
  in_use: { status: 409, blame: "caller", retryable: false, meaning: "Something else still refers to it." },
  last_owner: {
    status: 409,
    blame: "caller",
    retryable: false,
    meaning: "The last owner can't be removed, disabled or demoted.",
  },
  stale: {
    status: 409,
    blame: "caller",
    retryable: false,
    meaning: "It changed since it was read; read it again.",
  },
  idempotency_in_progress: {
    status: 409,
    blame: "caller",
    retryable: true,
    meaning: "A request with this idempotency key is still running.",
  },
  too_large: {
    status: 413,
    blame: "caller",
    retryable: false,
    meaning: "A field or body is over its size limit.",
  },
  range_not_satisfiable: {
    status: 416,
    blame: "caller",
    retryable: false,
    meaning: "Nothing of the file is in the range that was asked for.",
  },
  rate_limited: { status: 429, blame: "caller", retryable: true, meaning: "Too many requests." },
  invalid: {
    status: 422,
    blame: "caller",
    retryable: false,
    meaning: "The JSON breaks the schema or a rule; `fields` says where.",
  },
  invalid_cursor: {
    status: 422,
    blame: "caller",
    retryable: false,
    meaning: "The cursor is not one of this list with this filter.",
  },
  compile_error: {
    status: 422,
    blame: "script",
    retryable: false,
    meaning: "The script does not compile or load.",
  },
  script_error: {
    status: 422,
    blame: "script",
    retryable: false,
    meaning: "The script threw and did not catch.",
  },
  idempotency_key_reused: {
    status: 422,
    blame: "caller",
    retryable: false,
    meaning: "The idempotency key was used for another request.",
  },
  internal: { status: 500, blame: "system", retryable: false, meaning: "A fault of PiCloud." },
  corrupted: {
    status: 500,
    blame: "system",
    retryable: false,
    meaning: "Stored bytes do not match their checksum.",
  },
  commit_unknown: {
    status: 500,
    blame: "system",
    retryable: false,
    meaning: "The answer to a commit was lost; it may have happened.",
  },
  bad_response: {
    status: 502,
    blame: "script",
    retryable: false,
    meaning: "The script's answer is not a valid HTTP response.",
  },
  upstream_failed: {
    status: 502,
    blame: "system",
    retryable: true,
    meaning: "A service that the script called failed.",
  },
  overloaded: { status: 503, blame: "system", retryable: true, meaning: "No execution slot is free." },
  quarantined: {
    status: 503,
    blame: "script",
    retryable: true,
    meaning: "This script version killed its executor too often.",
  },
  executor_lost: {
    status: 503,
    blame: "system",
    retryable: true,
    meaning: "The process that ran the script is gone.",
  },
  conflict_retries: {
    status: 503,
    blame: "system",
    retryable: true,
    meaning: "A transaction script met conflicts in all its attempts.",
  },
  unavailable: {
    status: 503,
    blame: "system",
    retryable: true,
    meaning: "The server can't do this now: starting, draining, or without its database.",
  },
  timeout: { status: 504, blame: "script", retryable: false, meaning: "The script's wall time ran out." },
  cpu_timeout: { status: 504, blame: "script", retryable: false, meaning: "The script's CPU time ran out." },
  memory_limit: {
    status: 507,
    blame: "script",
    retryable: false,
    meaning: "The memory of the script's isolate ran out.",
  },
  operations_limit: {
    status: 507,
    blame: "script",
    retryable: false,
    meaning: "The script made too many operations.",
  },
  depth_limit: {
    status: 507,
    blame: "script",
    retryable: false,
    meaning: "The script's calls were nested too deep.",
  },
  size_limit: {
    status: 507,
    blame: "script",
    retryable: false,
    meaning: "A value or answer of the script is too large.",
  },
  host_calls_limit: {
    status: 507,
    blame: "script",
    retryable: false,
    meaning: "The script made too many service calls.",
  },
  lease_lost: {
    status: 500,
    blame: "system",
    retryable: false,
    meaning: "A delivery lost its node too often; only in dead letters.",
  },
  address_refused: {
    status: 422,
    blame: "script",
    retryable: false,
    meaning: "An outbound request to a refused address; thrown to scripts only.",
  },
  not_configured: {
    status: 422,
    blame: "system",
    retryable: false,
    meaning: "The service is not configured on this server; thrown to scripts only.",
  },
  unsupported_operator: {
    status: 422,
    blame: "script",
    retryable: false,
    meaning: "A filter uses an unknown operator; thrown to scripts only.",
  },
  not_in_transaction: {
    status: 422,
    blame: "script",
    retryable: false,
    meaning: "This call can't be part of a transaction script; thrown to scripts only.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

export interface FieldError {
  /** Dotted path in the request: `limits.cpu_ms`, or the name of a query or path parameter. */
  readonly path: string;
  readonly message: string;
}

export interface PicloudErrorOptions {
  readonly fields?: readonly FieldError[];
  readonly details?: unknown;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  /** Private: goes to the log with its whole chain, never to a caller. */
  readonly cause?: unknown;
}

/** An expected failure with a stable code. `message` is public: no secret, SQL, path or stack. */
export class PicloudError extends Error {
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[] | undefined;
  readonly details: unknown;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: PicloudErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    this.code = code;
    this.fields = options.fields;
    this.details = options.details;
    this.retryable = options.retryable ?? errorCatalogue[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(errorCatalogue, code);
}

/** Body of every error answer, on every path (`api.md` §5). */
export interface ErrorEnvelope {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly request_id: string;
    readonly execution_id?: string;
    readonly fields?: readonly FieldError[];
    readonly retry_after_ms?: number;
    readonly retryable?: boolean;
    readonly details?: unknown;
  };
}
