// POST /logout: ends this session, the others, or all.

import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import { type AuthRequest, requireCaller } from "./auth_request.ts";
import { endSession, endSessions } from "./sessions.ts";

/** Answers POST /logout. */
export async function signOut(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const { user, session } = await requireCaller(deps, request);
  const scope = request.query.get("scope") || "global";
  if (!["global", "local", "others"].includes(scope)) {
    throw new AuthError(400, "validation_failed", `Unsupported logout scope "${scope}"`);
  }
  await deps.db.transaction(async (tx) => {
    await recordAudit(tx, actingUser(user), "logout", deps.now());
    if (session && scope === "local") await endSession(tx, session.id);
    else if (session && scope === "others") await endSessions(tx, user.id, session.id);
    else await endSessions(tx, user.id);
  });
  return new Response(null, { status: 204 });
}
