// Asks a model until there is something to go on with: within a budget of money, of time and of tries.
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/request_context.ts";
import type { ModelLedger, ModelPurpose } from "./model_ledger.ts";
import {
  factsOf,
  type ModelOutcome,
  type ModelProvider,
  type ModelRequest,
} from "./model_provider.ts";

/** What a call needs from outside. */
export interface ModelCallDeps {
  readonly provider: ModelProvider;
  readonly ledger: ModelLedger;
  readonly clock: Clock;
  readonly log: Logger;
  /** Waits, or ends early when the signal does. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Between 0 and 1; spreads retries. */
  readonly random: () => number;
}

/** The limits of a call. */
export interface ModelCallLimits {
  readonly purpose: ModelPurpose;
  readonly signal: AbortSignal;
  /** Nothing is waited for beyond it. */
  readonly deadline: Date;
  /** Requests at most, the first among them. */
  readonly maxAttempts: number;
}

/** What a call came to; `over_budget`: the organization has spent its month's money. */
export type CallOutcome = ModelOutcome | { readonly outcome: "over_budget" };

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;
/** With less than this left, another request is not begun. */
const MIN_REQUEST_MS = 2_000;

/**
 * Asks, and asks again where that can help before the deadline.
 *
 * What the provider says about when to come back is kept to; where it says nothing, the delay doubles.
 * A quota of the day is not waited for. Every request that was counted is written to the ledger, those
 * that failed among them. The budget is looked at before each request: what is under way at the same
 * time may exceed it by its own cost and no more.
 *
 * @param deps The model and its surroundings.
 * @param request What is asked.
 * @param limits How long, how often, and for what.
 * @returns The last outcome. Failures of the model are outcomes.
 * @throws {AppError} When the budget can't be read: no knowledge, no spending.
 */
export async function callModel(
  deps: ModelCallDeps,
  request: ModelRequest,
  limits: ModelCallLimits,
): Promise<CallOutcome> {
  for (let attempt = 1;; attempt += 1) {
    if (!await deps.ledger.hasBudget()) return { outcome: "over_budget" };
    const timeoutMs = limits.deadline.getTime() - deps.clock.now().getTime();
    const outcome = await deps.provider.generate(request, { signal: limits.signal, timeoutMs });
    await record(deps, limits.purpose, outcome);
    const delayMs = retryDelay(outcome, attempt, deps.random());
    if (delayMs === null || attempt >= limits.maxAttempts || limits.signal.aborted) return outcome;
    const leftMs = limits.deadline.getTime() - deps.clock.now().getTime() - delayMs;
    if (leftMs < MIN_REQUEST_MS) return outcome;
    await deps.wait(delayMs, limits.signal);
    if (limits.signal.aborted) return outcome;
  }
}

/**
 * Says how long to wait before asking again.
 *
 * @param outcome What the last request came to.
 * @param attempt How many there have been.
 * @param random Between 0 and 1.
 * @returns Milliseconds; null where asking again does not help.
 */
export function retryDelay(outcome: ModelOutcome, attempt: number, random: number): number | null {
  const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS) *
    (0.5 + random / 2);
  switch (outcome.outcome) {
    case "rate_limited":
      if (outcome.until !== null) return null;
      return outcome.retryAfterMs === null ? backoffMs : Math.max(outcome.retryAfterMs, backoffMs);
    case "unavailable":
      return backoffMs;
    case "malformed":
    case "empty":
      // Another draw may succeed, and a third one is not worth its price
      return attempt === 1 ? 0 : null;
    default:
      return null;
  }
}

async function record(
  { ledger, provider, log }: ModelCallDeps,
  purpose: ModelPurpose,
  outcome: ModelOutcome,
): Promise<void> {
  const facts = factsOf(outcome);
  log.info("model_called", { operation: purpose, provider: "model", outcome: outcome.outcome });
  if (facts === null) return;
  try {
    await ledger.record({ purpose, model: provider.model, outcome: outcome.outcome, ...facts });
  } catch (cause) {
    // The answer is paid for: losing it as well would help nobody
    log.error("model_usage_not_recorded", { operation: purpose, cause });
  }
}
