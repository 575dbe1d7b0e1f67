// Erases what the caller said to the copilot: one conversation, or all of an organization.
import { fromPostgrestError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";

/**
 * Erases a conversation with all that hangs on it, pending actions among it.
 *
 * @param ctx The caller.
 * @param conversationId One of theirs, also of an organization they have left.
 * @throws {AppError} `not_found` or `mfa_required`.
 */
export async function eraseConversation(
  ctx: Pick<RequestContext, "db">,
  conversationId: string,
): Promise<void> {
  const { error } = await ctx.db.rpc("erase_copilot_conversation", { p_id: conversationId });
  if (error) throw fromPostgrestError(error);
}

/**
 * Erases every conversation in an organization and destroys the key to them.
 *
 * @param ctx The caller.
 * @param orgId An organization of theirs, also one they have left.
 * @returns How many conversations there were.
 * @throws {AppError} `organization_not_found` or `mfa_required`.
 */
export async function eraseMyHistory(
  ctx: Pick<RequestContext, "db">,
  orgId: string,
): Promise<number> {
  const { data, error } = await ctx.db.rpc("erase_my_copilot_history", { p_org_id: orgId });
  if (error) throw fromPostgrestError(error);
  return data;
}
