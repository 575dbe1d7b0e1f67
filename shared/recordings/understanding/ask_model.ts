// Has a model analyze a transcript, and checks what it says.
import { callModel, type CallOutcome, type ModelCallDeps } from "../../model/call_model.ts";
import { checkAnalysis } from "./check_analysis.ts";
import { composeRequest, MAX_PROMPT_CHARACTERS } from "./compose_prompt.ts";
import { type AnalysisSource, type MeetingAnalysis, ModelAnalysis } from "./contract.ts";

/** The limits of an analysis. */
export interface AskLimits {
  readonly signal: AbortSignal;
  readonly deadline: Date;
}

/**
 * What came of asking.
 *
 * - `analyzed`: here it is, checked.
 * - `later`: asking again can help, at `at` where the provider said when.
 * - `never`: it cannot; `code` says why.
 */
export type AskOutcome =
  | { readonly outcome: "analyzed"; readonly analysis: MeetingAnalysis }
  | { readonly outcome: "later"; readonly at: Date | null; readonly code: string }
  | { readonly outcome: "never"; readonly code: string };

const OUTPUT_TOKENS = [8_192, 32_768] as const;
const MAX_ATTEMPTS = 3;

/**
 * Asks a model for an analysis: a second time, with more room, when the first answer was cut off or
 * is not of the form that was asked for.
 *
 * @param deps The model and its surroundings.
 * @param source The words.
 * @param limits How long.
 * @throws {AppError} When the budget can't be read.
 */
export async function askModel(
  deps: ModelCallDeps,
  source: AnalysisSource,
  limits: AskLimits,
): Promise<AskOutcome> {
  const length = source.segments.reduce((sum, { text }) => sum + text.length, 0);
  if (length > MAX_PROMPT_CHARACTERS) return { outcome: "never", code: "transcript_too_long" };
  let last: AskOutcome = { outcome: "never", code: "model_malformed" };
  for (const maxOutputTokens of OUTPUT_TOKENS) {
    const outcome = await callModel(deps, composeRequest(source, maxOutputTokens), {
      ...limits,
      purpose: "meeting_analysis",
      maxAttempts: MAX_ATTEMPTS,
    });
    last = read(outcome, source, deps.provider.model, deps.clock.now());
    const isWorthAnother = last.outcome === "never" &&
      (last.code === "model_truncated" || last.code === "model_malformed");
    if (!isWorthAnother) return last;
  }
  return last;
}

function read(
  outcome: CallOutcome,
  source: AnalysisSource,
  model: string,
  now: Date,
): AskOutcome {
  switch (outcome.outcome) {
    case "answered": {
      const parsed = ModelAnalysis.safeParse(parseJson(outcome.text));
      // A call of a function, where none was offered, is an answer to somebody else's question
      if (!parsed.success || outcome.calls.length > 0) {
        return { outcome: "never", code: "model_malformed" };
      }
      const name = outcome.modelVersion ?? model;
      return { outcome: "analyzed", analysis: checkAnalysis(parsed.data, source, name) };
    }
    case "rate_limited":
      return {
        outcome: "later",
        at: outcome.until ??
          (outcome.retryAfterMs === null ? null : new Date(now.getTime() + outcome.retryAfterMs)),
        code: outcome.until === null ? "model_rate_limited" : "model_quota_spent",
      };
    case "unavailable":
      return { outcome: "later", at: null, code: "model_unavailable" };
    default:
      return { outcome: "never", code: `model_${outcome.outcome}` };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
