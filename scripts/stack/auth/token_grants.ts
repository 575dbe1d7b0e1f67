// POST /token: a password, a refresh token or the code of a finished flow, for a session.

import { z } from "zod";
import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError, internalError, OAuthError } from "./auth_error.ts";
import {
  type AuthRequest,
  clientOrigin,
  looseText,
  readBody,
  requestAudience,
} from "./auth_request.ts";
import { issueSession } from "./issue_session.ts";
import { findWeakness } from "./password_rules.ts";
import { finishFlow } from "./pkce.ts";
import { refreshSession } from "./refresh_session.ts";
import { findUserByEmail, findUserById, hasPassword, isBanned, type UserRow } from "./users.ts";

const passwordBody = z.object({ email: looseText, phone: looseText, password: looseText });
const pkceBody = z.object({ auth_code: looseText, code_verifier: looseText });
const idTokenBody = z.object({ id_token: looseText, provider: looseText });

/** Answers POST /token. */
export async function grantToken(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  switch (request.query.get("grant_type")) {
    case "password":
      return await grantForPassword(deps, request);
    case "refresh_token":
      return await refreshSession(deps, request);
    case "pkce":
      return await grantForAuthCode(deps, request);
    case "id_token":
      return await refuseIdToken(request);
    case "web3":
      throw new AuthError(422, "web3_provider_disabled", "Web3 provider is disabled");
    default:
      throw new AuthError(400, "invalid_credentials", "unsupported_grant_type");
  }
}

async function grantForPassword(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const { email, phone, password } = await readBody(request, passwordBody);
  if (email !== "" && phone !== "") {
    const message = "Only an email address or phone number should be provided on login.";
    throw new AuthError(400, "validation_failed", message);
  }
  if (phone !== "") {
    throw new AuthError(422, "phone_provider_disabled", "Phone logins are disabled");
  }
  if (email === "") throw new AuthError(400, "validation_failed", "missing email or phone");
  const user = await findUserByEmail(deps.db, email, requestAudience(request));
  if (!user || !hasPassword(user)) throw invalidLogin();
  if (isBanned(user, deps.now())) throw new AuthError(400, "user_banned", "User is banned");
  await requirePassword(deps, user, password);
  if (!user.email_confirmed_at) {
    throw new AuthError(400, "email_not_confirmed", "Email not confirmed");
  }
  const session = await deps.db.transaction(async (tx) => {
    const traits = { provider: "email" };
    await recordAudit(tx, actingUser(user), "login", deps.now(), { traits });
    return await issueSession(deps, tx, user, "password", clientOrigin(request));
  });
  const weakness = findWeakness(password, deps.settings);
  const advice = weakness && { message: weakness.message, reasons: weakness.reasons };
  return Response.json({ ...session, ...(advice && { weak_password: advice }) });
}

async function requirePassword(deps: AuthDeps, user: UserRow, password: string): Promise<void> {
  const isRight = await deps.passwords.matches(password, user.encrypted_password ?? "");
  if (!isRight) throw invalidLogin();
}

async function grantForAuthCode(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const body = await readBody(request, pkceBody);
  if (body.auth_code === "" || body.code_verifier === "") {
    const message = "invalid request: both auth code and code verifier should be non-empty";
    throw new AuthError(400, "validation_failed", message);
  }
  const session = await deps.db.transaction(async (tx) => {
    const now = deps.now();
    const flow = await finishFlow(tx, body.auth_code, body.code_verifier, now);
    const user = await findUserById(tx, flow.user_id);
    if (!user) throw internalError("Database error finding user");
    const method = flow.authentication_method;
    const traits = { provider_type: method };
    await recordAudit(tx, actingUser(user), "login", now, { traits });
    return await issueSession(deps, tx, user, method, clientOrigin(request));
  });
  return Response.json(session);
}

async function refuseIdToken(request: AuthRequest): Promise<never> {
  const body = await readBody(request, idTokenBody);
  if (body.id_token === "") throw new OAuthError("invalid request", "id_token required");
  const message = `Provider (issuer "${body.provider}") is not enabled`;
  throw new AuthError(400, "provider_disabled", message);
}

function invalidLogin(): AuthError {
  return new AuthError(400, "invalid_credentials", "Invalid login credentials");
}
