// What api-copilot takes and answers. Clients see nothing of the inside but this.
import { z } from "zod";
import { MeetingList } from "./panels/meeting_list.ts";

/** A question to the copilot. */
export const ChatInput = z.strictObject({
  message: z.string().trim().min(1).max(4_000).describe("What the person wrote."),
  org_id: z.uuid().optional()
    .describe("One of the caller's organizations; the active one where this is missing."),
}).describe("A question to the copilot.");
/** See the schema of the same name. */
export type ChatInput = z.infer<typeof ChatInput>;

/** A row that an answer rests on. */
export const Evidence = z.strictObject({
  table: z.enum(["calendar_events", "meetings"]),
  id: z.uuid(),
});
/** See the schema of the same name. */
export type Evidence = z.infer<typeof Evidence>;

/**
 * One step of the work behind an answer (U60-070, U60-081). Names and ids are stable, so that a
 * client can replace its placeholder by it.
 */
export const ToolExecution = z.strictObject({
  id: z.uuid().describe("The same in step_started, in step_finished and in the answer."),
  tool: z.literal("execute_action"),
  action: z.literal("get_meetings_for_period"),
  label: z.string().describe("What the step does, for the person who waits."),
  args: z.strictObject({
    period: z.string(),
    weekday: z.int().min(1).max(7).optional(),
    has_name: z.boolean().describe("Whether a name was asked for; the name itself is not kept."),
  }).describe("What it was asked, as little of it as explains the step."),
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
  decided_by: z.literal("rules"),
  intent: z.enum(["meetings_for_period", "none"]),
  /** Of the skill or sequence that ran (U60-080); null where nothing ran. */
  skill_key: z.literal("meetings_for_period").nullable(),
  model_calls: z.literal(0),
});

/** A whole answer. */
export const ChatAnswer = z.strictObject({
  id: z.uuid(),
  org_id: z.uuid().nullable().describe("The organization that was looked into; null if none was."),
  text: z.string().describe("Plain text, never markup."),
  tool_executions: z.array(ToolExecution),
  structuredResponse: MeetingList.nullable().describe("The panel, where the answer has one."),
  routing: Routing,
}).describe("The copilot's answer.");
/** See the schema of the same name. */
export type ChatAnswer = z.infer<typeof ChatAnswer>;

const eventId = z.string().describe("`<answer id>:<number>`, rising from 1.");

/** One of the server-sent events that an answer is streamed as. */
export const ChatEvent = z.discriminatedUnion("event", [
  z.strictObject({ id: eventId, event: z.literal("step_started"), data: ToolExecution }),
  z.strictObject({ id: eventId, event: z.literal("step_finished"), data: ToolExecution }),
  z.strictObject({
    id: eventId,
    event: z.literal("text"),
    data: z.strictObject({ text: z.string() }),
  }),
  z.strictObject({ id: eventId, event: z.literal("structured_response"), data: MeetingList }),
  z.strictObject({ id: eventId, event: z.literal("done"), data: ChatAnswer }),
]).describe(
  "Steps, text and panel as they come, then `done` with the whole; or `error` with a problem.",
);
/** See the schema of the same name. */
export type ChatEvent = z.infer<typeof ChatEvent>;
