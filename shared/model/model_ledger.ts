// What model calls cost an organization, and what it may still spend. Prices, budgets and sums are the
// database's; here is only how to ask and tell.
import { fromPostgrestError } from "../errors/app_error.ts";
import type { ServiceContext } from "../platform/request_context.ts";
import type { AnswerFacts, ModelOutcome } from "./model_provider.ts";

/** What a call is for. */
export type ModelPurpose = "meeting_analysis" | "copilot";

/** One call that the provider has counted. */
export interface CountedCall extends AnswerFacts {
  readonly purpose: ModelPurpose;
  /** The name that was asked for. */
  readonly model: string;
  readonly outcome: ModelOutcome["outcome"];
}

/** The account of one organization. */
export interface ModelLedger {
  /** Whether there is anything left of this month's budget. @throws {AppError} */
  hasBudget(): Promise<boolean>;
  /** Writes a call down. @throws {AppError} */
  record(call: CountedCall): Promise<void>;
}

/**
 * Opens the account of an organization.
 *
 * @param ctx A client with the service role, and the request to name.
 * @param orgId The organization.
 * @returns The account; a call that is recorded twice by a repeated request counts once.
 */
export function openModelLedger(
  ctx: Pick<ServiceContext, "db" | "requestId">,
  orgId: string,
): ModelLedger {
  return {
    hasBudget: async () => {
      const { data, error } = await ctx.db.rpc("model_budget_left", { p_org_id: orgId });
      if (error) throw fromPostgrestError(error);
      return (data ?? 0) > 0;
    },
    record: async ({ purpose, model, outcome, usage, modelVersion }) => {
      const { error } = await ctx.db.rpc("record_model_usage", {
        p_org_id: orgId,
        p_call_id: crypto.randomUUID(),
        p_purpose: purpose,
        p_model: model,
        p_model_version: modelVersion,
        p_outcome: outcome,
        p_prompt_tokens: usage.promptTokens,
        p_cached_tokens: usage.cachedTokens,
        p_answer_tokens: usage.answerTokens,
        p_thought_tokens: usage.thoughtTokens,
        p_request_id: ctx.requestId,
      });
      if (error) throw fromPostgrestError(error);
    },
  };
}
