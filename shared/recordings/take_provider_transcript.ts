// The way by the bot's provider: it transcribes by itself, and its file is read as soon as there is one
// (U60-110, U60-122).
import { ArtifactError } from "./fetch_artifact.ts";
import { readProviderTranscript } from "./provider_transcript.ts";
import { type BotFile, readBotFile } from "./read_bot_file.ts";
import { failTranscription, postponeTranscription, storeTranscript } from "./store_transcript.ts";
import type { TranscriptionClaim } from "./transcription_claim.ts";
import type { BotFiles, TranscriptionDeps } from "./transcription_deps.ts";

/**
 * Goes one step: stores the transcript, or says when somebody looks again, or ends the path.
 *
 * @param deps The worker's handles.
 * @param claim The path, leased to this worker.
 * @throws {AppError} When the database can't be reached; the lease runs out and the path comes back.
 */
export async function takeProviderTranscript(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
): Promise<void> {
  let file: BotFile;
  try {
    file = await readBotFile(deps, claim, "transcription");
  } catch (cause) {
    const code = cause instanceof ArtifactError ? cause.code : "bot_provider_unavailable";
    deps.ctx.log.warn("provider_transcript_unread", {
      operation: "recordings.transcribe",
      entity_id: claim.recording_id,
      cause,
    });
    // A fresh address that does not work yet may work later; a file that is no transcript won't be one
    return isPassing(cause)
      ? await postponeTranscription(deps, claim, code)
      : await failTranscription(deps, claim, code);
  }
  if (file.text === null) return await waitOrFail(deps, claim, file.files);
  const transcript = readProviderTranscript(file.text);
  if (transcript === null) return await failTranscription(deps, claim, "transcript_malformed");
  if (!await storeTranscript(deps, claim, transcript)) {
    await failTranscription(deps, claim, "no_speech");
  }
}

function isPassing(cause: unknown): boolean {
  if (!(cause instanceof ArtifactError)) return true;
  return cause.failure === "unavailable" || cause.failure === "expired";
}

async function waitOrFail(
  deps: TranscriptionDeps,
  claim: TranscriptionClaim,
  files: BotFiles | null,
): Promise<void> {
  if (files === null) return await failTranscription(deps, claim, "bot_unknown");
  if (files.isDeleted) return await failTranscription(deps, claim, "provider_data_deleted");
  if (files.transcriptionFailure !== null) {
    return await failTranscription(deps, claim, files.transcriptionFailure);
  }
  await postponeTranscription(deps, claim, "transcript_not_ready");
}
