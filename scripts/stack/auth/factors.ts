// Rows of auth.mfa_factors and auth.mfa_challenges: second factors and the questions put to them.

import type { Queryable } from "./database.ts";

/** One row of auth.mfa_factors. */
export interface FactorRow {
  readonly id: string;
  readonly user_id: string;
  readonly friendly_name: string | null;
  readonly factor_type: "totp" | "phone" | "webauthn";
  readonly status: "unverified" | "verified";
  readonly secret: string | null;
  readonly phone: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly last_challenged_at: Date | null;
}

/** One row of auth.mfa_challenges. */
export interface ChallengeRow {
  readonly id: string;
  readonly created_at: Date;
  readonly verified_at: Date | null;
  readonly ip_address: string;
}

const FACTOR_COLUMNS = `id, user_id, friendly_name, factor_type, status, secret, phone, created_at,
  updated_at, last_challenged_at`;

/** How long an unanswered enrolment or challenge stays usable. */
export const CHALLENGE_LIFETIME_MS = 300_000;

/** Lists a user's factors, oldest first. */
export async function listFactors(db: Queryable, userId: string): Promise<FactorRow[]> {
  return await db.query<FactorRow>(
    `select ${FACTOR_COLUMNS} from auth.mfa_factors where user_id = $1 order by created_at, id`,
    [userId],
  );
}

/** Finds one of a user's own factors. */
export async function findFactor(
  db: Queryable,
  userId: string,
  factorId: string,
): Promise<FactorRow | undefined> {
  const [row] = await db.query<FactorRow>(
    `select ${FACTOR_COLUMNS} from auth.mfa_factors where user_id = $1 and id = $2`,
    [userId, factorId],
  );
  return row;
}

/** Stores a TOTP factor that nobody has proved to hold yet. */
export async function insertTotpFactor(
  db: Queryable,
  factor: { readonly id: string; readonly userId: string; readonly friendlyName: string },
  secret: string,
  now: Date,
): Promise<void> {
  await db.query(
    `insert into auth.mfa_factors
      (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
    values ($1, $2, $3, 'totp', 'unverified', $4, $5, $5)`,
    [factor.id, factor.userId, factor.friendlyName, secret, now],
  );
}

/** Changes the name or the state of a factor. */
export async function updateFactor(
  db: Queryable,
  factorId: string,
  changes: { readonly friendlyName?: string; readonly status?: "verified" },
  now: Date,
): Promise<FactorRow | undefined> {
  const [row] = await db.query<FactorRow>(
    `update auth.mfa_factors set friendly_name = coalesce($2, friendly_name),
      status = coalesce($3::auth.factor_status, status), updated_at = $4
    where id = $1 returning ${FACTOR_COLUMNS}`,
    [factorId, changes.friendlyName ?? null, changes.status ?? null, now],
  );
  return row;
}

/** Forgets enrolments that were begun and never finished. */
export async function deleteExpiredFactors(db: Queryable, now: Date): Promise<void> {
  await db.query(
    "delete from auth.mfa_factors where status <> 'verified' and created_at < $1",
    [new Date(now.getTime() - CHALLENGE_LIFETIME_MS)],
  );
}

/** Forgets a user's other unfinished enrolments of a type. */
export async function deleteUnverifiedFactors(
  db: Queryable,
  userId: string,
  factorType: FactorRow["factor_type"],
): Promise<void> {
  await db.query(
    `delete from auth.mfa_factors
    where user_id = $1 and status = 'unverified' and factor_type = $2`,
    [userId, factorType],
  );
}

/** Removes a factor; sessions that it had raised fall back to the first level. */
export async function deleteFactor(db: Queryable, factor: FactorRow): Promise<void> {
  await db.query("delete from auth.mfa_factors where id = $1", [factor.id]);
  const method = factor.factor_type === "totp" ? "totp" : `mfa/${factor.factor_type}`;
  await db.query(
    `delete from auth.mfa_amr_claims
    where authentication_method = $2
      and session_id in (select id from auth.sessions where factor_id = $1)`,
    [factor.id, method],
  );
  await db.query(
    "update auth.sessions set aal = 'aal1', factor_id = null where factor_id = $1",
    [factor.id],
  );
}

/** Stores a challenge for a factor. */
export async function insertChallenge(
  db: Queryable,
  factorId: string,
  ipAddress: string,
  now: Date,
): Promise<ChallengeRow> {
  const [row] = await db.query<ChallengeRow>(
    `insert into auth.mfa_challenges (id, factor_id, created_at, ip_address)
    values ($1, $2, $3, $4) returning id, created_at, verified_at, host(ip_address) as ip_address`,
    [crypto.randomUUID(), factorId, now, ipAddress],
  );
  if (!row) throw new Error("The challenge wasn't stored");
  // The column is unique over all factors, and a clock of milliseconds isn't fine enough for that.
  await db.query(
    `update auth.mfa_factors
    set last_challenged_at = $2::timestamptz + random() * interval '999 microseconds'
    where id = $1`,
    [factorId, now],
  );
  return row;
}

/** Finds a challenge of a factor and keeps others from answering it meanwhile. */
export async function lockChallenge(
  db: Queryable,
  factorId: string,
  challengeId: string,
): Promise<ChallengeRow | undefined> {
  const [row] = await db.query<ChallengeRow>(
    `select id, created_at, verified_at, host(ip_address) as ip_address
    from auth.mfa_challenges where id = $1 and factor_id = $2 for update`,
    [challengeId, factorId],
  );
  return row;
}

/** Marks a challenge as answered, so that it can't be answered again. */
export async function markChallengeVerified(
  db: Queryable,
  challengeId: string,
  now: Date,
): Promise<void> {
  await db.query("update auth.mfa_challenges set verified_at = $2 where id = $1", [
    challengeId,
    now,
  ]);
}
