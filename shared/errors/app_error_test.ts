import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { AppError, fromPostgrestError, type PostgrestErrorLike } from "./app_error.ts";
import { ERROR_CATALOGUE, type ErrorCode, isErrorCode } from "./catalogue.ts";

function codeOf(error: PostgrestErrorLike): ErrorCode {
  return fromPostgrestError(error).code;
}

Deno.test("fromPostgrestError() passes on a code that the database raised on purpose", () => {
  strictEqual(codeOf({ code: "PT404", message: "not_found" }), "not_found");
  strictEqual(codeOf({ code: "PT409", message: "already_running" }), "already_running");
  strictEqual(fromPostgrestError({ code: "PT403", message: "mfa_required" }).status, 403);
});

Deno.test("U60-035 fromPostgrestError() never passes on a text, whatever the database says", () => {
  const texts = [
    "Ana's deal is worth 3",
    "__proto__",
    "toString",
    "constructor",
    "hasOwnProperty",
    "",
    null,
  ];
  for (const message of texts) strictEqual(codeOf({ code: "PT400", message }), "internal_error");
  strictEqual(codeOf({ code: "P0001", message: "not_found" }), "internal_error");
  strictEqual(codeOf({ code: "PT200", message: "not_found" }), "internal_error");
});

Deno.test("fromPostgrestError() gives every kind of failure its code", () => {
  const expected: Readonly<Record<string, ErrorCode>> = {
    PGRST116: "not_found",
    PGRST301: "invalid_token",
    PGRST302: "unauthenticated",
    PGRST303: "invalid_token",
    PGRST000: "upstream_unavailable",
    PGRST002: "upstream_unavailable",
    PGRST003: "upstream_timeout",
    PGRST202: "internal_error",
    PGRST204: "internal_error",
    "42501": "forbidden",
    "23505": "conflict",
    "40001": "conflict",
    "40P01": "conflict",
    "23502": "invalid_request",
    "23503": "invalid_request",
    "23514": "invalid_request",
    "22P02": "invalid_request",
    "57014": "upstream_timeout",
    "57P01": "upstream_unavailable",
    "08006": "upstream_unavailable",
    "53300": "upstream_unavailable",
    "54001": "internal_error",
    "42P01": "internal_error",
    XX000: "internal_error",
  };
  for (const [code, wanted] of Object.entries(expected)) {
    strictEqual(codeOf({ code, message: "text" }), wanted, code);
  }
});

Deno.test("fromPostgrestError() tells a call that took too long from one that found nobody", () => {
  strictEqual(codeOf({ code: "", message: "TimeoutError: Signal timed out." }), "upstream_timeout");
  strictEqual(
    codeOf({ code: "", message: "AbortError: The signal has been aborted" }),
    "upstream_timeout",
  );
  strictEqual(
    codeOf({ code: "", message: "TypeError: error sending request" }),
    "upstream_unavailable",
  );
  strictEqual(codeOf(new TypeError("connection refused")), "upstream_unavailable");
  strictEqual(codeOf(new DOMException("late", "TimeoutError")), "upstream_timeout");
  strictEqual(codeOf({ message: "" }), "upstream_unavailable");
});

Deno.test("U60-035 every error has a stable code, a 4xx or 5xx status, and texts that are safe to show", () => {
  for (const [code, { status, title, detail }] of Object.entries(ERROR_CATALOGUE)) {
    match(code, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    ok(Number.isInteger(status) && status >= 400 && status < 600, code);
    match(title, /^[A-Z].*[^.]$/, code);
    match(detail, /^[A-Z].*\.$/, code);
    ok(
      !/\b(?:sql|postgres|stack|exception|null|undefined|row|table|token)\b/i.test(
        `${title} ${detail}`,
      ),
      code,
    );
    ok(isErrorCode(code));
  }
});

Deno.test("AppError carries what the catalogue says, and keeps its cause to itself", () => {
  const cause = new Error("inside");
  const error = new AppError("conflict", { cause });
  strictEqual(error.status, 409);
  strictEqual(error.detail, ERROR_CATALOGUE.conflict.detail);
  strictEqual(error.cause, cause);
  strictEqual(error.message, "conflict");
  deepStrictEqual(error.issues, []);
});
