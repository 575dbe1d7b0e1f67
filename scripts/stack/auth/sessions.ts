// Rows of auth.sessions and what they say about how somebody signed in.

import type { Queryable } from "./database.ts";
import type { AuthSettings } from "./settings.ts";

/** How a person proved who they are, as `amr` and the hook name it. */
export type AuthenticationMethod =
  | "password"
  | "otp"
  | "totp"
  | "recovery"
  | "invite"
  | "magiclink"
  | "email/signup"
  | "email_change"
  | "token_refresh"
  | "anonymous";

/** One row of auth.sessions, with the methods that were used in it. */
export interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly created_at: Date;
  readonly factor_id: string | null;
  readonly aal: "aal1" | "aal2" | "aal3" | null;
  readonly not_after: Date | null;
  /** When it was last refreshed, in milliseconds; null before the first time. */
  readonly refreshed_ms: number | null;
  readonly amr: ReadonlyArray<{ readonly method: string; readonly timestamp: number }>;
}

/** Where a session is used from. */
export interface ClientOrigin {
  readonly ipAddress: string;
  readonly userAgent: string | null;
}

const SELECT_SESSION = `
  select s.id, s.user_id, s.created_at, s.factor_id, s.aal, s.not_after,
    (extract(epoch from s.refreshed_at) * 1000)::float8 as refreshed_ms,
    coalesce((
      select json_agg(
        json_build_object(
          'method', c.authentication_method,
          'timestamp', floor(extract(epoch from c.updated_at))::bigint
        )
        order by c.updated_at desc
      )
      from auth.mfa_amr_claims c where c.session_id = s.id
    ), '[]'::json) as amr
  from auth.sessions s`;

/** Finds a session. */
export async function findSession(db: Queryable, id: string): Promise<SessionRow | undefined> {
  const [row] = await db.query<SessionRow>(`${SELECT_SESSION} where s.id = $1`, [id]);
  return row;
}

/** Finds a session and keeps others from changing or ending it meanwhile. */
export async function lockSession(db: Queryable, id: string): Promise<SessionRow | undefined> {
  const locked = await db.query("select id from auth.sessions where id = $1 for update", [id]);
  return locked.length > 0 ? await findSession(db, id) : undefined;
}

/** Begins a session with the method that was used to sign in. */
export async function insertSession(
  db: Queryable,
  userId: string,
  method: AuthenticationMethod,
  origin: ClientOrigin,
  now: Date,
): Promise<string> {
  const id = crypto.randomUUID();
  await db.query(
    `insert into auth.sessions (id, user_id, aal, created_at, updated_at, user_agent, ip)
    values ($1, $2, 'aal1', $3, $3, $4, $5)`,
    [id, userId, now, origin.userAgent, origin.ipAddress],
  );
  await recordMethod(db, id, method, now);
  return id;
}

/** Records that a method was used in a session; a second use renews its time. */
export async function recordMethod(
  db: Queryable,
  sessionId: string,
  method: AuthenticationMethod,
  now: Date,
): Promise<void> {
  await db.query(
    `insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
    values (gen_random_uuid(), $1, $2, $2, $3)
    on conflict (session_id, authentication_method) do update set updated_at = excluded.updated_at`,
    [sessionId, now, method],
  );
}

/** Raises a session to the level that a factor gives. */
export async function raiseSession(
  db: Queryable,
  sessionId: string,
  factorId: string,
): Promise<void> {
  await db.query("update auth.sessions set aal = 'aal2', factor_id = $2 where id = $1", [
    sessionId,
    factorId,
  ]);
}

/** Records that a session was refreshed. */
export async function recordRefresh(
  db: Queryable,
  sessionId: string,
  origin: ClientOrigin,
  now: Date,
): Promise<void> {
  await db.query(
    `update auth.sessions
    set refreshed_at = $2::timestamptz at time zone 'utc', updated_at = $2, user_agent = $3, ip = $4
    where id = $1`,
    [sessionId, now, origin.userAgent, origin.ipAddress],
  );
}

/** Ends one session; its refresh tokens go with it. */
export async function endSession(db: Queryable, sessionId: string): Promise<void> {
  await db.query("delete from auth.sessions where id = $1", [sessionId]);
}

/** Ends all sessions of a user, except one when it is named. */
export async function endSessions(
  db: Queryable,
  userId: string,
  exceptSessionId?: string,
): Promise<void> {
  await db.query("delete from auth.sessions where user_id = $1 and id is distinct from $2::uuid", [
    userId,
    exceptSessionId ?? null,
  ]);
}

/** Ends the sessions of a user that were opened without a second factor. */
export async function endSingleFactorSessions(db: Queryable, userId: string): Promise<void> {
  await db.query("delete from auth.sessions where user_id = $1 and aal < 'aal2'", [userId]);
}

/** Tells how well somebody in this session has proved who they are. */
export function assuranceLevel(session: Pick<SessionRow, "amr">): "aal1" | "aal2" {
  const hasSecondFactor = session.amr.some(({ method }) => {
    return method === "totp" || method.startsWith("mfa/");
  });
  return hasSecondFactor ? "aal2" : "aal1";
}

/** Tells whether a session came from a mailed link or code, as when a password was forgotten. */
export function isRecoverySession(session: SessionRow): boolean {
  return session.amr.some(({ method }) => ["otp", "magiclink", "recovery"].includes(method));
}

/**
 * Says why a session may not go on.
 *
 * @returns nothing while it may
 */
export function sessionExpiry(
  session: SessionRow,
  settings: AuthSettings,
  now: Date,
): string | undefined {
  const expired = "Invalid Refresh Token: Session Expired";
  if (session.not_after && now > session.not_after) return expired;
  const age = now.getTime() - session.created_at.getTime();
  const { sessionTimeboxSeconds: timebox, sessionInactivitySeconds: inactivity } = settings;
  if (timebox && age > timebox * 1000) return expired;
  const idle = now.getTime() - (session.refreshed_ms ?? session.created_at.getTime());
  if (inactivity && idle > inactivity * 1000) return `${expired} (Inactivity)`;
  return undefined;
}
