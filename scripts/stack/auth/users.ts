// Rows of auth.users: finding, making and changing them.

import { internalError } from "./auth_error.ts";
import type { Queryable } from "./database.ts";

/** A JSON object whose shape is the project's business. */
export type JsonObject = Record<string, unknown>;

/** What the hosted service puts in `instance_id`; rows with anything else don't exist for it. */
export const INSTANCE_ID = "00000000-0000-0000-0000-000000000000";

/** One row of auth.users. */
export interface UserRow {
  readonly id: string;
  readonly aud: string;
  readonly role: string;
  readonly email: string | null;
  readonly encrypted_password: string | null;
  readonly email_confirmed_at: Date | null;
  readonly invited_at: Date | null;
  readonly confirmation_token: string;
  readonly confirmation_sent_at: Date | null;
  readonly recovery_token: string;
  readonly recovery_sent_at: Date | null;
  readonly email_change_token_new: string;
  readonly email_change: string;
  readonly email_change_sent_at: Date | null;
  readonly email_change_token_current: string;
  readonly email_change_confirm_status: number;
  readonly last_sign_in_at: Date | null;
  readonly raw_app_meta_data: JsonObject | null;
  readonly raw_user_meta_data: JsonObject | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly phone: string | null;
  readonly phone_confirmed_at: Date | null;
  readonly phone_change: string;
  readonly phone_change_token: string;
  readonly phone_change_sent_at: Date | null;
  readonly confirmed_at: Date | null;
  readonly banned_until: Date | null;
  readonly reauthentication_token: string;
  readonly reauthentication_sent_at: Date | null;
  readonly is_sso_user: boolean;
  readonly deleted_at: Date | null;
  readonly is_anonymous: boolean;
}

/** What may be written to a row; `confirmed_at` is generated. */
export type UserChanges = Partial<
  Omit<UserRow, "id" | "created_at" | "updated_at" | "confirmed_at">
>;

const COLUMNS: ReadonlyArray<keyof UserRow> = [
  "id",
  "aud",
  "role",
  "email",
  "encrypted_password",
  "email_confirmed_at",
  "invited_at",
  "confirmation_token",
  "confirmation_sent_at",
  "recovery_token",
  "recovery_sent_at",
  "email_change_token_new",
  "email_change",
  "email_change_sent_at",
  "email_change_token_current",
  "email_change_confirm_status",
  "last_sign_in_at",
  "raw_app_meta_data",
  "raw_user_meta_data",
  "created_at",
  "updated_at",
  "phone",
  "phone_confirmed_at",
  "phone_change",
  "phone_change_token",
  "phone_change_sent_at",
  "confirmed_at",
  "banned_until",
  "reauthentication_token",
  "reauthentication_sent_at",
  "is_sso_user",
  "deleted_at",
  "is_anonymous",
];

const SELECT_USER = `select ${COLUMNS.join(", ")} from auth.users`;
const OF_THIS_INSTANCE = `instance_id = '${INSTANCE_ID}'`;

const NEVER_NULL: ReadonlyArray<keyof UserRow> = [
  "confirmation_token",
  "recovery_token",
  "email_change_token_new",
  "email_change",
];

/** Finds a user by id; `lock` keeps others from changing the row until the transaction ends. */
export async function findUserById(
  db: Queryable,
  id: string,
  lock: "lock" | "read" = "read",
): Promise<UserRow | undefined> {
  const [row] = await db.query<UserRow>(
    `${SELECT_USER} where ${OF_THIS_INSTANCE} and id = $1 ${lock === "lock" ? "for update" : ""}`,
    [id],
  );
  return row && readUser(row);
}

/** Finds the one ordinary user with this address; accounts managed by a company's sign-on don't count. */
export async function findUserByEmail(
  db: Queryable,
  email: string,
  audience: string,
): Promise<UserRow | undefined> {
  const [row] = await db.query<UserRow>(
    `${SELECT_USER}
    where ${OF_THIS_INSTANCE} and lower(email) = $1 and aud = $2 and is_sso_user = false`,
    [email.toLowerCase(), audience],
  );
  return row && readUser(row);
}

/** Finds the user with this telephone number. */
export async function findUserByPhone(
  db: Queryable,
  phone: string,
  audience: string,
): Promise<UserRow | undefined> {
  const [row] = await db.query<UserRow>(
    `${SELECT_USER} where ${OF_THIS_INSTANCE} and phone = $1 and aud = $2 and is_sso_user = false`,
    [phone, audience],
  );
  return row && readUser(row);
}

