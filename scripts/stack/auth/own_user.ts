// GET and PUT /user: what signed-in people see and change of themselves.

import { z } from "zod";
import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import {
  type AuthRequest,
  type Caller,
  looseObject,
  looseText,
  readBody,
  requestAudience,
  requireCaller,
} from "./auth_request.ts";
import type { Transaction } from "./database.ts";
import { requireEmail, requirePhone } from "./email_address.ts";
import { listFactors } from "./factors.ts";
import { updateProviders } from "./identities.ts";
import { clearOneTimeTokens, hashOtp, isOtpValid } from "./one_time_tokens.ts";
import { requireStrongPassword } from "./password_rules.ts";
import { beginFlow, requireCodeChallenge } from "./pkce.ts";
import { mailEmailChange } from "./send_mail.ts";
import { isRecoverySession } from "./sessions.ts";
import { loadUserJson } from "./user_json.ts";
import { changeUserMetadata, replacePassword } from "./user_transitions.ts";
import {
  findEmailHolder,
  findUserById,
  findUserByPhone,
  hasPassword,
  updateUser,
  type UserRow,
} from "./users.ts";
import { applyEmailChange } from "./verify_email_change.ts";

const DAY_MS = 24 * 3600 * 1000;

const updateBody = z.object({
  email: looseText,
  phone: looseText,
  password: z.string().nullish().transform((value) => value ?? null),
  current_password: looseText,
  nonce: looseText,
  data: looseObject,
  app_metadata: looseObject,
  code_challenge: looseText,
  code_challenge_method: looseText,
});

type UserUpdate = z.output<typeof updateBody>;

/** Answers GET /user. */
export async function getOwnUser(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const caller = await requireCaller(deps, request);
  const [audience] = [caller.claims.aud].flat();
  if (requestAudience(request, caller.claims) !== audience) {
    const message = "Token audience doesn't match request audience";
    throw new AuthError(400, "validation_failed", message);
  }
  return Response.json(await loadUserJson(deps.db, caller.user));
}

/** Answers PUT /user. */
export async function updateOwnUser(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const caller = await requireCaller(deps, request);
  const update = validateUpdate(deps, await readBody(request, updateBody));
  await requireUpdateAllowed(deps, caller, update);
  await requireAddressesFree(deps, caller, update);
  const hash = await hashNewPassword(deps, caller, update);
  const user = await deps.db.transaction(async (tx) => {
    return await applyUpdate(deps, tx, request, caller, update, hash);
  });
  return Response.json(await loadUserJson(deps.db, user));
}

function validateUpdate(deps: AuthDeps, update: UserUpdate): UserUpdate {
  if (update.password !== null) requireStrongPassword(update.password, deps.settings);
  requireCodeChallenge(update);
  return {
    ...update,
    email: update.email === "" ? "" : requireEmail(update.email),
    phone: update.phone === "" ? "" : requirePhone(update.phone),
  };
}

async function requireUpdateAllowed(
  deps: AuthDeps,
  { user, session }: Caller,
  update: UserUpdate,
): Promise<void> {
  if (update.app_metadata) {
    const message = "Updating app_metadata requires admin privileges";
    throw new AuthError(403, "not_admin", message);
  }
  const changesPassword = (update.password ?? "") !== "";
  const changesEmail = update.email !== "" && update.email !== (user.email ?? "");
  const changesPhone = update.phone !== "" && update.phone !== (user.phone ?? "");
  const changesSecret = changesPassword || changesEmail || changesPhone;
  const factors = await listFactors(deps.db, user.id);
  const hasSecondFactor = factors.some(({ status }) => status === "verified");
  if (changesSecret && hasSecondFactor && session?.aal !== "aal2") {
    const message = "AAL2 session is required to update email or password when MFA is enabled.";
    throw new AuthError(401, "insufficient_aal", message);
  }
  if (user.is_anonymous && changesPassword && update.email === "" && update.phone === "") {
    const message =
      "Updating password of an anonymous user without an email or phone is not allowed";
    throw new AuthError(422, "validation_failed", message);
  }
  if (user.is_sso_user && (changesSecret || update.nonce !== "")) {
    const message = "Updating email, phone, password of a SSO account only possible via SSO";
    throw new AuthError(422, "user_sso_managed", message);
  }
}

