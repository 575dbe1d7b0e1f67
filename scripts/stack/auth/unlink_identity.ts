// DELETE /user/identities/:id: giving up one of several ways to be known.

import { actingUser, recordAudit } from "./audit.ts";
import type { AuthDeps } from "./auth_deps.ts";
import { AuthError } from "./auth_error.ts";
import { type AuthRequest, clientOrigin, isUuid, requireCaller } from "./auth_request.ts";
import type { Transaction } from "./database.ts";
import { type IdentityRow, listIdentities, updateProviders } from "./identities.ts";
import { updateUser, type UserRow } from "./users.ts";

/** Answers DELETE /user/identities/:id. */
export async function unlinkIdentity(deps: AuthDeps, request: AuthRequest): Promise<Response> {
  const { user } = await requireCaller(deps, request);
  requireManualLinking(deps);
  const { identityId } = request.params;
  if (!isUuid(identityId)) {
    throw new AuthError(404, "validation_failed", "identity_id must be an UUID");
  }
  const identities = await listIdentities(deps.db, user.id);
  if (identities.length <= 1) {
    const message = "User must have at least 1 identity after unlinking";
    throw new AuthError(422, "single_identity_not_deletable", message);
  }
  const identity = identities.find(({ id }) => id === identityId);
  if (!identity) throw new AuthError(422, "identity_not_found", "Identity doesn't exist");
  const others = identities.filter((other) => other !== identity);
  await deps.db.transaction(async (tx) => {
    const { ipAddress } = clientOrigin(request);
    const { id, provider, provider_id } = identity;
    const traits = { identity_id: id, provider, provider_id };
    await recordAudit(tx, actingUser(user), "identity_unlinked", deps.now(), {
      ipAddress,
      traits,
    });
    await tx.query("delete from auth.identities where id = $1", [id]);
    const changed = await dropAddress(deps, tx, user, identity, others);
    await updateProviders(tx, changed, deps.now());
  });
  return Response.json({});
}

/** @throws {AuthError} `manual_linking_disabled`, the default */
export function requireManualLinking(deps: AuthDeps): void {
  if (deps.settings.isManualLinkingEnabled) return;
  throw new AuthError(404, "manual_linking_disabled", "Manual linking is disabled");
}

// The address that went with the identity goes too, unless another identity vouches for it.
async function dropAddress(
  deps: AuthDeps,
  tx: Transaction,
  user: UserRow,
  identity: IdentityRow,
  others: readonly IdentityRow[],
): Promise<UserRow> {
  const now = deps.now();
  if (identity.provider === "phone") {
    return await updateUser(tx, user.id, { phone: null, phone_confirmed_at: null }, now);
  }
  if (others.some(({ email }) => email === user.email)) return user;
  const next = others.find(({ email }) => email !== null);
  const isVerified = next?.identity_data.email_verified === true;
  return await updateUser(tx, user.id, {
    email: next?.email ?? null,
    ...(!isVerified && { email_confirmed_at: null }),
  }, now);
}
