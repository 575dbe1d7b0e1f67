// Whose code is this, and is it still good? The user's row is locked, so that a code works once.

import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import type { Queryable } from "./database.ts";
import {
  findTokenOwner,
  isOtpExpired,
  isOtpValid,
  type OneTimeTokenType,
  PKCE_PREFIX,
} from "./one_time_tokens.ts";
import { findUserByEmail, findUserById, isBanned, type UserRow } from "./users.ts";

/** What a good code is for. */
export type VerificationType = "signup" | "invite" | "recovery" | "magiclink" | "email_change";

/** A good code and whose it is. */
export interface VerifiedCode {
  readonly user: UserRow;
  readonly type: VerificationType;
  readonly hash: string;
}

const TOKEN_TYPES: Readonly<Record<string, readonly OneTimeTokenType[]>> = {
  email: ["confirmation_token", "recovery_token"],
  signup: ["confirmation_token"],
  invite: ["confirmation_token"],
  recovery: ["recovery_token"],
  magiclink: ["recovery_token"],
  email_change: ["email_change_token_current", "email_change_token_new"],
};

/**
 * Finds whose a link is.
 *
 * @throws {AuthError} `otp_expired` when it is nobody's or too old
 */
export async function findByHash(
  deps: AuthDeps,
  db: Queryable,
  type: string,
  hash: string,
): Promise<VerifiedCode> {
  const tokenTypes = TOKEN_TYPES[type];
  if (!tokenTypes) throw invalidType("Invalid email verification type");
  const owner = await findTokenOwner(db, hash, tokenTypes);
  const user = owner && await findUserById(db, owner, "lock");
  // Looked up again, now that the row is locked: another request may just have used it.
  if (!user || await findTokenOwner(db, hash, tokenTypes) !== owner) throw linkExpired();
  requireNotBanned(deps, user);
  const isRecovery = type === "recovery" || type === "magiclink" ||
    (type === "email" && user.recovery_token === hash);
  const sentAt = isRecovery
    ? user.recovery_sent_at
    : type === "email_change"
    ? user.email_change_sent_at
    : user.confirmation_sent_at;
  if (isOtpExpired(sentAt, deps.settings.otpExpirySeconds, deps.now())) throw linkExpired();
  const meaning = type === "email" ? (isRecovery ? "magiclink" : "signup") : type;
  return { user, type: requireKnownType(meaning), hash };
}

/**
 * Checks a code that somebody typed in together with their address.
 *
 * @throws {AuthError} `otp_expired` when it isn't theirs or too old
 */
export async function findByCode(
  deps: AuthDeps,
  db: Queryable,
  type: string,
  email: string,
  hash: string,
  audience: string,
): Promise<VerifiedCode> {
  const found = type === "email_change"
    ? await findByEmailChange(db, hash)
    : await findUserByEmail(db, email, audience);
  const user = found && await findUserById(db, found.id, "lock");
  if (!user) throw codeExpired();
  requireNotBanned(deps, user);

  const { otpExpirySeconds: lifetime } = deps.settings;
  function isGood(expected: string, sentAt: Date | null): boolean {
    return isOtpValid(hash, expected, sentAt, lifetime, deps.now());
  }
  const isConfirmation = isGood(user.confirmation_token, user.confirmation_sent_at);
  const isRecovery = isGood(user.recovery_token, user.recovery_sent_at);
  const isEmailChange = isGood(user.email_change_token_current, user.email_change_sent_at) ||
    isGood(user.email_change_token_new, user.email_change_sent_at);
  const goodFor: Readonly<Record<string, boolean>> = {
    email: isConfirmation || isRecovery,
    signup: isConfirmation,
    invite: isConfirmation,
    recovery: isRecovery,
    magiclink: isRecovery,
    email_change: isEmailChange,
  };
  if (goodFor[type] !== true) throw codeExpired();
  const meaning = type === "email" ? (isConfirmation ? "signup" : "magiclink") : type;
  return { user, type: requireKnownType(meaning), hash };
}

async function findByEmailChange(db: Queryable, hash: string): Promise<UserRow | undefined> {
  const types = TOKEN_TYPES.email_change ?? [];
  const owner = await findTokenOwner(db, hash, types) ??
    await findTokenOwner(db, PKCE_PREFIX + hash, types);
  return owner === undefined ? undefined : await findUserById(db, owner);
}

function requireKnownType(type: string): VerificationType {
  switch (type) {
    case "signup":
    case "invite":
    case "recovery":
    case "magiclink":
    case "email_change":
      return type;
    default:
      throw invalidType("Unsupported verification type");
  }
}

function requireNotBanned(deps: AuthDeps, user: UserRow): void {
  if (isBanned(user, deps.now())) throw new AuthError(403, "user_banned", "User is banned");
}

function invalidType(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}

function linkExpired(): AuthError {
  return new AuthError(403, "otp_expired", "Email link is invalid or has expired");
}

function codeExpired(): AuthError {
  return new AuthError(403, "otp_expired", "Token has expired or is invalid");
}
