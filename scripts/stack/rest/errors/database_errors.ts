// Translates what the database says into answers: its SQLSTATE decides about the status.
import { RestError } from "./rest_error.ts";

/** An error of the server, with the parts that travel on. */
interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

const BEARER: readonly [string, string] = ["WWW-Authenticate", "Bearer"];

/** The database cannot be reached. */
export function connectionError(details: string): RestError {
  return new RestError(503, {
    code: "PGRST000",
    message: "Database connection error. Retrying the connection.",
    details,
  }, { headers: [["Retry-After", "0"]] });
}

/** All connections were in use for too long. */
export function poolTimeout(): RestError {
  return new RestError(504, {
    code: "PGRST003",
    message: "Timed out acquiring connection from connection pool.",
  });
}

/** The connection broke while it was used. */
function clientError(details: string): RestError {
  return new RestError(503, {
    code: "PGRST001",
    message: "Database client error. Retrying the connection.",
    details,
  }, { headers: [["Retry-After", "0"]] });
}

const BY_STATE: Readonly<Record<string, number>> = {
  "23503": 409,
  "23505": 409,
  "25006": 405,
  "42P01": 404,
  "42P17": 500,
  "53400": 500,
  "57P01": 503,
  "P0001": 400,
};

const BY_CLASS: Readonly<Record<string, number>> = {
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "25": 500,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "53": 503,
  "54": 500,
  "55": 500,
  "57": 500,
  "58": 500,
  "F0": 500,
  "HV": 500,
  "P0": 500,
  "XX": 500,
};

function statusFor({ code, message }: ServerError, isAuthenticated: boolean): number {
  switch (code) {
    case "21000":
      return message.endsWith("requires a WHERE clause") ? 400 : 500;
    case "22023":
      return message.startsWith("role") && message.endsWith("does not exist") ? 401 : 400;
    case "42883":
      return message.startsWith("function xmlagg(") ? 406 : 404;
    case "42501":
      return isAuthenticated ? 403 : 401;
  }
  if (code.startsWith("PT")) {
    const status = /^\d+$/.test(code.slice(2)) ? Number(code.slice(2)) : 500;
    return status >= 200 && status <= 599 ? status : 500;
  }
  return BY_STATE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 400;
}

function parseError(details: string, hint: string): RestError {
  return new RestError(500, {
    code: "PGRST121",
    message: `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`,
    details,
    hint,
  });
}

function asRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isOptionalText(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || isText(value);
}

const MESSAGE_HINT = "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and " +
  "optional keys: 'details', 'hint'.";
const DETAIL_HINT = "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and " +
  "optional key: 'status_text'.";

// `raise sqlstate 'PGRST'` with JSON in its message and detail says all of the answer itself.
function customError({ message, detail }: ServerError): RestError {
  const body = asRecord(message);
  if (
    !body || !isText(body.code) || !isText(body.message) || !isOptionalText(body.details) ||
    !isOptionalText(body.hint)
  ) {
    return parseError(`Invalid JSON value for MESSAGE: '${message}'`, MESSAGE_HINT);
  }
  if (detail === undefined) {
    return parseError("DETAIL is missing in the RAISE statement", DETAIL_HINT);
  }
  const answer = asRecord(detail);
  const headers = typeof answer?.headers === "object" && answer.headers !== null
    ? Object.entries(answer.headers)
    : undefined;
  const valid = headers?.every((pair): pair is [string, string] => isText(pair[1]));
  if (!answer || typeof answer.status !== "number" || !headers || !valid) {
    return parseError(`Invalid JSON value for DETAIL: '${detail}'`, DETAIL_HINT);
  }
  return new RestError(answer.status, {
    code: body.code,
    message: body.message,
    details: body.details ?? null,
    hint: body.hint ?? null,
  }, {
    headers,
    statusText: isText(answer.status_text) ? answer.status_text : undefined,
  });
}

function isServerError(error: unknown): error is ServerError {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return isText(code) && isText(severity);
}

/**
 * Translates an error of a transaction.
 *
 * @param error What was thrown.
 * @param isAuthenticated Whether the caller has another role than callers without a token.
 */
export function databaseError(error: unknown, isAuthenticated: boolean): RestError {
  if (error instanceof RestError) return error;
  if (!isServerError(error)) {
    return clientError(error instanceof Error ? error.message : String(error));
  }
  if (error.code === "PGRST") return customError(error);
  const status = statusFor(error, isAuthenticated);
  const headers = [
    ...(status === 401 ? [BEARER] : []),
    ...(status === 503 ? [["Retry-After", "0"] as const] : []),
  ];
  return new RestError(status, {
    code: error.code,
    message: error.message,
    details: error.detail ?? null,
    hint: error.hint ?? null,
  }, {
    headers,
    statusText: error.code.startsWith("PT") ? error.message : undefined,
  });
}
