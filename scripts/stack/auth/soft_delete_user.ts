// Deleting a user while keeping the row, with nothing left in it that tells who it was.

import { createHash } from "node:crypto";
import type { Queryable } from "./database.ts";
import { listIdentities } from "./identities.ts";
import { clearOneTimeTokens } from "./one_time_tokens.ts";
import { endSessions } from "./sessions.ts";
import { updateUser, type UserRow } from "./users.ts";

/** Empties a user's row, identities, factors and sessions. */
export async function softDeleteUser(db: Queryable, user: UserRow, now: Date): Promise<void> {
  await updateUser(db, user.id, {
    email: obfuscate(user.id, user.email ?? ""),
    phone: obfuscate(user.id, user.phone ?? "").slice(0, 15),
    email_change: obfuscate(user.id, user.email_change),
    phone_change: obfuscate(user.id, user.phone_change).slice(0, 15),
    encrypted_password: null,
    confirmation_token: "",
    recovery_token: "",
    email_change_token_current: "",
    email_change_token_new: "",
    phone_change_token: "",
    deleted_at: now,
    raw_user_meta_data: {},
    raw_app_meta_data: {},
  }, now);
  await clearOneTimeTokens(db, user.id);
  for (const identity of await listIdentities(db, user.id)) {
    await db.query(
      "update auth.identities set identity_data = '{}', provider_id = $2 where id = $1",
      [identity.id, obfuscate(user.id, `${identity.provider}:${identity.provider_id}`)],
    );
  }
  await db.query("delete from auth.mfa_factors where user_id = $1", [user.id]);
  await endSessions(db, user.id);
}

function obfuscate(userId: string, value: string): string {
  return createHash("sha256").update(userId + value).digest("base64url");
}
