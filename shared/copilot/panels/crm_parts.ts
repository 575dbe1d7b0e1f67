// The parts that panels of the CRM share: a deal's line, the meetings before and after, activities;
// how they are built from rows and how they read.
import { z } from "zod";
import type { ClickableAction } from "../clickable_action.ts";
import type { FoundActivity, FoundDeal, FoundLastMeeting, FoundNextMeeting } from "./crm_rows.ts";
import { dayOf, formatDay, formatTime, plainLine } from "./plain_text.ts";
import { TimeZone } from "./time_zone.ts";

const moment = z.iso.datetime({ offset: true });

/** ISO 4217, as stored. */
export const Currency = z.string().regex(/^[A-Z]{3}$/);

/** A deal as a line of a panel. */
export const DealLine = z.strictObject({
  deal_id: z.uuid(),
  name: z.string(),
  amount: z.number().nonnegative(),
  currency: Currency,
  status: z.enum(["open", "won", "lost"]),
  stage: z.string(),
  probability: z.int().min(0).max(100).describe("Percent."),
  weighted_amount: z.number().nonnegative(),
  expected_close_on: z.iso.date().nullable(),
  next_step: z.string().nullable(),
  company: z.strictObject({ company_id: z.uuid(), name: z.string() }).nullable(),
  contact: z.strictObject({ contact_id: z.uuid(), name: z.string() }).nullable(),
  owner_name: z.string().nullable(),
  is_mine: z.boolean().describe("Owned by the person, or assigned to them."),
  last_activity_at: moment.nullable(),
});
/** See the schema of the same name. */
export type DealLine = z.infer<typeof DealLine>;

/** A recorded meeting, or one that is planned. */
export const MeetingMark = z.strictObject({
  meeting_id: z.uuid().nullable(),
  calendar_event_id: z.uuid().nullable(),
  title: z.string(),
  at: moment,
});
/** See the schema of the same name. */
export type MeetingMark = z.infer<typeof MeetingMark>;

/** The meetings before and after, in a panel with a zone to say them in. */
export const meetingMarks = {
  time_zone: TimeZone,
  last_meeting: MeetingMark.nullable().describe("The last one that was recorded."),
  next_meeting: MeetingMark.nullable().describe("The next one in the person's own calendar."),
};

/** Something that somebody did or noted. */
export const ActivityLine = z.strictObject({
  activity_id: z.uuid(),
  kind: z.string(),
  subject: z.string(),
  occurred_at: moment,
});

/**
 * Makes a deal's line.
 *
 * @param deal The row.
 */
export function toDealLine(deal: FoundDeal): DealLine {
  return {
    deal_id: deal.id,
    name: deal.name,
    amount: deal.amount,
    currency: deal.currency,
    status: deal.status,
    stage: deal.stage.name,
    probability: deal.probability,
    weighted_amount: deal.weighted_amount,
    expected_close_on: deal.expected_close_on,
    next_step: deal.next_step,
    company: deal.company && { company_id: deal.company.id, name: deal.company.name },
    contact: deal.contact && { contact_id: deal.contact.id, name: deal.contact.name },
    owner_name: deal.owner_name,
    is_mine: deal.is_own || deal.is_assigned,
    last_activity_at: deal.last_activity?.at ?? null,
  };
}

/**
 * Marks the meetings before and after.
 *
 * @param found Where they stand.
 */
export function toMeetingMarks(found: {
  readonly last_meeting: z.infer<typeof FoundLastMeeting> | null;
  readonly next_meeting: z.infer<typeof FoundNextMeeting> | null;
}): { last_meeting: MeetingMark | null; next_meeting: MeetingMark | null } {
  const { last_meeting: last, next_meeting: next } = found;
  return {
    last_meeting: last && {
      meeting_id: last.meeting_id,
      calendar_event_id: null,
      title: last.title,
      at: last.started_at,
    },
    next_meeting: next && {
      meeting_id: null,
      calendar_event_id: next.calendar_event_id,
      title: next.title ?? "Untitled meeting",
      at: next.start_time,
    },
  };
}

