// What a token's claims must say, beyond a good signature. Trust boundary: claims come from a token
// whose signature was checked; anything missing, of the wrong type or too generous is refused.
import type { Caller } from "./caller.ts";

/** Why a token was refused; logged, and never shown to the caller. */
export type TokenRefusal =
  | "absent"
  | "malformed"
  | "algorithm"
  | "header"
  | "signature"
  | "issuer"
  | "audience"
  | "party"
  | "expired"
  | "not_yet_valid"
  | "subject"
  | "session"
  | "role"
  | "anonymous"
  | "keys_unavailable";

/** What one issuer's tokens must look like. */
export interface IssuerRules {
  readonly issuer: string;
  readonly algorithms: readonly string[];
  /** The one audience; null where the issuer sets none and names the party instead. */
  readonly audience: string | null;
  readonly authorizedParties: readonly string[] | null;
  readonly sessionClaim: string;
}

/** Claims of a token, of unknown types. */
export type Claims = Readonly<Record<string, unknown>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Checks the claims of a token.
 *
 * @param claims Claims whose signature was verified.
 * @param rules What the issuer's tokens must look like.
 * @param nowMs The current time.
 * @returns Null when all is well, else the first rule that was broken.
 */
export function checkClaims(
  claims: Claims,
  rules: IssuerRules,
  nowMs: number,
): TokenRefusal | null {
  if (claims["iss"] !== rules.issuer) return "issuer";
  // A list of audiences would make one token good in two places
  if (rules.audience !== null && claims["aud"] !== rules.audience) return "audience";
  if (rules.authorizedParties !== null && !isOneOf(claims["azp"], rules.authorizedParties)) {
    return "party";
  }
  const nowSeconds = nowMs / 1000;
  if (!isTime(claims["exp"]) || claims["exp"] <= nowSeconds) return "expired";
  if (claims["nbf"] !== undefined && (!isTime(claims["nbf"]) || claims["nbf"] > nowSeconds)) {
    return "not_yet_valid";
  }
  // A minute of grace for clocks that differ
  if (claims["iat"] !== undefined && (!isTime(claims["iat"]) || claims["iat"] > nowSeconds + 60)) {
    return "not_yet_valid";
  }
  if (!isText(claims["sub"])) return "subject";
  if (!isText(claims[rules.sessionClaim])) return "session";
  if (claims["role"] !== "authenticated") return "role";
  if (claims["is_anonymous"] !== undefined && claims["is_anonymous"] !== false) return "anonymous";
  return null;
}

/**
 * Reads the caller out of claims that passed `checkClaims`.
 *
 * @param token The token they came in.
 * @param claims Its claims.
 * @param rules The rules that they passed.
 * @returns The caller.
 */
export function toCaller(token: string, claims: Claims, rules: IssuerRules): Caller {
  const orgId = claims["org_id"];
  return {
    userId: String(claims["sub"]),
    sessionId: String(claims[rules.sessionClaim]),
    orgId: typeof orgId === "string" && UUID.test(orgId) ? orgId.toLowerCase() : null,
    token,
    expiresAtMs: Number(claims["exp"]) * 1000,
  };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 255;
}

function isOneOf(value: unknown, allowed: readonly string[]): boolean {
  return typeof value === "string" && allowed.includes(value);
}
