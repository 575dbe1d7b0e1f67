// Puts a conversation of the caller's own away.
import { fromPostgrestError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";

/**
 * Archives a conversation; it can be read as before, and writing on takes it out again.
 *
 * @param ctx The caller.
 * @param conversationId One of theirs.
 * @throws {AppError} `not_found`.
 */
export async function archiveConversation(
  ctx: Pick<RequestContext, "db">,
  conversationId: string,
): Promise<void> {
  const { error } = await ctx.db.rpc("archive_copilot_conversation", { p_id: conversationId });
  if (error) throw fromPostgrestError(error);
}
