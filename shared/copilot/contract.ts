// What api-copilot takes and answers in a turn. Clients see nothing of the inside but this.
import { z } from "zod";
import { EVIDENCE_TABLES } from "./actions/action.ts";
import { ActionName } from "./actions/action_names.ts";
import { StructuredResponse } from "./panels/catalogue.ts";
import { PendingAction } from "./proposals/proposal.ts";

/** A row that an answer rests on. */
export const Evidence = z.strictObject({
  table: z.enum(EVIDENCE_TABLES),
  id: z.uuid(),
});
/** See the schema of the same name. */
export type Evidence = z.infer<typeof Evidence>;

/** The four tools; no model is ever offered another (U60-062). */
export const ToolName = z.enum([
  "list_skills",
  "get_skill",
  "execute_action",
  "resolve_entity",
]);
/** See the schema of the same name. */
export type ToolName = z.infer<typeof ToolName>;

/**
 * One step of the work behind an answer (U60-070, U60-081). Names and ids are stable, so that a
 * client can replace its placeholder by it.
 */
export const ToolExecution = z.strictObject({
  id: z.uuid().describe(
    "The same in step_started, in step_finished and in the answer.",
  ),
  tool: ToolName,
  action: z.enum([
    ...ActionName.options,
    "confirm_pending_action",
    "cancel_pending_action",
  ])
    .nullable().describe("What execute_action did; null for the other tools."),
  label: z.string().describe("What the step does, for the person who waits."),
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe("What it was asked, as little of it as explains the step."),
  status: z.enum(["running", "succeeded", "failed"]),
  started_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  duration_ms: z.int().nonnegative().nullable(),
  result_count: z.int().nonnegative().nullable(),
  evidence: z.array(Evidence).describe("The rows that the answer rests on."),
  error_code: z.string().nullable(),
}).describe("One step of the work behind an answer.");
/** See the schema of the same name. */
export type ToolExecution = z.infer<typeof ToolExecution>;

/** How it was decided what to do. */
export const Routing = z.strictObject({
  decided_by: z.enum(["rules", "reply", "selection", "model"])
    .describe("rules, reply and selection ask no model."),
  intent: z.string().max(100).describe(
    "What was understood; `none` where nothing was.",
  ),
  skill_key: z.string().max(100).nullable()
    .describe(
      "Of the skill, sequence or action that ran (U60-080); null where nothing ran.",
    ),
  model_calls: z.int().nonnegative().describe(
    "Requests to the language model behind this answer.",
  ),
});
/** See the schema of the same name. */
export type Routing = z.infer<typeof Routing>;

/** Why an answer is less than it could be. */
export const Notice = z.enum([
  "cancelled",
  "model_blocked",
  "model_budget_spent",
  "model_busy",
  "model_gave_nothing",
  "model_misconfigured",
  "model_not_configured",
  "model_truncated",
  "model_unavailable",
  "too_many_steps",
]);
/** See the schema of the same name. */
export type Notice = z.infer<typeof Notice>;

/** A whole answer. */
export const ChatAnswer = z.strictObject({
  id: z.uuid().describe("Of the turn; the events' ids begin with it."),
  org_id: z.uuid().nullable().describe(
    "The organization that was looked into.",
  ),
  conversation_id: z.uuid(),
  text: z.string().describe("Plain text, never markup."),
  tool_executions: z.array(ToolExecution),
  structuredResponse: StructuredResponse.nullable().describe(
    "The panel, where the answer has one.",
  ),
  pending_action: PendingAction.nullable()
    .describe("What waits for the person's yes; it was not done."),
  routing: Routing,
  notice: Notice.nullable().describe(
    "Why the answer is less than it could be; null if it is not.",
  ),
}).describe("The copilot's answer.");
/** See the schema of the same name. */
export type ChatAnswer = z.infer<typeof ChatAnswer>;

const eventId = z.string().describe("`<turn id>:<number>`, rising.");

/** One of the server-sent events that an answer is streamed as. */
export const ChatEvent = z.discriminatedUnion("event", [
  z.strictObject({
    id: eventId,
    event: z.literal("step_started"),
    data: ToolExecution,
  }),
  z.strictObject({
    id: eventId,
    event: z.literal("step_finished"),
    data: ToolExecution,
  }),
  z.strictObject({
    id: eventId,
    event: z.literal("text"),
    data: z.strictObject({
      text: z.string().describe("Follows the text so far."),
      restart: z.literal(true).optional()
        .describe(
          "The text begins anew: what came before is void. A worker has died, or it was told before " +
            "the message was let in and does not stand.",
        ),
    }),
  }),
  z.strictObject({
    id: eventId,
    event: z.literal("structured_response"),
    data: StructuredResponse,
  }),
  z.strictObject({ id: eventId, event: z.literal("done"), data: ChatAnswer }),
]).describe(
  "Steps, text and panel as they come, then `done` with the whole; or `error` with a problem. What a " +
    "look-up by rules has found may come before the message is let in. It may be told again then, " +
    "and the last panel and what `done` says stand; or `error` follows, and nothing is kept.",
);
/** See the schema of the same name. */
export type ChatEvent = z.infer<typeof ChatEvent>;
/** An event before it has its id. */
export type ChatEventBody = ChatEvent extends infer E ? E extends ChatEvent ? Omit<E, "id"> : never
  : never;

/** The answer that older clients expect. */
export const LegacyChatAnswer = z.strictObject({
  response: z.strictObject({
    type: z.string().describe(
      "`text`, or the type of the structured response.",
    ),
    content: z.string(),
    structuredResponse: StructuredResponse.nullable(),
  }),
  conversationId: z.uuid(),
  timestamp: z.iso.datetime(),
  tool_executions: z.array(ToolExecution),
  pending_action: PendingAction.nullable(),
}).describe("An answer in the shape of older clients.");
/** See the schema of the same name. */
export type LegacyChatAnswer = z.infer<typeof LegacyChatAnswer>;

/** What one turn has come to, and its events. */
export const TurnState = z.strictObject({
  id: z.uuid(),
  status: z.enum(["running", "interrupted", "done", "failed", "cancelled"])
    .describe("interrupted: what answered it is gone; it can be continued."),
  answer: ChatAnswer.nullable(),
}).describe("How far a turn has come.");
/** See the schema of the same name. */
export type TurnState = z.infer<typeof TurnState>;
