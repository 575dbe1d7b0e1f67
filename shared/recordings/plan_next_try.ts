// When a bot that was refused is tried again: each refusal has its own answer. Pure.
import type { BotFailure } from "./bot_provider.ts";

/** Why no bot was sent: the provider's refusals, and that we could not even ask. */
export type SendFailure = BotFailure | "not_configured";

/** What was refused, and when. */
export interface Refusal {
  readonly failure: SendFailure;
  /** How long the service asked us to wait. */
  readonly retryAfterSeconds: number | null;
  /** 1 the first time. */
  readonly attempt: number;
  readonly now: Date;
  /** After this a bot would come too late; null while that is unknown. */
  readonly giveUpAt: Date | null;
}

/** The next try; null when there is none. */
export interface NextTry {
  readonly at: Date | null;
  /** Whether it counts against the job's attempts: only what has no end of its own does. */
  readonly isCounted: boolean;
}

const BACKOFF_BASE_SECONDS = 15;
const BACKOFF_MAX_SECONDS = 300;

/** Seconds to wait; null is never. What only an operator can mend is looked at again while it may be. */
const DELAYS: Readonly<Record<SendFailure, number | null>> = {
  insufficient_tokens: 120,
  bot_exists: 60,
  rate_limited: 2,
  daily_bot_cap: 300,
  request_rejected: null,
  key_rejected: 120,
  unavailable: BACKOFF_BASE_SECONDS,
  malformed_answer: BACKOFF_BASE_SECONDS,
  not_configured: 120,
};

/**
 * Decides about the next try.
 *
 * @param refusal What happened.
 * @param jitter 0 to 1, so that those who were refused together do not come back together.
 */
export function planNextTry(refusal: Refusal, jitter: number): NextTry {
  const base = DELAYS[refusal.failure];
  if (base === null) return { at: null, isCounted: false };
  const isOutage = refusal.failure === "unavailable" || refusal.failure === "malformed_answer";
  const own = isOutage ? Math.min(base * 2 ** (refusal.attempt - 1), BACKOFF_MAX_SECONDS) : base;
  const seconds = Math.max(own, refusal.retryAfterSeconds ?? 0) * (1 + jitter / 5);
  const at = new Date(refusal.now.getTime() + seconds * 1_000);
  const isTooLate = refusal.giveUpAt !== null && at >= refusal.giveUpAt;
  return { at: isTooLate ? null : at, isCounted: isOutage || refusal.giveUpAt === null };
}
