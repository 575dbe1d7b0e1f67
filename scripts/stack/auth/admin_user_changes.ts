// What a server may make of a user, each in one transaction.

import { z } from "zod";
import { type AuditActor, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError, internalError } from "./auth_error.ts";
import {
  type AuthRequest,
  isUuid,
  looseFlag,
  looseObject,
  looseText,
  readBody,
} from "./auth_request.ts";
import type { Transaction } from "./database.ts";
import { requireEmail, requirePhone } from "./email_address.ts";
import {
  findIdentity,
  insertIdentity,
  saveEmailIdentity,
  updateIdentityData,
} from "./identities.ts";
import { parseDuration } from "./parse_duration.ts";
import { requireStrongPassword, unknownPassword } from "./password_rules.ts";
import {
  changeAppMetadata,
  changeUserMetadata,
  confirmEmail,
  confirmPhone,
  replacePassword,
} from "./user_transitions.ts";
import {
  findEmailHolder,
  findUserById,
  findUserByPhone,
  insertUser,
  updateUser,
  type UserRow,
} from "./users.ts";

const MOST_PASSWORD_BYTES = 72;
const BCRYPT_HASH = /^\$2[abxy]?\$\d{2}\$[./A-Za-z0-9]{53}$/;
const NIL_UUID = "00000000-0000-0000-0000-000000000000";

const adminUserBody = z.object({
  id: looseText,
  aud: looseText,
  role: looseText,
  email: looseText,
  phone: looseText,
  password: z.string().nullish().transform((value) => value ?? null),
  password_hash: looseText,
  email_confirm: looseFlag,
  phone_confirm: looseFlag,
  user_metadata: looseObject,
  app_metadata: looseObject,
  ban_duration: looseText,
});

/** What a server says about a user. */
export interface AdminUser extends Omit<z.output<typeof adminUserBody>, "ban_duration"> {
  /** Milliseconds, 0 to lift a ban; absent to leave it. */
  readonly banMs: number | undefined;
}

/** Reads what a server says about a user. */
export async function readAdminUser(request: AuthRequest): Promise<AdminUser> {
  const { ban_duration: ban, ...body } = await readBody(request, adminUserBody);
  return {
    ...body,
    email: body.email === "" ? "" : requireEmail(body.email),
    phone: body.phone === "" ? "" : requirePhone(body.phone),
    banMs: ban === "" ? undefined : requireDuration(ban),
  };
}

/**
 * Makes a user.
 *
 * @throws {AuthError} `email_exists`, `phone_exists`, `validation_failed`
 */
export async function createByAdmin(
  deps: AuthDeps,
  params: AdminUser,
  audience: string,
  admin: AuditActor,
): Promise<UserRow> {
  const aud = params.aud || audience;
  requireCreatable(params);
  await requireFree(deps, params, aud);
  const hash = params.password_hash ||
    await deps.passwords.hash(params.password || unknownPassword());
  const providers = [
    ...(params.email !== "" ? ["email"] : []),
    ...(params.phone !== "" ? ["phone"] : []),
  ];
  return await storing("Database error creating new user", async () => {
    return await deps.db.transaction(async (tx) => {
      const now = deps.now();
      const created = await insertUser(tx, params.id || crypto.randomUUID(), {
        aud,
        role: params.role || "authenticated",
        email: params.email || null,
        phone: params.phone || null,
        encrypted_password: hash,
        raw_app_meta_data: { provider: providers[0], providers },
        raw_user_meta_data: params.user_metadata ?? {},
      }, now);
      if (params.email !== "") {
        await insertIdentity(tx, created.id, "email", { email: params.email }, now);
      }
      if (params.phone !== "") {
        await insertIdentity(tx, created.id, "phone", { phone: params.phone }, now);
      }
      const traits = { ...describe(created), provider: providers[0] };
      await recordAudit(tx, admin, "user_signedup", now, { traits });
      return await applyStates(tx, created, { ...params, user_metadata: undefined }, now);
    });
  });
}

/**
 * Changes a user.
 *
 * @throws {AuthError} `weak_password`, or 500 when the database refuses, as for an address that is taken
 */
