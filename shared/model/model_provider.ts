// What a language model must be able to do for us, and every way it may fail. The edge implements it;
// which service, client or version is behind it shows in one file there and nowhere else.
import type { ModelPart, ModelTurn, ToolCall } from "./model_turn.ts";

/** A function that the model may ask for. */
export interface ToolDeclaration {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** One request. What stays the same comes first and is sent in one form, so that it can be cached. */
export interface ModelRequest {
  /** Instructions; never anything that came from outside. */
  readonly system: string;
  readonly tools: readonly ToolDeclaration[];
  readonly turns: readonly ModelTurn[];
  /** JSON Schema that the answer must follow; it is checked again by whoever asked. */
  readonly answerSchema: Readonly<Record<string, unknown>> | null;
  readonly thinking: "low" | "medium" | "high";
  /** Thoughts count too: too little leaves nothing for the answer. */
  readonly maxOutputTokens: number;
}

/** What was used, in tokens. */
export interface ModelUsage {
  /** The prompt, with what came from the cache. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
  readonly thoughtTokens: number;
}

/** What every answer says about itself, whatever came of it. */
export interface AnswerFacts {
  readonly usage: ModelUsage;
  /** Which model really answered; providers route retired names elsewhere. */
  readonly modelVersion: string | null;
}

/** The model answered: with text, with calls, or with both. */
export interface Answered extends AnswerFacts {
  readonly outcome: "answered";
  readonly turn: ModelTurn;
  readonly text: string;
  readonly calls: readonly ToolCall[];
}

/**
 * What a request came to.
 *
 * - `answered`: there is text or a call.
 * - `blocked`: the provider refused the prompt or the answer; asking again does not help.
 * - `empty`: it ended properly and said nothing.
 * - `truncated`: it ran out of tokens, perhaps before the first word.
 * - `malformed`: calls that nobody can read, a call of what was not offered, or no JSON.
 * - `rate_limited`: later; `retryAfterMs` where the provider said when, `until` where the quota of the
 *   day is used up and waiting for less is useless.
 * - `unavailable`: later; `isPartial` when some of the answer had already come.
 * - `rejected`: our request or our key; only an operator can mend it.
 */
export type ModelOutcome =
  | Answered
  | { readonly outcome: "blocked"; readonly stage: "prompt" | "answer"; readonly reason: string }
    & AnswerFacts
  | { readonly outcome: "empty" } & AnswerFacts
  | { readonly outcome: "truncated"; readonly turn: ModelTurn; readonly text: string } & AnswerFacts
  | { readonly outcome: "malformed"; readonly reason: string } & AnswerFacts
  | {
    readonly outcome: "rate_limited";
    readonly retryAfterMs: number | null;
    readonly until: Date | null;
  }
  | {
    readonly outcome: "unavailable";
    readonly status: number | null;
    readonly isPartial: boolean;
    /** What the provider counted before it broke, and will charge. */
    readonly facts: AnswerFacts | null;
  }
  | { readonly outcome: "rejected"; readonly status: number | null; readonly reason: string };

/** What comes while a model speaks: parts as they arrive, then the outcome, last and once. */
export type ModelEvent =
  | { readonly kind: "parts"; readonly parts: readonly ModelPart[]; readonly text: string }
  | { readonly kind: "outcome"; readonly outcome: ModelOutcome };

/** How long a request may take, and who may end it. */
export interface ModelCallOptions {
  /** Ends the request at once. */
  readonly signal: AbortSignal;
  /** Counted from the beginning of the request. */
  readonly timeoutMs: number;
}

/** A language model. */
export interface ModelProvider {
  /** The name that is asked for; what answers may be another. */
  readonly model: string;
  /** Asks once, without trying again. Failures of the provider are outcomes, not exceptions. */
  generate(request: ModelRequest, options: ModelCallOptions): Promise<ModelOutcome>;
  /** Asks once and hands over what comes. Ends with an `outcome`, whatever happens. */
  stream(request: ModelRequest, options: ModelCallOptions): AsyncIterable<ModelEvent>;
}

/** Nothing was used. */
export const NO_USAGE: ModelUsage = {
  promptTokens: 0,
  cachedTokens: 0,
  answerTokens: 0,
  thoughtTokens: 0,
};

/**
 * Gives what an outcome says about itself, where the provider has counted.
 *
 * @param outcome The outcome.
 * @returns Null where nothing was counted and nothing will be charged.
 */
export function factsOf(outcome: ModelOutcome): AnswerFacts | null {
  if (outcome.outcome === "unavailable") return outcome.facts;
  if (outcome.outcome === "rate_limited" || outcome.outcome === "rejected") return null;
  return { usage: outcome.usage, modelVersion: outcome.modelVersion };
}
