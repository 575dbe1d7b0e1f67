// The meeting_list panel, version 1 (U60-084), and how it is made from what the database found.
import { z } from "zod";
import { ClickableAction, isExternalUrl } from "../clickable_action.ts";
import { describeMeetings } from "./describe_meetings.ts";
import { definePanel } from "./panel.ts";
import { TimeZone } from "./time_zone.ts";

/** The people of a meeting, at most this many a meeting. */
const PEOPLE_MAX = 25;

/** Where a question's period lies; days are dates in the person's own time zone. */
export const PeriodBounds = z.strictObject({
  key: z.string().describe("today, tomorrow, this_week, weekday, upcoming, …"),
  time_zone: TimeZone,
  starts_at: z.iso.datetime({ offset: true }),
  ends_at: z.iso.datetime({ offset: true }),
  first_day: z.iso.date(),
  last_day: z.iso.date(),
});

const Person = z.strictObject({
  name: z.string().nullable(),
  email: z.string().nullable(),
  contact_id: z.uuid().nullable(),
});

/** A meeting as `get_meetings_for_period` returns it. */
const FoundMeeting = z.strictObject({
  calendar_event_id: z.uuid().nullable(),
  meeting_id: z.uuid().nullable(),
  title: z.string().nullable(),
  start_time: z.iso.datetime({ offset: true }),
  end_time: z.iso.datetime({ offset: true }).nullable(),
  all_day: z.boolean(),
  day: z.iso.date(),
  meeting_url: z.string().nullable(),
  share_url: z.string().nullable(),
  people: z.array(Person),
  attendees_count: z.int().nonnegative(),
  has_transcript: z.boolean(),
});

/** What the database function `get_meetings_for_period` returns. */
export const MeetingsForPeriod = z.strictObject({
  org_id: z.uuid(),
  period: PeriodBounds,
  total: z.int().nonnegative(),
  meetings: z.array(FoundMeeting),
});
/** See the schema of the same name. */
export type MeetingsForPeriod = z.infer<typeof MeetingsForPeriod>;

/** One line of the panel. */
export const ListedMeeting = z.strictObject({
  meeting_id: z.uuid().nullable().describe("The recorded meeting, if it was recorded."),
  calendar_event_id: z.uuid().nullable().describe("The calendar event, if it is in a calendar."),
  title: z.string(),
  start_time: z.iso.datetime({ offset: true }),
  end_time: z.iso.datetime({ offset: true }).nullable(),
  all_day: z.boolean(),
  day: z.iso.date().describe("The day it begins, in the person's own time zone."),
  attendees_count: z.int().nonnegative(),
  people: z.array(Person),
  is_recorded: z.boolean(),
  has_transcript: z.boolean(),
  actions: z.array(ClickableAction),
});

/** The panel. */
export const MeetingList = z.strictObject({
  type: z.literal("meeting_list"),
  version: z.literal(1),
  period: PeriodBounds,
  total: z.int().nonnegative().describe("How many there are; `meetings` may be fewer."),
  meetings: z.array(ListedMeeting),
}).describe("A list of meetings with what can be clicked in it.");
/** See the schema of the same name. */
export type MeetingList = z.infer<typeof MeetingList>;

/**
 * Makes the panel.
 *
 * @param found What the database found under the caller's rights.
 * @returns The panel; links that are not http(s) are left out, not passed on.
 */
export function buildMeetingList(found: MeetingsForPeriod): MeetingList {
  return {
    type: "meeting_list",
    version: 1,
    period: found.period,
    total: found.total,
    meetings: found.meetings.map((meeting) => ({
      meeting_id: meeting.meeting_id,
      calendar_event_id: meeting.calendar_event_id,
      title: meeting.title ?? "Untitled meeting",
      start_time: meeting.start_time,
      end_time: meeting.end_time,
      all_day: meeting.all_day,
      day: meeting.day,
      attendees_count: meeting.attendees_count,
      people: meeting.people.slice(0, PEOPLE_MAX),
      is_recorded: meeting.meeting_id !== null,
      has_transcript: meeting.has_transcript,
      actions: buildActions(meeting),
    })),
  };
}

function buildActions(meeting: MeetingsForPeriod["meetings"][number]): ClickableAction[] {
  const actions: ClickableAction[] = [];
  if (meeting.meeting_id) actions.push({ type: "open_meeting", meeting_id: meeting.meeting_id });
  else if (meeting.calendar_event_id) {
    actions.push({ type: "open_meeting", calendar_event_id: meeting.calendar_event_id });
  }
  for (const person of meeting.people.slice(0, PEOPLE_MAX)) {
    if (!person.contact_id) continue;
    const label = person.name?.slice(0, 200) || undefined;
    const action = { type: "open_contact", contact_id: person.contact_id } as const;
    actions.push(label ? { ...action, label } : action);
  }
  const links = [[meeting.meeting_url, "Join"], [
    meeting.share_url,
    "Watch the recording",
  ]] as const;
  for (const [url, label] of links) {
    if (url && url.length <= 2_048 && isExternalUrl(url)) {
      actions.push({ type: "open_external_url", url, label });
    }
  }
  return actions;
}

/** How the panel is published. */
export const meetingListPanel = definePanel({
  summary: "Meetings of a period, or the next few, each with its people and what can be opened.",
  schema: MeetingList,
  example: {
    type: "meeting_list",
    version: 1,
    period: {
      key: "today",
      time_zone: "America/New_York",
      starts_at: "2026-11-23T05:00:00+00:00",
      ends_at: "2026-11-24T05:00:00+00:00",
      first_day: "2026-11-23",
      last_day: "2026-11-23",
    },
    total: 1,
    meetings: [{
      meeting_id: null,
      calendar_event_id: "00000000-0000-4000-8000-000000000001",
      title: "Northwind: pilot review",
      start_time: "2026-11-23T16:00:00+00:00",
      end_time: "2026-11-23T16:45:00+00:00",
      all_day: false,
      day: "2026-11-23",
      attendees_count: 2,
      people: [{
        name: "Ada Park",
        email: "ada.park@northwind.test",
        contact_id: "00000000-0000-4000-8000-000000000002",
      }],
      is_recorded: false,
      has_transcript: false,
      actions: [
        {
          type: "open_meeting",
          calendar_event_id: "00000000-0000-4000-8000-000000000001",
        },
        {
          type: "open_contact",
          contact_id: "00000000-0000-4000-8000-000000000002",
          label: "Ada Park",
        },
        { type: "open_external_url", url: "https://meet.northwind.test/pilot", label: "Join" },
      ],
    }],
  },
  describe: (panel) => describeMeetings(panel, null),
});
