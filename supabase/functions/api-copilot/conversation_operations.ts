// Operations about conversations: their owner lists, reads, puts away, exports and erases them, and
// nobody else does anything with them.
import { z } from "zod";
import { archiveConversation } from "@shared/copilot/conversations/archive_conversation.ts";
import {
  Archived,
  Conversation,
  ConversationPath,
  ConversationsQuery,
  Erased,
  EraseQuery,
  ExportInput,
  MessagesQuery,
} from "@shared/copilot/conversations/contract.ts";
import {
  eraseConversation,
  eraseMyHistory,
} from "@shared/copilot/conversations/erase_conversations.ts";
import { listConversations } from "@shared/copilot/conversations/list_conversations.ts";
import type { ContextCache } from "@shared/copilot/turn/context_cache.ts";
import type { Api } from "../_shared/http/create_api.ts";

/** Loaded when somebody asks: what was said may hold any panel. */
const messages = async () => ({
  ...await import("@shared/copilot/conversations/messages.ts"),
  ...await import("@shared/copilot/conversations/read_conversation.ts"),
  ...await import("@shared/copilot/conversations/export_conversations.ts"),
});

const ORG_ERRORS = [
  "organization_not_found",
  "no_active_organization",
  "mfa_required",
] as const;

/**
 * Adds the operations.
 *
 * @param api The api.
 * @param cache What turns begin with; what was erased is in no memory either.
 */
export function addConversationOperations(api: Api, cache: ContextCache): void {
  addReading(api);
  addExport(api);
  addErasing(api, cache);
}

function addReading(api: Api): void {
  api.operation({
    operation: "copilot.list_conversations",
    method: "get",
    path: "/conversations",
    summary: "Lists the caller's own conversations, the latest first; the listing is logged.",
    query: ConversationsQuery,
    response: z.array(Conversation),
    errors: ORG_ERRORS,
  }, (ctx, { query }) => listConversations(ctx, query));

  api.operation({
    operation: "copilot.read_conversation",
    method: "get",
    path: "/conversations/:conversationId",
    summary:
      "Reads the last messages of a conversation of the caller's own; the reading is logged.",
    params: ConversationPath,
    query: MessagesQuery,
    response: async () => (await messages()).ConversationMessages,
    errors: ["not_found"],
  }, async (ctx, { params, query }) => {
    const { readConversation } = await messages();
    return await readConversation(ctx, params.conversationId, query);
  });

  api.operation({
    operation: "copilot.archive_conversation",
    method: "post",
    path: "/conversations/:conversationId/archive",
    summary: "Puts a conversation away; writing on takes it out again.",
    params: ConversationPath,
    response: Archived,
    errors: ["not_found"],
  }, async (ctx, { params }) => {
    await archiveConversation(ctx, params.conversationId);
    return { data: { id: params.conversationId, archived: true as const } };
  });
}

function addExport(api: Api): void {
  api.operation({
    operation: "copilot.export_conversations",
    method: "post",
    path: "/exports",
    summary:
      "Exports all the caller's conversations in an organization, page by page; ten exports an hour.",
    body: ExportInput,
    response: async () => (await messages()).ConversationExport,
    errors: [
      ...ORG_ERRORS,
      "not_found",
      "export_limit_reached",
      "rate_limited",
    ],
  }, async (ctx, { body }) => {
    const { exportConversations } = await messages();
    return await exportConversations(ctx, body);
  });
}

function addErasing(api: Api, cache: ContextCache): void {
  api.operation({
    operation: "copilot.erase_conversation",
    method: "delete",
    path: "/conversations/:conversationId",
    summary: "Erases a conversation for good, with everything that hangs on it.",
    params: ConversationPath,
    response: Erased,
    errors: ["not_found", "mfa_required"],
  }, async (ctx, { params }) => {
    await eraseConversation(ctx, params.conversationId);
    cache.forgetPerson(ctx.userId);
    return { data: { erased: 1 } };
  });

  api.operation(
    {
      operation: "copilot.erase_history",
      method: "delete",
      path: "/conversations",
      summary: "Erases all the caller's conversations in an organization, and the key to them.",
      query: EraseQuery,
      response: Erased,
      errors: ["organization_not_found", "mfa_required"],
    },
    async (ctx, { query }) => {
      const erased = await eraseMyHistory(ctx, query.org_id);
      cache.forgetPerson(ctx.userId);
      return { data: { erased } };
    },
  );
}
