// A user as the API shows it: the hosted service's field names, and never a secret.

import type { Queryable } from "./database.ts";
import { type FactorRow, listFactors } from "./factors.ts";
import { type IdentityRow, listIdentities } from "./identities.ts";
import type { JsonObject, UserRow } from "./users.ts";

/** A user together with what hangs on them. */
export interface UserDetails {
  readonly identities: readonly IdentityRow[] | null;
  readonly factors: readonly FactorRow[];
}

/** Reads a user's identities and factors. */
export async function loadUserDetails(db: Queryable, userId: string): Promise<UserDetails> {
  return {
    identities: await listIdentities(db, userId),
    factors: await listFactors(db, userId),
  };
}

/** Reads what hangs on a user and shows all of it. */
export async function loadUserJson(db: Queryable, user: UserRow): Promise<JsonObject> {
  return userJson(user, await loadUserDetails(db, user.id));
}

/** Shows a user. */
export function userJson(user: UserRow, details: UserDetails): JsonObject {
  return {
    id: user.id,
    aud: user.aud ?? "",
    role: user.role ?? "",
    email: user.email ?? "",
    ...present("email_confirmed_at", user.email_confirmed_at),
    ...present("invited_at", user.invited_at),
    phone: user.phone ?? "",
    ...present("phone_confirmed_at", user.phone_confirmed_at),
    ...present("confirmation_sent_at", user.confirmation_sent_at),
    ...present("confirmed_at", user.confirmed_at),
    ...present("recovery_sent_at", user.recovery_sent_at),
    ...present("new_email", user.email_change),
    ...present("email_change_sent_at", user.email_change_sent_at),
    ...present("new_phone", user.phone_change),
    ...present("phone_change_sent_at", user.phone_change_sent_at),
    ...present("reauthentication_sent_at", user.reauthentication_sent_at),
    ...present("last_sign_in_at", user.last_sign_in_at),
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    ...(details.factors.length > 0 && { factors: details.factors.map(factorJson) }),
    identities: details.identities?.map(identityJson) ?? null,
    created_at: user.created_at,
    updated_at: user.updated_at,
    ...present("banned_until", user.banned_until),
    ...present("deleted_at", user.deleted_at),
    is_anonymous: user.is_anonymous,
  };
}

/** Shows a factor without its secret. */
export function factorJson(factor: FactorRow): JsonObject {
  return {
    id: factor.id,
    created_at: factor.created_at,
    updated_at: factor.updated_at,
    status: factor.status,
    ...present("friendly_name", factor.friendly_name),
    factor_type: factor.factor_type,
    phone: factor.phone ?? "",
    last_challenged_at: factor.last_challenged_at,
  };
}

function identityJson(identity: IdentityRow): JsonObject {
  return {
    identity_id: identity.id,
    id: identity.provider_id,
    user_id: identity.user_id,
    identity_data: identity.identity_data,
    provider: identity.provider,
    ...present("last_sign_in_at", identity.last_sign_in_at),
    created_at: identity.created_at,
    updated_at: identity.updated_at,
    ...present("email", identity.email),
  };
}

function present(name: string, value: Date | string | null): JsonObject {
  return value === null || value === "" ? {} : { [name]: value };
}
