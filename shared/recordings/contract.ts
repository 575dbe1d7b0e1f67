// What the function `recordings` takes and answers.
import { z } from "zod";

const instant = z.iso.datetime({ offset: true });
const code = z.string().nullable();
const org = {
  org_id: z.uuid().optional()
    .describe("One of the caller's organizations; the active one where this is missing."),
};

/** Where a bot stands. */
export const BotStatus = z.enum([
  "scheduled",
  "deploying",
  "joining",
  "waiting_room",
  "joined",
  "recording",
  "ended",
  "completed",
  "failed",
  "cancelled",
]);

/** What a recording came to. */
export const Outcome = z.enum(["complete", "partial", "failed", "cancelled"]);

/** A file that can be played. */
export const PlayableFile = z.enum(["video", "audio"]);
/** See the schema of the same name. */
export type PlayableFile = z.infer<typeof PlayableFile>;

/** Which organization is meant. */
export const InOrg = z.strictObject(org).describe("Which organization is meant.");
/** See the schema of the same name. */
export type InOrg = z.infer<typeof InOrg>;

/** Which recording is meant, as part of the path. */
export const RecordingPath = z.strictObject({ recordingId: z.uuid() });

/** Which recordings are wanted, as the query of a GET. */
export const RecordingsQuery = z.strictObject({
  ...org,
  status: BotStatus.optional(),
  outcome: Outcome.optional(),
  from: instant.optional().describe("Planned to begin at this time or later."),
  to: instant.optional().describe("Planned to begin before this time."),
  cursor: z.string().max(500).optional().describe("`next_cursor` of the page before."),
  limit: z.coerce.number().int().min(1).max(100).default(20),
}).describe("Which recordings are wanted.");
/** See the schema of the same name. */
export type RecordingsQuery = z.infer<typeof RecordingsQuery>;

/** A recording as the database describes it to who may read it. */
export const DescribedRecording = z.strictObject({
  id: z.uuid(),
  org_id: z.uuid(),
  owner_user_id: z.uuid(),
  calendar_event_id: z.uuid().nullable(),
  meeting_id: z.uuid().nullable().describe("The meeting, once it took place."),
  requested_by: z.enum(["schedule", "person"]),
  title: z.string(),
  meeting_url: z.string(),
  platform: z.enum(["zoom", "meet", "teams"]),
  scheduled_start_at: instant,
  scheduled_end_at: instant.nullable(),
  status: BotStatus.describe("Where the bot stands."),
  failure_code: code.describe("Why it failed or was cancelled."),
  bot_code: code.describe("Last status that the provider named; the list is open."),
  joined_at: instant.nullable(),
  recording_started_at: instant.nullable(),
  ended_at: instant.nullable(),
  duration_seconds: z.int().nullable(),
  s3_upload_status: z.enum(["pending", "uploading", "complete", "failed"]).nullable(),
  s3_upload_is_retryable: z.boolean().describe("Failed, and will be tried again by itself."),
  s3_upload_is_terminal: z.boolean().describe("Failed, and tried again only when somebody asks."),
  s3_upload_retry_count: z.int(),
  s3_upload_next_attempt_at: instant.nullable(),
  s3_upload_error: code,
  s3_file_size_bytes: z.int().nullable(),
  files: z.array(PlayableFile).describe("What is stored and can be played."),
  transcript_status: z.enum(["pending", "processing", "complete", "failed"]).nullable(),
  transcript_provider: z.enum(["gladia", "meetingbaas"]).nullable(),
  transcript_error: code,
  analysis_status: z.enum(["pending", "complete", "failed"]).nullable(),
  analysis_error: code,
  thumbnail_status: z.enum(["pending", "complete", "failed"]).nullable(),
  thumbnail_error: code,
  outcome: Outcome.nullable().describe("Null while something is going on."),
  outcome_reason: code.describe("Why it is not complete."),
  settled_at: instant.nullable(),
  created_at: instant,
});
/** See the schema of the same name. */
export type DescribedRecording = z.infer<typeof DescribedRecording>;

