// One way to a transcript, as the database hands it to a worker.
import { z } from "zod";

const Source = z.object({ url: z.string().min(1), expires_at: z.string() });

/** What a worker needs to go on; see `private.transcription_claim`. */
export const TranscriptionClaim = z.object({
  id: z.uuid(),
  org_id: z.uuid(),
  recording_id: z.uuid(),
  provider: z.enum(["gladia", "meetingbaas"]),
  status: z.enum(["submitting", "waiting", "complete", "failed", "dropped"]),
  job_id: z.string().nullable(),
  /** How often a job was asked for. */
  attempts: z.int(),
  /** How often there was nothing yet. */
  polls: z.int(),
  /** A person deleted the recording. */
  is_deleted: z.boolean(),
  bot_id: z.string().nullable(),
  duration_seconds: z.int().nullable(),
  /** Our own copy of the sound, `s3://…`; null until it is stored. */
  audio_place: z.string().nullable(),
  sources: z.object({
    audio: Source.optional(),
    video: Source.optional(),
    transcription: Source.optional(),
    diarization: Source.optional(),
  }),
  attendees: z.array(z.object({ name: z.string().nullable(), email: z.string() })),
});
/** See the schema of the same name. */
export type TranscriptionClaim = z.infer<typeof TranscriptionClaim>;

/** One of the bot's files. */
export type SourceKind = keyof TranscriptionClaim["sources"];

/**
 * The stored address of a file, if it is still good for a while.
 *
 * @param claim The recording's.
 * @param kind Which file.
 * @param now The time.
 * @param seconds How long it must be good for.
 */
export function storedSource(
  claim: TranscriptionClaim,
  kind: SourceKind,
  now: Date,
  seconds: number,
): string | null {
  const source = claim.sources[kind];
  if (source === undefined) return null;
  return Date.parse(source.expires_at) > now.getTime() + seconds * 1_000 ? source.url : null;
}
