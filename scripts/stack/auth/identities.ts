// Rows of auth.identities: the ways by which a user is known.

import type { Queryable } from "./database.ts";
import { type JsonObject, mergeMetadata, updateUser, type UserRow } from "./users.ts";

/** One row of auth.identities. */
export interface IdentityRow {
  readonly id: string;
  readonly provider_id: string;
  readonly user_id: string;
  readonly identity_data: JsonObject;
  readonly provider: string;
  readonly last_sign_in_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly email: string | null;
}

const COLUMNS =
  "id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, email";

/** Finds a user's identity at a provider; for `email` and `phone` the provider knows it by the user id. */
export async function findIdentity(
  db: Queryable,
  providerId: string,
  provider: string,
): Promise<IdentityRow | undefined> {
  const [row] = await db.query<IdentityRow>(
    `select ${COLUMNS} from auth.identities where provider_id = $1 and provider = $2`,
    [providerId, provider],
  );
  return row;
}

/** Lists a user's identities, oldest first. */
export async function listIdentities(db: Queryable, userId: string): Promise<IdentityRow[]> {
  return await db.query<IdentityRow>(
    `select ${COLUMNS} from auth.identities where user_id = $1 order by created_at, id`,
    [userId],
  );
}

/**
 * Stores that a user is known by an e-mail address or telephone number.
 *
 * @param claims `email` or `phone`, and whatever else was said at sign-up
 */
export async function insertIdentity(
  db: Queryable,
  userId: string,
  provider: "email" | "phone",
  claims: JsonObject,
  now: Date,
): Promise<IdentityRow> {
  const data = { email_verified: false, phone_verified: false, ...claims, sub: userId };
  const [row] = await db.query<IdentityRow>(
    `insert into auth.identities
      (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
    values (gen_random_uuid(), $1, $1::text::uuid, $2, $3, $4, $4, $4)
    returning ${COLUMNS}`,
    [userId, data, provider, now],
  );
  if (!row) throw new Error("The identity wasn't stored");
  return row;
}

/** Merges changes into what is known of an identity. */
export async function updateIdentityData(
  db: Queryable,
  identity: IdentityRow,
  changes: JsonObject,
  now: Date,
): Promise<IdentityRow> {
  const [row] = await db.query<IdentityRow>(
    `update auth.identities set identity_data = $2, updated_at = $3 where id = $1
    returning ${COLUMNS}`,
    [identity.id, mergeMetadata(identity.identity_data, changes), now],
  );
  return row ?? identity;
}

/** Makes the user's e-mail identity agree with an address, adding it when there is none. */
export async function saveEmailIdentity(
  db: Queryable,
  userId: string,
  email: string,
  isVerified: boolean,
  now: Date,
): Promise<void> {
  const identity = await findIdentity(db, userId, "email");
  const claims = { email, email_verified: isVerified };
  if (identity) await updateIdentityData(db, identity, claims, now);
  else await insertIdentity(db, userId, "email", claims, now);
}

/** Makes `app_metadata.providers` name what the user's identities are. */
export async function updateProviders(
  db: Queryable,
  user: UserRow,
  now: Date,
): Promise<UserRow> {
  const identities = await listIdentities(db, user.id);
  const providers = [...new Set(identities.map(({ provider }) => provider))];
  const changes = { providers, ...(providers[0] && { provider: providers[0] }) };
  return await updateUser(
    db,
    user.id,
    { raw_app_meta_data: mergeMetadata(user.raw_app_meta_data, changes) },
    now,
  );
}
