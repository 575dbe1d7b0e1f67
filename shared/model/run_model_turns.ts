// The loop between a model and the functions it may call.
import type { CallOutcome } from "./call_model.ts";
import { type ModelTurn, type ToolCall, toolResultsTurn } from "./model_turn.ts";

/** More turns than this is a model that goes round in circles. */
export const MAX_MODEL_TURNS = 6;

/** What the loop needs. */
export interface ModelLoop {
  /** Asks with the conversation so far. */
  readonly ask: (turns: readonly ModelTurn[]) => Promise<CallOutcome>;
  /** Answers every call, in order, with a JSON object; checks rights and arguments itself. */
  readonly answerCalls: (
    calls: readonly ToolCall[],
  ) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly maxModelTurns?: number;
}

/** How the loop ended. */
export interface LoopEnd {
  /** The last outcome; `too_many_turns` where the model still wanted to call. */
  readonly outcome: CallOutcome | { readonly outcome: "too_many_turns" };
  /** The whole conversation, model turns unchanged, to be stored as it is. */
  readonly turns: readonly ModelTurn[];
  readonly modelTurns: number;
}

/**
 * Lets a model call functions until it answers without calling.
 *
 * The model's turns go back exactly as they came: signatures on parts survive nothing else.
 *
 * @param loop How to ask and how to answer.
 * @param turns The conversation before.
 * @returns How it ended. An outcome other than `answered` ends it at once.
 * @throws What `answerCalls` throws.
 */
export async function runModelTurns(
  loop: ModelLoop,
  turns: readonly ModelTurn[],
): Promise<LoopEnd> {
  const conversation = [...turns];
  const limit = loop.maxModelTurns ?? MAX_MODEL_TURNS;
  for (let modelTurns = 1;; modelTurns += 1) {
    const outcome = await loop.ask(conversation);
    if (outcome.outcome !== "answered") return { outcome, turns: conversation, modelTurns };
    conversation.push(outcome.turn);
    if (outcome.calls.length === 0) return { outcome, turns: conversation, modelTurns };
    if (modelTurns === limit) {
      return { outcome: { outcome: "too_many_turns" }, turns: conversation, modelTurns };
    }
    conversation.push(toolResultsTurn(outcome.calls, await loop.answerCalls(outcome.calls)));
  }
}
