// What api-copilot takes in a turn. Apart from what it answers, so that a function that starts has no
// panel to load before it knows that somebody asks.
import { z } from "zod";

/** The longest message that is taken, in characters. */
export const MESSAGE_MAX = 4_000;

/** An option of a clarifying question that the person has chosen. */
export const Selection = z.strictObject({
  clarification_id: z.string().min(1).max(100),
  option_id: z.string().min(1).max(100),
}).describe("An option of the question that the last answer asked.");
/** See the schema of the same name. */
export type Selection = z.infer<typeof Selection>;

/** A question to the copilot. */
export const ChatInput = z.strictObject({
  message: z.string().trim().min(1).max(MESSAGE_MAX).describe(
    "What the person wrote.",
  ),
  org_id: z.uuid().optional()
    .describe(
      "One of the caller's organizations; the active one where this is missing.",
    ),
  conversation_id: z.uuid().optional()
    .describe(
      "The conversation it belongs to; a new one begins where this is missing or new.",
    ),
  turn_id: z.uuid().optional()
    .describe(
      "Chosen by the client, if it wants to: sent again, the message is not answered twice.",
    ),
  selection: Selection.optional(),
}).describe("A question to the copilot.");
/** See the schema of the same name. */
export type ChatInput = z.infer<typeof ChatInput>;

/** The body that older clients send. Who asks is the token's word, whatever the body says. */
export const LegacyChatInput = z.strictObject({
  message: ChatInput.shape.message,
  conversationId: z.uuid().nullish(),
  context: z.looseObject({
    orgId: z.uuid().nullish(),
  }).nullish().describe(
    "Of its fields only orgId counts; others are taken and ignored.",
  ),
}).describe("A question in the shape of older clients.");
/** See the schema of the same name. */
export type LegacyChatInput = z.infer<typeof LegacyChatInput>;
