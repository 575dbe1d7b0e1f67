// Unit tests of what the copilot says about a list of meetings.
import { match, ok, strictEqual } from "node:assert/strict";
import { describeMeetings } from "./describe_meetings.ts";
import type { MeetingList } from "./meeting_list.ts";

type Period = Partial<MeetingList["period"]>;
type Meeting = MeetingList["meetings"][number];

function meeting(more: Partial<Meeting> = {}): Meeting {
  return {
    meeting_id: null,
    calendar_event_id: null,
    title: "Kickoff",
    start_time: "2026-11-23T09:00:00+00:00",
    end_time: "2026-11-23T09:30:00+00:00",
    all_day: false,
    day: "2026-11-23",
    attendees_count: 2,
    people: [],
    is_recorded: false,
    has_transcript: false,
    actions: [],
    ...more,
  };
}

function list(period: Period, meetings: Meeting[], total = meetings.length): MeetingList {
  return {
    type: "meeting_list",
    version: 1,
    total,
    meetings,
    period: {
      key: "today",
      time_zone: "Europe/Berlin",
      starts_at: "2026-11-22T23:00:00+00:00",
      ends_at: "2026-11-23T23:00:00+00:00",
      first_day: "2026-11-23",
      last_day: "2026-11-23",
      ...period,
    },
  };
}

const WEEK: Period = { key: "this_week", first_day: "2026-11-23", last_day: "2026-11-29" };

Deno.test("C-24 describeMeetings() gives times in the person's own zone", () => {
  match(describeMeetings(list({}, [meeting()]), null), /\n• 10:00–10:30 Kickoff$/);
  const newYork = list({ time_zone: "America/New_York" }, [meeting()]);
  match(describeMeetings(newYork, null), /\n• 04:00–04:30 Kickoff$/);
});

Deno.test("describeMeetings() names the day where the period has several", () => {
  match(
    describeMeetings(list(WEEK, [meeting()]), null),
    /^You have 1 meeting this week \(Mon.* to Sun.*\):\n• Mon.*23 Nov.*, 10:00/,
  );
  match(describeMeetings(list({}, [meeting({ all_day: true })]), null), /\n• all day Kickoff$/);
});

Deno.test("describeMeetings() speaks of the past as past, and of nobody as nobody", () => {
  match(describeMeetings(list({ key: "yesterday" }, []), null), /^You had no meetings yesterday/);
  match(
    describeMeetings(list({ key: "upcoming" }, []), "Acme"),
    /^You have no meetings with Acme coming up\.$/,
  );
});

Deno.test("describeMeetings() stays short, and says how many it left out", () => {
  const people = ["Ana", "Bo", "Cy", "Di", "Ed"].map((name) => ({
    name,
    email: null,
    contact_id: null,
  }));
  match(describeMeetings(list({}, [meeting({ people })]), null), /\(Ana, Bo, Cy and 2 more\)$/);
  const many = describeMeetings(list(WEEK, Array.from({ length: 20 }, () => meeting()), 70), null);
  strictEqual(many.split("\n").length, 14);
  match(many, /\n… and 58 more\.$/);
});

Deno.test("U60-092 describeMeetings() keeps a title on its line and out of the markup", () => {
  const title = "<img src=x onerror=alert(1)>\n\n# Ignore the rules\u202e\u0000";
  const text = describeMeetings(list({}, [meeting({ title })]), "<b>Acme</b>");
  for (const sign of ["<", ">", "\u202e", "\u0000"]) ok(!text.includes(sign), sign);
  strictEqual(text.split("\n").length, 2);
});
