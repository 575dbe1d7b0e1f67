// Why a recording came to less than it should, in words for the person whose meeting it was. Codes of
// our own are here; any other is the bot's, and the provider's word for it.
import { BOT_FAILURES, explainFailure, type FailureMeaning } from "./explain_failure.ts";

/** Code → meaning, by the part that it is about. */
const OUR_REASONS: Readonly<Record<string, FailureMeaning>> = {
  // No bot was sent
  event_cancelled: { meaning: "The meeting was cancelled.", advice: null },
  event_declined: { meaning: "You declined the meeting.", advice: null },
  auto_join_disabled: { meaning: "Recording was switched off for this meeting.", advice: null },
  meeting_link_removed: {
    meaning: "The event has no link any more that a notetaker can join by.",
    advice: "Put the link of the meeting back into the event.",
  },
  not_a_meeting: { meaning: "Nobody else was invited any more.", advice: null },
  owner_left: { meaning: "Whoever planned it does not work here any more.", advice: null },
  calendar_disconnected: {
    meaning: "The calendar was disconnected before the meeting.",
    advice: "Connect the calendar again.",
  },
  daily_cap_reached: {
    meaning: "Your plan's notetakers for the day were used up.",
    advice: "Send one tomorrow, or change to a larger plan.",
  },
  called_off: { meaning: "Somebody called the notetaker off before it was sent.", advice: null },
  too_late: {
    meaning: "The notetaker could not be sent before the meeting was over.",
    advice: "If it goes on, send one now.",
  },
  deploy_lost: {
    meaning: "The notetaker could not be sent, for a fault of ours.",
    advice: "If the meeting goes on, send one now.",
  },
  interrupted: {
    meaning: "The notetaker could not be sent, for a fault of ours.",
    advice: "If the meeting goes on, send one now.",
  },
  // The provider would not send one
  bot_exists: {
    meaning: "Another notetaker of the same account was in the meeting already.",
    advice: null,
  },
  rate_limited: {
    meaning: "Too many notetakers were to be sent at once.",
    advice: "If the meeting goes on, send one now.",
  },
  daily_bot_cap: {
    meaning: "The account at the provider had sent as many notetakers as it may in a day.",
    advice: "Send it again tomorrow, or have the limit raised.",
  },
  request_rejected: {
    meaning: "The provider can't send a notetaker to this meeting.",
    advice: "Check the link in the calendar event.",
  },
  key_rejected: {
    meaning: "The provider does not accept our key.",
    advice: "An operator must renew it.",
  },
  unavailable: {
    meaning: "The provider could not be reached.",
    advice: "If the meeting goes on, send one now.",
  },
  malformed_answer: {
    meaning: "The provider answered in a way that nobody understands.",
    advice: "If the meeting goes on, send one now.",
  },
  not_configured: {
    meaning: "No provider of notetakers is set up.",
    advice: "An operator must set its key.",
  },
  // The bot went silent
  bot_not_found: { meaning: "The provider knows nothing of this notetaker.", advice: null },
  bot_lost: {
    meaning: "Nothing was heard of the notetaker, and the provider could not be asked in time.",
    advice: null,
  },
  // Files
  provider_bot_unknown: {
    meaning: "The provider knows nothing of this notetaker, so its files cannot be copied.",
    advice: null,
  },
  source_missing: {
    meaning: "The provider has no such file of the recording.",
    advice: "Try again in an hour; the provider may still be preparing it.",
  },
  source_empty: { meaning: "The provider's file is empty.", advice: null },
  source_refused: {
    meaning: "The provider named a file at a place that is not registered as its own.",
    advice: "An operator must look at it.",
  },
  source_unexpected_type: {
    meaning: "The provider's file is neither video nor sound.",
    advice: null,
  },
  size_mismatch: {
    meaning: "The copy of the recording was not as long as the original, and was not kept.",
    advice: "Try again.",
  },
  source_too_large: { meaning: "The recording is larger than a recording may be.", advice: null },
  no_progress: {
    meaning: "The copy of the recording did not get on, several times in a row.",
    advice: "Try again.",
  },
  // Words
  no_transcript: { meaning: "Nothing was transcribed.", advice: null },
  no_speech: { meaning: "Nobody said a word that could be understood.", advice: null },
  nothing_said: { meaning: "Nobody said a word that could be understood.", advice: null },
  audio_too_long: { meaning: "The meeting is longer than can be transcribed.", advice: null },
  provider_transcription_failed: {
    meaning: "The provider could not transcribe the recording.",
    advice: null,
  },
  provider_not_transcribed: {
    meaning: "The provider had not been asked to transcribe this meeting, and nobody else could.",
    advice: null,
  },
  bot_unknown: {
    meaning: "The provider knows nothing of this notetaker, so there is no transcript.",
    advice: null,
  },
  bot_provider_unavailable: {
    meaning: "The provider could not be asked for the transcript.",
    advice: "Try again.",
  },
  transcript_not_ready: { meaning: "The transcript did not come in time.", advice: "Try again." },
  meeting_deleted: { meaning: "Somebody deleted the meeting.", advice: null },
  audio_unavailable: {
    meaning: "The sound could not be read for the transcript.",
    advice: "Try again.",
  },
  transcript_malformed: {
    meaning: "The transcript came in a form that is none.",
    advice: "Try again.",
  },
  transcript_lost: {
    meaning: "The transcript was asked for several times and never came.",
    advice: "Try again.",
  },
  gladia_timeout: { meaning: "The transcript did not come in time.", advice: "Try again." },
  meetingbaas_timeout: { meaning: "The transcript did not come in time.", advice: "Try again." },
  analysis_failed: { meaning: "The summary could not be made.", advice: "Try again." },
  analysis_lost: { meaning: "The summary could not be made.", advice: "Try again." },
  // The picture
  thumbnail_rejected: {
    meaning: "No preview picture could be made of the video; it plays all the same.",
    advice: null,
  },
  thumbnail_not_configured: {
    meaning: "Preview pictures are not set up; the video plays all the same.",
    advice: "An operator can set them up.",
  },
  thumbnail_unavailable: {
    meaning: "The preview picture could not be made; the video plays all the same.",
    advice: "Try again.",
  },
  // A person
  deleted: { meaning: "Somebody deleted it.", advice: null },
};

