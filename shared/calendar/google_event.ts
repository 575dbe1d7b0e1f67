// What Google Calendar's events.list answers. Trust boundary: a third party's payload.
import { z } from "zod";

const text = z.string().nullish();

const EventTime = z.object({ dateTime: text, date: text, timeZone: text });

/**
 * One event. A cancelled one may carry nothing but its `id`, so every other field is optional; each
 * may also be null, and unknown fields are ignored.
 */
export const GoogleEvent = z.object({
  id: z.string().min(1).max(1024),
  etag: text,
  status: text,
  summary: text,
  description: text,
  location: text,
  hangoutLink: text,
  htmlLink: text,
  recurringEventId: text,
  iCalUID: text,
  updated: text,
  start: EventTime.nullish(),
  end: EventTime.nullish(),
  organizer: z.object({ email: text, self: z.boolean().nullish() }).nullish(),
  attendeesOmitted: z.boolean().nullish(),
  attendees: z.array(
    z.object({
      email: text,
      displayName: text,
      responseStatus: text,
      self: z.boolean().nullish(),
      organizer: z.boolean().nullish(),
      resource: z.boolean().nullish(),
      optional: z.boolean().nullish(),
      additionalGuests: z.number().nullish(),
    }),
  ).nullish(),
  conferenceData: z.object({
    entryPoints: z.array(z.object({ entryPointType: text, uri: text })).nullish(),
  }).nullish(),
});
/** See the schema of the same name. */
export type GoogleEvent = z.infer<typeof GoogleEvent>;

/** One page of events; `nextSyncToken` comes with the last page only. */
export const GoogleEventsPage = z.object({
  items: z.array(GoogleEvent).nullish().transform((items) => items ?? []),
  nextPageToken: text,
  nextSyncToken: text,
  timeZone: text,
});
/** See the schema of the same name. */
export type GoogleEventsPage = z.infer<typeof GoogleEventsPage>;
