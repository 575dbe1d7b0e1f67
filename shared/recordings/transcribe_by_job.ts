// The way by our own transcriber: a job is started once, and what came of it is read with our key,
// whoever said that it has ended (U60-109, U60-122).
import { fromPostgrestError } from "../errors/app_error.ts";
import { Permit } from "../platform/permit.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { applyJob } from "./apply_transcription_job.ts";
import { parseStoredPlace } from "./stored_place.ts";
import { failTranscription, postponeTranscription } from "./store_transcript.ts";
import { storedSource, type TranscriptionClaim } from "./transcription_claim.ts";
import type { TranscriptionDeps } from "./transcription_deps.ts";
import {
  type TranscriptionProvider,
  TranscriptionProviderError,
} from "./transcription_provider.ts";

/** Then the other path is taken. */
const ATTEMPTS_MAX = 8;
/** A queue of three hundred jobs is behind us by then. */
const STORED_AUDIO_SECONDS = 12 * 3_600;
/** Of an address that lives for four hours. */
const SOURCE_LEFT_SECONDS = 2 * 3_600;
/** When somebody looks, should the callback never come. */
const FIRST_POLL_SECONDS = 120;
const TOKEN_BYTES = 32;
/** Less than the lease: who slept starts no second job, which would be paid for. */
const START_WITHIN_MS = 60_000;

/**
 * Goes one step: starts the job, or looks what came of it.
 *
 * @param deps The worker's handles.
 * @param claim The path, leased to this worker.
 * @throws {AppError} When the database can't be reached; the lease runs out and the path comes back.
 */
export async function transcribeByJob(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
): Promise<void> {
  const { transcriber } = deps;
  if (transcriber === null) return await failTranscription(deps, claim, "gladia_not_configured");
  try {
    if (claim.job_id === null) await startJob(deps, claim, transcriber);
    else await applyJob(deps, claim, await readJob(transcriber, claim.job_id), null);
  } catch (cause) {
    if (!(cause instanceof TranscriptionProviderError)) throw cause;
    deps.ctx.log.warn("transcriber_call_failed", {
      operation: "recordings.transcribe",
      entity_id: claim.recording_id,
      cause,
    });
    if (cause.isTransient && claim.attempts < ATTEMPTS_MAX) {
      await postponeTranscription(deps, claim, cause.code, cause.retryAfterSeconds ?? 0);
    } else {
      await failTranscription(deps, claim, cause.code);
    }
  }
}

async function startJob(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
  transcriber: TranscriptionProvider,
): Promise<void> {
  if ((claim.duration_seconds ?? 0) > transcriber.maxSeconds) {
    return await failTranscription(deps, claim, "audio_too_long");
  }
  // An answer that got lost may have started one: two would be paid for
  const started = claim.attempts > 0 ? await transcriber.findJob(claim.id) : null;
  if (started !== null) return await noteJob(deps, claim, started);

  const audioUrl = await findAudio(deps, claim);
  if (audioUrl === undefined) {
    return await postponeTranscription(deps, claim, "bot_provider_unavailable");
  }
  if (audioUrl === null) return await failTranscription(deps, claim, "audio_unavailable");
  const token = createToken();
  const permit = new Permit(START_WITHIN_MS);
  const { data: isOurs, error } = await deps.ctx.db.rpc("note_transcription_attempt", {
    p_org_id: claim.org_id,
    p_id: claim.id,
    p_worker: deps.workerId,
    p_token_hash: await hashToken(token),
  });
  if (error) throw fromPostgrestError(error);
  if (isOurs !== true || permit.isOver) return;
  const callbackUrl = deps.callbackUrl(token);
  const jobId = await transcriber.startJob({ audioUrl, callbackUrl, reference: claim.id });
  await noteJob(deps, claim, jobId);
}

async function noteJob(
  { ctx, workerId }: TranscriptionDeps,
  claim: TranscriptionClaim,
  jobId: string,
): Promise<void> {
  const { error } = await ctx.db.rpc("note_transcription_job", {
    p_org_id: claim.org_id,
    p_id: claim.id,
    p_worker: workerId,
    p_job_id: jobId,
    p_poll_seconds: FIRST_POLL_SECONDS,
  });
  if (error) throw fromPostgrestError(error);
}

async function readJob(transcriber: TranscriptionProvider, jobId: string) {
  try {
    return await transcriber.readJob(jobId);
  } catch (cause) {
    const isGone = cause instanceof TranscriptionProviderError && cause.failure === "not_found";
    if (!isGone) throw cause;
    return { jobId, reference: null, status: "error", errorCode: 404, result: null } as const;
  }
}

/** Our own copy where there is one, else the provider's; undefined when it can't be asked now. */
async function findAudio(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
): Promise<string | null | undefined> {
  const place = claim.audio_place === null ? null : parseStoredPlace(claim.audio_place);
  if (place !== null && place.bucket === deps.storage?.bucket) {
    return await deps.storage.presignGet(place.key, STORED_AUDIO_SECONDS);
  }
  const now = deps.ctx.clock.now();
  const stored = storedSource(claim, "audio", now, SOURCE_LEFT_SECONDS) ??
    (claim.sources.audio === undefined
      ? storedSource(claim, "video", now, SOURCE_LEFT_SECONDS)
      : null);
  if (stored !== null && claim.attempts === 0) return stored;
  if (claim.bot_id === null) return null;
  try {
    const files = await deps.readBotFiles(claim.bot_id);
    return files?.audio ?? files?.video ?? null;
  } catch (cause) {
    deps.ctx.log.warn("bot_files_unread", {
      operation: "recordings.transcribe",
      entity_id: claim.recording_id,
      cause,
    });
    return undefined;
  }
}

function createToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * What is kept of a token.
 *
 * @param token The end of a callback's address.
 * @returns Its SHA-256 in hexadecimal digits.
 */
export async function hashToken(token: string): Promise<string> {
  return await sha256Hex(token);
}
