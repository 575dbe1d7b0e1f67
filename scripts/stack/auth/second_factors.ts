// /factors: second factors of the signed-in person. Only TOTP; telephones and passkeys are refused.

import * as OTPAuth from "otpauth";
import { renderSVG } from "uqr";
import { z } from "zod";
import { issueAccessToken } from "./access_tokens.ts";
import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError, internalError } from "./auth_error.ts";
import {
  type AuthRequest,
  type Caller,
  clientOrigin,
  isUuid,
  looseText,
  readBody,
  requireCaller,
} from "./auth_request.ts";
import type { Transaction } from "./database.ts";
import {
  CHALLENGE_LIFETIME_MS,
  deleteExpiredFactors,
  deleteFactor,
  deleteUnverifiedFactors,
  type FactorRow,
  findFactor,
  insertChallenge,
  insertTotpFactor,
  listFactors,
  lockChallenge,
  markChallengeVerified,
  updateFactor,
} from "./factors.ts";
import { sessionBody } from "./issue_session.ts";
import { replaceRefreshTokens } from "./refresh_tokens.ts";
import {
  endSingleFactorSessions,
  lockSession,
  raiseSession,
  recordMethod,
  type SessionRow,
} from "./sessions.ts";
import { loadUserJson } from "./user_json.ts";
import type { JsonObject } from "./users.ts";

const enrollBody = z.object({
  factor_type: looseText,
  friendly_name: looseText,
  issuer: looseText,
  phone: looseText,
});
const verifyBody = z.object({ challenge_id: looseText, code: looseText });

type SignedIn = Caller & { readonly session: SessionRow };

/** Answers POST /factors. */
export async function enrollFactor(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const caller = await requireSession(deps, request);
  const body = await readBody(request, enrollBody);
  requireTotp(deps, body.factor_type);
  const secret = new OTPAuth.Secret({ size: 20 });
  const uri = new OTPAuth.TOTP({
    issuer: body.issuer || new URL(deps.settings.siteUrl).host,
    label: caller.user.email ?? "",
    secret,
  }).toString();
  const id = crypto.randomUUID();
  const ipAddress = clientOrigin(request).ipAddress;
  await deps.db.transaction(async (tx) => {
    const now = deps.now();
    // One enrolment of a person at a time, so that the limits below hold.
    await lockSession(tx, caller.session.id);
    await deleteExpiredFactors(tx, now);
    await requireRoomForFactor(deps, tx, caller, body.friendly_name);
    const factor = { id, userId: caller.user.id, friendlyName: body.friendly_name };
    await insertTotpFactor(tx, factor, secret.base32, now);
    const traits = { factor_id: id };
    await recordAudit(tx, actingUser(caller.user), "factor_in_progress", now, {
      ipAddress,
      traits,
    });
  });
  return Response.json({
    id,
    type: "totp",
    friendly_name: body.friendly_name,
    totp: { qr_code: renderSVG(uri, { ecc: "H", pixelSize: 3 }), secret: secret.base32, uri },
  });
}

/** Answers POST /factors/:id/challenge. */
export async function challengeFactor(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const caller = await requireSession(deps, request);
  const factor = await requireFactor(deps, request, caller);
  requireTotp(deps, factor.factor_type);
  const { ipAddress } = clientOrigin(request);
  const challenge = await deps.db.transaction(async (tx) => {
    const now = deps.now();
    const traits = { factor_id: factor.id, factor_status: factor.status };
    await recordAudit(tx, actingUser(caller.user), "challenge_created", now, {
      ipAddress,
      traits,
    });
    return await insertChallenge(tx, factor.id, ipAddress, now);
  });
  const expiresAt = Math.floor((challenge.created_at.getTime() + CHALLENGE_LIFETIME_MS) / 1000);
  return Response.json({ id: challenge.id, type: factor.factor_type, expires_at: expiresAt });
}

/** Answers POST /factors/:id/verify: a right code raises the session to aal2. */
export async function verifyFactor(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const caller = await requireSession(deps, request);
  const factor = await requireFactor(deps, request, caller);
  const body = await readBody(request, verifyBody);
  if (body.code === "") throw invalid("Code needs to be non-empty");
  requireTotp(deps, factor.factor_type);
  const { ipAddress } = clientOrigin(request);
  const result = await deps.db.transaction(async (tx) => {
    const challengeId = await requireChallenge(deps, tx, factor, body.challenge_id, ipAddress);
    requireRightCode(deps, factor, body.code);
    const now = deps.now();
    const traits = {
      factor_id: factor.id,
      challenge_id: challengeId,
      factor_type: factor.factor_type,
    };
    await recordAudit(tx, actingUser(caller.user), "verification_attempted", now, {
      ipAddress,
      traits,
    });
    await markChallengeVerified(tx, challengeId, now);
    if (factor.status !== "verified") {
      await updateFactor(tx, factor.id, { status: "verified" }, now);
    }
    return await raiseToSecondLevel(deps, tx, caller, factor, ipAddress);
  });
  return Response.json(result);
}

