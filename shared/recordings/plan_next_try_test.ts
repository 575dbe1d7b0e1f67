import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { planNextTry, type Refusal, type SendFailure } from "./plan_next_try.ts";

const NOW = new Date("2026-12-01T10:00:00Z");
const LATER = new Date("2026-12-01T11:00:00Z");
const FAILURES: readonly SendFailure[] = [
  "insufficient_tokens",
  "bot_exists",
  "rate_limited",
  "daily_bot_cap",
  "request_rejected",
  "key_rejected",
  "unavailable",
  "malformed_answer",
  "not_configured",
];

const refusal = (failure: SendFailure, more: Partial<Refusal> = {}): Refusal => ({
  failure,
  retryAfterSeconds: null,
  attempt: 1,
  now: NOW,
  giveUpAt: LATER,
  ...more,
});
const seconds = (given: Refusal): number | null => {
  const { at } = planNextTry(given, 0);
  return at === null ? null : (at.getTime() - NOW.getTime()) / 1_000;
};

Deno.test("U60-105 planNextTry() has an answer of its own for each refusal", () => {
  deepStrictEqual(Object.fromEntries(FAILURES.map((name) => [name, seconds(refusal(name))])), {
    insufficient_tokens: 120,
    bot_exists: 60,
    rate_limited: 2,
    daily_bot_cap: 300,
    request_rejected: null,
    key_rejected: 120,
    unavailable: 15,
    malformed_answer: 15,
    not_configured: 120,
  });
});

Deno.test("planNextTry() waits as long as it was asked to", () => {
  strictEqual(seconds(refusal("rate_limited", { retryAfterSeconds: 7 })), 7);
  strictEqual(seconds(refusal("daily_bot_cap", { retryAfterSeconds: 7 })), 300);
});

Deno.test("planNextTry() backs off while the service is out, and counts only that", () => {
  deepStrictEqual([1, 2, 3, 6, 9].map((attempt) => seconds(refusal("unavailable", { attempt }))), [
    15,
    30,
    60,
    300,
    300,
  ]);
  strictEqual(planNextTry(refusal("unavailable"), 0).isCounted, true);
  strictEqual(planNextTry(refusal("rate_limited"), 0).isCounted, false);
  strictEqual(planNextTry(refusal("rate_limited", { giveUpAt: null }), 0).isCounted, true);
});

Deno.test("planNextTry() never plans a try that comes too late, nor one before it was asked to", () => {
  fc.assert(fc.property(
    fc.constantFrom(...FAILURES),
    fc.integer({ min: 1, max: 50 }),
    fc.option(fc.integer({ min: 0, max: 86_400 })),
    fc.option(fc.integer({ min: -10, max: 7_200 })),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (failure, attempt, retryAfterSeconds, left, jitter) => {
      const giveUpAt = left === null ? null : new Date(NOW.getTime() + left * 1_000);
      const { at } = planNextTry(
        refusal(failure, { attempt, retryAfterSeconds, giveUpAt }),
        jitter,
      );
      if (at === null) return;
      ok(giveUpAt === null || at < giveUpAt);
      ok(at.getTime() >= NOW.getTime() + Math.max(1, retryAfterSeconds ?? 0) * 1_000);
    },
  ));
});
