// Asks a model and hands its words over while they come, within a budget of time and of tries. Words
// that somebody has seen are not taken back: from then on nothing is asked again.
import type { Clock } from "../platform/clock.ts";
import { retryDelay } from "./call_model.ts";
import type { ModelEvent, ModelOutcome, ModelProvider, ModelRequest } from "./model_provider.ts";

/** What asking needs from outside. */
export interface ModelStreamDeps {
  readonly provider: ModelProvider;
  readonly clock: Clock;
  /** Asked before each request: no knowledge, no spending. */
  readonly hasBudget: () => boolean;
  /** Told of each request's outcome. */
  readonly record: (outcome: ModelOutcome) => void;
  /** Waits, or ends early when the signal does. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Between 0 and 1; spreads retries. */
  readonly random: () => number;
}

/** The limits of a request. */
export interface ModelStreamLimits {
  readonly signal: AbortSignal;
  /** Nothing is waited for beyond it. */
  readonly deadline: Date;
  readonly maxAttempts: number;
  /** No single wait for another try is longer. */
  readonly maxDelayMs: number;
  /** A request that was begun before; it counts as the first. */
  readonly begun?: AsyncIterator<ModelEvent>;
  readonly onText: (text: string) => void;
}

/** What asking came to; `over_budget`: the organization has spent its month's money. */
export type StreamOutcome = ModelOutcome | { readonly outcome: "over_budget" };

/** With less than this left, another request is not begun. */
const MIN_REQUEST_MS = 2_000;

/**
 * Asks, and asks again where that can help, as long as no word has been handed over.
 *
 * @param deps The model and its surroundings.
 * @param request What is asked.
 * @param limits How long, how often, and who listens.
 * @returns The last outcome. Failures of the model are outcomes.
 */
export async function streamModel(
  deps: ModelStreamDeps,
  request: ModelRequest,
  limits: ModelStreamLimits,
): Promise<StreamOutcome> {
  let begun = limits.begun;
  for (let attempt = 1;; attempt += 1) {
    if (begun === undefined && !deps.hasBudget()) return { outcome: "over_budget" };
    const timeoutMs = limits.deadline.getTime() - deps.clock.now().getTime();
    const events = begun ?? openStream(deps.provider, request, limits.signal, timeoutMs);
    begun = undefined;
    const { outcome, hasSpoken } = await listen(events, limits.onText);
    deps.record(outcome);
    const delayMs = hasSpoken ? null : retryDelay(outcome, attempt, deps.random());
    if (delayMs === null || delayMs > limits.maxDelayMs) return outcome;
    if (attempt >= limits.maxAttempts || limits.signal.aborted) return outcome;
    const leftMs = limits.deadline.getTime() - deps.clock.now().getTime() - delayMs;
    if (leftMs < MIN_REQUEST_MS) return outcome;
    await deps.wait(delayMs, limits.signal);
    if (limits.signal.aborted) return outcome;
  }
}

/**
 * Begins a request at once: its first event is on its way before anybody asks for it.
 *
 * @param provider The model.
 * @param request What is asked.
 * @param signal Ends it.
 * @param timeoutMs How long it may take.
 * @returns Its events, from the first on.
 */
export function beginStream(
  provider: ModelProvider,
  request: ModelRequest,
  signal: AbortSignal,
  timeoutMs: number,
): AsyncIterator<ModelEvent> {
  const events = openStream(provider, request, signal, timeoutMs);
  let first: Promise<IteratorResult<ModelEvent>> | null = events.next();
  return {
    next: () => {
      const next = first ?? events.next();
      first = null;
      return next;
    },
    ...(events.return && { return: () => events.return?.() ?? Promise.resolve(DONE) }),
  };
}

const DONE: IteratorResult<ModelEvent> = { done: true, value: undefined };

function openStream(
  provider: ModelProvider,
  request: ModelRequest,
  signal: AbortSignal,
  timeoutMs: number,
): AsyncIterator<ModelEvent> {
  return provider.stream(request, { signal, timeoutMs })[Symbol.asyncIterator]();
}

async function listen(
  events: AsyncIterator<ModelEvent>,
  onText: (text: string) => void,
): Promise<{ outcome: ModelOutcome; hasSpoken: boolean }> {
  let hasSpoken = false;
  for (;;) {
    const next = await events.next();
    if (next.done) throw new TypeError("A model's stream ended without an outcome");
    const event = next.value;
    if (event.kind === "outcome") {
      await events.return?.();
      return { outcome: event.outcome, hasSpoken };
    }
    if (event.text !== "") {
      hasSpoken = true;
      onText(event.text);
    }
  }
}