export async function applyAdminUpdate(
  deps: AuthDeps,
  target: UserRow,
  params: AdminUser,
  admin: AuditActor,
): Promise<UserRow> {
  if (params.password !== null) requireStrongPassword(params.password, deps.settings);
  const hash = params.password ? await deps.passwords.hash(params.password) : null;
  return await storing("Error updating user", async () => {
    return await deps.db.transaction(async (tx) => {
      const now = deps.now();
      let user = await findUserById(tx, target.id, "lock") ?? target;
      if (params.role !== "") {
        user = await updateUser(tx, user.id, { role: params.role.trim() }, now);
      }
      user = await applyStates(tx, user, {
        ...params,
        app_metadata: undefined,
        user_metadata: undefined,
        banMs: undefined,
      }, now);
      if (params.password !== null) user = await replacePassword(tx, user.id, hash, now);
      user = await applyAddresses(tx, user, params, now);
      user = await applyStates(
        tx,
        user,
        { ...params, email_confirm: false, phone_confirm: false },
        now,
      );
      await recordAudit(tx, admin, "user_modified", now, { traits: describe(user) });
      return user;
    });
  });
}

async function applyStates(
  tx: Transaction,
  user: UserRow,
  params: AdminUser,
  now: Date,
): Promise<UserRow> {
  let current = user;
  if (params.app_metadata) {
    current = await changeAppMetadata(tx, current, params.app_metadata, now);
  }
  if (params.user_metadata) {
    current = await changeUserMetadata(tx, current, params.user_metadata, now);
  }
  if (params.email_confirm) current = await confirmEmail(tx, current, now);
  if (params.phone_confirm) current = await confirmPhone(tx, current, now);
  if (params.banMs !== undefined) {
    const until = params.banMs === 0 ? null : new Date(now.getTime() + params.banMs);
    current = await updateUser(tx, current.id, { banned_until: until }, now);
  }
  return current;
}

async function applyAddresses(
  tx: Transaction,
  user: UserRow,
  params: AdminUser,
  now: Date,
): Promise<UserRow> {
  let current = user;
  if (params.email !== "") {
    await saveEmailIdentity(tx, user.id, params.email, params.email_confirm, now);
    current = await updateUser(tx, user.id, {
      email: params.email,
      is_anonymous: user.is_anonymous && !params.email_confirm,
    }, now);
  }
  if (params.phone !== "") {
    const claims = { phone: params.phone, phone_verified: params.phone_confirm };
    const identity = await findIdentity(tx, user.id, "phone");
    if (identity) await updateIdentityData(tx, identity, claims, now);
    else await insertIdentity(tx, user.id, "phone", claims, now);
    current = await updateUser(tx, user.id, {
      phone: params.phone,
      is_anonymous: current.is_anonymous && !params.phone_confirm,
    }, now);
  }
  return current;
}

function requireCreatable(params: AdminUser): void {
  if (params.email === "" && params.phone === "") {
    throw invalid("Cannot create a user without either an email or phone");
  }
  if (params.password !== null && params.password_hash !== "") {
    throw invalid("Only a password or a password hash should be provided");
  }
  if (params.password_hash !== "" && !BCRYPT_HASH.test(params.password_hash)) {
    throw invalid("Only bcrypt password hashes are supported here");
  }
  if (new TextEncoder().encode(params.password ?? "").length > MOST_PASSWORD_BYTES) {
    throw invalid(`bcrypt: password length exceeds ${MOST_PASSWORD_BYTES} bytes`);
  }
  if (params.id !== "" && !isUuid(params.id)) {
    throw invalid("ID must conform to the uuid v4 format");
  }
  if (params.id === NIL_UUID) throw invalid("ID cannot be a nil uuid");
}

async function requireFree(deps: AuthDeps, params: AdminUser, audience: string): Promise<void> {
  if (params.email !== "" && await findEmailHolder(deps.db, params.email, audience)) {
    const message = "A user with this email address has already been registered";
    throw new AuthError(422, "email_exists", message);
  }
  if (params.phone !== "" && await findUserByPhone(deps.db, params.phone, audience)) {
    const message = "Phone number already registered by another user";
    throw new AuthError(422, "phone_exists", message);
  }
}

function requireDuration(text: string): number {
  const duration = text === "none" ? 0 : parseDuration(text);
  if (duration !== undefined) return duration;
  throw invalid(`invalid format for ban duration: time: invalid duration "${text}"`);
}

async function storing<Result>(message: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AuthError ? error : internalError(message, error);
  }
}

function describe(user: UserRow): Record<string, string> {
  return { user_id: user.id, user_email: user.email ?? "", user_phone: user.phone ?? "" };
}

function invalid(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}
