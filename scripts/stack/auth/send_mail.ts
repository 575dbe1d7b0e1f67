// Writes the auth room's mails: a code and a link, whose hash is kept until they are used.

import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import { type AuthRequest } from "./auth_request.ts";
import type { Transaction } from "./database.ts";
import type { Mail } from "./mailbox.ts";
import {
  createOtp,
  hashOtp,
  type OneTimeTokenType,
  PKCE_PREFIX,
  saveOneTimeToken,
} from "./one_time_tokens.ts";
import { chooseRedirect } from "./redirect_urls.ts";
import { updateUser, type UserChanges, type UserRow } from "./users.ts";

/** A mail whose code is kept beside the user in one pair of columns. */
export type MailKind = "signup" | "invite" | "recovery" | "magiclink" | "reauthentication";

interface MailPlan {
  readonly subject: string;
  readonly tokenType: OneTimeTokenType;
  readonly lastSent: (user: UserRow) => Date | null;
  readonly changes: (hash: string, now: Date) => UserChanges;
}

const PLANS: Readonly<Record<MailKind, MailPlan>> = {
  signup: {
    subject: "Confirm your e-mail address",
    tokenType: "confirmation_token",
    lastSent: (user) => user.confirmation_sent_at,
    changes: (hash, now) => ({ confirmation_token: hash, confirmation_sent_at: now }),
  },
  invite: {
    subject: "You have been invited",
    tokenType: "confirmation_token",
    lastSent: () => null,
    changes: (hash, now) => ({
      confirmation_token: hash,
      confirmation_sent_at: now,
      invited_at: now,
    }),
  },
  recovery: {
    subject: "Reset your password",
    tokenType: "recovery_token",
    lastSent: (user) => user.recovery_sent_at,
    changes: (hash, now) => ({ recovery_token: hash, recovery_sent_at: now }),
  },
  magiclink: {
    subject: "Your sign-in link",
    tokenType: "recovery_token",
    lastSent: (user) => user.recovery_sent_at,
    changes: (hash, now) => ({ recovery_token: hash, recovery_sent_at: now }),
  },
  reauthentication: {
    subject: "Confirm that it is you",
    tokenType: "reauthentication_token",
    lastSent: (user) => user.reauthentication_sent_at,
    changes: (hash, now) => ({ reauthentication_token: hash, reauthentication_sent_at: now }),
  },
};

/** A code that was made for a user, and the user as they are then. */
export interface IssuedCode {
  readonly user: UserRow;
  readonly otp: string;
  readonly hash: string;
}

/**
 * Makes a code for a user and keeps its hash, without mailing it.
 *
 * @param isPkce whether the link must end where the flow began
 */
export async function issueCode(
  deps: AuthDeps,
  tx: Transaction,
  user: UserRow,
  kind: MailKind,
  isPkce = false,
): Promise<IssuedCode> {
  const plan = PLANS[kind];
  const now = deps.now();
  const address = user.email ?? "";
  const otp = createOtp(deps.settings.otpLength);
  const hash = (isPkce ? PKCE_PREFIX : "") + hashOtp(address, otp);
  await saveOneTimeToken(tx, user.id, plan.tokenType, address, hash, now);
  return { user: await updateUser(tx, user.id, plan.changes(hash, now), now), otp, hash };
}

/**
 * Makes a code for a user and mails it once the transaction is committed.
 *
 * @throws {AuthError} `over_email_send_rate_limit` when the last one was sent a moment ago
 */
export async function mailCode(
  deps: AuthDeps,
  tx: Transaction,
  request: AuthRequest,
  user: UserRow,
  kind: MailKind,
  isPkce = false,
): Promise<UserRow> {
  requireInterval(deps, PLANS[kind].lastSent(user));
  const issued = await issueCode(deps, tx, user, kind, isPkce);
  const isLink = kind !== "reauthentication";
  const link = isLink
    ? actionLink(deps, kind, issued.hash, chooseRedirect(request, deps.settings))
    : null;
  deliverLater(deps, tx, {
    to: user.email ?? "",
    type: kind,
    subject: PLANS[kind].subject,
    otp: issued.otp,
    token_hash: isLink ? issued.hash : null,
    action_link: link,
  });
  return issued.user;
}

/**
 * Mails codes for a change of address: to the new one, and to the old one where both must agree.
 *
 * @throws {AuthError} `over_email_send_rate_limit` when the last ones were sent a moment ago
 */
export async function mailEmailChange(
  deps: AuthDeps,
  tx: Transaction,
  request: AuthRequest,
  user: UserRow,
  newEmail: string,
  isPkce: boolean,
): Promise<UserRow> {
  requireInterval(deps, user.email_change_sent_at);
  const now = deps.now();
  const redirect = chooseRedirect(request, deps.settings);

  async function issue(address: string, type: OneTimeTokenType): Promise<string> {
    const otp = createOtp(deps.settings.otpLength);
    const hash = (isPkce ? PKCE_PREFIX : "") + hashOtp(address, otp);
    await saveOneTimeToken(tx, user.id, type, address, hash, now);
    deliverLater(deps, tx, {
      to: address,
      type: "email_change",
      subject: "Confirm the change of your e-mail address",
      otp,
      token_hash: hash,
      action_link: actionLink(deps, "email_change", hash, redirect),
    });
    return hash;
  }

  const needsBoth = deps.settings.isSecureEmailChangeEnabled && (user.email ?? "") !== "";
  return await updateUser(tx, user.id, {
    email_change: newEmail,
    email_change_token_new: await issue(newEmail, "email_change_token_new"),
    email_change_token_current: needsBoth
      ? await issue(user.email ?? "", "email_change_token_current")
      : user.email_change_token_current,
    email_change_sent_at: now,
    email_change_confirm_status: 0,
  }, now);
}

/** The link that a mail carries. */
export function actionLink(
  deps: AuthDeps,
  type: string,
  hash: string,
  redirectTo: string,
): string {
  const query = new URLSearchParams({ token: hash, type });
  const target = /[&=#]/.test(redirectTo) ? encodeURIComponent(redirectTo) : redirectTo;
  return `${deps.issuer}/verify?${query}&redirect_to=${target}`;
}

function deliverLater(
  deps: AuthDeps,
  tx: Transaction,
  mail: Omit<Mail, "id" | "created_at">,
): void {
  const createdAt = deps.now().toISOString();
  tx.afterCommit(() => deps.mailbox.deliver({ ...mail, created_at: createdAt }));
}

function requireInterval(deps: AuthDeps, lastSent: Date | null): void {
  if (!lastSent) return;
  const waitMs = lastSent.getTime() + deps.settings.mailIntervalSeconds * 1000 -
    deps.now().getTime();
  if (waitMs <= 0) return;
  const seconds = Math.floor(waitMs / 1000);
  const message = `For security purposes, you can only request this after ${seconds} seconds.`;
  throw new AuthError(429, "over_email_send_rate_limit", message);
}