/**
 * Finds whoever already has an address, be it as their own or as one of their identities'.
 *
 * @param exceptUserId somebody whose identities don't count
 */
export async function findEmailHolder(
  db: Queryable,
  email: string,
  audience: string,
  exceptUserId?: string,
): Promise<UserRow | undefined> {
  const holders = await db.query<UserRow>(
    `${SELECT_USER}
    where ${OF_THIS_INSTANCE} and aud = $2 and id <> coalesce($3, '${INSTANCE_ID}')::uuid
      and id in (
        select i.user_id from auth.identities i where i.email = $1 and i.provider not like 'sso:%'
      )
    limit 1`,
    [email.toLowerCase(), audience, exceptUserId ?? null],
  );
  return holders[0] ? readUser(holders[0]) : await findUserByEmail(db, email, audience);
}

/** A page of users and how many there are in all. */
export interface UserPage {
  readonly users: readonly UserRow[];
  readonly total: number;
}

/** Lists the users of an audience, newest or oldest first. */
export async function listUsers(
  db: Queryable,
  audience: string,
  page: { readonly limit: number; readonly offset: number },
  filter: string,
  direction: "asc" | "desc",
): Promise<UserPage> {
  const condition = `${OF_THIS_INSTANCE} and aud = $1
    and ($2 = '' or email like '%' || $2 || '%' or raw_user_meta_data ->> 'full_name' ilike '%' || $2 || '%')`;
  const [count] = await db.query<{ total: string }>(
    `select count(*) as total from auth.users where ${condition}`,
    [audience, filter],
  );
  const users = await db.query<UserRow>(
    `${SELECT_USER} where ${condition} order by created_at ${direction}, id limit $3 offset $4`,
    [audience, filter, page.limit, page.offset],
  );
  return { users: users.map(readUser), total: Number(count?.total ?? 0) };
}

/** Stores a new user. */
export async function insertUser(
  db: Queryable,
  id: string,
  values: UserChanges,
  now: Date,
): Promise<UserRow> {
  const defaults: UserChanges = {
    role: "",
    confirmation_token: "",
    recovery_token: "",
    email_change_token_new: "",
    email_change: "",
    raw_app_meta_data: {},
    raw_user_meta_data: {},
  };
  const columns = Object.entries({ ...defaults, ...values });
  const names = columns.map(([name]) => name);
  const places = columns.map((_, index) => `$${index + 4}`);
  const [row] = await db.query<UserRow>(
    `insert into auth.users (instance_id, id, created_at, updated_at, ${names.join(", ")})
    values ($1, $2, $3, $3, ${places.join(", ")}) returning ${COLUMNS.join(", ")}`,
    [INSTANCE_ID, id, now, ...columns.map(([, value]) => value)],
  );
  return requireRow(row);
}

/** Changes the named columns of a user and returns the row as it is then. */
export async function updateUser(
  db: Queryable,
  id: string,
  changes: UserChanges,
  now: Date,
): Promise<UserRow> {
  const columns = Object.entries(changes);
  const assignments = columns.map(([name], index) => `${name} = $${index + 3}`);
  const [row] = await db.query<UserRow>(
    `update auth.users set ${["updated_at = $2", ...assignments].join(", ")}
    where id = $1 returning ${COLUMNS.join(", ")}`,
    [id, now, ...columns.map(([, value]) => value)],
  );
  return requireRow(row);
}

/** Merges changes into metadata; null removes a key. */
export function mergeMetadata(current: JsonObject | null, changes: JsonObject): JsonObject {
  if (!current) return changes;
  const merged = { ...current, ...changes };
  return Object.fromEntries(
    Object.entries(merged).filter(([key, value]) => {
      return value !== null || !(key in changes);
    }),
  );
}

/** Tells whether a user can sign in with a password. */
export function hasPassword(user: UserRow): boolean {
  return (user.encrypted_password ?? "") !== "";
}

/** Tells whether a user is locked out at this moment. */
export function isBanned(user: UserRow, now: Date): boolean {
  return user.banned_until !== null && now < user.banned_until;
}

// The hosted service can't read a row whose token columns are null, so a seed that leaves them out
// must fail here as well and not only in production.
function readUser(row: UserRow): UserRow {
  const nulls = NEVER_NULL.filter((column) => row[column] === null);
  if (nulls.length > 0) {
    throw internalError(
      "Database error querying schema",
      new Error(`auth.users ${row.id} has null in ${nulls.join(", ")}; store '' instead`),
    );
  }
  return row;
}

function requireRow(row: UserRow | undefined): UserRow {
  if (!row) throw internalError("Database error loading user");
  return readUser(row);
}
