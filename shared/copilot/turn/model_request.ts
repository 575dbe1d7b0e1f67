// What a turn asks the model: instructions and tools that stay the same come first, the conversation
// after them, so that equal beginnings have equal bytes.
import type { ModelRequest } from "../../model/model_provider.ts";
import { type ModelTurn, userTurn } from "../../model/model_turn.ts";
import { describeActions, listActions } from "../tools/action_index.ts";
import { declareTools } from "../tools/tool_declarations.ts";
import type { TurnParts } from "./parts.ts";
import type { TurnContext } from "./turn_store.ts";

/** Thoughts count too: too little leaves nothing for the answer. */
const MAX_OUTPUT_TOKENS = 8_192;

/** What every request of a turn begins with. */
export interface RequestFrame {
  readonly system: string;
  readonly tools: ModelRequest["tools"];
  /** The conversation before, and the message. */
  readonly opening: readonly ModelTurn[];
}

/** The part of the parts that requests are made of. */
export type RequestParts = Pick<
  TurnParts,
  "compileSystemPrompt" | "proposeActions" | "readActions" | "tools"
>;

/**
 * Makes the beginning of a turn's requests.
 *
 * @param message What the person wrote.
 * @param context What the turn begins with.
 * @param parts Instructions and tools.
 * @param now The moment; only its day in the person's zone is told.
 */
export function frameRequests(
  message: string,
  context: TurnContext,
  parts: RequestParts,
  now: Date,
): RequestFrame {
  const index = describeActions(listActions(parts.readActions, parts.proposeActions));
  return {
    system: parts.compileSystemPrompt(context, index, now),
    tools: declareTools(parts.tools),
    opening: [
      ...context.history.map(({ role, text }): ModelTurn =>
        role === "user" ? userTurn(text) : { role: "model", parts: [{ text }] }
      ),
      userTurn(message),
    ],
  };
}

/**
 * Makes a request.
 *
 * @param frame What all of them begin with.
 * @param turns The whole conversation, from the frame's opening on.
 */
export function composeRequest(
  { system, tools }: RequestFrame,
  turns: readonly ModelTurn[],
): ModelRequest {
  return {
    system,
    tools,
    turns,
    answerSchema: null,
    thinking: "low",
    maxOutputTokens: MAX_OUTPUT_TOKENS,
  };
}

/** Whether two frames ask the same. */
export function isSameFrame(a: RequestFrame, b: RequestFrame): boolean {
  return a.system === b.system && JSON.stringify(a.opening) === JSON.stringify(b.opening);
}
