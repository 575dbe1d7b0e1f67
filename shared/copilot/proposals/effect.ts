// The closed set of things that confirming can do, each complete: whoever executes one looks nothing
// up and decides nothing. Their canonical text is what is hashed, shown, confirmed and executed.
import { z } from "zod";

const line = (max: number) => z.string().min(1).max(max);
const address = z.email().max(320).transform((email) => email.toLowerCase());
const links = {
  company_id: z.uuid().nullable().default(null),
  contact_id: z.uuid().nullable().default(null),
  deal_id: z.uuid().nullable().default(null),
  meeting_id: z.uuid().nullable().default(null),
};

/** With angle brackets, and nothing that could begin another header. */
const MESSAGE_ID = /^<[!-;=?-~]+@[!-;=?-~]+>$/;

/** Creates a task of the person, or assigned to a colleague. */
export const CreateTask = z.strictObject({
  kind: z.literal("create_task"),
  title: line(500),
  details: z.string().max(20_000).nullable().default(null),
  due_at: z.iso.datetime({ offset: true }).nullable().default(null),
  priority: z.enum(["low", "normal", "high", "urgent"]).default("normal"),
  assigned_to: z.uuid().nullable().default(null),
  ...links,
});

/** Changes a task; only what is named changes. */
export const UpdateTask = z.strictObject({
  kind: z.literal("update_task"),
  task_id: z.uuid(),
  changes: z.strictObject({
    title: line(500).optional(),
    details: z.string().max(20_000).nullable().optional(),
    due_at: z.iso.datetime({ offset: true }).nullable().optional(),
    priority: z.enum(["low", "normal", "high", "urgent"]).optional(),
    status: z.enum(["open", "in_progress", "cancelled"]).optional(),
    assigned_to: z.uuid().nullable().optional(),
  }),
});

/** Ticks a task off. */
export const CompleteTask = z.strictObject({
  kind: z.literal("complete_task"),
  task_id: z.uuid(),
});

/** Writes down that something happened. */
export const CreateActivity = z.strictObject({
  kind: z.literal("create_activity"),
  activity_kind: z.enum(["call", "email", "meeting", "note", "proposal"]),
  subject: line(500),
  details: z.string().max(20_000).nullable().default(null),
  occurred_at: z.iso.datetime({ offset: true }).nullable().default(null),
  ...links,
});

/** Moves a deal to another stage; its status follows. */
export const UpdateDealStage = z.strictObject({
  kind: z.literal("update_deal_stage"),
  deal_id: z.uuid(),
  stage_id: z.uuid(),
  lost_reason: z.string().max(2_000).nullable().default(null),
});

/** Changes a contact; only what is named changes. */
export const UpdateContact = z.strictObject({
  kind: z.literal("update_contact"),
  contact_id: z.uuid(),
  changes: z.strictObject({
    first_name: line(100).nullable().optional(),
    last_name: line(100).nullable().optional(),
    email: address.nullable().optional(),
    phone: line(40).nullable().optional(),
    job_title: line(200).nullable().optional(),
    notes: z.string().max(20_000).nullable().optional(),
    company_id: z.uuid().nullable().optional(),
  }),
});

/** Sends an email from the person's own Google account. */
export const SendEmail = z.strictObject({
  kind: z.literal("send_email"),
  to: z.array(address).min(1).max(20),
  cc: z.array(address).max(20).default([]),
  subject: line(300),
  body: line(20_000),
  /** Gmail's thread that it answers. */
  thread_id: z.string().max(200).nullable().default(null),
  /** Message-IDs of the thread, the oldest first; the last one is answered. */
  references: z.array(z.string().regex(MESSAGE_ID).max(250)).max(20).default([]),
  /** Our Message-ID, with angle brackets; by it a sent email is found again. */
  message_id: z.string().regex(/^<[\w.-]{1,120}@[\w.-]{1,120}>$/),
  /** The whole message as it goes out, RFC 5322, base64url without padding. */
  raw: z.string().regex(/^[\w-]+$/).max(200_000),
  /** Rows of ours that the email belongs to; the thread's people may be written to. */
  contact_id: z.uuid().nullable().default(null),
  deal_id: z.uuid().nullable().default(null),
  meeting_id: z.uuid().nullable().default(null),
});

/** Posts into a channel that the organization's admins have opened to the copilot. */
export const PostSlackMessage = z.strictObject({
  kind: z.literal("post_slack_message"),
  channel_id: z.string().regex(/^[A-Z0-9]{3,30}$/),
  channel_name: line(100),
  text: line(3_000),
});

/** Puts a meeting into the person's calendar and invites its people. */
export const ScheduleMeeting = z.strictObject({
  kind: z.literal("schedule_meeting"),
  title: line(300),
  description: z.string().max(8_000).nullable().default(null),
  starts_at: z.iso.datetime({ offset: true }),
  ends_at: z.iso.datetime({ offset: true }),
  time_zone: z.string().max(64),
  attendees: z.array(address).max(50),
  /** Our id of the event at Google (base32hex, 5 to 1024 characters): sending it twice makes one. */
  event_id: z.string().regex(/^[a-v0-9]{5,64}$/),
});

/** One effect. */
export const Effect = z.discriminatedUnion("kind", [
  CreateTask,
  UpdateTask,
  CompleteTask,
  CreateActivity,
  UpdateDealStage,
  UpdateContact,
  SendEmail,
  PostSlackMessage,
  ScheduleMeeting,
]);
/** See the schema of the same name. */
export type Effect = z.infer<typeof Effect>;

/** Effects that leave the company, and so go through the outbox and cannot be undone. */
export const EXTERNAL_EFFECTS: ReadonlySet<Effect["kind"]> = new Set([
  "send_email",
  "post_slack_message",
  "schedule_meeting",
]);
