// POST /signup: new people, with an address and a password, or without a name at all.

import { z } from "zod";
import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError, internalError } from "./auth_error.ts";
import {
  type AuthRequest,
  clientOrigin,
  looseObject,
  looseText,
  readBody,
  requestAudience,
} from "./auth_request.ts";
import { hasErrorCode, type Transaction, violates } from "./database.ts";
import { requireEmail } from "./email_address.ts";
import { findIdentity, insertIdentity, updateProviders } from "./identities.ts";
import { issueSession } from "./issue_session.ts";
import { requireStrongPassword } from "./password_rules.ts";
import { beginFlow, type CodeChallenge, requireCodeChallenge } from "./pkce.ts";
import { mailCode } from "./send_mail.ts";
import { loadUserJson, userJson } from "./user_json.ts";
import { confirmEmail } from "./user_transitions.ts";
import { findEmailHolder, insertUser, type JsonObject, updateUser, type UserRow } from "./users.ts";

const signUpBody = z.object({
  email: looseText,
  phone: looseText,
  password: looseText,
  data: looseObject,
  code_challenge: looseText,
  code_challenge_method: looseText,
});

/** What somebody signs up with. */
export interface NewUser extends CodeChallenge {
  readonly email: string;
  readonly password: string;
  readonly data: JsonObject;
  readonly audience: string;
}

/** Answers POST /signup. */
export async function signUp(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const body = await readBody(request, signUpBody);
  const isNameless = body.email === "" && body.phone === "";
  if (isNameless && !deps.settings.isAnonymousSignInEnabled) {
    const message = "Anonymous sign-ins are disabled";
    throw new AuthError(422, "anonymous_provider_disabled", message);
  }
  requireSignUpEnabled(deps);
  const audience = requestAudience(request);
  if (isNameless) return await signUpAnonymously(deps, request, body.data ?? {}, audience);
  requireValidSignUp(deps, body);
  if (body.email === "") {
    throw new AuthError(400, "phone_provider_disabled", "Phone signups are disabled");
  }
  const email = requireEmail(body.email);
  const newUser = { ...body, email, data: body.data ?? {}, audience };
  const user = await registerUser(deps, request, newUser);
  if (user === "taken") return answerTaken(deps, newUser);
  if (!user.email_confirmed_at) return Response.json(await showUnconfirmed(deps, user));
  const session = await deps.db.transaction(async (tx) => {
    const traits = { provider: "email" };
    await recordAudit(tx, actingUser(user), "login", deps.now(), { traits });
    return await issueSession(deps, tx, user, "password", clientOrigin(request));
  });
  return Response.json(session);
}

/** @throws {AuthError} `signup_disabled` where nobody may join by themselves */
export function requireSignUpEnabled(deps: AuthDeps): void {
  if (deps.settings.isSignupEnabled) return;
  throw new AuthError(422, "signup_disabled", "Signups not allowed for this instance");
}

/**
 * Stores a new person, or sends the confirmation again to one who never answered it.
 *
 * @returns the user, or "taken" when the address belongs to somebody confirmed
 */
export async function registerUser(
  deps: AuthDeps,
  request: AuthRequest,
  newUser: NewUser,
): Promise<UserRow | "taken"> {
  const known = await findEmailHolder(deps.db, newUser.email, newUser.audience);
  // Hashed before the transaction begins, so that no connection waits for it.
  const hash = known ? "" : await deps.passwords.hash(newUser.password);
  return await deps.db.transaction(async (tx) => {
    const now = deps.now();
    if (known?.email_confirmed_at) {
      const traits = { provider: "email" };
      await recordAudit(tx, actingUser(known), "user_repeated_signup", now, { traits });
      return "taken";
    }
    const user = known ?? await createEmailUser(deps, tx, newUser, hash);
    const identified = await ensureEmailIdentity(deps, tx, user, newUser.data);
    return await confirmOrAsk(deps, tx, request, identified, newUser);
  });
}

/**
 * Stores a user with an address, the way a person who signs up is stored.
 *
 * @param hash the password's bcrypt hash, empty for none
 * @throws {AuthError} when the database, or a trigger of the project, refuses
 */
