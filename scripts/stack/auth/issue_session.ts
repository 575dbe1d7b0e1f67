// Signs somebody in: a session, its first refresh token and its first access token.

import { type AccessToken, issueAccessToken } from "./access_tokens.ts";
import type { AuthDeps } from "./auth_deps.ts";
import type { Queryable } from "./database.ts";
import { insertRefreshToken } from "./refresh_tokens.ts";
import { type AuthenticationMethod, type ClientOrigin, insertSession } from "./sessions.ts";
import { loadUserJson } from "./user_json.ts";
import { type JsonObject, updateUser, type UserRow } from "./users.ts";

/**
 * Signs a user in.
 *
 * @returns the body that clients keep as their session
 * @throws {AuthError} when the project's hook refuses or fails; the caller's transaction then undoes
 *   the session
 */
export async function issueSession(
  deps: AuthDeps,
  db: Queryable,
  user: UserRow,
  method: AuthenticationMethod,
  origin: ClientOrigin,
): Promise<JsonObject> {
  const now = deps.now();
  const signedIn = await updateUser(db, user.id, { last_sign_in_at: now }, now);
  const sessionId = await insertSession(db, user.id, method, origin, now);
  const refreshToken = await insertRefreshToken(db, user.id, sessionId, null, now);
  const access = await issueAccessToken(deps, db, signedIn, sessionId, method, origin.ipAddress);
  return sessionBody(deps, access, refreshToken, await loadUserJson(db, signedIn));
}

/** The body that clients keep as their session. */
export function sessionBody(
  deps: AuthDeps,
  access: AccessToken,
  refreshToken: string,
  user: JsonObject,
): JsonObject {
  return {
    access_token: access.token,
    token_type: "bearer",
    expires_in: access.expiresAt - Math.floor(deps.now().getTime() / 1000),
    expires_at: access.expiresAt,
    refresh_token: refreshToken,
    user,
  };
}
