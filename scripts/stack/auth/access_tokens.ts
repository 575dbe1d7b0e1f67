// Issues the short-lived tokens that say who somebody is.

import { type JWTPayload, SignJWT } from "jose";
import { internalError } from "./auth_error.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { runCustomAccessTokenHook } from "./custom_access_token_hook.ts";
import type { Queryable } from "./database.ts";
import { assuranceLevel, type AuthenticationMethod, findSession } from "./sessions.ts";
import type { UserRow } from "./users.ts";

/** A token and when it ends, in seconds. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * Issues a token for a user in one of their sessions.
 *
 * @param method how the user got here; told to the project's hook
 * @throws {AuthError} when the project's hook refuses or fails
 */
export async function issueAccessToken(
  deps: AuthDeps,
  db: Queryable,
  user: UserRow,
  sessionId: string,
  method: AuthenticationMethod,
  ipAddress: string,
): Promise<AccessToken> {
  const session = await findSession(db, sessionId);
  if (!session) throw internalError("error generating jwt token");
  const now = deps.now();
  const issuedAt = Math.floor(now.getTime() / 1000);
  const expiresAt = issuedAt + deps.settings.jwtExpirySeconds;
  const claims: JWTPayload = {
    iss: deps.issuer,
    sub: user.id,
    aud: user.aud,
    exp: expiresAt,
    iat: issuedAt,
    email: user.email ?? "",
    phone: user.phone ?? "",
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    role: user.role,
    aal: assuranceLevel(session),
    amr: session.amr,
    session_id: sessionId,
    is_anonymous: user.is_anonymous,
  };
  const hook = deps.settings.customAccessTokenHook;
  const finalClaims = hook
    ? await runCustomAccessTokenHook(db, hook, { userId: user.id, claims, method, ipAddress }, now)
    : claims;
  const token = await new SignJWT(finalClaims)
    .setProtectedHeader({ alg: "ES256", kid: deps.signingKeyId, typ: "JWT" })
    .sign(deps.signingKey);
  return { token, expiresAt };
}