export async function createEmailUser(
  deps: AuthDeps,
  tx: Transaction,
  newUser: Pick<NewUser, "email" | "data" | "audience">,
  hash: string,
): Promise<UserRow> {
  try {
    return await insertUser(tx, crypto.randomUUID(), {
      aud: newUser.audience,
      role: "authenticated",
      email: newUser.email,
      encrypted_password: hash,
      raw_app_meta_data: { provider: "email", providers: ["email"] },
      raw_user_meta_data: newUser.data,
    }, deps.now());
  } catch (cause) {
    if (violates(cause, "users_email_partial_key")) {
      throw new AuthError(422, "user_already_exists", "User already registered", { cause });
    }
    throw hasErrorCode(cause) ? internalError("Database error saving new user", cause) : cause;
  }
}

async function ensureEmailIdentity(
  deps: AuthDeps,
  tx: Transaction,
  user: UserRow,
  data: JsonObject,
): Promise<UserRow> {
  if (await findIdentity(tx, user.id, "email")) return user;
  const now = deps.now();
  const claims = { ...data, email: user.email };
  const identity = await insertIdentity(tx, user.id, "email", claims, now);
  // Nobody has proved anything yet, so the newest claim about the person replaces earlier ones.
  const renamed = await updateUser(
    tx,
    user.id,
    { raw_user_meta_data: identity.identity_data },
    now,
  );
  await tx.query("delete from auth.identities where user_id = $1 and id <> $2", [
    user.id,
    identity.id,
  ]);
  return await updateProviders(tx, renamed, now);
}

async function confirmOrAsk(
  deps: AuthDeps,
  tx: Transaction,
  request: AuthRequest,
  user: UserRow,
  challenge: CodeChallenge,
): Promise<UserRow> {
  const now = deps.now();
  const traits = { provider: "email" };
  if (deps.settings.isEmailAutoconfirmed) {
    await recordAudit(tx, actingUser(user), "user_signedup", now, { traits });
    return await confirmEmail(tx, user, now);
  }
  await recordAudit(tx, actingUser(user), "user_confirmation_requested", now, { traits });
  await beginFlow(tx, user.id, "email/signup", challenge, now);
  return await mailCode(deps, tx, request, user, "signup", challenge.code_challenge !== "");
}

async function signUpAnonymously(
  deps: AuthDeps,
  request: AuthRequest,
  data: JsonObject,
  audience: string,
): Promise<Response> {
  const session = await deps.db.transaction(async (tx) => {
    const user = await insertUser(tx, crypto.randomUUID(), {
      aud: audience,
      role: "authenticated",
      encrypted_password: "",
      raw_user_meta_data: data,
      is_anonymous: true,
    }, deps.now());
    return await issueSession(deps, tx, user, "anonymous", clientOrigin(request));
  });
  return Response.json(session);
}

function requireValidSignUp(deps: AuthDeps, body: z.output<typeof signUpBody>): void {
  if (body.password === "") {
    throw new AuthError(400, "validation_failed", "Signup requires a valid password");
  }
  requireStrongPassword(body.password, deps.settings);
  if (body.email !== "" && body.phone !== "") {
    const message = "Only an email address or phone number should be provided on signup.";
    throw new AuthError(400, "validation_failed", message);
  }
  if (body.phone !== "" && body.code_challenge !== "") {
    throw new AuthError(400, "validation_failed", "PKCE not supported for phone signups");
  }
  requireCodeChallenge(body);
}

// Where addresses have to be confirmed, the answer must not tell whether somebody is registered: it
// looks as for a newcomer and nothing in it is real.
function answerTaken(deps: AuthDeps, newUser: NewUser): Response {
  if (deps.settings.isEmailAutoconfirmed) {
    throw new AuthError(422, "user_already_exists", "User already registered");
  }
  const now = deps.now();
  return Response.json({
    id: crypto.randomUUID(),
    aud: newUser.audience,
    role: "",
    email: newUser.email,
    phone: "",
    confirmation_sent_at: now,
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: newUser.data,
    identities: [],
    created_at: now,
    updated_at: now,
    is_anonymous: false,
  });
}

async function showUnconfirmed(deps: AuthDeps, user: UserRow): Promise<JsonObject> {
  if (!user.invited_at) return await loadUserJson(deps.db, user);
  const stripped = { ...user, raw_user_meta_data: {} };
  return userJson(stripped, { identities: [], factors: [] });
}
