// What a person is told when the language model fails: what happened, and what can be done without it.
import type { StreamOutcome } from "../../model/stream_model.ts";
import type { Notice } from "../contract.ts";

/** What works without a model, as things that one can write. */
export const WORKS_WITHOUT_A_MODEL = "Without the language model you can ask, for example:\n" +
  "• What meetings do I have today?\n" +
  "• What meetings do I have with Acme?\n" +
  "• Prep me for my next meeting\n" +
  "• Create follow-ups for my last meeting\n" +
  "• Show my pipeline\n" +
  "• Which deals are at risk?\n" +
  "• What tasks are overdue?";

/** Every way in which no answer of the model comes. */
export type ModelFailure =
  | Exclude<StreamOutcome, { readonly outcome: "answered" }>
  | { readonly outcome: "too_many_turns" | "too_many_calls" | "not_configured" | "out_of_time" };

/** What is said of a failure. */
export interface FailureWords {
  readonly notice: Notice;
  readonly sentence: string;
}

/**
 * Says what a failure means.
 *
 * @param failure What asking came to.
 * @param timeZone The person's, for times.
 */
export function describeFailure(failure: ModelFailure, timeZone: string): FailureWords {
  switch (failure.outcome) {
    case "not_configured":
      return {
        notice: "model_not_configured",
        sentence: "I can't work that out: no language model is set up here.",
      };
    case "blocked":
      return {
        notice: "model_blocked",
        sentence: failure.stage === "prompt"
          ? "The language model declined to answer this."
          : "The language model stopped its own answer.",
      };
    case "empty":
    case "malformed":
      return {
        notice: "model_gave_nothing",
        sentence: "The language model gave no answer that I could use. Asking again may help.",
      };
    case "truncated":
      return {
        notice: "model_truncated",
        sentence: "The language model's answer was cut short: it grew too long.",
      };
    case "rate_limited":
      return { notice: "model_busy", sentence: describeLimit(failure, timeZone) };
    case "unavailable":
    case "out_of_time":
      return {
        notice: "model_unavailable",
        sentence: failure.outcome === "unavailable" && failure.isPartial
          ? "The language model's answer broke off."
          : "The language model can't be reached at the moment. Please try again.",
      };
    case "rejected":
      return {
        notice: "model_misconfigured",
        sentence: "The language model isn't set up properly; an administrator has to look at it.",
      };
    case "over_budget":
      return {
        notice: "model_budget_spent",
        sentence: "The language model budget is used up: your organization's for this month, " +
          "or yours for today.",
      };
    case "too_many_turns":
    case "too_many_calls":
      return {
        notice: "too_many_steps",
        sentence: "I needed too many steps for this and stopped. A narrower question may help.",
      };
  }
}

function describeLimit(
  { retryAfterMs, until }: Extract<ModelFailure, { readonly outcome: "rate_limited" }>,
  timeZone: string,
): string {
  if (until !== null) {
    const time = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "long",
      hour: "2-digit",
      minute: "2-digit",
    }).format(until);
    return `The language model's quota for the day is used up; it is back on ${time}.`;
  }
  const seconds = retryAfterMs === null ? null : Math.ceil(retryAfterMs / 1000);
  const when = seconds === null ? "in a moment" : `in ${seconds} second${seconds === 1 ? "" : "s"}`;
  return `The language model is busy. Please try again ${when}.`;
}
