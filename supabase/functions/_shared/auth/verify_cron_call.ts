// Proves that a call comes from our own schedule. Trust boundary: the database signs function,
// minute, nonce and body with a key that never travels; a signature is good for that function and
// body only, for minutes only, and once only.
import type { Clock } from "@shared/platform/clock.ts";
import { fromHex, isHmacOf, signedBytes } from "./hmac.ts";

/** Why a scheduled call was refused; logged, and never shown. */
export type CronRefusal = "unsigned" | "malformed" | "minute" | "signature" | "replayed";

/** What a good call carried; the nonce still has to be used up. */
export interface CronCall {
  readonly nonce: string;
  readonly minute: number;
}

const MINUTES_OF_GRACE = 2;
const NONCE = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MINUTE = /^[1-9]\d{6,8}$/;
const SIGNATURE = /^v1,([0-9a-f]{64})$/;

/**
 * Checks the signature of a scheduled call.
 *
 * @param functionName The function that was called; part of what is signed.
 * @param headers The call's headers.
 * @param body Its body, byte for byte.
 * @param key The shared key.
 * @param clock Two minutes off, either way, are accepted.
 * @returns The nonce to use up, or why the call is refused.
 */
export function verifyCronCall(
  functionName: string,
  headers: Headers,
  body: Uint8Array<ArrayBuffer>,
  key: string,
  clock: Clock,
): CronCall | CronRefusal {
  const minute = headers.get("x-cron-minute");
  const nonce = headers.get("x-cron-nonce");
  const signature = headers.get("x-cron-signature");
  if (minute === null || nonce === null || signature === null) return "unsigned";
  const digits = SIGNATURE.exec(signature)?.[1];
  if (!MINUTE.test(minute) || !NONCE.test(nonce) || digits === undefined) return "malformed";
  const thisMinute = Math.floor(clock.now().getTime() / 60_000);
  if (Math.abs(Number(minute) - thisMinute) > MINUTES_OF_GRACE) return "minute";
  const digest = fromHex(digits, 32);
  const message = signedBytes(`${functionName}.${minute}.${nonce}.`, body);
  const isGood = digest !== null &&
    isHmacOf("SHA-256", new TextEncoder().encode(key), digest, message);
  return isGood ? { nonce, minute: Number(minute) } : "signature";
}
