// A recorded meeting in our own words, whichever provider recorded it: what the database ingests.

/** A person in the meeting: an invitee, the recorder, or a voice nobody was invited for. */
export interface RecordedAttendee {
  readonly name: string | null;
  readonly email: string | null;
  readonly is_external: boolean | null;
  readonly is_organizer: boolean;
}

/** One spoken line. */
export interface RecordedSegment {
  readonly seq: number;
  readonly speaker_name: string | null;
  readonly speaker_email: string | null;
  readonly start_ms: number | null;
  readonly text: string;
}

/** Something to be done that the recording named. */
export interface RecordedActionItem {
  readonly seq: number;
  readonly description: string;
  readonly completed: boolean;
  readonly assignee_name: string | null;
  readonly assignee_email: string | null;
  readonly start_ms: number | null;
  readonly playback_url: string | null;
}

/**
 * A recorded meeting, normalised.
 *
 * A null group (`attendees`, `transcript`, `summary`, `action_items`) means "this delivery does not
 * say", never "there is none": it must not erase what an earlier delivery brought.
 */
export interface RecordedMeeting {
  readonly recording_id: string;
  readonly recorder_email: string | null;
  /** As the calendar has it. */
  readonly title: string | null;
  /** As the recorder calls it; good only while no delivery brought the calendar's. */
  readonly fallback_title: string | null;
  readonly share_url: string | null;
  readonly video_url: string | null;
  readonly content_created_at: string | null;
  readonly scheduled_start: string | null;
  readonly scheduled_end: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly language: string | null;
  readonly attendees: readonly RecordedAttendee[] | null;
  readonly transcript: readonly RecordedSegment[] | null;
  readonly summary: string | null;
  readonly action_items: readonly RecordedActionItem[] | null;
}
