// The refresh_token grant: every refresh token is used once, and a stolen one ends the session.

import { z } from "zod";
import { issueAccessToken } from "./access_tokens.ts";
import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import { type AuthRequest, clientOrigin, looseText, readBody } from "./auth_request.ts";
import type { Queryable, Transaction } from "./database.ts";
import { sessionBody } from "./issue_session.ts";
import {
  findActiveRefreshToken,
  findRefreshToken,
  isRefreshToken,
  type RefreshTokenRow,
  swapRefreshToken,
} from "./refresh_tokens.ts";
import { endSession, lockSession, recordRefresh, sessionExpiry } from "./sessions.ts";
import { loadUserJson } from "./user_json.ts";
import { findUserById, isBanned, type JsonObject, updateUser, type UserRow } from "./users.ts";

const refreshBody = z.object({ refresh_token: looseText });

/** Answers POST /token?grant_type=refresh_token. */
export async function refreshSession(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const { refresh_token: text } = await readBody(request, refreshBody);
  if (!isRefreshToken(text)) {
    throw new AuthError(400, "validation_failed", "Refresh token is not valid");
  }
  const result = await deps.db.transaction(async (tx) => await refresh(deps, tx, request, text));
  // Thrown only now: the session that a thief was using has to stay ended.
  if (result === "theft") {
    throw refused("refresh_token_already_used", "Already Used");
  }
  return Response.json(result);
}

async function refresh(
  deps: AuthDeps,
  tx: Transaction,
  request: AuthRequest,
  text: string,
): Promise<JsonObject | "theft"> {
  const now = deps.now();
  const { token, user, sessionId } = await lockRefreshToken(deps, tx, text);
  const next = await chooseNextToken(deps, tx, token, sessionId);
  if (next === "theft") {
    await recordAudit(tx, actingUser(user), "token_revoked", now);
    await endSession(tx, sessionId);
    return next;
  }
  await recordAudit(tx, actingUser(user), "token_refreshed", now);
  if (next.isNew) await recordAudit(tx, actingUser(user), "token_revoked", now);
  const current = next.isNew ? await updateUser(tx, user.id, {}, now) : user;
  const origin = clientOrigin(request);
  const access = await issueAccessToken(
    deps,
    tx,
    current,
    sessionId,
    "token_refresh",
    origin.ipAddress,
  );
  await recordRefresh(tx, sessionId, origin, now);
  return sessionBody(deps, access, next.text, await loadUserJson(tx, current));
}

// The session is locked before its token is read, so that of several refreshes with one token the
// second sees what the first has done.
async function lockRefreshToken(
  deps: AuthDeps,
  tx: Queryable,
  text: string,
): Promise<{ token: RefreshTokenRow; user: UserRow; sessionId: string }> {
  const seen = await findRefreshToken(tx, text);
  if (!seen) throw refused("refresh_token_not_found", "Refresh Token Not Found");
  const user = await findUserById(tx, seen.user_id);
  if (!user) throw refused("refresh_token_not_found", "Refresh Token Not Found");
  if (isBanned(user, deps.now())) throw refused("user_banned", "User Banned");
  const session = seen.session_id ? await lockSession(tx, seen.session_id) : undefined;
  if (!session) throw refused("session_not_found", "No Valid Session Found");
  const expiry = sessionExpiry(session, deps.settings, deps.now());
  if (expiry) throw new AuthError(400, "session_expired", expiry);
  const token = await findRefreshToken(tx, text);
  if (!token) throw refused("refresh_token_not_found", "Refresh Token Not Found");
  return { token, user, sessionId: session.id };
}

// A used token may come again in good faith: the client lost the answer (then its child is still
// unused), or asked several times at once. Everything else is somebody else's copy.
async function chooseNextToken(
  deps: AuthDeps,
  tx: Queryable,
  token: RefreshTokenRow,
  sessionId: string,
): Promise<{ text: string; isNew: boolean } | "theft"> {
  const now = deps.now();
  if (token.revoked) {
    const active = await findActiveRefreshToken(tx, sessionId);
    if (active?.parent === token.token) return { text: active.token, isNew: false };
    const reuseUntil = token.updated_at.getTime() + deps.settings.refreshTokenReuseSeconds * 1000;
    if (now.getTime() > reuseUntil) return "theft";
  }
  return { text: await swapRefreshToken(tx, token, sessionId, now), isNew: true };
}

function refused(
  code:
    | "refresh_token_already_used"
    | "refresh_token_not_found"
    | "session_not_found"
    | "user_banned",
  reason: string,
): AuthError {
  return new AuthError(400, code, `Invalid Refresh Token: ${reason}`);
}