async function requireAddressesFree(
  deps: AuthDeps,
  { user, claims }: Caller,
  update: UserUpdate,
): Promise<void> {
  const audience = [claims.aud].flat()[0] ?? user.aud;
  if (update.email !== "" && update.email !== user.email) {
    if (await findEmailHolder(deps.db, update.email, audience, user.id)) {
      const message = "A user with this email address has already been registered";
      throw new AuthError(422, "email_exists", message);
    }
  }
  if (update.phone !== "" && update.phone !== user.phone) {
    if (await findUserByPhone(deps.db, update.phone, audience)) {
      const message = "A user with this phone number has already been registered";
      throw new AuthError(422, "phone_exists", message);
    }
    throw new AuthError(400, "phone_provider_disabled", "Phone logins are disabled");
  }
}

// Returns the new hash, null to remove the password, undefined to leave it.
async function hashNewPassword(
  deps: AuthDeps,
  { user, session }: Caller,
  update: UserUpdate,
): Promise<string | null | undefined> {
  const { settings, passwords } = deps;
  const { password } = update;
  if (password === null) return undefined;
  const isFresh = session && deps.now().getTime() <= session.created_at.getTime() + DAY_MS;
  if (settings.isReauthenticationRequired && !isFresh) {
    await requireReauthentication(deps, user, update.nonce);
  }
  if (password === "") return null;
  if (hasPassword(user)) {
    const hash = user.encrypted_password ?? "";
    if (settings.isCurrentPasswordRequired && !(session && isRecoverySession(session))) {
      await requireCurrentPassword(deps, update.current_password, hash);
    }
    if (await passwords.matches(password, hash)) {
      const message = "New password should be different from the old password.";
      throw new AuthError(422, "same_password", message);
    }
  }
  return await passwords.hash(password);
}

async function requireCurrentPassword(
  deps: AuthDeps,
  current: string,
  hash: string,
): Promise<void> {
  const message = "Current password required when setting new password.";
  if (current === "") throw new AuthError(400, "current_password_required", message);
  if (await deps.passwords.matches(current, hash)) return;
  throw new AuthError(400, "current_password_invalid", message);
}

async function requireReauthentication(
  deps: AuthDeps,
  user: UserRow,
  nonce: string,
): Promise<void> {
  if (nonce === "") {
    const message = "Password update requires reauthentication";
    throw new AuthError(400, "reauthentication_needed", message);
  }
  await deps.db.transaction(async (tx) => {
    const now = deps.now();
    const current = await findUserById(tx, user.id, "lock");
    const isValid = current && isOtpValid(
      hashOtp(current.email ?? "", nonce),
      current.reauthentication_token,
      current.reauthentication_sent_at,
      deps.settings.otpExpirySeconds,
      now,
    );
    if (!isValid) {
      throw new AuthError(422, "reauthentication_not_valid", "Nonce has expired or is invalid");
    }
    await clearOneTimeTokens(tx, user.id);
    await updateUser(tx, user.id, { reauthentication_token: "" }, now);
  });
}

async function applyUpdate(
  deps: AuthDeps,
  tx: Transaction,
  request: AuthRequest,
  { user, session }: Caller,
  update: UserUpdate,
  hash: string | null | undefined,
): Promise<UserRow> {
  const now = deps.now();
  let current = await findUserById(tx, user.id, "lock") ?? user;
  if (hash !== undefined) {
    current = await replacePassword(tx, user.id, hash, now, session?.id);
    await recordAudit(tx, actingUser(user), "user_updated_password", now);
  }
  if (update.data) current = await changeUserMetadata(tx, current, update.data, now);
  if (update.email !== "" && update.email !== (current.email ?? "")) {
    current = await changeEmail(deps, tx, request, current, update);
  }
  await recordAudit(tx, actingUser(user), "user_modified", now);
  return current;
}

// Somebody who never said their name may add an address as freely as at sign-up; everybody else has
// to confirm the change.
async function changeEmail(
  deps: AuthDeps,
  tx: Transaction,
  request: AuthRequest,
  user: UserRow,
  update: UserUpdate,
): Promise<UserRow> {
  const now = deps.now();
  if (user.is_anonymous && deps.settings.isEmailAutoconfirmed) {
    const changed = await applyEmailChange(deps, tx, { ...user, email_change: update.email });
    return await updateProviders(tx, changed, now);
  }
  await beginFlow(tx, user.id, "email_change", update, now);
  const isPkce = update.code_challenge !== "";
  return await mailEmailChange(deps, tx, request, user, update.email, isPkce);
}
