// The trail in auth.audit_log_entries: who did what, in the transaction that did it.

import type { Queryable } from "./database.ts";
import { INSTANCE_ID, type JsonObject, type UserRow } from "./users.ts";

const LOG_TYPES = {
  login: "account",
  logout: "account",
  user_signedup: "team",
  user_invited: "team",
  user_deleted: "team",
  token_revoked: "token",
  token_refreshed: "token",
  user_modified: "user",
  user_recovery_requested: "user",
  user_reauthenticate_requested: "user",
  user_confirmation_requested: "user",
  user_repeated_signup: "user",
  user_updated_password: "user",
  identity_unlinked: "user",
  factor_in_progress: "factor",
  factor_unenrolled: "factor",
  challenge_created: "factor",
  verification_attempted: "factor",
  factor_deleted: "factor",
  factor_updated: "factor",
} as const;

/** What can be recorded. */
export type AuditAction = keyof typeof LOG_TYPES;

/** Who is recorded as having done it. */
export interface AuditActor {
  readonly id: string;
  readonly username: string;
  readonly isSso: boolean;
  readonly name?: unknown;
}

/** A user as the one who acted. */
export function actingUser(user: UserRow): AuditActor {
  return {
    id: user.id,
    username: user.phone || user.email || "",
    isSso: user.is_sso_user,
    name: user.raw_user_meta_data?.full_name,
  };
}

/** A server with the secret key as the one who acted. */
export function actingAdmin(role: string): AuditActor {
  return { id: INSTANCE_ID, username: role, isSso: false };
}

/** Records an action. */
export async function recordAudit(
  db: Queryable,
  actor: AuditActor,
  action: AuditAction,
  now: Date,
  details: { readonly ipAddress?: string; readonly traits?: JsonObject } = {},
): Promise<void> {
  const payload = {
    action,
    actor_id: actor.id,
    ...(actor.name !== undefined && { actor_name: actor.name }),
    actor_username: actor.username,
    actor_via_sso: actor.isSso,
    log_type: LOG_TYPES[action],
    ...(details.traits && { traits: details.traits }),
  };
  await db.query(
    `insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
    values ($1, $2, $3, $4, $5)`,
    [INSTANCE_ID, crypto.randomUUID(), payload, now, details.ipAddress ?? ""],
  );
}
