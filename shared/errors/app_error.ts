// The one error that crosses layers. Verbs throw it; only the edge turns it into an answer.
import { ERROR_CATALOGUE, type ErrorCode, isErrorCode } from "./catalogue.ts";
import type { ErrorEntry } from "./error_entry.ts";

/** One thing that is wrong with the input: where, and why, without its value. */
export interface ErrorIssue {
  /** Path into the input, such as `body.attendees.0.email`. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** What an error may carry beside its code. */
export interface AppErrorOptions {
  /** What really happened; logged by kind and code, never shown. */
  readonly cause?: unknown;
  readonly issues?: readonly ErrorIssue[];
  /** A better text for the caller than the catalogue's; must be safe to show. */
  readonly detail?: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number;
}

/** An expected failure with a code of the catalogue. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly issues: readonly ErrorIssue[];
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;

  /**
   * @param code A code of the catalogue; it decides the status and the texts.
   * @param options Cause, issues, a more specific detail.
   */
  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.issues = options.issues ?? [];
    this.detail = options.detail ?? ERROR_CATALOGUE[code].detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The HTTP status that the catalogue gives this code. */
  get status(): number {
    return this.entry.status;
  }

  /** The row of the catalogue. */
  get entry(): ErrorEntry {
    return ERROR_CATALOGUE[this.code];
  }
}

/** The part of a PostgREST error that we read. */
export interface PostgrestErrorLike {
  /** A state of the database; exceptions of the platform have a number here. */
  readonly code?: string | number | null;
  readonly message?: string | null;
  readonly name?: string;
}

/** SQLSTATEs and PostgREST codes whose meaning for the caller is always the same. */
const CODE_BY_STATE: Readonly<Record<string, ErrorCode>> = {
  // PostgREST: zero or many rows where one was asked for
  PGRST116: "not_found",
  // PostgREST: no connection, pool exhausted, or schema cache not loaded
  PGRST000: "upstream_unavailable",
  PGRST001: "upstream_unavailable",
  PGRST002: "upstream_unavailable",
  PGRST003: "upstream_timeout",
  // PostgREST: the token was refused
  PGRST300: "internal_error",
  PGRST301: "invalid_token",
  PGRST302: "unauthenticated",
  PGRST303: "invalid_token",
  "42501": "forbidden",
  "23505": "conflict",
  "23P01": "conflict",
  "40001": "conflict",
  "40P01": "conflict",
  "55P03": "conflict",
  "23502": "invalid_request",
  "23503": "invalid_request",
  "23514": "invalid_request",
  "22P02": "invalid_request",
  "22P05": "invalid_request",
  "22021": "invalid_request",
  "22001": "invalid_request",
  "22003": "invalid_request",
  "22007": "invalid_request",
  "22008": "invalid_request",
  "22023": "invalid_request",
  "57014": "upstream_timeout",
};

/** Names that the fetch standard gives to a call that was cut off by its time limit. */
const TIMEOUT_NAMES: ReadonlySet<string> = new Set(["TimeoutError", "AbortError"]);

/**
 * Translates what the database answered into an error of the catalogue.
 *
 * SQL functions raise `sqlstate 'PTxyz' using message = '<code>'`: a known code is passed on. A
 * text that is no code never reaches the caller, whatever it says.
 *
 * @param error The `error` of a PostgREST answer, or what was thrown while asking.
 * @returns An error to throw, with the original as its cause.
 */
export function fromPostgrestError(error: PostgrestErrorLike | Error): AppError {
  return new AppError(codeOf(error), { cause: error });
}

function codeOf(error: PostgrestErrorLike): ErrorCode {
  const state = typeof error.code === "string" ? error.code : "";
  if (/^PT[45]\d\d$/.test(state)) {
    return isErrorCode(error.message) ? error.message : "internal_error";
  }
  const known = CODE_BY_STATE[state];
  if (known !== undefined) return known;
  // Classes: 08 connection, 53 resources, 57P server shutting down
  if (/^(08|53|57P)/.test(state)) return "upstream_unavailable";
  if (state === "") return codeOfTransport(error);
  return "internal_error";
}

/** The client reports a failed fetch with an empty code and `<name>: <message>` as its message. */
function codeOfTransport(error: PostgrestErrorLike): ErrorCode {
  const name = error.name === undefined || error.name === "Error" || error.name === "PostgrestError"
    ? (error.message ?? "").split(":")[0] ?? ""
    : error.name;
  return TIMEOUT_NAMES.has(name) ? "upstream_timeout" : "upstream_unavailable";
}