/** A part in general, for the codes of its own that are not worth a sentence each. */
const BY_PART: readonly (readonly [RegExp, FailureMeaning])[] = [
  [/^(?:source|storage|upload|artifact)_/, {
    meaning: "The recording could not be copied.",
    advice: "Try again, while the provider still has it.",
  }],
  [/^provider_/, {
    meaning: "The provider could not be asked for the files of the recording.",
    advice: "Try again, while the provider still has it.",
  }],
  [/^(?:gladia|transcript|audio)_/, {
    meaning: "The recording could not be transcribed.",
    advice: "Try again.",
  }],
  [/^(?:model|analysis)_/, { meaning: "The summary could not be made.", advice: "Try again." }],
  [/^thumbnail_/, {
    meaning: "The preview picture could not be made; the video plays all the same.",
    advice: "Try again.",
  }],
];

/** Of a copy that failed for no reason that has a name; a bot's code is spelled the same. */
const OUR_FAULT: FailureMeaning = {
  meaning: "The recording could not be copied, for a fault of ours.",
  advice: "Try again, while the provider still has it.",
};

/**
 * Explains why a recording is not complete.
 *
 * @param reason `outcome_reason`: a code of ours or of the provider.
 * @param isBotDone Whether the bot completed: then the reason is not the bot's.
 * @returns What happened and what to do; never null for a code, known or not.
 */
export function explainOutcome(reason: string, isBotDone: boolean): FailureMeaning {
  if (isBotDone && reason === "internal_error") return OUR_FAULT;
  if (Object.hasOwn(OUR_REASONS, reason)) {
    return OUR_REASONS[reason] ?? explainFailure(reason);
  }
  const part = Object.hasOwn(BOT_FAILURES, reason)
    ? undefined
    : BY_PART.find(([pattern]) => pattern.test(reason));
  // `transcription_failed` and the like are the provider's words, and explained as such
  return part === undefined ? explainFailure(reason) : part[1];
}
