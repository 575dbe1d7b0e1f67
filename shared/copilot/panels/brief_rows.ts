// What the database finds for a brief of one meeting, and what of it every brief shows.
import { z } from "zod";
import { FoundTask } from "./task_list.ts";
import { TimeZone } from "./time_zone.ts";

const instant = z.iso.datetime({ offset: true });
const text = z.string().nullable();

/** The meeting: as it is planned, as it was recorded, or both. */
export const BriefMeeting = z.strictObject({
  calendar_event_id: z.uuid().nullable(),
  meeting_id: z.uuid().nullable().describe("The recording, once there is one."),
  title: text,
  start_time: instant,
  end_time: instant.nullable(),
  all_day: z.boolean(),
  day: z.iso.date().describe("The day it begins, in the person's own time zone."),
  location: text,
  description: text.describe("Text of the invitation; somebody else's words."),
  meeting_url: text,
  share_url: text,
  status: z.enum(["confirmed", "tentative", "cancelled"]).nullable(),
  response_status: text.describe("The person's own answer to the invitation."),
  summary: text.describe("Of the recording."),
});

/** Somebody else in the meeting. */
export const BriefPerson = z.strictObject({
  name: text,
  email: text,
  response_status: text,
  is_organizer: z.boolean(),
  is_colleague: z.boolean(),
  contact_id: z.uuid().nullable(),
  job_title: text,
  notes: text,
  last_interaction_at: instant.nullable(),
  company_id: z.uuid().nullable(),
});

/** A company of the people from outside. */
export const BriefCompany = z.strictObject({
  company_id: z.uuid(),
  name: z.string(),
  domain: text,
  industry: text,
  employee_count: z.int().nullable(),
  notes: text,
});

/** An open deal with them. */
export const BriefDeal = z.strictObject({
  deal_id: z.uuid(),
  name: z.string(),
  amount: z.number().nonnegative(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  stage: z.string(),
  probability: z.int().min(0).max(100),
  expected_close_on: z.iso.date().nullable(),
  next_step: text,
  stage_changed_at: instant,
  company_id: z.uuid().nullable(),
  primary_contact_id: z.uuid().nullable(),
  is_mine: z.boolean().describe("Owned by the person, or assigned to them."),
});

/** An earlier meeting with them. */
export const BriefPastMeeting = z.strictObject({
  meeting_id: z.uuid(),
  title: z.string(),
  started_at: instant,
  day: z.iso.date(),
  summary: text,
});

/** Something that somebody promised in a meeting and has not done. */
export const BriefActionItem = z.strictObject({
  action_item_id: z.uuid(),
  meeting_id: z.uuid(),
  meeting_title: z.string(),
  description: z.string(),
  assignee_name: text,
  assignee_email: text,
  is_completed: z.boolean(),
});
/** See the schema of the same name. */
export type BriefActionItem = z.infer<typeof BriefActionItem>;

/** Something that a meeting showed. */
export const BriefInsight = z.strictObject({
  insight_id: z.uuid(),
  meeting_id: z.uuid(),
  meeting_title: z.string(),
  kind: z.enum(["action_item", "next_step", "objection", "competitor"]),
  text: z.string(),
  subject: text.describe("Name of the competitor."),
  assignee_name: text,
  due_text: text,
  due_on: z.iso.date().nullable(),
});
/** See the schema of the same name. */
export type BriefInsight = z.infer<typeof BriefInsight>;

/** Something that a member did or noted about them. */
export const BriefActivity = z.strictObject({
  activity_id: z.uuid(),
  kind: z.string(),
  subject: z.string(),
  details: text,
  occurred_at: instant,
  contact_id: z.uuid().nullable(),
  company_id: z.uuid().nullable(),
  deal_id: z.uuid().nullable(),
});

/** An email to or from them, without its body. */
export const BriefEmail = z.strictObject({
  email_id: z.uuid(),
  thread_id: text,
  subject: text,
  direction: z.enum(["inbound", "outbound"]),
  from_email: z.string(),
  sent_at: instant,
  contact_id: z.uuid().nullable(),
});

/** What a meeting came to: what is left to do, and what it showed. */
export const BriefOutcome = z.strictObject({
  action_items: z.array(BriefActionItem),
  insights: z.array(BriefInsight),
});

const KnownCompetitor = z.strictObject({ name: z.string(), positioning: text });

/** What the database function `get_meeting_brief_data` returns. */
export const FoundBrief = z.strictObject({
  org_id: z.uuid(),
  time_zone: TimeZone,
  now: instant,
  event: BriefMeeting.nullable(),
  people: z.array(BriefPerson).default([]),
  companies: z.array(BriefCompany).default([]),
  deals: z.array(BriefDeal).default([]),
  known_competitors: z.array(KnownCompetitor).default([]),
  outcome: BriefOutcome.default({ action_items: [], insights: [] }),
  history: BriefOutcome.extend({ meetings: z.array(BriefPastMeeting) })
    .default({ action_items: [], insights: [], meetings: [] }),
  activities: z.array(BriefActivity).default([]),
  tasks: z.array(FoundTask).default([]),
  emails: z.array(BriefEmail).default([]),
});
/** See the schema of the same name. */
export type FoundBrief = z.infer<typeof FoundBrief>;

/** A competitor whose name stands somewhere in what is known of the meeting and its people. */
export const MentionedCompetitor = z.strictObject({
  name: z.string(),
  positioning: text.describe("From the organization's own knowledge, where it has a word on them."),
  mentions: z.array(z.strictObject({
    table: z.enum([
      "activities",
      "calendar_events",
      "companies",
      "contacts",
      "deals",
      "emails",
      "meeting_action_items",
      "meeting_insights",
      "meetings",
      "tasks",
    ]),
    id: z.uuid(),
  })).min(1),
});
/** See the schema of the same name. */
export type MentionedCompetitor = z.infer<typeof MentionedCompetitor>;

/** What `get_meeting_brief_data` answers. */
export const BriefData = FoundBrief.omit({ known_competitors: true }).extend({
  competitors: z.array(MentionedCompetitor),
});
/** See the schema of the same name. */
export type BriefData = z.infer<typeof BriefData>;