/**
 * Makes an activity's line.
 *
 * @param activity The row.
 */
export function toActivityLine(
  activity: z.infer<typeof FoundActivity>,
): z.infer<typeof ActivityLine> {
  const { id, ...rest } = activity;
  return { activity_id: id, ...rest };
}

/**
 * Says what a click on each of these does.
 *
 * @param marks Meetings and deals of a panel.
 * @returns Actions with ids from rows.
 */
export function openMarks(marks: {
  readonly deals?: readonly DealLine[];
  readonly last_meeting?: MeetingMark | null;
  readonly next_meeting?: MeetingMark | null;
}): ClickableAction[] {
  const actions: ClickableAction[] = (marks.deals ?? []).map((deal) => ({
    type: "open_deal",
    deal_id: deal.deal_id,
    ...nameLabel(deal.name),
  }));
  const last = marks.last_meeting?.meeting_id;
  if (last) actions.push({ type: "open_meeting", meeting_id: last, label: "Last meeting" });
  const next = marks.next_meeting?.calendar_event_id;
  if (next) actions.push({ type: "open_meeting", calendar_event_id: next, label: "Next meeting" });
  return actions;
}

/**
 * Labels a button by a name; one that is only spaces gets the frontend's own label.
 *
 * @param name As somebody wrote it.
 */
export function nameLabel(name: string): { label?: string } {
  const label = name.trim().slice(0, 200).toWellFormed();
  return label ? { label } : {};
}

/**
 * Says an amount.
 *
 * @param amount How much.
 * @param currency In which currency.
 * @returns As `USD 96,000`.
 */
export function formatMoney(amount: number, currency: string): string {
  return `${currency} ${amount.toLocaleString("en-US", { maximumFractionDigits: 2 })}`;
}

/**
 * Says a deal on one line.
 *
 * @param deal The line.
 */
export function describeDeal(deal: DealLine): string {
  const closes = deal.expected_close_on === null
    ? ""
    : `, ${deal.status === "open" ? "closes" : "was to close"} ${
      formatDay(deal.expected_close_on, "short")
    }`;
  const owner = deal.is_mine || deal.owner_name === null
    ? ""
    : `, with ${plainLine(deal.owner_name)}`;
  const money = formatMoney(deal.amount, deal.currency);
  return `• ${plainLine(deal.name)}: ${money}, ${plainLine(deal.stage)}${closes}${owner}`;
}

/**
 * Says the meetings before and after.
 *
 * @param panel Where they stand.
 * @returns No, one or two lines.
 */
export function describeMeetingMarks(panel: {
  readonly time_zone: string;
  readonly last_meeting: MeetingMark | null;
  readonly next_meeting: MeetingMark | null;
}): string[] {
  const say = (what: string, mark: MeetingMark | null): string[] => {
    if (mark === null) return [];
    const day = formatDay(dayOf(mark.at, panel.time_zone), "short");
    return [
      `${what}: ${plainLine(mark.title)}, ${day} at ${formatTime(mark.at, panel.time_zone)}`,
    ];
  };
  return [...say("Last meeting", panel.last_meeting), ...say("Next meeting", panel.next_meeting)];
}

/**
 * Says activities.
 *
 * @param activities The lines.
 * @param timeZone Zone of the days.
 */
export function describeActivities(
  activities: readonly z.infer<typeof ActivityLine>[],
  timeZone: string,
): string[] {
  return activities.map((activity) => {
    const day = formatDay(dayOf(activity.occurred_at, timeZone), "short");
    const kind = activity.kind.replaceAll("_", " ");
    return `• ${day}: ${plainLine(activity.subject)} (${plainLine(kind)})`;
  });
}

/**
 * Puts the words of a name together.
 *
 * @param person First and last name and address, each of which may be missing.
 * @returns Never empty.
 */
export function nameOf(person: {
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly email: string | null;
}): string {
  const name = [person.first_name, person.last_name].filter(Boolean).join(" ").trim();
  return name || person.email || "Unnamed contact";
}
