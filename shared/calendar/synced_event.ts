// A calendar event in our own words, whichever calendar it comes from: what the database applies.

/** An invited person. */
export interface SyncedAttendee {
  readonly email: string | null;
  readonly name: string | null;
  readonly response: "needs_action" | "declined" | "tentative" | "accepted";
  readonly is_self: boolean;
  readonly is_organizer: boolean;
  readonly is_optional: boolean;
}

/** A time, or a date of an all-day event that the database places in `time_zone`. */
export interface SyncedTime {
  readonly at: string | null;
  readonly on: string | null;
}

/** One event of a page. */
export interface SyncedEvent {
  readonly external_id: string;
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
  /** The calendar's owner said no. */
  readonly is_declined: boolean;
  readonly meeting_url: string | null;
  readonly organizer_email: string | null;
  readonly recurring_event_id: string | null;
  readonly updated_at: string | null;
}
