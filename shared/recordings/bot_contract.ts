// What people say to have a bot sent or leave, and what they are answered.
import { z } from "zod";
import { BotStatus } from "./contract.ts";

/** A wish to have a meeting recorded now: an event of the caller's calendar, or an address. */
export const RequestBotInput = z.strictObject({
  org_id: z.uuid().optional()
    .describe("One of the caller's organizations; the active one where this is missing."),
  calendar_event_id: z.uuid().optional().describe("An event of the caller's own calendar."),
  meeting_url: z.string().min(1).max(2_000).optional()
    .describe("The https address of a Zoom, Google Meet or Microsoft Teams meeting."),
  title: z.string().trim().min(1).max(500).optional()
    .describe("What the recording is called; the event's title where this is missing."),
}).refine(
  (input) => (input.calendar_event_id === undefined) !== (input.meeting_url === undefined),
  { message: "Give either calendar_event_id or meeting_url", path: ["meeting_url"] },
).describe("A wish to have a meeting recorded now.");
/** See the schema of the same name. */
export type RequestBotInput = z.infer<typeof RequestBotInput>;

/** The recording that a bot was sent for. */
export const RequestedBot = z.strictObject({
  recording_id: z.uuid(),
  status: BotStatus,
  is_new: z.boolean().describe("False when a bot is there, or on its way, already."),
}).describe("The recording that a bot was sent for.");
/** See the schema of the same name. */
export type RequestedBot = z.infer<typeof RequestedBot>;

/** The recording whose bot was asked to leave. */
export const DismissedBot = z.strictObject({
  recording_id: z.uuid(),
  status: BotStatus.describe("cancelled when the bot had not been sent yet."),
}).describe("The recording whose bot was asked to leave.");
/** See the schema of the same name. */
export type DismissedBot = z.infer<typeof DismissedBot>;
