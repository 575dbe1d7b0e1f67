// What people see of their own conversations with the copilot. Nobody else sees any of it.
import { z } from "zod";

const instant = z.iso.datetime({ offset: true });
const orgId = z.uuid()
  .describe("One of the caller's organizations; the active one where this is missing.");

/** Names a conversation. */
export const ConversationPath = z.strictObject({ conversationId: z.uuid() });

/** Which conversations are wanted. */
export const ConversationsQuery = z.strictObject({
  org_id: orgId.optional(),
  is_archived: z.enum(["true", "false"]).default("false")
    .describe("Those that were put away, by their owner or after 365 days without a message."),
  cursor: instant.optional().describe("`next_cursor` of the page before."),
  limit: z.coerce.number().int().min(1).max(100).default(20),
}).describe("Which conversations are wanted.");
/** See the schema of the same name. */
export type ConversationsQuery = z.infer<typeof ConversationsQuery>;

/** Which messages of a conversation are wanted. */
export const MessagesQuery = z.strictObject({
  cursor: z.coerce.number().int().min(1).max(2_147_483_647).optional()
    .describe("`next_cursor` of the page before: messages before this number."),
  limit: z.coerce.number().int().min(1).max(100).default(50),
}).describe("Which messages are wanted.");
/** See the schema of the same name. */
export type MessagesQuery = z.infer<typeof MessagesQuery>;

/** A conversation in a list. */
export const Conversation = z.strictObject({
  id: z.uuid(),
  org_id: z.uuid(),
  title: z.string().describe("How it began."),
  message_count: z.int().nonnegative(),
  created_at: instant,
  last_message_at: instant,
  archived_at: instant.nullable().describe("When it was put away; writing on takes it out again."),
}).describe("A conversation of the caller's.");
/** See the schema of the same name. */
export type Conversation = z.infer<typeof Conversation>;

/** Where the next page of an export begins. */
export const ExportInput = z.strictObject({
  org_id: orgId.optional(),
  cursor: z.string().max(500).optional()
    .describe("`next_cursor` of the page before; without it, another export begins."),
}).describe("An export, or its next page.");
/** See the schema of the same name. */
export type ExportInput = z.infer<typeof ExportInput>;

/** Which organization's conversations are meant; said outright, because they are gone afterwards. */
export const EraseQuery = z.strictObject({
  org_id: z.uuid().describe("An organization of the caller's, also one they have left."),
});

/** What was erased. */
export const Erased = z.strictObject({
  erased: z.int().nonnegative().describe("Conversations that there were."),
}).describe("What was erased for good.");
/** See the schema of the same name. */
export type Erased = z.infer<typeof Erased>;

/** That a conversation was put away. */
export const Archived = z.strictObject({ id: z.uuid(), archived: z.literal(true) });
