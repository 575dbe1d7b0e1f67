// Google's Event, as far as the simulator fills it in.

/** A point in time with its zone, or a whole day. */
export type EventTime =
  | { readonly dateTime: string; readonly timeZone?: string }
  | { readonly date: string };

/** An invited person or room. */
export interface Attendee {
  readonly email: string;
  readonly displayName?: string;
  readonly responseStatus: "needsAction" | "declined" | "tentative" | "accepted";
  readonly self?: boolean;
  readonly organizer?: boolean;
  readonly resource?: boolean;
  readonly optional?: boolean;
  readonly additionalGuests?: number;
}

/** A way into the call. */
export interface EntryPoint {
  readonly entryPointType: "video" | "phone" | "sip" | "more";
  readonly uri: string;
  readonly label?: string;
  readonly pin?: string;
}

/** What an event says, before the service adds tags and dates. */
export interface EventContent {
  readonly id: string;
  readonly status: "confirmed" | "tentative" | "cancelled";
  readonly summary?: string;
  readonly description?: string;
  readonly location?: string;
  readonly start: EventTime;
  readonly end: EventTime;
  readonly attendees?: readonly Attendee[];
  readonly organizer?: { readonly email: string; readonly self?: boolean };
  readonly creator?: { readonly email: string; readonly self?: boolean };
  readonly hangoutLink?: string;
  readonly conferenceData?: {
    readonly conferenceId: string;
    readonly conferenceSolution: { readonly name: string; readonly key: { readonly type: string } };
    readonly entryPoints: readonly EntryPoint[];
  };
  readonly recurrence?: readonly string[];
  readonly recurringEventId?: string;
  readonly originalStartTime?: EventTime;
  readonly eventType?: "default" | "focusTime" | "outOfOffice" | "workingLocation";
  readonly visibility?: "default" | "public" | "private" | "confidential";
  readonly transparency?: "opaque" | "transparent";
}

/** An event as the service keeps it. */
export interface StoredEvent {
  readonly content: EventContent;
  /** Rises with every change in the calendar. */
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly sequence: number;
  /** A cancelled event of which only the id is left. */
  readonly isBare: boolean;
}

/** An event as the API gives it. */
export type EventResource = Readonly<Record<string, unknown>> & { readonly id: string };

/**
 * Renders an event.
 *
 * @param stored The event.
 */
export function renderEvent(stored: StoredEvent): EventResource {
  const { content } = stored;
  const etag = `"${Date.parse(stored.updatedAt) * 2}${stored.version}"`;
  if (stored.isBare) {
    return {
      kind: "calendar#event",
      etag,
      id: content.id,
      status: "cancelled",
      ...(content.recurringEventId !== undefined && {
        recurringEventId: content.recurringEventId,
        originalStartTime: content.originalStartTime,
      }),
    };
  }
  return {
    kind: "calendar#event",
    etag,
    htmlLink: `https://www.google.com/calendar/event?eid=${content.id}`,
    created: stored.createdAt,
    updated: stored.updatedAt,
    ...content,
    iCalUID: `${content.recurringEventId ?? content.id}@google.com`,
    sequence: stored.sequence,
    reminders: { useDefault: true },
    eventType: content.eventType ?? "default",
  };
}

/** Gives the moment of an event's time; a whole day begins at midnight in the calendar's zone. */
export function instantOf(time: EventTime, timeZone: string): number {
  if ("dateTime" in time) return Date.parse(time.dateTime);
  return Temporal.PlainDate.from(time.date).toZonedDateTime(timeZone).epochMilliseconds;
}

/** Gives an event's time out of a moment in a zone. */
export function timedAt(moment: Temporal.ZonedDateTime): EventTime {
  return {
    dateTime: moment.toString({ timeZoneName: "never", fractionalSecondDigits: 0 }),
    timeZone: moment.timeZoneId,
  };
}
