// Google Calendar v3, for making events.
//
// Documented: events.insert takes an id of ours (base32hex, 5 to 1024 characters, unique in the calendar)
// and sendUpdates=all, by which Google invites the attendees; events.get. Not documented, but so it is
// known to be: 409 for an id that is there, also of an event that was deleted.
import { z } from "zod";
import type { CalendarWriter, NewEvent, WrittenEvent } from "@shared/outbound/outbound_ports.ts";
import { type ReadVariable, readVariables } from "../env/platform_env.ts";
import { callGoogle, type GoogleRestDeps, parseGood } from "./google_rest.ts";

const CalendarSettings = z.object({
  GOOGLE_CALENDAR_BASE_URL: z.url({ protocol: /^https?$/ })
    .default("https://www.googleapis.com/calendar/v3")
    .transform((url) => url.replace(/\/+$/, "")),
});

/** What the client needs from outside. */
export interface CalendarEventsDeps extends GoogleRestDeps {
  readonly readVariable: ReadVariable;
}

const Written = z.object({ id: z.string().min(1), htmlLink: z.url().nullish() })
  .transform(({ id, htmlLink }): WrittenEvent => ({ id, htmlLink: htmlLink ?? null }));

/**
 * Makes the client that writes into calendars.
 *
 * @param deps Settings, network, time.
 * @returns The client.
 * @throws {EnvironmentError} When a setting is malformed.
 *
 * @example Making what was confirmed
 * ```ts ignore
 * const calendar = createCalendarEvents({ readVariable, fetch, clock, signal });
 * const made = await calendar.insertEvent(accessToken, { calendarId: "primary", event });
 * ```
 */
export function createCalendarEvents(deps: CalendarEventsDeps): CalendarWriter {
  const baseUrl = readVariables(CalendarSettings, deps.readVariable).GOOGLE_CALENDAR_BASE_URL;
  const eventsOf = (calendarId: string): string =>
    `${baseUrl}/calendars/${encodeURIComponent(calendarId)}/events`;
  return {
    async findEvent(accessToken, { calendarId, eventId }) {
      const url = new URL(`${eventsOf(calendarId)}/${encodeURIComponent(eventId)}`);
      const answer = await callGoogle(deps, { url, accessToken }, [404]);
      return answer.status === 404 ? null : parseGood(Written, answer, false);
    },
    async insertEvent(accessToken, { calendarId, event }) {
      const url = new URL(eventsOf(calendarId));
      url.searchParams.set("sendUpdates", "all");
      const answer = await callGoogle(deps, { url, accessToken, body: describe(event) }, [409]);
      return answer.status === 409 ? null : parseGood(Written, answer, true);
    },
  };
}

function describe(event: NewEvent): Record<string, unknown> {
  return {
    id: event.id,
    summary: event.title,
    ...(event.description !== null && { description: event.description }),
    start: { dateTime: event.startsAt, timeZone: event.timeZone },
    end: { dateTime: event.endsAt, timeZone: event.timeZone },
    attendees: event.attendees.map((email) => ({ email })),
  };
}
