// Says in a few plain lines what a meeting list holds. Titles come from outside, and are shown as such.
import type { MeetingList } from "./meeting_list.ts";
import { formatDay, formatTime, plainLine } from "./plain_text.ts";

const LINES_MAX = 12;
const NAMES_MAX = 3;

/**
 * Describes a meeting list.
 *
 * @param list The panel that the text goes with.
 * @param withWhom The person or company that was asked for, as the person wrote it.
 * @returns Plain text, times in the list's own time zone.
 */
export function describeMeetings(list: MeetingList, withWhom: string | null): string {
  const when = describePeriod(list);
  const who = withWhom === null ? "" : ` with ${plainLine(withWhom)}`;
  const verb = isPast(list) ? "had" : "have";
  if (list.total === 0) return `You ${verb} no meetings${who} ${when}.`;

  const noun = list.total === 1 ? "1 meeting" : `${list.total} meetings`;
  const lines = list.meetings.slice(0, LINES_MAX).map((meeting) => describeMeeting(meeting, list));
  const rest = list.total - lines.length;
  const more = rest > 0 ? [`… and ${rest} more.`] : [];
  return [`You ${verb} ${noun}${who} ${when}:`, ...lines, ...more].join("\n");
}

function isPast(list: MeetingList): boolean {
  return list.period.key === "yesterday" || list.period.key === "last_week";
}

function describePeriod({ period }: MeetingList): string {
  const first = formatDay(period.first_day, "long");
  const range = `${formatDay(period.first_day, "short")} to ${formatDay(period.last_day, "short")}`;
  switch (period.key) {
    case "today":
    case "tomorrow":
    case "yesterday":
      return `${period.key} (${first})`;
    case "this_week":
    case "next_week":
    case "last_week":
      return `${period.key.replace("_", " ")} (${range})`;
    case "weekday":
      return `on ${first}`;
    case "from_today":
      return "from today on";
    default:
      return "coming up";
  }
}

function describeMeeting(meeting: MeetingList["meetings"][number], list: MeetingList): string {
  const isOneDay = list.period.first_day === list.period.last_day;
  const day = isOneDay ? "" : `${formatDay(meeting.day, "short")}, `;
  const time = meeting.all_day ? "all day" : formatTimes(meeting, list.period.time_zone);
  const names = meeting.people.map((person) => person.name ?? person.email).filter((name) =>
    name !== null
  );
  const shown = names.slice(0, NAMES_MAX).map((name) => plainLine(name)).join(", ");
  const others = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : "";
  return `• ${day}${time} ${plainLine(meeting.title)}${shown ? ` (${shown}${others})` : ""}`;
}

function formatTimes(meeting: MeetingList["meetings"][number], timeZone: string): string {
  const start = formatTime(meeting.start_time, timeZone);
  return meeting.end_time ? `${start}–${formatTime(meeting.end_time, timeZone)}` : start;
}
