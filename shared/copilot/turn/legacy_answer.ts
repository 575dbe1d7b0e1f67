// An answer in the shape that older clients expect.
import type { ChatAnswer, LegacyChatAnswer } from "../contract.ts";

/**
 * Puts an answer into the older shape.
 *
 * @param answer The answer.
 * @param now When it is given.
 */
export function toLegacyAnswer(answer: ChatAnswer, now: Date): LegacyChatAnswer {
  return {
    response: {
      type: answer.structuredResponse?.type ?? "text",
      content: answer.text,
      structuredResponse: answer.structuredResponse,
    },
    conversationId: answer.conversation_id,
    timestamp: now.toISOString(),
    tool_executions: answer.tool_executions,
    pending_action: answer.pending_action,
  };
}
