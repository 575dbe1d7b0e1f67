// Verifies the tokens that this stack issues, and remembers the good ones until they expire.

import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from "jose";
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

/** Somebody else whose tokens count, as a project's third-party sign-in does. */
export interface TrustedIssuer {
  readonly issuer: string;
  /** Where its keys are published; asked when a token names a key that isn't known yet. */
  readonly jwksUrl: string;
}

/** How a verifier differs from the default one. */
export interface TokenVerifierOptions {
  readonly trustedIssuers?: readonly TrustedIssuer[];
  /** The present moment in milliseconds. */
  readonly now?: () => number;
  /** How many tokens are remembered; the one unused for longest goes first. */
  readonly maxEntries?: number;
  /** Seconds by which clocks may differ. */
  readonly clockToleranceSeconds?: number;
}

interface KeyRules {
  readonly keySet: JWTVerifyGetKey;
  readonly algorithms: string[];
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
 * Other issuers count only when they are listed, and only with their own keys.
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
  const ownRules: KeyRules = {
    keySet: createLocalJWKSet({ keys: keys.jwks.keys.map(toPublishedKey) }),
    algorithms: ["ES256"],
  };
  const foreignRules = new Map((options.trustedIssuers ?? []).map((trusted) => {
    return [trusted.issuer, toForeignRules(trusted)] as const;
  }));
  // No setting may stand in for the stack itself.
  foreignRules.delete(issuer);
  foreignRules.delete(API_KEY_ISSUER);
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
    const foreign = foreignRules.get(unverifiedIssuer(jwt));
    const rules = foreign ?? ownRules;
    const payload = await verifySignatureAndTimes(jwt, rules, now(), clockToleranceSeconds);
    if (foreign) requirePersonalRole(payload);
    else requireOrigin(payload, issuer);
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
  { keySet, algorithms }: KeyRules,
  now: number,
  clockTolerance: number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(jwt, keySet, {
      algorithms,
      currentDate: new Date(now),
      clockTolerance,
      requiredClaims: ["exp"],
    });
    return payload;
  } catch (error) {
    throw toTokenError(error);
  }
}

// Chooses which keys to try, nothing more: the signature is checked with the keys of this issuer.
function unverifiedIssuer(jwt: string): string {
  try {
    return decodeJwt(jwt).iss ?? "";
  } catch {
    return "";
  }
}

function toForeignRules({ jwksUrl }: TrustedIssuer): KeyRules {
  return {
    keySet: createRemoteJWKSet(new URL(jwksUrl)),
    algorithms: ["ES256", "RS256"],
  };
}

function requireOrigin(payload: JWTPayload, issuer: string): void {
  if (payload.iss === API_KEY_ISSUER) return;
  if (payload.iss !== issuer) throw new TokenError("issuer", "Unexpected token issuer");
  const audiences = Array.isArray(payload.aud) ? payload.aud : [payload.aud];
  if (!audiences.includes(TOKEN_AUDIENCE)) {
    throw new TokenError("audience", "Unexpected token audience");
  }
}

// Others may say who somebody is, not that they are a server.
function requirePersonalRole(payload: JWTPayload): void {
  if (payload.role === TOKEN_AUDIENCE) return;
  throw new TokenError("issuer", `Tokens of other issuers must have role ${TOKEN_AUDIENCE}`);
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
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSTimeout) {
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
