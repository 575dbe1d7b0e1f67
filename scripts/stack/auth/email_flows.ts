// POST /recover, /otp, /magiclink, /resend and GET /reauthenticate: mails on request.

import { z } from "zod";
import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import {
  type AuthRequest,
  looseObject,
  looseText,
  readBody,
  requestAudience,
  requireCaller,
} from "./auth_request.ts";
import { requireEmail, requirePhone } from "./email_address.ts";
import { unknownPassword } from "./password_rules.ts";
import { beginFlow, type CodeChallenge, requireCodeChallenge } from "./pkce.ts";
import { mailCode, mailEmailChange } from "./send_mail.ts";
import type { AuthenticationMethod } from "./sessions.ts";
import { registerUser, requireSignUpEnabled } from "./sign_up.ts";
import { findUserByEmail, type JsonObject, type UserRow } from "./users.ts";

const challengeShape = { code_challenge: looseText, code_challenge_method: looseText };
const recoverBody = z.object({ email: looseText, ...challengeShape });
const otpBody = z.object({
  email: looseText,
  phone: looseText,
  create_user: z.boolean().nullish().transform((value) => value ?? true),
  data: looseObject,
  channel: looseText,
  ...challengeShape,
});
const resendBody = z.object({
  type: looseText,
  email: looseText,
  phone: looseText,
  ...challengeShape,
});

/** Answers POST /recover; says nothing about whether anybody has the address. */
export async function recover(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const body = await readBody(request, recoverBody);
  if (body.email === "") throw invalid("Password recovery requires an email");
  const email = requireEmail(body.email);
  requireCodeChallenge(body);
  const user = await findUserByEmail(deps.db, email, requestAudience(request));
  if (user) await mailSignInCode(deps, request, user, "recovery", body);
  return Response.json({});
}

/** Answers POST /otp: signs up whoever is new, unless told not to. */
export async function sendOtp(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const body = await readBody(request, otpBody);
  if (body.email !== "" && body.phone !== "") {
    throw invalid("Only an email address or phone number should be provided");
  }
  if (body.email !== "" && body.channel !== "") {
    throw invalid("Channel should only be specified with Phone OTP");
  }
  requireCodeChallenge(body);
  if (body.phone !== "") {
    throw new AuthError(400, "phone_provider_disabled", "Unsupported phone provider");
  }
  if (body.email === "") throw invalid("One of email or phone must be set");
  const email = requireEmail(body.email);
  const audience = requestAudience(request);
  if (!body.create_user && !await findUserByEmail(deps.db, email, audience)) {
    throw new AuthError(422, "otp_disabled", "Signups not allowed for otp");
  }
  await sendMagicLink(deps, request, { ...body, email });
  return Response.json({});
}

/** Answers POST /magiclink. */
export async function magicLink(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const body = await readBody(request, otpBody);
  if (body.email === "") {
    const message = "Password recovery requires an email";
    throw new AuthError(422, "validation_failed", message);
  }
  requireCodeChallenge(body);
  await sendMagicLink(deps, request, { ...body, email: requireEmail(body.email) });
  return Response.json({});
}

/** Answers POST /resend. */
export async function resend(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const body = await readBody(request, resendBody);
  const email = requireResendable(body);
  const user = await findUserByEmail(deps.db, email, requestAudience(request));
  const isPkce = body.code_challenge !== "";
  if (user && body.type === "signup" && !user.email_confirmed_at) {
    await deps.db.transaction(async (tx) => {
      const now = deps.now();
      await recordAudit(tx, actingUser(user), "user_confirmation_requested", now);
      await beginFlow(tx, user.id, "email/signup", body, now);
      await mailCode(deps, tx, request, user, "signup", isPkce);
    });
  }
  if (user && body.type === "email_change" && user.email_change !== "") {
    await deps.db.transaction(async (tx) => {
      await beginFlow(tx, user.id, "email_change", body, deps.now());
      await mailEmailChange(deps, tx, request, user, user.email_change, isPkce);
    });
  }
  return Response.json({});
}

/** Answers GET /reauthenticate: mails a code that lets an old session change the password. */
export async function reauthenticate(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const { user } = await requireCaller(deps, request);
  if ((user.email ?? "") === "") {
    throw invalid("Reauthentication requires the user to have an email or a phone number");
  }
  if (!user.email_confirmed_at) {
    throw new AuthError(422, "email_not_confirmed", "Please verify your email first.");
  }
  await deps.db.transaction(async (tx) => {
    await recordAudit(tx, actingUser(user), "user_reauthenticate_requested", deps.now());
    await mailCode(deps, tx, request, user, "reauthentication");
  });
  return Response.json({});
}

interface MagicLinkOrder extends CodeChallenge {
  readonly email: string;
  readonly data?: JsonObject | undefined;
}

// Somebody new is signed up with a password that nobody knows. Where addresses need confirming, the
// confirmation is the link.
async function sendMagicLink(
  deps: AuthDeps,
  request: AuthRequest,
  order: MagicLinkOrder,
): Promise<void> {
  const audience = requestAudience(request);
  const known = await findUserByEmail(deps.db, order.email, audience);
  if (known?.email_confirmed_at) {
    return await mailSignInCode(deps, request, known, "magiclink", order);
  }
  requireSignUpEnabled(deps);
  const user = await registerUser(deps, request, {
    ...order,
    data: order.data ?? {},
    password: unknownPassword(),
    audience,
  });
  if (user !== "taken" && user.email_confirmed_at) {
    await mailSignInCode(deps, request, user, "magiclink", order);
  }
}

async function mailSignInCode(
  deps: AuthDeps,
  request: AuthRequest,
  user: UserRow,
  kind: Extract<AuthenticationMethod, "recovery" | "magiclink">,
  challenge: CodeChallenge,
): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const now = deps.now();
    await beginFlow(tx, user.id, kind, challenge, now);
    await recordAudit(tx, actingUser(user), "user_recovery_requested", now);
    await mailCode(deps, tx, request, user, kind, challenge.code_challenge !== "");
  });
}

function requireResendable(body: z.output<typeof resendBody>): string {
  if (!["signup", "email_change", "sms", "phone_change"].includes(body.type)) {
    throw invalid("Missing one of these types: signup, email_change, sms, phone_change");
  }
  if (body.type === "signup" || body.type === "email_change") requireCodeChallenge(body);
  if (body.email === "" && body.type === "signup") {
    throw invalid("Type provided requires an email address");
  }
  if (body.phone === "" && body.type === "sms") {
    throw invalid("Type provided requires a phone number");
  }
  if (body.email !== "" && body.phone !== "") {
    throw invalid("Only an email address or phone number should be provided.");
  }
  if (body.phone !== "") {
    requirePhone(body.phone);
    throw new AuthError(400, "phone_provider_disabled", "Phone logins are disabled");
  }
  if (body.email === "") throw invalid("Missing email address or phone number");
  return requireEmail(body.email);
}

function invalid(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}
