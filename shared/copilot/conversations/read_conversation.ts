// Reads a conversation of the caller's own, page by page from its end.
import { z } from "zod";
import { fromPostgrestError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import { chosenOption } from "../clarify/chosen_option.ts";
import { ChatAnswer } from "../contract.ts";
import { Conversation, type MessagesQuery } from "./contract.ts";
import { type ConversationMessages, Message } from "./messages.ts";

/** One page, and where the one before it ends. */
export interface MessagesPage {
  readonly data: ConversationMessages;
  readonly next_cursor: string | null;
}

const StoredMessage = Message.omit({ answer: true, choice: true })
  .extend({ answer: z.unknown() });
const Read = z.strictObject({
  conversation: Conversation,
  messages: z.array(StoredMessage),
  next_before: z.int().nullable(),
  last_turn: z.strictObject({
    id: z.uuid(),
    status: z.enum(["running", "done", "failed", "cancelled"]),
    error_code: z.string().nullable(),
    is_interrupted: z.boolean(),
  }).nullable(),
});

/**
 * Reads messages; the reading is logged by the database, or nothing is read.
 *
 * @param ctx The caller.
 * @param conversationId One of theirs.
 * @param query Page.
 * @throws {AppError} `not_found` for anybody else's, whoever asks.
 */
export async function readConversation(
  ctx: Pick<RequestContext, "db">,
  conversationId: string,
  query: MessagesQuery,
): Promise<MessagesPage> {
  const { data, error } = await ctx.db.rpc("read_copilot_conversation", {
    p_id: conversationId,
    p_before: query.cursor ?? null,
    p_limit: query.limit,
  });
  if (error) throw fromPostgrestError(error);
  const { conversation, messages, last_turn: turn, next_before: next } = Read.parse(data);
  return {
    data: {
      conversation,
      messages: readMessages(messages),
      last_turn: turn && {
        id: turn.id,
        status: turn.is_interrupted ? "interrupted" : turn.status,
      },
    },
    next_cursor: next === null ? null : String(next),
  };
}

function readMessages(stored: readonly z.output<typeof StoredMessage>[]): Message[] {
  let panel: unknown = null;
  return stored.map(({ answer: kept, ...rest }) => {
    const choice = rest.role === "user" ? chosenOption(rest.text, panel) : null;
    const answer = readAnswer(kept);
    panel = answer?.structuredResponse ?? null;
    return { ...rest, answer, choice };
  });
}

/** An answer of long ago may have panels that are no more; its text is there all the same. */
function readAnswer(stored: unknown): ChatAnswer | null {
  if (stored === null || stored === undefined) return null;
  const { success, data } = ChatAnswer.strip().safeParse(stored);
  return success ? data : null;
}
