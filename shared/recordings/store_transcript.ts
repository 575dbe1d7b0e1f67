// Writes a transcript down, and what came of a path that led to none. Trust boundary: the service role;
// the organization is that of our own row.
import { asJson } from "../database/as_json.ts";
import { fromPostgrestError } from "../errors/app_error.ts";
import { composeSegments } from "./compose_segments.ts";
import type { NamedTranscript } from "./provider_transcript.ts";
import { syncRecordingToMeeting } from "./sync_recording_to_meeting.ts";
import type { TranscriptionClaim } from "./transcription_claim.ts";
import type { TranscriptionDeps } from "./transcription_deps.ts";

/** Seconds until the provider is asked again, by how often there was nothing yet. */
const POLL_SECONDS: readonly number[] = [120, 300, 600];
/** The same after failures of calls. */
const RETRY_SECONDS: readonly number[] = [15, 30, 60, 120, 300];

/**
 * Stores what was said; masked, matched with the meeting's people, and searchable. Both ways to a
 * transcript end here, and both see to it that the meeting has its recording (U60-123).
 *
 * @param deps The worker's handles.
 * @param claim Whose transcript it is.
 * @param transcript What was said.
 * @returns False when nothing was said, and nothing was stored.
 * @throws {AppError} When the database can't be reached.
 */
export async function storeTranscript(
  { ctx }: TranscriptionDeps,
  claim: TranscriptionClaim,
  transcript: NamedTranscript,
): Promise<boolean> {
  const segments = composeSegments(transcript.lines, claim.attendees);
  if (segments.length === 0) return false;
  const { data, error } = await ctx.db.rpc("store_recording_transcript", {
    p_org_id: claim.org_id,
    p_recording_id: claim.recording_id,
    p_provider: claim.provider,
    p_language: transcript.language,
    p_segments: asJson(segments),
  });
  if (error) throw fromPostgrestError(error);
  ctx.log.info("transcript_stored", {
    operation: "recordings.transcribe",
    provider: claim.provider,
    org_id: claim.org_id,
    entity_id: claim.recording_id,
    outcome: String(data),
    count: segments.length,
  });
  if (data !== "gone" && claim.bot_id !== null) {
    // The transaction that stores new words has done so; one that found them there has not
    await syncRecordingToMeeting({
      recording_id: claim.recording_id,
      bot_id: claim.bot_id,
      supabase: ctx.db,
    });
  }
  return true;
}

/**
 * Ends a path for good; the other one is tried, and only then has the transcript failed.
 *
 * @param deps The worker's handles.
 * @param claim The path.
 * @param code Why, as the recording's timeline shows it.
 * @param jobId Instead of the lease: only while the path waits for this job.
 */
export async function failTranscription(
  { ctx, workerId }: TranscriptionDeps,
  claim: TranscriptionClaim,
  code: string,
  jobId: string | null = null,
): Promise<void> {
  ctx.log.warn("transcription_failed", { ...about(claim), reason: code });
  const { error } = await ctx.db.rpc("fail_transcription", {
    p_org_id: claim.org_id,
    p_id: claim.id,
    p_worker: jobId === null ? workerId : null,
    p_job_id: jobId,
    p_code: code,
  });
  if (error) throw fromPostgrestError(error);
}

/**
 * Says when somebody looks again: there is nothing yet, or a call failed for now.
 *
 * @param deps The worker's handles.
 * @param claim The path.
 * @param code Null where nothing failed.
 * @param atLeastSeconds As long as the provider asked us to wait.
 */
export async function postponeTranscription(
  { ctx, workerId }: TranscriptionDeps,
  claim: TranscriptionClaim,
  code: string | null,
  atLeastSeconds = 0,
): Promise<void> {
  const isFailure = code !== null && code !== "transcript_not_ready";
  const delays = isFailure ? RETRY_SECONDS : POLL_SECONDS;
  // Each attempt to start a job begins its polls anew
  const tries = isFailure ? Math.max(claim.polls, claim.attempts) : claim.polls;
  const delay = delays[Math.min(tries, delays.length - 1)] ?? 300;
  const { data, error } = await ctx.db.rpc("postpone_transcription", {
    p_org_id: claim.org_id,
    p_id: claim.id,
    p_worker: workerId,
    p_code: code,
    p_retry_seconds: Math.max(delay, Math.min(atLeastSeconds, 3_600)),
  });
  if (error) throw fromPostgrestError(error);
  if (code === null) return;
  ctx.log.warn("transcription_postponed", { ...about(claim), reason: code, state: String(data) });
}

function about(claim: TranscriptionClaim): Record<string, string> {
  return {
    operation: "recordings.transcribe",
    provider: claim.provider,
    org_id: claim.org_id,
    entity_id: claim.recording_id,
  };
}
