// What came of a transcriber's job: a transcript, nothing yet, another try, or the end of the path.
import { fromPostgrestError } from "../errors/app_error.ts";
import { ArtifactError } from "./fetch_artifact.ts";
import { forgetTranscription } from "./forget_transcription.ts";
import { nameVoices } from "./name_voices.ts";
import { readDiarization, type SpokenTurn } from "./provider_transcript.ts";
import { readBotFile } from "./read_bot_file.ts";
import { failTranscription, postponeTranscription, storeTranscript } from "./store_transcript.ts";
import type { TranscriptionClaim } from "./transcription_claim.ts";
import type { TranscriptionDeps } from "./transcription_deps.ts";
import type { HeardTranscript, TranscriptionJob } from "./transcription_provider.ts";

/** Jobs that may fail before the other path is taken. */
const JOBS_MAX = 3;
const NEXT_JOB_SECONDS = 60;
/** Polls after which a result that nobody posted is given up where nothing is kept. */
const UNPOSTED_POLLS_MAX = 4;
/** Polls for which a transcript waits for the names of its speakers. */
const UNNAMED_POLLS_MAX = 4;
/** The address of the audio had passed, or was not served: a fresh one may work. */
const UNREACHABLE_AUDIO: ReadonlySet<number> = new Set([403, 404, 408, 410]);

/**
 * Applies a job. Repeating it changes nothing.
 *
 * @param deps The worker's handles.
 * @param claim The path; its lease is used only while the job goes on.
 * @param job The job, as read with our key.
 * @param posted What a callback brought; used only where the transcriber keeps nothing.
 * @throws {AppError} When the database can't be reached.
 */
export async function applyJob(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
  job: TranscriptionJob,
  posted: HeardTranscript | null,
): Promise<void> {
  if (job.status === "error") return await retryOrFail(deps, claim, job);
  if (job.status !== "done") return await postponeTranscription(deps, claim, null);
  const heard = job.result ?? (deps.isZeroRetention ? posted : null);
  if (heard === null) {
    const mayBePosted = deps.isZeroRetention && claim.polls < UNPOSTED_POLLS_MAX;
    return mayBePosted
      ? await postponeTranscription(deps, claim, null)
      : await failTranscription(deps, claim, "gladia_result_missing", claim.job_id);
  }
  const turns = await readTurns(deps, claim);
  // Later the file may be read; a result that is kept nowhere else can't wait
  if (turns === null && !deps.isZeroRetention && claim.polls < UNNAMED_POLLS_MAX) {
    return await postponeTranscription(deps, claim, "speakers_not_read");
  }
  const lines = nameVoices(heard.lines, turns ?? []);
  if (!await storeTranscript(deps, claim, { language: heard.language, lines })) {
    return await failTranscription(deps, claim, "no_speech", claim.job_id);
  }
  await forgetTranscription(deps, claim);
}

async function retryOrFail(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
  job: TranscriptionJob,
): Promise<void> {
  const code = failureCode(job.errorCode);
  const mayHelp = code !== "gladia_audio_refused" && claim.attempts < JOBS_MAX;
  if (!mayHelp) return await failTranscription(deps, claim, code, job.jobId);
  const { error } = await deps.ctx.db.rpc("resubmit_transcription", {
    p_org_id: claim.org_id,
    p_id: claim.id,
    p_job_id: job.jobId,
    p_code: code,
    p_retry_seconds: NEXT_JOB_SECONDS,
  });
  if (error) throw fromPostgrestError(error);
}

function failureCode(errorCode: number | null): string {
  if (errorCode === null || errorCode >= 500 || errorCode === 429) return "gladia_job_failed";
  return UNREACHABLE_AUDIO.has(errorCode) ? "gladia_audio_unreachable" : "gladia_audio_refused";
}

/**
 * Who spoke when. Names are worth waiting for and never worth a transcript: without them voices keep
 * their numbers. Null when it may be known later.
 */
async function readTurns(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
): Promise<readonly SpokenTurn[] | null> {
  try {
    const file = await readBotFile(deps, claim, "diarization");
    return file.text === null ? [] : readDiarization(file.text);
  } catch (cause) {
    deps.ctx.log.warn("speakers_unnamed", {
      operation: "recordings.transcribe",
      entity_id: claim.recording_id,
      cause,
    });
    const isFinal = cause instanceof ArtifactError && cause.failure !== "unavailable" &&
      cause.failure !== "expired";
    return isFinal ? [] : null;
  }
}
