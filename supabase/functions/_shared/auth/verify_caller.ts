// Proves who is calling. Trust boundary: everything in the Authorization header is hostile until the
// signature, the issuer and every claim were checked. A token that is present and bad is refused;
// it never counts as no token.
import type { Clock } from "@shared/platform/clock.ts";
import type { PlatformEnv } from "../env/platform_env.ts";
import type { Caller } from "./caller.ts";
import { fixedKeys, type KeySource, RemoteKeys } from "./key_sets.ts";
import { TokenCache } from "./token_cache.ts";
import { checkClaims, type Claims, type IssuerRules, toCaller } from "./token_rules.ts";
import type { TokenRefusal } from "./token_rules.ts";

/** What verifying came to. */
export type Verification =
  | { readonly caller: Caller; readonly refusal: null }
  | { readonly caller: null; readonly refusal: TokenRefusal };

/** Verifies the credentials of a request. */
export type VerifyCaller = (request: Request) => Promise<Verification>;

/** What the verifier needs from outside. */
export interface VerifyCallerDeps {
  readonly env: Pick<PlatformEnv, "supabaseUrl" | "issuer" | "jwks" | "trustedIssuers">;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

interface TrustedKeys {
  readonly rules: IssuerRules;
  readonly keys: KeySource;
}

/** Longer than any token of ours; a longer one is not worth decoding. */
const MAX_TOKEN_LENGTH = 8_192;
// The scheme's case means nothing (RFC 9110)
const BEARER = /^bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * Makes the verifier of one function. It keeps verified tokens for seconds, so make it once.
 *
 * @param deps Issuers, keys, clock and network.
 * @returns The verifier.
 *
 * @example Refusing whoever is not signed in
 * ```ts ignore
 * const { caller, refusal } = await verifyCaller(request);
 * if (caller === null) throw new AppError(refusal === "absent" ? "unauthenticated" : "invalid_token");
 * ```
 */
export function createVerifyCaller(deps: VerifyCallerDeps): VerifyCaller {
  const trusted = trustedIssuers(deps);
  const cache = new TokenCache(deps.clock);

  return async (request) => {
    const header = request.headers.get("authorization");
    if (header === null) return refused("absent");
    // By the whole header: only one that was found good is ever remembered
    const known = cache.get(header);
    if (known !== undefined) return { caller: known, refusal: null };

    const token = header.length <= MAX_TOKEN_LENGTH ? BEARER.exec(header)?.[1] : undefined;
    if (token === undefined) return refused("malformed");
    const verification = await verifyToken(token, trusted, deps);
    if (verification.caller !== null) cache.set(header, verification.caller);
    return verification;
  };
}

function trustedIssuers({ env, fetch, clock }: VerifyCallerDeps): ReadonlyMap<string, TrustedKeys> {
  const trusted = new Map<string, TrustedKeys>();
  for (const other of env.trustedIssuers) {
    trusted.set(other.issuer, {
      rules: {
        issuer: other.issuer,
        algorithms: other.algorithms,
        audience: null,
        authorizedParties: other.authorized_parties,
        sessionClaim: other.session_claim,
      },
      keys: new RemoteKeys(other.jwks_url, fetch, clock),
    });
  }
  // Last, so that no setting can stand in for our own issuer
  trusted.set(env.issuer, {
    rules: {
      issuer: env.issuer,
      algorithms: ["ES256"],
      audience: "authenticated",
      authorizedParties: null,
      sessionClaim: "session_id",
    },
    keys: fixedKeys(env.jwks),
  });
  return trusted;
}

async function verifyToken(
  token: string,
  trusted: ReadonlyMap<string, TrustedKeys>,
  deps: VerifyCallerDeps,
): Promise<Verification> {
  if (!token.split(".").every(isCanonical)) return refused("malformed");
  const header = decodePart(token, 0);
  const unverified = decodePart(token, 1);
  if (header === null || unverified === null) return refused("malformed");
  const issuer = trusted.get(String(unverified["iss"]));
  if (issuer === undefined) return refused("issuer");
  const { rules } = issuer;
  if (!rules.algorithms.includes(String(header["alg"]))) return refused("algorithm");
  // Headers that would bring a key along or change how the rest is read
  if (["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"].some((name) => name in header)) {
    return refused("header");
  }
  if (header["typ"] !== undefined && header["typ"] !== "JWT") return refused("header");

  const claims = await verifySignature(token, String(header["kid"]), issuer, deps);
  if (typeof claims === "string") return refused(claims);
  const refusal = checkClaims(claims, rules, deps.clock.now().getTime());
  return refusal === null
    ? { caller: toCaller(token, claims, rules), refusal: null }
    : refused(refusal);
}

async function verifySignature(
  token: string,
  kid: string,
  { rules, keys }: TrustedKeys,
  { env }: VerifyCallerDeps,
): Promise<Claims | TokenRefusal> {
  let keySet;
  try {
    keySet = await keys.keysFor(kid);
  } catch {
    return "keys_unavailable";
  }
  // Loaded with the first token, so that starting a function does not wait for it
  const { verifyCredentials } = await import("@supabase/server/core");
  const { data, error } = await verifyCredentials({ token, apikey: null }, {
    auth: "user",
    issuer: rules.issuer,
    ...(rules.audience === null ? {} : { audience: rules.audience }),
    env: { url: env.supabaseUrl, publishableKeys: {}, secretKeys: {}, jwks: keySet },
  });
  if (error === null && data.jwtClaims !== null) return data.jwtClaims;
  return refusalOf(error);
}

/** The library's verdict in our words; which one it is matters to the log only. */
function refusalOf(error: { readonly cause?: unknown } | null): TokenRefusal {
  const cause = error?.cause as { readonly code?: string; readonly claim?: string } | undefined;
  if (cause?.code === "ERR_JWT_EXPIRED") return "expired";
  if (cause?.code === "ERR_JWT_CLAIM_VALIDATION_FAILED") {
    const byClaim: Readonly<Record<string, TokenRefusal>> = {
      iss: "issuer",
      aud: "audience",
      nbf: "not_yet_valid",
      exp: "expired",
    };
    return byClaim[cause.claim ?? ""] ?? "malformed";
  }
  return "signature";
}

/** Base64url whose unused last bits are zero: one token must not have many spellings. */
function isCanonical(part: string): boolean {
  const last = part.at(-1) ?? "";
  if (part.length % 4 === 2) return "AQgw".includes(last);
  if (part.length % 4 === 3) return "AEIMQUYcgkosw048".includes(last);
  return part.length % 4 === 0;
}

function decodePart(token: string, index: number): Claims | null {
  try {
    const part = (token.split(".")[index] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Claims
      : null;
  } catch {
    return null;
  }
}

function refused(refusal: TokenRefusal): Verification {
  return { caller: null, refusal };
}
