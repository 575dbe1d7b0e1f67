// Reads a refusal of the model's service: whether trying again helps, and when.
import { z } from "zod";
import type { ModelOutcome } from "./model_provider.ts";

const RetryInfo = z.object({
  "@type": z.string().endsWith("google.rpc.RetryInfo"),
  retryDelay: z.string(),
});
const QuotaFailure = z.object({
  "@type": z.string().endsWith("google.rpc.QuotaFailure"),
  violations: z.array(z.object({ quotaId: z.string().nullish() })),
});

/** Quotas of a day begin anew at midnight there. */
const QUOTA_DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "America/Los_Angeles" });
const HOUR_MS = 3_600_000;
const MAX_DELAY_MS = HOUR_MS;

/** What a refusal says. */
export interface Refusal {
  /** The HTTP status; null when there was no answer at all. */
  readonly status: number | null;
  /** The `details` of its body. */
  readonly details: readonly unknown[];
}

/**
 * Says what a refusal means for us.
 *
 * @param refusal What came.
 * @param now The moment; a quota of the day is good again at the next midnight of its zone.
 */
export function readRefusal({ status, details }: Refusal, now: Date): ModelOutcome {
  if (status === 429) {
    return {
      outcome: "rate_limited",
      retryAfterMs: readRetryDelay(details),
      until: isDailyQuota(details) ? nextQuotaDay(now) : null,
    };
  }
  if (status === null || status === 408 || status >= 500) {
    return { outcome: "unavailable", status, isPartial: false, facts: null };
  }
  const reason = status === 403 || status === 401
    ? "not_permitted"
    : status === 404
    ? "model_not_found"
    : "bad_request";
  return { outcome: "rejected", status, reason };
}

/**
 * Reads how long the service asks us to wait.
 *
 * @param details The details of a 429, in which it is often missing.
 * @returns Milliseconds, at most an hour; null when it does not say.
 */
export function readRetryDelay(details: readonly unknown[]): number | null {
  for (const detail of details) {
    const delay = RetryInfo.safeParse(detail).data?.retryDelay;
    const seconds = /^(\d+(?:\.\d+)?)s$/.exec(delay ?? "")?.[1];
    if (seconds !== undefined) return Math.min(Math.ceil(Number(seconds) * 1000), MAX_DELAY_MS);
  }
  return null;
}

/**
 * The next midnight where quotas are counted.
 *
 * @param now The moment.
 */
export function nextQuotaDay(now: Date): Date {
  const today = QUOTA_DAY.format(now);
  let hour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS + HOUR_MS;
  // Clocks change at two in the morning there, by a whole hour: midnight is always one of these
  while (QUOTA_DAY.format(hour) === today) hour += HOUR_MS;
  return new Date(hour);
}

function isDailyQuota(details: readonly unknown[]): boolean {
  return details.some((detail) =>
    QuotaFailure.safeParse(detail).data?.violations.some(({ quotaId }) =>
      quotaId?.includes("PerDay")
    ) ?? false
  );
}
