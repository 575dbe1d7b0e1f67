// Lists the caller's own conversations, the latest first.
import { z } from "zod";
import { fromPostgrestError } from "../../errors/app_error.ts";
import type { RequestContext } from "../../platform/request_context.ts";
import { Conversation, type ConversationsQuery } from "./contract.ts";

/** One page, and where the next one begins. */
export interface ConversationsPage {
  readonly data: Conversation[];
  readonly next_cursor: string | null;
}

const Listed = z.strictObject({
  conversations: z.array(Conversation),
  next_before: z.iso.datetime({ offset: true }).nullable(),
});

/**
 * Lists conversations; the listing is logged by the database.
 *
 * @param ctx The caller, who sees nobody else's.
 * @param query Organization, archive or not, page.
 * @throws {AppError} `organization_not_found`, `no_active_organization` or `mfa_required`.
 */
export async function listConversations(
  ctx: Pick<RequestContext, "db" | "orgId">,
  query: ConversationsQuery,
): Promise<ConversationsPage> {
  const { data, error } = await ctx.db.rpc("list_copilot_conversations", {
    p_org_id: query.org_id ?? ctx.orgId,
    p_before: query.cursor ?? null,
    p_limit: query.limit,
    p_is_archived: query.is_archived === "true",
  });
  if (error) throw fromPostgrestError(error);
  const { conversations, next_before: next } = Listed.parse(data);
  return { data: conversations, next_cursor: next };
}
