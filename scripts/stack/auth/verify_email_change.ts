// The end of a change of address: one code, or one from each address.

import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import type { Transaction } from "./database.ts";
import { saveEmailIdentity } from "./identities.ts";
import { clearOneTimeTokens, PKCE_PREFIX } from "./one_time_tokens.ts";
import { confirmEmail } from "./user_transitions.ts";
import { updateUser, type UserRow } from "./users.ts";

/**
 * Takes a code of a change of address.
 *
 * @param hash the code's hash, already found to be one of the two
 * @returns the changed user, or nothing while the other address still has to agree
 */
export async function takeEmailChangeCode(
  deps: AuthDeps,
  tx: Transaction,
  user: UserRow,
  hash: string,
): Promise<UserRow | undefined> {
  const { isEmailAutoconfirmed, isSecureEmailChangeEnabled } = deps.settings;
  const needsBoth = !isEmailAutoconfirmed && isSecureEmailChangeEnabled &&
    user.email_change_confirm_status === 0 && (user.email ?? "") !== "";
  if (!needsBoth) return await applyEmailChange(deps, tx, user);
  const isCurrent = [hash, PKCE_PREFIX + hash].includes(user.email_change_token_current);
  const used = isCurrent ? "email_change_token_current" : "email_change_token_new";
  await clearOneTimeTokens(tx, user.id, used);
  await updateUser(tx, user.id, { email_change_confirm_status: 1, [used]: "" }, deps.now());
  return undefined;
}

/** Gives a user the address that was asked for in `email_change`. */
export async function applyEmailChange(
  deps: AuthDeps,
  tx: Transaction,
  user: UserRow,
): Promise<UserRow> {
  const now = deps.now();
  await recordAudit(tx, actingUser(user), "user_modified", now);
  await saveEmailIdentity(tx, user.id, user.email_change, true, now);
  await clearOneTimeTokens(tx, user.id);
  const changed = await updateUser(tx, user.id, {
    email: user.email_change,
    email_change: "",
    email_change_token_current: "",
    email_change_token_new: "",
    email_change_confirm_status: 0,
    is_anonymous: false,
  }, now);
  return changed.email_confirmed_at ? changed : await confirmEmail(tx, changed, now);
}
