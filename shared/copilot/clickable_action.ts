// What a person can click in an answer (U60-090 … U60-093). Data, never markup: the frontend handles
// every action in one place.
import { z } from "zod";

const label = z.string().min(1).max(200).optional()
  .describe("Text of the button; the frontend has its own where this is missing.");

/** A link a browser may open; nothing that runs, nothing with credentials in it. */
export const ExternalUrl = z.string().max(2_048).refine(isExternalUrl, {
  message: "must be an http or https address without credentials",
}).describe("An http or https address.");

/** Opens a recorded meeting, or the calendar event of one that is not recorded yet. */
export const OpenMeeting = z.union([
  z.strictObject({ type: z.literal("open_meeting"), meeting_id: z.uuid(), label }),
  z.strictObject({ type: z.literal("open_meeting"), calendar_event_id: z.uuid(), label }),
]);

/** Opens a contact. */
export const OpenContact = z.strictObject({
  type: z.literal("open_contact"),
  contact_id: z.uuid(),
  label,
});

/** Opens a deal. */
export const OpenDeal = z.strictObject({ type: z.literal("open_deal"), deal_id: z.uuid(), label });

/** Opens a task. */
export const OpenTask = z.strictObject({ type: z.literal("open_task"), task_id: z.uuid(), label });

/** Opens an address outside, always in a new tab. */
export const OpenExternalUrl = z.strictObject({
  type: z.literal("open_external_url"),
  url: ExternalUrl,
  label,
});

/** An action as every new answer carries it: the standard names only. */
export const ClickableAction = z.union([
  OpenMeeting,
  OpenContact,
  OpenDeal,
  OpenTask,
  OpenExternalUrl,
]).describe("What a click does. In-app actions carry ids; external ones an http(s) address.");
/** See the schema of the same name. */
export type ClickableAction = z.infer<typeof ClickableAction>;

const OpenMeetingUrlAlias = z.strictObject({
  type: z.literal("open_meeting_url"),
  url: ExternalUrl,
  label,
}).transform((alias) => ({ ...alias, type: "open_external_url" as const }));

const ViewMeetingAlias = z.strictObject({
  type: z.literal("view_meeting"),
  meeting_id: z.uuid(),
  label,
}).transform((alias) => ({ ...alias, type: "open_meeting" as const }));

const ViewTaskAlias = z.strictObject({
  type: z.literal("view_task"),
  task_id: z.uuid(),
  label,
}).transform((alias) => ({ ...alias, type: "open_task" as const }));

/** An action as a client may send it: also under the names that older answers used. */
export const ClickableActionInput = z.union([
  ClickableAction,
  OpenMeetingUrlAlias,
  ViewMeetingAlias,
  ViewTaskAlias,
]).describe("An action; `open_meeting_url`, `view_meeting` and `view_task` are understood too.");
/** See the schema of the same name. */
export type ClickableActionInput = z.infer<typeof ClickableActionInput>;

/**
 * Says whether an address may be offered as a click.
 *
 * @param value Anything that claims to be an address.
 * @returns True for http and https without user or password.
 */
export function isExternalUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  return isWeb && url.username === "" && url.password === "";
}
