// Rows of auth.refresh_tokens: each is used once, and leaves a child that takes its place.

import type { Queryable } from "./database.ts";
import { INSTANCE_ID } from "./users.ts";

/** One row of auth.refresh_tokens. */
export interface RefreshTokenRow {
  readonly id: string;
  readonly token: string;
  readonly user_id: string;
  readonly revoked: boolean;
  readonly updated_at: Date;
  readonly parent: string | null;
  readonly session_id: string | null;
}

const COLUMNS = "id, token, user_id, revoked, updated_at, parent, session_id";
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const TOKEN_LENGTH = 12;

/** Tells whether a text could be a refresh token of this room. */
export function isRefreshToken(text: string): boolean {
  return /^[a-z0-9]{12}$/.test(text);
}

/** Finds a refresh token by its text. */
export async function findRefreshToken(
  db: Queryable,
  token: string,
): Promise<RefreshTokenRow | undefined> {
  const [row] = await db.query<RefreshTokenRow>(
    `select ${COLUMNS} from auth.refresh_tokens where token = $1`,
    [token],
  );
  return row;
}

/** Finds the refresh token of a session that was issued last and not used yet. */
export async function findActiveRefreshToken(
  db: Queryable,
  sessionId: string,
): Promise<RefreshTokenRow | undefined> {
  const [row] = await db.query<RefreshTokenRow>(
    `select ${COLUMNS} from auth.refresh_tokens
    where session_id = $1 and revoked is false order by id desc limit 1`,
    [sessionId],
  );
  return row;
}

/** Stores a new refresh token of a session and returns its text. */
export async function insertRefreshToken(
  db: Queryable,
  userId: string,
  sessionId: string,
  parent: string | null,
  now: Date,
): Promise<string> {
  const token = randomToken();
  await db.query(
    `insert into auth.refresh_tokens
      (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
    values ($1, $2, $3, false, $4, $4, $5, $6)`,
    [INSTANCE_ID, token, userId, now, parent ?? "", sessionId],
  );
  return token;
}

/** Uses up a refresh token and returns the text of the one that takes its place. */
export async function swapRefreshToken(
  db: Queryable,
  used: RefreshTokenRow,
  sessionId: string,
  now: Date,
): Promise<string> {
  await db.query("update auth.refresh_tokens set revoked = true, updated_at = $2 where id = $1", [
    used.id,
    now,
  ]);
  return await insertRefreshToken(db, used.user_id, sessionId, used.token, now);
}

/**
 * Voids all refresh tokens of a session and returns the text of one that descends from none of them,
 * so that no earlier one can stand in for it.
 */
export async function replaceRefreshTokens(
  db: Queryable,
  userId: string,
  sessionId: string,
  now: Date,
): Promise<string> {
  await db.query("delete from auth.refresh_tokens where session_id = $1", [sessionId]);
  return await insertRefreshToken(db, userId, sessionId, null, now);
}

// 32 letters divide 256 evenly, so that every token is as likely as any other.
function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_LENGTH));
  return Array.from(bytes, (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
}
