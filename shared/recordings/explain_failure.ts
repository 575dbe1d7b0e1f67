// Why a bot failed, in words for the person whose meeting it was. Codes come from the provider in lower
// case with underscores; its list is open, so a code that is not here is explained as such.

/** What a person is told. */
export interface FailureMeaning {
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** What to do about it; null where there is nothing to do. */
  readonly advice: string | null;
}

/** Code → meaning. `docs/recordings.md` repeats this table; a test compares the two. */
export const BOT_FAILURES: Readonly<Record<string, FailureMeaning>> = {
  bot_not_accepted: {
    meaning: "Nobody let the notetaker in from the waiting room.",
    advice: "Admit it when it asks to join, or allow it in the meeting's settings.",
  },
  timeout_waiting_to_start: {
    meaning: "The meeting did not begin while the notetaker waited.",
    advice: "Send it again when the meeting begins.",
  },
  waiting_for_host_timeout: {
    meaning: "The host did not come while the notetaker waited.",
    advice: "Send it again when the host is there.",
  },
  waiting_room_timeout: {
    meaning: "The notetaker waited in the waiting room until its time was up.",
    advice: "Admit it when it asks to join.",
  },
  cannot_join_meeting: {
    meaning: "The meeting could not be joined with this link.",
    advice: "Check that the link opens for somebody who is not signed in.",
  },
  invalid_meeting_url: {
    meaning: "The link leads to no meeting.",
    advice: "Correct the link in the calendar event.",
  },
  login_required: {
    meaning: "Only people who are signed in may join this meeting.",
    advice: "Allow guests in the meeting's settings.",
  },
  bot_removed: { meaning: "Somebody removed the notetaker from the meeting.", advice: null },
  bot_rejected: { meaning: "Somebody refused to let the notetaker in.", advice: null },
  bot_removed_too_early: {
    meaning: "Somebody removed the notetaker before it had recorded anything.",
    advice: null,
  },
  exiting_meeting_before_record: {
    meaning: "The notetaker was sent away before it had recorded anything.",
    advice: null,
  },
  api_request: { meaning: "The notetaker left because it was told to.", advice: null },
  no_attendees: { meaning: "Nobody else came to the meeting.", advice: null },
  no_speaker: { meaning: "Nobody spoke.", advice: null },
  recording_timeout: {
    meaning: "The meeting lasted longer than a recording may.",
    advice: null,
  },
  recording_rights_not_granted: {
    meaning: "The host did not allow the recording.",
    advice: "Ask the host to allow it when the notetaker asks.",
  },
  transcription_failed: {
    meaning: "The provider could not transcribe the recording, and has no recording of it either.",
    advice: null,
  },
  streaming_setup_failed: {
    meaning: "The provider could not set the notetaker up.",
    advice: "Send it again.",
  },
  insufficient_tokens: {
    meaning: "The account at the provider had no recording time left.",
    advice: "An administrator must buy more.",
  },
  daily_bot_cap_reached: {
    meaning: "The account at the provider had sent as many notetakers as it may in a day.",
    advice: "Send it again tomorrow, or have the limit raised.",
  },
  bot_already_exists: {
    meaning: "Another notetaker of the same account was in the meeting already.",
    advice: null,
  },
  meeting_error: {
    meaning: "The meeting's own service reported an error.",
    advice: "Send it again.",
  },
  internal_error: { meaning: "The provider had a fault of its own.", advice: "Send it again." },
  oom_killed: { meaning: "The provider had a fault of its own.", advice: "Send it again." },
  sigterm: { meaning: "The provider had a fault of its own.", advice: "Send it again." },
  force_killed: { meaning: "The provider had a fault of its own.", advice: "Send it again." },
  general_error: { meaning: "The provider had a fault of its own.", advice: "Send it again." },
  unknown_error: { meaning: "The provider gave no reason.", advice: "Send it again." },
  provider_data_deleted: {
    meaning: "The provider had deleted the recording before it could be copied.",
    advice: null,
  },
  nothing_recorded: {
    meaning: "The notetaker was there and brought nothing back.",
    advice: null,
  },
};

/**
 * Says why a bot failed.
 *
 * @param code As it stands in `recordings.failure_code` or `outcome_reason`.
 * @returns The meaning; of a code that nobody described, the code itself.
 */
export function explainFailure(code: string): FailureMeaning {
  // Not a plain look-up: a code may be spelled like something that every object has
  return Object.hasOwn(BOT_FAILURES, code) && BOT_FAILURES[code] !== undefined
    ? BOT_FAILURES[code]
    : { meaning: `The provider's reason was "${code}".`, advice: null };
}
