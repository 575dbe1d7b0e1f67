// Codes that are mailed and used once: kept as hashes, in auth.one_time_tokens and beside the user.

import { createHash } from "node:crypto";
import type { Queryable } from "./database.ts";

/** What a code is for. */
export type OneTimeTokenType =
  | "confirmation_token"
  | "reauthentication_token"
  | "recovery_token"
  | "email_change_token_new"
  | "email_change_token_current";

/** What the hashes of codes that belong to a PKCE flow begin with. */
export const PKCE_PREFIX = "pkce_";

/** Makes a code of digits. */
export function createOtp(length: number): string {
  const digits = Array.from({ length }, () => randomDigit());
  return digits.join("");
}

/** The hash under which a code for an address is kept. */
export function hashOtp(address: string, otp: string): string {
  return createHash("sha224").update(address + otp).digest("hex");
}

/** Tells whether a code's hash is the expected one and young enough. */
export function isOtpValid(
  actual: string,
  expected: string,
  sentAt: Date | null,
  lifetimeSeconds: number,
  now: Date,
): boolean {
  if (expected === "" || isOtpExpired(sentAt, lifetimeSeconds, now)) return false;
  return actual === expected || PKCE_PREFIX + actual === expected;
}

/** Tells whether a code is too old, or was never sent. */
export function isOtpExpired(sentAt: Date | null, lifetimeSeconds: number, now: Date): boolean {
  return sentAt === null || now.getTime() > sentAt.getTime() + lifetimeSeconds * 1000;
}

/** Stores a code's hash; an earlier one of the type is void then. */
export async function saveOneTimeToken(
  db: Queryable,
  userId: string,
  type: OneTimeTokenType,
  relatesTo: string,
  hash: string,
  now: Date,
): Promise<void> {
  await db.query(
    `insert into auth.one_time_tokens
      (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
    values (gen_random_uuid(), $1, $2, $3, $4,
      $5::timestamptz at time zone 'utc', $5::timestamptz at time zone 'utc')
    on conflict (user_id, token_type) do update set token_hash = excluded.token_hash,
      relates_to = excluded.relates_to, updated_at = excluded.updated_at`,
    [userId, type, hash, relatesTo.toLowerCase(), now],
  );
}

/** Finds whom a code's hash belongs to. */
export async function findTokenOwner(
  db: Queryable,
  hash: string,
  types: readonly OneTimeTokenType[],
): Promise<string | undefined> {
  const [row] = await db.query<{ user_id: string }>(
    `select user_id from auth.one_time_tokens
    where token_hash = $1 and token_type::text = any($2) limit 1`,
    [hash, [...types]],
  );
  return row?.user_id;
}

/** Voids a user's codes: all of them, or those of one type. */
export async function clearOneTimeTokens(
  db: Queryable,
  userId: string,
  type?: OneTimeTokenType,
): Promise<void> {
  await db.query(
    `delete from auth.one_time_tokens
    where user_id = $1 and ($2::text is null or token_type::text = $2)`,
    [userId, type ?? null],
  );
}

// Bytes from 250 on are drawn again, so that every digit is as likely as any other.
function randomDigit(): number {
  const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
  return byte < 250 ? byte % 10 : randomDigit();
}
