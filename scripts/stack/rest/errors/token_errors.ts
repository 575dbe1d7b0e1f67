// Errors of the bearer token (PGRST3xx).
import { RestError } from "./rest_error.ts";

function challenge(message: string): ReadonlyArray<readonly [string, string]> {
  const description = JSON.stringify(message);
  return [["WWW-Authenticate", `Bearer error="invalid_token", error_description=${description}`]];
}

function undecodable(message: string, details: string | null = null): RestError {
  return new RestError(401, { code: "PGRST301", message, details }, {
    headers: challenge(message),
  });
}

function unacceptableClaims(message: string): RestError {
  return new RestError(401, { code: "PGRST303", message }, { headers: challenge(message) });
}

/** `Authorization: Bearer` without a token. */
export function emptyToken(): RestError {
  return undecodable("Empty JWT is sent in Authorization header");
}

/** A token is three parts with dots between them. */
export function unexpectedTokenParts(parts: number): RestError {
  return undecodable(`Expected 3 parts in JWT; got ${parts}`);
}

/** Nobody may call without a token. */
export function tokenRequired(): RestError {
  return new RestError(401, { code: "PGRST302", message: "Anonymous access is disabled" }, {
    headers: [["WWW-Authenticate", "Bearer"]],
  });
}

const CLAIM_MESSAGES: Readonly<Record<string, string>> = {
  aud: "JWT not in audience",
  exp: "JWT expired",
  iat: "JWT issued at future",
  nbf: "JWT not yet valid",
};

function claimMessage(claim: string | undefined, reason: string | undefined): string {
  if (reason === "invalid" && claim !== undefined && claim !== "aud") {
    return `The JWT '${claim}' claim must be a number`;
  }
  return CLAIM_MESSAGES[claim ?? ""] ?? "Parsing claims failed";
}

const CLOCK_SKEW_SECONDS = 30;

/** The claims that are numbers, and whether they lie on the wrong side of now. */
const TIME_CLAIMS: Readonly<Record<string, (value: number, now: number) => boolean>> = {
  exp: (value, now) => value < now - CLOCK_SKEW_SECONDS,
  nbf: (value, now) => value > now + CLOCK_SKEW_SECONDS,
  iat: (value, now) => value > now + CLOCK_SKEW_SECONDS,
};

function isAudience(value: unknown): boolean {
  const names = Array.isArray(value) ? value : [value];
  return names.every((name) => typeof name === "string");
}

/**
 * Checks the claims that mean something to the API itself, whatever their verifier made of them.
 *
 * @throws {RestError} PGRST303 when one of them does not hold.
 */
export function checkClaims(claims: Readonly<Record<string, unknown>>): void {
  const now = Math.floor(Date.now() / 1000);
  for (const [claim, isWrong] of Object.entries(TIME_CLAIMS)) {
    const value = claims[claim];
    if (value === undefined || value === null) continue;
    if (typeof value !== "number") throw unacceptableClaims(claimMessage(claim, "invalid"));
    if (isWrong(value, now)) throw unacceptableClaims(claimMessage(claim, undefined));
  }
  if (claims.aud !== undefined && claims.aud !== null && !isAudience(claims.aud)) {
    throw unacceptableClaims("The JWT 'aud' claim must be a string or an array of strings");
  }
}

/** What a verifier's error may tell about itself. */
interface VerifierError {
  readonly code?: string;
  readonly claim?: string;
  readonly reason?: string;
}

function isVerifierError(error: unknown): error is VerifierError {
  return typeof error === "object" && error !== null;
}

/**
 * Translates the failure of a token verifier.
 *
 * @param error What the verifier threw: an error of the signature library, or one with a `reason`.
 * @returns PGRST301 for a token that cannot be trusted, PGRST303 for claims that do not hold.
 */
export function tokenError(error: unknown): RestError {
  if (error instanceof RestError) return error;
  const { code, claim, reason } = isVerifierError(error) ? error : {};
  switch (code ?? reason) {
    case "ERR_JWT_EXPIRED":
    case "expired":
      return unacceptableClaims("JWT expired");
    case "not_yet_valid":
      return unacceptableClaims("JWT not yet valid");
    case "audience":
      return unacceptableClaims("JWT not in audience");
    case "ERR_JWT_CLAIM_VALIDATION_FAILED":
      return unacceptableClaims(claimMessage(claim, reason));
    case "ERR_JOSE_ALG_NOT_ALLOWED":
    case "ERR_JOSE_NOT_SUPPORTED":
    case "algorithm":
      return undecodable(
        "Wrong or unsupported encoding algorithm",
        "JWT is unsecured but expected 'alg' was not 'none'",
      );
    default:
      return undecodable(
        "No suitable key or wrong key type",
        "None of the keys was able to decode the JWT",
      );
  }
}
