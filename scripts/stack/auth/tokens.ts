// Verifies the tokens that this stack issues, and remembers the good ones until they expire.

import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { StackKeys } from "../contracts.ts";
import { API_KEY_ISSUER } from "./keys.ts";

/** What a person's token names as its audience. */
export const TOKEN_AUDIENCE = "authenticated";

/** Why a token was refused. */
export type TokenRefusal =
  | "malformed"
  | "algorithm"
  | "unknown_key"
  | "signature"
  | "expired"
  | "not_yet_valid"
  | "issuer"
  | "audience";

/** A token that must not be believed. */
export class TokenError extends Error {
  override readonly name = "TokenError";

  constructor(readonly reason: TokenRefusal, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Checks a token and returns its claims (frozen); throws a {@link TokenError} otherwise. */
export type TokenVerifier = (jwt: string) => Promise<JWTPayload>;

/** How a verifier differs from the default one. */
export interface TokenVerifierOptions {
  /** The present moment in milliseconds. */
  readonly now?: () => number;
  /** How many tokens are remembered; the one unused for longest goes first. */
  readonly maxEntries?: number;
  /** Seconds by which clocks may differ. */
  readonly clockToleranceSeconds?: number;
}

interface CacheEntry {
  readonly payload: JWTPayload;
  readonly notBefore: number;
  readonly expiresAt: number;
}

/**
 * Makes the verifier that every room shares. A person's token must come from `issuer` for audience
 * `authenticated`; the tokens behind the API keys come from the platform itself. Only ES256 with a
 * published key counts, so neither `alg: none` nor a public key used as an HMAC secret gets through.
 *
 * Verified tokens are remembered by their text until they expire; refused ones never are. Whether the
 * session behind a token still exists is the database's business, looked up on every request.
 *
 * @param keys the stack's keys
 * @param issuer the auth room's URL, `<url>/auth/v1`
 */
export function createTokenVerifier(
  keys: Pick<StackKeys, "jwks">,
  issuer: string,
  options: TokenVerifierOptions = {},
): TokenVerifier {
  const { now = Date.now, maxEntries = 2_000, clockToleranceSeconds = 0 } = options;
  const keySet = createLocalJWKSet({ keys: keys.jwks.keys.map(toPublishedKey) });
  const cache = new Map<string, CacheEntry>();
  const toleranceMs = clockToleranceSeconds * 1000;

  return async function verify(jwt: string): Promise<JWTPayload> {
    const remembered = cache.get(jwt);
    if (remembered) {
      cache.delete(jwt);
      if (now() < remembered.expiresAt + toleranceMs && now() >= remembered.notBefore) {
        cache.set(jwt, remembered);
        return remembered.payload;
      }
    }
    const payload = await verifySignatureAndTimes(jwt, keySet, now(), clockToleranceSeconds);
    requireOrigin(payload, issuer);
    const entry = {
      payload: deepFreeze(payload),
      notBefore: (payload.nbf ?? 0) * 1000 - toleranceMs,
      expiresAt: (payload.exp ?? 0) * 1000,
    };
    cache.set(jwt, entry);
    if (cache.size > maxEntries) forgetOldest(cache);
    return entry.payload;
  };
}

async function verifySignatureAndTimes(
  jwt: string,
  keySet: ReturnType<typeof createLocalJWKSet>,
  now: number,
  clockTolerance: number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(jwt, keySet, {
      algorithms: ["ES256"],
      currentDate: new Date(now),
      clockTolerance,
      requiredClaims: ["exp"],
    });
    return payload;
  } catch (error) {
    throw toTokenError(error);
  }
}

function requireOrigin(payload: JWTPayload, issuer: string): void {
  if (payload.iss === API_KEY_ISSUER) return;
  if (payload.iss !== issuer) throw new TokenError("issuer", "Unexpected token issuer");
  const audiences = Array.isArray(payload.aud) ? payload.aud : [payload.aud];
  if (!audiences.includes(TOKEN_AUDIENCE)) {
    throw new TokenError("audience", "Unexpected token audience");
  }
}

function toTokenError(error: unknown): TokenError {
  const options = { cause: error };
  if (error instanceof errors.JWTExpired) {
    return new TokenError("expired", "token has invalid claims: token is expired", options);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    const reason = error.claim === "nbf" ? "not_yet_valid" : "malformed";
    return new TokenError(reason, error.message, options);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new TokenError("signature", "token signature is invalid", options);
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return new TokenError("algorithm", "signing method is not allowed", options);
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return new TokenError("unknown_key", "unrecognized JWT kid", options);
  }
  return new TokenError("malformed", "token is malformed", options);
}

function toPublishedKey(jwk: StackKeys["jwks"]["keys"][number]): Record<string, string> {
  const { kty = "EC", crv = "P-256", x = "", y = "", kid } = jwk;
  return { kty, crv, x, y, kid, alg: "ES256" };
}

function forgetOldest(cache: Map<string, CacheEntry>): void {
  const oldest = cache.keys().next();
  if (!oldest.done) cache.delete(oldest.value);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
