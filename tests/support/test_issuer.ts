// An issuer of tokens for tests: real keys, real signatures, and claims as the auth service sets them.
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { KeySet } from "../../supabase/functions/_shared/env/platform_env.ts";

/** Claims of a token; what is given replaces what a good token has, undefined leaves it out. */
export type TestClaims = Readonly<Record<string, unknown>>;

/** Header of a token; `alg` and `kid` are there already. */
export type TestHeader = Readonly<Record<string, unknown>>;

/** Issues tokens. */
export interface TestIssuer {
  readonly issuer: string;
  readonly jwks: KeySet;
  readonly publicJwk: JWK;
  /** Signs a token that is good but for what is given. */
  sign(claims?: TestClaims, header?: TestHeader): Promise<string>;
}

/**
 * Makes an issuer with a fresh ES256 key.
 *
 * @param issuer Its name in tokens.
 * @param kid The name of its key.
 * @returns The issuer.
 */
export async function createTestIssuer(
  issuer = "http://stack.test/auth/v1",
  kid = "test-key",
): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const publicJwk: JWK = { ...await exportJWK(publicKey), kid, alg: "ES256", use: "sig" };
  return {
    issuer,
    publicJwk,
    jwks: { keys: [{ ...publicJwk, kty: "EC", kid }] },
    sign: (claims = {}, header = {}) => {
      const payload = { ...goodClaims(issuer), ...claims };
      return new SignJWT(withoutUndefined(payload))
        .setProtectedHeader({ alg: "ES256", kid, typ: "JWT", ...header })
        .sign(privateKey);
    },
  };
}

/**
 * The claims of a good token.
 *
 * @param issuer The issuer's name.
 * @returns Claims of a session that began now and lasts an hour.
 */
export function goodClaims(issuer: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: "authenticated",
    sub: "5b6cfa4e-6d0c-4f0e-9c1e-0d4c5b5a7f10",
    role: "authenticated",
    session_id: "0f8fad5b-d9cb-469f-a165-70867728950e",
    aal: "aal1",
    is_anonymous: false,
    iat: now,
    exp: now + 3600,
  };
}

/**
 * Leaves out what is undefined, so that a test can ask for a missing claim.
 *
 * @param values Anything.
 * @returns A copy without the undefined.
 */
export function withoutUndefined(values: TestClaims): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