/** Answers DELETE /factors/:id. */
export async function unenrollFactor(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const caller = await requireSession(deps, request);
  const factor = await requireFactor(deps, request, caller);
  if (factor.status === "verified" && caller.session.aal !== "aal2") {
    const message = "AAL2 required to unenroll verified factor";
    throw new AuthError(422, "insufficient_aal", message);
  }
  await deps.db.transaction(async (tx) => {
    const traits = {
      factor_id: factor.id,
      factor_status: factor.status,
      session_id: caller.session.id,
    };
    const { ipAddress } = clientOrigin(request);
    await recordAudit(tx, actingUser(caller.user), "factor_unenrolled", deps.now(), {
      ipAddress,
      traits,
    });
    await deleteFactor(tx, factor);
  });
  return Response.json({ id: factor.id });
}

// The refresh token changes as well, and the earlier ones are void: what was issued for a password
// alone must not be able to fetch tokens of the second level.
async function raiseToSecondLevel(
  deps: AuthDeps,
  tx: Transaction,
  { user, session }: SignedIn,
  factor: FactorRow,
  ipAddress: string,
): Promise<JsonObject> {
  const now = deps.now();
  if (!await lockSession(tx, session.id)) throw internalError("Session is gone");
  await recordMethod(tx, session.id, "totp", now);
  await raiseSession(tx, session.id, factor.id);
  const refreshToken = await replaceRefreshTokens(tx, user.id, session.id, now);
  const access = await issueAccessToken(deps, tx, user, session.id, "totp", ipAddress);
  await endSingleFactorSessions(tx, user.id);
  await deleteUnverifiedFactors(tx, user.id, factor.factor_type);
  return sessionBody(deps, access, refreshToken, await loadUserJson(tx, user));
}

async function requireChallenge(
  deps: AuthDeps,
  tx: Transaction,
  factor: FactorRow,
  challengeId: string,
  ipAddress: string,
): Promise<string> {
  const challenge = isUuid(challengeId)
    ? await lockChallenge(tx, factor.id, challengeId)
    : undefined;
  if (!challenge) {
    const message = "MFA factor with the provided challenge ID not found";
    throw new AuthError(422, "mfa_factor_not_found", message);
  }
  if (challenge.verified_at || challenge.ip_address !== ipAddress) {
    const message = "Challenge and verify IP addresses mismatch.";
    throw new AuthError(422, "mfa_ip_address_mismatch", message);
  }
  if (deps.now().getTime() > challenge.created_at.getTime() + CHALLENGE_LIFETIME_MS) {
    const message = `MFA challenge ${challenge.id} has expired, verify against another challenge ` +
      "or create a new challenge.";
    throw new AuthError(422, "mfa_challenge_expired", message);
  }
  return challenge.id;
}

function requireRightCode(deps: AuthDeps, factor: FactorRow, code: string): void {
  const totp = new OTPAuth.TOTP({ secret: factor.secret ?? "" });
  const timestamp = deps.now().getTime();
  const isRight = /^\d{6}$/.test(code) &&
    totp.validate({ token: code, timestamp, window: 1 }) !== null;
  if (!isRight) {
    throw new AuthError(422, "mfa_verification_failed", "Invalid TOTP code entered");
  }
}

async function requireRoomForFactor(
  deps: AuthDeps,
  tx: Transaction,
  { user, session }: SignedIn,
  friendlyName: string,
): Promise<void> {
  const factors = await listFactors(tx, user.id);
  if (factors.some((factor) => (factor.friendly_name ?? "") === friendlyName)) {
    const message =
      `A factor with the friendly name "${friendlyName}" for this user already exists`;
    throw new AuthError(422, "mfa_factor_name_conflict", message);
  }
  if (factors.length >= deps.settings.maximumFactors) {
    const message = "Maximum number of verified factors reached, unenroll to continue";
    throw new AuthError(422, "too_many_enrolled_mfa_factors", message);
  }
  const hasVerified = factors.some(({ status }) => status === "verified");
  if (hasVerified && session.aal !== "aal2") {
    throw new AuthError(403, "insufficient_aal", "AAL2 required to enroll a new factor");
  }
}

function requireTotp(deps: AuthDeps, factorType: string): void {
  switch (factorType) {
    case "totp":
      if (deps.settings.isTotpEnabled) return;
      throw new AuthError(422, "mfa_totp_enroll_not_enabled", "MFA enroll is disabled for TOTP");
    case "phone":
      throw new AuthError(422, "mfa_phone_enroll_not_enabled", "MFA enroll is disabled for Phone");
    case "webauthn": {
      const message = "MFA enroll is disabled for WebAuthn";
      throw new AuthError(422, "mfa_webauthn_enroll_not_enabled", message);
    }
    default:
      throw invalid("factor_type needs to be totp, phone, or webauthn");
  }
}

async function requireSession(deps: AuthDeps, request: AuthRequest): Promise<SignedIn> {
  const { session, ...caller } = await requireCaller(deps, request);
  if (caller.claims.is_anonymous === true) {
    const message = "Anonymous user not allowed to perform these actions";
    throw new AuthError(403, "no_authorization", message);
  }
  if (!session) {
    throw internalError("A valid session and a registered user are required to enroll a factor");
  }
  return { ...caller, session };
}

async function requireFactor(
  deps: AuthDeps,
  request: AuthRequest,
  { user }: Caller,
): Promise<FactorRow> {
  const { factorId } = request.params;
  if (!isUuid(factorId)) {
    throw new AuthError(404, "validation_failed", "factor_id must be an UUID");
  }
  const factor = await findFactor(deps.db, user.id, factorId);
  if (!factor) throw new AuthError(404, "mfa_factor_not_found", "Factor not found");
  return factor;
}

function invalid(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}
