// What was said in conversations, as their owner reads and exports it. Apart from what is asked for: an
// answer may hold any panel there is.
import { z } from "zod";
import { ChatAnswer } from "../contract.ts";
import { Conversation } from "./contract.ts";

const instant = z.iso.datetime({ offset: true });

/** What somebody wrote, or the copilot answered. */
export const Message = z.strictObject({
  id: z.uuid(),
  turn_id: z.uuid(),
  seq: z.int().positive().describe("Its number in the conversation, from 1."),
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  answer: ChatAnswer.nullable()
    .describe("The whole answer; null for what the person wrote, and where its form is too old."),
  choice: z.strictObject({ clarification_id: z.uuid(), option_id: z.string(), label: z.string() })
    .nullable()
    .describe(
      "The option that it chose, to be shown by its label; the text names its number only.",
    ),
  pending_action_id: z.uuid().nullable().describe("The action that it previews."),
  created_at: instant,
}).describe("A message of a conversation.");
/** See the schema of the same name. */
export type Message = z.infer<typeof Message>;

/** A conversation and a page of what was said in it. */
export const ConversationMessages = z.strictObject({
  conversation: Conversation,
  messages: z.array(Message).describe("The last ones before the cursor, oldest first."),
  last_turn: z.strictObject({
    id: z.uuid(),
    status: z.enum(["running", "interrupted", "done", "failed", "cancelled"])
      .describe("interrupted: what answered it is gone; it can be continued."),
  }).nullable(),
}).describe("A conversation with its messages.");
/** See the schema of the same name. */
export type ConversationMessages = z.infer<typeof ConversationMessages>;

/** A conversation in an export; a long one goes on on the next page. */
export const ExportedConversation = z.strictObject({
  ...Conversation.shape,
  messages: z.array(
    Message.omit({ answer: true, choice: true }).extend({
      answer: z.record(z.string(), z.unknown()).nullable().describe("As it was given at the time."),
    }),
  ),
});

/** A page of everything that the caller said and was answered. */
export const ConversationExport = z.strictObject({
  export_id: z.uuid(),
  exported_at: instant,
  conversations: z.array(ExportedConversation),
}).describe("A page of all the caller's conversations in an organization.");
/** See the schema of the same name. */
export type ConversationExport = z.infer<typeof ConversationExport>;
