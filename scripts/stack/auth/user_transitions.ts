// Changes of a user that touch several places at once; each runs in its caller's transaction.

import type { Queryable } from "./database.ts";
import { clearOneTimeTokens } from "./one_time_tokens.ts";
import { endSessions } from "./sessions.ts";
import { type JsonObject, mergeMetadata, updateUser, type UserRow } from "./users.ts";

/** Marks a user's address as confirmed and voids the codes that were out. */
export async function confirmEmail(db: Queryable, user: UserRow, now: Date): Promise<UserRow> {
  await clearOneTimeTokens(db, user.id);
  return await updateUser(db, user.id, {
    confirmation_token: "",
    email_confirmed_at: now,
    raw_user_meta_data: mergeMetadata(user.raw_user_meta_data, { email_verified: true }),
  }, now);
}

/** Marks a user's telephone number as confirmed. */
export async function confirmPhone(db: Queryable, user: UserRow, now: Date): Promise<UserRow> {
  await clearOneTimeTokens(db, user.id);
  return await updateUser(db, user.id, { confirmation_token: "", phone_confirmed_at: now }, now);
}

/**
 * Stores a new password hash. Whatever the old password had set in motion is void, and everybody who
 * was signed in with it is signed out.
 *
 * @param hash null for a user who is to have no password
 * @param keepSessionId the session in which the change was made, when there is one
 */
export async function replacePassword(
  db: Queryable,
  userId: string,
  hash: string | null,
  now: Date,
  keepSessionId?: string,
): Promise<UserRow> {
  await clearOneTimeTokens(db, userId);
  await endSessions(db, userId, keepSessionId);
  return await updateUser(db, userId, {
    encrypted_password: hash,
    confirmation_token: "",
    confirmation_sent_at: null,
    recovery_token: "",
    recovery_sent_at: null,
    email_change_token_current: "",
    email_change_token_new: "",
    email_change_sent_at: null,
    phone_change_token: "",
    phone_change_sent_at: null,
    reauthentication_token: "",
    reauthentication_sent_at: null,
  }, now);
}

/** Merges changes into what the user may say about themselves. */
export async function changeUserMetadata(
  db: Queryable,
  user: UserRow,
  changes: JsonObject,
  now: Date,
): Promise<UserRow> {
  const metadata = mergeMetadata(user.raw_user_meta_data, changes);
  return await updateUser(db, user.id, { raw_user_meta_data: metadata }, now);
}

/** Merges changes into what only servers may say about a user. */
export async function changeAppMetadata(
  db: Queryable,
  user: UserRow,
  changes: JsonObject,
  now: Date,
): Promise<UserRow> {
  const metadata = mergeMetadata(user.raw_app_meta_data, changes);
  return await updateUser(db, user.id, { raw_app_meta_data: metadata }, now);
}
