// What the auth room answers when it refuses, in both shapes that clients may ask for.

import { hasErrorCode } from "./database.ts";

/** The machine-readable codes that the auth room may answer with. */
export type AuthErrorCode =
  | "anonymous_provider_disabled"
  | "bad_code_verifier"
  | "bad_json"
  | "bad_jwt"
  | "conflict"
  | "current_password_invalid"
  | "current_password_required"
  | "email_conflict_identity_not_deletable"
  | "email_exists"
  | "email_not_confirmed"
  | "email_provider_disabled"
  | "feature_disabled"
  | "flow_state_expired"
  | "flow_state_not_found"
  | "identity_not_found"
  | "insufficient_aal"
  | "invalid_credentials"
  | "manual_linking_disabled"
  | "mfa_challenge_expired"
  | "mfa_factor_name_conflict"
  | "mfa_factor_not_found"
  | "mfa_ip_address_mismatch"
  | "mfa_phone_enroll_not_enabled"
  | "mfa_totp_enroll_not_enabled"
  | "mfa_verification_failed"
  | "mfa_webauthn_enroll_not_enabled"
  | "no_authorization"
  | "not_admin"
  | "otp_disabled"
  | "otp_expired"
  | "over_email_send_rate_limit"
  | "passkey_disabled"
  | "phone_exists"
  | "phone_provider_disabled"
  | "provider_disabled"
  | "reauthentication_needed"
  | "reauthentication_not_valid"
  | "refresh_token_already_used"
  | "refresh_token_not_found"
  | "request_entity_too_large"
  | "same_password"
  | "saml_provider_disabled"
  | "session_expired"
  | "session_not_found"
  | "signup_disabled"
  | "single_identity_not_deletable"
  | "too_many_enrolled_mfa_factors"
  | "unexpected_audience"
  | "unexpected_failure"
  | "unknown"
  | "user_already_exists"
  | "user_banned"
  | "user_not_found"
  | "user_sso_managed"
  | "validation_failed"
  | "weak_password"
  | "web3_provider_disabled";

/** A refusal with the status, code and text that the hosted service would give. */
export class AuthError extends Error {
  override readonly name: string = "AuthError";

  constructor(
    readonly status: number,
    readonly code: AuthErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A password that breaks the rules, with each rule it breaks. */
export class WeakPasswordError extends AuthError {
  override readonly name = "WeakPasswordError";

  constructor(message: string, readonly reasons: readonly string[]) {
    super(422, "weak_password", message);
  }
}

/** A malformed token request, answered in the words of OAuth 2. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";

  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/**
 * Something broke while storing or reading.
 *
 * @param message what was being done
 * @param cause what went wrong; shown to nobody, except for errors that a trigger raised on purpose
 */
export function internalError(message: string, cause?: unknown): AuthError {
  return new AuthError(500, "unexpected_failure", message, { cause });
}

const API_VERSION_HEADER = "x-supabase-api-version";
const NAMED_CODES_VERSION = "2024-01-01";

/**
 * Renders any failure as JSON. Clients that name an API version from 2024-01-01 on get the code as a
 * string in `code`; older ones get the status there and the code in `error_code`.
 *
 * @param error whatever was thrown
 * @param request the request it was thrown for
 */
export function renderError(error: unknown, request: Request): Response {
  const headers = new Headers();
  const hasNamedCodes = asksForNamedCodes(request);
  if (hasNamedCodes) headers.set(API_VERSION_HEADER, NAMED_CODES_VERSION);
  if (error instanceof OAuthError) {
    const body = { error: error.code, error_description: error.message };
    return Response.json(body, { status: 400, headers });
  }
  const refusal = error instanceof AuthError ? error : internalError(
    "Unexpected failure, please check server logs for more information",
    error,
  );
  headers.set("x-sb-error-code", refusal.code);
  if (hasNamedCodes) {
    const body = { code: refusal.code, message: refusal.message, ...weakPasswordDetail(refusal) };
    return Response.json(body, { status: refusal.status, headers });
  }
  return renderWithStatusCode(refusal, headers);
}

function renderWithStatusCode(refusal: AuthError, headers: Headers): Response {
  const raised = raisedInDatabase(refusal.cause);
  if (raised) return Response.json(raised.body, { status: raised.status, headers });
  const body = {
    code: refusal.status,
    error_code: refusal.code,
    msg: refusal.message,
    ...(refusal.status >= 500 && { error_id: crypto.randomUUID() }),
    ...weakPasswordDetail(refusal),
  };
  return Response.json(body, { status: refusal.status, headers });
}

function weakPasswordDetail(error: AuthError): { weak_password?: { reasons: readonly string[] } } {
  return error instanceof WeakPasswordError ? { weak_password: { reasons: error.reasons } } : {};
}

function asksForNamedCodes(request: Request): boolean {
  const version = request.headers.get(API_VERSION_HEADER) ?? "";
  return /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= NAMED_CODES_VERSION;
}

// raise_exception and the integrity constraints: what a project's own triggers on auth.users say.
const PUBLIC_SQLSTATES = new Set(
  ["P0001", "23000", "23001", "23502", "23503", "23505", "23514", "23P01"],
);

function raisedInDatabase(
  cause: unknown,
): { readonly status: number; readonly body: Record<string, string> } | undefined {
  if (!hasErrorCode(cause)) return undefined;
  const chosenStatus = /^PT(\d{3})$/.exec(cause.code)?.[1];
  if (!chosenStatus && !PUBLIC_SQLSTATES.has(cause.code)) return undefined;
  const { code, message, hint, detail } = cause;
  return {
    status: chosenStatus ? Number(chosenStatus) : 500,
    body: { code, message, ...(hint && { hint }), ...(detail && { detail }) },
  };
}
