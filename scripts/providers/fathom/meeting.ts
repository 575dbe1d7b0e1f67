// Fathom's Meeting, as its API lists it and its webhook posts it.

/** A person with a Fathom account. */
export interface FathomUser {
  readonly name: string;
  readonly email: string;
  readonly email_domain: string;
  readonly team: string | null;
}

/** Somebody invited to the recorded event. */
export interface Invitee {
  readonly name: string | null;
  readonly matched_speaker_display_name?: string | null;
  readonly email: string | null;
  readonly email_domain: string | null;
  readonly is_external: boolean;
}

/** One line of the transcript; the stamp is relative to the start, and there is no end. */
export interface TranscriptItem {
  readonly speaker: {
    readonly display_name: string;
    readonly matched_calendar_invitee_email?: string | null;
  };
  readonly text: string;
  readonly timestamp: string;
}

/** A thing to do that came up. */
export interface ActionItem {
  readonly description: string;
  readonly user_generated: boolean;
  readonly completed: boolean;
  readonly recording_timestamp: string;
  readonly recording_playback_url: string;
  readonly assignee: {
    readonly name: string | null;
    readonly email: string | null;
    readonly team: string | null;
  };
}

/** The recording's summary. */
export interface MeetingSummary {
  readonly template_name: string | null;
  readonly markdown_formatted: string | null;
}

/** Records in a customer's CRM. */
export interface CrmMatches {
  readonly contacts: ReadonlyArray<{ name: string; email: string; record_url: string }>;
  readonly companies: ReadonlyArray<{ name: string; record_url: string }>;
  readonly deals: ReadonlyArray<{ name: string; amount: number; record_url: string }>;
  readonly error?: string | null;
}

/** Who was invited, in a word. */
export type DomainsType = "only_internal" | "one_or_more_external";

/** A recorded meeting. */
export interface FathomMeeting {
  readonly title: string;
  readonly meeting_title: string | null;
  readonly recording_id: number;
  readonly url: string;
  readonly share_url: string;
  readonly created_at: string;
  readonly scheduled_start_time: string;
  readonly scheduled_end_time: string;
  readonly recording_start_time: string;
  readonly recording_end_time: string;
  readonly calendar_invitees_domains_type: DomainsType;
  readonly transcript_language: string;
  readonly calendar_invitees: readonly Invitee[];
  readonly recorded_by: FathomUser;
  readonly transcript?: readonly TranscriptItem[] | null;
  readonly default_summary?: MeetingSummary | null;
  readonly action_items?: readonly ActionItem[] | null;
  readonly crm_matches?: CrmMatches | null;
}

/** With whom its recorder shares a recording. */
export type Sharing = "private" | "team" | "external";

/** A meeting as the simulator keeps it: whole, and with its audience. */
export interface StoredMeeting {
  readonly meeting: Required<FathomMeeting>;
  readonly sharing: Sharing;
}

/** What a caller or a webhook asks to be included. */
export interface Inclusion {
  readonly include_transcript: boolean;
  readonly include_summary: boolean;
  readonly include_action_items: boolean;
  readonly include_crm_matches: boolean;
}

/**
 * Cuts a meeting down to what was asked for.
 *
 * @param meeting The whole meeting.
 * @param inclusion What to leave in.
 */
export function project(meeting: Required<FathomMeeting>, inclusion: Inclusion): FathomMeeting {
  const { transcript, default_summary, action_items, crm_matches, ...rest } = meeting;
  return {
    ...rest,
    ...(inclusion.include_transcript && { transcript }),
    ...(inclusion.include_summary && { default_summary }),
    ...(inclusion.include_action_items && { action_items }),
    ...(inclusion.include_crm_matches && { crm_matches }),
  };
}
