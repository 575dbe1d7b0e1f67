// Turns Google's event into ours. Pure: the same event always gives the same row.
import { extractJoinUrl } from "./extract_join_url.ts";
import type { GoogleEvent } from "./google_event.ts";
import type { ResponseStatus, SyncedAttendee, SyncedEvent, SyncedTime } from "./synced_event.ts";

/** With `attendeesOmitted` Google lists only the caller; that others exist is all we know. */
const COUNT_WHEN_OMITTED = 2;
const TITLE_MAX_CHARACTERS = 1_000;
const TEXT_MAX_CHARACTERS = 20_000;

const RESPONSES: Readonly<Record<string, ResponseStatus>> = {
  declined: "declined",
  tentative: "tentative",
  accepted: "accepted",
};

/**
 * Normalises one event.
 *
 * @param event The event as Google gave it.
 * @param calendarTimeZone The calendar's zone, in which its all-day events lie.
 * @returns The event as the database applies it, or null for one that is neither cancelled nor has
 *   a start and an end, which no calendar can show.
 */
export function normalizeGoogleEvent(
  event: GoogleEvent,
  calendarTimeZone: string | null,
): SyncedEvent | null {
  const isCancelled = event.status === "cancelled";
  const start = readTime(event.start);
  const end = readTime(event.end) ?? start;
  if (!isCancelled && (!start || !end)) return null;

  const attendees = readAttendees(event);
  const isAllDay = start?.on !== null && start?.on !== undefined;
  return {
    external_id: event.id,
    ical_uid: event.iCalUID ?? null,
    recurring_event_id: event.recurringEventId ?? null,
    status: isCancelled ? "cancelled" : event.status === "tentative" ? "tentative" : "confirmed",
    etag: event.etag ?? null,
    title: readText(event.summary, TITLE_MAX_CHARACTERS),
    description: readText(event.description, TEXT_MAX_CHARACTERS),
    location: readText(event.location, TITLE_MAX_CHARACTERS),
    start,
    end,
    time_zone: isAllDay ? calendarTimeZone : event.start?.timeZone ?? calendarTimeZone,
    all_day: isAllDay,
    attendees,
    attendees_count: countAttendees(event, attendees),
    response_status: attendees.find((person) => person.self)?.response_status ?? null,
    meeting_url: extractJoinUrl(event),
    html_link: event.htmlLink ?? null,
    organizer_email: readEmail(event.organizer?.email),
    provider_updated_at: readInstant(event.updated),
  };
}

function readTime(time: GoogleEvent["start"]): SyncedTime | null {
  const at = readInstant(time?.dateTime);
  if (at) return { at, on: null };
  const on = time?.date ?? "";
  return /^\d{4}-\d{2}-\d{2}$/.test(on) && readInstant(`${on}T00:00:00Z`) ? { at: null, on } : null;
}

/** People only, each once: rooms and equipment do not attend. */
function readAttendees(event: GoogleEvent): SyncedAttendee[] {
  const people = new Map<string, SyncedAttendee>();
  for (const attendee of event.attendees ?? []) {
    if (attendee.resource) continue;
    const email = readEmail(attendee.email);
    const name = readText(attendee.displayName, TITLE_MAX_CHARACTERS);
    const key = email ?? name;
    if (!key || people.has(key)) continue;
    people.set(key, {
      email,
      name,
      response_status: RESPONSES[attendee.responseStatus ?? ""] ?? "needs_action",
      self: attendee.self ?? false,
      organizer: attendee.organizer ?? false,
    });
  }
  return [...people.values()];
}

function countAttendees(event: GoogleEvent, attendees: readonly SyncedAttendee[]): number {
  let count = attendees.length;
  for (const attendee of event.attendees ?? []) {
    const guests = attendee.resource ? 0 : Math.trunc(attendee.additionalGuests ?? 0);
    count += Math.min(Math.max(guests, 0), 1_000);
  }
  return event.attendeesOmitted ? Math.max(count, COUNT_WHEN_OMITTED) : count;
}

function readText(value: string | null | undefined, maxCharacters: number): string | null {
  const text = value?.replaceAll("\u0000", "").slice(0, maxCharacters).toWellFormed().trim();
  return text ? text : null;
}

function readEmail(value: string | null | undefined): string | null {
  const email = readText(value, 320)?.toLowerCase();
  return email?.includes("@") ? email : null;
}

function readInstant(value: string | null | undefined): string | null {
  if (!value || !/(Z|[+-]\d{2}:\d{2})$/.test(value)) return null;
  const instant = new Date(value);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
}
