// What a request to the model is billed as.
import type { CountedCall } from "../../model/model_ledger.ts";
import type { CallUsage } from "./turn_store.ts";

/** A request whose answer nobody reads: its prompt is charged, and its facts never come. */
export interface WastedRequest {
  readonly model: string;
  /** Estimated. */
  readonly promptTokens: number;
}

/**
 * The bill of a request that was answered, or failed.
 *
 * @param call What the provider said of it, in tokens.
 */
export function usageOfCall(
  { model, modelVersion, outcome, usage }: Omit<CountedCall, "purpose">,
): CallUsage {
  return {
    call_id: crypto.randomUUID(),
    model,
    model_version: modelVersion,
    outcome,
    prompt_tokens: usage.promptTokens,
    cached_tokens: usage.cachedTokens,
    answer_tokens: usage.answerTokens,
    thought_tokens: usage.thoughtTokens,
  };
}

/**
 * The bill of a request that was begun and thrown away.
 *
 * @param request What it is estimated to have cost.
 */
export function usageOfWasted({ model, promptTokens }: WastedRequest): CallUsage {
  return {
    call_id: crypto.randomUUID(),
    model,
    model_version: null,
    outcome: "abandoned",
    prompt_tokens: promptTokens,
    cached_tokens: 0,
    answer_tokens: 0,
    thought_tokens: 0,
  };
}
