// A calendar event in our own words, whichever calendar it comes from: what the database applies.

/** An invited person; rooms and equipment are left out. */
export interface SyncedAttendee {
  readonly email: string | null;
  readonly name: string | null;
  readonly response_status: ResponseStatus;
  readonly self: boolean;
  readonly organizer: boolean;
}

/** An answer to an invitation. */
export type ResponseStatus = "needs_action" | "declined" | "tentative" | "accepted";

/** A time, or a date of an all-day event that the database places in `time_zone`. */
export interface SyncedTime {
  readonly at: string | null;
  readonly on: string | null;
}

/** One event of a page. */
export interface SyncedEvent {
  readonly external_id: string;
  readonly ical_uid: string | null;
  readonly recurring_event_id: string | null;
  readonly status: "confirmed" | "tentative" | "cancelled";
  readonly etag: string | null;
  readonly title: string | null;
  readonly description: string | null;
  readonly location: string | null;
  /** Null only where a cancelled event carries nothing but its id. */
  readonly start: SyncedTime | null;
  readonly end: SyncedTime | null;
  readonly time_zone: string | null;
  readonly all_day: boolean;
  readonly attendees: readonly SyncedAttendee[];
  readonly attendees_count: number;
  /** What the calendar's owner answered; null where they are not on the list. */
  readonly response_status: ResponseStatus | null;
  readonly meeting_url: string | null;
  readonly html_link: string | null;
  readonly organizer_email: string | null;
  readonly provider_updated_at: string | null;
}
