// GET and POST /verify: a mailed link or code, for a session.

import { z } from "zod";
import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import {
  type AuthRequest,
  clientOrigin,
  looseText,
  readBody,
  requestAudience,
} from "./auth_request.ts";
import type { Transaction } from "./database.ts";
import { requireEmail, requirePhone } from "./email_address.ts";
import { findIdentity, updateIdentityData, updateProviders } from "./identities.ts";
import { issueSession } from "./issue_session.ts";
import { clearOneTimeTokens, hashOtp, PKCE_PREFIX } from "./one_time_tokens.ts";
import { unknownPassword } from "./password_rules.ts";
import { issueAuthCode } from "./pkce.ts";
import { chooseRedirect } from "./redirect_urls.ts";
import type { AuthenticationMethod } from "./sessions.ts";
import { confirmEmail, replacePassword } from "./user_transitions.ts";
import { hasPassword, type JsonObject, updateUser, type UserRow } from "./users.ts";
import { takeEmailChangeCode } from "./verify_email_change.ts";
import { findByCode, findByHash, type VerifiedCode } from "./verify_code.ts";
import { redirectWithError, redirectWithMessage, redirectWithSession } from "./verify_redirect.ts";

const verifyBody = z.object({
  type: looseText,
  token: looseText,
  token_hash: looseText,
  email: looseText,
  phone: looseText,
  redirect_to: looseText,
});

const HALF_CONFIRMED =
  "Confirmation link accepted. Please proceed to confirm link sent to the other email";

/** Answers POST /verify. */
export async function verifyByPost(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const body = await readBody(request, verifyBody);
  requireType(body.type);
  if ((body.token === "") === (body.token_hash === "")) {
    throw invalid("Verify requires either a token or a token hash");
  }
  const result = await deps.db.transaction(async (tx) => {
    const code = body.token === ""
      ? await findByHash(deps, tx, body.type, requireOnlyHash(body))
      : await findByTypedCode(deps, tx, body, requestAudience(request));
    const user = await takeCode(deps, tx, code);
    return user && await issueSession(deps, tx, user, "otp", clientOrigin(request));
  });
  return Response.json(result ?? { code: "200", msg: HALF_CONFIRMED });
}

/** Answers GET /verify, where mailed links lead: sends the person on to the application. */
export async function verifyByLink(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const type = request.query.get("type") ?? "";
  const hash = request.query.get("token") ?? "";
  requireType(type);
  if (hash === "") throw invalid("Verify requires a token or a token hash");
  const target = chooseRedirect(request, deps.settings);
  const isPkce = hash.startsWith(PKCE_PREFIX);
  try {
    const outcome = await deps.db.transaction(async (tx) => {
      return await followLink(deps, tx, request, type, hash);
    });
    if (outcome === undefined) return redirectWithMessage(target, HALF_CONFIRMED, isPkce);
    return redirectWithSession(target, type, outcome);
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return redirectWithError(target, error, isPkce);
  }
}

async function followLink(
  deps: AuthDeps,
  tx: Transaction,
  request: AuthRequest,
  type: string,
  hash: string,
): Promise<JsonObject | string | undefined> {
  const code = await findByHash(deps, tx, type, hash);
  const user = await takeCode(deps, tx, code);
  if (!user) return undefined;
  if (!hash.startsWith(PKCE_PREFIX)) {
    return await issueSession(deps, tx, user, "otp", clientOrigin(request));
  }
  return await issueAuthCode(tx, user.id, flowMethod(type), deps.now());
}

async function findByTypedCode(
  deps: AuthDeps,
  tx: Transaction,
  body: z.output<typeof verifyBody>,
  audience: string,
): Promise<VerifiedCode> {
  if (body.phone !== "" && body.email === "") {
    requirePhone(body.phone);
    throw new AuthError(403, "otp_expired", "Token has expired or is invalid");
  }
  if (body.email === "" || body.phone !== "") {
    throw invalid("Only an email address or phone number should be provided on verify");
  }
  const email = requireEmail(body.email);
  return await findByCode(deps, tx, body.type, email, hashOtp(email, body.token), audience);
}

// Returns nothing when a change of address still waits for the other address.
async function takeCode(
  deps: AuthDeps,
  tx: Transaction,
  { user, type, hash }: VerifiedCode,
): Promise<UserRow | undefined> {
  const now = deps.now();
  if (type === "email_change") {
    const changed = await takeEmailChangeCode(deps, tx, user, hash);
    return changed && await updateProviders(tx, changed, now);
  }
  const isSignUp = type === "signup" || type === "invite";
  const taken = isSignUp
    ? await completeSignUp(deps, tx, user)
    : await completeRecovery(deps, tx, user);
  return await updateProviders(tx, taken, now);
}

async function completeSignUp(
  deps: AuthDeps,
  tx: Transaction,
  user: UserRow,
): Promise<UserRow> {
  const now = deps.now();
  // Somebody invited gets a password that nobody knows until they choose their own.
  if (!hasPassword(user) && user.invited_at) {
    await replacePassword(tx, user.id, await deps.passwords.hash(unknownPassword()), now);
  }
  await recordAudit(tx, actingUser(user), "user_signedup", now, { traits: { provider: "email" } });
  const confirmed = await confirmEmail(tx, user, now);
  const identity = await findIdentity(tx, user.id, "email");
  if (identity && identity.email === user.email) {
    await updateIdentityData(tx, identity, { email_verified: true }, now);
  }
  return confirmed;
}

async function completeRecovery(
  deps: AuthDeps,
  tx: Transaction,
  user: UserRow,
): Promise<UserRow> {
  const now = deps.now();
  await clearOneTimeTokens(tx, user.id);
  const recovered = await updateUser(tx, user.id, { recovery_token: "" }, now);
  if (recovered.email_confirmed_at) {
    await recordAudit(tx, actingUser(user), "login", now);
    return recovered;
  }
  await recordAudit(tx, actingUser(user), "user_signedup", now, { traits: { provider: "email" } });
  return await confirmEmail(tx, recovered, now);
}

function flowMethod(type: string): AuthenticationMethod {
  if (type === "signup") return "email/signup";
  if (type === "invite" || type === "recovery" || type === "email_change") return type;
  return "magiclink";
}

function requireType(type: string): void {
  if (type === "") throw invalid("Verify requires a verification type");
}

function requireOnlyHash(body: z.output<typeof verifyBody>): string {
  if (body.email !== "" || body.phone !== "" || body.redirect_to !== "") {
    throw invalid("Only the token_hash and type should be provided");
  }
  return body.token_hash;
}

function invalid(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}