/** A recording: its states and codes, never where its files are. */
export const Recording = DescribedRecording.extend({
  explanation: z.strictObject({
    meaning: z.string().describe(
      "What happened, in a sentence for the person whose meeting it was.",
    ),
    advice: z.string().nullable().describe("What to do about it; null where there is nothing."),
  }).nullable().describe("Of `outcome_reason`; null where all is well or still going on."),
});
/** See the schema of the same name. */
export type Recording = z.infer<typeof Recording>;

/** How far one file is. */
export const UploadProgress = z.strictObject({
  file: PlayableFile,
  state: z.enum(["pending", "uploading", "waiting", "complete", "failed"]),
  bytes_done: z.int(),
  bytes: z.int().nullable().describe("Size of the source, once it is known."),
  parts_done: z.int(),
  part_size: z.int().nullable(),
  failures: z.int(),
  error: code,
  invocations: z.int().describe("How many runs of the worker it took so far."),
  restarts: z.int(),
  started_at: instant.nullable(),
  completed_at: instant.nullable(),
  next_attempt_at: instant.nullable(),
});

/** One thing that happened. */
export const TimelineEvent = z.strictObject({
  id: z.uuid(),
  at: instant,
  kind: z.string().describe("Which part it is about: deploy, bot, upload, transcript, …"),
  code: z.string(),
  detail: z.record(z.string(), z.unknown()).describe("Numbers, codes and times."),
});

/** A timeline as the database gives it. */
export const DescribedTimeline = z.strictObject({
  recording: DescribedRecording,
  uploads: z.array(UploadProgress),
  events: z.array(TimelineEvent),
});

/** Everything that happened to a recording, oldest first. */
export const Timeline = DescribedTimeline.extend({ recording: Recording });
/** See the schema of the same name. */
export type Timeline = z.infer<typeof Timeline>;

/** Which file is to be played. */
export const PlaybackInput = z.strictObject({ file: PlayableFile.default("video") })
  .describe("Which file is to be played.");
/** See the schema of the same name. */
export type PlaybackInput = z.infer<typeof PlaybackInput>;

/** An address that plays one file for minutes, for whoever holds it. */
export const Playback = z.strictObject({
  file: PlayableFile,
  url: z.url(),
  expires_at: instant,
});
/** See the schema of the same name. */
export type Playback = z.infer<typeof Playback>;

/** What is taken up again of a recording; nothing where nothing had failed. */
export const Retried = z.strictObject({
  recording_id: z.uuid(),
  parts: z.array(z.enum(["bot", "upload", "transcript", "analysis", "thumbnail"])),
});
/** See the schema of the same name. */
export type Retried = z.infer<typeof Retried>;

/** Whose failed recordings are to be tried again. */
export const RetryAllInput = z.strictObject({
  ...org,
  limit: z.int().min(1).max(200).default(50).describe("The latest so many."),
}).describe("Whose failed recordings are to be tried again.");
/** See the schema of the same name. */
export type RetryAllInput = z.infer<typeof RetryAllInput>;

/** What was deleted. */
export const DeletedRecording = z.strictObject({
  recording_id: z.uuid(),
  deleted: z.literal(true),
});

/** Whose recordings that need somebody are wanted. */
export const StuckQuery = z.strictObject({
  ...org,
  scope: z.enum(["organization", "platform"]).default("organization")
    .describe("Those of an organization that the caller may read; all, for operators."),
  limit: z.coerce.number().int().min(1).max(500).default(100),
}).describe("Whose recordings that need somebody are wanted.");
/** See the schema of the same name. */
export type StuckQuery = z.infer<typeof StuckQuery>;

/** A recording that failed or does not move. */
export const StuckRecording = z.strictObject({
  org_id: z.uuid(),
  recording_id: z.uuid(),
  status: BotStatus,
  reason: z.string().describe("A code: why somebody should look."),
  outcome: Outcome.nullable(),
  s3_upload_status: code,
  transcript_status: code,
  analysis_status: code,
  thumbnail_status: code,
  since: instant,
});
/** See the schema of the same name. */
export type StuckRecording = z.infer<typeof StuckRecording>;
