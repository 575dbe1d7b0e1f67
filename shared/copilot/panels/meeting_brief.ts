// The meeting_brief panel, version 1: one meeting, who comes, what is being sold to them, and what was
// said and promised before. Made from rows; nothing in it is composed.
import { z } from "zod";
import { ClickableAction, isExternalUrl } from "../clickable_action.ts";
import {
  BriefActionItem,
  BriefActivity,
  BriefCompany,
  type BriefData,
  BriefDeal,
  BriefEmail,
  BriefInsight,
  BriefMeeting,
  BriefPastMeeting,
  BriefPerson,
  MentionedCompetitor,
} from "./brief_rows.ts";
import { describeBrief } from "./describe_brief.ts";
import { MEETING_BRIEF_EXAMPLE } from "./meeting_brief_example.ts";
import { definePanel } from "./panel.ts";
import { FoundTask } from "./task_list.ts";
import { TimeZone } from "./time_zone.ts";

/** The panel. */
export const MeetingBrief = z.strictObject({
  type: z.literal("meeting_brief"),
  version: z.literal(1),
  time_zone: TimeZone,
  meeting: BriefMeeting.omit({ meeting_url: true, share_url: true }).extend({ title: z.string() }),
  people: z.array(BriefPerson),
  companies: z.array(BriefCompany),
  deals: z.array(BriefDeal).describe("Open ones with these people or companies, largest first."),
  last_meetings: z.array(BriefPastMeeting),
  open_action_items: z.array(BriefActionItem),
  objections: z.array(BriefInsight),
  next_steps: z.array(BriefInsight),
  competitors: z.array(MentionedCompetitor),
  activities: z.array(BriefActivity),
  tasks: z.array(FoundTask).describe("The person's own, still open."),
  emails: z.array(BriefEmail),
  actions: z.array(ClickableAction),
}).describe("What one should know before, or after, a meeting.");
/** See the schema of the same name. */
export type MeetingBrief = z.infer<typeof MeetingBrief>;

/**
 * Makes the panel.
 *
 * @param brief What was found under the caller's rights.
 * @returns The panel; null where there is no meeting to brief for.
 */
export function buildMeetingBrief(brief: BriefData): MeetingBrief | null {
  if (brief.event === null) return null;
  const { meeting_url: _join, share_url: _watch, ...meeting } = brief.event;
  const insights = [...brief.outcome.insights, ...brief.history.insights];
  return {
    type: "meeting_brief",
    version: 1,
    time_zone: brief.time_zone,
    meeting: { ...meeting, title: meeting.title ?? "Untitled meeting" },
    people: brief.people,
    companies: brief.companies,
    deals: brief.deals,
    last_meetings: brief.history.meetings,
    open_action_items: [...brief.outcome.action_items, ...brief.history.action_items],
    objections: insights.filter(({ kind }) => kind === "objection"),
    next_steps: insights.filter(({ kind }) => kind === "next_step"),
    competitors: brief.competitors,
    activities: brief.activities,
    tasks: brief.tasks,
    emails: brief.emails,
    actions: buildActions(brief, brief.event),
  };
}

function buildActions(
  brief: BriefData,
  event: NonNullable<BriefData["event"]>,
): ClickableAction[] {
  const actions: ClickableAction[] = [];
  if (event.meeting_id) actions.push({ type: "open_meeting", meeting_id: event.meeting_id });
  else if (event.calendar_event_id) {
    actions.push({ type: "open_meeting", calendar_event_id: event.calendar_event_id });
  }
  for (const { contact_id, name } of brief.people) {
    if (contact_id) actions.push({ type: "open_contact", contact_id, ...labelled(name) });
  }
  for (const { deal_id, name } of brief.deals) {
    actions.push({ type: "open_deal", deal_id, ...labelled(name) });
  }
  for (const { task_id, title } of brief.tasks) {
    actions.push({ type: "open_task", task_id, ...labelled(title) });
  }
  for (
    const [url, label] of [[event.meeting_url, "Join"], [
      event.share_url,
      "Watch the recording",
    ]] as const
  ) {
    if (url && url.length <= 2_048 && isExternalUrl(url)) {
      actions.push({ type: "open_external_url", url, label });
    }
  }
  return actions;
}

function labelled(name: string | null): { label?: string } {
  const label = name?.slice(0, 200);
  return label ? { label } : {};
}

/** How the panel is published. */
export const meetingBriefPanel = definePanel({
  summary: "One meeting with everything known of its people: deals, history, promises, objections.",
  schema: MeetingBrief,
  example: MEETING_BRIEF_EXAMPLE,
  describe: describeBrief,
});
