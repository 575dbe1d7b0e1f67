// The activity_timeline panel, version 1: what happened with somebody or something, the latest first.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { definePanel } from "./panel.ts";
import { countOf, formatDay, formatTime, plainLine } from "./plain_text.ts";
import { NamedRow } from "./task_list.ts";
import { TimeZone } from "./time_zone.ts";

const LINES_MAX = 12;

/** Kinds of activities. */
export const ActivityKind = z.enum([
  "call",
  "email",
  "meeting",
  "note",
  "proposal",
  "stage_change",
]);

/** An activity as the database describes it. */
export const FoundActivity = z.strictObject({
  activity_id: z.uuid(),
  kind: ActivityKind,
  subject: z.string(),
  details: z.string().nullable(),
  occurred_at: z.iso.datetime({ offset: true }),
  day: z.iso.date().describe("In the person's own time zone."),
  by_name: z.string().nullable().describe("Whose activity it is."),
  contact: NamedRow.nullable(),
  company: NamedRow.nullable(),
  deal: NamedRow.nullable(),
  meeting: NamedRow.nullable(),
});
/** See the schema of the same name. */
export type FoundActivity = z.infer<typeof FoundActivity>;

/** What the database function `list_activities` returns. */
export const ActivitiesFound = z.strictObject({
  org_id: z.uuid(),
  time_zone: TimeZone,
  now: z.iso.datetime({ offset: true }),
  total: z.int().nonnegative().describe("Counted up to 500."),
  activities: z.array(FoundActivity),
});
/** See the schema of the same name. */
export type ActivitiesFound = z.infer<typeof ActivitiesFound>;

/** The panel. */
export const ActivityTimeline = z.strictObject({
  type: z.literal("activity_timeline"),
  version: z.literal(1),
  time_zone: TimeZone,
  total: z.int().nonnegative().describe("How many there are, counted up to 500."),
  activities: z.array(FoundActivity.extend({ actions: z.array(ClickableAction) })),
}).describe("What happened, the latest first.");
/** See the schema of the same name. */
export type ActivityTimeline = z.infer<typeof ActivityTimeline>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 */
export function buildActivityTimeline(found: ActivitiesFound): ActivityTimeline {
  return {
    type: "activity_timeline",
    version: 1,
    time_zone: found.time_zone,
    total: found.total,
    activities: found.activities.map((activity) => ({
      ...activity,
      actions: buildActions(activity),
    })),
  };
}

function buildActions({ contact, deal, meeting }: FoundActivity): ClickableAction[] {
  const actions: ClickableAction[] = [];
  if (deal) actions.push({ type: "open_deal", deal_id: deal.id });
  if (contact) actions.push({ type: "open_contact", contact_id: contact.id });
  if (meeting) actions.push({ type: "open_meeting", meeting_id: meeting.id });
  return actions;
}

function describeTimeline({ activities, total, time_zone }: ActivityTimeline): string {
  if (total === 0) return "Nothing is recorded there yet.";
  const lines = activities.slice(0, LINES_MAX).map((activity) => {
    const about = (activity.deal ?? activity.company ?? activity.contact)?.name;
    const facts = [
      activity.kind.replace("_", " "),
      ...(about ? [plainLine(about)] : []),
      ...(activity.by_name ? [plainLine(activity.by_name)] : []),
    ].join("; ");
    const at = `${formatDay(activity.day, "short")}, ${
      formatTime(activity.occurred_at, time_zone)
    }`;
    const more = activity.details ? `: ${plainLine(activity.details)}` : "";
    return `• ${at} ${plainLine(activity.subject)}${more} (${facts})`;
  });
  const rest = total - lines.length;
  return [
    `${countOf(total, "activity", "activities")}, the latest first:`,
    ...lines,
    ...(rest > 0 ? [`… and ${rest} more.`] : []),
  ].join("\n");
}

/** How the panel is published. */
export const activityTimelinePanel = definePanel({
  summary: "Calls, emails, meetings, notes and stage changes about somebody, a company or a deal.",
  schema: ActivityTimeline,
  example: {
    type: "activity_timeline",
    version: 1,
    time_zone: "Europe/Berlin",
    total: 1,
    activities: [{
      activity_id: "00000000-0000-4000-8000-000000000021",
      kind: "call",
      subject: "Called Ada about the pilot site",
      details: "She decides next week.",
      occurred_at: "2026-11-18T10:00:00+00:00",
      day: "2026-11-18",
      by_name: "Mara Voss",
      contact: { id: "00000000-0000-4000-8000-000000000022", name: "Ada Park" },
      company: { id: "00000000-0000-4000-8000-000000000023", name: "Northwind" },
      deal: { id: "00000000-0000-4000-8000-000000000024", name: "Northwind: pilot" },
      meeting: null,
      actions: [
        { type: "open_deal", deal_id: "00000000-0000-4000-8000-000000000024" },
        { type: "open_contact", contact_id: "00000000-0000-4000-8000-000000000022" },
      ],
    }],
  },
  describe: describeTimeline,
});
