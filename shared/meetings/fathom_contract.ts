// What Fathom posts when a recording is ready. Trust boundary: a verified third party's payload.
import { z } from "zod";

const optionalText = z.string().nullish();

const FathomSpeaker = z.object({
  display_name: optionalText,
  matched_calendar_invitee_email: optionalText,
});

/** One line of a transcript; `timestamp` is text relative to the start, without an end. */
export const FathomTranscriptItem = z.object({
  speaker: FathomSpeaker.nullish(),
  text: optionalText,
  timestamp: optionalText,
});

/** One invitee of the calendar event that was recorded. */
export const FathomInvitee = z.object({
  name: optionalText,
  email: optionalText,
  is_external: z.boolean().nullish(),
  matched_speaker_display_name: optionalText,
});

/** One action item, generated or written by a person. */
export const FathomActionItem = z.object({
  description: optionalText,
  user_generated: z.boolean().nullish(),
  completed: z.boolean().nullish(),
  recording_timestamp: optionalText,
  recording_playback_url: optionalText,
  assignee: z.object({ name: optionalText, email: optionalText }).nullish(),
});

/**
 * The body of Fathom's one webhook: a meeting, with no envelope and no event name.
 *
 * Only `recording_id` is required. Everything else may be null or missing, also inside lists, and
 * unknown keys are ignored, so that what Fathom adds does not lose a recording.
 */
export const FathomMeeting = z.object({
  recording_id: z.union([
    z.int().nonnegative(),
    z.string().trim().regex(/^[A-Za-z0-9_-]{1,64}$/),
  ]),
  title: optionalText,
  meeting_title: optionalText,
  url: optionalText,
  share_url: optionalText,
  created_at: optionalText,
  scheduled_start_time: optionalText,
  scheduled_end_time: optionalText,
  recording_start_time: optionalText,
  recording_end_time: optionalText,
  transcript_language: optionalText,
  calendar_invitees: z.array(FathomInvitee.nullable()).nullish(),
  recorded_by: z.object({ name: optionalText, email: optionalText }).nullish(),
  transcript: z.array(FathomTranscriptItem.nullable()).nullish(),
  default_summary: z.object({
    template_name: optionalText,
    markdown_formatted: optionalText,
  }).nullish(),
  action_items: z.array(FathomActionItem.nullable()).nullish(),
});
/** See the schema of the same name. */
export type FathomMeeting = z.infer<typeof FathomMeeting>;
