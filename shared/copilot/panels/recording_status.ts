// The recording_status panel, version 1: how far recordings are, and why one came to less than it should.
import { z } from "zod";
import { ClickableAction } from "../clickable_action.ts";
import { BotStatus, DescribedRecording, Outcome, Recording } from "../../recordings/contract.ts";
import { explainRecording } from "../../recordings/read_recording.ts";
import { definePanel } from "./panel.ts";
import { dayOf, formatDay, formatTime, plainLine } from "./plain_text.ts";
import { TimeZone } from "./time_zone.ts";

const part = z.string().nullable();

/** What the database function `find_recordings` returns. */
export const RecordingsFound = z.strictObject({
  org_id: z.uuid(),
  time_zone: TimeZone,
  recordings: z.array(DescribedRecording),
});
/** See the schema of the same name. */
export type RecordingsFound = z.infer<typeof RecordingsFound>;

/** One recording: where each part stands; never where its files are. */
export const ShownRecording = z.strictObject({
  recording_id: z.uuid(),
  meeting_id: z.uuid().nullable(),
  calendar_event_id: z.uuid().nullable(),
  title: z.string(),
  starts_at: z.iso.datetime({ offset: true }),
  status: BotStatus.describe("Where the notetaker stands."),
  outcome: Outcome.nullable().describe("What it came to; null while something is going on."),
  duration_seconds: z.int().nullable(),
  upload: part.describe("pending, uploading, complete or failed; null before."),
  transcript: part,
  analysis: part,
  explanation: Recording.shape.explanation,
  actions: z.array(ClickableAction),
});

/** What `get_recording_status` answers. */
export const RecordingsData = z.strictObject({
  time_zone: TimeZone,
  recordings: z.array(ShownRecording),
});
/** See the schema of the same name. */
export type RecordingsData = z.infer<typeof RecordingsData>;

/** The panel. */
export const RecordingStatus = RecordingsData.extend({
  type: z.literal("recording_status"),
  version: z.literal(1),
}).describe("How far recordings are, the latest first.");
/** See the schema of the same name. */
export type RecordingStatus = z.infer<typeof RecordingStatus>;

/**
 * Takes from recordings what an answer shows.
 *
 * @param found What the database found under the caller's rights.
 */
export function showRecordings({ time_zone, recordings }: RecordingsFound): RecordingsData {
  return {
    time_zone,
    recordings: recordings.map(explainRecording).map((recording) => ({
      recording_id: recording.id,
      meeting_id: recording.meeting_id,
      calendar_event_id: recording.calendar_event_id,
      title: recording.title,
      starts_at: recording.scheduled_start_at,
      status: recording.status,
      outcome: recording.outcome,
      duration_seconds: recording.duration_seconds,
      upload: recording.s3_upload_status,
      transcript: recording.transcript_status,
      analysis: recording.analysis_status,
      explanation: recording.explanation,
      actions: recording.meeting_id === null
        ? []
        : [{ type: "open_meeting" as const, meeting_id: recording.meeting_id }],
    })),
  };
}

/** Where the notetaker stands, while nothing is settled. */
const UNDERWAY: Readonly<Record<z.infer<typeof BotStatus>, string>> = {
  scheduled: "the notetaker will join",
  deploying: "the notetaker is being sent",
  joining: "the notetaker is joining",
  waiting_room: "the notetaker waits to be let in",
  joined: "the notetaker is in the meeting",
  recording: "it is being recorded",
  ended: "the meeting is over, the recording is on its way",
  completed: "recorded, still being worked on",
  failed: "the notetaker failed",
  cancelled: "it was called off",
};
const SETTLED: Readonly<Record<z.infer<typeof Outcome>, string>> = {
  complete: "complete",
  partial: "partly there",
  failed: "failed",
  cancelled: "called off",
};

function describeStatus({ recordings, time_zone }: RecordingStatus): string {
  if (recordings.length === 0) return "There is no recording.";
  return recordings.map((recording) => {
    const at = `${formatDay(dayOf(recording.starts_at, time_zone), "short")}, ${
      formatTime(recording.starts_at, time_zone)
    }`;
    const state = recording.outcome === null
      ? UNDERWAY[recording.status]
      : SETTLED[recording.outcome];
    const { explanation } = recording;
    const why = explanation === null
      ? ""
      : ` ${
        [explanation.meaning, explanation.advice ?? ""].map((text) => plainLine(text)).join(" ")
      }`
        .trimEnd();
    return `• ${at} ${plainLine(recording.title)}: ${state}.${why}`;
  }).join("\n");
}

/** How the panel is published. */
export const recordingStatusPanel = definePanel({
  summary: "Whether meetings were recorded: notetaker, files, transcript, and what went wrong.",
  schema: RecordingStatus,
  example: {
    type: "recording_status",
    version: 1,
    time_zone: "Europe/Berlin",
    recordings: [{
      recording_id: "00000000-0000-4000-8000-000000000061",
      meeting_id: "00000000-0000-4000-8000-000000000062",
      calendar_event_id: null,
      title: "Northwind: discovery",
      starts_at: "2026-11-16T14:00:00+00:00",
      status: "completed",
      outcome: "partial",
      duration_seconds: 1_860,
      upload: "complete",
      transcript: "failed",
      analysis: null,
      explanation: { meaning: "The transcript did not come in time.", advice: "Try again." },
      actions: [{ type: "open_meeting", meeting_id: "00000000-0000-4000-8000-000000000062" }],
    }],
  },
  describe: describeStatus,
});
