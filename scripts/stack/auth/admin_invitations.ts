// POST /invite and /admin/generate_link: bringing people in from a server.

import { z } from "zod";
import { actingAdmin, actingUser, type AuditActor, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import {
  type AuthRequest,
  looseObject,
  looseText,
  readBody,
  requestAudience,
  requireAdmin,
} from "./auth_request.ts";
import type { Transaction } from "./database.ts";
import { requireEmail } from "./email_address.ts";
import { insertIdentity } from "./identities.ts";
import { createOtp, hashOtp, saveOneTimeToken } from "./one_time_tokens.ts";
import { requireStrongPassword, unknownPassword } from "./password_rules.ts";
import { chooseRedirect, isRedirectAllowed } from "./redirect_urls.ts";
import { actionLink, issueCode, type IssuedCode, mailCode } from "./send_mail.ts";
import { createEmailUser } from "./sign_up.ts";
import { loadUserJson } from "./user_json.ts";
import { changeUserMetadata } from "./user_transitions.ts";
import {
  findEmailHolder,
  findUserByEmail,
  type JsonObject,
  updateUser,
  type UserRow,
} from "./users.ts";

const DUPLICATE_EMAIL = "A user with this email address has already been registered";

const inviteBody = z.object({ email: looseText, data: looseObject });
const linkBody = z.object({
  type: looseText,
  email: looseText,
  new_email: looseText,
  password: looseText,
  data: looseObject,
  redirect_to: looseText,
});

type LinkOrder = z.output<typeof linkBody>;

/** Answers POST /invite. */
export async function invite(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const role = await requireAdmin(deps, request);
  const body = await readBody(request, inviteBody);
  const email = requireEmail(body.email);
  const audience = requestAudience(request);
  const known = await findUserByEmail(deps.db, email, audience);
  const user = await deps.db.transaction(async (tx) => {
    requireUnconfirmed(known);
    const person = known ?? await createPerson(deps, tx, email, body.data ?? {}, audience, "");
    await recordInvitation(deps, tx, actingAdmin(role), person);
    return await mailCode(deps, tx, request, person, "invite");
  });
  return Response.json(await loadUserJson(deps.db, user));
}

/** Answers POST /admin/generate_link: the link that a mail would carry, for servers that mail by themselves. */
export async function generateLink(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const role = await requireAdmin(deps, request);
  const order = await readBody(request, linkBody);
  const email = requireEmail(order.email);
  const audience = requestAudience(request);
  const known = await findUserByEmail(deps.db, email, audience);
  const type = requireLinkType(order.type, known);
  const password = await preparePassword(deps, order, type, known);
  const redirectTo = isRedirectAllowed(order.redirect_to, deps.settings)
    ? order.redirect_to
    : chooseRedirect(request, deps.settings);
  const code = await deps.db.transaction(async (tx) => {
    const person = known ??
      await createPerson(deps, tx, email, order.data ?? {}, audience, password);
    return await issueLinkCode(deps, tx, { ...order, type }, person, known, actingAdmin(role));
  });
  const linkType = type.startsWith("email_change") ? "email_change" : type;
  return Response.json({
    ...await loadUserJson(deps.db, code.user),
    action_link: actionLink(deps, linkType, code.hash, redirectTo),
    email_otp: code.otp,
    hashed_token: code.hash,
    verification_type: type,
    redirect_to: redirectTo,
  });
}

async function issueLinkCode(
  deps: AuthDeps,
  tx: Transaction,
  order: LinkOrder,
  person: UserRow,
  known: UserRow | undefined,
  admin: AuditActor,
): Promise<IssuedCode> {
  switch (order.type) {
    case "magiclink":
    case "recovery":
      await recordAudit(tx, actingUser(person), "user_recovery_requested", deps.now());
      return await issueCode(deps, tx, person, order.type);
    case "invite":
      requireUnconfirmed(known);
      await recordInvitation(deps, tx, admin, person);
      return await issueCode(deps, tx, person, "invite");
    case "signup": {
      requireUnconfirmed(known);
      const renamed = known && order.data
        ? await changeUserMetadata(tx, known, order.data, deps.now())
        : person;
      return await issueCode(deps, tx, renamed, "signup");
    }
    default:
      return await issueEmailChangeCode(deps, tx, order, person);
  }
}

async function issueEmailChangeCode(
  deps: AuthDeps,
  tx: Transaction,
  order: LinkOrder,
  user: UserRow,
): Promise<IssuedCode> {
  const isCurrent = order.type === "email_change_current";
  if (isCurrent && !deps.settings.isSecureEmailChangeEnabled) {
    throw invalid("Enable secure email change to generate link for current email");
  }
  const newEmail = requireEmail(order.new_email);
  if (await findEmailHolder(tx, newEmail, user.aud, user.id)) {
    throw new AuthError(422, "email_exists", DUPLICATE_EMAIL);
  }
  const now = deps.now();
  const address = isCurrent ? user.email ?? "" : newEmail;
  const otp = createOtp(deps.settings.otpLength);
  const hash = hashOtp(address, otp);
  const column = isCurrent ? "email_change_token_current" : "email_change_token_new";
  await saveOneTimeToken(tx, user.id, column, address, hash, now);
  const changed = await updateUser(tx, user.id, {
    email_change: newEmail,
    email_change_sent_at: now,
    email_change_confirm_status: 0,
    [column]: hash,
  }, now);
  return { user: changed, otp, hash };
}

async function createPerson(
  deps: AuthDeps,
  tx: Transaction,
  email: string,
  data: JsonObject,
  audience: string,
  passwordHash: string,
): Promise<UserRow> {
  const user = await createEmailUser(deps, tx, { email, data, audience }, passwordHash);
  await insertIdentity(tx, user.id, "email", { email }, deps.now());
  return user;
}

async function recordInvitation(
  deps: AuthDeps,
  tx: Transaction,
  admin: AuditActor,
  user: UserRow,
): Promise<void> {
  const traits = { user_id: user.id, user_email: user.email ?? "" };
  await recordAudit(tx, admin, "user_invited", deps.now(), { traits });
}

function requireUnconfirmed(known: UserRow | undefined): void {
  if (known?.email_confirmed_at) throw new AuthError(422, "email_exists", DUPLICATE_EMAIL);
}

function requireLinkType(type: string, known: UserRow | undefined): string {
  if (type === "signup" || type === "invite") return type;
  if (type === "magiclink") return known ? type : "signup";
  if (!["recovery", "email_change_current", "email_change_new"].includes(type)) {
    throw invalid(`Invalid email action link type requested: ${type}`);
  }
  if (!known) throw new AuthError(404, "user_not_found", "User with this email not found");
  return type;
}

// The hash for somebody who is new; people who are known keep what they have.
async function preparePassword(
  deps: AuthDeps,
  order: LinkOrder,
  type: string,
  known: UserRow | undefined,
): Promise<string> {
  if (known || type !== "signup") return "";
  const password = order.type === "magiclink" ? unknownPassword() : order.password;
  if (password === "") throw invalid("Signup requires a valid password");
  requireStrongPassword(password, deps.settings);
  return await deps.passwords.hash(password);
}

function invalid(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}
